"""Somebody who sits where the provider should: everything is as it ought to be, but what one test changes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "page"
KEY = RSAKey.generate_key(2048, {"kid": "its own", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "its own", "use": "sig"})

Sign = Callable[[dict[str, Any]], str]


def signed(claims: Mapping[str, Any], key: RSAKey = KEY) -> str:
    """The claims as an ID token of the provider's."""
    return jwt.encode({"alg": "RS256", "kid": "its own"}, dict(claims), key)


class Forger:
    """`token` makes the ID token out of the claims of an honest one; `says` is laid over its metadata."""

    def __init__(self, address: str) -> None:
        self.issuer = address
        self.token: Sign = signed
        self.says: dict[str, object] = {}
        self.nonce = ""

    def answer(self, path: str) -> dict[str, object]:
        """What it answers to a request."""
        if path.endswith("/openid-configuration"):
            addresses = {
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
            return {"issuer": self.issuer, **addresses, **self.says}
        if path.endswith("/keys"):
            return {"keys": [KEY.as_dict(private=False)]}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "1",
            "iat": now,
            "exp": now + 300,
            "login": "quality",
        }
        token = self.token({**claims, "nonce": self.nonce})
        return {"access_token": "x", "token_type": "bearer", "id_token": token}


@contextmanager
def forging() -> Iterator[Forger]:
    """A forger at an address of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self.rfile.read(length)
            body = json.dumps(forger.answer(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    forger = Forger(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield forger
    server.shutdown()
    server.server_close()
