"""Signing in at the page by a real provider."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asterisk_gdpr.adapters.openid import OpenIdProvider
from asterisk_gdpr.rig.provider import CLIENT, SECRET, Glewlwyd
from asterisk_gdpr_web.settings import EXTENSION, Settings, Setup
from tests.web.house import SETTINGS, House, Visitor

pytestmark = pytest.mark.thorough
OPEN = replace(SETTINGS, provider="Example Staff")


def visitor_of(house: House, glewlwyd: Glewlwyd, settings: Settings = OPEN) -> Visitor:
    """Somebody at a page that has a provider."""
    app = house.page(settings)
    setup: Setup = app.extensions[EXTENSION]
    provider = OpenIdProvider(glewlwyd.issuer, CLIENT, SECRET, "login")
    app.extensions[EXTENSION] = Setup(replace(setup.services, provider=provider), settings)
    return house.visitor(app)


def signed_in(
    visitor: Visitor, glewlwyd: Glewlwyd, name: str, wanted: str = "/today"
) -> tuple[int, str, str]:
    """Go there and come back: the status, the page that one lands on, and where one came back to."""
    sent = visitor.get(f"/sign-in/openid?next={wanted}")
    assert sent.status_code == 303
    back = glewlwyd.pass_through(sent.location, name)
    landed = visitor.get(back.removeprefix("http://localhost"))
    return landed.status_code, landed.text, back


def test_who_is_known_here_is_in(house: House, glewlwyd: Glewlwyd) -> None:
    """Whom the provider vouches for and the page knows has a session, and goes where they wanted."""
    visitor = visitor_of(house, glewlwyd)
    assert "Example Staff" in visitor.get("/sign-in").text
    status, text, _ = signed_in(visitor, glewlwyd, "officer", "/requests")
    assert status == 200
    assert 'http-equiv="refresh" content="0; url=/requests"' in text
    assert visitor.get("/requests").status_code == 200


def test_who_is_not_known_here_stays_out(house: House, glewlwyd: Glewlwyd) -> None:
    """Who has no account here gets none by being known elsewhere, and the ledger has the attempt."""
    visitor = visitor_of(house, glewlwyd)
    status, text, _ = signed_in(visitor, glewlwyd, "stranger")
    assert status == 403
    assert "no account here" in text
    assert visitor.get("/today").status_code == 303
    assert house.kinds()[-1] == "sign-in-failed"


def test_who_is_shut_out_stays_out(house: House, glewlwyd: Glewlwyd) -> None:
    """Whoever was shut out here is not let in by the provider."""
    house.accounts.disable("officer")
    assert signed_in(visitor_of(house, glewlwyd), glewlwyd, "officer")[0] == 403


def test_the_same_answer_does_not_count_again(house: House, glewlwyd: Glewlwyd) -> None:
    """What a browser came back with opens nothing in another browser, nor in its own a second time."""
    visitor = visitor_of(house, glewlwyd)
    _, _, back = signed_in(visitor, glewlwyd, "officer")
    path = back.removeprefix("http://localhost")
    assert visitor.get(path).status_code == 401
    thief = house.visitor(visitor.client.application)
    assert thief.get(path).status_code == 401
    assert thief.get("/today").status_code == 303


def test_a_stranger_s_errand_is_not_taken_over(house: House, glewlwyd: Glewlwyd) -> None:
    """Who lures a browser to an answer of their own does not sign it in as themselves."""
    thief, victim = visitor_of(house, glewlwyd), visitor_of(house, glewlwyd)
    back = glewlwyd.pass_through(thief.get("/sign-in/openid").location, "officer")
    victim.get("/sign-in/openid")
    assert victim.get(back.removeprefix("http://localhost")).status_code == 401
    assert victim.get("/today").status_code == 303


def test_an_errand_ends(house: House, glewlwyd: Glewlwyd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten minutes after it began, a sign-in counts no more."""
    visitor = visitor_of(house, glewlwyd)
    sent = visitor.get("/sign-in/openid")
    back = glewlwyd.pass_through(sent.location, "officer")
    monkeypatch.setattr("asterisk_gdpr_web.pages.openid._LONGEST", -1)
    assert visitor.get(back.removeprefix("http://localhost")).status_code == 401


def test_nobody_is_led_elsewhere(house: House, glewlwyd: Glewlwyd) -> None:
    """Whatever address is wanted, the way back ends within this page."""
    _, text, _ = signed_in(visitor_of(house, glewlwyd), glewlwyd, "officer", "//elsewhere.example/x")
    assert "elsewhere" not in text


def test_one_time_codes_are_owed_all_the_same(house: House, glewlwyd: Glewlwyd) -> None:
    """Who has one-time codes here is asked for one, whoever vouches for them."""
    officer = house.accounts.user("officer")
    house.register.put_user(replace(officer, second="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), house.clock.now())
    visitor = visitor_of(house, glewlwyd)
    assert signed_in(visitor, glewlwyd, "officer")[0] == 200
    answer = visitor.get("/today")
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in/code")


def test_the_errand_s_cookie_is_kept_from_others(house: House, glewlwyd: Glewlwyd) -> None:
    """The errand's cookie is for this host, over https, not for scripts, lax, and short-lived."""
    visitor = visitor_of(house, glewlwyd, replace(OPEN, https=True))
    cookie = visitor.get("/sign-in/openid").headers["Set-Cookie"]
    assert cookie.startswith("__Host-errand=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"))


def test_without_a_provider_there_is_no_such_way(house: House) -> None:
    """Where the configuration names no provider, the sign-in offers none and its address does not exist."""
    visitor = house.visitor()
    assert "openid" not in visitor.get("/sign-in").text
    assert visitor.get("/sign-in/openid").status_code == 404
