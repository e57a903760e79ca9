"""Signing in by an OpenID provider: the authorization code flow with PKCE, state and nonce.

The flow and the provider's signatures are Authlib's and joserfc's; what is believed is decided here:
signatures of public keys alone (never a shared secret's, never none), of the issuer that was configured, for
our client, of this errand.
What the provider says of itself is fetched when it is first needed and kept for an hour; its keys are fetched
for each sign-in, so that a key which was taken back is not believed.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from joserfc.jws import JWSRegistry

from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.ports.provider import Errand

SIGNATURES = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
"""What the provider may sign with (RFC 7518, RFC 8037, RFC 9864)."""

_LEEWAY = 60
"""Seconds that the provider's clock may differ from ours."""
_KEPT = 3600.0
_PATIENCE = 5.0


class OpenIdProvider:
    """One provider, with our client there; `claim` is the claim of the ID token that names people.

    An e-mail address is believed only if the provider says that it has verified it.
    """

    def __init__(
        self,
        issuer: str,
        client: str,
        secret: str,
        claim: str,
        *,
        ca: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuer = issuer
        self._client = client
        self._secret = secret
        self._claim = claim
        self._ca = ca
        self._clock = clock
        self._said: dict[str, Any] = {}
        self._said_at = float("-inf")

    def send(self, back: str) -> tuple[str, Errand]:
        """Return where the browser goes, and its errand; see `ports.provider`."""
        errand = Errand(*(secrets.token_urlsafe(length) for length in (24, 24, 48)))
        with _answering(), self._session(back) as session:
            address, _ = session.create_authorization_url(
                self._metadata(session)["authorization_endpoint"],
                state=errand.state,
                nonce=errand.nonce,
                code_verifier=errand.verifier,
            )
        return str(address), errand

    def receive(self, answer: Mapping[str, str], errand: Errand, back: str) -> str:
        """Return the name that the provider vouches for; see `ports.provider`."""
        if not secrets.compare_digest(answer.get("state", "").encode(), errand.state.encode()):
            raise _refused("The answer belongs to another sign-in.")
        # RFC 9207: who answers says so, where it can; another one's answer is not sent on.
        if answer.get("iss", self._issuer) != self._issuer or not answer.get("code"):
            raise _refused("The provider has not let them in.")
        with _answering(), self._session(back) as session:
            said = self._metadata(session)
            token = session.fetch_token(
                said["token_endpoint"],
                grant_type="authorization_code",
                code=answer["code"],
                code_verifier=errand.verifier,
            )
            keys = KeySet.import_key_set(cast("KeySetSerialization", _fetched(session, said["jwks_uri"])))
        return self._name(self._believed(token, keys, errand))

    def _believed(self, token: Mapping[str, Any], keys: KeySet, errand: Errand) -> Mapping[str, Any]:
        """Return the claims of the ID token, once each of them is proven (OpenID Connect Core, 3.1.3.7)."""
        registry = JWSRegistry(algorithms=list(SIGNATURES), strict_check_header=False)
        try:
            signed = jwt.decode(token["id_token"], key=keys, registry=registry)
            claims = CodeIDToken(
                signed.claims,
                signed.header,
                {
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._client},
                },
                {"nonce": errand.nonce, "client_id": self._client, "access_token": token.get("access_token")},
            )
            claims.validate(now=int(self._clock()), leeway=_LEEWAY)
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise _refused(f"What the provider signed does not hold ({type(error).__name__}).") from None
        return dict(claims)

    def _name(self, claims: Mapping[str, Any]) -> str:
        name = claims.get(self._claim)
        if not isinstance(name, str) or not name:
            raise _refused(f"The provider says no {self._claim}.")
        if self._claim == "email" and claims.get("email_verified") is not True:
            raise _refused("The provider has not verified the e-mail address.")
        return name

    def _session(self, back: str) -> OAuth2Session:
        session = OAuth2Session(
            client_id=self._client,
            client_secret=self._secret,
            scope="openid email profile",
            redirect_uri=back,
            code_challenge_method="S256",
            default_timeout=_PATIENCE,
        )
        session.max_redirects = 0
        if self._ca:
            session.verify = self._ca
        return session

    def _metadata(self, session: OAuth2Session) -> Mapping[str, Any]:
        """Return what the provider says of itself (OpenID Connect Discovery 1.0, section 4)."""
        now = time.monotonic()
        if now - self._said_at > _KEPT:
            said = _fetched(session, f"{self._issuer}/.well-known/openid-configuration")
            if said.get("issuer") != self._issuer:
                raise _refused("The provider calls itself by another name than web.openid.issuer.")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if urlsplit(str(said[name])).scheme not in ("https", urlsplit(self._issuer).scheme):
                    raise _refused("The provider names an address without TLS.")
            self._said, self._said_at = said, now
        return self._said


def _fetched(session: OAuth2Session, address: str) -> dict[str, Any]:
    answer = session.request("GET", address, withhold_token=True)
    answer.raise_for_status()
    return dict(answer.json())


@contextmanager
def _answering() -> Any:
    """What is no answer is Unreachable, a no is Refused; neither quotes what the provider wrote."""
    try:
        yield
    except OAuthError:
        raise _refused("The provider does not take the code.") from None
    except (requests.RequestException, KeyError, TypeError, ValueError) as error:
        raise Unreachable(
            f"The OpenID provider does not answer as one ({type(error).__name__}).",
            hint="Look at web.openid in the configuration; passwords work meanwhile.",
            id="provider-unreachable",
        ) from None


def _refused(why: str) -> Refused:
    return Refused(why, hint="Begin the sign-in anew.", id="provider-refused")
