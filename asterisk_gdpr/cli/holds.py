"""`holds`: erasure suspended for a case, with its ground, its reason and its end."""

from __future__ import annotations

from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of, who
from asterisk_gdpr.cli.inputs import index_of_caller, time_of
from asterisk_gdpr.cli.output import AsJson, local, print_json, print_table
from asterisk_gdpr.core.holds import HoldGround

app = typer.Typer(no_args_is_help=True, help="Erasure suspended for a case; a hold beats every deletion.")


@app.command("add")
def add(
    context: typer.Context,
    case: Annotated[str, typer.Option(help="The case, as your files name it.")],
    ground: Annotated[HoldGround, typer.Option(help="Why the law lets erasure wait (Art. 17(3)).")],
    why: Annotated[str, typer.Option(help="Why it is needed, in a sentence.")],
    until: Annotated[str, typer.Option(help="When it ends by itself.")],
    recording: Annotated[list[str] | None, typer.Option(help="A recording; repeatable.")] = None,
    caller: Annotated[
        str | None, typer.Option(help="Every recording of a number; - reads it from standard input.")
    ] = None,
    listener: Annotated[list[str] | None, typer.Option(help="A role that may hear it; repeatable.")] = None,
) -> None:
    """Suspend the erasure of recordings.

    What was withdrawn or objected to is held for legal claims alone, and for fewer listeners than before.
    """
    if (recording is None) == (caller is None):
        raise typer.BadParameter("name either recordings or a caller", param_hint="--recording / --caller")
    with console_of(context).installation() as installation:
        register = installation.register()
        if caller is not None:
            recording = [each.id for each in register.of_caller(index_of_caller(installation, caller))]
        hold = installation.holds().place(
            recording or [],
            case=case,
            ground=ground,
            why=why,
            by=who(),
            until=time_of(until, installation.zone),
            listeners=frozenset(listener or ()),
        )
        count = len(register.recordings_held(hold.id))
    typer.echo(f"Hold {hold.id} keeps {count} recording{'s' if count != 1 else ''}.")


@app.command("lift")
def lift(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="HOLD", help="The hold, as `holds list` names it.")],
) -> None:
    """End a hold before its day; what was due meanwhile is erased at the next tick."""
    with console_of(context).installation() as installation:
        installation.holds().lift(id, who())
    typer.echo(f"Hold {id} is lifted.")


@app.command("list")
def list_holds(
    context: typer.Context,
    all_of_them: Annotated[bool, typer.Option("--all", help="Those too that have ended.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the holds that stand, newest first."""
    with console_of(context).installation() as installation:
        register = installation.register()
        holds = [(hold, register.recordings_held(hold.id)) for hold in register.holds(ended=all_of_them)]
        if as_json:
            print_json(
                [
                    {
                        "id": hold.id,
                        "case": hold.case,
                        "ground": hold.ground,
                        "why": hold.why,
                        "by": hold.by,
                        "listeners": hold.listeners,
                        "placed_at": hold.placed_at,
                        "until": hold.until,
                        "ended_at": hold.ended_at,
                        "ended_by": hold.ended_by or None,
                        "recordings": kept,
                    }
                    for hold, kept in holds
                ]
            )
            return
        rows = [
            (
                hold.id,
                hold.case,
                hold.ground,
                len(kept),
                sorted(hold.listeners),
                local(installation, hold.until),
                "stands" if hold.stands else f"ended {local(installation, hold.ended_at)}",
            )
            for hold, kept in holds
        ]
    print_table(
        ("HOLD", "CASE", "GROUND", "RECORDINGS", "LISTENERS", "UNTIL", "STATE"), rows, "There are no holds."
    )
