"""A person at the page, as far as HTTP goes: cookies, forms with their tokens, and sound."""

from __future__ import annotations

import io
import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

import soundfile

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.rig.sound import Samples

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Browser:
    """One person's session with the page at `address`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        """A page's text; raises Refused with its status if it is not to be had."""
        return self._open(path, None).decode()

    def submit(self, form_at: str, to: str, **fields: str) -> str:
        """Fill in the form on a page and send it."""
        token = _TOKEN.search(self.get(form_at))
        if token is None:
            raise Refused(f"There is no form on {form_at}.")
        return self._open(to, {"csrf_token": token[1], **fields}).decode()

    def hear(self, path: str) -> tuple[Samples, Samples]:
        """The two sides of a recording, as the player gets them (8000 samples a second)."""
        sound, _ = soundfile.read(io.BytesIO(self._open(path, None)), dtype="int16", always_2d=True)
        return sound[:, 0], sound[:, 1]

    def _open(self, path: str, fields: dict[str, str] | None) -> bytes:
        data = urllib.parse.urlencode(fields).encode() if fields is not None else None
        url = self._address + path
        # Only ever the page of this bench, by http on the loopback.
        request = urllib.request.Request(url, data, {"Referer": url})  # noqa: S310
        try:
            with self._opener.open(request, timeout=20) as answer:
                body: bytes = answer.read()
                return body
        except urllib.error.HTTPError as error:
            raise Refused(f"The page answers {error.code}.", id=f"http-{error.code}") from None
