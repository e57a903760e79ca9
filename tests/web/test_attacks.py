"""Attacks on the page as strangers, people who were shut out, and people with too little right try them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from werkzeug.test import TestResponse

from asterisk_gdpr.adapters.register import open_register, upgrade
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.ports import Alarm
from asterisk_gdpr_web.guard import RIGHTS, Right
from tests.playback.world import NOON, NUMBER
from tests.web.house import PASSWORD, SETTINGS, House, Visitor
from tests.web.test_people import enrolled
from tests.web.test_rights import ROUTES, Route

CLOSED = [name for name in ROUTES if RIGHTS[name] is not Right.PUBLIC]
OPEN_TO_HALF = {name for name, right in RIGHTS.items() if right is Right.HALFWAY}
COOKIE = "asterisk-gdpr"
HOLD = {"case": "LG-1", "ground": "legal-claims", "why": "x", "until": "2026-12-31"}
EVIL = (
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "' OR '1'='1",
    "x'; DROP TABLE recordings; --",
    "../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "a\r\nSet-Cookie: evil=1",
    "\0",
    "\ud7ff\ufffd\u202e",
    "%s%n{0.__class__}",
    "9" * 400,
    "-1",
    "[]",
)


def send(visitor: Visitor, route: Route, **more: str) -> TestResponse:
    """The request of a route, with a form token that fits the visitor."""
    if route.method == "GET":
        return visitor.get(route.path)
    return visitor.post(route.path, **{**route.form, **more})


def _none(house: House) -> Visitor:
    return house.visitor()


def _made_up(house: House) -> Visitor:
    visitor = house.visitor()
    visitor.client.set_cookie(COOKIE, "A" * 43)
    return visitor


def _expired(house: House) -> Visitor:
    visitor = house.person("officer")
    visitor.token()
    house.clock.pass_by(minutes=30)
    return visitor


def _replayed(house: House) -> Visitor:
    """The cookie of a session that its person has ended."""
    visitor = house.person("officer")
    cookie = visitor.client.get_cookie(COOKIE)
    assert cookie
    visitor.post("/sign-out")
    visitor.client.set_cookie(COOKIE, cookie.value)
    return visitor


def _disabled(house: House) -> Visitor:
    visitor = house.person("officer")
    visitor.token()
    house.accounts.disable("officer")
    return visitor


def _reset(house: House) -> Visitor:
    """Whoever has stolen a session loses it when its person is given another password."""
    visitor = house.person("officer")
    visitor.token()
    house.accounts.reset("officer", "admin")
    return visitor


def _another(house: House) -> Visitor:
    """A cookie that is nearly right."""
    visitor = house.person("officer")
    visitor.token()
    cookie = visitor.client.get_cookie(COOKIE)
    assert cookie
    visitor.client.set_cookie(COOKIE, cookie.value[:-1] + ("A" if cookie.value[-1] != "A" else "B"))
    return visitor


@pytest.mark.parametrize("session", [_none, _made_up, _expired, _replayed, _disabled, _reset, _another])
def test_no_route_opens_without_a_living_session(house: House, session: Callable[[House], Visitor]) -> None:
    """None, made-up, expired, ended or stolen: every route leads to the sign-in, and nothing is done."""
    visitor = session(house)
    house.register.raise_alarm(Alarm("disk-full", "vault", NOON, "The vault is full."))
    before = house.kinds()
    for name in CLOSED:
        answer = send(visitor, ROUTES[name])
        assert answer.status_code in (303, 401), name
        assert answer.status_code == 401 or answer.location.startswith("/sign-in"), name
        assert "rsales001" not in answer.text.replace("/recordings/rsales001", ""), name
    assert house.kinds() == before


def test_no_route_opens_to_who_owes_the_code(house: House) -> None:
    """With the password alone every route leads to the code, and nothing is done."""
    enrolled(house, "officer")
    visitor = house.visitor()
    visitor.post("/sign-in", name="officer", password=PASSWORD)
    before = house.kinds()
    for name in CLOSED:
        if name not in OPEN_TO_HALF:
            answer = send(visitor, ROUTES[name])
            assert (answer.status_code, answer.location) == (303, "/sign-in/code"), name
    assert house.kinds() == before


def test_no_other_method_opens_what_a_route_closes(house: House) -> None:
    """HEAD, OPTIONS, a method that is overridden or unknown: no way around the sign-in."""
    client = house.visitor().client
    for name in CLOSED:
        path = ROUTES[name].path
        for method in ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"):
            answer = client.open(path, method=method, headers={"X-HTTP-Method-Override": "GET"})
            assert answer.status_code in (303, 401, 405, 501), (name, method)
            assert answer.status_code != 200


def test_a_session_that_was_planted_is_not_taken_over(house: House) -> None:
    """Who plants a cookie in somebody's browser has no session once they have signed in."""
    visitor = house.visitor()
    visitor.client.set_cookie(COOKIE, "planted")
    visitor.post("/sign-in", name="quality", password=PASSWORD)
    cookie = visitor.client.get_cookie(COOKIE)
    assert cookie and cookie.value != "planted"
    thief = house.visitor()
    thief.client.set_cookie(COOKIE, "planted")
    assert thief.get("/recordings").status_code == 303


def test_a_form_token_of_somebody_else_is_worth_nothing(house: House) -> None:
    """Whoever has an account of their own cannot make a form for somebody else with its token."""
    theirs = house.person("agent").token()
    officer = house.person("officer")
    answer = officer.client.post("/lines/switch", data={"csrf_token": theirs, "line": "*", "do": "off"})
    assert answer.status_code == 400
    assert not house.register.switched_off("sales")


# --- what is typed


def ablest(route: Route) -> str:
    """Somebody who may, if anybody may."""
    able = route.allowed or frozenset({"officer"})
    return next(role for role in ("officer", "manager", "admin", "quality", "agent") if role in able)


MORE = (
    *("next", "name", "line", "number", "id", "recordings", "at", "from", "until", "text", "agent"),
    *("version", "how", "ground", "role", "reason"),
)
FIELDS = {
    name: tuple(dict.fromkeys((*route.form, *MORE)))
    for name, route in ROUTES.items()
    if route.method == "POST"
}
QUERY = (
    *("line", "from", "until", "about", "kind", "before", "after", "next", "version", "language", "part"),
    *("as", "choice", "agent", "number", "days", "shown", "at"),
)


@pytest.mark.thorough
@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_no_field_of_any_form_does_harm(house: House, evil: str) -> None:
    """Markup, templates, SQL, paths, line ends: text in every field makes no fault and no header."""
    people: dict[str, Visitor] = {}
    for name, fields in FIELDS.items():
        if name in ("sign_in.end", "sign_in.begin", "vault.lock", "lines.switch"):
            continue  # they end what the others need
        role = ablest(ROUTES[name])
        if role not in people:
            people[role] = house.person(role)
        visitor = people[role]
        answer = visitor.post(ROUTES[name].path, **dict.fromkeys(fields, evil))
        assert answer.status_code < 500, name
        assert "evil" not in answer.headers.get("Set-Cookie", ""), name
        assert "<script>alert" not in answer.text and ">49<" not in answer.text and "root:" not in answer.text
        assert not answer.headers.get("Location", "/").startswith(("//", "http", "\\")), name
    assert house.register.recording("rsales001").state is State.SEALED


@pytest.mark.thorough
@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_no_part_of_any_address_does_harm(house: House, evil: str) -> None:
    """In every place of every path, and behind the question mark: not there, or refused, and nothing else."""
    officer = house.person("officer")
    for rule in house.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static" or rule.endpoint.startswith("api."):
            continue
        built = rule.build(dict.fromkeys(rule.arguments, evil), append_unknown=False)
        where = built[1] if built else rule.rule
        answer = officer.client.get(where, query_string=dict.fromkeys(QUERY, evil), buffered=True)
        assert answer.status_code < 500, rule.rule
        assert not rule.arguments or answer.status_code in (303, 400, 401, 403, 404, 405), rule.rule
        assert "<script>alert" not in answer.text and ">49<" not in answer.text and "root:" not in answer.text
        assert "evil" not in repr(answer.headers), rule.rule


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/%2e%2e/settings.py", "/static//etc/passwd"],
)
def test_nothing_but_what_is_static_is_served(house: House, path: str) -> None:
    """No way leads out of the folder of style sheets and scripts."""
    answer = house.visitor().get(path)
    assert answer.status_code in (303, 308, 404) and "import" not in answer.text


@pytest.fixture
def real(tmp_path: Path) -> Iterator[House]:
    """A house over a real database."""
    url = f"sqlite:///{tmp_path / 'register.db'}"
    upgrade(url)
    register = open_register(url, ZoneInfo("Europe/Berlin"))
    house = House(register=register)  # type: ignore[arg-type]
    house.seal("sales001", purposes=("quality", "disputes"))
    house.seal("support01", line="support")
    house.unlock()
    yield house
    register.close()


@pytest.mark.thorough
@pytest.mark.parametrize(
    "evil", ["' OR '1'='1", "x'); DROP TABLE recordings; --", "%", "_%", "\\", "\0", "1 UNION SELECT 1"]
)
def test_no_text_is_a_statement_to_a_real_database(real: House, evil: str) -> None:
    """What is searched for is a value to SQLite too: it finds, widens and destroys nothing."""
    officer = real.person("officer")
    for name in ("line", "choice", "purpose", "agent"):
        found = officer.client.get("/recordings", query_string={name: evil})
        assert found.status_code in (200, 400)
        assert "/recordings/rsales001" not in found.text and "/recordings/rsupport01" not in found.text
    for name in ("about", "kind"):
        found = officer.client.get("/ledger", query_string={name: evil})
        assert found.status_code == 200 and "It was sealed and signed</td>" not in found.text
    for form in ({"number": evil}, {"receipt": evil}, {"reference": evil}):
        answer = officer.post("/recordings/search", **form)
        assert answer.status_code in (303, 400)
        if answer.status_code == 303:
            assert "/recordings/r" not in officer.get(answer.location).text.replace("/recordings/rsearch", "")
    officer.post("/requests", right="erasure", recordings=evil, language="en", asked=evil)
    officer.post("/holds", recordings=evil, case=evil, ground="legal-claims", why=evil, until="2030-01-01")
    officer.post("/agents", do="add", agent=f"PJSIP/{evil}", version=evil)
    real.person("admin").post("/people", name=evil, role="quality", line=evil)
    stranger = real.visitor()
    assert stranger.post("/sign-in", name=evil, password=evil).status_code == 401
    assert real.register.recording("rsales001").state is State.SEALED
    assert len(real.register.users()) == len(real.accounts.users()) == 8


# --- around the page


def test_forged_addresses_do_not_buy_more_guesses(house: House) -> None:
    """Behind a proxy the address that the proxy saw counts, whatever the visitor wrote before it."""
    app = house.page(dataclasses.replace(SETTINGS, proxies=1))
    for n in range(21):
        guesser = house.visitor(app)
        form = {"csrf_token": guesser.token(), "name": f"name{n}", "password": "x"}
        said = {"X-Forwarded-For": f"192.0.2.{n}, 198.51.100.7", "X-Real-IP": f"192.0.2.{n}"}
        answer = guesser.client.post("/sign-in", data=form, headers=said)
    assert answer.status_code == 429


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_forged_host_makes_no_address(house: House, proxies: int) -> None:
    """No answer is built under a name that is not ours, whichever header says it; nor by a scheme."""
    client = house.visitor(house.page(dataclasses.replace(SETTINGS, proxies=proxies))).client
    for headers in (
        {"Host": "evil.example"},
        {"Host": "localhost:80@evil.example"},
        {"Host": "localhost.evil.example"},
        {"Host": "evil.example", "X-Forwarded-Host": "localhost"}
        if not proxies
        else {"Host": "evil example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
        {"Forwarded": "host=evil.example;proto=https"},
    ):
        answer = client.get("/recordings", headers=headers)
        assert "evil" not in answer.headers.get("Location", "") + answer.text
        assert answer.status_code in (303, 400)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/%0d%0aLocation:%20https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        " //evil.example",
        "/\u2028/evil.example",
    ],
)
def test_the_sign_in_leads_nowhere_else(house: House, elsewhere: str) -> None:
    """Whatever a link to the sign-in says, one ends within the page; also at the code and at the vault."""
    answers = [
        house.visitor().post("/sign-in", name="quality", password=PASSWORD, next=elsewhere),
        house.person("quality").client.get("/sign-in", query_string={"next": elsewhere}),
        house.person("quality").client.get("/sign-in/code", query_string={"next": elsewhere}),
        house.visitor().post("/look", look="dark", next=elsewhere),
    ]
    for answer in answers:
        assert answer.status_code == 303
        assert answer.location.startswith("/") and not answer.location.startswith(("//", "/\\"))
        assert "\n" not in answer.location and "\t" not in answer.location
    shown = house.visitor().client.get("/sign-in", query_string={"next": elsewhere}).text
    assert f'value="{elsewhere}"' not in shown or elsewhere.startswith("/%0d")


# --- twice


def test_what_is_sent_twice_is_done_once(house: House) -> None:
    """A form that is sent again after the first answer was lost does no second deed, and says so."""
    house.seal("sales002", purposes=("quality", "disputes"))
    officer, quality = house.person("officer"), house.reviewer()
    for _ in range(2):
        assert officer.post("/recordings/rsales002/erase", reason="requested").status_code in (200, 410)
    assert house.kinds().count("keys-destroyed") <= 1
    for _ in range(2):
        officer.post("/never", do="add", number=NUMBER, review="2027-01-01")
    assert len(house.register.nevers()) == 1
    officer.post("/holds", recordings="rsales001", **HOLD)
    (placed,) = house.register.holds()
    assert [officer.post("/holds/lift", hold=placed.id).status_code for _ in range(2)] == [303, 400]
    quality.get("/recordings/rsales001/audio")
    given = {"form": "service", "points.greeting": "4", "points.solution": "3"}
    assert [quality.post("/recordings/rsales001/evaluations", **given).status_code for _ in range(2)] == [
        303,
        400,
    ]
    path = officer.post("/requests", right="erasure", number=NUMBER, language="en").location
    officer.post(path, do="identify", how="callback")
    assert [officer.post(path, do="fulfil").status_code for _ in range(2)] == [200, 400]


# --- the lines of others


@pytest.fixture
def limited(house: House) -> House:
    """People whose line is support, in a house with a recording of sales."""
    house.seal("support01", line="support")
    for role in ("officer", "manager", "supervisor", "quality", "auditor"):
        house.accounts.change(role, [role], ["support"])
    return house


def test_no_form_reaches_a_recording_of_another_line(limited: House) -> None:
    """An id of another line's recording in any form, path or interface is as one that never was."""
    officer, manager = limited.person("officer"), limited.reviewer("manager", "disputes")
    assert officer.post("/holds", recordings="rsupport01 rsales001", **HOLD).status_code == 404
    assert limited.register.holds() == []
    assert officer.post("/requests", right="access", language="en", recordings="rsales001").status_code == 404
    assert limited.register.requests() == []
    for visitor in (officer, manager):
        for path in ("", "/erase", "/proof", "/audio", "/evaluations"):
            assert visitor.get(f"/recordings/rsales001{path}").status_code in (403, 404), path
        for path in ("erase", "restrict", "lift", "export", "redact", "part", "marks", "clips", "approval"):
            answer = visitor.post(f"/recordings/rsales001/{path}", reason="requested", at="0:01")
            assert answer.status_code in (403, 404), path
    assert limited.register.recording("rsales001").state is State.SEALED


def test_a_request_about_other_lines_waits_for_who_has_them(limited: House) -> None:
    """A request reaches all recordings of its person: who has not all their lines does not carry it out."""
    requests = limited.app.extensions["asterisk-gdpr"].services.office.requests
    request = requests.open("access", by="admin", number=NUMBER)
    officer = limited.person("officer")
    officer.post(f"/requests/{request.id}", do="identify", how="callback")
    for do in ("package", "fulfil"):
        form = {"do": do, "voices": "both", "passphrase": "correct horse battery"}
        answer = officer.post(f"/requests/{request.id}", **form)
        assert answer.status_code == 403 and "other lines" in answer.text
    assert limited.told("given") == []


def test_nobody_rules_over_the_lines_of_others(limited: House) -> None:
    """Who has one line switches no other, and none of the whole house; the same holds for the never list."""
    manager = limited.person("manager")
    for line in ("sales", "*"):
        assert manager.post("/lines/switch", line=line, do="off").status_code == 403
        assert not limited.register.switched_off("sales")
    assert manager.post("/lines/switch", line="support", do="off").status_code == 303
    review = {"number": NUMBER, "review": "2027-01-01"}
    assert manager.post("/never", do="add", line="sales", **review).status_code == 403
    assert manager.post("/never", do="add", **review).status_code == 403
    assert manager.post("/never", do="add", line="support", **review).status_code == 303
    never = limited.app.extensions["asterisk-gdpr"].services.office.never
    other = never.add(NUMBER, limited.register.nevers()[0].review_at, "sales")
    for do in ("remove", "review"):
        assert manager.post("/never", do=do, entry=other.id).status_code == 403
    manager.post("/never", do="remove-number", number=NUMBER)
    assert [entry.line for entry in limited.register.nevers()] == ["sales"]


def test_a_hold_over_other_lines_is_lifted_by_who_has_them(limited: House) -> None:
    """Who cannot see a recording cannot end what keeps it."""
    limited.accounts.change("officer", ["officer"], [])
    officer = limited.person("officer")
    officer.post("/holds", recordings="rsales001", **HOLD)
    (placed,) = limited.register.holds()
    limited.accounts.change("officer", ["officer"], ["support"])
    assert officer.post("/holds/lift", hold=placed.id).status_code == 404
    assert len(limited.register.holds()) == 1
