"""The waveform of a recording: gathered while it is sealed, sealed as the sound is."""

from __future__ import annotations

import numpy as np
import pytest

from asterisk_gdpr.core.recording import Reason, Tombstone
from asterisk_gdpr.errors import Damaged
from asterisk_gdpr.seal.errors import CannotOpen
from asterisk_gdpr.seal.keys import data_key_info
from asterisk_gdpr.seal.segments import open_peaks
from asterisk_gdpr.service.sealing.peaks import MOST, Drawn, Peaks, drawn_from
from tests.sealing.stage import NOON, PRIVATE, SECOND, Stage


def loud(share: float, frames: int) -> bytes:
    """A leg that is as loud as this from its first frame to its last."""
    return np.full(frames, round(32767 * share), "<i2").tobytes()


def opened(stage: Stage) -> Drawn:
    """The waveform that the register has, opened as the page does it."""
    kept = stage.register.peaks(stage.id)
    assert kept is not None
    generation, sealed = kept
    (key,) = [key for key in stage.register.keys(stage.id) if key.generation == generation]
    data_key = PRIVATE.unwrap(key.wrapped, data_key_info(stage.id, generation))
    with pytest.raises(CannotOpen):
        open_peaks(data_key, "r-another", generation, sealed)
    return drawn_from(open_peaks(data_key, stage.id, generation, sealed))


def test_the_waveform_is_sealed_with_the_sound() -> None:
    """A closed recording's waveform shows what was sealed, side by side, and opens by its key alone."""
    stage = Stage()
    legs = stage.prepare()
    stage.spool.grow(legs, loud(0.8, 80_000), bytes(10 * SECOND))
    stage.spool.grow(legs, bytes(5 * SECOND), loud(0.3, 40_000))
    for _ in range(3):
        stage.sealing.tick()
    stage.sealing.close(stage.id, NOON)

    drawn = opened(stage)
    assert drawn.frames == 120_000 == stage.register.recording(stage.id).frames
    third = len(drawn.left) // 3
    assert set(drawn.left[: 2 * third]) == {80} and set(drawn.left[2 * third + 1 :]) == {0}
    assert set(drawn.right[: 2 * third]) == {0} and set(drawn.right[2 * third + 1 :]) == {29}


def test_over_a_restart_no_waveform_is_sealed() -> None:
    """A restarted sealer has not seen what was sealed before, and shows no half of it as the whole."""
    stage = Stage()
    legs = stage.prepare()
    stage.spool.grow(legs, loud(0.5, 80_000), loud(0.5, 80_000))
    stage.sealing.tick()
    stage.restart()
    stage.sealing.close(stage.id, NOON)

    assert stage.register.recording(stage.id).frames == 80_000
    assert stage.register.peaks(stage.id) is None


def test_of_what_must_go_no_waveform_is_kept() -> None:
    """A recording that bears a tombstone when it is closed gets none."""
    stage = Stage()
    legs = stage.prepare()
    stage.spool.grow(legs, loud(0.5, 80_000), loud(0.5, 80_000))
    stage.register.add_tombstone(Tombstone(stage.id, Reason.WITHDRAWN, NOON, NOON))
    stage.sealing.close(stage.id, NOON)
    assert stage.register.peaks(stage.id) is None


def test_the_waveform_goes_with_the_keys() -> None:
    """Once the keys are destroyed nothing of it is left."""
    stage = Stage()
    legs = stage.prepare()
    stage.spool.grow(legs, loud(0.5, 80_000), loud(0.5, 80_000))
    stage.sealing.close(stage.id, NOON)
    assert stage.register.peaks(stage.id) is not None
    stage.register.add_tombstone(Tombstone(stage.id, Reason.REQUESTED, NOON, NOON))
    stage.register.destroy_keys(stage.id, NOON)
    assert stage.register.peaks(stage.id) is None


@pytest.mark.thorough
def test_an_hour_has_no_more_peaks_than_a_minute() -> None:
    """Their number is bounded, at least half of it is used, and what is sealed of them has one length."""
    chance, lengths = np.random.default_rng(3), set()
    for minutes in (0.05, 1, 7, 60):
        peaks, whole = Peaks(), []
        frames = round(minutes * 60 * 8000)
        for start in range(0, frames, 40_000):
            piece = chance.integers(-9000, 9000, min(40_000, frames - start), dtype=np.int16)
            peaks.add(piece.astype("<i2").tobytes(), bytes(2 * len(piece)))
            whole.append(piece)
        drawn = drawn_from(peaks.to_bytes())
        lengths.add(len(peaks.to_bytes()))
        assert drawn.frames == frames
        assert MOST // 3 < len(drawn.left) <= MOST
        assert max(drawn.left) == int(np.abs(np.concatenate(whole).astype(int)).max()) * 100 // 32767
        assert set(drawn.right) == {0}
    assert len(lengths) == 1


@pytest.mark.parametrize("bad", [b"", bytes(10), b"\xff" * (14 + 2 * MOST)])
def test_what_are_no_peaks_is_called_that(bad: bytes) -> None:
    """Anything but what was written is damage."""
    with pytest.raises(Damaged):
        drawn_from(bad)
