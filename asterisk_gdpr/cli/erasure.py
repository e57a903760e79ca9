"""`erase` and `sweep`: erasure at a person's word, and by date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from asterisk_gdpr.cli.console import console_of
from asterisk_gdpr.cli.inputs import index_of_caller, time_of
from asterisk_gdpr.cli.output import AsJson, local, print_json, print_table
from asterisk_gdpr.core.recording import Reason, Recording
from asterisk_gdpr.core.retention import require_past
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.erasing.erasure import Erasure, Item, Result

if TYPE_CHECKING:
    from asterisk_gdpr.bootstrap.installation import Installation

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would be erased.")]


class Why(StrEnum):
    """The reasons for which a person erases; periods that end and withdrawals in a call need nobody."""

    REQUESTED = "requested"
    OBJECTED = "objected"
    WITHDRAWN = "withdrawn"
    UNLAWFUL = "unlawful"
    TEST = "test"


def erase(
    context: typer.Context,
    reason: Annotated[Why, typer.Option(help="Why; certificate and ledger have it.")],
    recording: Annotated[str | None, typer.Option(help="One recording.")] = None,
    caller: Annotated[
        str | None, typer.Option(help="Every recording of a number; - reads it from standard input.")
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Erase: keys destroyed, container deleted, verified, certified; exit 1 if anything is left.

    What the law demands to be kept is refused, with its ground and its date.
    What a hold keeps is marked, and erased when the hold ends.
    """
    if (recording is None) == (caller is None):
        raise typer.BadParameter("name either a recording or a caller", param_hint="--recording / --caller")
    why = Reason(reason.value)
    with console_of(context).installation() as installation:
        erasure = eraser(installation)
        if recording is not None:
            items = [erasure.erase(recording, why, dry_run=dry_run)]
        else:
            index = index_of_caller(installation, caller or "")
            items = erasure.erase_caller(index, why, dry_run=dry_run)
        if not items:
            raise Refused("There is no recording of this caller.", id="nothing-found")
        _report(installation, items, dry_run=dry_run, as_json=as_json)
    if not all(item.result in (Result.ERASED, Result.MISSING) for item in items):
        raise typer.Exit(1)


def sweep(
    context: typer.Context,
    at: Annotated[str | None, typer.Option(help="As of this time; a time to come needs --dry-run.")] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Erase what no purpose and no period needs any longer, as the daemon does by itself.

    Every kind of data is swept: recordings one by one, what else there is by its kind and number.
    It is how a person says yes when more was due at once than may go unasked; exit 1 if anything is left.
    """
    with console_of(context).installation() as installation:
        erasure, periods = eraser(installation), installation.periods()
        when = None if at is None else time_of(at, installation.zone)
        if not dry_run:
            if when is not None:
                require_past(when, installation.clock.now())
            installation.clock_watch().require()
            installation.holds().tick()
        due = erasure.sweep(when, dry_run=dry_run)
        items = [Item(recording.id, Result.ERASED) for recording in due]
        if dry_run:
            data = periods.due(when)
        else:
            data = periods.sweep(when)
            carried = erasure.carry_out()
            items = [
                Item(each.recording, Result.ERASED if each.done else Result.PENDING, each.waits_for)
                for each in carried
            ]
        _report(installation, items, dry_run=dry_run, as_json=as_json, data=data)
    if any(item.result is Result.PENDING for item in items):
        raise typer.Exit(1)


def eraser(installation: Installation) -> Erasure:
    """The eraser of a process that captures nothing: what the daemon has in hand is the daemon's."""
    from asterisk_gdpr.bootstrap.checkup import daemon_runs  # with the probes behind it

    def hand_over(recording: Recording) -> bool:
        mine = recording.node == installation.config.node
        return recording.ended_at is not None or (mine and not daemon_runs(installation.config))

    return installation.erasure(hand_over)


def _report(
    installation: Installation,
    items: Sequence[Item],
    *,
    dry_run: bool,
    as_json: bool,
    data: Mapping[str, int] | None = None,
) -> None:
    if as_json:
        told = {"dry_run": dry_run, "recordings": items}
        print_json(told if data is None else {**told, "data": data})
        return
    rows = [
        (
            item.recording,
            "would be erased" if dry_run and item.result is Result.ERASED else item.result,
            item.ground,
            local(installation, item.until),
        )
        for item in items
    ]
    print_table(("RECORDING", "RESULT", "GROUND", "UNTIL"), rows, "No recording is to be erased.")
    if data is not None:
        head = ("KIND OF DATA", "WOULD BE ERASED" if dry_run else "ERASED")
        print_table(head, sorted(data.items()), "No other data is to be erased.")
