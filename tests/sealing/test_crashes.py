"""A sealer that is killed, at every point that there is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_gdpr.core.recording import State
from asterisk_gdpr.core.times import from_text
from asterisk_gdpr.service.sealing.notes import TOLERANCE
from tests.sealing.stage import SECOND, Killed, Stage

QUICK = settings(max_examples=15, deadline=None)
FULL = 5 * SECOND

growth = st.tuples(st.integers(0, 2 * FULL), st.integers(-900, 900))
kills = st.one_of(st.none(), st.tuples(st.integers(0, 12), st.booleans()))
away = st.sampled_from(["", "", "vault", "register", "spool"])


def _live(stage: Stage, killed: tuple[int, bool] | None) -> bool:
    """A second of the sealer's life; False when it did not survive."""
    if killed is not None:
        stage.fate.after, stage.fate.done = killed
    try:
        stage.sealing.look()
        stage.sealing.tick()
    except Killed:
        return False
    finally:
        stage.fate.after = None
    return True


@given(st.lists(st.tuples(growth, kills, away), max_size=7), kills)
@QUICK
def test_nothing_is_lost_and_nothing_doubled(
    life: list[tuple[tuple[int, int], tuple[int, bool] | None, str]], last: tuple[int, bool] | None
) -> None:
    """However the legs grow and wherever the sealer is killed, the container holds them to the byte."""
    stage = Stage()
    stage.prepare()
    for (length, more), killed, missing in life:
        stage.grow(length, max(0, length + more))
        if missing:
            getattr(stage, missing).away = True
        alive = _live(stage, killed)
        stage.vault.away = stage.register.away = stage.spool.away = False
        if not alive:
            stage.restart()
    stage.grow(2)
    if last is not None:
        stage.fate.after, stage.fate.done = last
    try:
        stage.close()
    except Killed:
        stage.restart()
        if stage.state is not State.SEALED:
            assert stage.close()

    audio, manifest = stage.opened()
    assert audio == stage.expected()
    assert stage.state is State.SEALED
    assert manifest["gaps"] == []
    assert stage.spool.recordings() == []
    stage.fate.after = None
    assert stage.sealing.tick() == []
    assert stage.register.alarms() == []


def _killed_at(step: int, done: bool) -> bool:
    """Kill a recording's first segment and close at one step; False when there is no such step."""
    stage = Stage()
    stage.fate.after, stage.fate.done = step, done
    try:
        stage.prepare()
        stage.grow(FULL + 700)
        stage.sealing.look()
        stage.sealing.tick()
        stage.close()
    except Killed:
        stage.restart()
    else:
        return False
    if stage.id not in stage.register._tables.recordings:
        assert stage.heard == [b"", b""]
        assert stage.spool.recordings() == []
    elif stage.state is not State.SEALED and not stage.close():
        assert stage.heard == [b"", b""]
    elif stage.state is State.SEALED:
        assert stage.opened()[0] == stage.expected()
        assert stage.spool.recordings() == []
    assert stage.register.alarms() == []
    return True


def test_every_crash_point_from_prepare_to_close() -> None:
    """Killed before or after any single step, a recording ends sealed, or was never captured."""
    for done in (False, True):
        steps = 0
        while _killed_at(steps, done):
            steps += 1
        assert steps > 15


def test_a_power_cut_is_an_alarm_and_a_gap() -> None:
    """What was in memory when the power went is told as an alarm, and as a gap behind what was sealed."""
    stage = Stage()
    stage.prepare()
    stage.talk(9)
    stage.power_cut()
    stage.pass_by(600)
    cut_at = stage.clock.now()
    stage.restart()

    (alarm,) = stage.register.alarms()
    assert (alarm.id, alarm.about) == ("audio-lost", stage.id)
    assert stage.close()
    audio, manifest = stage.opened()
    assert audio == stage.expected() and len(audio) == 2 * FULL
    (gap,) = manifest["gaps"]
    assert (gap["frame"], gap["reason"]) == (40_000, "spool_lost")
    assert gap["started_at"] < gap["ended_at"] == f"{cut_at:%Y-%m-%dT%H:%M:%S.%fZ}"


def test_the_map_of_time_after_a_power_cut() -> None:
    """A map that had to be made anew begins at frame 0 and does not claim to be better than it is."""
    stage = Stage()
    stage.prepare()
    stage.pass_by(100)
    begun = stage.clock.now()
    stage.talk(9)
    stage.power_cut()
    stage.pass_by(600)
    stage.restart()
    stage.close()

    time_map = stage.opened()[1]["time_map"]
    frame, at = time_map["points"][0]
    assert frame == 0
    assert abs(from_text(str(at)) - begun) <= TOLERANCE
    assert time_map["tolerance_ms"] >= 709_000


def test_a_second_power_cut_tells_the_same_gap_once() -> None:
    """Restarted again and again, the same loss is one alarm and one gap."""
    stage = Stage()
    stage.prepare()
    stage.talk(9)
    stage.power_cut()
    for _ in range(3):
        stage.restart()
    stage.close()

    assert len(stage.register.alarms()) == 1
    assert len(stage.opened()[1]["gaps"]) == 1


def test_lost_before_anything_was_sealed() -> None:
    """Legs that vanish before the first segment leave no container, and an alarm."""
    stage = Stage()
    stage.prepare()
    stage.grow(SECOND)
    stage.spool.lose()
    stage.restart()

    assert not stage.close()
    assert [alarm.id for alarm in stage.register.alarms()] == ["audio-lost"]
    assert stage.vault.size(stage.id) is None


def test_broken_notes_do_not_keep_audio_from_being_sealed() -> None:
    """Notes that cannot be read are made anew; the audio beside them, vouched for by nobody, is silence."""
    stage = Stage()
    stage.prepare()
    stage.talk(3)
    stage.spool.noted[stage.id] = b"{"
    stage.restart()
    stage.pass_by(1)
    stage.close()

    audio, manifest = stage.opened()
    assert len(audio) == len(stage.expected()) and not any(audio)
    assert [gap["reason"] for gap in manifest["gaps"]] == ["unwatched"]


def test_a_restart_with_the_vault_away() -> None:
    """A vault that is away at the start is waited for, and what was committed is proven when it is back."""
    stage = Stage()
    stage.prepare()
    stage.talk(9)
    stage.vault.away = True
    stage.restart()
    stage.grow(FULL)
    assert [error.id for _, error in stage.sealing.tick()] == ["vault-unreachable"]
    stage.vault.away = False
    assert stage.sealing.tick() == []
    stage.close()

    assert stage.opened()[0] == stage.expected()


def test_each_life_has_its_own_data_key() -> None:
    """After a restart the sealer goes on under the next generation."""
    stage = Stage()
    stage.prepare()
    stage.talk(7)
    stage.restart()
    stage.talk(7)
    stage.close()

    audio, manifest = stage.opened()
    assert audio == stage.expected()
    assert {entry["generation"] for entry in manifest["segments"]} == {1, 2}


def test_legs_that_outlived_their_recording() -> None:
    """Killed between closing and unlinking, the next start unlinks what is left of the plaintext."""
    stage = Stage()
    stage.prepare()
    stage.talk(6)
    assert stage.close()
    stage.spool.prepare(stage.id, 1, 8000)
    stage.grow(100)
    stage.restart()

    assert stage.spool.recordings() == []
    assert stage.register.alarms() == []


def test_audio_of_nobody() -> None:
    """Audio of a recording that the register does not know is unlinked, and an alarm."""
    stage = Stage()
    stage.legs = stage.spool.prepare("rnobodysown2345", 1, 8000)
    stage.grow(100)
    stage.restart()

    assert stage.spool.recordings() == []
    assert [(alarm.id, alarm.about) for alarm in stage.register.alarms()] == [
        ("audio-lost", "rnobodysown2345")
    ]
