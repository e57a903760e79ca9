"""A voice that hums: as long as the text, at a pitch of its own."""

from __future__ import annotations

import hashlib

import numpy as np

from asterisk_gdpr.errors import Refused

SECONDS_A_LETTER = 0.001


class Hum:
    """Plays `ports.Speech` without any program; `languages` are those that it has a voice for."""

    def __init__(
        self, name: str = "hum 1", languages: tuple[str, ...] = ("en", "de"), pace: float = 1.0
    ) -> None:
        self._name = name
        self._languages = languages
        self._pace = pace
        self.said: list[str] = []

    @property
    def name(self) -> str:
        return self._name

    def speak(self, text: str, language: str, rate: int) -> bytes:
        if language not in self._languages:
            raise Refused(
                f"There is no voice for the language `{language}`.", hint="Name one.", id="no-voice"
            )
        self.said.append(text)
        pitch = 200 + hashlib.sha256(f"{self._name} {text}".encode()).digest()[0]
        seconds = len(text) * SECONDS_A_LETTER * self._pace
        time = np.arange(int(seconds * 8000) * rate // 8000) / rate
        return bytes((np.sin(2 * np.pi * pitch * time) * 4000).astype("<i2").tobytes())
