"""`never`: numbers whose calls are never recorded."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of, who
from asterisk_gdpr.cli.inputs import index_of_caller, known_line, time_of
from asterisk_gdpr.cli.output import AsJson, local, print_json, print_table
from asterisk_gdpr.core.never import EVERY_LINE, NeverEntry
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


@app.command("list")
def list_entries(
    context: typer.Context,
    due: Annotated[bool, typer.Option("--due", help="Only those whose review date has come.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what is on it, oldest first: everything but the numbers."""
    with console_of(context).installation() as installation:
        now = installation.clock.now()
        entries = [e for e in installation.register().nevers() if not due or e.review_at <= now]
        if as_json:
            print_json(
                [
                    {
                        "id": e.id,
                        "line": e.line or None,
                        "by": e.by,
                        "added_at": e.added_at,
                        "review_at": e.review_at,
                    }
                    for e in entries
                ]
            )
            return
        rows = [
            (e.id, e.line or "all", e.by, local(installation, e.added_at), local(installation, e.review_at))
            for e in entries
        ]
    print_table(("ENTRY", "LINE", "BY", "SINCE", "REVIEW"), rows, "The never list is empty.")


def _told(entry: NeverEntry) -> dict[str, object]:
    return {
        "id": entry.id,
        "line": entry.line or None,
        "by": entry.by,
        "added_at": entry.added_at,
        "review_at": entry.review_at,
    }
