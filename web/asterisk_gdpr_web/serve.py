"""Serving the page by waitress, a WSGI server of threads."""

from __future__ import annotations

from flask import Flask
from waitress.server import create_server

THREADS = 8
"""Enough for a few dozen people; each listening holds one only while it sends."""


def serve(app: Flask, listen: str) -> None:
    """Serve until the process is told to end; `listen` is `host:port`, IPv6 in brackets.

    Raises OSError when the address cannot be had.
    """
    server = create_server(app, listen=listen, threads=THREADS, ident="", clear_untrusted_proxy_headers=True)
    try:
        server.run()
    finally:
        server.close()
