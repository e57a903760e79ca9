"""The sealer's life: in which order things happen, and what happens when one of them does not."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import pytest

from asterisk_gdpr.core.recording import Reason, State, Tombstone
from asterisk_gdpr.errors import Damaged, Refused, Unreachable
from asterisk_gdpr.ports import Legs
from tests.fakes.register import MemoryRegister
from tests.fakes.spool import MemorySpool
from tests.fakes.vault import MemoryVault
from tests.sealing.stage import NOON, POLICY, SECOND, Balky, Stage

FULL = 5 * SECOND


class Told:
    """Something of the world that tells in which order it was asked."""

    def __init__(self, thing: Any, book: list[str]) -> None:
        self._thing, self._book = thing, book

    def __getattr__(self, name: str) -> Any:
        act = getattr(self._thing, name)

        def tell(*args: Any, **more: Any) -> Any:
            self._book.append(name)
            return act(*args, **more)

        return tell


def test_the_order_of_capture() -> None:
    """The key is committed before anything is captured, a segment before its memory is given back."""
    stage, book = Stage(), list[str]()
    for part in ("register", "vault", "spool"):
        setattr(stage, part, Told(getattr(stage, part), book))
    stage.sealing = stage._born()
    stage.sealing.prepare(stage.id, "c1", "sales", POLICY, ["quality"], 8000)
    legs = Legs(*(f"{stage.id}.1.{side}.sln" for side in ("left", "right")))
    stage.spool.grow(legs, bytes(FULL), bytes(FULL))
    stage.sealing.tick()
    stage.sealing.close(stage.id, NOON)

    steps = ("add_recording", "append", "commit_progress", "release", "seal_recording", "remove")
    wanted = ["add_recording", "append", "commit_progress", "release", "append", "seal_recording", "remove"]
    assert [step for step in book if step in steps] == wanted


def test_nothing_captured_is_nothing_kept() -> None:
    """A recording in which nothing was ever captured has no container, and is left to be abandoned."""
    stage = Stage()
    stage.prepare()
    stage.pass_by(60)

    assert stage.sealing.tick() == []
    assert not stage.close()
    assert stage.vault.size(stage.id) is None


@pytest.mark.parametrize(("left", "right"), [(3, 3), (801, 800), (SECOND, SECOND - 640), (0, 320)])
def test_legs_of_unequal_length(left: int, right: int) -> None:
    """The longer leg is sealed to its last whole sample, with silence beside it."""
    stage = Stage()
    stage.prepare()
    stage.grow(left, right)
    stage.close()

    assert stage.opened()[0] == stage.expected()


def test_a_commit_that_could_not_be_confirmed() -> None:
    """What the register may have taken is committed again as it is, and never appended anew."""
    register = Balky()
    stage = Stage(register=register)
    stage.prepare()
    stage.grow(FULL)
    register.mute = True
    assert [error.id for _, error in stage.sealing.tick()] == ["register-unreachable"]
    written = stage.vault.held[stage.id]
    stage.grow(700)
    assert len(stage.sealing.tick()) == 1
    assert stage.vault.held[stage.id] == written
    with pytest.raises(Unreachable):
        stage.close()
    register.mute = False
    stage.restart()
    assert stage.close()

    assert stage.opened()[0] == stage.expected()


def test_nothing_follows_the_end() -> None:
    """What Asterisk still writes while the end waits to be committed is never appended behind it."""
    register = Balky()
    stage = Stage(register=register)
    stage.prepare()
    stage.grow(FULL)
    stage.sealing.tick()
    register.mute = True
    with pytest.raises(Unreachable):
        stage.close()
    expected, closed = stage.expected(), stage.vault.held[stage.id]
    stage.grow(2 * FULL)
    register.mute = False
    assert stage.sealing.tick() == []
    assert stage.close()

    assert stage.vault.held[stage.id] == closed
    assert stage.opened()[0] == expected


def test_a_register_that_is_away_for_a_minute() -> None:
    """Without a register nothing is given back, and all of it is sealed when it answers again."""
    stage = Stage()
    stage.prepare()
    stage.grow(3 * FULL)
    stage.register.away = True
    for _ in range(60):
        assert len(stage.sealing.tick()) == 1
    assert bytes(stage.spool.legs[stage.legs.left]) == stage.heard[0]
    stage.register.away = False
    assert stage.sealing.tick() == []
    stage.close()

    assert stage.opened()[0] == stage.expected()


def test_legs_that_vanish_while_the_call_goes_on() -> None:
    """What vanished is an alarm at the next tick and a gap in the manifest; what was sealed stays sealed."""
    stage = Stage()
    stage.prepare()
    stage.talk(9)
    stage.power_cut()
    stage.sealing.tick()
    assert [alarm.id for alarm in stage.register.alarms()] == ["audio-lost"]
    assert stage.sealing.tick() == []
    assert stage.close()

    audio, manifest = stage.opened()
    assert audio == stage.expected()
    assert [gap["frame"] for gap in manifest["gaps"]] == [len(audio) // 4]


def test_a_loss_is_told_before_it_is_forgotten() -> None:
    """While the alarm of a loss cannot be written, the recording is not closed."""
    stage = Stage()
    stage.prepare()
    stage.talk(9)
    stage.power_cut()
    stage.register.away = True
    for attempt in (stage.sealing.tick, stage.sealing.tick):
        assert [error.id for _, error in attempt()] == ["register-unreachable"]
    with pytest.raises(Unreachable):
        stage.close()
    stage.register.away = False
    assert stage.close()

    assert [alarm.id for alarm in stage.register.alarms()] == ["audio-lost"]


def test_one_broken_recording_keeps_no_other_from_being_sealed() -> None:
    """A recording whose container was cut is told by name, and the others are sealed all the same."""
    stage = Stage()
    ill = "rbroken234567abcd"
    stage.sealing.prepare(ill, "c1", "sales", POLICY, ["quality"], 8000)
    (_, legs) = stage.spool.find(ill)[0]
    stage.prepare()
    for _ in range(2):
        stage.grow(FULL)
        stage.spool.grow(legs, bytes(FULL), bytes(FULL))
        failed = stage.sealing.tick()
        stage.vault.held[ill] = stage.vault.held[ill][:100]

    assert [(id, error.id) for id, error in failed] == [(ill, "container-short")]
    assert stage.committed == 2 * FULL


class Faulty(MemorySpool):
    """A spool that meets a fault in the program."""

    def read(self, legs: Legs, offset: int, length: int) -> tuple[bytes, bytes]:
        if "faulty" in legs.left:
            raise ZeroDivisionError
        return super().read(legs, offset, length)


def test_a_fault_in_the_program_keeps_no_other_from_being_sealed() -> None:
    """What nobody foresaw in one recording does not stop the others."""
    stage = Stage(spool=Faulty())
    stage.sealing.prepare("rfaulty2345678", "c1", "sales", POLICY, ["quality"], 8000)
    (_, legs) = stage.spool.find("rfaulty2345678")[0]
    stage.prepare()
    stage.grow(FULL)
    stage.spool.grow(legs, bytes(FULL), bytes(FULL))

    assert [id for id, _ in stage.sealing.tick()] == ["rfaulty2345678"]
    assert stage.committed == FULL


def test_a_container_that_is_shorter_than_committed() -> None:
    """A restart refuses to go on behind a container that is not what was committed."""
    stage = Stage()
    stage.prepare()
    stage.talk(7)
    stage.vault.held[stage.id] = stage.vault.held[stage.id][:-1]
    with pytest.raises(Damaged):
        stage.restart()

    assert stage.spool.length(stage.legs) == 7 * SECOND


def test_what_keeps_a_recording_open_is_an_alarm() -> None:
    """A recording that cannot be closed is an alarm until a later life has closed it."""
    stage = Stage()
    stage.prepare()
    stage.talk(7)
    choices, stage.register._held.choices = stage.register._held.choices, []
    with pytest.raises(Refused):
        stage.close()
    assert [alarm.id for alarm in stage.register.alarms()] == ["recording-not-closed"]
    assert stage.spool.recordings() == [stage.id]
    stage.register._held.choices = choices
    stage.restart()
    assert stage.close()

    assert stage.register.alarms() == []
    assert stage.opened()[0] == stage.expected()


def test_a_spool_that_is_nearly_full() -> None:
    """Nothing new is begun in a spool that those who are recorded already may need."""
    stage = Stage()
    stage.spool.free = 0.05
    with pytest.raises(Refused) as refusal:
        stage.prepare()

    assert refusal.value.id == "spool-full"
    assert stage.spool.recordings() == []


def test_a_full_spool_is_an_alarm_until_there_is_room() -> None:
    """While Asterisk may have nowhere to write to, an alarm stands."""
    stage = Stage()
    both = ["spool-nearly-full", "spool-full"]
    for free, alarms in ((0.05, both[:1]), (0.0, both), (0.0, both), (0.05, both[:1]), (0.5, [])):
        stage.spool.free = free
        stage.sealing.tick()
        assert [alarm.id for alarm in stage.register.alarms()] == alarms


def test_what_cannot_be_sealed_is_an_alarm_until_it_is() -> None:
    """While the vault is away an alarm stands, once for the node; it ends when all of it is sealed."""
    stage = Stage()
    stage.prepare()
    stage.vault.away = True
    for _ in range(3):
        stage.grow(FULL)
        stage.pass_by(10)
        assert [error.id for _, error in stage.sealing.tick()] == ["vault-unreachable"]
        assert [(alarm.id, alarm.about) for alarm in stage.register.alarms()] == [
            ("sealing-stalled", "node1")
        ]
    stage.vault.away = False

    assert stage.sealing.tick() == []
    assert stage.register.alarms() == []
    assert stage.close() and stage.opened()[0] == stage.expected()


def test_no_register_no_recording() -> None:
    """When its key cannot be committed, neither a recording nor a leg of it is there."""
    stage = Stage()
    stage.register.away = True
    with pytest.raises(Unreachable):
        stage.prepare()

    assert stage.spool.recordings() == []
    assert not stage.sealing.holds(stage.id)


def test_let_go() -> None:
    """Of a recording that was let go nothing more is appended, noted or closed."""
    stage = Stage()
    stage.prepare()
    stage.talk(6)
    size = stage.vault.size(stage.id)
    stage.sealing.let_go(stage.id)
    stage.spool.remove(stage.id)
    stage.sealing.note(stage.id, lambda notes: notes.end_stretch(NOON))
    stage.sealing.tick()
    stage.sealing.look()

    assert stage.close()
    assert stage.vault.size(stage.id) == size
    assert stage.spool.recordings() == []


def test_notes_that_come_too_late() -> None:
    """A note that arrives while its recording is being closed leaves nothing in the spool."""
    stage = Stage()
    stage.prepare()
    stage.grow(FULL)
    late = stage.sealing._jobs[stage.id]
    stage.close()
    late.note(lambda notes: notes.end_stretch(NOON))
    late.look(NOON)

    assert stage.spool.recordings() == []


class Slow(MemoryVault):
    """A vault that answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answer = threading.Event(), threading.Event()

    def append(self, name: str, at: int, data: bytes) -> None:
        self.asked.set()
        assert self.answer.wait(5)
        super().append(name, at, data)


def test_no_call_waits_for_the_vault() -> None:
    """While the vault takes its time, notes are taken and legs are looked at without waiting."""
    vault = Slow()
    stage = Stage(vault=vault)
    stage.prepare()
    stage.grow(FULL)
    ticking = threading.Thread(target=stage.sealing.tick)
    ticking.start()
    assert vault.asked.wait(5)
    stage.sealing.note(stage.id, lambda notes: notes.change(NOON, muted=True, reason="parties"))
    stage.sealing.look()
    vault.answer.set()
    ticking.join()
    stage.close()

    assert stage.opened()[1]["captures"][0]["changes"][-1]["reason"] == "parties"


def test_let_go_waits_for_what_is_being_appended() -> None:
    """When letting go has returned, no append is under way any more."""
    vault = Slow()
    stage = Stage(vault=vault)
    stage.prepare()
    stage.grow(FULL)
    ticking = threading.Thread(target=stage.sealing.tick)
    ticking.start()
    assert vault.asked.wait(5)
    letting = threading.Thread(target=stage.sealing.let_go, args=(stage.id,))
    letting.start()
    assert letting.is_alive()
    vault.answer.set()
    letting.join()
    size = vault.size(stage.id)
    ticking.join()

    assert vault.size(stage.id) == size


class Forgetful(MemorySpool):
    """A spool with no room for notes."""

    room_for_notes = False

    def keep_notes(self, recording: str, notes: bytes) -> None:
        if not self.room_for_notes:
            raise Unreachable("The spool does not answer (ENOSPC).", id="spool-unreachable")
        super().keep_notes(recording, notes)


def test_notes_that_cannot_be_kept() -> None:
    """A full spool stops no capture for the sake of notes: they are kept as soon as there is room."""
    spool = Forgetful()
    stage = Stage(spool=spool)
    stage.prepare()
    stage.sealing.look()
    assert spool.notes(stage.id) is None
    spool.room_for_notes = True
    stage.sealing.look()

    assert spool.notes(stage.id) is not None


class Torn(MemoryRegister):
    """A register in which a tombstone is set while a segment is being committed."""

    def commit_progress(self, batch: Any) -> None:
        self.add_tombstone(Tombstone(batch[0][0].recording, Reason.WITHDRAWN, NOON, NOON))
        super().commit_progress(batch)


def test_a_withdrawn_recording_is_never_taken_up_again() -> None:
    """A recording that bears a tombstone is neither sealed further nor closed by a restarted sealer."""
    stage = Stage(register=Torn())
    stage.prepare()
    stage.grow(FULL)
    stage.sealing.tick()
    stage.restart()

    assert stage.state is State.ERASING
    assert not stage.sealing.holds(stage.id)


def test_the_map_of_time_follows_a_pause() -> None:
    """When nothing was written for a while, the map tells where the talk went on."""
    stage = Stage()
    stage.prepare()
    stage.pass_by(30)
    stage.talk(10)
    stage.pass_by(60)
    stage.talk(10)
    stage.close()

    points = stage.opened()[1]["time_map"]["points"]
    times = [datetime.fromisoformat(str(at)) for _, at in points]
    frames = [int(frame) for frame, _ in points]
    assert frames[0] == 0 and (times[0] - NOON).total_seconds() == pytest.approx(30, abs=0.5)
    assert frames[-1] == pytest.approx(10 * 8000, abs=2.1 * 8000)
    assert (times[-1] - NOON).total_seconds() == pytest.approx(100, abs=2.6)
