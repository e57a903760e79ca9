"""The ledger's chain, and its exports."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_gdpr.core.ledger import Entry, Head, commit, encode, follow, genesis, link, verify
from asterisk_gdpr.errors import Damaged, Refused
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.proof.ledger import all_entries, export, read_head, sign_head, verify_export
from tests.fakes.register import MemoryRegister
from tests.register.samples import noon, second

signer = SigningKey.generate()
keys = [signer.verify_key]


def ledger(count: int = 6) -> list[Entry]:
    """A ledger whose second and fifth payloads are erased."""
    entries: list[Entry] = []
    for number in range(count):
        before = entries[-1] if entries else None
        payload = {"recording": f"r{number}", "user": "jo"}
        entries.append(follow(before, noon + number * second, "listened", bytes([number]) * 16, payload))
    return [
        replace(entry, salt=None, payload=None) if number in (1, 4) else entry
        for number, entry in enumerate(entries)
    ]


def exported(entries: list[Entry]) -> list[bytes]:
    """The lines of its export."""
    return list(export(entries, noon, signer))


def test_whole_ledger_verifies() -> None:
    """A ledger verifies from its first entry on, erased payloads and all; so does an empty one."""
    entries = ledger()

    assert verify(entries, [Head(3, entries[2].hash), Head(6, entries[5].hash)]).ok
    assert verify(entries).seq == 6
    assert verify([], [Head(0, genesis)]).ok


def test_hashes_are_fixed() -> None:
    """The hashes are those of the format, for ever."""
    payload = {"b": [True, None, "ü"], "a": 1}
    commitment = commit(bytes(16), payload)

    assert encode(payload) == rb'{"a":1,"b":[true,null,"\u00fc"]}'
    assert commitment.hex() == "b4200735eb1b747c0c9373ff4558acce917877f6191b6e312e7705a85d4928fe"
    assert (
        link(genesis, 1, noon, "listened", commitment).hex()
        == "53b830e5d02925f3e036322b77ce460c4505ce45c994733315758943714fa5a9"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "exported"},
        {"at": noon + timedelta(microseconds=1)},
        {"commitment": bytes(32)},
        {"hash": bytes(32)},
        {"salt": bytes(16)},
        {"salt": None},
        {"payload": {"recording": "r2", "user": "al"}},
        {"payload": None},
        {"seq": 9},
    ],
    ids=str,
)
def test_change_is_found_in_its_place(change: dict[str, object]) -> None:
    """Whatever is changed in an entry is found, with its place."""
    entries = ledger()
    entries[2] = replace(entries[2], **change)  # type: ignore[arg-type]  # a table of mixed values

    verdict = verify(entries)

    assert (verdict.ok, verdict.seq) == (False, 3)
    assert verdict.reason


def test_order_and_gaps_are_found() -> None:
    """Entries that were dropped, repeated, swapped or put in are found, with their place."""
    entries = ledger()
    foreign = replace(ledger()[3], kind="exported")

    assert verify(entries[:2] + entries[3:]).seq == 3
    assert verify(entries[:3] + entries[2:]).seq == 4
    assert verify([*entries[:2], entries[3], entries[2], *entries[4:]]).seq == 3
    assert verify([*entries[:3], foreign, *entries[3:]]).seq == 4
    assert verify(entries[1:]).seq == 1


def test_cut_end_shows_against_a_head() -> None:
    """A ledger whose end was cut off, or that was written anew, shows against a head signed before."""
    entries = ledger()
    head = Head(6, entries[-1].hash)
    other = follow(None, noon, "listened", bytes(16), {})

    assert (verify(entries[:4], [head]).ok, verify(entries[:4], [head]).seq) == (False, 5)
    assert verify([other], [Head(1, entries[0].hash)]) == replace(
        verify([other]), ok=False, reason="differs from the signed head"
    )


def test_two_heads_that_contradict_each_other_are_found() -> None:
    """Whoever signs a second head over a ledger written anew does not make the first one forgotten."""
    entries, other = ledger(), follow(None, noon, "listened", bytes(16), {})
    first, forged = Head(1, entries[0].hash), Head(1, other.hash)

    for heads in ([first, forged], [forged, first]):
        for told in (entries, [other]):
            assert (verify(told, heads).ok, verify(told, heads).seq) == (False, 1)
    assert verify(entries, [first, first]).ok
    assert verify(entries[:1], [Head(0, other.hash)]).ok is False


@pytest.mark.parametrize("payload", [{"x": 1.5}, {"x": [{"y": 2.0}]}, {"x": 2**60}, {"ü": 1}, {"": 1}])
def test_payload_has_one_encoding(payload: dict[str, object]) -> None:
    """What has no single way of being written is not committed to."""
    with pytest.raises((TypeError, ValueError)):
        commit(bytes(16), payload)


def test_export_verifies_with_the_public_key() -> None:
    """An export verifies with the public key alone, an empty one too, and with no other key."""
    verdict = verify_export(exported(ledger()), keys)

    assert (verdict.ok, verdict.seq) == (True, 6)
    assert verify_export(exported([]), keys).ok
    with pytest.raises(Refused):
        verify_export(exported(ledger()), [SigningKey.generate().verify_key])


def test_every_flipped_bit_of_an_export_is_found() -> None:
    """One flipped bit anywhere in an export is found; bit 5, which turns letters big, in every byte."""
    whole = b"".join(exported(ledger(2)))
    bits = {(byte, bit) for byte in range(len(whole)) for bit in (5, byte % 8)}

    assert [place for place in sorted(bits) if _accepted(_flip(whole, *place))] == []


def test_shortened_exports_are_found() -> None:
    """An export that lacks entries, or its head, or has more than its head says, is found."""
    lines = exported(ledger())

    assert verify_export(lines[:3] + lines[-1:], keys).seq == 4
    assert not verify_export(exported(ledger()[:3])[:-1] + lines[3:5] + exported(ledger()[:3])[-1:], keys).ok
    assert not verify_export([*lines, lines[-1]], keys).ok
    for cut, line in ((lines[:-1], 6), ([], 1), ([b""], 1), ([*lines[:-1], lines[-1][:-2]], 7)):
        with pytest.raises(Damaged, match=f"Line {line} "):
            verify_export(cut, keys)


def test_head_comes_back() -> None:
    """A signed head comes back as it was signed."""
    head = Head(6, ledger()[-1].hash)

    assert read_head(sign_head(head, noon, signer), keys) == head


def test_all_entries_are_read_in_pages() -> None:
    """However many entries there are, all are read, once and in order."""
    register = MemoryRegister()
    for number in range(2500):
        register.record("listened", {"n": number}, noon)

    assert [entry.seq for entry in all_entries(register)] == list(range(1, 2501))


def _flip(data: bytes, byte: int, bit: int) -> bytes:
    changed = bytearray(data)
    changed[byte] ^= 1 << bit
    return bytes(changed)


def _accepted(data: bytes) -> bool:
    try:
        return verify_export(data.splitlines(keepends=True), keys).ok
    except Refused:
        return False
