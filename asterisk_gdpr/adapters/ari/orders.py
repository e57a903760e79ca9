"""Commands that belong together: `AriRest.in_order` sends them in one piece, as a caller waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Order = tuple[str, tuple[str, ...], Mapping[str, Any]]
"""Method, the path's parts, not yet quoted, and arguments."""


def answer(channel: str) -> Order:
    """Answer a channel."""
    return "POST", ("channels", channel, "answer"), {}


def set_variable(channel: str, name: str, value: str) -> Order:
    """Set a variable; waits for a prompt that plays."""
    return "POST", ("channels", channel, "variable"), {"variable": name, "value": value}


def play(channel: str, playback: str, media: str) -> Order:
    """Start a prompt, or several joined by commas."""
    return "POST", ("channels", channel, "play", playback), {"media": media.split(",")}


def follow(app: str, channel: str) -> Order:
    """Subscribe an app to a channel, wherever it is."""
    return "POST", ("applications", app, "subscription"), {"eventSource": [f"channel:{channel}"]}


def go_on(channel: str) -> Order:
    """Let a channel continue behind its Stasis()."""
    return "POST", ("channels", channel, "continue"), {}
