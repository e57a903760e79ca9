"""`agents`: the people who take calls, and whether they may be recorded."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from asterisk_gdpr.cli.console import console_of
from asterisk_gdpr.cli.output import AsJson, local, print_json, print_table
from asterisk_gdpr.core.agents import AgentStanding
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Agent
from asterisk_gdpr.service.ids import new_id

if TYPE_CHECKING:
    from asterisk_gdpr.bootstrap.installation import Installation

app = typer.Typer(no_args_is_help=True, help="Who takes calls, and whether they may be recorded.")

Which = Annotated[str, typer.Argument(metavar="AGENT", help="Our id, or the endpoint.")]
Version = Annotated[str, typer.Option(help="The version of the text that they were given.")]

_ENDPOINT = re.compile(r"(?=.{3,80}\Z)[A-Za-z0-9]+/[A-Za-z0-9_.@+-]+")
_VERSION = re.compile(r"[A-Za-z0-9_.-]{1,64}")


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


@app.command("add")
def add(
    context: typer.Context,
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="As Asterisk names it: PJSIP/anna.")],
    version: Version,
) -> None:
    """Add somebody who was informed (Art. 13); consent is a step of its own."""
    with console_of(context).installation() as installation:
        register = installation.register()
        if not _ENDPOINT.fullmatch(endpoint):
            raise Refused(
                f"{endpoint!r} is not an endpoint.",
                hint="Write technology and name: PJSIP/anna.",
                id="not-an-endpoint",
            )
        there = register.agent_at(endpoint)
        if there is not None and there.standing != AgentStanding.REMOVED:
            raise Refused(
                f"There is an agent at {endpoint} already.",
                hint="`agents consent` and `agents withdraw` change how they stand.",
                id="agent-exists",
            )
        now = installation.clock.now()
        agent = Agent(new_id("a"), endpoint, AgentStanding.INFORMED, _checked(version), now)
        register.put_agent(agent)
    typer.echo(f"Added {agent.id} at {endpoint}: informed, version {version}.")


@app.command("consent")
def consent(context: typer.Context, agent: Which, version: Version) -> None:
    """Write down that an agent has consented to a version of the text."""
    with console_of(context).installation() as installation:
        found, now = _known(installation, agent), installation.clock.now()
        changed = replace(
            found, standing=AgentStanding.CONSENTED, version=_checked(version), at=now, withdrawn_at=None
        )
        installation.register().put_agent(changed)
    typer.echo(f"{found.id} at {found.endpoint} has consented, version {version}.")


@app.command("withdraw")
def withdraw(context: typer.Context, agent: Which) -> None:
    """Write down that an agent has withdrawn; it counts for every bridge from now on."""
    with console_of(context).installation() as installation:
        found, now = _known(installation, agent), installation.clock.now()
        if found.standing == AgentStanding.WITHDRAWN:
            raise Refused(f"{found.id} has withdrawn already.", id="withdrawn-already")
        changed = replace(found, standing=AgentStanding.WITHDRAWN, withdrawn_at=now)
        installation.register().put_agent(changed)
    typer.echo(f"{found.id} at {found.endpoint} has withdrawn.")


@app.command("remove")
def remove(context: typer.Context, agent: Which) -> None:
    """Write down that somebody takes no more calls; their data goes when its period has ended."""
    with console_of(context).installation() as installation:
        found, now = _known(installation, agent), installation.clock.now()
        changed = replace(found, standing=AgentStanding.REMOVED, withdrawn_at=now)
        installation.register().put_agent(changed)
    typer.echo(f"{found.id} is removed.")


def _known(installation: Installation, which: str) -> Agent:
    register = installation.register()
    agent = register.agent(which) or register.agent_at(which)
    if agent is None or agent.standing == AgentStanding.REMOVED:
        raise Refused(f"There is no agent {which!r}.", hint="`agents list` shows them.", id="no-such-agent")
    return agent


def _checked(version: str) -> str:
    if not _VERSION.fullmatch(version):
        raise Refused(
            f"{version!r} is no version.", hint="Write letters, digits and ._- only.", id="not-a-version"
        )
    return version
