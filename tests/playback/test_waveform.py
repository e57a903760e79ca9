"""The waveform: what the eye gets of a recording, and who gets it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from asterisk_gdpr.core.recording import Occasion
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.seal.segments import seal_peaks
from asterisk_gdpr.service.listening.playback import Listener, Review
from asterisk_gdpr.service.listening.waveform import POINTS, Waveforms, draw
from asterisk_gdpr.service.sealing.peaks import Peaks
from tests.playback.world import NOON, World, tone

ANNA = Listener("anna", frozenset({"quality"}), "session")
REVIEW = Review("quality", Occasion.COMPLAINT)


@pytest.fixture
def world() -> World:
    """One sealed recording of two generations, and an unlocked vault."""
    made = World()
    made.seal("sales001", plan=((4000, 4000), (1000,)))
    made.unlock()
    return made


def waveforms(world: World) -> Waveforms:
    """What draws for this world."""
    return Waveforms(world.register, world.listening, world.keeper, world.clock)


def test_peaks_are_the_loudest_samples_of_each_side(world: World) -> None:
    """Each part shows the loudest of its samples, of the caller and of the others apart."""
    drawn = waveforms(world).of("rsales001", ANNA, REVIEW)

    assert drawn.seconds == 9000 / 8000
    assert len(drawn.left) == len(drawn.right) == POINTS
    assert max(drawn.left) == max(drawn.right) == 100 * 8000 // 32767
    sound = world.listening.view("rsales001", ANNA, REVIEW)
    assert draw(sound, 1).left == (max(drawn.left),)


def test_the_ledger_is_told_before_anything_is_opened(world: World) -> None:
    """Each drawing is told, with purpose and reason; without the ledger nothing is drawn."""
    made = waveforms(world)
    made.of("rsales001", ANNA, REVIEW)
    assert world.told("waveform-drawn") == [
        {"user": "anna", "recording": "rsales001", "purpose": "quality", "reason": "complaint"}
    ]
    world.register.away = True
    with pytest.raises(Exception, match="does not answer"):
        made.of("rsales001", ANNA, REVIEW)


@pytest.mark.parametrize("what", ["stranger", "restricted", "locked", "ended"])
def test_kept_peaks_are_for_nobody_who_may_not_hear(world: World, what: str) -> None:
    """What is kept in memory opens to nobody to whom the recording itself does not open now."""
    made = waveforms(world)
    made.of("rsales001", ANNA, REVIEW)
    who = ANNA
    match what:
        case "stranger":
            who = Listener("udo", frozenset({"compliance"}), "other")
        case "restricted":
            world.register.restrict("rsales001", NOON, "requested")
        case "locked":
            world.keeper.lock(by="officer")
        case "ended":
            world.clock.time += timedelta(days=100)

    with pytest.raises(Refused):
        made.of("rsales001", who, REVIEW)
    assert len(world.told("waveform-drawn")) == 1


def test_a_sound_without_frames_has_a_flat_line() -> None:
    """Fewer frames than points, or hardly any, is no fault."""
    world = World()
    world.seal("short0001", plan=((3,),))
    world.unlock()

    drawn = waveforms(world).of("rshort0001", ANNA, REVIEW)
    assert len(drawn.left) == POINTS


def test_a_sealed_waveform_opens_no_sound(world: World) -> None:
    """Where one was sealed it is shown, by the key of its generation, and no segment is opened for it."""
    peaks = Peaks()
    peaks.add(tone(440, 4000), bytes(8000))
    made = waveforms(world)
    world.register._tables.peaks["rsales001"] = (
        2,
        seal_peaks(world.keeper.data_key("rsales001", 2), "rsales001", 2, peaks.to_bytes()),
    )
    world.listening.view = None  # type: ignore[method-assign, assignment]  # it is not asked for
    drawn = made.of("rsales001", ANNA, REVIEW)
    assert drawn.seconds == 0.5
    assert max(drawn.left) == 100 * 8000 // 32767 and max(drawn.right) == 0
    assert [told["user"] for told in world.told("waveform-drawn")] == ["anna"]


def test_a_sealed_waveform_that_does_not_open_is_drawn_anew(world: World) -> None:
    """What was changed is no fault of the sound, which is shown as it is."""
    world.register._tables.peaks["rsales001"] = (2, b"nonsense" * 200)
    assert waveforms(world).of("rsales001", ANNA, REVIEW).seconds == 9000 / 8000
