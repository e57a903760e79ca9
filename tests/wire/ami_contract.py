"""What must hold between our AMI client and any Asterisk; played on the fake and on the real one."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from uuid import uuid4

import pytest

from asterisk_gdpr.adapters.ami_wire import Message
from asterisk_gdpr.adapters.link import Pace
from asterisk_gdpr.adapters.mixmonitor import MixMonitor
from asterisk_gdpr.adapters.refusals import AmiError, ChannelGone
from asterisk_gdpr.errors import Misuse, Unreachable
from tests.wire.stage import AmiServer, Told, ami_client, everything_logged, frozen


class AmiContract:
    """Needs the fixtures `asterisk` and `channel`, the unique id of a channel that lives."""

    pace: Pace
    """How patient the clients are; a fake needs no patience."""

    async def test_an_action_is_answered(self, asterisk: AmiServer) -> None:
        """An action returns its own response, whatever else is asked at the same time."""
        told = Told()
        async with ami_client(asterisk, told, self.pace) as ami:
            answers = await asyncio.gather(*(ami.action("Ping") for _ in range(20)))

            assert [answer["PING"] for answer in answers] == ["Pong"] * 20

    async def test_a_list_is_gathered(self, asterisk: AmiServer, channel: str) -> None:
        """A list is handed over whole, and its parts are not told as events."""
        told = Told()
        listed: list[Message] = []
        async with ami_client(asterisk, told, self.pace) as ami:
            await ami.action_list("CoreShowChannels", listed.extend)

            assert channel in [item["Uniqueid"] for item in listed]
            assert not [event for event in told.events if event.event.startswith("CoreShow")]

    async def test_a_capture_is_steered(self, asterisk: AmiServer, channel: str, tmp_path: Path) -> None:
        """A capture starts, is muted and opened and stopped, and each is told as an event."""
        told = Told()
        async with ami_client(asterisk, told, self.pace) as ami:
            monitor = MixMonitor(ami)
            capture = await monitor.start(channel, f"{tmp_path}/l.sln", f"{tmp_path}/r.sln", "MMID")
            await monitor.mute(channel, capture, True)
            await monitor.mute(channel, capture, False, "read")
            await monitor.stop(channel, capture)

            for name in ("MixMonitorStart", "MixMonitorMute", "MixMonitorStop"):
                assert channel == (await told.named(name))["Uniqueid"]
            with pytest.raises(AmiError, match="Could not stop"):
                await monitor.stop(channel, capture)

    async def test_a_channel_that_hung_up_is_told_as_gone(self, asterisk: AmiServer) -> None:
        """Whatever is asked of a channel that is not there is answered by `ChannelGone`."""
        told = Told()
        async with ami_client(asterisk, told, self.pace) as ami:
            monitor = MixMonitor(ami)
            for asked in (
                monitor.start("nobody", "/tmp/l.sln", "/tmp/r.sln", "MMID"),
                monitor.mute("nobody", "0x1", True),
                monitor.stop("nobody", "0x1"),
            ):
                with pytest.raises(ChannelGone):
                    await asked

    async def test_a_field_cannot_smuggle_in_another(self, asterisk: AmiServer) -> None:
        """A line end in a value, or a bracket in a leg's path, is refused before anything is sent."""
        told = Told()
        async with ami_client(asterisk, told, self.pace) as ami:
            with pytest.raises(Misuse):
                await ami.action("Ping", Note="a\r\nAction: Logoff")
            with pytest.raises(Misuse):
                await MixMonitor(ami).start("nobody", "/tmp/l.sln),touch /tmp/x,(", "/tmp/r.sln", "MMID")
            await ami.action("Ping")

    async def test_a_restart_is_survived(self, asterisk: AmiServer) -> None:
        """After a restart of Asterisk the loss and the return are each told once, and actions work again."""
        told = Told()
        async with ami_client(asterisk, told, self.pace) as ami:
            await asterisk.stop()
            await told.until(lambda: told.losses)
            with pytest.raises(Unreachable):
                await ami.action("Ping")
            await asterisk.start()
            await told.until(lambda: told.connects == 2)
            await ami.action("Ping")

            assert [problem.id for problem in told.losses] == ["unreachable"]

    async def test_a_frozen_asterisk_is_noticed(self, asterisk: AmiServer) -> None:
        """An Asterisk that keeps its connections but answers nothing is told as lost, and taken up again."""
        told = Told()
        async with ami_client(asterisk, told, self.pace) as ami:
            with frozen(asterisk):
                asked = asyncio.create_task(ami.action("Ping"))
                await told.until(lambda: told.losses)
                with pytest.raises(Unreachable):
                    await asked
            await told.until(lambda: told.connects == 2)

    async def test_an_answer_is_not_waited_for_without_end(self, asterisk: AmiServer) -> None:
        """An action that Asterisk does not answer ends by itself."""
        told = Told()
        async with ami_client(asterisk, told, Pace(answer=0.1)) as ami:
            with frozen(asterisk), pytest.raises(Unreachable, match="no answer to Ping"):
                await ami.action("Ping")

    async def test_a_wrong_secret_is_a_persons_to_mend(
        self, asterisk: AmiServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A wrong secret is told once, tried again only slowly, and never shown."""
        caplog.set_level(logging.DEBUG)
        told = Told()
        secret = "a-wrong-" + uuid4().hex
        async with ami_client(asterisk, told, self.pace, secret=secret):
            await asyncio.sleep(3 * self.pace.mend)

        assert [problem.id for problem in told.losses] == ["asterisk-credentials"]
        assert told.losses[0].hint
        assert secret not in everything_logged(caplog.records) + repr(told.losses)
        assert len([r for r in caplog.records if r.name.startswith("asterisk_gdpr")]) == 1
