"""Silencing a span and keeping a part, at the page."""

from __future__ import annotations

import pytest

from asterisk_gdpr.core.recording import State
from tests.web.house import House

SECOND = 8000 * 4
"""Bytes of a second of sound."""


@pytest.fixture
def long(house: House) -> House:
    """A recording of five seconds beside the other, whose call is over."""
    house.seal("long0001", purposes=("quality", "disputes"), plan=((8000,) * 5,))
    house.register.end_call("clong0001", house.clock.now(), "ended_after_talk")
    return house


def test_a_span_is_silenced_at_the_page(long: House) -> None:
    """What is left is another recording, silent from the one moment to the other; the former is erased."""
    manager = long.reviewer("manager", "disputes")
    before = manager.get("/recordings/rlong0001/audio").data[44:]
    form = {"from": "0:01", "until": "0:03", "why": "a card number"}
    answer = manager.post("/recordings/rlong0001/redact", **form)

    assert answer.status_code == 303
    assert "rlong0001" not in answer.location
    assert "The span is silent for good" in manager.get(answer.location).text
    after = manager.get(f"{answer.location}/audio").data[44:]
    assert after[:SECOND] == before[:SECOND]
    assert after[SECOND : 3 * SECOND] == bytes(2 * SECOND)
    assert after[3 * SECOND :] == before[3 * SECOND :]
    assert long.register.recording("rlong0001").state is State.ERASED


def test_a_part_is_kept_for_itself_at_the_page(long: House) -> None:
    """The part is a recording of its own for its purpose; the whole stays; no wider purpose is taken."""
    manager = long.reviewer("manager", "disputes")
    form = {"from": "0:01", "until": "0:03", "why": "the contract", "purpose": "disputes"}
    answer = manager.post("/recordings/rlong0001/part", **form)

    assert answer.status_code == 303
    assert len(manager.get(f"{answer.location}/audio").data) == 44 + 2 * SECOND
    assert long.register.recording("rlong0001").state is State.SEALED


@pytest.mark.parametrize("wrong", [{"why": ""}, {"from": "0:03"}, {"until": "9:00:00"}, {"until": "x"}])
def test_what_is_no_span_or_has_no_reason_changes_nothing(long: House, wrong: dict[str, str]) -> None:
    """One clear refusal, and the recording stays as it is."""
    form = {"from": "0:01", "until": "0:03", "why": "a card number", **wrong}
    answer = long.person("manager").post("/recordings/rlong0001/redact", **form)

    assert answer.status_code == 400
    assert long.register.recording("rlong0001").state is State.SEALED
