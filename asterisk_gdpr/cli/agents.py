"""`agents`: the people who take calls, and whether they may be recorded."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from asterisk_gdpr.cli.console import console_of, who
from asterisk_gdpr.cli.output import AsJson, local, print_facts, print_json, print_table
from asterisk_gdpr.service.agents import Agents
from asterisk_gdpr.service.ledger import all_entries

if TYPE_CHECKING:
    from asterisk_gdpr.bootstrap.installation import Installation

app = typer.Typer(no_args_is_help=True, help="Who takes calls, and whether they may be recorded.")

Which = Annotated[str, typer.Argument(metavar="AGENT", help="Our id, or the endpoint.")]
Version = Annotated[str, typer.Option(help="The version of the text that they were given.")]


@app.command("list")
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    """List every agent with their standing."""
    with console_of(context).installation() as installation:
        agents = installation.register().agents()
        if as_json:
            print_json(agents)
            return
        rows = [
            (a.id, a.endpoint, a.standing, a.version, local(installation, a.withdrawn_at or a.at))
            for a in agents
        ]
    print_table(("AGENT", "ENDPOINT", "STANDING", "VERSION", "SINCE"), rows, "There are no agents.")


@app.command("show")
def show(context: typer.Context, agent: Which, as_json: AsJson = False) -> None:
    """Show an agent everything that is kept of them (Art. 15), and how it came about."""
    with console_of(context).installation() as installation:
        found = _agents(installation).found(agent)
        history = [
            {"at": entry.at, "standing": entry.payload["standing"], "version": entry.payload["version"]}
            for entry in all_entries(installation.register())
            if entry.payload and entry.kind == "agent-put" and entry.payload["agent"] == found.id
        ]
        recordings = installation.register().recordings_of_agent(found.id)
        given = installation.register().evaluations_of_agent(found.id)
        if as_json:
            told = {**asdict(found), "history": history, "recordings": recordings}
            print_json({**told, "evaluations": [asdict(each) for each in given]})
            return
        facts = {
            **asdict(found),
            "at": local(installation, found.at),
            "withdrawn_at": local(installation, found.withdrawn_at),
            "history": [
                f"{local(installation, each['at'])} {each['standing']} ({each['version']})"
                for each in history
            ],
            "recordings": recordings,
            "evaluations": [
                f"{local(installation, each.at)} {each.form} {each.score} % by {each.user} {each.comment}"
                for each in given
            ],
        }
    print_facts(facts)


@app.command("add")
def add(
    context: typer.Context,
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="As Asterisk names it: PJSIP/anna.")],
    version: Version,
) -> None:
    """Add somebody who was informed (Art. 13); consent is a step of its own."""
    with console_of(context).installation() as installation:
        agent = _agents(installation).add(endpoint, version, who())
    typer.echo(f"Added {agent.id} at {endpoint}: informed, version {version}.")


@app.command("consent")
def consent(context: typer.Context, agent: Which, version: Version) -> None:
    """Write down that an agent has consented to a version of the text."""
    with console_of(context).installation() as installation:
        found = _agents(installation).consent(agent, version, who())
    typer.echo(f"{found.id} at {found.endpoint} has consented, version {version}.")


@app.command("withdraw")
def withdraw(context: typer.Context, agent: Which) -> None:
    """Write down that an agent has withdrawn; it counts for every bridge from now on."""
    with console_of(context).installation() as installation:
        found = _agents(installation).withdraw(agent, who())
    typer.echo(f"{found.id} at {found.endpoint} has withdrawn.")


@app.command("remove")
def remove(context: typer.Context, agent: Which) -> None:
    """Write down that somebody takes no more calls; their data goes when its period has ended."""
    with console_of(context).installation() as installation:
        found = _agents(installation).remove(agent, who())
    typer.echo(f"{found.id} is removed.")


def _agents(installation: Installation) -> Agents:
    return Agents(installation.register(), installation.clock)
