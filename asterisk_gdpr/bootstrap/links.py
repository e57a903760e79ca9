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
from asterisk_gdpr.adapters.mqtt import Address, Broker, Received, tls_context
from asterisk_gdpr.config import read_secret
from asterisk_gdpr.config.installation import Ami, Ari, Mqtt
from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.service.announcing.messages import status

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


def make_broker(
    mqtt: Mqtt,
    identifier: str,
    topics: tuple[str, str],
    hello: Callable[[], bytes],
    on_message: Callable[[Received], None],
) -> Broker:
    """The broker, not connected yet; its password and its certificates are read now.

    `topics` are that of our status, and that of the commands that we hear; `hello` makes our status.
    """
    password = read_secret(mqtt.password_file) if mqtt.password_file else None
    tls = tls_context(mqtt.ca_file, mqtt.certificate_file, mqtt.key_file) if mqtt.tls else None
    return Broker(
        Address(mqtt.host, mqtt.port, mqtt.user, password, tls),
        identifier,
        subscribe=topics[1],
        will=(topics[0], status(online=False)),
        hello=hello,
        on_message=on_message,
        on_connected=lambda: None,
        on_lost=partial(_lost, "MQTT"),
    )


def _lost(which: str, problem: Unreachable) -> None:
    log.warning("%s: %s", which, problem.message)
