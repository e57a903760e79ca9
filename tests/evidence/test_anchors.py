"""The ledger's signed heads: a cut end, and a ledger written anew, show against them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_gdpr.adapters.hook import CommandHook
from asterisk_gdpr.core.ledger import Entry, follow, verify
from asterisk_gdpr.errors import Damaged, Refused, Unreachable
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.proof.anchors import FAILED, Anchors, Hook, read_heads
from tests.erasure.stage import HandClock, signer
from tests.fakes.register import MemoryRegister

KEYS = [signer.verify_key]


def anchors(register: MemoryRegister, files: Sequence[Path], *hooks: Hook) -> Anchors:
    """What the daemon runs."""
    return Anchors(register, signer, HandClock(), "node1", files, hooks)


def told(register: MemoryRegister, count: int) -> None:
    """Something is done."""
    for number in range(count):
        register.record("listened", {"number": number}, HandClock().now())


def test_a_cut_end_shows_against_the_heads(tmp_path: Path) -> None:
    """A head that lies elsewhere shows that entries were cut off, and that the ledger was written anew."""
    register, file = MemoryRegister(), tmp_path / "heads"
    anchor = anchors(register, [file])
    told(register, 3)
    assert anchor.tick()
    told(register, 2)
    assert anchor.tick()
    heads = read_heads(file.read_bytes(), KEYS)
    entries = register.entries()

    assert [head.seq for head in heads] == [3, 5]
    assert verify(entries, heads).ok
    cut = verify(entries[:4], heads)
    assert (cut.ok, cut.seq) == (False, 5)
    anew: list[Entry] = []
    for entry in entries:
        changed = replace(entry, payload={"number": 99}) if entry.seq == 2 else entry
        anew.append(
            follow(anew[-1] if anew else None, entry.at, entry.kind, entry.salt or b"", changed.payload or {})
        )
    assert verify(anew).ok
    assert not verify(anew, heads).ok


def test_a_head_is_signed_only_when_there_is_something_new(tmp_path: Path) -> None:
    """A ledger that stands still adds nothing, and without a place nothing is signed."""
    register, file = MemoryRegister(), tmp_path / "heads"
    anchor = anchors(register, [file])
    assert not anchor.tick()
    told(register, 1)
    assert anchor.tick() and not anchor.tick()
    assert len(file.read_bytes().splitlines()) == 1
    assert not anchors(register, []).tick()


def test_a_place_that_is_away_is_an_alarm_until_a_head_is_there(tmp_path: Path) -> None:
    """What cannot be anchored is tried again, with an alarm in between."""
    register, away = MemoryRegister(), tmp_path / "away"
    anchor = anchors(register, [away / "heads"])
    told(register, 1)
    assert not anchor.tick()
    assert [alarm.id for alarm in register.alarms()] == [FAILED]

    away.mkdir()
    assert anchor.tick()
    assert register.alarms() == []


def test_a_command_is_handed_each_head(tmp_path: Path) -> None:
    """The hook gets the signed head on its standard input; one that fails is an alarm."""
    register, got = MemoryRegister(), tmp_path / "got"
    write = f"import sys, pathlib; pathlib.Path({str(got)!r}).write_bytes(sys.stdin.buffer.read())"
    told(register, 1)

    assert anchors(register, [], CommandHook([sys.executable, "-c", write])).tick()
    assert [head.seq for head in read_heads(got.read_bytes(), KEYS)] == [1]

    for command in ([sys.executable, "-c", "raise SystemExit(3)"], ["/no/such/command"]):
        with pytest.raises(Unreachable) as failed:
            CommandHook(command).run(b"")
        assert failed.value.id == "hook-failed"
        assert not anchors(register, [], CommandHook(command)).tick()
    assert [alarm.id for alarm in register.alarms()] == [FAILED]


def test_a_forged_head_fails_with_its_line(tmp_path: Path) -> None:
    """A head that was changed, or that another key signed, is found in its line."""
    register, file = MemoryRegister(), tmp_path / "heads"
    anchor = anchors(register, [file])
    for _ in range(2):
        told(register, 1)
        anchor.tick()
    changed = file.read_bytes().replace(b'"seq":2', b'"seq":3')
    with pytest.raises(Damaged, match="Line 2"):
        read_heads(changed, KEYS)
    with pytest.raises(Refused):
        read_heads(file.read_bytes(), [SigningKey.generate().verify_key])
