"""The officer's digest of unusual listening."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_gdpr.core.unusual import Limits
from tests.playback.world import NUMBER
from tests.web.house import House


@pytest.fixture
def watched(house: House) -> House:
    """A house whose policy allows it, and in which somebody hears much of one caller."""
    limits = Limits("BV-2026-07", of_one_person=2)
    agents = replace(house.policy.agents, agreement="BV-2026-04")
    house.policy = replace(house.policy, unusual_listening=limits, agents=agents)
    for n in (2, 3):
        house.seal(f"sales00{n}")
    office = house.app.extensions["asterisk-gdpr"].services.office
    office.agents.add("PJSIP/anna", "2026-11")
    visitor = house.reviewer()
    for n in (1, 2, 3):
        house.register.note_participants(f"rsales00{n}", ["PJSIP/anna"], house.clock.now())
        assert visitor.get(f"/recordings/rsales00{n}/audio").status_code == 200
    return house


def test_the_officer_is_shown_what_is_unusual(watched: House) -> None:
    """The officer reads who heard the same people again and again; no number, and the ledger has it."""
    text = watched.person("officer").get("/digest").text
    assert "Again and again the same caller" in text
    assert "Again and again the same agent: PJSIP/anna" in text
    assert "quality" in text
    assert NUMBER not in text and NUMBER[3:] not in text
    assert watched.told("digest-read") == [{"user": "officer"}]


def test_without_the_staffs_agreement_no_agent_is_named(watched: House) -> None:
    """What was kept under an agreement that is no more is not reported by agent, by the digest either."""
    agents = replace(watched.policy.agents, agreement="")
    watched.policy = replace(watched.policy, agents=agents)
    text = watched.person("officer").get("/digest").text
    assert "Again and again the same caller" in text
    assert "PJSIP/anna" not in text and "the same agent" not in text


def test_what_is_older_than_a_week_is_left(watched: House) -> None:
    """After seven days nothing of it is shown."""
    watched.clock.time += timedelta(days=7, seconds=1)
    assert "Nothing was unusual: 0 listenings" in watched.person("officer").get("/digest").text


def test_what_the_log_has_lost_is_not_shown(watched: House) -> None:
    """Entries whose period is over say nothing any more, and are no fault."""
    watched.register.erase_payloads([entry.seq for entry in watched.register.entries()])
    assert "0 listenings" in watched.person("officer").get("/digest").text


def test_without_an_agreement_nobody_is_watched(house: House) -> None:
    """Where the policy names no agreement there is no digest, nor a way to it, for anybody."""
    officer = house.person("officer")
    assert "/digest" not in officer.get("/today").text
    answer = officer.get("/digest")
    assert answer.status_code == 400
    assert "no agreement" in answer.text
