"""`alarms`: what a person must look at, how each alarm ends, and saying that one has been seen."""

from __future__ import annotations

from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of, who
from asterisk_gdpr.cli.output import AsJson, local, print_json, print_table
from asterisk_gdpr.core.alarms import kind_of
from asterisk_gdpr.errors import Refused

app = typer.Typer(no_args_is_help=True, help="What a person must look at.")


BY_HAND = "a person acknowledges it"


@app.command("list")
def list_standing(context: typer.Context, as_json: AsJson = False) -> None:
    """List the alarms that stand, oldest first, and how each of them ends."""
    with console_of(context).installation() as installation:
        standing = installation.register().alarms()
        if as_json:
            fields = ("id", "about", "since", "message")
            print_json(
                [
                    {**{name: getattr(alarm, name) for name in fields}, "ends": _ends(alarm.id)}
                    for alarm in standing
                ]
            )
            return
        rows = [
            (alarm.id, alarm.about, local(installation, alarm.since), _ends(alarm.id) or BY_HAND)
            for alarm in standing
        ]
    print_table(("ALARM", "ABOUT", "SINCE", "ENDS WHEN"), rows, "No alarm stands.")


@app.command("acknowledge")
def acknowledge(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ALARM", help="The alarm's id, as `alarms list` shows it.")],
    about: Annotated[
        str | None, typer.Option(help="What it is about; everything that this alarm is about, if left out.")
    ] = None,
) -> None:
    """End an alarm that tells of something that happened: you have seen it, and the ledger says so.

    One that tells of something that still is so ends by itself, and is not acknowledged.
    """
    with console_of(context).installation() as installation:
        register, now = installation.register(), installation.clock.now()
        found = [one for one in register.alarms() if one.id == id and about in (None, one.about)]
        if not found:
            raise Refused(
                f"No such alarm stands: {id!r}.", hint="`alarms list` shows those that do.", id="no-alarm"
            )
        kind = kind_of(id)
        if kind is not None and not kind.by_hand:
            raise Refused(
                "This alarm ends by itself, and nobody can acknowledge it away.",
                hint=f"It ends when {kind.ends}.",
                id="alarm-ends-by-itself",
            )
        for alarm in found:
            with register.transaction():
                register.clear_alarm(alarm.id, alarm.about, now)
                facts = {"alarm": alarm.id, "about": alarm.about, "user": who()}
                register.record("alarm-ended", facts, now)
    typer.echo(f"{len(found)} acknowledged." if len(found) > 1 else "Acknowledged.")


def _ends(id: str) -> str | None:
    """When an alarm ends by itself; None when a person must acknowledge it."""
    kind = kind_of(id)
    return kind.ends if kind and kind.ends else None
