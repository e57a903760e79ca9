"""`agents`: the people who take calls, and whether they may be recorded."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from asterisk_gdpr.cli.console import console_of, secret, who
from asterisk_gdpr.cli.inputs import new_file, write_for_person
from asterisk_gdpr.cli.output import AsJson, local, print_facts, print_json, print_table
from asterisk_gdpr.service.people.agents import Agents, kept_of

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
        kept = kept_of(installation.register(), _agents(installation).found(agent))
        found = kept.agent
        if as_json:
            told = {**asdict(found), "history": [asdict(each) for each in kept.history]}
            given = [asdict(each) for each in kept.evaluations]
            print_json({**told, "recordings": kept.recordings, "evaluations": given})
            return
        facts = {
            **asdict(found),
            "at": local(installation, found.at),
            "withdrawn_at": local(installation, found.withdrawn_at),
            "history": [
                f"{local(installation, each.at)} {each.standing} ({each.version})" for each in kept.history
            ],
            "recordings": list(kept.recordings),
            "evaluations": [
                f"{local(installation, each.at)} {each.form} {each.score} % by {each.user} {each.comment}"
                for each in kept.evaluations
            ],
        }
    print_facts(facts)


@app.command("copy")
def copy(
    context: typer.Context,
    agent: Which,
    package: Annotated[Path, typer.Option(help="A new file; its name ends in .age.")],
    to: Annotated[
        str, typer.Option(help="The agent's age recipient (age1…); else a passphrase is asked.")
    ] = "",
    package_passphrase_file: Annotated[
        Path | None, typer.Option(help="The passphrase of the package, instead of asking at the terminal.")
    ] = None,
    language: Annotated[str, typer.Option(help="The language, as `en`.")] = "en",
    sound: Annotated[
        bool, typer.Option("--sound/--no-sound", help="With their side of the recordings they were in.")
    ] = True,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="The vault's passphrase, instead of asking at the terminal.")
    ] = None,
) -> None:
    """Give an agent a copy of everything that is kept of them (Art. 15), as one zip in an age file.

    A page to read, JSON, the notice for those who take calls, and their side of the recordings that they
    took part in; nothing that the caller said.
    """
    from asterisk_gdpr.bootstrap.desks import agent_copies  # with all that opens and decodes sound
    from asterisk_gdpr.seal.age import sealer

    if package.suffix != ".age":
        raise typer.BadParameter("its name must end in .age", param_hint="--package")
    new_file(package)
    with console_of(context).installation() as installation:
        found = _agents(installation).found(agent)
        keeper = installation.keeper()
        copies = agent_copies(installation, keeper)
        copies.check(language)
        asked = package_passphrase_file is None
        seal = sealer(to, lambda: secret("passphrase of the package", package_passphrase_file, new=asked))
        if sound and installation.register().recordings_of_agent(found.id):
            keeper.unlock(secret("passphrase of the vault", passphrase_file), by=who())
        write_for_person(package, seal(copies.zip(found, who(), language, sound=sound)))
    typer.echo(f"{package}: everything that is kept of {found.id}.")


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
