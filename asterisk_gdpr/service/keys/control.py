"""Unlocking the page's process from the command line: a socket in its run folder, for its own user alone.

One line of JSON in, one line of JSON out, then the connection ends:

    {"do": "unlock", "passphrase": "…"}   {"ok": true, "unlocked": true}
    {"do": "lock"}                        {"ok": true, "unlocked": false}
    {"do": "reload"}
    {"do": "state"}                       {"ok": false, "id": …, "message": …, "hint": …}

Who asks is what the kernel says of the other end (SO_PEERCRED), not what is sent.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import pwd
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from asterisk_gdpr.errors import Damaged, GdprError, Misuse, Refused, Unreachable
from asterisk_gdpr.service.keys.keeper import Keeper

_log = logging.getLogger(__name__)

SOCKET = "page.sock"
_LONGEST = 8192
_PATIENCE = 30.0
"""Seconds for one question: opening a key takes about one on a small machine, and they queue."""


class ControlServer:
    """Answers at `path` in a thread of its own from `start` to `stop`."""

    def __init__(self, path: Path, keeper: Keeper, reload: Callable[[], None]) -> None:
        """`reload` takes the policy anew, or raises what is wrong with it."""
        self._path = path
        self._keeper = keeper
        self._reload = reload
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)

    def start(self) -> None:
        """Begin to answer; raises Refused when the place cannot be had or another page has it."""
        if _answers(self._path):
            raise Refused("Another page of this installation is running.", id="already-running")
        before = os.umask(0o177)
        try:
            self._path.unlink(missing_ok=True)
            self._socket.bind(str(self._path))
        except OSError as error:
            raise Refused(
                f"The socket {self._path} cannot be made: {error.strerror or error}.",
                hint="Look at the folder `paths.run` of the configuration.",
                id="no-socket",
            ) from None
        finally:
            os.umask(before)
        self._socket.listen()
        self._thread.start()

    def stop(self) -> None:
        """Answer no more; the place is left only by the server that had it."""
        if self._thread.is_alive():
            self._path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._thread.join(_PATIENCE)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(_PATIENCE)
                with contextlib.suppress(OSError):
                    _send(connection, self._answer(connection))

    def _answer(self, connection: socket.socket) -> Mapping[str, object]:
        by = _peer(connection)
        try:
            if by is None:
                raise Refused("Only the user who runs the page may do this.", id="not-permitted")
            self._do(_receive(connection), by)
        except GdprError as error:
            return {"ok": False, "id": error.id, "message": error.message, "hint": error.hint}
        return {"ok": True, "unlocked": self._keeper.unlocked}

    def _do(self, asked: Mapping[str, Any], by: str) -> None:
        match asked:
            case {"do": "unlock", "passphrase": str(passphrase)}:
                self._keeper.unlock(passphrase, by=by, address="local")
            case {"do": "lock"}:
                self._keeper.lock(by=by)
            case {"do": "reload"}:
                self._reload()
            case {"do": "state"}:
                pass
            case _:
                raise Misuse("This is not a question to the page.")


def ask(run: Path, question: Mapping[str, str]) -> bool:
    """Put a question to the page's process and return whether it is unlocked now.

    Raises what the page refused, or Unreachable (`page-unreachable`) when none is running.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_PATIENCE)
        try:
            connection.connect(str(run / SOCKET))
            _send(connection, question)
            answer = _receive(connection)
        except OSError:
            raise Unreachable(
                "The page is not running, or another user runs it.",
                hint="Start it by `asterisk-gdpr web`.",
                id="page-unreachable",
            ) from None
    match answer:
        case {"ok": True, "unlocked": bool(unlocked)}:
            return unlocked
        case {"ok": False, "id": str(id), "message": str(message), "hint": str(hint)}:
            raise Refused(message, hint=hint, id=id)
        case _:
            raise Damaged("The page gave an answer that is none.")


def _peer(connection: socket.socket) -> str | None:
    """Who is at the other end, as the ledger names them; None when they are neither us nor root."""
    size = struct.calcsize("3i")
    _, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    if uid not in (0, os.geteuid()):
        return None
    try:
        return f"cli:{pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"cli:{uid}"


def _receive(connection: socket.socket) -> Mapping[str, Any]:
    line = b""
    while not line.endswith(b"\n") and len(line) < _LONGEST:
        piece = connection.recv(_LONGEST)
        if not piece:
            break
        line += piece
    try:
        told = json.loads(line)
    except ValueError:
        raise Misuse("This is not a question to the page.") from None
    if not isinstance(told, dict):
        raise Misuse("This is not a question to the page.")
    return told


def _send(connection: socket.socket, told: Mapping[str, object]) -> None:
    connection.sendall(json.dumps(told).encode() + b"\n")


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        return connection.connect_ex(str(path)) == 0
