"""What the documents say, and how they look."""

from __future__ import annotations

import re
import shutil
from dataclasses import fields, replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from asterisk_gdpr.config import load_wordings, shipped
from asterisk_gdpr.core import evaluation
from asterisk_gdpr.core.notice import notice
from asterisk_gdpr.core.policy import Keep, Mode, Period, Policy, Recipient, Unit
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.documents.documents import Document, Documents, Form, Kind, Link
from asterisk_gdpr.service.documents.markdown import blocks_of, escape, html_of
from tests.documents.conftest import FOLDER, Write
from tests.policy.titles import LANGUAGES as SPOKEN
from tests.policy.titles import translated

pytestmark = pytest.mark.thorough

LANGUAGES = ("en", "de")
WORDINGS = load_wordings(shipped() / "notices")
LINES = ("sales", "support", "trading")
NASTY = "<script>x</script> *a* | `b` [c](d) {{ e }} & “f” \\g ~h~"


def all_of(documents: Documents) -> list[Document]:
    """Every document that needs no more than the policy, in both languages."""
    return [
        document
        for language in LANGUAGES
        for document in (
            *(documents.notice(line, language) for line in LINES),
            documents.agents(language),
            documents.record(language),
            documents.assessment(language, {"sealed": 3}),
        )
    ]


def changed(policy: Policy, line: str, **values: Any) -> Policy:
    """The policy with something else about one line."""
    return replace(policy, lines={**policy.lines, line: replace(policy.lines[line], **values)})


# --- the privacy notice -----------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("line", LINES)
def test_the_notice_says_all_of_article_13(write: Write, sample: Policy, line: str, language: str) -> None:
    """The notice of every line holds each thing that Art. 13 asks for, in both languages."""
    told = write().notice(line, language).markdown
    purposes = [sample.purposes[name] for name in sample.lines[line].purposes]

    needed = [
        sample.controller.name,  # 13(1)(a)
        sample.controller.contact,
        sample.controller.officer,  # 13(1)(b)
        *(purpose.title[language] for purpose in purposes),  # 13(1)(c)
        *(letter for letter in {"sales": "a", "support": "f", "trading": "c"}[line]),
        *(purpose.assessment for purpose in purposes if purpose.assessment),  # 13(1)(d)
        {"en": "## Who else receives recordings", "de": "## Wer Aufzeichnungen noch erhält"}[language],  # (e)
        {"en": "outside the European Economic Area", "de": "Europäischen Wirtschaftsraums"}[language],  # (f)
        *({"en": "| after ", "de": "| nach "}[language] for _ in purposes),  # 13(2)(a)
        *(f"Art. {number}" for number in (15, 16, 17, 18)),  # 13(2)(b)
        sample.controller.authority,  # 13(2)(d)
        {"en": "## Whether you must be recorded", "de": "## Ob Sie aufgezeichnet werden müssen"}[
            language
        ],  # (e)
        "Art. 22",  # 13(2)(f)
        {"en": "Art. 13(3)", "de": "Art. 13 Abs. 3"}[language],
        sample.controller.privacy_url,
    ]
    assert [each for each in needed if each not in told] == []
    assert ({"en": "take your agreement back", "de": "widerrufen"}[language] in told) == (
        line == "sales"
    )  # (c)


@pytest.mark.parametrize("language", sorted(set(SPOKEN) - set(LANGUAGES)))
def test_every_spoken_language_has_its_notice(write: Write, sample: Policy, language: str) -> None:
    """In each language that callers can hear there is a notice, with the same parts and the same facts."""
    english, theirs = ((FOLDER / of / "notice.md").read_text("utf-8") for of in ("en", language))
    tags = re.compile(r"{%.*?%}|{{.*?}}|^(?:> )?#+|^\| ?---.*", re.MULTILINE)
    assert sorted(tags.findall(theirs)) == sorted(tags.findall(english))
    assert re.findall(r"^(?:> )?#+", theirs, re.M) == re.findall(r"^(?:> )?#+", english, re.M)

    policy = translated(sample)
    for line in LINES:
        document = write(policy).notice(line, language)
        purposes = [policy.purposes[name] for name in policy.lines[line].purposes]
        needed = [
            policy.controller.contact,
            policy.controller.officer,
            policy.controller.authority,
            policy.controller.privacy_url,
            *(purpose.title[language] for purpose in purposes),
            *(f" {number}" for number in (15, 16, 17, 18, 22)),
            notice(policy, policy.lines[line], WORDINGS[language])[0].text,
        ]
        told = unescape(re.sub(r"<[^>]+>", "", html_of(document.markdown)))
        assert [each for each in needed if each not in told] == [], line
        boxes = [block for block in blocks_of(document.markdown) if block["kind"] == "apart"]
        assert len(boxes) == (line == "support")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_right_to_object_stands_apart(write: Write, language: str) -> None:
    """Where callers can object, that right has a box of its own, apart from everything else (Art. 21(4))."""
    for line, there in (("support", True), ("sales", False), ("trading", False)):
        document = write().notice(line, language)
        boxes = [block for block in blocks_of(document.markdown) if block["kind"] == "apart"]

        assert [box["blocks"][0]["kind"] for box in boxes] == ["heading"] * there
        assert ("Art. 21" in str(boxes)) == there
        assert document.markdown.count("Art. 21") == there


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_holds_what_is_spoken(write: Write, language: str) -> None:
    """What callers hear stands in the notice, word for word, as the prompts are made from it."""
    told = write().notice("sales", language).markdown

    for words in {"en": ["If you agree, we record", "star 9"], "de": ["Wir löschen es nach", "Stern 9"]}[
        language
    ]:
        assert words in told


def test_a_line_that_records_nothing_says_so(write: Write, sample: Policy) -> None:
    """Of a line in shadow the notice says that nothing is recorded."""
    assert "At present no call to this line is recorded." in write().notice("billing", "en").markdown
    live = changed(sample, "billing", mode=Mode.LIVE)
    assert "At present no call" not in write(live).notice("billing", "en").markdown


def test_recipients_and_transfers_are_named(write: Write, sample: Policy) -> None:
    """Who receives recordings is named, with the country and what protects them there."""
    hoster = Recipient(
        "hoster", {"en": "A Hoster", "de": "Ein Hoster"}, True, "US", "standard clauses 2021/914"
    )
    told = write(replace(sample, recipients={"hoster": hoster})).notice("sales", "en").markdown

    assert "A Hoster, who works on our instructions" in told
    assert "goes to US, where it is protected by: standard clauses 2021/914" in told
    assert "We do not transfer recordings" not in told


def test_the_duty_and_the_right_to_a_copy_are_told(write: Write) -> None:
    """A caller who must be recorded learns by which law, and that a copy can be had (MiFID II)."""
    told = write().notice("trading", "en").markdown

    assert "Art. 76 Delegated Regulation (EU) 2017/565" in told
    assert "you can get a copy of the recording" in told


def test_there_is_no_notice_for_what_records_nothing(write: Write) -> None:
    """An exempt line has no notice, and neither has one that the policy does not have."""
    for line in ("outage", "nowhere"):
        with pytest.raises(Refused) as refused:
            write().notice(line, "en")
        assert refused.value.id == "no-such-line"


# --- the others -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_record_has_every_point_of_article_30(write: Write, sample: Policy, language: str) -> None:
    """The record of processing has points (a) to (g), with every purpose, period and recipient."""
    told = write().record(language).markdown

    assert re.findall(r"^## \(?([a-g])\)", told, re.MULTILINE) == list("abcdefg")
    assert all(f"| {name} |" in told for name in sample.purposes)
    assert "LIA-2026-07" in told
    limits = told.split("## (f)" if language == "en" else "## f)")[1].split("\n## ")[0]
    assert limits.count("\n| ") == 1 + len(sample.purposes) + len(fields(Keep))  # a head, and every period


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_assessment_is_a_draft_with_the_rules(write: Write, language: str) -> None:
    """The draft has the points of Art. 35(7), the rules of the pack, and room for a judgement."""
    told = write().assessment(language, {"sealed": 41}).markdown

    assert re.findall(r"^## \(?([a-d])\)", told, re.MULTILINE) == list("abcd")
    assert {"en": "Draft", "de": "Entwurf"}[language] in told.splitlines()[0]
    assert "41" in told
    assert "| unconfirmed |" in told
    assert told.count("[ ]") >= 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_agents_learn_when_they_are_recorded(write: Write, language: str) -> None:
    """The agents' notice says by line when one is recorded, and which agreement stands behind it."""
    told = write().agents(language).markdown

    rows = [line for line in told.splitlines() if line.startswith(("| sales", "| support", "| trading"))]
    assert len(rows) == 3
    words = {"en": ("consented", "informed", "a law"), "de": ("eingewilligt", "informiert", "ein Gesetz")}
    assert all(word in row for word, row in zip(words[language], rows, strict=True))
    assert "BV-2026-04" in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_agents_learn_what_is_kept_of_them(write: Write, sample: Policy, language: str) -> None:
    """Agents learn how long the register of agents knows them, and whether it is kept who took part."""
    kept = {"en": "deleted 3 years after you were taken off", "de": "Nach 3 Jahren ab der Streichung"}[
        language
    ]
    part = {
        "en": "we also keep which of you took part in which recording",
        "de": "bewahren wir außerdem auf, wer von Ihnen an welcher Aufzeichnung beteiligt war",
    }[language]
    without = replace(sample, agents=replace(sample.agents, agreement=""))
    assert kept in write().agents(language).markdown
    assert part in write().agents(language).markdown
    assert part not in write(without).agents(language).markdown


@pytest.mark.parametrize("language", SPOKEN)
def test_the_notice_says_what_keeps_a_recording_longer(write: Write, sample: Policy, language: str) -> None:
    """The notice says in every language that claims, an authority or a restriction keep one longer."""
    said = {
        "en": "until that is over",
        "de": "bis das vorbei ist",
        "es": "hasta que eso termine",
        "fr": "jusqu'à ce que cela soit terminé",
        "it": "finché ciò non è concluso",
        "nl": "tot dat voorbij is",
        "pl": "do czasu, gdy to się skończy",
        "pt": "até que isso termine",
    }[language]
    assert said in write(translated(sample)).notice("sales", language).markdown


@pytest.mark.parametrize("language", SPOKEN)
def test_no_notice_denies_what_people_do(write: Write, sample: Policy, language: str) -> None:
    """That nobody scores recordings is said of machines alone: people may evaluate them by a form."""
    machine = ("machine", "Maschine", "máquina", "macchina", "maszyn")
    told = write(translated(sample)).notice("sales", language).markdown
    (line,) = (each for each in told.splitlines() if re.search(r"22\.?º? ?(GDPR|DSGVO|RGPD|AVG|RODO)", each))
    first_clause = line.split("). ", 1)[1].split(",")[0]
    assert any(word in first_clause for word in machine)


@pytest.mark.parametrize("language", LANGUAGES)
def test_agents_learn_how_they_are_evaluated(write: Write, sample: Policy, language: str) -> None:
    """Where reviewers give points the agents' notice says by which form, who, and for how long."""
    assert "points for" not in write().agents("en").markdown
    form = evaluation.Form(
        "service",
        {"en": "Service", "de": "Bedienung"},
        "quality",
        {"opening": evaluation.Item({"en": "Opening", "de": "Begrüßung"}, 1)},
    )
    keep = replace(sample.keep, evaluations=Period(7, Unit.MONTHS))
    told = write(replace(sample, evaluations={"service": form}, keep=keep)).agents(language).markdown

    words = {
        "en": ("Service: points for Opening", "7 months"),
        "de": ("Bedienung: Punkte für Begrüßung", "7 Monate"),
    }
    assert all(word in told for word in words[language])
    assert all(role in told for role in sample.purposes["quality"].listeners)


# --- every document ---------------------------------------------------------------------------


def test_every_document_is_there_in_both_languages() -> None:
    """Each template exists in English and in German, with the same headings in the same order."""
    for template in sorted(FOLDER.glob("en/*.md")):
        german = FOLDER / "de" / template.name
        depth = [
            [line.split()[0] for line in text.read_text("utf-8").splitlines() if line.startswith("#")]
            for text in (template, german)
        ]
        assert depth[0] == depth[1], template.name


class Outline(HTMLParser):
    """Collects what a screen reader goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.heads: list[int] = []
        self.scopes: list[str | None] = []
        self.language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.heads.append(int(tag[1]))
        if tag == "th":
            self.scopes.append(dict(attrs).get("scope"))
        if tag == "html":
            self.language = str(dict(attrs).get("lang"))


def test_every_page_can_be_read_without_eyes_and_without_scripts(write: Write) -> None:
    """A page names its language, has one main heading, skips no level, marks its tables, and runs nothing."""
    documents = write()
    for document in all_of(documents):
        page = documents.html(document, published="2026-11-25", links=[Link("x.html", "Deutsch", "de")])
        outline = Outline()
        outline.feed(page)

        assert outline.language == document.language
        assert outline.heads[0] == 1 and outline.heads.count(1) == 1
        assert all(b - a <= 1 for a, b in zip(outline.heads, outline.heads[1:], strict=False))
        assert set(outline.scopes) <= {"col"}
        assert not {"script", "iframe", "img", "form", "link", "object"} & set(outline.tags)
        assert "main" in outline.tags and "title" in outline.tags
        assert not re.search(r"\son\w+=|javascript:|https?://(?!example\.com)", page)


def test_every_document_can_be_printed(write: Write) -> None:
    """Each document becomes a PDF that is tagged for screen readers and bears its language."""
    documents = write()
    for document in all_of(documents):
        pdf = documents.written_as(document, Form.PDF)

        assert pdf.startswith(b"%PDF-") and pdf.rstrip().endswith(b"%%EOF")
        assert b"/StructTreeRoot" in pdf
        assert re.search(rb"/Lang\s*\(" + document.language.encode(), pdf)
        assert b"pdfuaid" in pdf


@pytest.mark.parametrize("text", [NASTY, "# no heading", "1. no list", "- no list", "=x", "+ y", "a\n\n# b"])
def test_a_fact_is_text_and_never_markup(text: str) -> None:
    """Whatever signs a name holds, a document shows exactly them."""
    shown = " ".join(text.split())
    (paragraph,) = blocks_of(escape(text))

    assert paragraph["kind"] == "paragraph"
    assert "".join(span["text"] for span in paragraph["spans"]) == shown
    (head,) = blocks_of(f"| {escape(text)} |\n|---|")
    assert "".join(span["text"] for span in head["head"][0]) == shown
    assert "<script" not in html_of(escape(text))


def test_a_nasty_name_harms_no_document(write: Write, sample: Policy) -> None:
    """A controller whose name is full of markup gets documents that say so, on screen and on paper."""
    nasty = replace(sample, controller=replace(sample.controller, name=NASTY, contact=NASTY, authority=NASTY))
    documents = write(nasty)
    for document in all_of(documents):
        page = documents.html(document)
        assert "<script" not in page
        assert ("&lt;script&gt;x&lt;/script&gt; *a* | `b`" in page) == (document.kind is not Kind.ASSESSMENT)
        assert documents.pdf(document).startswith(b"%PDF-")


def test_the_version_is_that_of_the_text(write: Write, sample: Policy) -> None:
    """The same facts make the same version, other words another, and what a notice does not say the same."""
    notice = write().notice("sales", "en")
    assert write().notice("sales", "en").version == notice.version

    quality = replace(sample.purposes["quality"], keep=Period(60, Unit.DAYS))
    shorter = replace(sample, purposes={**sample.purposes, "quality": quality}, version="0" * 64)
    assert write(shorter).notice("sales", "en").version != notice.version
    same = changed(replace(sample, version="0" * 64), "sales", silence=9.0)
    assert write(same).notice("sales", "en").version == notice.version


def test_a_controller_replaces_a_template(write: Write, tmp_path: Path) -> None:
    """A template of the controller's own is used instead of the shipped one."""
    shutil.copytree(FOLDER, tmp_path / "own")
    (tmp_path / "own/en/notice.md").write_text("# Ours\n\n{{ controller.name }} on {{ line.name }}\n")

    assert (
        write(folder=tmp_path / "own").notice("sales", "en").markdown == "# Ours\n\nExample Energy on sales\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "# {{ nothing }}",
        "# {{ controller.nothing }}",
        "# {% if %}",
        "# {{ ''.__class__.__mro__ }}",
        "# {{ 1 / 0 }}",
        "# {% include '../../../etc/passwd' %}",
    ],
)
def test_a_faulty_template_is_told(write: Write, tmp_path: Path, text: str) -> None:
    """A template that asks for what there is not, or for what it may not, is one clear error."""
    shutil.copytree(FOLDER, tmp_path / "own")
    (tmp_path / "own/en/notice.md").write_text(text)

    with pytest.raises(Refused) as refused:
        write(folder=tmp_path / "own").notice("sales", "en")
    assert refused.value.id in ("template-faulty", "no-template")


def test_a_language_without_a_template_is_told(write: Write) -> None:
    """A document in a language that there is no template or no wording for is refused, with what there is."""
    for language in ("da", "xx", "../en"):
        with pytest.raises(Refused) as refused:
            write().notice("sales", language)
        assert refused.value.id == "no-template"
    assert write().languages(Kind.NOTICE) == sorted(SPOKEN)
    assert write().languages(Kind.RECORD) == ["de", "en"]
