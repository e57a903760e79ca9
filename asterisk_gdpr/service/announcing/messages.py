"""What is said over MQTT: every topic and every payload.

`docs/mqtt.md` is made from this module by `python -m tests.mqtt.reference`, and compared with it by a test.
No payload has a place for a number, a name or a word of anybody: ids are ours, and say nothing but a time.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from asterisk_gdpr.core.call.now import Because, Light
from asterisk_gdpr.core.call.state import Phase, Result
from asterisk_gdpr.core.times import to_text

STATUS = "{prefix}/{node}/status"
STATE = "{prefix}/{node}/calls/{call}/state"
SET = "{prefix}/{node}/calls/{call}/set"
ANSWER = "{prefix}/{node}/calls/{call}/answer"

At = Annotated[str, Meta(description="ISO 8601 in UTC, with `Z`.")]
CallId = Annotated[str, Meta(description="Our id of the call, which is `GDPR_CALL` in the dialplan.")]


NOT_A_COMMAND = "not_a_command"
_RESULTS = ", ".join(f"`{result}`" for result in (*Result, NOT_A_COMMAND))


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the daemon of a node is there; retained, and the last will."""

    status: Literal["online", "offline"]
    at: Annotated[
        str | None, Meta(description="When it came or left in good order; null in the last will.")
    ] = None


class State(msgspec.Struct, frozen=True, kw_only=True):
    """A call as it is from now on; sent at each change of it, in order, none left out."""

    call: CallId
    line: Annotated[str, Meta(description="The line of the policy.")]
    phase: Annotated[Phase, Meta(description="Where the call is; `passed`: in the dialplan's hands again.")]
    light: Annotated[Light, Meta(description="What its recording does.")]
    because: Annotated[Because, Meta(description="Why it is muted or has stopped; empty for no reason.")]
    outcome: Annotated[str | None, Meta(description="`GDPR_CHOICE`, once the call is passed on.")] = None
    at: At


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody wants done with a call that is talking."""

    do: Literal["pause", "resume", "stop", "withdraw", "swap"]
    agent: Annotated[
        str,
        Meta(
            max_length=32,
            pattern="^[a-z0-9]*$",
            description="For `swap` alone: who takes the agent's place, by the id in the register of agents.",
        ),
    ] = ""
    id: Annotated[
        str, Meta(max_length=64, pattern="^[A-Za-z0-9._-]*$", description="Comes back with the answer.")
    ] = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a command; sent to its response topic, else to `answer`, with its correlation data."""

    call: CallId
    do: Annotated[str, Meta(description="The command; empty where it was none.")]
    result: Annotated[str, Meta(description=f"What came of it: {_RESULTS}; else the id of an error.")]
    id: Annotated[str, Meta(description="That of the command.")] = ""
    at: At


MESSAGES: dict[str, tuple[str, type[msgspec.Struct]]] = {
    STATUS: ("published, QoS 1, retained", Status),
    STATE: ("published, QoS 1, through the outbox", State),
    SET: ("subscribed to, QoS 1", Command),
    ANSWER: ("published, QoS 1, unless the command names a response topic", Answer),
}
"""Topic → how it is used, and its payload."""

_CALL = re.compile(r"/calls/(?P<call>[a-z0-9]{1,32})/set$")


def call_of(topic: str) -> str:
    """The call that a command's topic names; empty for none."""
    found = _CALL.search(topic)
    return found["call"] if found else ""


def status(*, online: bool, at: datetime | None = None) -> bytes:
    """The payload of `STATUS`."""
    return msgspec.json.encode(
        Status(status="online" if online else "offline", at=to_text(at) if at else None)
    )


def command(payload: bytes) -> Command | None:
    """What a command says: JSON, or the bare word; None for what is neither."""
    word = payload.strip().decode("ascii", "replace")
    if re.fullmatch(r"[a-z]+", word):
        payload = msgspec.json.encode({"do": word})
    try:
        return msgspec.json.decode(payload, type=Command)
    except msgspec.DecodeError:
        return None
