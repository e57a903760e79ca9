"""`status`, `off`, `on`: how it goes, and the switch that stops all recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from asterisk_gdpr.bootstrap.probes.machine import folder_at
from asterisk_gdpr.cli.console import console_of, who
from asterisk_gdpr.cli.inputs import known_line
from asterisk_gdpr.cli.output import AsJson, local, print_facts, print_json, shown
from asterisk_gdpr.core.alarms import LOUDEST
from asterisk_gdpr.errors import GdprError, Unreachable
from asterisk_gdpr.ports import SILENT
from asterisk_gdpr.service.checks.machine import Folder, full_disks
from asterisk_gdpr.service.keys.control import ask

if TYPE_CHECKING:
    from asterisk_gdpr.bootstrap.installation import Installation

EVERYTHING = "*"

Line = Annotated[str | None, typer.Option(help="One line; everything, if none is named.")]


def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Tell how it goes; exit 1 if an alarm stands, exit 3 if no daemon is running."""
    with console_of(context).installation() as installation:
        told = _told(installation)
        if as_json:
            print_json(told)
        else:
            _print(installation, told)
    if told["alarms"]:
        raise typer.Exit(1)
    if not any(node["running"] for node in told["nodes"]):
        raise Unreachable("No daemon is running.", hint="Start it by `asterisk-gdpr run`.", id="not-running")


def off(context: typer.Context, line: Line = None) -> None:
    """Switch recording off at once, for calls that arrive from now on; calls themselves go on."""
    _switch(context, line, on=False)


def on(context: typer.Context, line: Line = None) -> None:
    """Switch recording on again."""
    _switch(context, line, on=True)


def _switch(context: typer.Context, line: str | None, *, on: bool) -> None:
    with console_of(context).installation() as installation:
        which = EVERYTHING if line is None else known_line(installation, line)
        installation.register().switch(which, on, installation.clock.now(), who())
    typer.echo(f"{'Everything' if line is None else line} is switched {'on' if on else 'off'}.")


def _told(installation: Installation) -> dict[str, Any]:
    register, paths, now = installation.register(), installation.config.paths, installation.clock.now()
    vault = folder_at(paths.vault)
    full = [
        {
            "id": each.id,
            "about": installation.config.node,
            "since": now,
            "message": f"{each.message} {each.hint}",
        }
        for each in full_disks(vault, folder_at(paths.state))
    ]
    return {
        "nodes": [
            {"node": node, "at": at, "running": now - at < SILENT, **facts}
            for node, (at, facts) in sorted(register.beats().items())
        ],
        "alarms": full
        + [
            {"id": alarm.id, "about": alarm.about, "since": alarm.since, "message": alarm.message}
            for alarm in register.alarms()
        ],
        "switched_off": sorted(line for line, is_on in register.switches().items() if not is_on),
        "recordings": {state.value: count for state, count in sorted(register.count_recordings().items())},
        "never_due": len(installation.never().due()),
        "spool_room": _room(folder_at(paths.spool)),
        "vault_room": _room(vault),
        "unlocked": _unlocked(installation),
    }


def _told_room(name: str, room: float | None) -> str:
    return f"{name} is not there" if room is None else f"{name} {room:.0%}"


def _room(folder: Folder) -> float | None:
    """The share of its filesystem that is free; None when the folder is not there."""
    return folder.room if folder.exists else None


def _unlocked(installation: Installation) -> bool | None:
    """Whether the page can open recordings; None when it is not running."""
    try:
        return ask(installation.config.paths.run, {"do": "state"})
    except GdprError:
        return None


def _print(installation: Installation, told: dict[str, Any]) -> None:
    for node in told["nodes"]:
        state = "running" if node["running"] else f"silent since {local(installation, node['at'])}"
        pbx = "connected to Asterisk" if node.get("asterisk") else "NOT connected to Asterisk"
        calls = f", {node.get('calls', 0)} calls, {pbx}" if node["running"] else ""
        typer.echo(f"Node {shown(node['node'])}: {state}{calls}")
    if not told["nodes"]:
        typer.echo("No daemon has ever run.")
    page = {True: "unlocked", False: "locked", None: "not running"}[told["unlocked"]]
    print_facts(
        {
            "page": page,
            "switched off": ["everything" if line == EVERYTHING else line for line in told["switched_off"]],
            "recordings": [f"{count} {state}" for state, count in told["recordings"].items()],
            "never list": [f"{told['never_due']} to be looked at: `never list --due`"]
            if told["never_due"]
            else [],
            "room": ", ".join(_told_room(name, told[f"{name}_room"]) for name in ("spool", "vault")),
        }
    )
    for alarm in sorted(told["alarms"], key=lambda alarm: alarm["id"] != LOUDEST):
        loud = "!!! " if alarm["id"] == LOUDEST else ""
        typer.echo(
            f"{loud}ALARM since {local(installation, alarm['since'])}: {shown(alarm['message'])}"
            f" ({shown(alarm['about'])}) [{alarm['id']}]"
        )
