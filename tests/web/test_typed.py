"""Whatever form is refused: what was typed stays, and what is wrong is said beside its field and on top."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import pyotp
import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from asterisk_gdpr.core.policy import AgentRules, Receipt
from asterisk_gdpr.core.requests import Identity, Right
from asterisk_gdpr.core.rights import RestrictionGround
from asterisk_gdpr_web.faults import FIELDS
from asterisk_gdpr_web.language import catalogue
from asterisk_gdpr_web.refilled import refilled
from asterisk_gdpr_web.settings import EXTENSION
from tests.browser import stage
from tests.web.house import House, Visitor
from tests.web.test_rights import ROUTES
from tests.web.test_strip import talking

UNTYPED = ("hidden", "submit", "button")
SECRET = ("password", "file")
BY_TYPE = {
    "password": "a long enough passphrase",
    "date": "2027-01-31",
    "number": "9",
    "tel": "+49 30 901820",
    "textarea": 'One.\n<b>"Two" & three',
}


class Case(NamedTuple):
    """A form, by whom and where it is found, what is wrong in it (None: not said), and in which field."""

    endpoint: str
    role: str
    page: str
    wrong: dict[str, str | None]
    field: str
    press: str = ""


RECORDING = "/recordings/rsales001"
CASES = (
    Case("account.change_password", "quality", "/account", {"again": "another one, in fact"}, "again"),
    Case("account.change_password", "quality", "/account", {"old": "no"}, "old"),
    Case("agents.change", "officer", "/agents", {"agent": "zoe"}, "agent", "add"),
    Case("agents.change", "officer", "/agents", {"version": "!"}, "version", "consent"),
    Case("agents.copy", "officer", "/agents", {"passphrase": "short", "recipient": ""}, "passphrase"),
    Case("agents.copy", "officer", "/agents", {"recipient": "age2"}, "recipient"),
    Case("clips.share", "quality", RECORDING, {"from": "0:00", "until": "x"}, "until"),
    Case("clips.share", "quality", RECORDING, {"from": "0", "until": "1", "days": "99"}, "days"),
    Case("disposal.erase", "manager", f"{RECORDING}/erase", {"reason": ""}, "reason"),
    Case("disposal.export", "manager", RECORDING, {"reason": ""}, "reason"),
    Case("disposal.lift", "manager", "/recordings/rsales002", {"told": "2030-01-01"}, "told"),
    Case("disposal.package", "manager", RECORDING, {"reason": ""}, "reason"),
    Case("disposal.package", "manager", RECORDING, {"passphrase": "short", "recipient": ""}, "passphrase"),
    Case("disposal.part", "manager", RECORDING, {"from": "0:00", "until": "x"}, "until"),
    Case("disposal.part", "manager", RECORDING, {"from": "0:00", "until": "0:01", "purpose": ""}, "purpose"),
    Case("disposal.redact", "manager", RECORDING, {"from": "9:00", "until": "9:01"}, "from"),
    Case("disposal.redact", "manager", RECORDING, {"from": "0:00", "until": "0:01", "why": " "}, "why"),
    Case("disposal.restrict", "manager", RECORDING, {"reason": ""}, "reason"),
    Case(
        "evaluations.give",
        "quality",
        f"{RECORDING}/evaluations",
        {"points.solution": None},
        "points.solution",
    ),
    Case("holds.place", "officer", "/holds", {"recordings": "rnowhere"}, "recordings"),
    Case("holds.place", "officer", "/holds", {"recordings": "rsales001", "until": ""}, "until"),
    Case("holds.place", "officer", "/holds", {"recordings": "rsales001", "ground": ""}, "ground"),
    Case("lines.explain", "officer", "/lines", {"line": ""}, "line"),
    Case("marks.add", "quality", RECORDING, {"at": "x"}, "at"),
    Case("never.change", "officer", "/never", {"number": "12"}, "number", "add"),
    Case("never.change", "officer", "/never", {"number": "12"}, "number", "remove-number"),
    Case("never.change", "officer", "/never", {"review": "2020-01-01"}, "review", "add"),
    Case("people.add", "admin", "/people", {"name": "no name"}, "name"),
    Case("people.add", "admin", "/people", {"name": "ada", "role": None}, "role"),
    Case("people.change", "admin", "/people", {"role": None, "agent": ""}, "role"),
    Case("people.change", "admin", "/people", {"agent": "PJSIP/nobody"}, "agent"),
    Case("prompts.take", "manager", "/lines/prompts?line=sales", {}, "file"),
    Case("public.take", "", "/privacy/receipt", {"code": "123"}, "code"),
    Case("recordings.keep_search", "officer", "/recordings?line=sales", {"name": " "}, "name"),
    Case("recordings.search", "officer", "/recordings", {"number": "12"}, "number"),
    Case("recordings.search", "officer", "/recordings", {"number": "", "receipt": "12"}, "receipt"),
    Case("requests.act", "officer", "{erasure}", {"how": ""}, "how", "identify"),
    Case(
        "requests.act",
        "officer",
        "{access}",
        {"passphrase": "short", "recipient": ""},
        "passphrase",
        "package",
    ),
    Case("requests.act", "officer", "{access}", {"recipient": "age2"}, "recipient", "package"),
    Case("requests.act", "officer", "{rectification}", {"text": " "}, "text", "fulfil"),
    Case("requests.act", "officer", "{erasure}", {"reason": ""}, "reason", "refuse"),
    Case("requests.act", "officer", "{erasure}", {"to": "nobody"}, "to", "assign"),
    Case("requests.act", "officer", "{erasure}", {"why": " "}, "why", "extend"),
    Case(
        "requests.take",
        "officer",
        "/requests",
        {"number": "12", "receipt": "", "reference": "", "recordings": ""},
        "number",
    ),
    Case("requests.take", "officer", "/requests", {"receipt": "12"}, "receipt"),
    Case("review.begin", "quality", "/review", {"reason": ""}, "reason"),
    Case("second.end", "admin", "/account", {}, "code"),
    Case("second.enrol", "quality", "/account/second", {"code": "000000"}, "code"),
    Case("second.give", "admin", "/sign-in/code", {}, "code"),
    Case("sign_in.begin", "", "/sign-in", {"name": "quality"}, "password"),
    Case("strip.refer", "agent", "/strip", {"reference": "!"}, "reference"),
    Case("tokens.change", "officer", "/account/tokens", {"scope": None}, "scope", "make"),
    Case("vault.drill", "manager", "/vault", {}, "file"),
    Case("vault.unlock", "manager", "/vault", {}, "passphrase"),
)

NOTHING_TYPED = {
    *("approvals.ask", "approvals.decide", "clips.end", "holds.lift", "language.switch", "ledger.check"),
    *(
        "ledger.export",
        "lines.switch",
        "look.switch",
        "marks.drop",
        "people.access",
        "recordings.drop_search",
    ),
    *("review.end", "review.pick", "sign_in.end", "strip.steer", "today.see_to", "vault.lock"),
}
"""Forms of buttons alone."""

APART = {"strip.mark": "refused only when the call or its recording has ended, and then the form is gone"}


@dataclass
class Shown:
    """A field as a page shows it."""

    attributes: dict[str, str]
    tag: str
    text: str = ""
    options: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.attributes.get("name", "")

    @property
    def kind(self) -> str:
        return self.tag if self.tag != "input" else self.attributes.get("type", "text")

    @property
    def kept(self) -> bool:
        return self.kind not in (*UNTYPED, *SECRET) and self.attributes.get("autocomplete") != "one-time-code"

    def holds(self) -> list[str]:
        """What a browser would send of it."""
        if self.kind in ("radio", "checkbox"):
            return [self.attributes.get("value", "on")] if "checked" in self.attributes else []
        if self.tag == "select":
            return [value for value, chosen in self.options if chosen][-1:] or [self.options[0][0]]
        return [self.text.removeprefix("\n") if self.tag == "textarea" else self.attributes.get("value", "")]


class Pages(HTMLParser):
    """A page as a browser would read it: forms with their fields, words by id, and what is focused."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[Shown]]] = []
        self.words: dict[str, str] = {}
        self.focused: list[dict[str, str]] = []
        self.shut: list[bool] = []
        self.hidden_forms: list[bool] = []
        self._texts: list[tuple[str, str]] = []
        self._field: Shown | None = None
        self._in_form = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if "autofocus" in attributes:
            self.focused.append(attributes)
        if "id" in attributes and tag in ("p", "small"):
            self._texts.append((tag, attributes["id"]))
        if tag == "details":
            self.shut.append("open" not in attributes)
        if tag == "form":
            self.forms.append((attributes.get("action", ""), []))
            self.hidden_forms.append(any(self.shut))
            self._in_form = True
        if tag in ("input", "select", "textarea", "button") and self._in_form:
            self._field = Shown(attributes, tag if tag != "button" else "input")
            if tag == "button":
                self._field.attributes["type"] = "submit"
            self.forms[-1][1].append(self._field)
        if tag == "option" and self._field:
            self._field.options.append((attributes.get("value", "\0"), "selected" in attributes))

    def handle_data(self, data: str) -> None:
        for _, id in self._texts:
            self.words[id] = self.words.get(id, "") + data
        if self._field and self._field.tag == "textarea":
            self._field.text += data
        if self._field and self._field.options and self._field.options[-1][0] == "\0":
            self._field.options[-1] = (data, self._field.options[-1][1])

    def handle_endtag(self, tag: str) -> None:
        if self._texts and self._texts[-1][0] == tag:
            self._texts.pop()
        if tag == "details":
            self.shut.pop()
        if tag == "form":
            self._in_form = False
        if tag in ("select", "textarea"):
            self._field = None


@pytest.fixture
def busy(house: House, tmp_path: Path) -> House:
    """A house with something of everything, so that every form is there."""
    sales = dataclasses.replace(house.policy.lines["sales"], receipt=Receipt.ALWAYS)
    house.policy = dataclasses.replace(
        house.policy, lines={**house.policy.lines, "sales": sales}, agents=AgentRules(agreement="BV-1")
    )
    house.seal("sales002", purposes=("quality", "disputes"))
    office = house.app.extensions[EXTENSION].services.office
    anna = office.agents.add("PJSIP/anna", "1")
    house.register.note_participants("rsales001", ["PJSIP/anna"], house.clock.now())
    house.accounts.change("agent", ["agent"], [], anna.id)
    office.rights.restrict("rsales002", RestrictionGround.CLAIMS, by="officer")
    for right in (Right.ERASURE, Right.ACCESS, Right.RECTIFICATION):
        made = office.requests.open(right, by="officer", recordings=["rsales001"])
        if right is not Right.ERASURE:
            office.requests.identify(made.id, Identity.CALLBACK, "officer")
    house.prompts = tmp_path / "prompts"
    house.prompts.mkdir()
    return house


def visitor_of(house: House, case: Case) -> Visitor:
    """Whoever fills the form in, as far as they must have come."""
    if not case.role:
        return house.visitor()
    if case.endpoint in ("second.give", "second.end"):
        secret = pyotp.random_base32()
        first = pyotp.TOTP(secret).at(int(house.clock.now().timestamp()))
        visitor = house.person(case.role)
        house.accounts.second.enrol(house.accounts.user(case.role), secret, first)
        if case.endpoint == "second.end":
            return visitor
    if case.endpoint == "vault.unlock":
        house.keeper.lock(by="officer")
    if case.role == "agent":
        talking(house, house.accounts.user("agent").agent)
    else:
        house.register.end_call("csales001", house.clock.now(), "ended_after_talk")
    visitor = house.reviewer() if case.role == "quality" else house.person(case.role)
    if case.endpoint == "evaluations.give":
        assert visitor.get(f"{RECORDING}/audio").status_code == 200
    return visitor


def address(house: House, case: Case) -> tuple[str, str]:
    """Where the page is, and where its form goes."""
    requests = {str(each.right): f"/requests/{each.id}" for each in house.register.requests()}
    page = case.page.format(**requests)
    if case.endpoint == "requests.act":
        return page, page
    return page, re.sub(
        r"rsales00\d", "rsales002" if "rsales002" in page else "rsales001", ROUTES[case.endpoint].path
    )


def found(page: str, action: str, case: Case) -> tuple[list[Shown], bool]:
    """The form, and whether it is folded away."""
    read = Pages(page)
    names = set(case.wrong) - {""} or {case.field}
    for (goes, fields), folded in zip(read.forms, read.hidden_forms, strict=True):
        buttons = {each.attributes.get("value", "") for each in fields if each.kind == "submit"}
        typed = {each.name for each in fields if each.kind not in UNTYPED}
        if goes == action and names <= typed and (not case.press or case.press in buttons):
            return fields, folded
    raise AssertionError(f"no form for {action} with {names}")


def filled(fields: list[Shown], case: Case) -> Iterator[tuple[str, str]]:
    """What a person sends who fills in everything, and one thing wrongly."""
    for each in fields:
        wrong = case.wrong.get(each.name, "right")
        if each.kind == "submit":
            if case.press and each.attributes.get("value") == case.press:
                yield each.name, case.press
        elif each.kind == "hidden":
            yield each.name, each.attributes.get("value", "")
        elif each.kind == "file" or wrong is None:
            continue
        elif each.name in case.wrong:
            yield each.name, str(wrong)
        elif each.tag == "select":
            yield each.name, each.options[-1][0]
        elif each.kind == "checkbox":
            yield each.name, each.attributes["value"]
        elif each.kind == "radio":
            last = [one for one in fields if one.name == each.name][-1]
            if each is last:
                yield each.name, each.attributes["value"]
        else:
            yield each.name, BY_TYPE.get(each.kind, f"typed {each.name} \"'<&")


def sent(
    house: House, visitor: Visitor, case: Case, language: str
) -> tuple[MultiDict[str, str], TestResponse, list[Shown], bool]:
    """Fill the form in, send it, and find it again in the answer."""
    page, action = address(house, case)
    fields, _ = found(visitor.get(page, Accept_Language=language).text, action, case)
    said = MultiDict(filled(fields, case))
    answer = visitor.client.post(action, data=said, headers={"Accept-Language": language})
    assert 400 <= answer.status_code < 500, answer.text
    again, folded = found(answer.text, action, case)
    return said, answer, again, folded


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.endpoint}-{case.press or 'form'}-{case.field}"
)
def test_what_was_typed_stays_and_the_fault_is_beside_it(busy: House, case: Case) -> None:
    """Each field holds what was sent; the wrong one says why, has the focus, and is led to from the top."""
    visitor = visitor_of(busy, case)
    for language in ("en", "de"):
        holds_to_it(busy, visitor, case, language)


def holds_to_it(house: House, visitor: Visitor, case: Case, language: str) -> None:
    """The same in one language."""
    said, answer, again, folded = sent(house, visitor, case, language)

    assert not folded
    for name in {each.name for each in again if each.kept}:
        held = [value for each in again if each.name == name and each.kept for value in each.holds()]
        assert [value.replace("\r\n", "\n") for value in said.getlist(name)] == held or said[name] == "nobody"
    secrets = [each for each in again if each.kind in SECRET or (not each.kept and each.kind not in UNTYPED)]
    assert all(not each.attributes.get("value") for each in secrets)
    wrong = [each for each in again if each.attributes.get("aria-invalid") == "true"]
    assert [each.name for each in wrong] == [case.field], Pages(answer.text).words["faults"]
    read = Pages(answer.text)
    described = wrong[0].attributes["aria-describedby"].split()[-1]
    assert read.words[described] == read.words["faults"] and len(read.words["faults"]) > 7
    assert read.words["faults"] in catalogue(language).values()
    assert read.focused == [wrong[0].attributes]
    assert f'<a href="#{wrong[0].attributes["id"]}">' in answer.text


def test_every_form_is_tried() -> None:
    """A form that is added stands in the table, or is of buttons alone."""
    posts = {name for name, route in ROUTES.items() if route.method == "POST"}
    assert posts == {case.endpoint for case in CASES} | NOTHING_TYPED | set(APART)


def test_every_field_that_somebody_types_into_is_in_a_form_that_is_tried() -> None:
    """As the pages have it, for everybody: no form of buttons alone has a field, and none is missed."""
    full = stage.full(House)
    adapter = full.app.url_map.bind("localhost")
    tried = {case.endpoint for case in CASES} | set(APART)
    people = {role: full.person(role) for role in {"officer", *stage.WHO.values()}}
    for name in (*stage.PAGES, *stage.OPEN):
        role = stage.WHO.get(name, "officer") if name in stage.PAGES else ""
        visitor = people.get(role) or full.visitor()
        for action, fields in Pages(visitor.get(stage.place(full, name)).text).forms:
            typed = any((each.kept and each.kind != "select") or each.kind in SECRET for each in fields)
            if typed and adapter.test(action, "POST"):
                assert adapter.match(action, "POST")[0] in tried, (name, action)


def test_a_refusal_that_is_about_no_field_has_the_focus_at_the_top(busy: House) -> None:
    """A form that is whole and still refused: everything stays, and the message is read first."""
    visitor = busy.person("officer")
    busy.seal("sales003", purposes=("quality",))
    page = f"/requests/{next(each.id for each in busy.register.requests() if each.right == 'erasure')}"
    form = {"do": "fulfil"}
    answer = visitor.post(page, **form)
    read = Pages(answer.text)
    assert answer.status_code == 400 and "aria-invalid" not in answer.text
    assert [each["id"] for each in read.focused] == ["faults"]


def test_words_of_a_form_that_is_gone_are_shown(busy: House) -> None:
    """The call has ended while the agent wrote: what they wrote can be copied from the page."""
    visitor = busy.person("agent")
    busy.register.beat("pbx-1", busy.clock.now(), {"now": [], "asterisk": True})
    for path, name in (("/strip/mark", "text"), ("/strip/reference", "reference")):
        answer = visitor.post(path, call="csales001", **{name: "Customer <4711>"})
        assert answer.status_code == 404 and "<q>Customer &lt;4711&gt;</q>" in answer.text


def test_every_refusal_that_names_a_field_has_words() -> None:
    """In both languages; none of the table is of an error that there is not."""
    for language in ("en", "de"):
        assert {id for id in FIELDS if f"error.{id}" not in catalogue(language)} == set()


def test_a_page_whose_form_was_not_sent_is_left_as_it_is() -> None:
    """Byte for byte: another address, another row, another button."""
    page = '<form action="/a"><input type="hidden" name="row" value="1"><input name="x">'
    page += '<button name="do" value="y">'
    for action, said in (("/b", {}), ("/a", {"row": "2"}), ("/a", {"row": "1", "do": "z"})):
        assert refilled(page, action, MultiDict({"x": "typed", **said}), "wrong", ("x",)) == page
