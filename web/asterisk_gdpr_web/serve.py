"""Serving the page by waitress, a WSGI server of threads.

Left to itself waitress puts what a slow reader has not taken yet (beyond 1 MiB) and long requests (beyond
512 KiB) into temporary files. What the page sends is plaintext audio, which must never touch a disk
(design, invariant 3): the limits below keep everything in memory, and little of it.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask
from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.server import BaseWSGIServer, create_server
from werkzeug.wsgi import ClosingIterator

from asterisk_gdpr.errors import Misuse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 8
"""Enough for a few dozen people: no answer of the page waits for a reader, but whole downloads."""

_MIB = 1024 * 1024
_PIECE = 256 * 1024
_IN_MEMORY = {
    "outbuf_high_watermark": 2 * _MIB,  # an answer waits while more than this is unread
    "outbuf_overflow": 64 * _MIB,  # beyond this waitress would use a file; mark and pieces lie far below
    "max_request_body_size": _MIB + 128 * 1024,  # a file and its form; less than inbuf_overflow
    "inbuf_overflow": 2 * _MIB,
}


def make_server(app: Flask, listen: str) -> BaseWSGIServer:
    """Listen on `host:port` (IPv6 in brackets; port 0 takes a free one) without serving yet.

    Raises Misuse for what is no address, OSError when it cannot be had.
    """
    # X-Forwarded headers are left to the app, which believes those of its known proxies only.
    return create_server(
        in_pieces(app),
        sockets=[_bound(listen)],
        threads=THREADS,
        ident="",
        clear_untrusted_proxy_headers=False,
        **_IN_MEMORY,
    )


def in_pieces(app: WSGIApplication) -> WSGIApplication:
    """Have every answer written in small pieces: waitress puts one beyond its limit into a file."""

    def cut(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        whole: Iterable[bytes] = app(environ, start_response)
        if isinstance(whole, ReadOnlyFileBasedBuffer):
            return whole  # type: ignore[no-any-return]  # a file of ours, which waitress reads piece by piece itself
        return ClosingIterator(_cut(whole), getattr(whole, "close", None))

    return cut


def _cut(whole: Iterable[bytes]) -> Iterator[bytes]:
    for data in whole:
        if len(data) <= _PIECE:
            yield data
        else:
            view = memoryview(data)
            for start in range(0, len(view), _PIECE):
                yield bytes(view[start : start + _PIECE])


def _bound(listen: str) -> socket.socket:
    try:
        address = urlsplit(f"//{listen}")
        host, port = address.hostname, address.port
    except ValueError:
        host = port = None
    if not host or port is None:
        raise Misuse(f"The page cannot listen on {listen!r}.", hint="Write host:port.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def serve(app: Flask, listen: str) -> None:
    """Serve until the process is told to end; raises as `make_server`."""
    server = make_server(app, listen)
    try:
        server.run()
    finally:
        server.close()
