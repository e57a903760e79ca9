"""What holds for every test."""

from __future__ import annotations

import asyncio

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Begin without an event loop: on Python 3.11 one would be made unasked, and never closed."""
    asyncio.set_event_loop(None)
