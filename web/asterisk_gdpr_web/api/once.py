"""A request that is sent twice does its work once: the program's key makes the id of what is made.

`Idempotency-Key` is any text of the program's own, another one for each thing that it wants. The id is an
HMAC of it under the page's key, by person and route: so nothing of the key is kept, it still counts after a
restart, and the id tells nobody what the key was, which may well be a ticket's number.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.ids import id_of
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.settings import settings

HEADER = "Idempotency-Key"
FORM = r"^[!-~]{1,100}$"
_one_at_a_time = threading.Lock()


@contextmanager
def once(prefix: str) -> Iterator[str]:
    """Yield the id that the key makes, while no other request with a key is at work; empty without a key.

    Raises Refused (`bad-key`).
    """
    key = request.headers.get(HEADER)
    if key is None:
        yield ""
        return
    if not re.fullmatch(FORM, key):
        raise Refused("A key has 1 to 100 visible characters of ASCII.", id="bad-key")
    said = "\0".join((request.endpoint or "", person().name, key)).encode()
    made = hmac.digest(settings().secret_key, b"asterisk-gdpr once\0" + said, hashlib.sha256)
    with _one_at_a_time:
        yield id_of(prefix, made)


def same(told: object, asked: object) -> None:
    """Raise Refused (`key-used`) when what was made by the key is not what is asked for now."""
    if told != asked:
        raise Refused(
            "This key was used for something else.",
            hint="Send another key for another thing, and the same only for the same once more.",
            id="key-used",
        )
