"""`explain`: what would happen to a call, and why; why a recording exists, until when, who may listen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from asterisk_gdpr.cli.console import console_of
from asterisk_gdpr.cli.inputs import known_line
from asterisk_gdpr.cli.output import AsJson, local, print_json
from asterisk_gdpr.core.agents import AgentStanding
from asterisk_gdpr.core.explain import Asked
from asterisk_gdpr.core.explain import explain as explained
from asterisk_gdpr.core.explain_recording import RecordingExplained, Standing, explain_recording

if TYPE_CHECKING:
    from asterisk_gdpr.bootstrap.installation import Installation


def explain(
    context: typer.Context,
    line: Annotated[str | None, typer.Option(help="The line that is called.")] = None,
    caller: Annotated[str | None, typer.Option(help="The caller's number, as Asterisk gives it.")] = None,
    language: Annotated[str, typer.Option(help="The channel's language, CHANNEL(language).")] = "en",
    endpoint: Annotated[str, typer.Option(help="The endpoint that calls: PJSIP/anna.")] = "",
    recording: Annotated[str | None, typer.Option(help="A recording instead of a call.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what would happen to a call, and why, step by step; or why a recording exists.

    Of a recording it says for which purposes it exists, until when, and who may listen.
    """
    if (line is None) == (recording is None):
        raise typer.BadParameter("name either a line or a recording", param_hint="--line / --recording")
    with console_of(context).installation() as installation:
        if recording is not None:
            told = _of_recording(installation, recording)
            print_json(told) if as_json else typer.echo(told.text)
            return
        off = installation.register().switched_off(known_line(installation, line or ""))
        agents = frozenset(
            agent.endpoint
            for agent in installation.register().agents()
            if agent.standing != AgentStanding.REMOVED
        )
        country = installation.config.default_country
        asked = Asked(line or "", caller, language, off, country, endpoint, agents)
        found = explained(installation.policy(), installation.pack(), asked)
    if as_json:
        print_json(found)
        return
    typer.echo(found.text)
    typer.echo(f"GDPR_CHOICE will be: {' or '.join(found.outcomes)}")


def _of_recording(installation: Installation, id: str) -> RecordingExplained:
    from asterisk_gdpr.service.people.accounts import NO_EAR  # with what checks passphrases

    register = installation.register()
    found = register.found(id)
    standing = Standing(
        found.recording, found.terms, register.tombstone(id), found.call.choice, register.holds_of(id)
    )
    now, day = installation.clock.now(), partial(local, installation)
    return explain_recording(standing, installation.policy(), now, day, NO_EAR)
