"""Recorders that are not ours in a register, the fake one and the real one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Deadline, RecorderRow, Register
from tests.register.samples import call, day, noon, number_sealed

ROW = RecorderRow("o0000000000000001", "c0000000000000001", "MixMonitor", noon, number_sealed, "e1")


def test_another_recorder_is_kept_and_told_without_its_file(register: Register) -> None:
    """It is told to the ledger when it is seen, before and after it is stopped, never where it writes to."""
    spy = RecorderRow("o0000000000000002", ROW.call, "ChanSpy", noon + day)
    register.add_recorder(spy)
    register.add_recorder(ROW)
    register.recorder_stopping(ROW.id, noon)
    register.recorder_stopped(ROW.id, noon + day)

    assert register.recorders_of(ROW.call) == [replace(ROW, stopped_at=noon + day), spy]
    assert register.recorders_of("c0000000000000002") == []
    told = [(entry.kind, entry.payload) for entry in register.entries() if "recorder" in entry.kind]
    facts = {"call": ROW.call, "recorder": ROW.id, "by": "MixMonitor"}
    assert told[1:] == [
        ("other-recorder-seen", facts),
        ("other-recorder-stopping", facts),
        ("other-recorder-stopped", facts),
    ]
    with pytest.raises(Refused) as refused:
        register.recorder_stopped("o0000000000000009", noon)
    assert refused.value.id == "unknown-recorder"


def test_nothing_new_is_sealed_to_an_epoch_that_has_ended(register: Register) -> None:
    """A file that would be sealed to a key that is about to be destroyed is refused whole."""
    register.add_epoch("e1", "MLKEM768_X25519", b"public", noon)
    register.end_epoch("e1", noon + day)
    with pytest.raises(Refused) as refused:
        register.add_recorder(ROW)

    assert refused.value.id == "epoch-over"
    assert register.recorders_of(ROW.call) == []


def test_where_it_wrote_goes_with_the_data_of_its_call(register: Register) -> None:
    """The name of a file, which may hold a number, is overwritten when the period of its call's data ends."""
    register.add_call(call())
    register.add_recorder(replace(ROW, call="c1"))
    register.end_call("c1", noon, "talked")
    register.overwrite([Deadline("call_data", "c1", noon, "")])

    assert register.recorders_of("c1") == [replace(ROW, call="c1", sealed=None)]
