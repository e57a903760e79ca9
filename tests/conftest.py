"""What holds for every test."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, settings

# How fast a machine makes values up says nothing of the product.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")


def pytest_configure(config: pytest.Config) -> None:
    """Begin without an event loop: on Python 3.11 one would be made unasked, and never closed."""
    asyncio.set_event_loop(None)
