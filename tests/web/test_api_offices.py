"""Programs do what the offices do: requests, holds, the never list, agents, lines, keys, people, ledger."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from asterisk_gdpr.core.requests import Status
from asterisk_gdpr.service.people.tokens import Scope
from tests.playback.world import NUMBER
from tests.web.house import House
from tests.web.test_api_work import ONE, Program, told
from tests.web.test_package import SAID, by_passphrase

REQUESTS = "/api/v1/requests"
HOLDS = "/api/v1/holds"
SEARCH = "/api/v1/recordings/search"
HELD = {
    "recordings": ["rsales001"],
    "case": "LG-1",
    "ground": "legal-claims",
    "why": "They sue.",
    "until": "2026-12-31",
}


def ids(answer: Any) -> list[str]:
    """The recordings of an answer."""
    return [each["id"] for each in answer.get_json()["recordings"]]


# --- finding


def test_a_program_finds_by_what_stands_in_no_address(house: House) -> None:
    """By number, reference and call, narrowed by line and time; the ledger has that, and never what."""
    house.seal("support01", line="support", number="+4930901821")
    program = Program(house, "supervisor")
    assert ids(program.post(SEARCH, number=NUMBER)) == ["rsales001"]
    assert ids(program.post(SEARCH, number="+49 30 901821")) == ["rsupport01"]
    assert ids(program.post(SEARCH, number="+49 30 901821", line="sales")) == []
    assert ids(program.post(SEARCH, call="csales001")) == ids(program.post(SEARCH, call="sales001.1"))
    assert ids(program.post(SEARCH, call="nobody")) == []
    assert ids(program.post(SEARCH, since="2026-11-23T12:00:01Z")) == []
    assert program.post(f"{ONE}/reference", reference="T-4711").status_code == 200
    assert ids(program.post(SEARCH, reference="t-4711")) == ["rsales001"]
    assert house.told("number-searched") == [{"user": "supervisor"}] * 3
    assert house.told("reference-searched") == [{"user": "supervisor"}]
    assert "4711" not in repr([entry.payload for entry in house.register.entries()])


def test_a_program_finds_what_its_person_may_know_of(house: House) -> None:
    """Other lines and other purposes are not found, and an auditor looks for no number."""
    house.seal("support01", line="support", number=NUMBER)
    house.accounts.change("supervisor", ["supervisor"], ["support"])
    assert ids(Program(house, "supervisor").post(SEARCH, number=NUMBER)) == ["rsupport01"]
    assert ids(Program(house, "compliance").post(SEARCH, number=NUMBER)) == []
    refused = Program(house, "auditor").post(SEARCH, number=NUMBER)
    assert (refused.status_code, told(refused)["error"]) == (400, "no-numbers")
    assert "number-searched" not in [entry.kind for entry in list(house.register.entries())[-1:]]


def test_nobody_refers_to_what_they_may_not_know_of(house: House) -> None:
    """A reference is written by who may know of the recording; an auditor and an admin change nothing."""
    assert Program(house, "compliance").post(f"{ONE}/reference", reference="T-1").status_code == 404
    for role in ("auditor", "admin", "agent"):
        assert Program(house, role).post(f"{ONE}/reference", reference="T-1").status_code == 403
    assert "reference-set" not in house.kinds()


# --- what is sent


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        (SEARCH, {"nummber": NUMBER}),
        (SEARCH, {"limit": "5"}),
        (SEARCH, {"limit": 101}),
        (SEARCH, {"since": "yesterday"}),
        (SEARCH, {"since": "2026-11-23T10:00:00"}),
        (SEARCH, {"line": "a\0b"}),
        (SEARCH, {"line": "\ud800"}),
        (REQUESTS, {"number": NUMBER}),
        (REQUESTS, {"right": "everything", "number": NUMBER}),
        (REQUESTS, {"right": "access", "recordings": ["../x"]}),
        (REQUESTS, {"right": "access", "recordings": "rsales001"}),
        (HOLDS, {**HELD, "until": "2026-13-01"}),
        (HOLDS, {**HELD, "until": 5}),
        (HOLDS, {**HELD, "recordings": []}),
        ("/api/v1/lines/switch", {"line": "sales", "on": "off"}),
        ("/api/v1/lines/switch", {"line": "sales", "on": 0}),
        (REQUESTS + "?status=all", {"right": "access", "number": NUMBER}),
    ],
)
def test_what_is_not_described_is_refused(house: House, path: str, sent: dict[str, object]) -> None:
    """A name, a kind or a form that the description does not have changes nothing, and is told by name."""
    officer = Program(house, "officer")
    before = house.kinds()
    answer = officer.post(path, **sent)
    assert answer.status_code == 400
    assert told(answer)["error"] in ("not-as-described", "unknown-parameter")
    assert NUMBER not in answer.text
    assert house.kinds() == before


def test_every_refusal_has_one_shape(house: House) -> None:
    """Whatever it is, a program is told an id, what is wrong and what to do next, as JSON."""
    officer = Program(house, "officer")
    for answer in (
        officer.get("/api/v1/nothing"),
        officer.get("/api/v1/recordings/rnever"),
        officer.post("/api/v1/token"),
        officer.get("/api/v1/recordings?limit=0"),
        house.app.test_client().get("/api/v1/token"),
        Program(house, "agent").get(REQUESTS),
    ):
        assert answer.status_code >= 400
        assert set(told(answer)) == {"error", "message", "hint"}
        assert told(answer)["error"] and told(answer)["message"]


# --- requests


def test_a_repeat_opens_one_request(house: House) -> None:
    """Under the same key it is the same request, as it is now; for something else the key is refused."""
    officer = Program(house, "officer")
    asked = {"right": "erasure", "number": NUMBER}
    first = told(officer.once("ticket-4711", REQUESTS, **asked))
    assert told(officer.once("ticket-4711", REQUESTS, **asked))["request"] == first["request"]
    for other in ({"right": "access", "number": NUMBER}, {"right": "erasure", "number": "+4930901821"}):
        refused = officer.once("ticket-4711", REQUESTS, **other)
        assert (refused.status_code, told(refused)["error"]) == (409, "key-used")
    assert told(officer.once("ticket-4712", REQUESTS, **asked))["request"] != first["request"]
    assert len(house.register.requests()) == 2
    assert officer.once("x" * 101, REQUESTS, **asked).status_code == 400
    assert "4711" not in repr(house.register._held) + repr(list(house.register.entries()))


def test_a_program_takes_a_request_to_its_letter(house: House) -> None:
    """Opened, planned, identified, carried out; the letter comes once, and then it is closed."""
    officer = Program(house, "officer")
    one = f"{REQUESTS}/{told(officer.post(REQUESTS, right='erasure', number=NUMBER))['request']}"
    early = officer.post(f"{one}/fulfil")
    assert (early.status_code, told(early)["error"]) == (400, "not-identified")
    assert told(officer.get(one))["plan"][0]["result"] == "erased"
    assert told(officer.post(f"{one}/extend", why="Many."))["extended_at"]
    assert told(officer.post(f"{one}/assign", to="officer"))["assigned_to"] == "officer"
    assert told(officer.post(f"{one}/identify", how="callback"))["identity"] == "callback"
    done = told(officer.post(f"{one}/fulfil"))
    assert (done["status"], done["results"][0]["result"]) == ("fulfilled", "erased")
    assert "Example Energy" in done["letter"]
    again = officer.post(f"{one}/fulfil")
    assert (again.status_code, told(again)["error"]) == (409, "request-closed")
    assert told(officer.get(f"{REQUESTS}?status=open"))["requests"] == []
    assert len(told(officer.get(f"{REQUESTS}?status=all"))["requests"]) == 1


def test_what_a_person_wrote_is_taken_and_not_told(house: House) -> None:
    """Words and contact of a request are in its register and letter, and in no answer about it."""
    officer = Program(house, "officer")
    sent = {"right": "access", "number": NUMBER, "contact": "Erika, +4915112345678", "asked": "All of it."}
    opened = officer.post(REQUESTS, **sent)
    one = f"{REQUESTS}/{told(opened)['request']}"
    for answer in (opened, officer.get(one), officer.get(REQUESTS)):
        assert "Erika" not in answer.text and "All of it" not in answer.text
    assert house.register.requests()[0].contact == "Erika, +4915112345678"


@pytest.mark.thorough
def test_a_program_hands_out_the_copies(house: House) -> None:
    """As at the page: one age file, opened by its passphrase alone, and only then the request closes."""
    officer = Program(house, "officer")
    one = f"{REQUESTS}/{told(officer.post(REQUESTS, right='access', number=NUMBER))['request']}"
    officer.post(f"{one}/identify", how="account")
    assert told(officer.post(f"{one}/fulfil"))["error"] == "no-package"
    given = officer.post(f"{one}/package", voices="caller", passphrase=SAID)
    with zipfile.ZipFile(io.BytesIO(by_passphrase(given.data))) as kept:
        assert json.loads(kept.read("data.json"))["voices"] == "caller"
    assert told(officer.post(f"{one}/fulfil"))["status"] == "fulfilled"


def test_a_token_that_opens_requests_answers_none(house: House) -> None:
    """The ticket system's token takes requests, and neither reads nor carries out any."""
    program = Program(house, "officer", Scope.OPEN_REQUESTS)
    one = f"{REQUESTS}/{told(program.post(REQUESTS, right='erasure', number=NUMBER))['request']}"
    assert program.get(one).status_code == 403
    assert program.post(f"{one}/identify", how="callback").status_code == 403
    assert program.post(f"{one}/fulfil").status_code == 403
    assert house.register.requests()[0].status is Status.OPEN


def test_a_program_answers_no_request_about_other_lines(house: House) -> None:
    """Whoever has only some lines is not the one for a request that reaches others, by REST either."""
    officer = Program(house, "officer")
    one = f"{REQUESTS}/{told(officer.post(REQUESTS, right='erasure', number=NUMBER))['request']}"
    officer.post(f"{one}/identify", how="callback")
    house.accounts.change("officer", ["officer"], ["support"])
    refused = officer.post(f"{one}/fulfil")
    assert (refused.status_code, told(refused)["error"]) == (403, "not-your-line")


# --- holds and the never list


def test_a_repeat_places_one_hold(house: House) -> None:
    """Under the same key it is the same hold; it keeps what would be erased until it is lifted."""
    officer = Program(house, "officer")
    first = told(officer.once("case-1", HOLDS, **HELD))
    assert told(officer.once("case-1", HOLDS, **HELD)) == first
    assert told(officer.once("case-1", HOLDS, **{**HELD, "case": "LG-2"}))["error"] == "key-used"
    assert first["until"] == "2026-12-31T23:00:00.000000Z"
    assert told(officer.post(f"{ONE}/erase", reason="requested"))["result"] == "held"
    assert [each["hold"] for each in told(officer.get(HOLDS))["holds"]] == [first["hold"]]
    lifted = told(officer.post(f"{HOLDS}/{first['hold']}/lift"))
    assert lifted["ended_at"] is not None
    assert officer.post(f"{HOLDS}/{first['hold']}/lift").status_code == 409
    assert told(officer.get(HOLDS))["holds"] == []
    assert len(told(officer.get(f"{HOLDS}?status=all"))["holds"]) == 1


def test_a_program_keeps_the_never_list(house: House) -> None:
    """Twice put on is one entry; it is told without its number, looked at, and taken off."""
    program, never = Program(house, "supervisor"), "/api/v1/never"
    added = told(program.post(never, number=NUMBER, review="2027-11-01"))
    again = told(program.post(never, number="0049 30 901820", review="2027-12-01"))
    assert added["entry"] == again["entry"] and added["line"] is None
    listed = program.get(never)
    assert NUMBER[3:] not in listed.text and len(told(listed)["entries"]) == 1
    looked_at = told(program.post(f"{never}/{added['entry']}/review", review="2028-01-01"))
    assert looked_at["review_at"].startswith("2028-01-01")
    assert told(program.post(f"{never}/remove", number=NUMBER)) == {"removed": 1}
    assert told(program.post(f"{never}/remove", number=NUMBER)) == {"removed": 0}
    assert program.post(f"{never}/{added['entry']}/remove").status_code == 404
    assert {entry["user"] for entry in house.told("never-added")} == {"supervisor"}


def test_no_program_rules_over_the_lines_of_others(house: House) -> None:
    """Entries and switches of other lines, and of all of them, are not for who has only some."""
    entry = told(Program(house, "officer").post("/api/v1/never", number=NUMBER, review="2027-11-01"))["entry"]
    house.accounts.change("manager", ["manager"], ["support"])
    program = Program(house, "manager")
    for path, sent in (
        ("/api/v1/never", {"number": NUMBER, "review": "2027-11-01", "line": "sales"}),
        (f"/api/v1/never/{entry}/remove", {}),
        ("/api/v1/lines/switch", {"line": "*", "on": False}),
        ("/api/v1/lines/switch", {"line": "sales", "on": False}),
    ):
        answer = program.post(path, **sent)
        assert (answer.status_code, told(answer)["error"]) == (403, "not-your-line"), path
    assert told(program.post("/api/v1/lines/switch", line="support", on=False))["on"] is False


# --- agents, lines, documents, people, keys, ledger


def test_a_consent_that_is_recorded_twice_keeps_its_day(house: House) -> None:
    """The same version once more changes nothing; a withdrawal does, and a new consent is a new one."""
    program, agents = Program(house, "manager"), "/api/v1/agents"
    one = f"{agents}/{told(program.post(agents, endpoint='PJSIP/anna', version='1'))['agent']}"
    assert program.post(agents, endpoint="PJSIP/anna", version="1").status_code == 409
    first = told(program.post(f"{one}/consent", version="1"))
    house.clock.pass_by(days=3)
    assert told(program.post(f"{one}/consent", version="1")) == first
    assert told(program.post(f"{one}/consent", version="2"))["at"] > first["at"]
    assert told(program.post(f"{one}/withdraw"))["standing"] == "withdrawn"
    assert program.post(f"{one}/withdraw").status_code == 409
    assert told(program.post(f"{one}/consent", version="2"))["withdrawn_at"] is None
    assert told(program.get(agents))["agents"][0]["standing"] == "consented"
    assert told(program.post(f"{one}/remove"))["standing"] == "removed"
    assert told(program.get(agents))["agents"] == []


def test_a_program_sees_which_user_an_agent_is(house: House) -> None:
    """The assignment of an account to an agent is told to who reads agents."""
    program, agents = Program(house, "supervisor"), "/api/v1/agents"
    agent = told(program.post(agents, endpoint="PJSIP/anna", version="1"))["agent"]
    house.accounts.change("agent", ["agent"], [], agent)
    assert told(program.get(agents))["agents"][0]["user"] == "agent"


def test_a_program_reads_and_explains_lines(house: House) -> None:
    """Rules, state and explanation as at the page; the number of a question is kept nowhere."""
    program = Program(house, "admin")
    program.post("/api/v1/lines/switch", line="sales", on=False)
    lines = {each["line"]: each for each in told(program.get("/api/v1/lines"))["lines"]}
    assert lines["sales"]["switched_off"] and not lines["support"]["switched_off"]
    explained = told(program.post("/api/v1/lines/explain", line="sales", caller=NUMBER))
    assert explained["outcomes"] == ["unavailable"]
    assert program.post("/api/v1/lines/explain", line="nowhere").status_code == 400
    assert NUMBER not in repr([entry.payload for entry in house.register.entries()])


def test_a_program_takes_documents(house: House) -> None:
    """What should be published is told with its version, and each is handed out."""
    program = Program(house, "auditor")
    listed = told(program.get("/api/v1/documents"))["documents"]
    notice = next(each for each in listed if each["line"] == "sales" and each["language"] == "en")
    assert notice["published"] is None and notice["version"] and not notice["outdated"]
    path = "/api/v1/documents/file?document=notice&line=sales&language=en"
    assert "Example Energy" in program.get(path).text
    assert program.get(path + "&as=pdf").data[:5] == b"%PDF-"
    assert program.get(path.replace("sales", "nowhere")).status_code == 404


def test_a_program_shuts_out_and_lets_nobody_in(house: House) -> None:
    """Who is shut out is out at once, with their tokens; nobody shuts out themselves."""
    admin, quality = Program(house, "admin"), Program(house, "quality")
    assert quality.get(ONE).status_code == 200
    assert told(admin.post("/api/v1/people/shut-out", name="quality"))["disabled_at"]
    assert quality.get(ONE).status_code == 401
    assert told(admin.post("/api/v1/people/shut-out", name="admin"))["error"] == "own-account"
    everybody = {each["name"]: each for each in told(admin.get("/api/v1/people"))["people"]}
    assert everybody["quality"]["disabled_at"] and "password" not in repr(everybody)


def test_a_program_locks_and_never_unlocks(house: House) -> None:
    """It tells how the keys stand and locks the vault; no route for programs takes its passphrase."""
    program = Program(house, "admin")
    assert told(program.get("/api/v1/keys"))["unlocked"] is True
    assert told(program.post("/api/v1/keys/lock")) == {"unlocked": False}
    assert house.told("locked") == [{"user": "admin"}]
    routes = {rule.rule for rule in house.app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert not [rule for rule in routes if "unlock" in rule]


def test_a_program_verifies_the_ledger(house: House) -> None:
    """The chain is verified, searched by time, and read on from where the last page ended."""
    program = Program(house, "auditor")
    verdict = told(program.post("/api/v1/ledger/verify"))
    assert verdict["ok"] is True and verdict["reason"] is None
    for _ in range(120):
        house.register.record("viewed", {"user": "quality", "recording": "rsales001"}, house.clock.now())
    page = told(program.get("/api/v1/ledger"))
    assert len(page["entries"]) == 100
    rest = told(program.get(f"/api/v1/ledger?before={page['before']}"))
    assert rest["entries"][0]["seq"] == page["before"] - 1
    assert told(program.get("/api/v1/ledger?since=2030-01-01T00:00:00Z"))["entries"] == []
    assert program.get("/api/v1/ledger?since=yesterday").status_code == 400


def test_lists_go_page_by_page(house: House) -> None:
    """Each entry once; what goes on after nothing, or is no length, is refused."""
    program = Program(house, "officer")
    for n in range(5):
        program.post("/api/v1/agents", endpoint=f"PJSIP/a{n}", version="1")
    path, seen = "/api/v1/agents?limit=2", []
    while path:
        page = told(program.get(path))
        seen += [each["endpoint"] for each in page["agents"]]
        path = f"/api/v1/agents?limit=2&after={page['after']}" if page["after"] else ""
    assert sorted(seen) == [f"PJSIP/a{n}" for n in range(5)]
    for query in ("limit=0", "limit=x", "after=nobody"):
        assert program.get(f"/api/v1/agents?{query}").status_code == 400


def test_a_token_tells_its_own_facts(house: House) -> None:
    """Whose it is, for what, until when; without a scope of its own, and never its secret."""
    program = Program(house, "supervisor", Scope.READ_STATUS)
    facts = told(program.get("/api/v1/token"))
    assert (facts["user"], facts["scopes"], facts["roles"]) == ("supervisor", ["status:read"], ["supervisor"])
    assert facts["token"] == house.register.tokens("supervisor")[0].id
    assert "agdpr_" not in repr(facts)
