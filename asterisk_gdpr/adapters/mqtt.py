"""MQTT: one connection to a broker that comes back by itself, with a last will.

    broker = Broker(Address(...), ...)
    serving = asyncio.create_task(broker.run())
    await broker.publish(topic, payload)

Version 5, QoS 1: what `publish` returned from has been taken by the broker. Nothing is queued here while
there is no connection: who must lose nothing keeps it (`service.announcing.announcing`).
The session is always a new one: a command that was sent while we were away is not carried out later,
when nobody means it any more; its sender gets no answer.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from asterisk_gdpr.adapters.link import Kept, Link, Pace
from asterisk_gdpr.adapters.refusals import ForAPerson
from asterisk_gdpr.errors import Refused, Unreachable

KEEPALIVE = 10
"""Seconds of silence after which broker and client ask each other for a sign of life."""

_REFUSALS = {134, 135, 138}
"""Reason codes: bad user or password, not authorised, banned."""

PACE = Pace(first=0.2, most=5.0, mend=15.0, answer=5.0)


class BrokerRefuses(ForAPerson):
    """The broker answers, and refuses who we are."""

    default_id = "broker-credentials"


@dataclass(frozen=True)
class Address:
    """Where the broker is, and who we are to it; `tls` None speaks in the clear."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True)
class Received:
    """A message that came in; `answer_to` and `correlation` are what its sender asks the answer to bear."""

    topic: str
    payload: bytes
    answer_to: str = ""
    correlation: bytes = b""


class _ClosesItself(ssl.SSLSocket):
    """paho leaves the socket of a handshake that failed to the garbage collector, at each try anew."""

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands, or be closed."""
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def tls_context(ca: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """Verify the broker by the machine's authorities or by `ca`, and show our certificate if there is one.

    Raises Refused (`mqtt-tls`) when a file cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=str(ca) if ca else None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.sslsocket_class = _ClosesItself
        if certificate is not None:
            context.load_cert_chain(str(certificate), str(key) if key else None)
    except (OSError, ssl.SSLError) as error:
        raise Refused(
            f"The files for TLS to the broker cannot be used ({type(error).__name__}).",
            hint="Look at mqtt.ca_file, mqtt.certificate_file and mqtt.key_file.",
            id="mqtt-tls",
        ) from None
    return context


class Broker(Kept):
    """One broker; `will` is the retained message that it sends for us when we are gone without a word."""

    def __init__(
        self,
        address: Address,
        identifier: str,
        *,
        subscribe: str,
        will: tuple[str, bytes],
        hello: Callable[[], bytes],
        on_message: Callable[[Received], None],
        on_connected: Callable[[], None],
        on_lost: Callable[[Unreachable], None],
        pace: Pace = PACE,
    ) -> None:
        """`hello` makes what replaces the will on its topic at each connect."""
        self._address = address
        self._identifier = identifier
        self._subscribe = subscribe
        self._will = will
        self._hello = hello
        self._on_message = on_message
        self._pace = pace
        self._client: aiomqtt.Client | None = None
        self._link = Link("MQTT", self._serve, on_connected=on_connected, on_lost=on_lost, pace=pace)

    async def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, correlation: bytes = b""
    ) -> None:
        """Send a message; returns when the broker has taken it, and raises Unreachable when it has not."""
        client = self._client
        if client is None:
            raise Unreachable("The broker is not connected.", id="broker-unreachable")
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho has no types
        if correlation:
            properties.CorrelationData = correlation
        try:
            await client.publish(topic, payload, qos=1, retain=retain, properties=properties)
        except aiomqtt.MqttError as error:
            raise _silent(error) from None

    async def _serve(self, up: Callable[[], None]) -> None:
        topic, payload = self._will
        client = aiomqtt.Client(
            hostname=self._address.host,
            port=self._address.port,
            username=self._address.user,
            password=self._address.password,
            identifier=self._identifier,
            protocol=aiomqtt.ProtocolVersion.V5,
            will=aiomqtt.Will(topic, payload, qos=1, retain=True),
            tls_context=self._address.tls,
            keepalive=KEEPALIVE,
            timeout=self._pace.answer,
            clean_start=True,
        )
        try:
            async with client:
                await client.subscribe(self._subscribe, qos=1)
                await client.publish(topic, self._hello(), qos=1, retain=True)
                self._client = client
                up()
                async for message in client.messages:
                    self._on_message(_received(message))
        except aiomqtt.MqttError as error:
            raise _silent(error) from None
        except OSError as error:
            raise Unreachable(
                f"The broker does not answer ({type(error).__name__}).", id="broker-unreachable"
            ) from None
        finally:
            self._client = None


def _received(message: aiomqtt.Message) -> Received:
    told = message.properties
    payload = message.payload if isinstance(message.payload, bytes) else b""
    return Received(
        str(message.topic),
        payload,
        str(getattr(told, "ResponseTopic", "")),
        bytes(getattr(told, "CorrelationData", b"")),
    )


def _silent(error: aiomqtt.MqttError) -> Unreachable:
    """By its kind alone: its text may bear what was sent."""
    code = getattr(getattr(error, "rc", None), "value", getattr(error, "rc", None))
    if code in _REFUSALS:
        return BrokerRefuses(
            "The broker refuses our user or password.",
            hint="Look at mqtt.user and mqtt.password_file, and at the broker's own list.",
        )
    return Unreachable(f"The broker does not answer ({type(error).__name__}).", id="broker-unreachable")
