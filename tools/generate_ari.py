"""Writes `asterisk_gdpr/adapters/ari/generated.py` from the description of ARI that Asterisk ships.

    .venv/bin/python tools/generate_ari.py FOLDER VERSION

FOLDER holds Asterisk's `channels.json`, `events.json` and so on (in Debian's package
`/usr/share/asterisk/rest-api`), VERSION is that Asterisk's version.
Only facts are taken over (paths, names, types, status codes); none of Asterisk's prose is.
What the product does not use is not generated: the tables below say what it does use.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "asterisk_gdpr/adapters/ari/generated.py"

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "applications": ("list", "get", "subscribe", "unsubscribe", "filter"),
    "asterisk": ("getInfo", "ping", "listModules", "getModule", "getGlobalVar", "setGlobalVar"),
    "bridges": (
        *("list", "createWithId", "get", "destroy", "addChannel", "removeChannel"),
        *("startMoh", "stopMoh", "playWithId"),
    ),
    "channels": (
        *("list", "originateWithId", "create", "dial", "get", "hangup"),
        *("continueInDialplan", "move", "answer", "ring", "ringStop", "progress", "sendDTMF"),
        *("mute", "unmute", "hold", "unhold", "startMoh", "stopMoh", "startSilence", "stopSilence"),
        *("playWithId", "getChannelVar", "setChannelVar", "getChannelVars", "setChannelVars"),
        *("snoopChannelWithId",),
    ),
    "endpoints": ("list", "get"),
    "playbacks": ("get", "stop", "control"),
}
"""By resource, in the order of the output. Where ARI can choose an id or let us, only the latter is here:
who knows the id before the request cannot miss the events that it causes."""

EVENTS = (
    *("ApplicationReplaced", "StasisStart", "StasisEnd"),
    *("PlaybackStarted", "PlaybackContinuing", "PlaybackFinished"),
    *("BridgeCreated", "BridgeDestroyed", "BridgeMerged", "BridgeBlindTransfer", "BridgeAttendedTransfer"),
    *("ChannelCreated", "ChannelDestroyed", "ChannelHangupRequest", "ChannelStateChange", "ChannelDialplan"),
    *("ChannelEnteredBridge", "ChannelLeftBridge", "ChannelHold", "ChannelUnhold", "ChannelConnectedLine"),
    *("ChannelDtmfReceived", "ChannelUserevent", "ChannelVarset", "ChannelCallerId"),
    *("ChannelTalkingStarted", "ChannelTalkingFinished", "Dial"),
)
"""Every other event reaches the owner as `UnknownEvent`."""

NOT_ALWAYS = {("Channel", "protocol_id"), ("Bridge", "creationtime")}
"""Fields that this Asterisk always sends and an older supported one may not."""

_SETS_BEHIND_A_PROMPT = (
    "Waits behind a prompt that plays on the channel until the prompt ends: stop the playback first."
)
_IDS = "An id that begins the id of a channel that lives counts as taken (409): choose ids of one length."
NOTES = {
    "originateWithId": _IDS,
    "create": _IDS,
    "snoopChannelWithId": _IDS,
    "setChannelVar": _SETS_BEHIND_A_PROMPT,
    "setChannelVars": _SETS_BEHIND_A_PROMPT,
    "continueInDialplan": "Answered at once, but takes effect only when a prompt that plays has ended.",
    "playWithId": "Media that does not exist is accepted too: only `PlaybackFinished` says `failed`.",
    "addChannel": "Refused with 422 until the channel's `StasisStart` has come.",
    "filter": "The filter is the whole body: `allowed` and `disallowed` list `{'type': EVENT}`.",
    "subscribe": "Works for channels outside Stasis too, as `channel:ID`; lasts beyond the connection.",
}

SCALARS = {
    "string": "str",
    "int": "int",
    "long": "int",
    "double": "float",
    "boolean": "bool",
    "Date": "datetime",
    "object": "dict[str, Any]",
    "containers": "dict[str, Any]",
}
RENAMED = {"list": "list_all", "timeout": "timeout_seconds"}
"""`list` would hide the type's name inside the class; a timeout of ARI's is a call's, not the request's."""


def snake(name: str) -> str:
    """ARI's camelCase as Python's snake_case: `sendDTMF` is `send_dtmf`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return RENAMED.get(words, words)


def python_type(ari: str) -> str:
    """The annotation for a type of the description."""
    listed = re.fullmatch(r"List\[(\w+)\]", ari)
    return f"list[{python_type(listed[1])}]" if listed else SCALARS.get(ari, ari)


def named(ari: str) -> str:
    """The model that a type of the description speaks of, if it is one."""
    inner = re.sub(r"List\[(\w+)\]", r"\1", ari)
    return "" if inner in SCALARS or inner == "void" else inner


@dataclass
class Description:
    """All of ARI that the tables above ask for, read from the JSON files."""

    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    operations: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Description:
        """Read the folder; what the tables name and Asterisk does not have raises `KeyError`."""
        found = cls()
        for resource in sorted({*OPERATIONS, "events"}):
            document = json.loads((folder / f"{resource}.json").read_text(encoding="utf-8"))
            found.models.update(document["models"])
            by_name = {
                operation["nickname"]: (api["path"], operation)
                for api in document["apis"]
                for operation in api["operations"]
            }
            found.operations[resource] = [by_name[name] for name in OPERATIONS.get(resource, ())]
        return found

    def needed(self) -> list[str]:
        """The models, events left out, that what we use speaks of, each after those it is made of."""
        seen: list[str] = []

        def visit(name: str) -> None:
            if not name or name in seen:
                return
            for described in self.models[name]["properties"].values():
                visit(named(described["type"]))
            seen.append(name)

        for operations in self.operations.values():
            for _, operation in operations:
                visit(named(operation["responseClass"]))
        for event in EVENTS:
            for described in self.models[event]["properties"].values():
                visit(named(described["type"]))
        return seen


def struct(name: str, model: Mapping[str, Any], parent: str) -> Iterator[str]:
    """One model or event as a msgspec struct; optional fields may stand before required ones."""
    yield f"class {name}({parent}, frozen=True, kw_only=True):"
    kind = "event" if parent == "Event" else "model"
    yield f'    """ARI\'s {kind} `{name}`."""'
    yield ""
    for key, described in model["properties"].items():
        annotation = python_type(described["type"])
        if described.get("required") and (name, key) not in NOT_ALWAYS:
            yield f"    {key}: {annotation}"
        else:
            yield f"    {key}: {annotation} | None = None"
    yield ""
    yield ""


def parameter(described: Mapping[str, Any]) -> str:
    """One keyword argument of a method."""
    kind = python_type(described["dataType"])
    allowed = described.get("allowableValues", {})
    if allowed.get("valueType") == "LIST":
        kind = f"Literal[{', '.join(json.dumps(value) for value in allowed['values'])}]"
    if described.get("allowMultiple"):
        kind = "Many"
    optional = "" if described.get("required") else " | None = None"
    return f"{snake(described['name'])}: {kind}{optional}"


def method(path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    """One operation as a coroutine method; the path's parts come first, the rest by keyword."""
    name, verb = operation["nickname"], operation["httpMethod"]
    parameters = operation.get("parameters", [])
    in_path = [p for p in parameters if p["paramType"] == "path"]
    others = [p for p in parameters if p["paramType"] != "path"]
    others.sort(key=lambda described: not described.get("required"))
    signature = ["self", *(f"{snake(p['name'])}: str" for p in in_path)]
    if others:
        signature += ["*", *map(parameter, others)]
    void = operation["responseClass"] == "void"
    returns = "None" if void else python_type(operation["responseClass"])

    yield f"    async def {snake(name)}({', '.join(signature)}) -> {returns}:"
    yield from docstring(path, operation)
    parts = path.strip("/").split("/")
    segments = ", ".join(snake(part[1:-1]) if part.startswith("{") else json.dumps(part) for part in parts)
    if len(parts) == 1:
        segments += ","
    if [p["dataType"] for p in others] == ["object"]:
        arguments = f", {snake(others[0]['name'])}"
    elif others:
        pairs = ", ".join(f'"{p["name"]}": {snake(p["name"])}' for p in others)
        arguments = f", {{{pairs}}}"
    else:
        arguments = ""
    call = f'"{verb}", ({segments}){arguments}'
    if void:
        yield f"        await self._ari.send({call})"
    else:
        yield f"        return await self._ari.fetch({returns}, {call})"
    yield ""


def docstring(path: str, operation: Mapping[str, Any]) -> Iterator[str]:
    """The method's route, its status codes, since when it exists, and what we measured about it."""
    codes = sorted({int(error["code"]) for error in operation.get("errorResponses", [])})
    first = f"`{operation['httpMethod']} {path}`"
    if codes:
        first += f"; may be refused with {', '.join(map(str, codes))}"
    since = max((tuple(map(int, version.split("."))) for version in operation["since"]), default=(0,))
    rest = []
    if since[0] > 18:
        rest.append(f"Since Asterisk {', '.join(sorted(operation['since']))}.")
    if operation["nickname"] in NOTES:
        rest.append(NOTES[operation["nickname"]])
    if not rest:
        yield f'        """{first}."""'
        return
    yield f'        """{first}.'
    yield ""
    yield from (f"        {line}" for line in rest)
    yield '        """'


HEADER = '''"""ARI's models, events and operations, typed.

Made from the API description of Asterisk {version} by tools/generate_ari.py; do not edit, generate anew.
Names of fields and events are ARI's own; methods and arguments are in Python's spelling.
An argument that is left out (`None`) is not sent: Asterisk's own default holds.
The status codes are those that Asterisk declares; what is raised for them is told by `rest.AriRest`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar

from msgspec import Struct

MADE_FROM = "{version}"

T = TypeVar("T")

Many = list[str] | tuple[str, ...]
"""Several values of one argument; a bare `str` is not meant, since it is a sequence of letters too."""


class Sender(Protocol):
    """What carries out a request: `segments` are the path's parts, not yet quoted."""

    async def send(
        self, method: str, segments: tuple[str, ...], arguments: Mapping[str, Any] | None = None
    ) -> None:
        """Send a request that is answered by nothing."""
        ...

    async def fetch(
        self,
        model: type[T],
        method: str,
        segments: tuple[str, ...],
        arguments: Mapping[str, Any] | None = None,
    ) -> T:
        """Send a request and read its answer as `model`."""
        ...


class Model(Struct, frozen=True, kw_only=True):
    """What ARI speaks of; fields that this product does not know are passed over."""


class Resource:
    """The operations under one path of ARI."""

    def __init__(self, ari: Sender) -> None:
        self._ari = ari


'''

EVENT_BASE = '''class Event(Model, frozen=True, kw_only=True, tag_field="type", tag=True):
    """What every event bears."""

    application: str
    timestamp: datetime


'''


def source(folder: Path, version: str) -> str:
    """The module's text, not yet formatted."""
    description = Description.read(folder)
    lines: list[str] = []
    for name in description.needed():
        lines += struct(name, description.models[name], "Model")
    lines += EVENT_BASE.splitlines()
    for name in EVENTS:
        lines += struct(name, description.models[name], "Event")
    lines += union(EVENTS)
    for resource in OPERATIONS:
        lines += [f"class {resource.title()}(Resource):", f'    """`/{resource}`."""', ""]
        for path, operation in description.operations[resource]:
            lines += method(path, operation)
        lines.append("")
    lines += resources(OPERATIONS)
    return HEADER.format(version=version) + "\n".join(lines) + "\n"


def union(events: Iterable[str]) -> Iterator[str]:
    """The type of any event, which msgspec tells apart by the field `type`."""
    yield f"AnyEvent = {' | '.join(events)}"
    yield '"""An event of ARI that this product knows."""'
    yield ""
    yield ""


def resources(names: Iterable[str]) -> Iterator[str]:
    """The class that brings all resources together."""
    yield "class Resources:"
    yield '    """Everything that can be asked of ARI, by resource."""'
    yield ""
    yield "    def __init__(self, ari: Sender) -> None:"
    for name in names:
        yield f"        self.{name} = {name.title()}(ari)"


def formatted(text: str) -> str:
    """The text as `ruff format` writes it, so that generating twice gives the same bytes."""
    ruff = Path(sys.executable).with_name("ruff")
    command = [str(ruff), "format", "--stdin-filename", str(TARGET), "-"]
    root = TARGET.parents[3]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=root).stdout


def main() -> None:
    """Write the module."""
    parser = argparse.ArgumentParser(description="Write adapters/ari/generated.py from ARI's description.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("version")
    arguments = parser.parse_args()
    TARGET.write_text(formatted(source(arguments.folder, arguments.version)), encoding="utf-8")


if __name__ == "__main__":
    main()
