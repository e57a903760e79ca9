"""What nobody vouches for: held back, and sealed as sound or as silence once that is known."""

from __future__ import annotations

import pytest

from asterisk_gdpr.errors import GdprError
from tests.sealing.stage import BLOCK, SECOND, Stage

FULL = 5 * SECOND
STEREO = 2
"""Bytes of the sealed sound for each byte of a leg."""


def talking() -> Stage:
    """A recording whose capture has just been opened."""
    stage = Stage()
    stage.prepare()
    stage.sealing.opened(stage.id)
    return stage


def vouch(stage: Stage) -> None:
    """Somebody has watched until now."""
    stage.sealing.vouch(stage.sealing.marks())


def silent(audio: bytes, start: int, end: int) -> bool:
    """Whether there is no sound between these bytes of a leg."""
    return not any(audio[start * STEREO : end * STEREO])


def test_nothing_is_sealed_that_nobody_vouches_for() -> None:
    """The sealer goes as far as somebody has watched, and no further, however much there is."""
    stage = talking()
    stage.grow(FULL)
    vouch(stage)
    stage.grow(2 * FULL)
    stage.sealing.tick()
    stage.sealing.tick()
    assert stage.committed == FULL

    vouch(stage)
    stage.sealing.tick()
    stage.sealing.tick()
    assert stage.committed == 3 * FULL


def test_what_somebody_vouched_for_is_sealed_as_it_was() -> None:
    """Watched from its beginning to its end, a recording holds every sound and no gap."""
    stage = talking()
    for _ in range(9):
        stage.grow(SECOND)
        vouch(stage)
        stage.sealing.tick()
    stage.grow(700)
    stage.sealing.settle(stage.id)
    assert stage.close()

    audio, manifest = stage.opened()
    assert audio == stage.expected()
    assert manifest["gaps"] == []


def test_what_nobody_vouched_for_is_silence_and_a_gap() -> None:
    """From the last mark until Asterisk has written all that it held back there is silence, and no shift."""
    stage = talking()
    stage.grow(FULL)
    vouch(stage)
    stage.pass_by(4)
    stage.grow(4 * SECOND)
    stage.sealing.muted(stage.id)
    stage.sealing.condemn(stage.id, ended=False)
    stage.sealing.opened(stage.id)
    stage.grow(BLOCK + SECOND)
    stage.sealing.settle(stage.id)
    stage.close()

    audio, manifest = stage.opened()
    until = FULL + 4 * SECOND + BLOCK
    assert audio[: FULL * STEREO] == stage.expected()[: FULL * STEREO]
    assert silent(audio, FULL, until)
    assert audio[until * STEREO :] == stage.expected()[until * STEREO :] != b""
    (gap,) = manifest["gaps"]
    assert (gap["reason"], gap["frame"]) == ("unwatched", until // 2)


def test_a_killed_process_remembers_what_was_vouched_for() -> None:
    """After a kill the sound up to the last mark is sealed, and what came after it is silence."""
    stage = talking()
    stage.grow(FULL + SECOND)
    vouch(stage)
    stage.grow(2 * SECOND)
    stage.sealing.tick()
    stage.restart()
    assert stage.sealing.found(stage.id).in_doubt
    stage.sealing.tick()
    stage.close()

    audio, manifest = stage.opened()
    assert audio[: (FULL + SECOND) * STEREO] == stage.expected()[: (FULL + SECOND) * STEREO]
    assert silent(audio, FULL + SECOND, FULL + 3 * SECOND)
    assert len(audio) == len(stage.expected())
    assert len(manifest["gaps"]) == 1


def test_what_nobody_can_watch_for_long_fills_no_spool() -> None:
    """While AMI is away what is captured is sealed as silence and leaves the memory, as one gap."""
    stage = talking()
    stage.grow(FULL)
    vouch(stage)
    for _ in range(60):
        stage.pass_by(5)
        stage.grow(FULL)
        stage.sealing.condemn_open()
        stage.sealing.tick()
        assert len(stage.heard[0]) - stage.committed <= FULL + BLOCK
    stage.sealing.muted(stage.id)
    stage.sealing.condemn(stage.id, ended=False)
    stage.sealing.opened(stage.id)
    stage.grow(BLOCK + FULL)
    stage.sealing.settle(stage.id)
    stage.close()

    audio, manifest = stage.opened()
    until = 61 * FULL + BLOCK
    assert audio[: FULL * STEREO] == stage.expected()[: FULL * STEREO]
    assert silent(audio, FULL, until)
    assert audio[until * STEREO :] == stage.expected()[until * STEREO :] != b""
    (gap,) = manifest["gaps"]
    assert (gap["reason"], gap["frame"]) == ("unwatched", until // 2)


def test_what_an_earlier_life_left_open_stays_in_doubt_until_it_can_be_muted() -> None:
    """A capture that a killed process left open is silence for as long as AMI is away, and in doubt after."""
    stage = talking()
    stage.grow(FULL)
    vouch(stage)
    stage.restart()
    for _ in range(3):
        stage.grow(SECOND)
        stage.sealing.condemn_open()
        assert stage.sealing.found(stage.id).in_doubt
    stage.grow(SECOND)
    stage.sealing.condemn(stage.id, ended=True)
    stage.close()

    audio, _ = stage.opened()
    assert silent(audio, FULL, FULL + 4 * SECOND)


def test_a_capture_that_was_muted_leaves_no_doubt() -> None:
    """What was muted and vouched for before a kill is not in doubt after it: nobody else can open it."""
    stage = talking()
    stage.grow(SECOND)
    stage.sealing.muted(stage.id)
    vouch(stage)
    stage.restart()
    assert not stage.sealing.found(stage.id).in_doubt
    stage.grow(SECOND)
    stage.close()

    assert stage.opened()[1]["gaps"] == []


def test_what_is_silenced_stays_so_over_a_restart() -> None:
    """A kill between the verdict and the sealing brings no sound back."""
    stage = talking()
    stage.grow(2 * SECOND)
    stage.sealing.muted(stage.id)
    stage.sealing.condemn(stage.id, ended=False)
    stage.restart()
    stage.close()

    assert not any(stage.opened()[0])


def test_capture_does_not_open_where_that_cannot_be_noted() -> None:
    """Without a note a killed process would forget what nobody vouched for."""
    stage = Stage()
    stage.prepare()
    stage.spool.away = True

    with pytest.raises(GdprError):
        stage.sealing.opened(stage.id)


def test_a_stretch_follows_another() -> None:
    """What MixMonitor wrote into one pair of legs and the next is sealed in order, after a restart too."""
    stage = Stage()
    stage.prepare()
    stage.grow(FULL + 700)
    first = stage.heard
    _, stage.legs = stage.sealing.begin_stretch(stage.id)
    stage.sealing.tick()
    stage.grow(SECOND)
    stage.restart()
    stage.sealing.tick()
    stage.grow(FULL)
    stage.sealing.tick()
    stage.close()

    assert len(first[0]) == FULL + 700
    assert stage.opened()[0] == stage.expected()


def test_a_stretch_that_is_written_late_is_not_passed_over() -> None:
    """What Asterisk writes of a stretch only after the next one began is sealed before it, and not lost."""
    stage = Stage()
    stage.prepare()
    first = stage.legs
    _, second = stage.sealing.begin_stretch(stage.id)
    stage.legs = second
    stage.grow(FULL)
    stage.sealing.tick()
    stage.spool.grow(first, b"\1\2" * 800, b"\3\4" * 800)
    assert stage.close()

    audio, _ = stage.opened()
    assert len(audio) == (FULL + 1600) * STEREO
    assert audio[:4] == b"\1\2\3\4"


def test_what_asterisk_still_writes_as_the_call_ends_is_waited_for() -> None:
    """A transfer just before the hang-up: the stretch before is sealed whole, however late written."""
    stage = Stage()
    stage.prepare()
    first = stage.legs
    _, stage.legs = stage.sealing.begin_stretch(stage.id)
    stage.grow(1600)
    late = (b"\1\2" * 800, b"\3\4" * 800)
    stage.spool.to_come = [lambda: None, lambda: stage.spool.grow(first, *late)]
    assert stage.close()

    audio, _ = stage.opened()
    assert len(audio) == (1600 + 1600) * STEREO
    assert audio[:4] == b"\1\2\3\4"
