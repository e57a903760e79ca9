"""A cable between the daemon and AMI that can be pulled out and put back."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType


class Cable:
    """Carries every connection to its own port of 127.0.0.1 on to `port`, while it is in."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._in = True
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._run(self._accept)

    def __enter__(self) -> Cable:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pull()
        _shut(self._listener)
        for thread in list(self._threads):
            thread.join(5)
        for end in (self._listener, *self._ends):
            end.close()

    def pull(self) -> None:
        """Every connection ends, and none can be made."""
        self._in = False
        for end in list(self._ends):
            _shut(end)

    def put_back(self) -> None:
        """Connections can be made again."""
        self._in = True

    def _run(self, act: Callable[..., None], *args: socket.socket) -> None:
        thread = threading.Thread(target=act, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self._ends.append(near)
                if not self._in:
                    _shut(near)
                    continue
                far = socket.create_connection(("127.0.0.1", self._target))
                self._ends.append(far)
                self._run(self._carry, near, far)
                self._run(self._carry, far, near)

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(1 << 16):
                other.sendall(data)
        _shut(one)
        _shut(other)


def _shut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
