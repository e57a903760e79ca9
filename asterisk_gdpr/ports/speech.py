"""A voice that speaks the notice."""

from __future__ import annotations

from typing import Protocol


class Speech(Protocol):
    """A voice."""

    @property
    def name(self) -> str:
        """Engine and version, part of a prompt's identity."""
        ...

    def speak(self, text: str, language: str, rate: int) -> bytes:
        """The text as signed 16-bit little-endian mono samples at `rate` Hz."""
        ...
