"""Every route against every role: what is not allowed here is not allowed."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from asterisk_gdpr.ports import Alarm
from asterisk_gdpr_web.guard import RIGHTS
from tests.playback.world import NOON, PASSPHRASE
from tests.web.house import PASSWORD, ROLES, SETTINGS, House

NOBODY_YET = None
EVERYBODY = frozenset(ROLES)
OVERVIEW = EVERYBODY - {"agent"}
KNOWING = EVERYBODY - {"admin", "agent"}
HEARING = frozenset({"manager", "supervisor", "quality", "compliance"})
SEEING = frozenset({"admin", "officer", "manager", "supervisor"})
DISPOSING = frozenset({"officer", "manager"})
RULING = frozenset({"admin", "officer", "auditor", "manager", "supervisor"})
UNLOCKING = frozenset({"admin", "officer", "manager"})
OWN_PURPOSE = {"manager": "disputes", "compliance": "orders"}


class Route(NamedTuple):
    """A request, its status for those who may, and who they are (None: whoever comes)."""

    method: str
    path: str
    status: int
    allowed: frozenset[str] | None
    form: dict[str, str] = {}  # noqa: RUF012 a table's default, never changed
    refused: int = 403


# In an order in which each finds what it needs: a review before the sound, locking before unlocking.
ROUTES = {
    "static": Route("GET", "/static/page.css", 200, None),
    "health.show": Route("GET", "/healthz", 200, None),
    "language.switch": Route("POST", "/language", 303, None, {"language": "de"}),
    "look.switch": Route("POST", "/look", 303, None, {"look": "dark"}),
    "public.show": Route("GET", "/privacy", 200, None),
    "public.notice": Route("GET", "/privacy/line/sales/en", 200, None),
    "public.receipt": Route("GET", "/privacy/receipt", 404, None),
    "public.take": Route("POST", "/privacy/receipt", 404, None, {"code": "0123456789", "wish": "lock"}),
    "openid.send": Route("GET", "/sign-in/openid", 404, None),
    "openid.receive": Route("GET", "/sign-in/openid/back?code=x&state=y", 401, None),
    "sign_in.show": Route("GET", "/sign-in?next=/account", 200, None),
    "home.show": Route("GET", "/", 303, EVERYBODY),
    "today.show": Route("GET", "/today", 200, OVERVIEW),
    "today.now": Route("GET", "/today/now", 200, OVERVIEW),
    "today.see_to": Route("POST", "/today/alarms", 303, SEEING, {"id": "disk-full", "about": "vault"}),
    "evaluations.mine": Route("GET", "/evaluations", 200, frozenset({"agent"})),
    "strip.show": Route("GET", "/strip", 200, frozenset({"agent"})),
    "strip.now": Route("GET", "/strip/now", 200, frozenset({"agent"})),
    "strip.steer": Route("POST", "/strip", 404, frozenset({"agent"}), {"call": "c"}),
    "strip.mark": Route("POST", "/strip/mark", 404, frozenset({"agent"}), {"call": "c"}),
    "strip.refer": Route("POST", "/strip/reference", 404, frozenset({"agent"}), {"call": "c"}),
    "account.show": Route("GET", "/account", 200, EVERYBODY),
    "account.change_password": Route("POST", "/account/password", 400, EVERYBODY, {"new": "a", "again": "b"}),
    "second.ask": Route("GET", "/sign-in/code", 303, EVERYBODY),
    "second.give": Route("POST", "/sign-in/code", 303, EVERYBODY, {"code": "123456"}),
    "second.show": Route("GET", "/account/second", 200, EVERYBODY),
    "second.enrol": Route("POST", "/account/second", 400, EVERYBODY, {"code": "123456"}),
    "second.end": Route("POST", "/account/second/end", 400, EVERYBODY, {"code": "123456"}),
    "people.show": Route("GET", "/people", 200, frozenset({"admin", "officer", "auditor"})),
    "people.add": Route("POST", "/people", 400, frozenset({"admin"}), {"name": "ada"}),
    "people.change": Route("POST", "/people/change", 400, frozenset({"admin"}), {"name": "nobody"}),
    "people.access": Route(
        "POST", "/people/access", 400, frozenset({"admin"}), {"name": "nobody", "do": "disable"}
    ),
    "digest.show": Route("GET", "/digest", 400, frozenset({"officer"})),
    "ledger.show": Route("GET", "/ledger", 200, frozenset({"officer", "auditor"})),
    "ledger.check": Route("POST", "/ledger/verify", 200, frozenset({"officer", "auditor"})),
    "ledger.export": Route("POST", "/ledger/export", 200, frozenset({"officer", "auditor"})),
    "system.show": Route("GET", "/system", 200, frozenset({"admin", "officer", "auditor"})),
    "agents.show": Route("GET", "/agents", 200, RULING),
    "agents.change": Route(
        "POST",
        "/agents",
        303,
        frozenset({"officer", "manager", "supervisor"}),
        {"agent": "PJSIP/a", "version": "1", "do": "add"},
    ),
    "agents.copy": Route("POST", "/agents/copy", 400, frozenset({"officer"}), {"agent": "a"}),
    "lines.show": Route("GET", "/lines", 200, RULING),
    "lines.policy": Route("GET", "/lines/policy?version=none", 400, RULING),
    "lines.explain": Route("POST", "/lines/explain", 200, RULING, {"line": "sales", "caller": "+4930901820"}),
    "lines.switch": Route(
        "POST",
        "/lines/switch",
        303,
        frozenset({"admin", "officer", "manager"}),
        {"line": "sales", "do": "off"},
    ),
    "prompts.show": Route("GET", "/lines/prompts?line=sales", 200, RULING),
    "prompts.play": Route("GET", "/lines/prompts/sound?line=sales&language=en&part=details", 400, RULING),
    "prompts.take": Route(
        "POST", "/lines/prompts", 400, frozenset({"admin", "officer", "manager"}), {"line": "sales"}
    ),
    "never.show": Route("GET", "/never", 200, RULING),
    "never.change": Route(
        "POST", "/never", 400, frozenset({"officer", "manager", "supervisor"}), {"do": "add"}
    ),
    "holds.show": Route("GET", "/holds", 200, frozenset({"officer", "auditor"})),
    "holds.place": Route("POST", "/holds", 400, frozenset({"officer"}), {"case": "a"}),
    "holds.lift": Route("POST", "/holds/lift", 400, frozenset({"officer"}), {"hold": "h"}),
    "requests.show": Route("GET", "/requests", 200, frozenset({"officer", "auditor"})),
    "requests.one": Route("GET", "/requests/q", 400, frozenset({"officer", "auditor"})),
    "requests.take": Route("POST", "/requests", 400, frozenset({"officer"}), {"right": "erasure"}),
    "requests.act": Route("POST", "/requests/q", 400, frozenset({"officer"}), {"do": "fulfil"}),
    "documents.show": Route("GET", "/documents", 200, RULING),
    "documents.take": Route("GET", "/documents/file?kind=record&language=en&as=md", 200, RULING),
    "approvals.show": Route("GET", "/approvals", 200, HEARING | {"officer"}),
    "approvals.decide": Route("POST", "/approvals", 400, HEARING | {"officer"}, {"id": "q", "do": "grant"}),
    "tokens.show": Route("GET", "/account/tokens", 200, EVERYBODY),
    "tokens.change": Route("POST", "/account/tokens", 400, EVERYBODY, {"name": "a"}),
    "review.pick": Route("POST", "/review/pick", 403, HEARING),
    "recordings.shelf": Route("GET", "/recordings", 200, KNOWING),
    "recordings.search": Route("POST", "/recordings/search", 303, KNOWING, {"line": "sales"}),
    "recording.show": Route("GET", "/recordings/rsales001", 200, KNOWING - {"compliance"}, refused=404),
    "review.show": Route("GET", "/review", 200, HEARING),
    "review.begin": Route("POST", "/review", 303, HEARING, {"purpose": "", "reason": "dispute"}),
    "audio.play": Route("GET", "/recordings/rsales001/audio", 200, HEARING - {"compliance"}),
    "approvals.ask": Route("POST", "/recordings/rsales001/approval", 303, HEARING - {"compliance"}, {}, 404),
    "evaluations.show": Route(
        "GET", "/recordings/rsales001/evaluations", 200, frozenset({"quality", "supervisor"}), {}, 404
    ),
    "evaluations.give": Route(
        "POST", "/recordings/rsales001/evaluations", 400, frozenset({"quality", "supervisor"}), {}, 404
    ),
    "clips.show": Route("GET", "/clips", 200, HEARING),
    "clips.share": Route("POST", "/recordings/rsales001/clips", 400, HEARING - {"compliance"}, {}, 404),
    "clips.end": Route("POST", "/clips/end", 404, HEARING, {"clip": "l"}),
    "clips.play": Route("GET", "/clips/l/audio", 404, HEARING),
    "recording.proof": Route(
        "GET", "/recordings/rsales001/proof", 200, KNOWING - {"compliance"}, refused=404
    ),
    "recordings.keep_search": Route(
        "POST", "/recordings/searches", 303, KNOWING, {"name": "a", "line": "sales"}
    ),
    "recordings.drop_search": Route("POST", "/recordings/searches/drop", 303, KNOWING, {"name": "a"}),
    "audio.peaks": Route("GET", "/recordings/rsales001/peaks", 200, HEARING - {"compliance"}),
    "marks.add": Route(
        "POST", "/recordings/rsales001/marks", 303, HEARING - {"compliance"}, {"at": "0:01"}, 404
    ),
    "marks.drop": Route(
        "POST", "/recordings/rsales001/marks/drop", 400, HEARING - {"compliance"}, refused=404
    ),
    "review.end": Route("POST", "/review/end", 303, HEARING),
    "disposal.show": Route("GET", "/recordings/rsales001/erase", 200, DISPOSING),
    "disposal.export": Route("POST", "/recordings/rsales001/export", 200, DISPOSING, {"reason": "dispute"}),
    "disposal.package": Route(
        "POST",
        "/recordings/rsales001/dossier",
        200,
        DISPOSING,
        {"reason": "dispute", "voices": "both", "passphrase": "correct horse battery"},
    ),
    "disposal.redact": Route("POST", "/recordings/rsales001/redact", 400, DISPOSING, {"from": "x"}),
    "disposal.part": Route("POST", "/recordings/rsales001/part", 400, DISPOSING, {"from": "x"}),
    "disposal.restrict": Route(
        "POST", "/recordings/rsales001/restrict", 303, DISPOSING, {"reason": "unlawful"}
    ),
    "disposal.lift": Route(
        "POST", "/recordings/rsales001/lift", 400, DISPOSING, {"restriction": "s0", "told": "2026-11-23"}
    ),
    "disposal.erase": Route("POST", "/recordings/rsales002/erase", 200, DISPOSING, {"reason": "requested"}),
    "vault.show": Route("GET", "/vault", 200, EVERYBODY),
    "vault.drill": Route("POST", "/vault/drill", 400, UNLOCKING, {"passphrase": "x"}),
    "vault.lock": Route("POST", "/vault/lock", 303, UNLOCKING),
    "vault.unlock": Route("POST", "/vault/unlock", 303, UNLOCKING, {"passphrase": PASSPHRASE}),
    "sign_in.begin": Route("POST", "/sign-in", 303, None, {"name": "quality", "password": PASSWORD}),
    "sign_in.end": Route("POST", "/sign-out", 303, EVERYBODY),
}


LISTENERS_ONLY = (
    "clips.share",
    "evaluations.show",
    "evaluations.give",
    "marks.add",
    "marks.drop",
    "approvals.ask",
)


def expected(endpoint: str, route: Route, role: str | None) -> int:
    """The status that a role must get."""
    if route.allowed is None and endpoint == "sign_in.show" and role:
        return 303
    if route.allowed is None or role in route.allowed:
        return route.status
    if role is None:
        return 401 if endpoint in ("audio.play", "audio.peaks", "clips.play") else 303
    return (
        403
        if role not in HEARING and endpoint in LISTENERS_ONLY
        else route.refused
        if role not in ("admin", "agent")
        else 403
    )


def test_every_route_is_in_both_tables(house: House) -> None:
    """A route without a line in the guard's table and in this one fails the tests."""
    every = {rule.endpoint for rule in house.app.url_map.iter_rules()}
    routes = {endpoint for endpoint in every if not endpoint.startswith("api.")}  # these: test_api.py

    assert routes == set(RIGHTS) == set(ROUTES)


@pytest.mark.thorough
@pytest.mark.parametrize("role", [NOBODY_YET, *ROLES])
def test_every_route_for(house: House, role: str | None) -> None:
    """Each role passes where it may and nowhere else; without a session everything leads to the sign-in."""
    visitor = house.person(role) if role else house.visitor()
    house.register.raise_alarm(Alarm("disk-full", "vault", NOON, "The vault is full."))
    house.seal("sales002", purposes=("quality", "disputes"))
    found = {}
    for endpoint, route in ROUTES.items():
        form = dict(route.form)
        if endpoint == "review.begin":
            form["purpose"] = OWN_PURPOSE.get(role or "", "quality")
        response = visitor.get(route.path) if route.method == "GET" else visitor.post(route.path, **form)
        found[endpoint] = response.status_code
        if role is None and route.allowed is not None and response.status_code == 303:
            assert response.location.startswith("/sign-in"), endpoint

    assert found == {endpoint: expected(endpoint, route, role) for endpoint, route in ROUTES.items()}


def test_a_route_that_is_in_no_table_is_closed(house: House) -> None:
    """A route that somebody forgot to put into the table is closed to everybody."""
    house.app = house.page(SETTINGS, own=True)
    house.app.add_url_rule("/forgotten", "forgotten", lambda: "open")

    for role in ROLES:
        assert house.person(role).get("/forgotten").status_code == 403
    assert house.visitor().get("/forgotten").status_code == 303


def test_nobody_acts_with_an_expired_or_made_up_session(house: House) -> None:
    """A session that is over, or that never was, opens nothing."""
    visitor = house.person("quality")
    house.clock.pass_by(minutes=30)
    assert visitor.get("/recordings").status_code == 303
    assert visitor.get("/recordings/rsales001/audio").status_code == 401

    visitor.client.set_cookie("asterisk-gdpr", "made-up")
    assert visitor.get("/recordings").status_code == 303


def test_who_is_shut_out_is_out_at_once(house: House) -> None:
    """Disabling a person ends what they have open."""
    visitor = house.reviewer()
    house.accounts.disable("quality")

    assert visitor.get("/recordings/rsales001/audio").status_code == 401


def test_what_one_may_not_see_does_not_exist(house: House) -> None:
    """A recording of another's purpose gives the same answer as one that never was."""
    visitor = house.person("compliance")

    hidden, absent = visitor.get("/recordings/rsales001"), visitor.get("/recordings/rnever")
    assert hidden.status_code == absent.status_code == 404
    assert "viewed" not in house.kinds()
