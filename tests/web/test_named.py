"""Recordings that are looked for by the code of a call, by a reference, or by an agent."""

from __future__ import annotations

import dataclasses

from asterisk_gdpr.core.policy import AgentRules
from asterisk_gdpr_web.settings import EXTENSION
from tests.playback.world import NUMBER, POLICY
from tests.web.house import House


def named_house(house: House) -> str:
    """A second recording, which has a receipt, a reference and an agent; returns the receipt."""
    house.seal("named001", purposes=("quality",))
    office = house.app.extensions[EXTENSION].services.office
    office.naming._references.set("cnamed001", "T-4711")
    agent = office.agents.add("PJSIP/anna", "1")
    house.register.note_participants("rnamed001", [agent.endpoint], house.clock.now())
    receipt: str = office.naming._receipts.issue("cnamed001")
    return receipt


def test_a_call_is_found_by_its_code_or_reference(house: House) -> None:
    """What was typed is in no address, page, session or ledger; one call is found, and no other."""
    receipt = named_house(house)
    visitor = house.person("quality")
    for field, typed in (("receipt", receipt), ("reference", "t-4711")):
        answer = visitor.post("/recordings/search", **{field: typed})
        assert typed not in answer.location
        found = visitor.get(answer.location).text
        assert "/recordings/rnamed001" in found
        assert "/recordings/rsales001" not in found
        assert typed not in found
        assert house.told(f"{field}-searched") == [{"user": "quality"}]
    assert receipt not in repr(house.register.entries())


def test_a_wrong_code_is_told_and_an_unknown_one_finds_nothing(house: House) -> None:
    """What is no code is refused with what a code is; a code of no call finds no recording."""
    visitor = house.person("quality")
    assert visitor.post("/recordings/search", receipt="123").status_code == 400
    answer = visitor.post("/recordings/search", reference="nobody-knows")
    assert "/recordings/r" not in visitor.get(answer.location).text


def test_the_address_of_a_number_s_search_finds_nobody_elsewhere(house: House) -> None:
    """In a session that looks for no number the address of such a search finds nobody, and not everybody."""
    number = {"number": NUMBER}
    officer, colleague = house.person("officer"), house.person("officer")
    address = officer.post("/recordings/search", **number).location
    assert "/recordings/rsales001" in officer.get(address).text
    assert "/recordings/rsales001" not in colleague.get(address).text
    assert "/recordings/rsales001" in colleague.get("/recordings").text


def test_an_agent_is_searched_for_under_an_agreement_alone(house: House) -> None:
    """Where the policy names the agreement, by our id; where it does not, nobody is offered or answered."""
    named_house(house)
    visitor, agent = house.person("quality"), house.register.agents()[0].id
    assert "PJSIP/anna" not in visitor.get("/recordings").text
    assert visitor.post("/recordings/search", agent=agent).status_code == 400
    assert "/recordings/rnamed001" not in visitor.get(f"/recordings?agent={agent}").text

    house.policy = dataclasses.replace(POLICY, agents=AgentRules(agreement="BV-1"))
    assert "PJSIP/anna" in visitor.get("/recordings").text
    found = visitor.get(visitor.post("/recordings/search", agent=agent).location).text
    assert "/recordings/rnamed001" in found
    assert "/recordings/rsales001" not in found
    assert house.told("agent-searched") == [{"user": "quality", "agent": agent}]
    reviewer = house.reviewer()
    assert reviewer.post("/review/pick", agent=agent).location.endswith("/recordings/rnamed001")
