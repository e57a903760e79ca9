"""What is believed of a provider: a real one, and those who would like to be taken for it."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from asterisk_gdpr.adapters.openid import OpenIdProvider
from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.ports.provider import Errand
from asterisk_gdpr.rig.provider import CLIENT, SECRET, Glewlwyd
from tests.openid.conftest import BACK
from tests.openid.forger import KEY, OTHER_KEY, forging, signed

pytestmark = pytest.mark.thorough


def came_back(glewlwyd: Glewlwyd, address: str, name: str = "quality") -> dict[str, str]:
    """What a browser brings back from the provider, after its person has signed in there."""
    return dict(parse_qsl(urlsplit(glewlwyd.pass_through(address, name)).query))


@pytest.fixture
def provider(glewlwyd: Glewlwyd) -> OpenIdProvider:
    """Ours, towards the real one."""
    return OpenIdProvider(glewlwyd.issuer, CLIENT, SECRET, "login")


def test_who_signs_in_there_is_named(glewlwyd: Glewlwyd, provider: OpenIdProvider) -> None:
    """The provider's own word, for this errand, names the person."""
    address, errand = provider.send(BACK)
    assert provider.receive(came_back(glewlwyd, address), errand, BACK) == "quality"


def test_a_code_counts_once(glewlwyd: Glewlwyd, provider: OpenIdProvider) -> None:
    """A code that was taken to the provider is refused when it comes again."""
    address, errand = provider.send(BACK)
    answer = came_back(glewlwyd, address)
    provider.receive(answer, errand, BACK)
    with pytest.raises(Refused) as refused:
        provider.receive(answer, errand, BACK)
    assert refused.value.id == "provider-refused"


@pytest.mark.parametrize("part", ["state", "nonce", "verifier"])
def test_an_answer_counts_for_its_errand_alone(
    glewlwyd: Glewlwyd, provider: OpenIdProvider, part: str
) -> None:
    """An answer to another browser, another question or another's code lets nobody in."""
    address, errand = provider.send(BACK)
    answer = came_back(glewlwyd, address)
    other = replace(errand, **{part: provider.send(BACK)[1].__getattribute__(part)})
    with pytest.raises(Refused) as refused:
        provider.receive(answer, other, BACK)
    assert refused.value.id == "provider-refused"


def test_an_address_that_nobody_verified_names_nobody(glewlwyd: Glewlwyd) -> None:
    """An e-mail address that the provider does not call verified is nobody's name."""
    provider = OpenIdProvider(glewlwyd.issuer, CLIENT, SECRET, "email")
    address, errand = provider.send(BACK)
    with pytest.raises(Refused) as refused:
        provider.receive(came_back(glewlwyd, address), errand, BACK)
    assert "verified" in refused.value.message


def test_our_own_secret_is_proven(glewlwyd: Glewlwyd) -> None:
    """Without our client's secret the real provider hands out nothing."""
    provider = OpenIdProvider(glewlwyd.issuer, CLIENT, "another secret", "login")
    address, errand = provider.send(BACK)
    with pytest.raises(Refused):
        provider.receive(came_back(glewlwyd, address), errand, BACK)


def test_who_says_no_there_is_not_in_here(provider: OpenIdProvider) -> None:
    """An answer without a code is a no."""
    _, errand = provider.send(BACK)
    with pytest.raises(Refused):
        provider.receive({"state": errand.state, "error": "access_denied"}, errand, BACK)


def test_a_provider_that_is_away_is_unreachable() -> None:
    """Where nobody answers, nobody is let in, and it is said what works meanwhile."""
    with pytest.raises(Unreachable) as away:
        OpenIdProvider("http://127.0.0.1:9", CLIENT, SECRET, "login").send(BACK)
    assert away.value.id == "provider-unreachable"
    assert "passwords" in away.value.hint


def compact(header: dict[str, str], claims: dict[str, Any], key: bytes = b"") -> str:
    """The claims as a token (RFC 7515, 3.1) under an HMAC of the key, or with no signature at all."""
    parts = (json.dumps(part).encode() for part in (header, claims))
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    mac = hmac.new(key, text, "sha256").digest() if key else b""
    return (text + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


def by_a_shared_secret(claims: dict[str, Any]) -> str:
    """The claims under an HMAC whose key is the public key that everybody can fetch."""
    return compact({"alg": "HS256", "kid": "its own"}, claims, KEY.as_pem(private=False))


FORGED: dict[str, Callable[[dict[str, Any]], str]] = {
    "unsigned": lambda claims: compact({"alg": "none"}, claims),
    "by a shared secret": by_a_shared_secret,
    "another key": lambda claims: signed(claims, OTHER_KEY),
    "another issuer": lambda claims: signed({**claims, "iss": "https://elsewhere.example"}),
    "another client": lambda claims: signed({**claims, "aud": "another"}),
    "for several, by another": lambda claims: signed(
        {**claims, "aud": ["page", "another"], "azp": "another"}
    ),
    "over": lambda claims: signed({**claims, "exp": claims["iat"] - 600}),
    "without an end": lambda claims: signed({name: value for name, value in claims.items() if name != "exp"}),
    "of tomorrow": lambda claims: signed(
        {**claims, "iat": claims["iat"] + 86400, "nbf": claims["iat"] + 86400}
    ),
    "another question": lambda claims: signed({**claims, "nonce": "another"}),
    "without the question": lambda claims: signed(
        {name: value for name, value in claims.items() if name != "nonce"}
    ),
    "without a name": lambda claims: signed({**claims, "login": ""}),
    "with a list for a name": lambda claims: signed({**claims, "login": ["quality"]}),
    "no token at all": lambda _: "x",
}


def attempt(forge: Callable[[dict[str, Any]], str]) -> str:
    """Sign in at somebody who sits where the provider should."""
    with forging() as forger:
        forger.token = forge
        provider = OpenIdProvider(forger.issuer, CLIENT, SECRET, "login")
        _, errand = provider.send(BACK)
        forger.nonce = errand.nonce
        return provider.receive({"state": errand.state, "code": "c"}, errand, BACK)


def test_what_is_forged_below_is_believed_as_it_is() -> None:
    """The forger's tokens are good ones but for what each case changes."""
    assert attempt(signed) == "quality"


@pytest.mark.parametrize("what", FORGED)
def test_a_forged_word_is_not_believed(what: str) -> None:
    """A token that the provider has not signed, for us, now, for this errand, lets nobody in."""
    with pytest.raises(Refused) as refused:
        attempt(FORGED[what])
    assert refused.value.id == "provider-refused"


def test_a_provider_that_calls_itself_otherwise_is_not_believed() -> None:
    """Metadata of another issuer is refused before a browser is sent anywhere."""
    with forging() as forger:
        forger.says = {"issuer": "https://elsewhere.example"}
        with pytest.raises(Refused):
            OpenIdProvider(forger.issuer, CLIENT, SECRET, "login").send(BACK)


def test_an_answer_of_another_issuer_is_not_sent_on() -> None:
    """Who answers in another's name (RFC 9207) gets no code of ours to redeem."""
    with forging() as forger:
        provider = OpenIdProvider(forger.issuer, CLIENT, SECRET, "login")
        _, errand = provider.send(BACK)
        answer = {"state": errand.state, "code": "c", "iss": "https://elsewhere.example"}
        with pytest.raises(Refused):
            provider.receive(answer, errand, BACK)


@pytest.mark.parametrize(
    "lie", [{"token_endpoint": None}, {"jwks_uri": 5}, {"token_endpoint": "http://elsewhere.example/token"}]
)
def test_nonsense_is_no_answer(lie: dict[str, object]) -> None:
    """Metadata that make no sense are one clear error, and no traceback."""
    with forging() as forger:
        forger.says = lie
        provider = OpenIdProvider(forger.issuer, CLIENT, SECRET, "login")
        with pytest.raises((Unreachable, Refused)):
            _, errand = provider.send(BACK)
            forger.nonce = errand.nonce
            provider.receive({"state": errand.state, "code": "c"}, errand, BACK)


def test_errands_are_never_alike() -> None:
    """State, nonce and verifier are fresh each time, and long."""
    with forging() as forger:
        provider = OpenIdProvider(forger.issuer, CLIENT, SECRET, "login")
        errands: list[Errand] = [provider.send(BACK)[1] for _ in range(20)]
    parts = {part for errand in errands for part in (errand.state, errand.nonce, errand.verifier)}
    assert len(parts) == 60
    assert min(map(len, parts)) >= 32
