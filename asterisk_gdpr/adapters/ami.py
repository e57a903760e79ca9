"""AMI: actions and events over TCP, on a connection that comes back by itself.

    ami = AmiClient(...)
    events = asyncio.create_task(ami.run())
    answer = await ami.action("Getvar", Channel=channel, Variable="MMID")

The secret never crosses the wire: the login answers a challenge (Asterisk offers MD5 and nothing better).
Asterisk carries out a session's actions one after the other, so nothing here may be slow on purpose.
A dead or frozen Asterisk is noticed by a ping that stays unanswered.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import NoReturn

from asterisk_gdpr.adapters.ami_wire import Message, NotAmi, Reader, action
from asterisk_gdpr.adapters.link import Kept, Link, Pace
from asterisk_gdpr.adapters.refusals import AmiError, CredentialsRefused
from asterisk_gdpr.errors import Unreachable

EVENTS = "call,dtmf,user"
"""The classes that tell who is in which bridge, which keys were pressed, and what the dialplan reports."""

IGNORED = {"TestEvent"}
"""Sent by an Asterisk built with its test framework, as Debian's is."""

CHUNK = 1 << 16


Take = Callable[[list[Message]], None]
"""Takes an answer in its place among the events: a list without its last message, or the one message."""


@dataclass
class _Asked:
    """An action that waits for its answer; `answer` is the list's end for one that is answered by a list."""

    answer: asyncio.Future[Message]
    take: Take | None
    items: list[Message] = field(default_factory=list)

    def is_whole(self, end: Message, told: list[Message]) -> None:
        """Everything is there; what is stumbled over in it is the asker's to hear of."""
        if self.answer.done():
            return
        try:
            if self.take is not None and not _is_error(end):
                self.take(told)
        except Exception as error:
            self.answer.set_exception(error)
        else:
            self.answer.set_result(end)


class AmiClient(Kept):
    """One AMI session, kept.

    Events arrive in Asterisk's order by `on_event`, which must not block (the owner queues them).
    `on_connected` is told after each login; what happened before that is the owner's to ask for.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        *,
        on_event: Callable[[Message], None],
        on_connected: Callable[[], None],
        on_lost: Callable[[Unreachable], None],
        events: str = EVENTS,
        pace: Pace | None = None,
    ) -> None:
        self._host, self._port = host, port
        self._user, self._secret = user, secret
        self._events = events
        self._on_event = on_event
        self._pace = pace or Pace()
        self._link = Link("AMI", self._serve, on_connected=on_connected, on_lost=on_lost, pace=self._pace)
        self._writer: asyncio.StreamWriter | None = None
        self._asked: dict[str, _Asked] = {}
        self._numbers = count(1)
        # Whoever calls can write into this session (`Message.is_whole`), and must not answer for Asterisk.
        self._unguessable = secrets.token_hex(8)

    async def action(self, name: str, take: Take | None = None, /, **fields: str | int) -> Message:
        """Carry out an action and return its response; `take` is handed it before any event behind it.

        Raises `AmiError` when Asterisk says no, `Unreachable` when it cannot be asked or is silent for
        `Pace.answer` seconds, `Misuse` for a field with a line end.
        """
        self._must_be_connected()
        return await self._ask(name, fields, take)

    async def action_list(self, name: str, take: Take, /, **fields: str | int) -> None:
        """Carry out an action that answers with a list of events.

        `take` is called in the list's place among the events, before any that came behind it is told: a
        list that was taken later would undo what they told.
        """
        self._must_be_connected()
        await self._ask(name, fields, take)

    def _must_be_connected(self) -> None:
        if not self.connected:
            raise Unreachable("AMI is not connected.")

    async def _ask(self, name: str, fields: Mapping[str, str | int], take: Take | None = None) -> Message:
        if self._writer is None:
            raise Unreachable("AMI is not connected.")
        number = f"{self._unguessable}-{next(self._numbers)}"
        asked = _Asked(asyncio.get_running_loop().create_future(), take)
        self._writer.write(action(name, fields, number))
        self._asked[number] = asked
        try:
            async with asyncio.timeout(self._pace.answer):
                answer = await asked.answer
        except TimeoutError:
            raise Unreachable(f"AMI gave no answer to {name} within {self._pace.answer:g} s.") from None
        finally:
            del self._asked[number]
        if _is_error(answer):
            raise AmiError(answer.get("message", "no reason given"))
        return answer

    async def _serve(self, up: Callable[[], None]) -> None:
        """One session, from the connect to its end."""
        try:
            async with asyncio.timeout(self._pace.answer):
                stream, writer = await asyncio.open_connection(self._host, self._port)
        except (OSError, TimeoutError) as error:
            raise _silent(error) from None
        self._writer = writer
        receiving = asyncio.create_task(self._receive(stream), name="AMI receiver")
        receiving.add_done_callback(self._end_session)
        try:
            await self._log_in()
            up()
            await self._stay(receiving)
        finally:
            receiving.cancel()
            await asyncio.wait([receiving])
            writer.transport.abort()

    async def _stay(self, receiving: asyncio.Task[NoReturn]) -> NoReturn:
        """Ask for a sign of life for as long as the session lasts."""
        while True:
            ended, _ = await asyncio.wait([receiving], timeout=self._pace.silence)
            if ended:
                await receiving
            try:
                async with asyncio.timeout(self._pace.silence / 2):
                    await self._ask("Ping", {})
            except TimeoutError:
                raise Unreachable("AMI gives no sign of life.") from None

    async def _log_in(self) -> None:
        try:
            challenge = await self._ask("Challenge", {"AuthType": "MD5"})
            # MD5 is what AMI offers; it keeps the secret off the wire, and the wire is the loopback.
            proof = hashlib.md5(
                f"{challenge.get('challenge', '')}{self._secret}".encode(), usedforsecurity=False
            ).hexdigest()
            login = {"AuthType": "MD5", "Username": self._user, "Key": proof, "Events": self._events}
            await self._ask("Login", login)
        except AmiError as error:
            raise CredentialsRefused(
                "Asterisk refuses our AMI user, secret or address.",
                hint="Compare the user in manager.conf (secret, permit) with the configuration, "
                "then `manager reload` in Asterisk.",
            ) from error

    async def _receive(self, stream: asyncio.StreamReader) -> NoReturn:
        reader = Reader()
        try:
            while data := await stream.read(CHUNK):
                for message in reader.feed(data):
                    self._take(message)
        except OSError as error:
            raise _silent(error) from None
        except NotAmi:
            raise Unreachable("What answers at AMI's address does not speak AMI.") from None
        raise Unreachable("Asterisk closed the AMI session.")

    def _take(self, message: Message) -> None:
        """Give a message to whoever waits for it."""
        asked = self._asked.get(message.get("actionid", ""))
        if not message.event:
            if asked and not _begins_list(asked, message):
                asked.is_whole(message, [message])
        elif asked and asked.take is not None:
            if "eventlist" not in message:
                asked.items.append(message)
            else:
                asked.is_whole(message, asked.items)
        elif self.connected and message.event not in IGNORED:
            self._on_event(message)

    def _end_session(self, _receiving: asyncio.Task[NoReturn]) -> None:
        """Nothing more can be asked, and nobody waits for an answer that cannot come any more."""
        self._writer = None
        for asked in self._asked.values():
            if not asked.answer.done():
                asked.answer.set_exception(Unreachable("The AMI session ended before the answer came."))


def _is_error(answer: Message) -> bool:
    return answer.get("response", "").lower() == "error"


def _begins_list(asked: _Asked, message: Message) -> bool:
    return asked.take is not None and message.get("eventlist", "").lower() == "start"


def _silent(error: Exception) -> Unreachable:
    return Unreachable(f"AMI does not answer ({type(error).__name__}).")
