"""Whether the page and its register answer: for monitoring, and nothing is told beyond that."""

from __future__ import annotations

from flask import Blueprint, Response

from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr_web.settings import services

page = Blueprint("health", __name__)


@page.get("/healthz")
def show() -> Response:
    """Answer `ok` (200), or `unavailable` (503) while the register does not answer."""
    try:
        # A small read: `Register.ready` begins a write, and anybody may ask here as often as they like.
        services().register.switches()
    except Unreachable:
        return Response("unavailable\n", 503, content_type="text/plain")
    return Response("ok\n", content_type="text/plain")
