"""Who serves an app: said in Asterisk itself, so that a second daemon asks first and keeps away.

Asterisk gives an app to whoever connects last, and the first one goes deaf. So a daemon writes its mark and
the time into a global variable before it connects, again every few seconds, and does not connect where
another one's mark is fresh. The mark outlives a restart of the daemon, which takes its calls up at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import NoReturn

from asterisk_gdpr.adapters.ari.rest import AriRest
from asterisk_gdpr.adapters.refusals import AppTaken
from asterisk_gdpr.errors import GdprError

RENEW = 5.0
"""Seconds between two writings of the mark."""

FRESH = 15.0
"""Seconds for which a mark that is not renewed keeps others away."""


class Lease:
    """The mark of one daemon, `owner`, on one app."""

    def __init__(self, app: str, owner: str, renew: float = RENEW, fresh: float = FRESH) -> None:
        self._variable = "GDPR_SERVED_" + "".join(sign if sign.isalnum() else "_" for sign in app)
        self._owner = owner
        self._renew = renew
        self._fresh = fresh

    async def take(self, ari: AriRest) -> None:
        """Put our mark there; raises AppTaken where another one is fresh."""
        owner, _, at = (await ari.asterisk.get_global_var(variable=self._variable)).value.partition(" ")
        if owner not in ("", self._owner) and abs(time.time() - _number(at)) < self._fresh:
            raise AppTaken(
                "Another daemon serves this app of Asterisk, so this one keeps away.",
                hint="Stop one of the two, or give it an app of its own: asterisk.ari.app.",
            )
        await self._write(ari)

    async def keep(self, ari: AriRest) -> NoReturn:
        """Renew our mark until cancelled; a failure shows at the connection itself."""
        while True:
            await asyncio.sleep(self._renew)
            with contextlib.suppress(GdprError):
                await self._write(ari)

    async def _write(self, ari: AriRest) -> None:
        await ari.asterisk.set_global_var(variable=self._variable, value=f"{self._owner} {time.time():.2f}")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
