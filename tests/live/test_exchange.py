"""The exchange on a real Asterisk: the contract that the fake keeps, and what only a real one can show."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from asterisk_gdpr.adapters.ami import AmiClient
from asterisk_gdpr.adapters.ari.client import AriClient
from asterisk_gdpr.adapters.ari.rest import AriRest
from asterisk_gdpr.adapters.exchange import AsteriskExchange
from asterisk_gdpr.rig.bench import Bench
from asterisk_gdpr.rig.pbx import USER
from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import tone
from tests.calls.exchange_contract import PROMPT_SECONDS, ExchangeContract, Reported, up
from tests.live.conftest import BenchMaker
from tests.live.test_dialplan import SHIPPED

pytestmark = pytest.mark.live

DIALPLAN = f"""#include "{SHIPPED}"
[from-trunk]
exten => sales,1,Gosub(asterisk-gdpr,notice,1(sales))
 same => n,Dial(PJSIP/anna,20)
exten => stray,1,Stasis(asterisk-gdpr)
 same => n,Log(NOTICE,the stray goes on)
exten => unknown,1,Stasis(asterisk-gdpr,something,else)
 same => n,Log(NOTICE,the unknown goes on)
"""


class RealScene:
    """People with phones."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.bench = bench
        self.prompt = f"sound:{folder}/prompt"
        (folder / "prompt.sln").write_bytes(tone(700, PROMPT_SECONDS).tobytes())
        self.reported = Reported()
        pbx = bench.pbx
        self.exchange = AsteriskExchange(
            lambda on_event, on_connected: AriClient(
                pbx.ari_url,
                USER,
                pbx.address.secret,
                "asterisk-gdpr",
                on_event=on_event,
                on_connected=on_connected,
                on_lost=lambda _: None,
            ),
            lambda on_event, on_connected, on_lost: AmiClient(
                "127.0.0.1",
                pbx.address.ami,
                USER,
                pbx.address.secret,
                on_event=on_event,
                on_connected=on_connected,
                on_lost=on_lost,
            ),
            "asterisk-gdpr",
            lambda: self.reported,
            str(folder),
        )
        self._folder = folder
        self._names = count()
        self._callers: dict[str, PhoneCall] = {}

    async def call(self) -> str:
        before = len(self.reported.of("arrived"))
        caller = await self.dial("sales")
        (arrived,) = await self.reported.until(lambda: self.reported.of("arrived")[before:])
        channel: str = arrived[1]
        self._callers[channel] = caller
        return channel

    async def dial(self, extension: str) -> PhoneCall:
        """A caller dials any extension."""
        number = "+4915112345678"
        return await asyncio.to_thread(
            self.bench.phones.call, extension, number=number, script="tone 400", early=True
        )

    async def press(self, channel: str, keys: str) -> None:
        caller = self._callers[channel]
        await asyncio.to_thread(caller.wait_answered)
        await asyncio.to_thread(caller.press, keys)

    async def hang_up(self, channel: str) -> None:
        await asyncio.to_thread(self._callers[channel].hangup)

    async def talk(self, channel: str) -> None:
        await self.reported.wait("entered", channel, 10)

    async def variable(self, channel: str, name: str) -> str:
        async with AriRest(self.bench.pbx.ari_url, USER, self.bench.pbx.address.secret) as ari:
            return (await ari.channels.get_channel_var(channel, variable=name)).value

    def legs(self) -> tuple[Path, Path]:
        number = next(self._names)
        legs = (self._folder / f"{number}.left.sln", self._folder / f"{number}.right.sln")
        for leg in legs:
            leg.touch()
        return legs

    def hang_up_all(self) -> None:
        """Nobody is left on the line."""
        for caller in self._callers.values():
            caller.hangup()


@pytest.fixture(scope="module")
def bench(make_bench: BenchMaker) -> Bench:
    """A bench with the dialplan above."""
    bench = make_bench(extra={"extensions.conf": DIALPLAN})
    bench.phones.agent("anna", tone=1000, answer_after=0.1)
    bench.phones.agent("ben", script="busy")
    bench.phones.agent("carla", script="ring 600")
    return bench


@pytest.fixture
async def scene(bench: Bench, tmp_path: Path) -> AsyncIterator[RealScene]:
    """The real one, connected."""
    scene = RealScene(bench, tmp_path)
    running = asyncio.create_task(scene.exchange.run())
    await scene.reported.until(lambda: scene.exchange.connected and scene.reported.of("channels"))
    yield scene
    await asyncio.to_thread(scene.hang_up_all)
    await asyncio.sleep(0.2)
    held = scene.exchange
    assert not any((held._channels, held._whispers, held._tasks))
    running.cancel()
    await asyncio.wait([running])


class TestRealExchange(ExchangeContract):
    """The same stories, in real time."""


@pytest.mark.parametrize("name", ["stray", "unknown"])
async def test_a_channel_that_is_not_meant_for_us_goes_on(scene: RealScene, name: str) -> None:
    """Whoever comes to the app without a notice to hear is never kept waiting in it."""
    caller = await scene.dial(name)
    await asyncio.to_thread(caller.wait_ended, 2)

    assert f"the {name} goes on" in scene.bench.pbx.log()


async def test_a_whisper_that_nobody_can_hear_leaves_nothing_behind(
    scene: RealScene, caplog: pytest.LogCaptureFixture
) -> None:
    """A caller who hangs up during a whisper takes its channel along."""
    channel = await scene.call()
    await up(scene, channel)
    await scene.exchange.pass_on(channel)
    await scene.talk(channel)
    await scene.exchange.whisper(channel, [scene.prompt])
    await scene.hang_up(channel)
    await scene.reported.wait("gone", channel)
    await asyncio.sleep(0.3)

    assert "Snoop" not in await asyncio.to_thread(scene.bench.pbx.rx, "core show channels")
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_new_life_finds_the_calls_of_the_old_one(scene: RealScene) -> None:
    """After a restart every channel is told: those in our hands with their line, others as elsewhere."""
    in_notice, passed = await scene.call(), await scene.call()
    await up(scene, passed)
    await scene.exchange.pass_on(passed)
    await scene.talk(passed)
    anew = RealScene(scene.bench, scene._folder)
    running = asyncio.create_task(anew.exchange.run())
    (_, channels), *_ = await anew.reported.until(lambda: anew.reported.of("channels"))
    running.cancel()
    await asyncio.wait([running])

    assert channels[in_notice] is not None and channels[in_notice].line == "sales"
    assert channels[passed] is None


async def test_asterisk_frozen_while_a_capture_is_started(scene: RealScene) -> None:
    """A capture of which nobody knows whether it has started runs no more once Asterisk answers again."""
    channel = await scene.call()
    await up(scene, channel, 60.0)
    left, right = scene.legs()
    await asyncio.to_thread(scene.bench.pbx.freeze)
    try:
        starting = asyncio.create_task(scene.exchange.start_muted(channel, str(left), str(right)))
        await asyncio.wait([starting], timeout=8)
    finally:
        scene.bench.pbx.thaw()
    assert isinstance(starting.exception(), Exception)
    await asyncio.sleep(2.5)
    await scene.exchange.pass_on(channel)
    await scene.talk(channel)
    await asyncio.sleep(1)

    assert not any(left.read_bytes() + right.read_bytes())
