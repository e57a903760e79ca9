"""The fake exchange keeps the contract that a real Asterisk keeps."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.calls.exchange_contract import PROMPT_SECONDS, ExchangeContract, Reported
from tests.calls.stage import ANNA
from tests.fakes.exchange import FakeExchange


class FakeScene:
    """People whose every move takes no time."""

    prompt = "sound:prompt"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.reported = Reported()
        self.exchange = FakeExchange(
            lambda: self.reported, lambda media: PROMPT_SECONDS if media == self.prompt else 0.0
        )
        self.exchange.endpoints = {"PJSIP/anna": 0.1, "PJSIP/ben": "busy", "PJSIP/carla": None}

    async def call(self) -> str:
        return self.exchange.arrive("sales").id

    async def press(self, channel: str, keys: str) -> None:
        self.exchange.press(self.exchange.channels[channel], keys)

    async def hang_up(self, channel: str) -> None:
        self.exchange.hang_up(self.exchange.channels[channel])

    async def talk(self, channel: str) -> None:
        self.exchange.join("bridge", self.exchange.agent(ANNA), self.exchange.channels[channel])

    async def variable(self, channel: str, name: str) -> str:
        return self.exchange.channels[channel].variables[name]

    def legs(self) -> tuple[Path, Path]:
        legs = (self._folder / "left.sln", self._folder / "right.sln")
        for leg in legs:
            leg.touch()
        return legs


@pytest.fixture
async def scene(tmp_path: Path) -> FakeScene:
    """The fake one."""
    assert asyncio.get_running_loop()
    return FakeScene(tmp_path)


@pytest.mark.looptime
class TestFakeExchange(ExchangeContract):
    """Ten stories, in made-up time."""
