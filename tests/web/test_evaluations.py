"""Evaluations: by those who have heard, blind to each other until then, and for the agent's own eyes."""

from __future__ import annotations

import dataclasses

import pytest

from asterisk_gdpr.core.policy import AgentRules
from asterisk_gdpr.core.recording import Reason, Tombstone
from asterisk_gdpr_web.settings import EXTENSION
from tests.playback.world import POLICY
from tests.web.house import House, Visitor

PATH = "/recordings/rsales001/evaluations"
POINTS = {"form": "service", "points.greeting": "4", "points.solution": "5"}


@pytest.fixture
def agent(house: House) -> str:
    """An agent who took part, under an agreement that lets that be kept; the user `agent` is theirs."""
    house.policy = dataclasses.replace(POLICY, agents=AgentRules(agreement="BV-1"))
    anna = house.app.extensions[EXTENSION].services.office.agents.add("PJSIP/anna", "1")
    house.register.note_participants("rsales001", ["PJSIP/anna"], house.clock.now())
    house.accounts.change("agent", ["agent"], [], anna.id)
    return anna.id


def heard(house: House, role: str) -> Visitor:
    """A reviewer who has listened to it."""
    visitor = house.reviewer(role)
    assert visitor.get("/recordings/rsales001/audio").status_code == 200
    return visitor


def test_nobody_evaluates_what_they_have_not_heard(house: House) -> None:
    """Without a listening in the ledger there is no form, and none is taken."""
    visitor = house.reviewer()
    assert "points.greeting" not in visitor.get(PATH).text
    assert visitor.post(PATH, **POINTS).status_code == 400
    assert house.register.evaluations("rsales001") == []


def test_a_recording_is_evaluated_once_by_a_form(house: House) -> None:
    """Every item gets its points; the score is by weight; the ledger has it without points and words."""
    visitor = heard(house, "quality")
    assert "Greeting" in visitor.get(PATH).text
    assert visitor.post(PATH, **{**POINTS, "points.solution": "9"}).status_code == 400
    assert visitor.post(PATH, **{**POINTS, "points.solution": ""}).status_code == 400
    assert visitor.post(PATH, **POINTS, comment="Friendly throughout.").status_code == 303

    shown = visitor.get(PATH).text
    assert "95 %" in shown
    assert "Friendly throughout." in shown
    assert visitor.post(PATH, **POINTS).status_code == 400
    (told,) = house.told("evaluated")
    assert told.keys() == {"user", "recording", "evaluation"}


def test_whoever_has_scored_is_led_to_the_next(house: House) -> None:
    """After the last form of a recording one press opens another of its line that nobody has heard."""
    visitor = heard(house, "quality")
    assert "The next that nobody has heard" not in visitor.get(PATH).text
    visitor.post(PATH, **POINTS)
    assert "The next that nobody has heard" in visitor.get(PATH).text
    assert 'name="line" value="sales"' in visitor.get(PATH).text


def test_a_second_reviewer_is_blind_to_the_first(house: House) -> None:
    """What others gave is shown after one's own, side by side; marks with words stand by their reviewer."""
    heard(house, "quality").post(PATH, **POINTS, comment="Said by the first.")
    second = heard(house, "supervisor")
    assert "Said by the first." not in second.get(PATH).text

    second.post("/recordings/rsales001/marks", at="0:00", text="Here it turned.")
    second.post(PATH, **{**POINTS, "points.greeting": "2"})
    shown = second.get(PATH).text
    assert "Said by the first." in shown
    assert "50 per cent of the items are given the same; at most 2 points apart" in shown
    assert "Here it turned." in shown


def test_an_agent_sees_their_own_evaluations_and_no_recording(house: House, agent: str) -> None:
    """Points, words, day and reviewer; never the recording, and nothing about anybody else."""
    reviewer = heard(house, "quality")
    assert "PJSIP/anna" in reviewer.get(PATH).text
    assert reviewer.post(PATH, **POINTS, agent="a-other").status_code == 400
    assert reviewer.post(PATH, **POINTS, agent=agent, comment="Well done.").status_code == 303

    theirs = house.person("agent")
    shown = theirs.get("/evaluations").text
    assert "Well done." in shown
    assert "95 %" in shown
    assert "rsales001" not in shown
    house.accounts.change("agent", ["agent"], [], "")
    assert "Well done." not in theirs.get("/evaluations").text


def test_without_an_agreement_an_evaluation_is_about_nobody(house: House, agent: str) -> None:
    """Nobody is offered and nobody is taken, whoever took part."""
    house.policy = POLICY
    reviewer = heard(house, "quality")
    assert "PJSIP/anna" not in reviewer.get(PATH).text
    assert reviewer.post(PATH, **POINTS, agent=agent).status_code == 400


def test_what_is_being_erased_is_not_evaluated(house: House) -> None:
    """A tombstone ends evaluating as it ends listening; what was given lives by its own period."""
    visitor = heard(house, "quality")
    visitor.post(PATH, **POINTS)
    now = house.clock.now()
    house.register.add_tombstone(Tombstone("rsales001", Reason.REQUESTED, now, now))

    assert visitor.post(PATH, **{**POINTS, "points.greeting": "1"}).status_code in (400, 404, 410)
    assert len(house.register.evaluations("rsales001")) == 1
