"""`clock`: whether the machine's clock is believed, and a person's word that it is right."""

from __future__ import annotations

import typer

from asterisk_gdpr.cli.console import console_of, who
from asterisk_gdpr.cli.output import AsJson, local, print_facts, print_json
from asterisk_gdpr.errors import Refused

app = typer.Typer(no_args_is_help=True, help="Whether the clock is believed, by which periods end.")


@app.command("show")
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """Tell whether things are erased by date; exit 1 if a jump of the clock has stopped that."""
    with console_of(context).installation() as installation:
        watch = installation.clock_watch()
        believed = watch.believed()
        told = {"now": installation.clock.now(), "believed": believed, "doubted_at": watch.doubted_at()}
        if as_json:
            print_json(told)
        else:
            now, doubted_at = (
                local(installation, installation.clock.now()),
                local(installation, watch.doubted_at()),
            )
            print_facts({"now": now, "believed": believed, "doubted_at": doubted_at})
    if not believed:
        raise typer.Exit(1)


@app.command("confirm")
def confirm(context: typer.Context) -> None:
    """Say that the clock is right now: things are erased by date again; the ledger has your word."""
    with console_of(context).installation() as installation:
        watch = installation.clock_watch()
        if watch.believed():
            raise Refused("The clock is believed already.", id="clock-believed")
        watch.confirm(who())
    typer.echo("The clock is believed again.")
