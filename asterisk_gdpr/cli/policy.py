"""`policy check` and `explain`: what the policy says, before any call."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from asterisk_gdpr.cli.console import console_of
from asterisk_gdpr.cli.inputs import known_line
from asterisk_gdpr.cli.output import AsJson, print_json
from asterisk_gdpr.core.explain import explain as explained
from asterisk_gdpr.errors import ConfigFaults

app = typer.Typer(no_args_is_help=True, help="The controller's policy.")


@app.command("check")
def check(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Another policy than that of the installation.")] = None,
    as_json: AsJson = False,
) -> None:
    """Name every fault of the policy at once, by file and line; exit 1 if there is any."""
    from asterisk_gdpr.config import check_policy

    with console_of(context).installation() as installation:
        at = installation.config.policy
        faults = check_policy(file or at.path, at.packs, at.notices)
    if as_json:
        print_json({"ok": not faults, "faults": faults})
    elif faults:
        raise ConfigFaults(faults)
    else:
        typer.echo(f"{file or at.path} has no faults.")
    if faults:
        raise typer.Exit(1)


def explain(
    context: typer.Context,
    line: Annotated[str, typer.Option(help="The line that is called.")],
    caller: Annotated[str | None, typer.Option(help="The caller's number, as Asterisk gives it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what would happen to a call, and why, step by step."""
    with console_of(context).installation() as installation:
        policy, country = installation.policy(), installation.config.default_country
        off = installation.register().switched_off(known_line(installation, line))
    found = explained(policy, line, caller, off, country)
    if as_json:
        print_json(found)
        return
    typer.echo(found.text)
    typer.echo(f"GDPR_CHOICE will be: {' or '.join(found.outcomes)}")
