"""What must hold between our ARI client and any Asterisk; played on the fake and on the real one."""

from __future__ import annotations

import asyncio
import logging
from uuid import uuid4

import pytest

from asterisk_gdpr.adapters.ari.generated import (
    ApplicationReplaced,
    ChannelDestroyed,
    ChannelVarset,
    PlaybackFinished,
    PlaybackStarted,
    StasisEnd,
    StasisStart,
)
from asterisk_gdpr.adapters.ari.lease import Lease
from asterisk_gdpr.adapters.ari.rest import AriRest
from asterisk_gdpr.adapters.link import Pace
from asterisk_gdpr.adapters.refusals import AriError, ChannelGone, CredentialsRefused, NotInStasis
from asterisk_gdpr.errors import Unreachable
from tests.wire.stage import APP, AriServer, Told, ari_client, call_in_stasis, everything_logged, frozen

TONE = "tone:440"
"""A prompt that plays until it is stopped."""


def fresh(name: str) -> str:
    """A channel id or playback id that no test used before."""
    return f"{name}-{uuid4().hex[:8]}"


class AriContract:
    """Needs a fixture `asterisk`."""

    pace: Pace
    """How patient the clients are; a fake needs no patience."""

    async def test_a_call_arrives_with_its_arguments(self, asterisk: AriServer) -> None:
        """A call that enters our app is told, with the line that the dialplan named."""
        told = Told()
        async with ari_client(asterisk, told, self.pace) as ari:
            call = await call_in_stasis(ari, told, fresh("call"))

            start = await told.one(StasisStart)
            assert (call, ["notice", "sales"]) == (start.channel.id, start.args)
            assert call in [channel.id for channel in await ari.channels.list_all()]
            await ari.channels.hangup(call)

    async def test_a_prompt_is_played_and_stopped(self, asterisk: AriServer) -> None:
        """A prompt bears the id that we chose, and its end is told when we stop it."""
        told = Told()
        async with ari_client(asterisk, told, self.pace) as ari:
            call, playback = await call_in_stasis(ari, told, fresh("call")), fresh("prompt")
            await ari.channels.play_with_id(call, playback, media=[TONE])
            await told.one(PlaybackStarted)
            await ari.playbacks.stop(playback)

            assert playback == (await told.one(PlaybackFinished)).playback.id
            await ari.channels.hangup(call)

    async def test_a_missing_prompt_is_told_as_failed(self, asterisk: AriServer) -> None:
        """A prompt that does not exist is never taken for one that was heard."""
        told = Told()
        async with ari_client(asterisk, told, self.pace) as ari:
            call = await call_in_stasis(ari, told, fresh("call"))
            await ari.channels.play_with_id(call, fresh("prompt"), media=["sound:/missing/prompt"])

            assert (await told.one(PlaybackFinished)).playback.state == "failed"
            await ari.channels.hangup(call)

    async def test_a_variable_waits_for_the_prompt(self, asterisk: AriServer) -> None:
        """A variable cannot be set while a prompt plays, and is answered once it has been stopped."""
        told = Told()
        async with ari_client(asterisk, told, self.pace) as ari:
            call, playback = await call_in_stasis(ari, told, fresh("call")), fresh("prompt")
            await ari.channels.play_with_id(call, playback, media=[TONE])
            await told.one(PlaybackStarted)
            setting = asyncio.create_task(ari.channels.set_channel_var(call, variable="A", value="1"))
            await asyncio.wait([setting], timeout=0.05)
            assert not setting.done()

            await ari.playbacks.stop(playback)
            await setting
            await ari.channels.hangup(call)

    async def test_values_arrive_unchanged(self, asterisk: AriServer) -> None:
        """What a variable is set to is what is read, whatever signs it holds."""
        told = Told()
        async with ari_client(asterisk, told, self.pace) as ari:
            call = await call_in_stasis(ari, told, fresh("call"))
            for value in ("a&c=d", "ü 100% a+b/c?", "[1,2]", ""):
                await ari.channels.set_channel_var(call, variable="ODD", value=value)
                assert value == (await ari.channels.get_channel_var(call, variable="ODD")).value
            await ari.channels.hangup(call)

    async def test_a_call_that_has_gone_on_is_out_of_reach(self, asterisk: AriServer) -> None:
        """A channel in the dialplan is told apart from one that hung up, and both are told as gone."""
        told = Told()
        async with ari_client(asterisk, told, self.pace) as ari:
            call = await call_in_stasis(ari, told, fresh("call"))
            await ari.channels.continue_in_dialplan(call)
            await told.one(StasisEnd)
            # Asterisk tells of the end a moment before it lets go of the channel.
            with pytest.raises(NotInStasis) as elsewhere:
                async with asyncio.timeout(2):
                    while True:
                        await ari.channels.play_with_id(call, fresh("prompt"), media=[TONE])
            await ari.channels.hangup(call)
            with pytest.raises(ChannelGone) as gone:
                await ari.channels.play_with_id(call, fresh("prompt"), media=[TONE])

            assert [elsewhere.value.id, gone.value.id] == ["channel-gone"] * 2

    async def test_a_subscribed_channels_end_is_told(self, asterisk: AriServer) -> None:
        """The end of a channel that went on in the dialplan is told to whoever subscribed to it."""
        told = Told()
        async with ari_client(asterisk, told, self.pace) as ari:
            call = await call_in_stasis(ari, told, fresh("call"))
            await ari.applications.subscribe(APP, event_source=[f"channel:{call}"])
            await ari.channels.continue_in_dialplan(call)
            await ari.channels.hangup(call)

            assert call == (await told.one(ChannelDestroyed)).channel.id

    async def test_an_id_that_begins_another_is_refused(self, asterisk: AriServer) -> None:
        """An id that we choose is refused while a channel lives whose id begins with it."""
        told = Told()
        async with ari_client(asterisk, told, self.pace) as ari:
            call = await call_in_stasis(ari, told, fresh("call"))
            with pytest.raises(AriError, match="already exists"):
                await call_in_stasis(ari, told, call[:-1])
            await ari.channels.hangup(call)

    async def test_other_refusals_bear_status_and_message(self, asterisk: AriServer) -> None:
        """What is refused for another reason keeps Asterisk's status and words."""
        told = Told()
        async with ari_client(asterisk, told, self.pace) as ari:
            with pytest.raises(AriError) as playback:
                await ari.playbacks.stop("nothing-here")
            with pytest.raises(AriError) as source:
                await ari.applications.subscribe(APP, event_source=["channel:nothing-here"])

            assert [playback.value.status, source.value.status] == [404, 422]
            assert "Playback not found" in playback.value.message

    async def test_events_come_in_order_and_once(self, asterisk: AriServer) -> None:
        """Events reach their owner in Asterisk's order, each once."""
        told = Told()
        async with ari_client(asterisk, told, self.pace, unwanted=()) as ari:
            call = await call_in_stasis(ari, told, fresh("call"))
            await ari.applications.subscribe(APP, event_source=[f"channel:{call}"])
            for number in range(30):
                await ari.channels.set_channel_var(call, variable="N", value=str(number))
            await ari.channels.hangup(call)
            await told.one(ChannelDestroyed)

            numbers = [e.value for e in told.events if isinstance(e, ChannelVarset) and e.variable == "N"]
            assert [str(number) for number in range(30)] == numbers

    async def test_variables_of_others_are_not_told(self, asterisk: AriServer) -> None:
        """Changes of variables are not sent to us unless we ask for them."""
        told = Told()
        async with ari_client(asterisk, told, self.pace) as ari:
            call = await call_in_stasis(ari, told, fresh("call"))
            await ari.channels.set_channel_var(call, variable="SECRET", value="1")
            await ari.applications.subscribe(APP, event_source=[f"channel:{call}"])
            await ari.channels.hangup(call)
            await told.one(ChannelDestroyed)

            assert not [event for event in told.events if isinstance(event, ChannelVarset)]

    async def test_a_restart_is_survived(self, asterisk: AriServer) -> None:
        """After a restart of Asterisk the loss and the return are each told once, and calls arrive again."""
        told = Told()
        async with ari_client(asterisk, told, self.pace) as ari:
            await asterisk.stop()
            await told.until(lambda: told.losses)
            assert not ari.connected
            with pytest.raises(Unreachable):
                await ari.asterisk.ping()
            await asterisk.start()
            await told.until(lambda: told.connects == 2)

            call = await call_in_stasis(ari, told, fresh("call"))
            await ari.channels.set_channel_var(call, variable="SECRET", value="1")
            await ari.channels.hangup(call)
            assert [problem.id for problem in told.losses] == ["unreachable"]
            assert not [event for event in told.events if isinstance(event, ChannelVarset)]

    async def test_a_frozen_asterisk_is_noticed(self, asterisk: AriServer) -> None:
        """An Asterisk that keeps its connections but answers nothing is told as lost, and taken up again."""
        told = Told()
        async with ari_client(asterisk, told, self.pace) as ari:
            with frozen(asterisk):
                await told.until(lambda: told.losses)
                assert not ari.connected
            await told.until(lambda: told.connects == 2)

    async def test_a_request_is_not_waited_for_without_end(self, asterisk: AriServer) -> None:
        """A request that Asterisk does not answer ends by itself."""
        told = Told()
        async with ari_client(asterisk, told, Pace(answer=0.1)) as ari:
            with frozen(asterisk), pytest.raises(Unreachable):
                await ari.asterisk.ping()

    async def test_a_second_client_is_told(self, asterisk: AriServer) -> None:
        """Whoever is replaced by a second client of the same app learns it."""
        first, second = Told(), Told()
        async with ari_client(asterisk, first, self.pace), ari_client(asterisk, second, self.pace):
            await first.one(ApplicationReplaced)

    async def test_a_second_daemon_keeps_away(self, asterisk: AriServer) -> None:
        """A daemon that finds another one's fresh mark does not connect, and disturbs nobody."""
        first, second = Told(), Told()
        async with (
            ari_client(asterisk, first, self.pace, lease=Lease("one", "a", 0.1, 5.0)),
            ari_client(asterisk, second, self.pace, lease=Lease("one", "b", 0.1, 5.0)),
        ):
            await asyncio.sleep(2 * self.pace.mend)

        assert [problem.id for problem in second.losses] == ["app-taken"]
        assert second.connects == 0
        assert (first.connects, first.losses) == (1, [])

    async def test_the_next_life_takes_its_app_at_once(self, asterisk: AriServer) -> None:
        """A mark is no hindrance to whoever made it, and to others only for as long as it is fresh."""
        for owner in ("c", "c"):
            told = Told()
            async with ari_client(asterisk, told, self.pace, lease=Lease("two", owner)):
                assert (told.connects, told.losses) == (1, [])
        await asyncio.sleep(0.4)
        told = Told()
        async with ari_client(asterisk, told, self.pace, lease=Lease("two", "d", fresh=0.3)):
            assert (told.connects, told.losses) == (1, [])

    async def test_a_client_that_is_replaced_lets_go(self, asterisk: AriServer) -> None:
        """Who has become deaf ends the connection that tells nothing any more, and says why."""
        first = Told()
        async with ari_client(asterisk, first, self.pace), ari_client(asterisk, Told(), self.pace):
            await first.until(lambda: first.losses)

        assert first.losses[0].id == "app-taken"

    async def test_a_wrong_password_is_a_persons_to_mend(
        self, asterisk: AriServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A wrong password is told once, tried again only slowly, and never shown."""
        caplog.set_level(logging.DEBUG)
        told = Told()
        secret = "a-wrong-" + uuid4().hex
        async with ari_client(asterisk, told, self.pace, password=secret):
            await asyncio.sleep(3 * self.pace.mend)
        async with AriRest(asterisk.ari_url, asterisk.user, secret, pace=self.pace) as rest:
            with pytest.raises(CredentialsRefused) as refused:
                await rest.asterisk.ping()

        assert [problem.id for problem in told.losses] == ["asterisk-credentials"]
        assert told.losses[0].hint
        shown = everything_logged(caplog.records) + repr(told.losses) + str(refused.getrepr(style="long"))
        assert secret not in shown and "Authorization" not in shown
        assert len([r for r in caplog.records if r.name.startswith("asterisk_gdpr")]) == 1
