"""A house that has grown: hundreds of people and agents, a thousand requests, entries, alarms, marks."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest

from asterisk_gdpr.core.clip import Clip
from asterisk_gdpr.core.evaluation import Evaluation
from asterisk_gdpr.core.holds import HoldGround
from asterisk_gdpr.core.requests import Identity, Refusal, Right
from asterisk_gdpr.ports import Alarm, Mark
from asterisk_gdpr_web.settings import EXTENSION
from tests.browser import stage
from tests.web.house import PASSWORD, House

pytestmark = pytest.mark.slow

MANY = 1000


def grow(house: House) -> None:
    """Much of everything that a page lists whole."""
    office, register, now = house.app.extensions[EXTENSION].services.office, house.register, house.clock.now()
    anna = house.accounts.user("agent").agent
    week, later = now + timedelta(days=7), now + timedelta(days=90)
    for n in range(MANY):
        office.never.add(f"+4930{7_000_000 + n}", later)
        office.agents.add(f"PJSIP/agent{n:04}", "2026-11")
        asked = office.requests.open(Right.ERASURE, by="officer", number=f"+4930{8_000_000 + n}")
        if n % 2:
            office.requests.identify(asked.id, Identity.CALLBACK, "officer")
            office.requests.refuse(asked.id, Refusal.NOT_IDENTIFIED, "officer")
        register.raise_alarm(Alarm("recording-damaged", f"r{n}", now, "Segment 5 does not open."))
        register.add_mark(Mark(f"m{n}", "rsales001", n * 10, "quality", now, "Something was said here."))
        register.add_clip(
            Clip(f"c{n}", "rsales001", 5000, 9000, "quality", "supervisor", "quality", now, week)
        )
        register.add_evaluation(
            Evaluation(
                f"w{n}", "rsales001", "service", f"user{n}", now, 65, {"greeting": 4}, "Friendly.", anna
            )
        )
    for n in range(MANY // 5):
        house.accounts.add(f"person{n:03}", PASSWORD, ["quality"])
        case = {"case": f"LG-{n}", "why": "It is disputed.", "by": "officer", "until": later}
        office.holds.place(["r00000003x"], ground=HoldGround.LEGAL_CLAIMS, **case)


def test_no_page_of_a_large_house_is_heavy(house: House) -> None:
    """With a thousand of what a page lists it is still under 100 kB, compressed."""
    grow(house)
    people = {name: house.person(name) for name in sorted({"officer", *stage.WHO.values()})}
    heavy = {}
    for name in stage.PAGES:
        answer = people[stage.WHO.get(name, "officer")].get(stage.place(house, name))
        assert answer.status_code == stage.ERRORS.get(name, 200), name
        heavy[name] = len(gzip.compress(answer.data))
    assert {name: size for name, size in heavy.items() if size >= 100_000} == {}
    assert heavy["people"] > 2 * 4000, "the house has not grown"
