"""What the page sends with every answer, and what it never lets out."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr_web import Settings
from tests.playback.world import NUMBER, PASSPHRASE
from tests.web.house import PASSWORD, SETTINGS, House
from tests.web.test_rights import ROUTES

STRICT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.parametrize("role", [None, "quality"])
def test_every_answer_bears_the_strict_headers(house: House, role: str | None) -> None:
    """Every answer, refusals too, forbids foreign content, framing, sniffing, referrers and keeping."""
    visitor = house.person(role) if role else house.visitor()
    paths = [route.path for route in ROUTES.values() if route.method == "GET"]
    for path in [*paths, "/nothing", "/static/nothing", "/language"]:
        headers = visitor.get(path).headers
        assert STRICT.items() <= dict(headers).items(), path
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        kept = "public, max-age=3600" if path == "/static/page.css" else "no-store"
        assert headers["Cache-Control"] == kept, path
        assert "Strict-Transport-Security" not in headers


def test_the_templates_hold_nothing_inline(house: House) -> None:
    """No page holds a script, a style or a handler of its own, which its policy would forbid."""
    visitor = house.reviewer()
    for path in ("/sign-in", "/recordings", "/recordings/rsales001", "/review", "/vault", "/account"):
        text = visitor.get(path).text.lower()
        assert re.findall(r"<script(?! nonce=\"[\w-]{22}\" src=\"/static/[^>]+></script>)", text) == []
        assert not [bad for bad in ("<style", "style=", "onclick=", "onload=", "http://") if bad in text]


def test_a_script_runs_by_its_answer_s_nonce_alone(house: House) -> None:
    """Scripts bear the nonce that their own answer's policy names, and no other answer has it."""
    visitor, seen = house.person("quality"), set()
    for _ in range(3):
        answer = visitor.get("/recordings")
        (nonce,) = re.findall(r"script-src 'nonce-([\w-]{22})';", answer.headers["Content-Security-Policy"])
        assert set(re.findall(r'<script nonce="([^"]+)"', answer.text)) == {nonce}
        seen.add(nonce)
    assert len(seen) == 3


def test_what_comes_from_elsewhere_is_what_was_taken(house: House) -> None:
    """Every vendored script and style has the hash that its list says, and its licence beside it."""
    folder = Path(house.app.static_folder or "") / "vendor"
    listed = dict(
        re.findall(r"^\| `([\w.]+)` .* `([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.M)
    )
    there = {file.name: file for file in folder.iterdir() if file.suffix in (".js", ".css")}

    assert listed == {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in there.items()}
    assert all(next(folder.glob(f"{name.split('.')[0]}.LICENSE*"), None) for name in there)


def test_cookies_are_strict(house: House) -> None:
    """Cookies are for this site and for no script; by https a prefix ties them to the host."""
    plain = house.visitor().post("/sign-in", name="quality", password=PASSWORD)
    cookies = plain.headers.getlist("Set-Cookie")
    assert cookies
    assert all("HttpOnly" in cookie and "SameSite=Strict" in cookie for cookie in cookies)

    app = house.page(dataclasses.replace(SETTINGS, https=True))
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://localhost")
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    (form,) = page.headers.getlist("Set-Cookie")
    assert form.startswith("__Host-form=")
    assert "Secure" in form


@pytest.mark.parametrize("endpoint", [name for name, route in ROUTES.items() if route.method == "POST"])
def test_no_form_without_its_token(house: House, endpoint: str) -> None:
    """A form that another site sends with a person's cookies does nothing."""
    route = ROUTES[endpoint]
    able = (route.allowed or {"manager"}) & {"manager", "officer", "admin", "agent", "quality"}
    visitor = house.person(max(able))
    before = house.kinds()
    form = {**route.form, "purpose": "disputes"}
    for token in ({}, {"csrf_token": "made-up"}):
        answer = visitor.client.post(route.path, data={**form, **token})
        assert answer.status_code == 400
    assert house.kinds() == before
    assert visitor.get("/account").status_code == 200


def test_a_token_from_before_the_sign_in_is_worth_nothing_after(house: House) -> None:
    """Signing in makes new form tokens; one that was planted before does not work any more."""
    visitor = house.visitor()
    planted = visitor.token()
    visitor.post("/sign-in", name="quality", password=PASSWORD)

    answer = visitor.client.post("/review/end", data={"csrf_token": planted})
    assert answer.status_code == 400


def test_no_number_and_no_secret_in_an_address_or_a_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is typed and done, no address of the page and no log record holds a number or secret."""
    caplog.set_level(logging.DEBUG)
    visitor = house.reviewer()
    addresses = []
    for typed in (NUMBER, "030 901820", "+49 (30) 90-1820", "not a number 030901820x"):
        answer = visitor.post("/recordings/search", number=typed, line="sales")
        addresses.append(answer.headers.get("Location", ""))
    visitor.get("/recordings/rsales001")
    visitor.get("/recordings/rsales001/audio")
    house.person("manager").post("/vault/unlock", passphrase="wrong " + PASSPHRASE)
    house.visitor().post("/sign-in", name="quality", password="wrong " + PASSWORD)
    house.register.away = True
    visitor.get("/recordings")

    everything = " ".join(addresses) + caplog.text
    assert not [secret for secret in ("901820", "90-1820", PASSPHRASE, PASSWORD) if secret in everything]
    assert "901820" not in repr(house.register._held.ledger)
    assert "901820" not in repr(house.register._held.sessions)


def test_no_number_in_a_title(house: House) -> None:
    """A page's title, which browsers keep in their history, names the time of a call and not its number."""
    text = house.person("quality").get("/recordings/rsales001").text

    assert "+49 30 901820" in text
    assert "901820" not in text.split("</title>")[0]


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '"><img src=x>', "{{ 7 * 7 }}"])
def test_what_is_typed_is_shown_as_it_was_typed(house: House, evil: str) -> None:
    """Markup and template language in any field stay text."""
    visitor = house.person("quality")
    pages = [
        house.visitor().post("/sign-in", name=evil, password="x", next=evil),
        visitor.post("/recordings/search", number=evil, line=evil),
        visitor.get("/recordings?line=" + evil + "&from=" + evil + "&after=" + evil),
        visitor.get("/recordings/" + evil.replace("/", "")),
        visitor.get("/review?next=" + evil),
        visitor.get("/" + evil.replace("/", "")),
    ]
    for page in pages:
        assert evil not in page.text or "{{" in evil
        assert ">49<" not in page.text


@pytest.mark.parametrize("evil", ["' OR 1=1 --", "'; DROP TABLE recordings; --", "%", "\\", "\0", "a" * 5000])
def test_what_is_searched_for_is_a_value(house: House, evil: str) -> None:
    """No text in a field or an address widens a search, and none breaks the page."""
    visitor = house.person("quality")
    assert "rsales001" not in visitor.get(
        "/recordings",
    ).text.replace("/recordings/rsales001", "")
    found = visitor.client.get("/recordings", query_string={"line": evil})
    assert found.status_code == 200
    assert "rsales001" not in found.text
    for name in ("from", "until", "after"):
        assert visitor.client.get("/recordings", query_string={name: evil}).status_code == 400
    assert visitor.post("/recordings/search", number=evil).status_code in (303, 400)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/a\nb", ""]
)
def test_nobody_is_led_elsewhere(house: House, elsewhere: str) -> None:
    """After a form the page leads within itself, whatever the form says."""
    answers = [
        house.visitor().post("/sign-in", name="quality", password=PASSWORD, next=elsewhere),
        house.visitor().post("/language", language="de", next=elsewhere),
        house.person("quality").post("/review", purpose="quality", reason="dispute", next=elsewhere),
        house.person("manager").post("/vault/unlock", passphrase=PASSPHRASE, next=elsewhere),
    ]
    assert {answer.location for answer in answers} <= {"/", "/recordings", "/vault"}


def test_only_our_own_names_are_answered(house: House) -> None:
    """A request under a foreign host name is refused."""
    client = house.app.test_client()
    assert client.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/sign-in", headers={"Host": "127.0.0.1:8080"}).status_code == 200


def test_forwarded_headers_are_believed_from_known_proxies_only(house: House) -> None:
    """Whoever sends X-Forwarded-For does not choose their address, unless a proxy is set up."""
    for n in range(21):
        last = house.visitor()
        answer = last.client.post(
            "/sign-in",
            data={"csrf_token": last.token(), "name": f"name{n}", "password": "x"},
            headers={"X-Forwarded-For": f"192.0.2.{n}"},
        )
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0

    behind = house.visitor(house.page(dataclasses.replace(SETTINGS, proxies=1)))
    form = {"csrf_token": behind.token(), "name": "quality", "password": PASSWORD}
    answer = behind.client.post("/sign-in", data=form, headers={"X-Forwarded-For": "192.0.2.99"})
    assert answer.status_code == 303


def test_a_form_has_a_limit(house: House) -> None:
    """More than a form can hold is refused before it is read."""
    visitor = house.person("quality")
    assert visitor.client.post("/recordings/search", data=b"x" * 70_000).status_code == 413


def test_a_short_secret_is_refused(house: House) -> None:
    """The page does not start with a secret key that could be guessed."""
    with pytest.raises(Misuse):
        house.page(Settings(secret_key=b"short", zone=ZoneInfo("UTC")))


def test_a_bug_shows_nothing_of_itself(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """A fault of ours gives a page without a traceback, and a log record without what was typed."""

    def break_down() -> str:
        raise ValueError(NUMBER)

    app = house.page(SETTINGS, own=True)
    app.view_functions["health.show"] = break_down
    answer = house.visitor(app).get("/healthz")

    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "break_down" in caplog.text
    assert NUMBER not in answer.text + caplog.text
