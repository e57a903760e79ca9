"""Every kind of the ledger has words on the page: what is written there is read out of the code itself."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from asterisk_gdpr.core.requests import Status
from asterisk_gdpr_web.named import CODES
from tests.docs.pages import CHECKOUT

WRITERS = (
    "asterisk_gdpr/adapters/register",
    "asterisk_gdpr/bootstrap",
    "asterisk_gdpr/cli",
    "asterisk_gdpr/service",
    "web",
)
"""Where the ledger is written: rules, cryptography and the other edges have no register."""

TRANSLATIONS = CHECKOUT / "web" / "asterisk_gdpr_web" / "translations"
KIND = re.compile(r"[a-z]+(-[a-z]+)*")
TELLS = re.compile(r"(register|ledger)(\(\))?\.record")
FORMED = {
    "f'request-{request.status}'": {f"request-{status}" for status in Status if status is not Status.OPEN},
    "f'{name}-searched'": {f"{name}-searched" for name in CODES},
}
"""Kinds that the code puts together, by how it writes that."""


@cache
def modules() -> dict[Path, ast.Module]:
    """Their code, read."""
    return {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for folder in WRITERS
        for path in sorted((CHECKOUT / folder).rglob("*.py"))
    }


def called(call: ast.Call) -> str:
    """The last name of what is called."""
    return ast.unparse(call.func).rpartition(".")[2]


@cache
def calls() -> dict[str, list[tuple[ast.Module, ast.AST, ast.Call]]]:
    """Every call in the code by the name that it calls, with its module and the function it stands in."""
    found: dict[str, list[tuple[ast.Module, ast.AST, ast.Call]]] = {}
    for module in modules().values():
        within: dict[ast.AST, ast.AST] = {}
        for node in ast.walk(module):  # the outer before the inner: the innermost function is kept
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                within.update(dict.fromkeys(ast.walk(node), node))
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                found.setdefault(called(node), []).append((module, within.get(node, module), node))
    return found


def said(module: ast.Module, function: ast.AST, value: ast.expr) -> set[str]:
    """What an expression may come to, as far as it is written: constants, branches, what callers give."""
    if isinstance(value, ast.Constant):
        return {value.value} if isinstance(value.value, str) and KIND.fullmatch(value.value) else set()
    if isinstance(value, ast.IfExp):
        return said(module, function, value.body) | said(module, function, value.orelse)
    if isinstance(value, ast.JoinedStr):
        return FORMED[ast.unparse(value)]
    if not isinstance(value, ast.Name):
        return set()
    for place in (function, module):
        for node in ast.walk(place):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == value.id:
                return said(module, function, node.value)
    return set().union(*given(function, value.id))


def given(function: ast.AST, parameter: str) -> Iterator[set[str]]:
    """What the callers of a function give for one of its parameters."""
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef), parameter
    names = [each.arg for each in function.args.args if each.arg != "self"]
    for module, within, call in calls().get(function.name, ()):
        by_name = {each.arg: each.value for each in call.keywords}
        by_place = dict(zip(names, call.args, strict=False))
        value = by_name.get(parameter) or by_place.get(parameter)
        if value is not None and not (isinstance(value, ast.Name) and value.id == parameter):
            yield said(module, within, value)


@cache
def written() -> frozenset[str]:
    """Every kind that the code writes into the ledger."""
    kinds: set[str] = set()
    for module, function, call in calls()["append"]:
        if isinstance(call.func, ast.Name) and len(call.args) > 2:  # the register's own, in a transaction
            if ast.unparse(call.args[2]) == "kind" and getattr(function, "name", "") == "record":
                continue  # what `record` is given is counted where that is called
            kinds |= told(module, function, call, call.args[2])
    for module, function, call in calls()["record"]:
        if TELLS.search(ast.unparse(call.func)):
            kinds |= told(module, function, call, call.args[0])
    return frozenset(kinds)


def told(module: ast.Module, function: ast.AST, call: ast.Call, value: ast.expr) -> set[str]:
    """What one call writes; each writes something, or this test is blind to it."""
    kinds = said(module, function, value)
    assert kinds, ast.unparse(call)
    return kinds


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_kind_of_the_ledger_has_words(language: str) -> None:
    """Whoever reads a history reads sentences, in their language, and none is of what nothing writes."""
    words = json.loads((TRANSLATIONS / f"{language}.json").read_text(encoding="utf-8"))
    named = {key.removeprefix("kind.") for key in words if key.startswith("kind.")}

    assert sorted(written() - named) == []
    assert sorted(named - written()) == []


def test_the_kinds_are_found_however_they_are_written() -> None:
    """As a constant, by its name, as one of two, put together, and handed on from function to function."""
    assert {"listened", "escrow-tried", "hold-over", "user-added", "request-refused"} <= written()
    assert {"receipt-searched", "agent-searched", "request-begun", "clock-doubted"} <= written()
