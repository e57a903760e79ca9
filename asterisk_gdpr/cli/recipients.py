"""`recipients`: who was given copies, and who must still be told what became of the originals (Art. 19)."""

from __future__ import annotations

from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of
from asterisk_gdpr.cli.output import AsJson, local, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="Who was given copies, and who must still be told (Art. 19).")


@app.command("list")
def list_recipients(
    context: typer.Context,
    recording: Annotated[str, typer.Option(help="Only of this recording.")] = "",
    untold: Annotated[
        bool, typer.Option("--untold", help="Only who must still be told of something.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List copies that were taken out, oldest first."""
    with console_of(context).installation() as installation:
        found = installation.register().handovers(recording, untold=untold)
        if as_json:
            print_json(found)
            return
        rows = [
            (
                each.id,
                each.recording,
                local(installation, each.at),
                each.recipient or "ourselves",
                f"{each.tell_about}, since {local(installation, each.tell_since)}"
                if each.untold
                else "nothing",
            )
            for each in found
        ]
    head = ("COPY", "RECORDING", "TAKEN", "FOR", "MUST BE TOLD OF")
    print_table(head, rows, "Nobody was given a copy.")


@app.command("told")
def told(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="COPY", help="The copy, as `recipients list` names it.")],
) -> None:
    """Note that whoever was given a copy has been told."""
    with console_of(context).installation() as installation:
        installation.register().note_recipient_told(id, installation.clock.now())
    typer.echo(f"Whoever has copy {id} was told.")
