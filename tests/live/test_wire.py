"""The contracts of the ARI and AMI clients on a real Asterisk, and what only a real one can show."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from asterisk_gdpr.adapters.ari import generated
from asterisk_gdpr.adapters.ari.generated import (
    ChannelDestroyed,
    ChannelDtmfReceived,
    PlaybackFinished,
    PlaybackStarted,
    StasisEnd,
    StasisStart,
)
from asterisk_gdpr.adapters.ari.rest import AriRest
from asterisk_gdpr.adapters.link import Pace
from asterisk_gdpr.rig.debian import programs
from asterisk_gdpr.rig.pbx import USER, Pbx
from asterisk_gdpr.rig.phones import Phones
from tests.wire.ami_contract import AmiContract
from tests.wire.ari_contract import TONE, AriContract, fresh
from tests.wire.stage import APP, Told, ami_client, ari_client
from tools.generate_ari import formatted, source

pytestmark = pytest.mark.live

PATIENT = Pace(first=0.05, most=0.5, mend=0.5, answer=5.0, silence=1.0)

DIALPLAN = """[from-trunk]
exten => wire,1,Answer()
 same => n,Stasis(asterisk-gdpr,notice,sales)
 same => n,Wait(30)
exten => talk,1,Answer()
 same => n,Stasis(asterisk-gdpr,notice,sales)
 same => n,Dial(PJSIP/anna,20)
exten => wire-far,1,Answer()
 same => n,Wait(60)
"""


class RealAsterisk:
    """The bench's PBX as the contracts' stage."""

    user = USER

    def __init__(self, pbx: Pbx) -> None:
        self.pbx = pbx
        self.password = pbx.address.secret
        self.ari_url = pbx.ari_url
        self.ami_port = pbx.address.ami

    async def start(self) -> None:
        """Start it; from the test's own thread, with which the kernel would end it."""
        self.pbx.start()

    async def stop(self) -> None:
        """End it as a power cut of the process would."""
        self.pbx.kill()

    def freeze(self) -> None:
        """SIGSTOP, and wait until the last of its threads stands still."""
        self.pbx.freeze()
        os.waitpid(self.pbx.pid, os.WUNTRACED)

    def thaw(self) -> None:
        """SIGCONT."""
        self.pbx.thaw()


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealAsterisk]:
    """One PBX for the whole module."""
    pbx = Pbx(programs(), tmp_path_factory.mktemp("pbx"), extra={"extensions.conf": DIALPLAN})
    pbx.start()
    yield RealAsterisk(pbx)
    pbx.stop()


@pytest.fixture
async def channel(asterisk: RealAsterisk) -> AsyncIterator[str]:
    """A channel that lives."""
    name = fresh("call")
    async with AriRest(asterisk.ari_url, asterisk.user, asterisk.password) as ari:
        await ari.channels.originate_with_id(
            name,
            endpoint="Local/wire-far@from-trunk/n",
            context="from-trunk",
            extension="wire-far",
            priority=1,
        )
        yield name
        await ari.channels.hangup(name)


class TestRealAri(AriContract):
    """The real one keeps the contract that the fake keeps."""

    pace = PATIENT


class TestRealAmi(AmiContract):
    """The real one keeps the contract that the fake keeps."""

    pace = PATIENT


@pytest.fixture
def phones(asterisk: RealAsterisk, tmp_path: Path) -> Iterator[Phones]:
    """Phones that call the PBX and are called by it."""
    phones = Phones(programs(), tmp_path, asterisk.pbx.address)
    phones.start()
    yield phones
    phones.stop()


async def test_a_real_call_from_the_notice_to_its_end(asterisk: RealAsterisk, phones: Phones) -> None:
    """A caller hears a prompt, presses a key that is told once, talks to an agent, and is told as gone."""
    phones.agent("anna", answer_after=0.1)
    ari_told, ami_told = Told(), Told()
    async with (
        ari_client(asterisk, ari_told, PATIENT) as ari,
        ami_client(asterisk, ami_told, PATIENT),
    ):
        caller = await asyncio.to_thread(phones.call, "talk", number="+4915112345678")
        start = await ari_told.one(StasisStart)
        call, prompt = start.channel.id, fresh("prompt")
        # Both sources, so that Asterisk sends each event of the channel twice.
        await ari.applications.subscribe(APP, event_source=[f"channel:{call}", "endpoint:PJSIP/trunk"])
        await ari.channels.play_with_id(call, prompt, media=[TONE])
        await ari_told.one(PlaybackStarted)
        await asyncio.to_thread(caller.press, "2")
        await ari_told.one(ChannelDtmfReceived)
        await ari.playbacks.stop(prompt)
        await ari_told.one(PlaybackFinished)
        await ari.channels.set_channel_var(call, variable="GDPR_CHOICE", value="refused")
        await ari.channels.continue_in_dialplan(call)
        await ari_told.one(StasisEnd)

        bridged = await ami_told.until(
            lambda: [e for e in ami_told.events if e.event == "BridgeEnter" and e["linkedid"] == call]
        )
        assert bridged
        await asyncio.to_thread(caller.hangup)
        await ari_told.one(ChannelDestroyed, lambda event: event.channel.id == call)

    digits = [event.digit for event in ari_told.events if isinstance(event, ChannelDtmfReceived)]
    ends = [
        event for event in ari_told.events if isinstance(event, ChannelDestroyed) and event.channel.id == call
    ]
    assert (digits, len(ends)) == (["2"], 1)


def test_generated_code_is_what_this_asterisk_describes() -> None:
    """Generating anew from the Asterisk that the module was made from gives the same bytes."""
    description = programs().data / "rest-api"
    if not description.is_dir():
        pytest.skip("this Asterisk came without the description of its ARI")
    anew = formatted(source(description, generated.MADE_FROM))
    if not programs().version.startswith(generated.MADE_FROM):
        pytest.skip(f"made from {generated.MADE_FROM}, but {programs().version} has all that is used")

    assert anew == Path(generated.__file__).read_text(encoding="utf-8")
