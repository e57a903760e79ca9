"""What everybody can see and do without an account: notices, and the code of a call."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from asterisk_gdpr.core.policy import Receipt
from asterisk_gdpr.core.receipt import with_check
from asterisk_gdpr.core.requests import Right
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.rights.receipt_desk import ALL, EACH, SETTLED, Wish
from asterisk_gdpr.service.rights.receipts import Receipts
from tests.playback.world import INDEX
from tests.web.house import House, Visitor

NOBODYS = with_check("123456789")


@pytest.fixture
def code(house: House) -> str:
    """The code of the call of `rsales001`, on a line whose callers hear one."""
    sales = replace(house.policy.lines["sales"], receipt=Receipt.ALWAYS)
    house.policy = replace(house.policy, lines={**house.policy.lines, "sales": sales})
    return Receipts(house.register, partial(INDEX.blind, "calls.receipt")).issue("csales001")


def send(visitor: Visitor, code: str, wish: str = "lock", contact: str = "") -> tuple[int, str]:
    """The status and the page that come back."""
    answer = visitor.post("/privacy/receipt", code=code, wish=wish, contact=contact)
    return answer.status_code, answer.text


def test_every_line_s_notice_is_open_to_everybody(house: House) -> None:
    """Whoever comes reads each line's notice in each of its languages, as the policy in force has it."""
    visitor = house.visitor()
    shown = visitor.get("/privacy").text
    assert house.policy.controller.name in shown
    documents = house.app.extensions["asterisk-gdpr"].services.office.documents
    for line, tongue in documents.notices():
        if tongue in ("en", "de"):
            path = f"/privacy/line/{line}/{tongue}"
            assert path in shown
            text = visitor.get(path).text
            assert documents.notice(line, tongue).version[:12] in text
            assert f'<div class="document" lang="{tongue}">' in text


@pytest.mark.parametrize(
    "path", ["nothing/en", "sales/xx", "sales/..", "%2e%2e/en", "emergency/en", "sales/en/x"]
)
def test_what_has_no_notice_is_not_there(house: House, path: str) -> None:
    """A line that does not record, or a language that it does not speak, has no page."""
    assert house.visitor().get(f"/privacy/line/{path}").status_code == 404


def test_a_code_locks_its_recording(house: House, code: str) -> None:
    """By the code of a call nobody listens to its recording any more, and its erasure is asked for."""
    assert send(house.visitor(), f"{code[:5]} {code[5:]}")[0] == 200
    assert house.register.recording("rsales001").restricted
    (asked,) = house.register.requests()
    assert (asked.right, asked.recordings) == (Right.ERASURE, ("rsales001",))
    assert house.reviewer().get("/recordings/rsales001/audio").status_code in (403, 404)


def test_asked_twice_it_is_one_request(house: House, code: str) -> None:
    """Whoever sends the same code again opens no second request."""
    for _ in range(3):
        send(house.visitor(), code)
    assert len(house.register.requests()) == 1


def test_a_code_asks_for_a_copy(house: House, code: str) -> None:
    """By the code of a call a copy is asked for, and the answer has somewhere to go."""
    assert send(house.visitor(), code, "ask", "  caller@example.org ")[0] == 200
    (asked,) = house.register.requests()
    assert (asked.right, asked.contact) == (Right.ACCESS, "caller@example.org")
    assert not house.register.recording("rsales001").restricted


def test_a_question_needs_somewhere_to_go(house: House, code: str) -> None:
    """Whoever asks for a copy and leaves no address is told so, and nothing is opened."""
    status, text = send(house.visitor(), code, "ask")
    assert status == 400
    assert "reach you" in text
    assert house.register.requests() == []


def test_who_guesses_learns_nothing(house: House, code: str) -> None:
    """A call's code and nobody's are answered alike, in the same words and after the same time."""

    def shown(code: str) -> tuple[int, str]:
        status, text = send(house.visitor(), code)
        return status, re.sub(r'(nonce|value)="[^"]*"', "", text)

    assert shown(code) == shown(NOBODYS)
    assert len(house.slept) == 2
    assert all(SETTLED - 0.2 < slept <= SETTLED for slept in house.slept)
    assert len(house.register.requests()) == 1


def test_what_can_be_no_code_is_said(house: House, code: str) -> None:
    """A mistyped digit is told from the digits alone, and costs no try."""
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    for typed in (wrong, "", "12345", "abcdefghij", "١٢٣٤٥٦٧٨٩٠", "1" * 4000):
        for _ in range(2):
            assert send(house.visitor(), typed)[0] == 400
    assert house.slept == []
    assert send(house.visitor(), code)[0] == 200


def test_tries_are_few(house: House, code: str) -> None:
    """From one address few codes are taken in an hour, a right one no more than others."""
    visitor = house.visitor()
    for _ in range(EACH):
        assert send(visitor, NOBODYS)[0] == 200
    status, _ = send(visitor, code)
    assert status == 429
    assert not house.register.recording("rsales001").restricted
    house.clock.time += timedelta(hours=1)
    assert send(visitor, code)[0] == 200


def test_tries_are_few_for_everybody_together(house: House, code: str) -> None:
    """However many addresses somebody has, the codes of an hour are counted together."""
    desk = house.app.extensions["asterisk-gdpr"].services.office.receipts
    for address in range(ALL):
        desk.take(Wish.LOCK, NOBODYS, contact="", language="en", address=f"192.0.2.{address}")
    with pytest.raises(Refused) as refused:
        desk.take(Wish.LOCK, code, contact="", language="en", address="198.51.100.1")
    assert refused.value.id == "too-many-attempts"


def test_a_form_that_is_not_ours_is_refused(house: House, code: str) -> None:
    """Without its token, and with a wish that there is not, the form does nothing."""
    visitor = house.visitor()
    assert visitor.client.post("/privacy/receipt", data={"code": code, "wish": "lock"}).status_code == 400
    assert send(visitor, code, "erase")[0] == 400
    assert house.register.requests() == []


def test_without_receipts_there_is_no_form(house: House) -> None:
    """Where no line gives its callers a code, nobody is asked for one."""
    visitor = house.visitor()
    assert visitor.get("/privacy/receipt").status_code == 404
    assert "/privacy/receipt" not in visitor.get("/privacy").text
