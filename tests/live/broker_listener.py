"""Somebody who listens to everything on a broker, and sends commands."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties


class Listener:
    """Somebody who listens to everything on the broker; `told` are topic and payload, in order."""

    def __init__(
        self, port: int, user: str | None = None, password: str | None = None, ca: Path | None = None
    ) -> None:
        self._user = {"username": user, "password": password}
        self._tls = ssl.create_default_context(cafile=ca) if ca else None
        self.told: list[tuple[str, dict[str, Any], bool, bytes]] = []
        self.port = port
        self._ready, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> Listener:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    async def _run(self) -> None:
        listening = asyncio.create_task(self._listen())
        await asyncio.to_thread(self._over.wait)
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening

    async def _listen(self) -> None:
        while True:
            try:
                async with self._client() as client:
                    await client.subscribe("#", qos=1)
                    self._ready.set()
                    async for message in client.messages:
                        assert isinstance(message.payload, bytes)
                        correlation = bytes(getattr(message.properties, "CorrelationData", b""))
                        if not str(message.topic).endswith("/set"):
                            told = (str(message.topic), json.loads(message.payload))
                            self.told.append((*told, message.retain, correlation))
            except aiomqtt.MqttError:
                await asyncio.sleep(0.1)

    def _client(self) -> aiomqtt.Client:
        more: dict[str, Any] = {**self._user, "tls_context": self._tls}
        return aiomqtt.Client("localhost", self.port, protocol=aiomqtt.ProtocolVersion.V5, **more)

    def states(self, call: str) -> list[dict[str, Any]]:
        """What was told of a call, without what was told twice."""
        found: list[dict[str, Any]] = []
        for topic, payload, _, _ in list(self.told):
            if topic.endswith(f"/calls/{call}/state") and payload not in found:
                found.append(payload)
        return found

    def status(self) -> str:
        """The last word about the daemon."""
        words = [payload["status"] for topic, payload, _, _ in list(self.told) if topic.endswith("/status")]
        return words[-1] if words else ""

    def send(self, topic: str, payload: str, answer_to: str = "", correlation: bytes = b"") -> None:
        """Send a command."""

        async def send() -> None:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            if answer_to:
                properties.ResponseTopic = answer_to
                properties.CorrelationData = correlation
            async with self._client() as client:
                await client.publish(topic, payload, qos=1, properties=properties)

        asyncio.run(send())
