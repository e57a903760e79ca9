"""The examples of docs/api.md, sent as they stand there: an integrator copies what works."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from asterisk_gdpr.ports import Alarm
from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web.api.needs import NEEDS
from asterisk_gdpr_web.settings import EXTENSION
from tests.playback.world import NOON
from tests.web.house import House

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
_EXAMPLE = re.compile(r"<!-- example: (\w+) ([\w: -]+) -->(.*?)(?=\n## |\n<!-- example|\Z)", re.S)
_EXCHANGE = re.compile(r"```http\n(.*?)```\n+```json\n(.*?)```", re.S)
ANYTHING = "…"


class Example(NamedTuple):
    """Requests in their order, by a program of a role with scopes."""

    role: str
    scopes: list[str]
    exchanges: list[tuple[str, str]]


def examples() -> list[Example]:
    """All of the page."""
    found = _EXAMPLE.findall(PAGE.read_text("utf-8"))
    return [Example(role, scopes.split(), _EXCHANGE.findall(text)) for role, scopes, text in found]


def fits(told: Any, shown: Any, known: dict[str, str]) -> bool:
    """Whether an answer is the one that is shown; `<name>` is the same wherever it stands."""
    if shown == ANYTHING:
        return True
    if isinstance(shown, str) and re.fullmatch(r"<\w+>", shown):
        return bool(told) and known.setdefault(shown, told) == told
    if isinstance(shown, dict):
        return told.keys() == shown.keys() and all(fits(told[key], shown[key], known) for key in shown)
    if isinstance(shown, list):
        return len(told) == len(shown) and all(map(lambda a, b: fits(a, b, known), told, shown))
    return bool(told == shown)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.role)
def test_an_example_does_what_it_shows(house: House, example: Example) -> None:
    """Each request of an example gets the answer that stands below it, by the scopes that it names alone."""
    house.register.raise_alarm(Alarm("disk-full", "vault", NOON, "The vault is full."))
    secret, _ = house.app.extensions[EXTENSION].services.tokens.make(example.role, "a", example.scopes, 1)
    known: dict[str, str] = {}
    assert 1 < len(example.exchanges) < 5
    for asked, shown in example.exchanges:
        for name, value in known.items():
            asked = asked.replace(name, value)
        head, _, body = asked.partition("\n\n")
        first, *lines = head.strip().splitlines()
        method, path = first.split()
        answer = house.app.test_client().open(
            path,
            method=method,
            json=json.loads(body) if body.strip() else None,
            headers={"Authorization": f"Bearer {secret}", **dict(line.split(": ", 1) for line in lines)},
        )
        assert fits(answer.json, json.loads(shown), known), answer.text


def test_four_integrators_find_their_example() -> None:
    """CRM, ticket system, workforce tool and monitoring tool: each has its own, with scopes of its own."""
    assert [example.role for example in examples()] == ["supervisor", "officer", "supervisor", "manager"]


def test_every_scope_is_told() -> None:
    """The table of scopes names each of them, and each opens something."""
    text = PAGE.read_text("utf-8")
    assert {scope for scope in Scope if f"`{scope}`" not in text} == set()
    assert {scope for scope, _ in NEEDS.values() if scope} == set(Scope)
