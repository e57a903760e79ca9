"""The bench's own manager connection, against a manager that is only a socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from asterisk_gdpr.errors import Misuse, Unreachable
from asterisk_gdpr.rig.ami import Ami, Message


@pytest.fixture
def port() -> Iterator[int]:
    """A manager that takes any login, sends an event before each answer, and refuses Redirect."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rw", newline="\r\n") as stream:
                stream.write("Manager/1.0\r\n")
                fields: dict[str, str] = {}
                for line in stream:
                    name, colon, value = line.strip().partition(": ")
                    if colon:
                        fields[name] = value
                        continue
                    answer = "Error" if fields["Action"] == "Redirect" else "Success"
                    if fields["Action"] != "Silence":
                        stream.write("Event: Hangup\r\nCause-txt: Normal: clearing\r\n\r\n")
                        stream.write(
                            f"Response: {answer}\r\nActionID: {fields['ActionID']}\r\nMessage: m\r\n\r\n"
                        )
                        stream.flush()

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def test_answers_and_events_are_told_apart(port: int) -> None:
    """An answer goes to the one who asked, an event to the one who listens, whatever comes first."""
    events: list[Message] = []
    with Ami(port, "user", "secret", events.append) as ami:
        assert ami.action("Ping")["message"] == "m"

    assert events == [{"event": "Hangup", "cause-txt": "Normal: clearing"}] * 2


def test_a_refusal_is_an_error(port: int) -> None:
    """What the manager refuses, and what cannot be said to it, is an error."""
    with Ami(port, "user", "secret") as ami:
        with pytest.raises(Misuse, match="refused Redirect"):
            ami.action("Redirect")
        with pytest.raises(Misuse, match="line break"):
            ami.action("Ping", Channel="a\r\nAction: Logoff")


def test_a_manager_that_is_silent_is_unreachable(port: int) -> None:
    """No answer in time is an error, and so is nobody there."""
    with Ami(port, "user", "secret") as ami, pytest.raises(Unreachable, match="Silence"):
        ami.action("Silence", timeout=0.05)
    with socket.create_server(("127.0.0.1", 0)) as gone:
        free = gone.getsockname()[1]
    with pytest.raises(Unreachable):
        Ami(free, "user", "secret")
