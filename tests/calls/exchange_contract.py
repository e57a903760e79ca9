"""What an exchange answers and tells, whichever it is: the fake one of the stories, or a real Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.ports import Arrival, Exchange, Recorder

PROMPT_SECONDS = 0.6
Found = TypeVar("Found")


class Reported:
    """All that an exchange reported, in order: plays `ports.Reports`."""

    def __init__(self) -> None:
        self.all: list[tuple[Any, ...]] = []
        self._news = asyncio.Event()

    def call_arrived(self, arrival: Arrival) -> None:
        self._note("arrived", arrival.channel, arrival)

    def prompt_ended(self, playback: str, heard: bool) -> None:
        self._note("prompt", playback, heard)

    def key_pressed(self, channel: str, digit: str) -> None:
        self._note("key", channel, digit)

    def left_notice(self, channel: str) -> None:
        self._note("left", channel)

    def fax_heard(self, channel: str) -> None:
        self._note("fax", channel)

    def reference_said(self, channel: str, reference: str) -> None:
        self._note("reference", channel, reference)

    def leg_answered(self, leg: str) -> None:
        self._note("answered", leg)

    def hung_up(self, channel: str, cause: int = 0) -> None:
        self._note("gone", channel, cause)

    def entered_bridge(self, channel: str, name: str, bridge: str) -> None:
        self._note("entered", channel, name, bridge)

    def left_bridge(self, channel: str) -> None:
        self._note("unbridged", channel)

    def hold_changed(self, channel: str, held: bool) -> None:
        self._note("hold", channel, held)

    def other_recorders(self, at: str, now: Set[Recorder]) -> None:
        self._note("other recorders", at, now)

    def capture_ended(self, channel: str) -> None:
        self._note("capture ended", channel)

    def sight_lost(self) -> None:
        self._note("sight lost", "")

    def bridges_known(self, members: Sequence[tuple[str, str, str]]) -> None:
        self._note("bridges", members)

    def channels_known(self, channels: Mapping[str, Arrival | None]) -> None:
        self._note("channels", channels)

    def _note(self, *report: Any) -> None:
        self.all.append(report)
        self._news.set()

    def of(self, what: str, about: str = "") -> list[tuple[Any, ...]]:
        """Every report of this kind, or those about this channel or playback."""
        return [one for one in self.all if one[0] == what and about in ("", one[1])]

    async def until(self, look: Callable[[], Found], seconds: float = 5.0) -> Found:
        """What `look` finds, as soon as a report has let it find something."""
        async with asyncio.timeout(seconds):
            while not (found := look()):
                self._news.clear()
                await self._news.wait()
        return found

    async def wait(self, what: str, about: str, seconds: float = 5.0) -> tuple[Any, ...]:
        """The first such report, as soon as it is there."""
        return (await self.until(lambda: self.of(what, about), seconds))[0]


class Scene(Protocol):
    """One exchange, and the people around it."""

    exchange: Exchange
    reported: Reported
    prompt: str
    """A medium of `PROMPT_SECONDS`."""

    async def call(self) -> str:
        """A caller (+4915112345678) reaches line `sales` and is in our hands: the channel."""
        ...

    async def press(self, channel: str, keys: str) -> None: ...
    async def hang_up(self, channel: str) -> None: ...
    async def talk(self, channel: str) -> None:
        """After the call has been passed on: an agent answers, and both speak."""
        ...

    async def variable(self, channel: str, name: str) -> str: ...
    def legs(self) -> tuple[Path, Path]:
        """Two empty files that MixMonitor may write."""
        ...


async def up(scene: Scene, channel: str, watchdog: float = 5.0) -> None:
    """Answer a call as every call is answered: with a prompt, of which nothing more is heard."""
    await scene.exchange.begin(channel, watchdog, f"p0-{channel}", scene.prompt)
    await scene.exchange.stop_playing(f"p0-{channel}")
    await scene.reported.wait("prompt", f"p0-{channel}")


def loud(leg: Path, since: int = 0) -> bool:
    """Whether anybody can be heard in a leg, from this byte on."""
    return any(leg.read_bytes()[since:])


async def refusal(do: Callable[[], Any]) -> str:
    """The id of the error that this ends in."""
    with pytest.raises(GdprError) as refused:
        await do()
    return refused.value.id


class ExchangeContract:
    """Mixed into the tests of each exchange, which provide the fixture `scene`."""

    async def test_an_arrival_says_who_and_where(self, scene: Scene) -> None:
        """The line, the number, what was dialled and the language come with the call."""
        channel = await scene.call()
        _, _, arrival = await scene.reported.wait("arrived", channel)

        assert (arrival.line, arrival.number, arrival.language) == ("sales", "+4915112345678", "en")

    async def test_a_telephone_of_old_is_recorded_at_its_own_rate(self, scene: Scene) -> None:
        """A caller who speaks G.711 is recorded at 8 kHz; one who is gone has no rate."""
        channel = await scene.call()
        await up(scene, channel)
        assert await scene.exchange.rate(channel) == 8000

        await scene.hang_up(channel)
        await scene.reported.wait("gone", channel)
        assert await refusal(lambda: scene.exchange.rate(channel)) == "channel-gone"

    async def test_a_prompt_is_heard_to_its_end(self, scene: Scene) -> None:
        """The end of a prompt is told once, after its time, as heard."""
        channel = await scene.call()
        await up(scene, channel)
        begun = asyncio.get_running_loop().time()
        await scene.exchange.play(channel, f"p1-{channel}", scene.prompt)
        ended = await scene.reported.wait("prompt", f"p1-{channel}")

        assert ended[2] is True
        assert asyncio.get_running_loop().time() - begun == pytest.approx(PROMPT_SECONDS, abs=0.15)
        await asyncio.sleep(0.1)
        assert len(scene.reported.of("prompt", f"p1-{channel}")) == 1

    async def test_a_call_is_begun_in_one_piece(self, scene: Scene) -> None:
        """The first prompt is heard to its end on a channel that is up, and that is followed from then on."""
        exchange, channel = scene.exchange, await scene.call()
        await exchange.begin(channel, PROMPT_SECONDS + 2.0, f"p1-{channel}", scene.prompt)
        assert (await scene.reported.wait("prompt", f"p1-{channel}"))[2] is True
        assert await exchange.rate(channel) == 8000
        await exchange.pass_on(channel, {"GDPR_CHOICE": "agreed", "GDPR_CALL": "c1"})
        await scene.reported.wait("left", channel)
        assert await exchange.variable(channel, "GDPR_CHOICE") == "agreed"
        await scene.hang_up(channel)

        await scene.reported.wait("gone", channel)

    async def test_a_call_is_begun_armed(self, scene: Scene) -> None:
        """What the first prompt is begun with takes the call back, before the prompt is over."""
        channel = await scene.call()
        await scene.exchange.begin(channel, 0.3, f"p1-{channel}", scene.prompt)

        await scene.reported.wait("left", channel)
        assert not [told for told in scene.reported.of("prompt", f"p1-{channel}") if told[2]]

    async def test_a_later_prompt_is_armed_for_itself(self, scene: Scene) -> None:
        """A prompt that is played with a bound of its own is taken back at that bound."""
        channel = await scene.call()
        await scene.exchange.begin(channel, 60.0, f"p1-{channel}", scene.prompt)
        await scene.reported.wait("prompt", f"p1-{channel}")
        await scene.exchange.play(channel, f"p2-{channel}", scene.prompt, 0.3)

        await scene.reported.wait("left", channel)

    async def test_a_prompt_that_is_not_there(self, scene: Scene) -> None:
        """A medium that does not exist is taken, and told at its end as not heard."""
        channel = await scene.call()
        await up(scene, channel)
        await scene.exchange.play(channel, f"p1-{channel}", "sound:/nowhere/at-all")

        assert (await scene.reported.wait("prompt", f"p1-{channel}"))[2] is False

    async def test_a_prompt_is_stopped_at_once(self, scene: Scene) -> None:
        """Stopping ends a prompt before its time, and may be asked for twice."""
        channel = await scene.call()
        await up(scene, channel)
        begun = asyncio.get_running_loop().time()
        await scene.exchange.play(channel, f"p1-{channel}", scene.prompt)
        await scene.exchange.stop_playing(f"p1-{channel}")
        await scene.reported.wait("prompt", f"p1-{channel}")
        await scene.exchange.stop_playing(f"p1-{channel}")

        assert asyncio.get_running_loop().time() - begun < PROMPT_SECONDS / 2

    async def test_a_variable_waits_for_the_prompt(self, scene: Scene) -> None:
        """What is set while a prompt plays is set when the prompt is over."""
        channel = await scene.call()
        await up(scene, channel)
        await scene.exchange.play(channel, f"p1-{channel}", scene.prompt)
        begun = asyncio.get_running_loop().time()
        await scene.exchange.set_variables(channel, {"GDPR_CHOICE": "refused"})

        assert asyncio.get_running_loop().time() - begun > PROMPT_SECONDS / 2

    async def test_keys_are_told_one_by_one(self, scene: Scene) -> None:
        """Each key that the caller presses is told once, in order."""
        channel = await scene.call()
        await up(scene, channel)
        await scene.exchange.follow(channel)
        await scene.press(channel, "*9")
        await asyncio.sleep(0.1)

        assert [digit for _, _, digit in scene.reported.of("key", channel)] == ["*", "9"]

    async def test_a_call_that_is_passed_on_is_out_of_reach(self, scene: Scene) -> None:
        """Once it is in the dialplan a call knows what it was told, and can be told nothing more."""
        exchange, channel = scene.exchange, await scene.call()
        await up(scene, channel)
        await exchange.set_variables(channel, {"GDPR_CHOICE": "agreed", "GDPR_CALL": "c1"})
        await exchange.pass_on(channel)
        await scene.reported.wait("left", channel)

        assert await scene.variable(channel, "GDPR_CHOICE") == "agreed"
        assert await exchange.variable(channel, "GDPR_CHOICE") == "agreed"
        assert await exchange.variable(channel, "GDPR_REFERENCE") == ""
        assert await exchange.variable(channel, "CALLERID(num)") == "+4915112345678"
        told = [
            await refusal(lambda: exchange.begin(channel, 5.0, f"p1-{channel}", scene.prompt)),
            await refusal(lambda: exchange.play(channel, f"p1-{channel}", scene.prompt)),
            await refusal(lambda: exchange.rearm_watchdog(channel, 5.0)),
            await refusal(lambda: exchange.set_variables(channel, {"GDPR_CHOICE": "agreed"})),
            await refusal(lambda: exchange.pass_on(channel)),
        ]
        assert told == ["channel-elsewhere"] * 5

    async def test_the_watchdog_takes_a_call_back(self, scene: Scene) -> None:
        """Without a word from us the call is in the dialplan again when the time is over."""
        channel = await scene.call()
        await up(scene, channel)
        begun = asyncio.get_running_loop().time()
        await scene.exchange.rearm_watchdog(channel, 0.4)
        await scene.reported.wait("left", channel)

        assert asyncio.get_running_loop().time() - begun == pytest.approx(0.4, abs=0.15)

    async def test_a_prompt_that_the_watchdog_cuts(self, scene: Scene) -> None:
        """What the watchdog cuts is told as a return to the dialplan, and by no word of the prompt."""
        channel = await scene.call()
        await up(scene, channel, 0.3)
        await scene.exchange.play(channel, f"p1-{channel}", scene.prompt)
        await scene.reported.wait("left", channel)
        await asyncio.sleep(PROMPT_SECONDS)

        assert scene.reported.of("prompt", f"p1-{channel}") == []

    async def test_hanging_up_in_the_notice(self, scene: Scene) -> None:
        """A hang-up is told as such: neither as a prompt that ended nor as a return to the dialplan."""
        exchange, channel = scene.exchange, await scene.call()
        await up(scene, channel)
        await exchange.follow(channel)
        await exchange.play(channel, f"p1-{channel}", scene.prompt)
        await asyncio.sleep(0.1)
        await scene.hang_up(channel)
        await scene.reported.wait("gone", channel)
        await asyncio.sleep(0.1)

        kinds = [one[0] for one in scene.reported.all if one[1] in (channel, f"p1-{channel}")]
        before = kinds[: kinds.index("gone")]  # what comes after it is nobody's any more
        assert "prompt" not in before and "left" not in before
        told = [
            await refusal(lambda: exchange.begin(channel, 5.0, f"p1-{channel}", scene.prompt)),
            await refusal(lambda: exchange.follow(channel)),
            await refusal(lambda: exchange.pass_on(channel)),
            await refusal(lambda: exchange.set_muted(channel, "0x1", True)),
        ]
        assert told == ["channel-gone"] * 4
        await exchange.stop_capture(channel, "0x1")

    async def test_a_capture_from_start_to_end(self, scene: Scene) -> None:
        """Muted from its start, loud on both legs once opened, silent when muted, and over when stopped."""
        exchange, channel = scene.exchange, await scene.call()
        await up(scene, channel)
        await exchange.follow(channel)
        left, right = scene.legs()
        capture = await exchange.start_muted(channel, str(left), str(right))
        await exchange.pass_on(channel)
        await scene.talk(channel)
        await asyncio.sleep(0.5)
        await exchange.set_muted(channel, capture, False)
        await asyncio.sleep(1.0)
        await exchange.set_muted(channel, capture, True)
        await asyncio.sleep(0.5)
        await scene.press(channel, "1")
        await exchange.stop_capture(channel, capture)
        await asyncio.sleep(0.3)
        size = left.stat().st_size
        await asyncio.sleep(0.3)

        for leg in (left, right):
            samples = leg.read_bytes()
            assert not any(samples[:3200]), "nothing before it was opened"
            assert (
                0.7 < sum(1 for at in range(0, len(samples), 160) if any(samples[at : at + 160])) / 100 < 1.3
            )
        assert left.stat().st_size == size
        assert [digit for _, _, digit in scene.reported.of("key", channel)] == ["1"]
        await exchange.stop_capture(channel, capture)
        assert await refusal(lambda: exchange.set_muted(channel, capture, False)) == "ami-refused"
        begun = asyncio.get_running_loop().time()
        assert await exchange.whisper(channel, [scene.prompt])
        assert asyncio.get_running_loop().time() - begun > PROMPT_SECONDS - 0.15
        assert not scene.reported.of("other recorder"), "neither our capture nor our whisper is another's"
        await scene.hang_up(channel)
        await scene.reported.wait("entered", channel)
        await scene.reported.wait("unbridged", channel)
        await scene.reported.wait("gone", channel)

    async def test_who_is_called_is_joined_and_both_end_together(self, scene: Scene) -> None:
        """A leg that answers is put into a bridge with its caller, and when one hangs up both are gone."""
        exchange, channel = scene.exchange, await scene.call()
        await up(scene, channel)
        await exchange.follow(channel)
        leg = f"{channel}-leg01"
        await exchange.ring(channel, 5.0)
        await exchange.dial(channel, leg, "PJSIP/anna", 5)
        await scene.reported.wait("answered", leg)
        await exchange.bring_together(f"{channel}-bridge", channel, leg)
        await scene.reported.wait("entered", leg)
        await scene.reported.wait("entered", channel)
        await scene.press(channel, "*9")
        await scene.reported.until(lambda: len(scene.reported.of("key", channel)) == 2)
        assert await scene.variable(channel, "GDPR_DIALSTATUS") == "ANSWER"
        await exchange.end_channel(leg)
        await scene.reported.wait("gone", leg)
        await scene.reported.wait("gone", channel)
        await exchange.end_channel(leg)
        await exchange.dissolve(f"{channel}-bridge")
        await exchange.dissolve(f"{channel}-bridge")

    @pytest.mark.parametrize(("endpoint", "cause"), [("PJSIP/ben", 17), ("PJSIP/carla", 19)])
    async def test_who_cannot_be_reached_is_told_by_the_cause(
        self, scene: Scene, endpoint: str, cause: int
    ) -> None:
        """Busy and no answer are told apart, and the caller can be handed back with what it came to."""
        exchange, channel = scene.exchange, await scene.call()
        await up(scene, channel)
        leg = f"{channel}-leg01"
        await exchange.dial(channel, leg, endpoint, 1)
        gone = await scene.reported.wait("gone", leg)
        assert cause in [told[2] for told in scene.reported.of("gone", leg)] and gone[2] in (0, cause)
        await exchange.hand_back(channel, "BUSY")
        await scene.reported.wait("left", channel)

        assert await scene.variable(channel, "GDPR_DIALSTATUS") == "BUSY"

    async def test_an_endpoint_that_there_is_not(self, scene: Scene) -> None:
        """Nobody can be called at an endpoint that does not exist, and the caller is told so at once."""
        exchange, channel = scene.exchange, await scene.call()

        assert (
            await refusal(lambda: exchange.dial(channel, f"{channel}-leg01", "PJSIP/nobody", 5))
            == "ari-refused"
        )

    async def test_a_caller_who_hangs_up_takes_a_leg_along(self, scene: Scene) -> None:
        """Whoever talks with a caller of ours is hung up with them."""
        exchange, channel = scene.exchange, await scene.call()
        await up(scene, channel)
        leg = f"{channel}-leg01"
        await exchange.dial(channel, leg, "PJSIP/anna", 5)
        await scene.reported.wait("answered", leg)
        await exchange.bring_together(f"{channel}-bridge", channel, leg)
        await scene.reported.wait("entered", channel)
        await scene.hang_up(channel)

        await scene.reported.wait("gone", leg)
