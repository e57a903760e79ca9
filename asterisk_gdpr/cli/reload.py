"""`reload`: a changed policy comes into force, for the daemon and the page, without a restart."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import typer

from asterisk_gdpr.cli.console import console_of
from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.ports import SILENT
from asterisk_gdpr.service.keys.control import ask

if TYPE_CHECKING:
    from asterisk_gdpr.bootstrap.installation import Installation

PATIENCE = 10.0
"""Seconds that a daemon is given to say that the policy is in force."""

LOOK = 0.1


def reload(context: typer.Context) -> None:
    """Put policy and prompts in force as they stand now; calls that are alive keep what they began under.

    The policy is checked whole first: a faulty one is told, and the one in force stays.
    """
    with console_of(context).installation() as installation:
        version = installation.policy().version
        told = [_daemon(installation, version), _page(installation)]
        for line, language, part in installation.prompts().missing(installation.policy()):
            typer.echo(f"Missing: {part} of {line} in {language}. Run `asterisk-gdpr prompts build`.")
    for who, does in zip(("daemon", "page"), told, strict=True):
        typer.echo(f"The {who} {'has taken it' if does else 'is not running'}.")
    if not any(told):
        raise Unreachable("Nothing runs that could take it.", hint="Start it.", id="not-running")


def _daemon(installation: Installation, version: str) -> bool:
    """Tell this machine's daemon, and wait until its beat says the same version; False when none runs."""
    register, node = installation.register(), installation.config.node
    beat = register.beats().get(node)
    if beat is None or installation.clock.now() - beat[0] > SILENT:
        return False
    try:
        os.kill(int(beat[1]["pid"]), signal.SIGHUP)
    except ProcessLookupError:
        return False
    except PermissionError:
        raise Refused(
            "Another user runs the daemon.", hint="Run this as that user, or as root.", id="not-permitted"
        ) from None
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if register.beats()[node][1].get("policy") == version:
            return True
        time.sleep(LOOK)
    raise Unreachable(
        "The daemon has not taken the policy.",
        hint="Look at `status`, and at its log.",
        id="reload-unanswered",
    )


def _page(installation: Installation) -> bool:
    """Tell the page; False when none runs."""
    try:
        ask(installation.config.paths.run, {"do": "reload"})
    except Unreachable:
        return False
    return True
