"""The offices: ledger, system check, agents, lines and policy, holds, requests, documents."""

from __future__ import annotations

import dataclasses
import re

import pytest

from asterisk_gdpr.core.receipt import with_check
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.errors import Fault
from asterisk_gdpr.seal.signing import VerifyKey
from asterisk_gdpr.service.checks.finding import error
from asterisk_gdpr.service.proof.ledger import verify_export
from tests.playback.world import INDEX, NUMBER, POLICY
from tests.seal.samples import SIGNING
from tests.web.house import LETTERS, House

# --- ledger


def test_the_ledger_is_searched_page_by_page(house: House) -> None:
    """By what it is about, by kind and by day, newest first, and every entry on one page."""
    for n in range(60):
        house.register.record("viewed", {"user": "ada", "recording": f"r{n}"}, house.clock.now())
    auditor = house.person("auditor")

    first = auditor.get("/ledger?kind=viewed").text
    assert len(re.findall("This page was opened</td>", first)) == 50
    older = re.search(r'href="([^"]+)" rel="next"', first)
    assert older
    assert (
        len(re.findall("This page was opened</td>", auditor.get(older[1].replace("&amp;", "&")).text)) == 10
    )
    assert "It was sealed and signed" in auditor.get("/ledger?about=rsales001").text
    assert "No entry fits" in auditor.get("/ledger?from=2030-01-01").text


def test_the_ledger_is_verified_and_taken_away(house: House) -> None:
    """The page says whether it is whole; what is taken away verifies with the public key alone."""
    auditor = house.person("auditor")
    assert "The ledger is whole" in auditor.post("/ledger/verify").text
    lines = auditor.post("/ledger/export").data.splitlines(keepends=True)
    assert verify_export(lines, [SIGNING.verify_key]).ok
    assert isinstance(SIGNING.verify_key, VerifyKey)
    assert house.told("ledger-exported") == [{"user": "auditor"}]

    entry = house.register._held.ledger[3]
    house.register._held.ledger[3] = dataclasses.replace(entry, kind="signed-in")
    assert "damaged at entry 4" in auditor.post("/ledger/verify").text


# --- what is wrong


def test_the_system_check_says_what_to_do(house: House) -> None:
    """Each finding with its hint; none is good news."""
    admin = house.person("admin")
    assert "Everything is as it must be" in admin.get("/system").text
    house.findings = [error("prompt-missing", "Line sales lacks 3 prompts.", "Run `prompts build`.")]
    text = admin.get("/system").text
    assert "Line sales lacks 3 prompts." in text
    assert "Run <code>prompts build</code>." in text
    house.findings = [error("x", "A ` alone, `<b>`", "`<script>`")]
    assert "&lt;script&gt;" in admin.get("/system").text and "<b>" not in admin.get("/system").text


# --- who did it


def test_the_ledger_names_who_changed_what(house: House) -> None:
    """Switches, agents, the never list, requests and people: each change bears the name of who made it."""
    officer, admin = house.person("officer"), house.person("admin")
    officer.post("/lines/switch", line="sales", do="off")
    officer.post("/agents", do="add", agent="PJSIP/zoe", version="1")
    officer.post("/never", do="add", number=NUMBER, review="2027-01-01")
    (entry,) = house.register.nevers()
    officer.post("/never", do="remove", entry=entry.id)
    path = officer.post("/requests", right="erasure", number=NUMBER, language="en").location
    officer.post(path, do="identify", how="callback")
    officer.post(path, do="extend", why="Many calls.")
    admin.post("/people", name="ada", role="quality")
    admin.post("/people/change", name="ada", role="supervisor")
    for do in ("disable", "enable", "reset"):
        admin.post("/people/access", name="ada", do=do)

    for kind in ("switched", "agent-written-down", "never-added", "never-removed", "request-identified"):
        assert house.told(kind)[-1]["user"] == "officer", kind
    assert house.told("request-extended")[-1]["user"] == "officer"
    for kind in ("user-added", "user-changed", "user-disabled", "user-reset"):
        told = house.told(kind)[-1]
        assert (told["user"], told["whose"]) == ("admin", "ada"), kind


# --- agents


def test_agents_say_what_they_said(house: House) -> None:
    """Added as informed, then consented, withdrawn, removed; what is no endpoint is told."""
    visitor = house.person("supervisor")
    assert visitor.post("/agents", do="add", agent="anna", version="1").status_code == 400
    visitor.post("/agents", do="add", agent="PJSIP/zoe", version="2026-11")
    (anna,) = house.register.agents()
    assert anna.standing == "informed"
    for do, standing in (("consent", "consented"), ("withdraw", "withdrawn"), ("remove", "removed")):
        assert visitor.post("/agents", do=do, agent=anna.id, version="2026-12").status_code == 303
        assert house.register.agents()[0].standing == standing
    assert "PJSIP/zoe" not in visitor.get("/agents").text


# --- lines and policy


def test_a_line_is_switched_off_and_on(house: House) -> None:
    """A line, or everything; what is no line is refused; the ledger has it."""
    manager = house.person("manager")
    for line in ("sales", "*"):
        manager.post("/lines/switch", line=line, do="off")
        assert house.register.switched_off("sales")
        manager.post("/lines/switch", line=line, do="on")
        assert not house.register.switched_off("sales")
    assert manager.post("/lines/switch", line="nowhere", do="off").status_code == 400
    assert house.kinds().count("switched") == 4
    assert house.person("auditor").post("/lines/switch", line="*", do="off").status_code == 403


def test_nobody_is_told_that_the_admin_may_listen(house: House) -> None:
    """Whoever runs the system has no ear, whatever the policy names: the page does not name them either."""
    admins = dataclasses.replace(POLICY.purposes["quality"], listeners=frozenset({"admin", "quality"}))
    house.policy = dataclasses.replace(POLICY, purposes={"quality": admins}, lines={})
    shown = house.person("officer").get("/lines").text.partition("Who may listen")[2]
    assert "Quality" in shown and "Administrator" not in shown


def test_a_call_is_explained_without_keeping_its_number(house: House) -> None:
    """Step by step what would happen; the number is in no address and no record."""
    answer = house.person("manager").post("/lines/explain", line="sales", caller=NUMBER)
    assert "What is the caller asked?" in answer.text
    assert NUMBER not in repr(house.register._held.ledger)


def test_a_changed_file_and_its_faults_are_shown(house: House) -> None:
    """What the file would change is told before it is in force; faults are told with their line."""
    quality = dataclasses.replace(POLICY.purposes["quality"], listeners=frozenset({"quality"}))
    changed = {**POLICY.purposes, "quality": quality}
    house.in_file = dataclasses.replace(POLICY, purposes=changed, version="new")
    visitor = house.person("officer")
    people = sum("supervisor" in each.roles for each in house.register.users())
    kept = sum(
        each.recordings for each in house.register.count_kept(house.clock.now()) if each.purpose == "quality"
    )
    told = f"supervisor may listen no more (people: {people}, recordings: {kept})"
    assert kept > 0 and told in visitor.get("/lines").text

    house.faults = [Fault("missing", "policy.yaml", 7, "this is missing")]
    assert "line 7: this is missing" in visitor.get("/lines").text


def test_an_earlier_policy_is_read(house: House) -> None:
    """The text of a version that was in force, as text."""
    house.register.keep_policy("abcdef", "title: <b>x</b>", house.clock.now())
    visitor = house.person("auditor")
    assert "&lt;b&gt;x&lt;/b&gt;" in visitor.get("/lines/policy?version=abcdef").text
    assert visitor.get("/lines/policy?version=nothing").status_code == 400


# --- holds


def test_a_hold_keeps_what_is_to_be_erased(house: House) -> None:
    """A held recording is not erased; a hold needs case, ground, reason and end; lifting ends it."""
    officer = house.person("officer")
    form = {"recordings": "rsales001", "case": "LG-1", "ground": "legal-claims", "why": "disputed"}
    for missing in ("until", "why", "ground", "recordings", "case"):
        short = {**form, "until": "2026-12-31", missing: ""}
        assert officer.post("/holds", **short).status_code == 400, missing
    assert officer.post("/holds", until="2026-12-31", **form).status_code == 303

    officer.post("/recordings/rsales001/erase", reason="requested")
    assert house.register.recording("rsales001").state is not State.ERASED
    (hold,) = house.register.holds()
    assert "LG-1" in house.person("auditor").get("/holds").text
    officer.post("/holds/lift", hold=hold.id)
    assert house.register.holds() == []


# --- the never list


def test_a_number_on_the_never_list_is_never_shown(house: House) -> None:
    """Typed in, looked at again on a day to come, taken off by its entry or by its number."""
    officer = house.person("officer")
    assert officer.post("/never", do="add", number=NUMBER, review="2026-01-01").status_code == 400
    assert officer.post("/never", do="add", number="12", review="2027-01-01").status_code == 400
    for _ in range(2):
        assert officer.post("/never", do="add", number=NUMBER, review="2027-01-01").status_code == 303
        text = officer.get("/never").text
        assert "1 Jan 2027" in text
        assert "901820" not in text.replace(" ", "")
        (entry,) = house.register.nevers()
        officer.post("/never", do="remove", entry=entry.id)
        assert house.register.nevers() == []
    officer.post("/never", do="add", number=NUMBER, review="2027-01-01", line="sales")
    assert "Entries of the never list" not in officer.get("/today").text
    house.clock.pass_by(days=60)
    officer = house.person("officer")
    assert "Entries of the never list to be looked at: 1." in officer.get("/today").text
    assert ">due<" in officer.get("/never").text
    (entry,) = house.register.nevers()
    assert officer.post("/never", do="review", entry=entry.id).status_code == 303
    assert ">due<" not in officer.get("/never").text
    officer.post("/never", do="remove-number", number="030 901820")
    assert house.register.nevers() == []
    assert "901820" not in repr(house.register._held.ledger)


# --- requests


def test_a_request_is_taken_identified_and_carried_out(house: House) -> None:
    """Nothing is done before it is sure who asks; then it is done, and the letter appears once."""
    officer = house.person("officer")
    taken = officer.post("/requests", right="erasure", number="030 901820", language="en", asked="all of it")
    assert taken.status_code == 303
    path = taken.location
    assert "901820" not in path
    assert "rsales001" in officer.get(path).text
    assert officer.post(path, do="fulfil").status_code == 400
    assert house.register.recording("rsales001").state is State.SEALED

    officer.post(path, do="identify", how="callback")
    done = officer.post(path, do="fulfil").text
    assert house.register.recording("rsales001").state is State.ERASED
    assert "It is shown this once" in done
    assert "It is shown this once" not in officer.get(path).text
    assert "all of it" not in officer.get(path).text


def test_a_request_shows_its_day_and_how_long_it_is_over(house: House) -> None:
    """The list and the request itself name the day, the days that are left, and the days that it is over."""
    officer = house.person("officer")
    path = officer.post("/requests", right="erasure", number="030 901820", language="en").location
    for page in ("/requests", path):
        assert "30 days left" in officer.get(page).text

    house.clock.pass_by(days=33)
    officer = house.person("officer")
    for page in ("/requests", path):
        text = officer.get(page).text
        assert '<span class="chip bad">overdue by 3 days</span>' in text
        assert "23 Dec 2026" in text


def test_a_request_is_given_to_whoever_may_answer_it(house: House) -> None:
    """The officer gives a request to somebody who may answer requests; the list shows with whom each is."""
    officer = house.person("officer")
    path = officer.post("/requests", right="erasure", number="030 901820", language="en").location
    (offered,) = re.findall(r'<select name="to">.*?</select>', officer.get(path).text)
    assert re.findall(r"<option[^>]*>(.*?)</option>", offered) == ["officer"]
    assert "nobody yet" in officer.get(path).text

    assert officer.post(path, do="assign", to="nobody").status_code == 400
    assert officer.post(path, do="assign", to="officer").status_code == 303
    assert "nobody yet" not in officer.get(path).text
    assert '<td data-label="With">officer</td>' in officer.get("/requests").text
    assert house.told("request-assigned")[-1]["user"] == "officer"


def test_a_letter_is_offered_in_every_language_there_is(house: House) -> None:
    """Whoever takes a request chooses among the languages of the letters, by their own names."""
    officer = house.person("officer")
    page = officer.get("/requests").text
    (offered,) = re.findall(r'<select name="language".*?</select>', page)
    named = dict(re.findall(r'<option value="(\w+)"[^>]*>(.*?)</option>', offered))
    assert sorted(named) == sorted(LETTERS)
    assert all(name != code for code, name in named.items()) and named["pl"] == "Polski"

    refused = officer.post("/requests", right="erasure", number="bananas", language="fr")
    assert refused.status_code == 400 and '<option value="fr" selected>' in refused.text
    taken = officer.post("/requests", right="erasure", number="030 901820", language="fr")
    officer.post(taken.location, do="identify", how="callback")
    done = officer.post(taken.location, do="fulfil").text
    assert "effacement (art. 17 RGPD)" in done and "effacés" in done


def test_a_request_by_receipt_or_reference_names_their_recordings(house: House) -> None:
    """What a caller heard or a ticket names leads to the recording, and stands in no page afterwards."""
    officer, call = house.person("officer"), house.register.recording("rsales001").call
    code = with_check("123456789")
    house.register.add_receipt(call, INDEX.blind("calls.receipt", code))
    house.register.set_reference(call, INDEX.blind("calls.reference", "t-4711"), house.clock.now())

    for form in ({"receipt": code}, {"reference": "T-4711"}, {"receipt": code, "reference": "t-4711"}):
        taken = officer.post("/requests", right="access", language="en", **form)
        assert taken.status_code == 303
        page = officer.get(taken.location).text
        assert "rsales001" in page and code not in page and "4711" not in page
    for form in ({"receipt": "1"}, {"reference": "T-9999"}, {"receipt": with_check("000000000")}):
        assert officer.post("/requests", right="access", language="en", **form).status_code == 400
    assert len(house.register.requests()) == 3


@pytest.mark.parametrize(
    "form", [{"right": "erasure"}, {"right": "x", "number": NUMBER}, {"right": "erasure", "number": "1"}]
)
def test_a_request_about_nothing_is_refused(house: House, form: dict[str, str]) -> None:
    """Without a right, a number or a recording nothing is taken."""
    assert house.person("officer").post("/requests", language="en", **form).status_code == 400
    assert house.register.requests() == []


# --- documents


@pytest.mark.parametrize(("form", "begins"), [("md", b"#"), ("html", b"<!"), ("pdf", b"%PDF-")])
def test_documents_are_handed_out_as_files(house: House, form: str, begins: bytes) -> None:
    """A document comes as a file, never as a page of ours; one that there is not is not found."""
    visitor = house.person("officer")
    answer = visitor.get(f"/documents/file?kind=record&language=en&as={form}")
    assert answer.data.lstrip().startswith(begins)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="record-en.{form}"'
    assert visitor.get("/documents/file?kind=notice&language=en&line=sales&as=md").status_code == 200
    for query in (
        "kind=notice&language=en&line=nowhere",
        "kind=x",
        "kind=record&language=../x",
        "kind=breach&language=en",
    ):
        assert visitor.get(f"/documents/file?{query}").status_code == 404
