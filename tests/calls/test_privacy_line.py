"""The privacy line, as stories: what is done, what is not told, and what is limited."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from asterisk_gdpr.core.policy import Receipt
from asterisk_gdpr.core.privacy import Act
from asterisk_gdpr.core.receipt import is_code
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.core.requests import Right
from asterisk_gdpr.ports import Way
from asterisk_gdpr.service.call.shared import Playable
from asterisk_gdpr.service.keys.keeper import SealedNumber
from asterisk_gdpr.service.rights.never import Never
from asterisk_gdpr.service.rights.privacy_desk import EACH, PrivacyDesk
from asterisk_gdpr.service.rights.receipts import Receipts
from asterisk_gdpr.service.rights.rights import Rights
from tests.calls.stage import ANNA, POLICY, SECONDS, Stage
from tests.fakes.exchange import Channel

pytestmark = pytest.mark.looptime


class Requests:
    """Where requests go; what a request needs beside it has tests of its own."""

    def __init__(self) -> None:
        self.opened: list[tuple[Right, str]] = []

    def open(self, right: Right, *, by: str, number: str = "", recordings: Any = (), language: str) -> Any:
        self.opened.append((right, language))
        return type("Request", (), {"id": f"q{len(self.opened)}"})


def index_of(number: str) -> bytes | None:
    """As the stage seals numbers: every number is the same person's, a name is nobody's."""
    return b"index" if number.startswith("+") else None


@pytest.fixture
def requests(stage: Stage) -> Requests:
    """The requests of a stage that has a privacy line."""
    requests = Requests()
    receipts = Receipts(stage.register, lambda code: f"blind {code}".encode())
    stage.privacy = PrivacyDesk(
        stage.register,
        Rights(stage.register, stage.erasure, stage.clock),
        requests,
        Never(
            stage.register,
            lambda entry, number: SealedNumber(b"sealed", index_of(number) or b"", "e1"),
            stage.clock,
        ),
        index_of,
        stage.clock,
        receipts,
    )
    shared = replace(stage.shared, privacy=stage.privacy, receipts=receipts)
    stage.shared = stage.calls._shared = stage.calls._taking._shared = shared
    return requests


async def chooses(stage: Stage, keys: str, number: str = "+4915112345678") -> Channel:
    """Somebody calls the privacy line and presses keys, half a second apart."""
    here = stage.asterisk.arrive("sales", number=number, way=Way.PRIVACY)
    for key in keys:
        await asyncio.sleep(0.5)
        stage.asterisk.press(here, key)
    await asyncio.sleep(0.5)
    return here


async def recorded(stage: Stage) -> str:
    """A call that has been recorded."""
    here, _ = await stage.talking()
    await asyncio.sleep(6)
    await stage.over(here)
    return stage.recording().id


async def test_recordings_are_locked_at_once_and_their_erasure_is_requested(
    stage: Stage, requests: Requests
) -> None:
    """What a caller withdraws by phone can be heard by nobody, and a person alone destroys it."""
    recording = await recorded(stage)
    here = await chooses(stage, "21")

    assert here.played[-1] == "sound:privacy_locked"
    assert stage.register.recording(recording).restricted and stage.register.keys(recording)
    assert [one.request for one in stage.register.restrictions(recording)] == ["q1"]
    assert requests.opened == [(Right.ERASURE, "en")]
    await chooses(stage, "21")
    assert len(stage.register.restrictions(recording)) == 1


async def test_whoever_has_no_recording_hears_the_same(stage: Stage, requests: Requests) -> None:
    """The answer does not tell whether there is anything to be locked."""
    here = await chooses(stage, "21")

    assert here.played == ["sound:privacy_menu", "sound:privacy_confirm", "sound:privacy_locked"]


async def test_the_privacy_line_speaks_its_callers_language(stage: Stage, requests: Requests) -> None:
    """Every prompt is spoken in the caller's language, and their request is to be answered in it."""
    asked: list[tuple[str, str]] = []
    prompt = stage.shared.prompt

    def note(line: str, language: str, part: str) -> Playable:
        asked.append((language, part))
        return prompt(line, language, part)

    stage.calls.now_in_force(replace(stage.calls.in_force, prompt=note))
    here = stage.asterisk.arrive("sales", number="+4930123456", language="it", way=Way.PRIVACY)
    for key in "141":
        await asyncio.sleep(1)
        stage.asterisk.press(here, key)
    await asyncio.sleep(1)

    parts = ["privacy_menu", "details", "privacy_confirm", "privacy_request"]
    assert asked == [("de", part) for part in parts]
    assert requests.opened == [(Right.ACCESS, "de")]


async def test_by_a_key_and_another_a_number_is_never_recorded(stage: Stage, requests: Requests) -> None:
    """The caller puts themselves on the never list, and the register says that it was they."""
    here = await chooses(stage, "31")

    assert here.played[-1] == "sound:privacy_never"
    (entry,) = stage.register.nevers()
    assert entry.by == "caller" and entry.index == b"index"
    assert entry.added_at.tzinfo is UTC and entry.review_at > entry.added_at


async def test_a_request_is_opened_by_phone(stage: Stage, requests: Requests) -> None:
    """A person will answer it; nothing else happens."""
    here = await chooses(stage, "41")

    assert here.played[-1] == "sound:privacy_request" and requests.opened == [(Right.ACCESS, "en")]


async def test_a_withheld_number_is_told_that_it_cannot_be_done(stage: Stage, requests: Requests) -> None:
    """Nothing is opened for nobody, and nothing is promised."""
    here = await chooses(stage, "21", number="anonymous")

    assert here.played[-1] == "sound:details" and "sound:privacy_no_number" in here.played
    assert not requests.opened


async def test_from_a_call_of_ours_a_caller_comes_to_the_privacy_line_and_is_recorded_no_further(
    stage: Stage, requests: Requests
) -> None:
    """Whoever sends them there: their recording ends before the menu, and can be locked by it."""
    here, anna = await stage.talking("sales")
    await asyncio.sleep(3)
    stage.asterisk.leave(anna)
    stage.asterisk.arrive_again(here, "sales", Way.PRIVACY)
    await asyncio.sleep(SECONDS["statement"])
    for key in "21":
        stage.asterisk.press(here, key)
        await asyncio.sleep(1.5)
    recording = stage.recording()

    assert here.played[-4:-1] == ["sound:privacy_menu", "sound:privacy_confirm", "sound:privacy_locked"]
    assert (stage.row().ending, recording.state, recording.restricted) == ("moved_on", State.SEALED, True)
    await asyncio.sleep(60)
    assert not here.in_stasis and here.variables["GDPR_RECORDING"] == "off"
    played = len(here.played)
    stage.asterisk.arrive_again(here, "academy")
    await asyncio.sleep(1)
    assert not here.in_stasis and len(here.played) == played
    await stage.over(here)
    assert len(stage.register.calls()) == 1, "of the call to the privacy line itself nothing is kept"


def with_receipts(stage: Stage, receipt: Receipt) -> None:
    """Line `sales` gives receipts."""
    lines = {**POLICY.lines, "sales": replace(POLICY.lines["sales"], receipt=receipt)}
    stage.calls.now_in_force(replace(stage.calls.in_force, policy=replace(POLICY, lines=lines)))


async def agreed_with(stage: Stage, keys: str) -> tuple[Channel, str]:
    """A caller who pressed these keys in the notice, and the code that they were read (empty: none)."""
    here = stage.asterisk.arrive("sales")
    await asyncio.sleep(SECONDS["statement"] + 0.5)
    stage.asterisk.press(here, keys)
    await asyncio.sleep(15)
    assert not here.in_stasis
    digits = [media for media in here.played[-1].split(",") if media.startswith("sound:digit-")]
    return here, "".join(media[-1] for media in digits)


async def talked(stage: Stage, here: Channel) -> str:
    """The recording of the call, which is over."""
    stage.asterisk.join("bridge-1", stage.asterisk.agent(ANNA), here)
    await asyncio.sleep(6)
    await stage.over(here)
    return stage.recording().id


@pytest.mark.parametrize(
    ("receipt", "keys", "read"),
    [
        (Receipt.KEY, "81", True),
        (Receipt.KEY, "1", False),
        (Receipt.ALWAYS, "1", True),
        (Receipt.ALWAYS, "2", False),
        (Receipt.NONE, "81", False),
    ],
)
async def test_after_the_choice_the_caller_can_hear_a_code(
    stage: Stage, requests: Requests, receipt: Receipt, keys: str, read: bool
) -> None:
    """By a key or where the line says so, and only where there is something to be recorded."""
    with_receipts(stage, receipt)
    here, code = await agreed_with(stage, keys)

    assert is_code(code) is read
    assert here.variables["GDPR_RECORDING"] == ("off" if "2" in keys else "on")
    assert code not in str(stage.register.evidence(stage.row().id)) or not code


async def test_whoever_has_the_code_locks_that_recording_and_no_more(
    stage: Stage, requests: Requests
) -> None:
    """From any number, or none: it is restricted, its erasure is requested, and nothing is destroyed."""
    with_receipts(stage, Receipt.ALWAYS)
    here, code = await agreed_with(stage, "1")
    recording = await talked(stage, here)
    caller = await chooses(stage, "5" + code, number="anonymous")

    assert caller.played[-1] == "sound:privacy_code_taken"
    assert stage.register.recording(recording).restricted and stage.register.keys(recording)
    assert requests.opened == [(Right.ERASURE, "en")]


async def test_a_wrong_code_is_answered_like_a_right_one(stage: Stage, requests: Requests) -> None:
    """Who guesses learns nothing, changes nothing, and may not go on for long."""
    for _ in range(EACH):
        caller = await chooses(stage, "50123456789", number="anonymous")
        assert caller.played[-1] == "sound:privacy_code_taken"
        stage.asterisk.hang_up(caller)
    caller = await chooses(stage, "50123456789", number="anonymous")

    assert caller.played[-1] == "sound:privacy_later" and not requests.opened


async def test_how_often_a_number_can_do_anything_is_limited(stage: Stage, requests: Requests) -> None:
    """Beyond the limit the caller hears that it cannot be done now, and nothing is done."""
    for _ in range(EACH):
        assert stage.privacy.carry_out(Act.REQUEST, "+4915112345678", "en")

    assert not stage.privacy.carry_out(Act.REQUEST, "+4915112345678", "en")
    assert len(requests.opened) == EACH


async def test_a_register_that_is_away_promises_nothing(stage: Stage, requests: Requests) -> None:
    """What cannot be written is told as not done."""
    stage.register.away = True
    here = await chooses(stage, "31")

    assert here.played[-1] == "sound:privacy_later"


async def test_of_a_call_to_the_privacy_line_nothing_is_kept(stage: Stage, requests: Requests) -> None:
    """No row, no capture; and the dialplan has the call back when the caller is silent."""
    here = await chooses(stage, "")
    await asyncio.sleep(30)

    assert not here.in_stasis and here.alive
    assert stage.register.calls() == [] and not here.captures and stage.calls.alive == 0


async def test_hanging_up_on_the_privacy_line_leaves_nothing(stage: Stage, requests: Requests) -> None:
    """Whoever hangs up before confirming has changed nothing."""
    here = await chooses(stage, "2")
    stage.asterisk.hang_up(here)
    await asyncio.sleep(1)

    assert stage.calls.alive == 0 and not requests.opened
