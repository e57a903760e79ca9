"""Telling and being asked, in made-up time: nothing is lost or out of order, everything is answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from asterisk_gdpr.adapters.mqtt import Received
from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.announcing.announcing import Announcing
from tests.calls.stage import LoopClock, Threads
from tests.fakes.register import MemoryRegister

pytestmark = pytest.mark.looptime

CALL = "c0123456789abcdef"
TOPIC = f"asterisk-gdpr/pbx1/calls/{CALL}"


@dataclass
class FakeBroker:
    """Takes what it is sent while it is there; `forgets` takes one and loses its word of that."""

    there: asyncio.Event = field(default_factory=asyncio.Event)
    taken: list[tuple[str, dict[str, Any], bytes]] = field(default_factory=list)
    forgets: bool = False

    async def wait_connected(self) -> None:
        await self.there.wait()

    async def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, correlation: bytes = b""
    ) -> None:
        await asyncio.sleep(0.001)
        if not self.there.is_set():
            raise Unreachable("The broker is not connected.")
        self.taken.append((topic, json.loads(payload), correlation))
        if self.forgets:
            self.forgets = False
            raise Unreachable("The broker is gone.")

    def lights(self) -> list[str]:
        return [payload["light"] for topic, payload, _ in self.taken if topic.endswith("/state")]


@dataclass
class Stage:
    """One node and its broker; `live` begins another life with the same register."""

    register: MemoryRegister = field(default_factory=MemoryRegister)
    broker: FakeBroker = field(default_factory=FakeBroker)
    asked: list[tuple[str, str]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    def live(self) -> None:
        if self.task:
            self.task.cancel()
        clock = LoopClock()
        self.announcing = Announcing(
            self.register,
            self.broker,
            self.do,
            Alarms(self.register, clock),
            clock,
            node="pbx1",
            prefix="asterisk-gdpr",
            keep=timedelta(days=7),
        )
        self.task = asyncio.ensure_future(self.announcing.run())

    async def do(self, call: str, verb: str, _agent: str) -> str:
        if verb == "stop":
            raise Refused("No.", id="not-now")
        self.asked.append((call, verb))
        return "paused"

    def tell(self, light: str) -> None:
        self.announcing.changed(
            {"call": CALL, "line": "sales", "phase": "passed", "light": light, "because": ""}
        )


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    """A node in its first life, its broker there."""
    Threads()
    stage = Stage()
    stage.broker.there.set()
    stage.live()
    yield stage
    if stage.task:
        stage.task.cancel()


async def test_a_change_is_told_at_once(stage: Stage) -> None:
    """A call that changes is told with its line, phase and light, and then forgotten."""
    stage.tell("on")
    await asyncio.sleep(0.1)

    ((topic, payload, _),) = stage.broker.taken
    assert topic == f"{TOPIC}/state"
    assert {name: payload[name] for name in ("call", "line", "phase", "light", "because")} == {
        "call": CALL,
        "line": "sales",
        "phase": "passed",
        "light": "on",
        "because": "",
    }
    assert stage.register.waiting("pbx1", 10) == []


async def test_nothing_is_lost_while_the_broker_is_away(stage: Stage) -> None:
    """What happened while the broker was away arrives in its order when it is back."""
    stage.broker.there.clear()
    for light in ("preparing", "muted", "on", "off"):
        stage.tell(light)
        await asyncio.sleep(30)
    assert len(stage.register.waiting("pbx1", 10)) == 4
    stage.broker.there.set()
    await asyncio.sleep(2)

    assert stage.broker.lights() == ["preparing", "muted", "on", "off"]
    assert stage.register.waiting("pbx1", 10) == []


async def test_nothing_is_lost_by_a_kill(stage: Stage) -> None:
    """The next life sends what the killed one had kept, before anything of its own."""
    stage.broker.there.clear()
    stage.tell("muted")
    await asyncio.sleep(1)
    stage.live()
    stage.tell("on")
    stage.broker.there.set()
    await asyncio.sleep(1)

    assert stage.broker.lights() == ["muted", "on"]


async def test_a_word_that_is_lost_doubles_and_never_drops(stage: Stage) -> None:
    """What the broker took without our hearing of it is sent again, and nothing after it is passed over."""
    stage.broker.forgets = True
    for light in ("muted", "on", "off"):
        stage.tell(light)
    await asyncio.sleep(5)

    assert stage.broker.lights() == ["muted", "muted", "on", "off"]


async def test_a_register_that_is_away_loses_nothing(stage: Stage) -> None:
    """What cannot be kept waits in memory, in order, and never holds a call up."""
    stage.register.away = True
    stage.register.put, real = _away, stage.register.put  # type: ignore[method-assign]
    for light in ("muted", "on"):
        stage.tell(light)
    await asyncio.sleep(10)
    stage.register.away = False
    stage.register.put = real  # type: ignore[method-assign]
    await asyncio.sleep(3)

    assert stage.broker.lights() == ["muted", "on"]


def _away(*_args: Any) -> None:
    raise Unreachable("The register does not answer.")


async def test_what_is_too_old_is_dropped_with_an_alarm(stage: Stage) -> None:
    """A broker that never comes back does not fill the disk, and that something is gone is said."""
    stage.broker.there.clear()
    stage.tell("on")
    await asyncio.sleep(8 * 86400)
    stage.tell("off")
    await asyncio.sleep(1)
    stage.announcing.tidy()

    assert [alarm.id for alarm in stage.register.alarms()] == ["outbox-dropped"]
    assert len(stage.register.waiting("pbx1", 10)) == 1


@pytest.mark.parametrize(
    ("payload", "result"),
    [
        (b"pause", "paused"),
        (b'{"do":"pause","id":"7"}', "paused"),
        (b"stop", "not-now"),
        (b"dance", "not_a_command"),
    ],
)
async def test_every_command_is_answered(stage: Stage, payload: bytes, result: str) -> None:
    """Done, refused or no command at all: its sender learns it, where they want to."""
    stage.announcing.asked(Received(f"{TOPIC}/set", payload))
    stage.announcing.asked(Received(f"{TOPIC}/set", payload, "replies/me", b"\x01\x02"))
    await asyncio.sleep(0.1)

    (topic, answer, _), (other, same, correlation) = stage.broker.taken
    assert (topic, other, correlation) == (f"{TOPIC}/answer", "replies/me", b"\x01\x02")
    assert answer["result"] == same["result"] == result
    assert answer["call"] == CALL
    assert stage.asked == ([(CALL, "pause")] * 2 if result == "paused" else [])


async def test_an_answer_is_of_now_or_not_at_all(stage: Stage) -> None:
    """What cannot be answered now is not answered later, when nobody knows any more what it was about."""
    stage.broker.there.clear()
    stage.announcing.asked(Received(f"{TOPIC}/set", b"pause"))
    await asyncio.sleep(5)
    stage.broker.there.set()
    await asyncio.sleep(5)

    assert stage.broker.taken == []


def test_no_payload_has_a_place_for_a_person() -> None:
    """Fields of payloads are ids of ours, words of ours and times."""
    from asterisk_gdpr.service.announcing.messages import MESSAGES

    fields = {name for _, payload in MESSAGES.values() for name in payload.__struct_fields__}
    assert fields == {
        *("status", "at", "call", "line", "phase", "light", "because", "outcome"),
        *("do", "agent", "id", "result"),
    }
