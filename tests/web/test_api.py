"""REST for programs: the same rights, by tokens with scopes and ends, as it is described."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from asterisk_gdpr.core.recording import State
from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web.api.needs import NEEDS
from asterisk_gdpr_web.openapi import description
from tests.playback.world import NUMBER
from tests.web.house import ROLES, House

ALL = list(Scope)


class Call(NamedTuple):
    """A request, its status for those who may, and who they are."""

    method: str
    path: str
    status: int
    allowed: frozenset[str]
    scope: Scope | None
    body: dict[str, object] | None = None
    otherwise: int = 403


EVERYBODY = frozenset(ROLES)
KNOWING = EVERYBODY - {"admin", "agent"}
HEARING = frozenset({"manager", "supervisor", "quality", "compliance"})
QUALITY = frozenset({"quality", "supervisor"})
AGENT = frozenset({"agent"})
ONE = "/api/v1/recordings/rsales001"
MINE = "/api/v1/calls/csales001"
CLIP: dict[str, object] = {"start": 1, "end": 0, "purpose": "quality", "coach": "supervisor", "days": 1}
RULING = frozenset({"admin", "officer", "auditor", "manager", "supervisor"})
OFFICE = frozenset({"officer", "auditor"})
OFFICER = frozenset({"officer"})
LEADING = frozenset({"officer", "manager", "supervisor"})
HOLDING: dict[str, object] = {
    "recordings": ["rsales001"],
    "case": "LG-1",
    "ground": "legal-claims",
    "why": "They sue.",
    "until": "2026-12-31",
}
CALLS = {
    "api.described": Call("GET", "/api/v1/openapi.json", 200, EVERYBODY, None),
    "api.recordings": Call("GET", "/api/v1/recordings", 200, KNOWING, Scope.READ_RECORDINGS),
    "api.recording": Call("GET", ONE, 200, KNOWING - {"compliance"}, Scope.READ_RECORDINGS),
    "api.proof": Call("GET", ONE + "/proof", 200, KNOWING - {"compliance"}, Scope.READ_RECORDINGS),
    "api.own_calls": Call("GET", "/api/v1/calls", 200, AGENT, Scope.STEER),
    "api.steer": Call("POST", MINE + "/set", 404, AGENT, Scope.STEER, {"do": "stop"}),
    "api.mark": Call("POST", MINE + "/marks", 404, AGENT, Scope.STEER, {}),
    "api.refer": Call("POST", MINE + "/reference", 404, AGENT, Scope.STEER, {"reference": "T-1"}),
    "api.evaluations": Call("GET", ONE + "/evaluations", 200, QUALITY, Scope.READ_EVALUATIONS),
    "api.evaluate": Call(
        "POST", ONE + "/evaluations", 400, QUALITY, Scope.EVALUATE, {"form": "service", "points": {}}
    ),
    "api.own_evaluations": Call("GET", "/api/v1/evaluations", 200, AGENT, Scope.READ_EVALUATIONS),
    "api.clips": Call("GET", "/api/v1/clips", 200, HEARING, Scope.READ_CLIPS),
    "api.clip_audio": Call("GET", "/api/v1/clips/l/audio", 404, HEARING, Scope.READ_CLIPS),
    "api.share_clip": Call("POST", ONE + "/clips", 400, QUALITY, Scope.SHARE, CLIP),
    "api.end_clip": Call("POST", "/api/v1/clips/l/end", 404, HEARING, Scope.SHARE),
    "api.audio": Call(
        "GET",
        ONE + "/audio?purpose=quality&reason=complaint",
        200,
        frozenset({"quality", "supervisor"}),
        Scope.LISTEN,
    ),
    "api.ledger": Call("GET", "/api/v1/ledger", 200, frozenset({"officer", "auditor"}), Scope.READ_LEDGER),
    "api.metrics": Call("GET", "/api/v1/metrics", 200, EVERYBODY - {"agent"}, Scope.READ_STATUS),
    "api.status": Call("GET", "/api/v1/status", 200, EVERYBODY - {"agent"}, Scope.READ_STATUS),
    "api.token": Call("GET", "/api/v1/token", 200, EVERYBODY, None),
    "api.search": Call("POST", "/api/v1/recordings/search", 200, KNOWING, Scope.READ_RECORDINGS, {}),
    "api.refer_recording": Call(
        "POST",
        ONE + "/reference",
        200,
        HEARING - {"compliance"} | {"officer"},
        Scope.REFER,
        {"reference": "T-1"},
    ),
    "api.export": Call(
        "POST",
        ONE + "/export",
        200,
        frozenset({"officer", "manager"}),
        Scope.EXPORT,
        {"reason": "dispute", "voices": "both", "passphrase": "correct horse battery"},
    ),
    "api.requests": Call("GET", "/api/v1/requests", 200, OFFICE, Scope.READ_REQUESTS),
    "api.open_request": Call(
        "POST",
        "/api/v1/requests",
        200,
        OFFICER,
        Scope.OPEN_REQUESTS,
        {"right": "access", "number": NUMBER},
    ),
    "api.one_request": Call("GET", "/api/v1/requests/q", 404, OFFICE, Scope.READ_REQUESTS),
    "api.identify": Call(
        "POST", "/api/v1/requests/q/identify", 404, OFFICER, Scope.ANSWER_REQUESTS, {"how": "callback"}
    ),
    "api.assign": Call(
        "POST", "/api/v1/requests/q/assign", 404, OFFICER, Scope.ANSWER_REQUESTS, {"to": "officer"}
    ),
    "api.extend": Call(
        "POST", "/api/v1/requests/q/extend", 404, OFFICER, Scope.ANSWER_REQUESTS, {"why": "many"}
    ),
    "api.package": Call(
        "POST", "/api/v1/requests/q/package", 404, OFFICER, Scope.ANSWER_REQUESTS, {"voices": "both"}
    ),
    "api.fulfil": Call("POST", "/api/v1/requests/q/fulfil", 404, OFFICER, Scope.ANSWER_REQUESTS, {}),
    "api.refuse": Call(
        "POST", "/api/v1/requests/q/refuse", 404, OFFICER, Scope.ANSWER_REQUESTS, {"reason": "unfounded"}
    ),
    "api.holds": Call("GET", "/api/v1/holds", 200, OFFICE, Scope.READ_HOLDS),
    "api.place_hold": Call("POST", "/api/v1/holds", 200, OFFICER, Scope.HOLD, HOLDING),
    "api.lift_hold": Call("POST", "/api/v1/holds/h/lift", 404, OFFICER, Scope.HOLD),
    "api.nevers": Call("GET", "/api/v1/never", 200, RULING, Scope.READ_NEVER),
    "api.add_never": Call(
        "POST", "/api/v1/never", 200, LEADING, Scope.NEVER, {"number": NUMBER, "review": "2027-11-01"}
    ),
    "api.review_never": Call(
        "POST", "/api/v1/never/n/review", 404, LEADING, Scope.NEVER, {"review": "2027-11-01"}
    ),
    "api.remove_never": Call("POST", "/api/v1/never/n/remove", 404, LEADING, Scope.NEVER),
    "api.remove_number": Call("POST", "/api/v1/never/remove", 200, LEADING, Scope.NEVER, {"number": NUMBER}),
    "api.agents": Call("GET", "/api/v1/agents", 200, RULING, Scope.READ_AGENTS),
    "api.add_agent": Call(
        "POST", "/api/v1/agents", 200, LEADING, Scope.AGENTS, {"endpoint": "PJSIP/zoe", "version": "1"}
    ),
    "api.consent": Call("POST", "/api/v1/agents/a/consent", 404, LEADING, Scope.AGENTS, {"version": "1"}),
    "api.withdraw": Call("POST", "/api/v1/agents/a/withdraw", 404, LEADING, Scope.AGENTS),
    "api.copy_agent": Call(
        "POST",
        "/api/v1/agents/a/copy",
        404,
        OFFICER,
        Scope.COPY_AGENTS,
        {"language": "en", "sound": False, "passphrase": "correct horse battery"},
    ),
    "api.remove_agent": Call("POST", "/api/v1/agents/a/remove", 404, LEADING, Scope.AGENTS),
    "api.lines": Call("GET", "/api/v1/lines", 200, RULING, Scope.READ_LINES),
    "api.explain": Call(
        "POST", "/api/v1/lines/explain", 200, RULING, Scope.READ_LINES, {"line": "sales", "caller": NUMBER}
    ),
    "api.switch": Call(
        "POST",
        "/api/v1/lines/switch",
        200,
        frozenset({"admin", "officer", "manager"}),
        Scope.SWITCH,
        {"line": "sales", "on": False},
    ),
    "api.documents": Call("GET", "/api/v1/documents", 200, RULING, Scope.READ_LINES),
    "api.document": Call(
        "GET", "/api/v1/documents/file?document=record&language=en", 200, RULING, Scope.READ_LINES
    ),
    "api.people": Call(
        "GET", "/api/v1/people", 200, frozenset({"admin", "officer", "auditor"}), Scope.READ_PEOPLE
    ),
    "api.shut_out": Call(
        "POST", "/api/v1/people/shut-out", 400, frozenset({"admin"}), Scope.SHUT_OUT, {"name": "nobody"}
    ),
    "api.keys": Call(
        "GET", "/api/v1/keys", 200, frozenset({"admin", "officer", "manager"}), Scope.READ_STATUS
    ),
    "api.findings": Call(
        "GET", "/api/v1/findings", 200, frozenset({"admin", "officer", "auditor"}), Scope.READ_STATUS
    ),
    "api.alarms": Call("GET", "/api/v1/alarms", 200, EVERYBODY - {"agent"}, Scope.READ_STATUS),
    "api.see_to": Call(
        "POST",
        "/api/v1/alarms/see-to",
        404,
        frozenset({"admin", "officer", "manager", "supervisor"}),
        Scope.SEE_TO,
        {"id": "disk-full", "about": "vault"},
    ),
    "api.verify_ledger": Call("POST", "/api/v1/ledger/verify", 200, OFFICE, Scope.READ_LEDGER),
    "api.restrict": Call(
        "POST",
        ONE + "/restrict",
        200,
        frozenset({"officer", "manager"}),
        Scope.DISPOSE,
        {"reason": "unlawful"},
    ),
    "api.erase": Call(
        "POST", ONE + "/erase", 200, frozenset({"officer"}), Scope.DISPOSE, {"reason": "requested"}
    ),
    "api.lock": Call(
        "POST", "/api/v1/keys/lock", 200, frozenset({"admin", "officer", "manager"}), Scope.LOCK
    ),
}


def token(house: House, role: str, scopes: list[Scope] = ALL, days: int = 90) -> str:
    """A token of a role's person."""
    secret, _ = house.app.extensions["asterisk-gdpr"].services.tokens.make(role, "a program", scopes, days)
    return str(secret)


def ask(house: House, call: Call, secret: str = "") -> TestResponse:
    """Send it as a program does: no cookie, a token if there is one."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return house.app.test_client().open(
        call.path, method=call.method, json=call.body, headers=headers, buffered=True
    )


def test_every_route_has_a_line_and_is_described(house: House) -> None:
    """A route that is missing in the table of needs, in this one, or in the description fails the tests."""
    rules = [rule for rule in house.app.url_map.iter_rules() if rule.endpoint.startswith("api.")]
    assert {rule.endpoint for rule in rules} == set(NEEDS) == set(CALLS)
    described = {
        (method.upper(), "/api/v1" + re.sub(r"{(\w+)}", r"<\1>", path))
        for path, methods in description()["paths"].items()
        for method in methods
        if method != "parameters"
    }
    assert described == {
        (method, rule.rule) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


@pytest.mark.thorough
@pytest.mark.parametrize("role", ROLES)
def test_every_route_for(house: House, role: str) -> None:
    """A token of everything does what its person may and nothing else."""
    secret = token(house, role)
    for endpoint, call in CALLS.items():
        if endpoint == "api.erase" and role == "manager":
            continue  # they restricted it before: then it does not exist for them
        status = ask(house, call, secret).status_code
        assert (status == call.status) == (role in call.allowed), (endpoint, status)
        assert status < 500


@pytest.mark.parametrize("endpoint", [name for name in CALLS if name != "api.described"])
def test_no_route_opens_without_a_living_token(house: House, endpoint: str) -> None:
    """None, a made-up, an ended or an expired one, a scope missing, or a cookie: closed."""
    call = CALLS[endpoint]
    before = house.kinds()
    assert ask(house, call).status_code == 401
    for made_up in ("x", "agdpr_", "agdpr_" + "A" * 43, "' OR 1=1 --", "\u00fc"):
        assert ask(house, call, made_up).status_code == 401
    assert house.kinds() == before

    cookie = house.person("officer")
    assert cookie.client.open(call.path, method=call.method, json=call.body).status_code == 401

    if call.scope is not None:
        others = [scope for scope in ALL if scope is not call.scope]
        assert ask(house, call, token(house, "officer", others)).status_code == 403
    tokens = house.app.extensions["asterisk-gdpr"].services.tokens
    secret, known = tokens.make("officer", "a", ALL, 1)
    tokens.end(known.id, "officer")
    assert ask(house, call, secret).status_code == 401
    short = token(house, "officer", days=1)
    house.clock.pass_by(days=1)
    assert ask(house, call, short).status_code == 401
    living = token(house, "officer")
    house.accounts.disable("officer")
    assert ask(house, call, living).status_code == 401


def test_a_role_that_is_taken_away_is_gone_from_its_tokens(house: House) -> None:
    """Rights are looked up for each request; lines count for tokens too."""
    secret = token(house, "quality")
    assert ask(house, CALLS["api.recording"], secret).status_code == 200
    house.accounts.change("quality", ["quality"], ["support"])
    assert ask(house, CALLS["api.recording"], secret).status_code == 404
    assert ask(house, CALLS["api.audio"], secret).status_code == 404
    house.accounts.change("quality", ["agent"], [])
    assert ask(house, CALLS["api.recordings"], secret).status_code == 403


def test_no_answer_holds_a_number(house: House) -> None:
    """Whatever a token may read, no number is in it; the register keeps no token that could be used."""
    secret = token(house, "officer")
    for call in CALLS.values():
        if call.method == "GET" and "audio" not in call.path:
            assert NUMBER[3:] not in ask(house, call, secret).text
    assert secret not in repr(house.register._held)


def test_one_recording_names_its_queues(house: House) -> None:
    """Whoever sees a recording sees through which queues its call came."""
    house.register.add_queue("csales001", "first-line")
    told: Any = ask(house, CALLS["api.recording"], token(house, "officer")).json
    assert told["queues"] == ["first-line"]


def test_the_list_goes_page_by_page(house: House) -> None:
    """Each recording once, newest first; a limit that is none is refused."""
    for n in range(5):
        house.seal(f"many{n:05}", plan=((80,),))
    secret, path, seen = token(house, "quality"), "/api/v1/recordings?limit=2", []
    while path:
        told: Any = ask(house, CALLS["api.recordings"]._replace(path=path), secret).json
        seen += [each["id"] for each in told["recordings"]]
        path = f"/api/v1/recordings?limit=2&after={told['after']}" if told["after"] else ""
    assert len(seen) == len(set(seen)) == 6
    for limit in ("0", "101", "x", "-1", ""):
        bad = CALLS["api.recordings"]._replace(path=f"/api/v1/recordings?limit={limit}")
        assert ask(house, bad, secret).status_code == 400


def test_listening_by_a_token_is_told(house: House) -> None:
    """The ledger has who, for which purpose and why, before the sound; without a reason there is none."""
    secret = token(house, "quality")
    bare = CALLS["api.audio"]._replace(path=ONE + "/audio?purpose=quality")
    assert ask(house, bare, secret).status_code == 400
    assert ask(house, CALLS["api.audio"], secret).data[:4] == b"RIFF"
    assert house.told("listened") == [
        {"user": "quality", "recording": "rsales001", "purpose": "quality", "reason": "complaint"}
    ]


def test_erasing_by_a_token_says_what_came_of_it(house: House) -> None:
    """Erased with its outcome; a reason that is none changes nothing."""
    secret = token(house, "officer")
    for body in (None, {}, {"reason": "expired"}, {"reason": ["requested"]}):
        bad = CALLS["api.erase"]._replace(body=body)  # type: ignore[arg-type]
        assert ask(house, bad, secret).status_code == 400
    assert house.register.recording("rsales001").state is State.SEALED
    told: Any = ask(house, CALLS["api.erase"], secret).json
    assert told["result"] == "erased"


def test_tokens_are_made_and_ended_at_the_account(house: House) -> None:
    """A token is shown once, works, and ends when its person says so; nobody ends another's."""
    visitor = house.person("auditor")
    shown = visitor.post("/account/tokens", do="make", name="nightly", scope="ledger:read", days="30").text
    found = re.search(r"(agdpr_[\w-]{43})", shown)
    assert found
    assert found[1] not in visitor.get("/account/tokens").text
    assert ask(house, CALLS["api.ledger"], found[1]).status_code == 200
    (made,) = house.register.tokens("auditor")
    assert house.person("officer").post("/account/tokens", do="end", token=made.id).status_code == 400
    assert visitor.post("/account/tokens", do="end", token=made.id).status_code == 303
    assert ask(house, CALLS["api.ledger"], found[1]).status_code == 401
    for wrong in ({"days": "0"}, {"days": "366"}, {"scope": "everything"}, {"name": " "}):
        form = {"do": "make", "name": "a", "scope": "ledger:read", "days": "1", **wrong}
        assert visitor.post("/account/tokens", **form).status_code == 400


ODD = st.text(max_size=40)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    endpoint=st.sampled_from(sorted(CALLS)),
    query=st.dictionaries(
        st.sampled_from(["line", "choice", "limit", "after", "about", "kind", "before", "purpose", "reason"]),
        ODD,
        max_size=3,
    ),
)
def test_whatever_is_asked_is_answered_as_described(
    house: House, endpoint: str, query: dict[str, str]
) -> None:
    """No query makes an answer that the description does not have, and none a fault."""
    call = CALLS[endpoint]
    if call.method != "GET":
        return
    secret = token(house, "officer")
    path = call.path.split("?")[0]
    answer = house.app.test_client().get(
        path, query_string=query, headers={"Authorization": f"Bearer {secret}"}, buffered=True
    )
    (rule,) = house.app.url_map.iter_rules(endpoint)
    named = re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))
    assert str(answer.status_code) in description()["paths"][named]["get"]["responses"]


# --- a pick by chance


def test_a_pick_is_of_what_nobody_has_heard(house: House) -> None:
    """By chance among what the purpose allows and nobody has heard; then there is none."""
    house.seal("support01", line="support")
    visitor = house.reviewer()
    for line, only in (("support", "rsupport01"), ("sales", "rsales001")):
        assert visitor.post("/review/pick", line=line).location == f"/recordings/{only}"
    visitor.get("/recordings/rsales001/audio")
    assert visitor.post("/review/pick").location == "/recordings/rsupport01"
    visitor.get("/recordings/rsupport01/audio")
    assert visitor.post("/review/pick").location == "/recordings"
    assert "has been heard" in visitor.get("/recordings").text


def test_a_pick_reaches_what_is_older_than_what_was_heard(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all of the latest recordings were heard, one is picked of those before them."""
    monkeypatch.setattr("asterisk_gdpr_web.pages.review._AMONG", 2)
    for n in range(5):
        at = house.clock.now() - timedelta(hours=n + 1)
        house.seal(f"older{n:04}", purposes=("quality",), at=at)
        if n != 4:
            told = {"user": "supervisor", "recording": f"rolder{n:04}"}
            house.register.record("listened", told, house.clock.now())
    house.register.record("listened", {"user": "supervisor", "recording": "rsales001"}, house.clock.now())
    assert house.reviewer().post("/review/pick").location == "/recordings/rolder0004"
