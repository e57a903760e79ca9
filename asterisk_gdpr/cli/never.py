"""`never`: numbers whose calls are never recorded."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of, who
from asterisk_gdpr.cli.inputs import index_of_caller, known_line, time_of
from asterisk_gdpr.cli.output import AsJson, local, print_json, print_table
from asterisk_gdpr.core.never import EVERY_LINE, Standing
from asterisk_gdpr.errors import Refused

app = typer.Typer(no_args_is_help=True, help="Numbers whose calls are never recorded; they are never shown.")

REVIEW_AFTER = timedelta(days=365)

Line = Annotated[str | None, typer.Option(help="Only on this line; on all of them, when left out.")]


@app.command("add")
def add(
    context: typer.Context,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The number; - reads it from input.")],
    line: Line = None,
    review: Annotated[str | None, typer.Option(help="When to look at it again; a year from now.")] = None,
) -> None:
    """Never record a number; calls of it are connected at once, without a notice.

    On a line whose recording the law demands, its calls are told and recorded as any other.
    """
    with console_of(context).installation() as installation:
        scope = known_line(installation, line) if line is not None else EVERY_LINE
        now = installation.clock.now()
        at = time_of(review, installation.zone) if review is not None else now + REVIEW_AFTER
        typed = sys.stdin.readline().strip() if number == "-" else number
        entry = installation.never().add(typed, at, scope, user=who())
        until = local(installation, entry.review_at)
    typer.echo(f"{entry.id}: this number is never recorded on {line or 'any line'}; review it by {until}.")


@app.command("remove")
def remove(
    context: typer.Context,
    id: Annotated[str | None, typer.Argument(metavar="[ENTRY]", help="As `never list` names it.")] = None,
    caller: Annotated[str | None, typer.Option(help="The number instead; - reads it from input.")] = None,
    line: Line = None,
) -> None:
    """Take a number off the list; what was kept of it is overwritten."""
    if (id is None) == (caller is None):
        raise typer.BadParameter("name either an entry or a number", param_hint="ID / --caller")
    with console_of(context).installation() as installation:
        if id is not None:
            installation.never().remove(id, who())
            count = 1
        else:
            count = installation.never().remove_number(
                index_of_caller(installation, caller or ""), line, who()
            )
        if not count:
            raise Refused("This number is not on the never list.", id="unknown-never")
    typer.echo(f"{count} {'entry is' if count == 1 else 'entries are'} off the never list.")


@app.command("review")
def review(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ENTRY", help="As `never list` names it.")],
    next: Annotated[str | None, typer.Option(help="When to look at it again; a year from now.")] = None,
) -> None:
    """Write down that somebody has looked at an entry, and when it is to be looked at again.

    It ends when it would have: only who asks for it again (`never add`) makes its period begin anew.
    """
    with console_of(context).installation() as installation:
        now = installation.clock.now()
        at = time_of(next, installation.zone) if next is not None else now + REVIEW_AFTER
        installation.never().review(id, at, who())
        until = local(installation, at)
    typer.echo(f"{id} stands; review it by {until}.")


@app.command("list")
def list_entries(
    context: typer.Context,
    due: Annotated[bool, typer.Option("--due", help="Only those that are to be looked at now.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what is on it, oldest first: everything but the numbers.

    An entry is due when its review date has come, and from 30 days before its period ends.
    """
    with console_of(context).installation() as installation:
        now, never = installation.clock.now(), installation.never()
        entries = never.due() if due else never.entries()
        if as_json:
            print_json([_told(each, now) for each in entries])
            return
        rows = [
            (
                each.entry.id,
                each.entry.line or "all",
                each.entry.by,
                local(installation, each.entry.added_at),
                local(installation, each.entry.review_at),
                local(installation, each.ends_at),
                "yes" if each.due(now) else "",
            )
            for each in entries
        ]
    head = ("ENTRY", "LINE", "BY", "SINCE", "REVIEW", "ENDS", "DUE")
    print_table(head, rows, "Nothing is due." if due else "The never list is empty.")


def _told(standing: Standing, now: datetime) -> dict[str, object]:
    entry = standing.entry
    return {
        "id": entry.id,
        "line": entry.line or None,
        "by": entry.by,
        "added_at": entry.added_at,
        "review_at": entry.review_at,
        "ends_at": standing.ends_at,
        "due": standing.due(now),
    }
