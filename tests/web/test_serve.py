"""The page by its real server, over a real socket."""

from __future__ import annotations

import http.client
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from waitress.server import BaseWSGIServer

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr_web.serve import make_server
from tests.web.house import House

AUDIO = "/recordings/rlong00001/audio"


class Served:
    """A served house: where it listens, and the cookie of somebody who listens."""

    def __init__(self, house: House, port: int) -> None:
        self.port = port
        cookie = house.reviewer().client.get_cookie("asterisk-gdpr")
        assert cookie
        self.headers = {"Cookie": f"asterisk-gdpr={cookie.value}"}

    def connect(self) -> http.client.HTTPConnection:
        """A new connection."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)


@pytest.fixture
def served(house: House) -> Iterator[Served]:
    """The page on a free port, with a recording of 4 MB in it."""
    house.seal("long00001", plan=((1_000_000,),))
    server = make_server(house.app, "127.0.0.1:0")
    thread = threading.Thread(target=server.run)
    thread.start()
    yield Served(house, server.effective_port)
    server.trigger.pull_trigger(lambda: close(server))
    thread.join(5)
    server.task_dispatcher.shutdown()
    assert not thread.is_alive()


def close(server: BaseWSGIServer) -> None:
    """Close everything from within the server's own thread, which then has nothing left to do."""
    for channel in list(server.active_channels.values()):
        channel.handle_close()
    server.close()
    server.trigger.socket.close()  # waitress leaves its copy of the pipe open


def test_ranges_over_the_wire(served: Served) -> None:
    """The real server sends a range with its status, length and place."""
    connection = served.connect()
    connection.request("GET", AUDIO, headers={**served.headers, "Range": "bytes=40-99"})
    answer = connection.getresponse()

    assert answer.status == 206
    assert answer.headers["Content-Range"] == "bytes 40-99/4000044"
    assert len(answer.read()) == 60
    assert "Server" not in answer.headers
    connection.close()


def test_sound_that_waits_for_a_slow_reader_waits_in_memory(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However slowly a recording is read, not a byte of it is put into a temporary file."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        lines = (f"GET {AUDIO} HTTP/1.0", "Host: localhost", f"Cookie: {served.headers['Cookie']}", "", "")
        slow.sendall("\r\n".join(lines).encode())
        threading.Event().wait(0.2)
        received = 0
        while data := slow.recv(1 << 20):
            received += len(data)

    assert received > 4_000_044


def test_addresses(served: Served) -> None:
    """What is no address is a misuse; one that is taken is the system's own error."""
    for faulty in ("nowhere", "", "127.0.0.1:http", "127.0.0.1:99999", "[::1"):
        with pytest.raises(Misuse):
            make_server(House().app, faulty)
    with pytest.raises(OSError, match="in use"):
        make_server(House().app, f"127.0.0.1:{served.port}")


def test_what_is_sent_as_one_piece_waits_in_memory_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that is one piece, and larger than the server keeps in memory, is never put into a file."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    app = Flask("large")
    app.add_url_rule("/", "large", lambda: Response(bytes(66 * 1024 * 1024)))
    server = make_server(app, "127.0.0.1:0")
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", server.effective_port, timeout=30)
        connection.request("GET", "/")
        assert len(connection.getresponse().read()) == 66 * 1024 * 1024
        connection.close()
    finally:
        server.trigger.pull_trigger(lambda: close(server))
        thread.join(5)
        server.task_dispatcher.shutdown()
