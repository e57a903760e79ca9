"""The two connections to Asterisk, as the configuration wants them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from asterisk_gdpr.adapters.ami import AmiClient
from asterisk_gdpr.adapters.ami_wire import Message
from asterisk_gdpr.adapters.ari.client import AriClient
from asterisk_gdpr.adapters.ari.events import UnknownEvent
from asterisk_gdpr.adapters.ari.generated import AnyEvent
from asterisk_gdpr.adapters.ari.lease import Lease
from asterisk_gdpr.config import read_secret
from asterisk_gdpr.config.installation import Ami, Ari
from asterisk_gdpr.errors import Unreachable

log = logging.getLogger(__name__)


def make_ari(
    ari: Ari,
    owner: str,
    on_event: Callable[[AnyEvent | UnknownEvent], None],
    on_connected: Callable[[], None],
) -> AriClient:
    """ARI, not connected yet; its password is read now; `owner` is our mark on the app."""
    return AriClient(
        ari.url,
        ari.user,
        read_secret(ari.password_file),
        ari.app,
        on_event=on_event,
        on_connected=on_connected,
        on_lost=partial(_lost, "ARI"),
        lease=Lease(ari.app, owner),
    )


def make_ami(
    ami: Ami,
    on_event: Callable[[Message], None],
    on_connected: Callable[[], None],
    on_lost: Callable[[Unreachable], None],
) -> AmiClient:
    """AMI, not connected yet; its secret is read now."""

    def lost(problem: Unreachable) -> None:
        _lost("AMI", problem)
        on_lost(problem)

    return AmiClient(
        ami.host,
        ami.port,
        ami.user,
        read_secret(ami.secret_file),
        on_event=on_event,
        on_connected=on_connected,
        on_lost=lost,
    )


def _lost(which: str, problem: Unreachable) -> None:
    log.warning("%s: %s", which, problem.message)
