"""A small AMI: a real TCP server that speaks the line protocol and knows a few channels.

What it does is what Asterisk 22 was seen to do; `tests/wire/ami_contract.py` runs on both.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping

CHALLENGE = "48465357"
Fields = Mapping[str, str]


class FakeAmi:
    """The server; `start`, `stop` and `start` again is a restart, which forgets everything but the port.

    `channels` are the unique ids that exist; a MixMonitor runs on one of them.
    """

    def __init__(self, user: str, password: str) -> None:
        self.user = user
        self.password = password
        self.ami_port = 0
        self.received = b""
        """Every byte that ever came, to see what crossed the wire."""
        self.channels: set[str] = set()
        self.behind_a_list: dict[str, str] = {}
        """An event that comes right behind each list, in the same piece; none while it is empty."""
        self._capturing: dict[str, str] = {}
        self._writers: set[asyncio.StreamWriter] = set()
        self._thawed = asyncio.Event()
        self._thawed.set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.ami_port)
        self.ami_port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Go away, and drop every session."""
        self.thaw()
        self._server.close()
        for writer in self._writers:
            writer.close()
        self.channels.clear()
        self._capturing.clear()

    def freeze(self) -> None:
        """Answer nothing any more, and close nothing."""
        self._thawed.clear()

    def thaw(self) -> None:
        """Go on."""
        self._thawed.set()

    def emit(self, event: str, **fields: str) -> None:
        """Send an event to every session."""
        for writer in self._writers:
            writer.write(_message({"Event": event, **fields}))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session."""
        self._writers.add(writer)
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        logged_in = False
        while text := await _read_message(reader):
            await self._thawed.wait()
            self.received += text
            fields = _fields(text)
            action = fields["action"].lower()
            answer = self._let_in(action, fields) if not logged_in else self._act(action, fields)
            logged_in = logged_in or answer[0].get("Message") == "Authentication accepted"
            parts = [_message({**part, "ActionID": fields["actionid"]}) for part in answer]
            if len(answer) > 1 and self.behind_a_list:
                parts.append(_message(self.behind_a_list))
            writer.write(b"".join(parts))
        self._writers.discard(writer)
        writer.close()

    def _let_in(self, action: str, fields: Fields) -> list[dict[str, str]]:
        proof = hashlib.md5((CHALLENGE + self.password).encode()).hexdigest()
        if action == "challenge":
            return [{"Response": "Success", "Challenge": CHALLENGE}]
        if action == "login" and (fields["username"], fields["key"]) == (self.user, proof):
            return [{"Response": "Success", "Message": "Authentication accepted"}]
        return [_error("Authentication failed" if action == "login" else "Permission denied")]

    def _act(self, action: str, fields: Fields) -> list[dict[str, str]]:
        if action == "ping":
            return [{"Response": "Success", "Ping": "Pong"}]
        if action == "coreshowchannels":
            listed = [{"Event": "CoreShowChannel", "Uniqueid": channel} for channel in sorted(self.channels)]
            end = {
                "Event": "CoreShowChannelsComplete",
                "EventList": "Complete",
                "ListItems": str(len(listed)),
            }
            return [{"Response": "Success", "EventList": "start"}, *listed, end]
        if "channel" not in fields:
            return [_error("Invalid/unknown command")]
        if fields["channel"] not in self.channels:
            return [_error("No such channel")]
        return [self._act_on_channel(action, fields)]

    def _act_on_channel(self, action: str, fields: Fields) -> dict[str, str]:
        channel = fields["channel"]
        match action:
            case "mixmonitor":
                self._capturing[channel] = f"0x{len(self._capturing) + 1:x}"
                self.emit("MixMonitorStart", Uniqueid=channel)
                return {"Response": "Success", "MixMonitorID": self._capturing[channel]}
            case "mixmonitormute":
                self.emit("MixMonitorMute", Uniqueid=channel, State=fields["state"])
                return {"Response": "Success"}
            case "stopmixmonitor" if self._capturing.get(channel) == fields["mixmonitorid"]:
                del self._capturing[channel]
                self.emit("MixMonitorStop", Uniqueid=channel)
                return {"Response": "Success", "Message": "Stopped monitoring channel"}
            case "stopmixmonitor":
                return _error("Could not stop monitoring channel")
        return _error("Invalid/unknown command")


def _error(message: str) -> dict[str, str]:
    return {"Response": "Error", "Message": message}


def _message(fields: Mapping[str, str]) -> bytes:
    return ("".join(f"{key}: {value}\r\n" for key, value in fields.items()) + "\r\n").encode()


async def _read_message(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


def _fields(text: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in text.decode().split("\r\n") if line)
    return {key.lower(): value.strip() for key, _, value in lines}
