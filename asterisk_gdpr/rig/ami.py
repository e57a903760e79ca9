"""A manager connection for the bench's own use: actions that wait for their answer, events as they come.

It is apart from the product's client on purpose: a fault in that one must not blind the witness.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from queue import Empty, Queue
from types import TracebackType

from asterisk_gdpr.errors import Misuse, Unreachable

Message = Mapping[str, str]


class Ami:
    """One logged-in connection; `on_event` is called in its thread with each event, keys in lower case."""

    def __init__(
        self, port: int, user: str, secret: str, on_event: Callable[[Message], None] | None = None
    ) -> None:
        self._on_event = on_event
        self._ids = itertools.count(1)
        self._sending = threading.Lock()
        self._answers: dict[str, Queue[Message]] = {}
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        except OSError as error:
            raise Unreachable(f"No manager on port {port}: {error}.") from error
        self._socket.settimeout(None)
        self._reader = threading.Thread(target=self._read, name=f"ami-{port}", daemon=True)
        self._reader.start()
        self.action("Login", Username=user, Secret=secret, Events="on" if on_event else "off")

    def action(self, action: str, *more: tuple[str, str], timeout: float = 10.0, **fields: str) -> Message:
        """Send an action and return its answer; fields that occur twice (`Variable`) are given as pairs."""
        number = str(next(self._ids))
        lines = [("Action", action), ("ActionID", number), *fields.items(), *more]
        if any("\r" in value or "\n" in value for _, value in lines):
            raise Misuse("A line break cannot be sent to the manager.")
        answers = self._answers[number] = Queue()
        try:
            with self._sending:
                self._socket.sendall(_encoded(lines))
            answer = answers.get(timeout=timeout)
        except (OSError, Empty) as error:
            raise Unreachable(f"The manager did not answer {action} within {timeout:g} s.") from error
        finally:
            del self._answers[number]
        if answer.get("response") == "Error":
            raise Misuse(f"The manager refused {action}: {answer.get('message', '')}")
        return answer

    def close(self) -> None:
        """Let go of the connection; the thread ends with it."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join(5)
        self._socket.close()

    def __enter__(self) -> Ami:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self) -> None:
        stream = self._socket.makefile("r", encoding="utf-8", errors="replace", newline="\r\n")
        with stream, contextlib.suppress(OSError):
            for message in _messages(stream):
                self._dispatch(message)

    def _dispatch(self, message: Message) -> None:
        if "event" in message:
            if self._on_event:
                self._on_event(message)
            return
        answers = self._answers.get(message.get("actionid", ""))
        if answers is not None:
            answers.put(message)


def _encoded(lines: Iterable[tuple[str, str]]) -> bytes:
    return ("".join(f"{name}: {value}\r\n" for name, value in lines) + "\r\n").encode()


def _messages(stream: Iterable[str]) -> Iterable[Message]:
    """The messages of a stream: lines `Name: value`, an empty line after each."""
    message: dict[str, str] = {}
    for line in stream:
        name, colon, value = line.rstrip("\r\n").partition(":")
        if colon:
            message[name.lower()] = value.removeprefix(" ")
        elif message:
            yield message
            message = {}
