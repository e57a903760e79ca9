"""What a form says when it is filled in wrongly: beside it or on a page of its own, in both languages."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from tests.web.house import House, Visitor
from tests.web.test_attacks import ablest
from tests.web.test_rights import ROUTES

NO_ERROR = {
    "approvals.ask": "a button",
    "language.switch": "a button",
    "ledger.check": "a button",
    "ledger.export": "a button",
    "look.switch": "a button",
    "recordings.drop_search": "a button",
    "recordings.keep_search": "any name will do",
    "review.end": "a button",
    "review.pick": "two choices",
    "second.give": "tried in test_people.py, since it needs codes",
    "sign_in.end": "a button",
    "today.see_to": "a button",
    "vault.lock": "a button",
}
"""Forms in which nothing can be filled in wrongly, and why."""

WRONG = {
    "disposal.erase": {"reason": "nothing"},
    "disposal.export": {"reason": "nothing"},
    "disposal.package": {"passphrase": "short"},
    "disposal.restrict": {"reason": "nothing"},
    "lines.explain": {"line": "nowhere"},
    "lines.switch": {"line": "nowhere"},
    "agents.change": {"do": "add", "agent": "zoe", "version": "1"},
    "marks.add": {"at": "x"},
    "recordings.search": {"number": "12"},
    "review.begin": {"purpose": "nothing"},
    "sign_in.begin": {"name": "quality", "password": "wrong"},
    "vault.unlock": {"passphrase": "wrong"},
    "people.add": {"name": "ada"},
}
"""What is wrong, where the table of routes has what is right."""

ELSEWHERE = {"strip.steer", "strip.mark", "strip.refer", "clips.end", "public.take"}
"""Forms about what there is not: the call, the clip or the form itself, whatever else they say."""

POSTS = [name for name, route in ROUTES.items() if route.method == "POST"]


def ask(visitor: Visitor, endpoint: str, language: str) -> TestResponse:
    """Send the form with its fault, in a language."""
    route = ROUTES[endpoint]
    form = {"csrf_token": visitor.token(), **route.form, **WRONG.get(endpoint, {})}
    return visitor.client.post(route.path, data=form, headers={"Accept-Language": language})


def said(answer: TestResponse) -> str:
    """The message: beside the form, or what a page says that holds nothing else."""
    found = re.search(r'role="alert">(.*?)</p>', answer.text, re.S) or re.search(
        r"<h1>.*?</h1>\s*<p[^>]*>(.*?)</p>", answer.text, re.S
    )
    assert found, answer.text
    return found[1].strip()


@pytest.mark.parametrize("endpoint", [name for name in POSTS if name not in NO_ERROR])
def test_a_wrong_form_says_what_is_wrong(house: House, endpoint: str) -> None:
    """With a status of its own, in words of the page's language, and never as a fault of ours."""
    words = {}
    house.seal("sales002", purposes=("quality", "disputes"))
    for language in ("en", "de"):
        visitor = house.person(ablest(ROUTES[endpoint])) if ROUTES[endpoint].allowed else house.visitor()
        answer = ask(visitor, endpoint, language)
        assert 400 <= answer.status_code < 500, answer.status_code
        assert (answer.status_code == 404) == (endpoint in ELSEWHERE)
        words[language] = said(answer)
    assert words["en"] != words["de"], words
    assert len(words["en"]) > 7 and not re.fullmatch(r"[\w-]+", words["en"])


def test_every_form_is_tried_or_has_none_to_try() -> None:
    """A form that is added stands here, too."""
    assert set(NO_ERROR) <= set(POSTS) and set(WRONG) <= set(POSTS)
