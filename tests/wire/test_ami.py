"""The AMI contract on the fake, and what only the fake can show."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from asterisk_gdpr.adapters.refusals import AmiError
from tests.fakes.ami_server import FakeAmi
from tests.wire.ami_contract import AmiContract
from tests.wire.stage import FAST, Told, ami_client


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAmi]:
    """A fake that listens."""
    fake = FakeAmi("gdpr", "secret-of-the-fake")
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def channel(asterisk: FakeAmi) -> str:
    """A channel that lives."""
    asterisk.channels.add("wire-1795464859.0")
    return "wire-1795464859.0"


class TestFakeAmi(AmiContract):
    """The fake keeps the contract."""

    pace = FAST

    async def test_the_secret_never_crosses_the_wire(self, asterisk: FakeAmi) -> None:
        """The login proves that the secret is known without sending it."""
        told = Told()
        async with ami_client(asterisk, told, self.pace):
            assert b"Login" in asterisk.received
            assert asterisk.password.encode() not in asterisk.received

    async def test_events_come_in_order_without_those_of_the_test_framework(self, asterisk: FakeAmi) -> None:
        """Events reach their owner in Asterisk's order; `TestEvent` never does."""
        told = Told()
        async with ami_client(asterisk, told, self.pace):
            for number in range(50):
                asterisk.emit("TestEvent", State="MIXMONITOR_END")
                asterisk.emit("DTMFEnd", Digit=str(number))
            await told.until(lambda: len(told.events) == 50)

            assert [str(number) for number in range(50)] == [event["digit"] for event in told.events]

    async def test_what_comes_behind_a_list_is_told_behind_it(self, asterisk: FakeAmi, channel: str) -> None:
        """A list is taken in its place among the events, though both come in one piece."""
        told = Told()
        asterisk.behind_a_list = {"Event": "BridgeEnter", "Uniqueid": channel}
        before: list[int] = []
        async with ami_client(asterisk, told, self.pace) as ami:
            await ami.action_list("CoreShowChannels", lambda _: before.append(len(told.events)))
            await told.named("BridgeEnter")

            assert before == [0]

    async def test_an_answer_is_taken_in_its_place_too(self, asterisk: FakeAmi) -> None:
        """One answer is handed over before anything behind it is told; a no is handed to nobody."""
        told = Told()
        taken: list[str] = []
        async with ami_client(asterisk, told, self.pace) as ami:
            await ami.action("Ping", lambda answer: taken.append(answer[0]["Ping"]))
            with pytest.raises(AmiError):
                await ami.action("Nonsense", lambda _: taken.append("a no"))

            assert taken == ["Pong"]

    async def test_what_is_stumbled_over_in_a_list_ends_nothing_but_the_asking(
        self, asterisk: FakeAmi, channel: str
    ) -> None:
        """A list that cannot be taken is told to who has asked, and the session goes on."""
        told = Told()
        async with ami_client(asterisk, told, self.pace) as ami:
            with pytest.raises(KeyError):
                await ami.action_list("CoreShowChannels", lambda rows: [row["BridgeId"] for row in rows][:0])
            await ami.action("Ping")

            assert not told.losses
