"""Sentences of explanations, findings, faults and alarms, in each language of the page."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from asterisk_gdpr.config import shipped
from asterisk_gdpr.core.alarms import KINDS
from asterisk_gdpr.errors import Fault
from asterisk_gdpr.ports import Alarm
from asterisk_gdpr.service.checks.finding import error
from asterisk_gdpr_web.phrases import phrases, said
from tests.playback.world import NOON
from tests.web.house import SETTINGS, House

ROOT = Path(__file__).parents[2]
CODE = ROOT / "asterisk_gdpr"
SAYING = [
    CODE / "core" / "explain.py",
    CODE / "core" / "policy_diff.py",
    *sorted((CODE / "core" / "lawfulness").glob("*.py")),
    CODE / "bootstrap" / "checkup.py",
    CODE / "service" / "documents" / "public_word.py",
    *sorted((CODE / "service" / "checks").glob("*.py")),
    *(
        CODE / "config" / f"{name}.py"
        for name in ("document", "faults", "kinds", "pack_file", "wording_file")
    ),
]
"""Where the sentences are that the page shows and did not write."""

LINKS = [
    CODE / "adapters" / "ami.py",
    CODE / "adapters" / "register" / "failures.py",
    *sorted((CODE / "adapters" / "ari").glob("*.py")),
]
"""What says why Asterisk does not answer: findings repeat it."""

AS_THEY_ARE = re.compile(
    r"(exempt|mode|early_media|share|choice|permission|keep|withdraw_grace): .*|asterisk-gdpr off"
    r"|[^A-Za-z]*(\{\d+\}[^A-Za-z]*)+|\{0\}\{1\}, not \{2\}"
    r"|.*\\[+*(].*|.*\[0-9\].*|input should be|must be| seconds|Asterisk: \{0\}|longer than \{0\} bytes",
    re.DOTALL,
)
"""What is the same in every language, or no sentence: the policy's own words, patterns, joints."""

OTHERWISE = {
    # Two sentences that differ by their last part; a part that stands in one place alone.
    "the purpose is gone: they live on for {0}, as they were made{1}",
    "; `policy shorten --removed` ends them now",
    'write "{0}" in quotes for text',
    ", `true` or `false` for an answer",
    "{0} ({1}: {2})",
    "{0}; pack {1}, {2}",
    "kept; decided, too",
    "what exists keeps its end",
    ", unless `policy shorten` brings it forward",
}


def sentence(node: ast.AST) -> str | None:
    """A text in the code, with a numbered field for whatever is put into it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    text, fields = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            text += f"{{{fields}}}"
            fields += 1
    return text


def sentences(node: ast.AST, skipped: frozenset[ast.AST] = frozenset()) -> Iterator[str]:
    """Every text below a node that could be read by somebody: those of more than a word, no docstrings."""
    docs = {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
    } | skipped
    for child in ast.iter_child_nodes(node):
        if child in docs:
            continue
        text = sentence(child)
        if text is not None and " " in text.strip() and not AS_THEY_ARE.fullmatch(text):
            yield text
        if not isinstance(child, ast.Constant):
            inner = (
                [part for part in child.values if isinstance(part, ast.FormattedValue)]
                if isinstance(child, ast.JoinedStr)
                else [child]
            )
            for each in inner:
                yield from sentences(each, frozenset(docs))


def of_code() -> set[str]:
    """The sentences of all modules that say something to the page."""
    found = {text for file in SAYING for text in sentences(ast.parse(file.read_text(encoding="utf-8")))}
    for file in LINKS:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Unreachable":
                found |= set(sentences(node))
    return found - OTHERWISE


def of_packs() -> set[str]:
    """What the rules of the packs say."""
    packs = [yaml.safe_load(file.read_text()) for file in sorted((shipped() / "packs").rglob("*.yaml"))]
    return {rule["says"] for pack in packs for rule in (pack.get("rules") or {}).values()}


def known(language: str) -> set[str]:
    """The sentences that a language has words for."""
    return {re.sub(r"\{(\d+)#\}", r"{\1}", key) for key in phrases(language)}


LANGUAGES = [language for language in SETTINGS.languages if language != "en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_code_has_its_words(language: str) -> None:
    """An explanation, a finding, a fault or an alarm that somebody writes is written in each language."""
    assert sorted(of_code() - known(language)) == [], f"add them to translations/phrases/{language}.json"
    assert sorted(text for text in of_packs() if not said(text, language)) == []
    assert sorted(id for id, kind in KINDS.items() if not said(kind.means, language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_are_left_of_what_nobody_says(language: str) -> None:
    """A sentence that the code says no more goes from the catalogue, and each field is used in both."""
    used = of_code() | OTHERWISE | of_packs() | {kind.means for kind in KINDS.values()}
    said_now = "\n".join(sorted(used))
    for key, words in phrases(language).items():
        assert sorted(re.findall(r"\{(\d+)#?\}", key)) == sorted(re.findall(r"\{(\d+)\}", words)), key
        plain = max(re.split(r"\{\d+#?\}", key), key=len).strip(" .:;,")[:16]
        assert plain in said_now or len(plain) < 16 or plain.startswith(("must be", "Our AMI")), key


def test_what_stands_in_a_sentence_is_said_anew() -> None:
    """Names and numbers stay, phrases within a sentence are told in the language too."""
    assert (
        said("Key 1 agrees to disputes and quality. Silence for 3 s grants nothing.", "de")
        == "Taste 1 stimmt disputes und quality zu. Schweigen für 3 s erlaubt nichts."
    )
    assert said("they keep 90 days: a longer period never reaches what exists", "de") == (
        "sie behalten 90 Tage: Eine längere Frist erreicht nie, was es schon gibt"
    )
    assert said("callers are told nothing → PJSIP", "de") == "Anrufern wird gesagt: nichts → PJSIP"
    assert said("Sales and Service", "de") == ""


def german(house: House, role: str, path: str, **form: str) -> str:
    """A page as a person sees it who speaks German."""
    visitor = house.person(role)
    visitor.client.set_cookie("language", "de")
    return (visitor.post(path, **form) if form else visitor.get(path)).text


def test_the_german_page_explains_in_german(house: House) -> None:
    """What would happen to a call, faults of the file, findings and alarms are told in German."""
    house.faults = [Fault("empty", "/p/policy.yaml", 7, "this must not be empty", "name at least one")]
    house.findings = [
        error(
            "prompt-missing",
            "Line sales lacks 3 prompts (en a, ...): its calls go on, unrecorded.",
            "Run `asterisk-gdpr prompts build`.",
        )
    ]
    house.register.raise_alarm(Alarm("spool-full", "pbx-1", NOON, "The spool is full."))

    explained = german(house, "officer", "/lines/explain", line="sales", caller="+49301234567")
    assert "Ist die Leitung ausgenommen?" in explained
    assert "Is " not in explained
    assert "Zeile 7: dies darf nicht leer sein (nennen Sie mindestens eines)" in explained
    assert "Der Leitung sales fehlen 3 Ansagen" in german(house, "officer", "/system")
    assert "Der Zwischenspeicher ist voll" in german(house, "officer", "/today")


def test_no_sentence_stands_twice() -> None:
    """Each sentence stands once in the catalogue."""
    for language in LANGUAGES:
        file = ROOT / "web" / "asterisk_gdpr_web" / "translations" / "phrases" / f"{language}.json"
        pairs = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=list)
        assert len(pairs) == len(dict(pairs))
