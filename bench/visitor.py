"""A person at the page whose requests are timed: a session, one connection, and no more of HTTP."""

from __future__ import annotations

import http.client
import re
import secrets
import time
import urllib.parse
from http.cookies import SimpleCookie

from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.rig.house import House

_TOKEN = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')


class Visitor:
    """Somebody with the role `quality`, signed in at a port of 127.0.0.1."""

    def __init__(self, house: House, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self._connection = self._connect()
        name, password = f"reviewer-{secrets.token_hex(4)}", secrets.token_hex(16)
        file = house.folder / name
        file.touch(mode=0o600)
        file.write_text(password)
        house.command("users", "add", name, "--role", "quality", "--password-file", str(file))
        self.submit("/sign-in", "/sign-in", name=name, password=password)

    def get(self, path: str) -> tuple[float, bytes]:
        """Load a page: seconds until all of it was there, and its text."""
        return self._ask("GET", path)

    def submit(self, form_at: str, to: str, **fields: str) -> float:
        """Fill in a form and send it; seconds from sending to the answer, which leads elsewhere."""
        token = _TOKEN.search(self.get(form_at)[1])
        if token is None:
            raise Unreachable(f"There is no form on {form_at}.", id="no-form")
        body = urllib.parse.urlencode({"csrf_token": token[1].decode(), **fields})
        return self._ask("POST", to, body)[0]

    def first_byte(self, path: str, offset: int) -> float:
        """Ask for everything from `offset` on, as players do when they seek; seconds to the first byte of it.

        The rest is not waited for: the next seek comes by a new connection, as theirs does.
        """
        connection = self._connect()
        connection.connect()
        try:
            began = time.perf_counter()
            connection.request("GET", path, headers={**self._headers, "Range": f"bytes={offset}-"})
            answer = connection.getresponse()
            answer.read(1)
            took = time.perf_counter() - began
        finally:
            connection.close()
        if answer.status != 206:
            raise Unreachable(f"{path} answers {answer.status}.", id=f"http-{answer.status}")
        return took

    def close(self) -> None:
        """Leave."""
        self._connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[float, bytes]:
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        took = time.perf_counter() - began
        if answer.status != (303 if body is not None else 200):
            raise Unreachable(f"{path} answers {answer.status}.", id=f"http-{answer.status}")
        for header in answer.headers.get_all("Set-Cookie", []):
            self._cookies.update({name: kept.value for name, kept in SimpleCookie(header).items()})
        return took, text
