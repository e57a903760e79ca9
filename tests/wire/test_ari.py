"""The ARI contract on the fake, and what only the fake can show."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from asterisk_gdpr.adapters.ari.events import UnknownEvent
from asterisk_gdpr.adapters.ari.generated import ChannelDestroyed
from asterisk_gdpr.adapters.ari.rest import AriRest
from asterisk_gdpr.errors import Misuse
from tests.fakes.ari_server import FakeAri
from tests.wire.ari_contract import AriContract, fresh
from tests.wire.stage import APP, FAST, Told, ari_client, call_in_stasis


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAri]:
    """A fake that listens."""
    fake = FakeAri("gdpr", "pass:word")
    await fake.start()
    yield fake
    await fake.stop()


class TestFakeAri(AriContract):
    """The fake keeps the contract."""

    pace = FAST

    async def test_a_doubled_event_is_told_once(self, asterisk: FakeAri) -> None:
        """An event that Asterisk sends twice, for a channel and for its endpoint, is told once."""
        told = Told()
        async with ari_client(asterisk, told, self.pace) as ari:
            call = await call_in_stasis(ari, told, fresh("call"))
            await ari.applications.subscribe(APP, event_source=[f"channel:{call}", "endpoint:Local"])
            await ari.channels.hangup(call)
            await told.one(ChannelDestroyed, lambda event: event.channel.id == f"far-{call}")

            ended = [event.channel.id for event in told.events if isinstance(event, ChannelDestroyed)]
            assert [call, f"far-{call}"] == ended

    async def test_an_unknown_event_is_passed_on_by_its_kind(self, asterisk: FakeAri) -> None:
        """An event that this product has no type for ends nothing, and only its kind is kept."""
        told = Told()
        async with ari_client(asterisk, told, self.pace):
            await asterisk.emit("PartyStarted", number="+4915112345678")

            assert UnknownEvent("PartyStarted") == await told.one(UnknownEvent)

    async def test_a_known_event_in_other_words_is_warned_of_once(
        self, asterisk: FakeAri, caplog: pytest.LogCaptureFixture
    ) -> None:
        """An event that another Asterisk words differently is passed over, with one warning."""
        told = Told()
        async with ari_client(asterisk, told, self.pace):
            await asterisk.emit("StasisEnd", channel="+4915112345678")
            await asterisk.emit("StasisEnd", channel="+4915112345679")
            await told.until(lambda: len(told.events) == 2)

        assert caplog.text.count("words StasisEnd differently") == 1
        assert "+49" not in caplog.text

    async def test_what_is_set_never_stands_in_an_address(self, asterisk: FakeAri) -> None:
        """The value of a variable crosses the wire in the body, where no log on the way shows it."""
        told = Told()
        async with ari_client(asterisk, told, self.pace) as ari:
            call = await call_in_stasis(ari, told, fresh("call"))
            await ari.channels.set_channel_var(call, variable="CALLER", value="+4915112345678")

        assert not [address for address in asterisk.addresses if "4915112345678" in address]

    async def test_asking_without_a_session_is_misuse(self, asterisk: FakeAri) -> None:
        """A client that was never entered says so."""
        with pytest.raises(Misuse):
            await AriRest(asterisk.ari_url, "u", "p").asterisk.ping()
