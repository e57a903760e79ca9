"""The erasure journal: complete before a key is gone, the same everywhere, and not to be changed unseen."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from asterisk_gdpr.core.recording import Reason
from asterisk_gdpr.errors import Damaged, GdprError, Refused, Unreachable
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.erasing.destruction import Destruction
from asterisk_gdpr.service.erasing.erasure import Erasure
from asterisk_gdpr.service.erasing.journal import (
    NAME,
    ErasureJournal,
    Journal,
    JournalHead,
    Line,
    read_journal,
    since,
)
from tests.erasure.stage import Fuse, House, Killed, signer

KEYS = [signer.verify_key]


class Journalled(House):
    """A house whose erasures are journalled in two folders."""

    def __post_init__(self) -> None:
        self.folders = [self.folder / "one", self.folder / "two"]
        for folder in self.folders:
            folder.mkdir()
        (self.folder / "spool").mkdir()
        self.folder = self.folder / "spool"
        super().__post_init__()

    def files(self) -> ErasureJournal:
        return ErasureJournal(self.folders, lambda: self.register, lambda: signer, self.clock)

    def journal(self) -> Journal:
        return Journal(self.files(), self.register, self.clock, "node1")

    def eraser(self, fuse: Fuse | None = None) -> Erasure:
        register = fuse.lay(self.register) if fuse else self.register
        journal = (fuse.lay(self.journal()) if fuse else self.journal()).write
        destruction = Destruction(
            register, self.vault, self.spool, signer, self.clock, self.hand_over, journal=journal
        )
        return Erasure(register, destruction, self.clock)

    def lines(self) -> list[Line]:
        return read_journal([(folder / NAME).read_bytes() for folder in self.folders], KEYS)


@pytest.fixture
def house(tmp_path: Path) -> Journalled:
    """A house with nothing erased yet."""
    return Journalled(tmp_path)


def what(lines: list[Line]) -> list[tuple[str, object]]:
    """What the lines tell, and of which recording."""
    return [(line.what, line.facts.get("recording")) for line in lines]


def test_every_erasure_is_in_every_copy(house: Journalled) -> None:
    """An erasure stands in each copy, signed, by its recording's id and its reason alone."""
    made = house.sealed("1")
    house.eraser().erase(made, Reason.REQUESTED)
    house.journal().write()

    assert what(house.lines())[-1] == ("keys-destroyed", made)
    assert ("tombstone-set", made) in what(house.lines())
    one, two = ((folder / NAME).read_bytes() for folder in house.folders)
    assert one == two


@pytest.mark.parametrize("point", range(1, 30))
def test_no_key_is_gone_that_the_journal_does_not_know(house: Journalled, point: int) -> None:
    """Killed anywhere in an erasure, the journal knows of every recording whose keys are gone."""
    made = house.sealed("1")
    with contextlib.suppress(Killed):
        house.eraser(Fuse(point)).erase(made, Reason.REQUESTED)
    if not house.register.keys(made):
        assert ("tombstone-set", made) in what(house.lines())


def test_a_copy_that_is_away_catches_up(house: Journalled) -> None:
    """While one folder is away there is an alarm; when it is back, it has everything that it missed."""
    house.sealed("1"), house.sealed("2")
    house.eraser().erase("r1", Reason.REQUESTED)
    house.folders[1].rename(house.folder / "away")
    journal = house.journal()
    house.eraser().erase("r2", Reason.REQUESTED)
    journal.write()
    assert [alarm.id for alarm in house.register.alarms()] == ["journal-away"]

    (house.folder / "away").rename(house.folders[1])
    journal.write()

    assert house.register.alarms() == []
    one, two = ((folder / NAME).read_bytes() for folder in house.folders)
    assert one == two
    assert {None, "r1", "r2"} == {line.facts.get("recording") for line in house.lines()}


def test_without_any_copy_nothing_is_erased(house: Journalled) -> None:
    """With every folder away no key is destroyed; the erasure waits, and an alarm says so."""
    made = house.sealed("1")
    for folder in house.folders:
        folder.rename(house.folder / folder.name)

    house.eraser().erase(made, Reason.REQUESTED)

    assert house.register.keys(made)
    assert "erasure-failed" in [alarm.id for alarm in house.register.alarms()]
    with pytest.raises(Unreachable):
        house.files().catch_up()

    for folder in house.folders:
        (house.folder / folder.name).rename(folder)
    house.eraser().carry_out()
    assert not house.register.keys(made)


def test_a_torn_line_is_written_anew(house: Journalled) -> None:
    """What a crash left of a line is cut, and the line written whole."""
    house.sealed("1")
    house.eraser().erase("r1", Reason.REQUESTED)
    house.journal().write()
    whole = (house.folders[0] / NAME).read_bytes()
    (house.folders[0] / NAME).write_bytes(whole[:-30])

    house.journal().write()

    assert (house.folders[0] / NAME).read_bytes() == whole


def test_every_change_of_a_journal_is_found(house: Journalled) -> None:
    """Forged, reordered, shortened in the middle, re-signed or extended by another: told with the line."""
    for id in ("1", "2", "3"):
        house.sealed(id)
        house.eraser().erase(f"r{id}", Reason.REQUESTED)
    house.journal().write()
    whole = (house.folders[0] / NAME).read_bytes()
    lines = whole.splitlines(keepends=True)
    forger = SigningKey.generate()
    swapped = [lines[0], lines[2], lines[1], *lines[3:]]
    cases = {
        "a letter": whole.replace(b'"r2"', b'"r9"', 1),
        "order": b"".join(swapped),
        "one missing": b"".join([lines[0], *lines[2:]]),
        "the first missing": b"".join(lines[1:]),
    }
    for name, changed in cases.items():
        with pytest.raises(Damaged, match="Line") as damaged:
            read_journal([changed], KEYS)
        assert damaged.value.id == "journal-damaged", name
    with pytest.raises(GdprError):
        read_journal([whole], [forger.verify_key])


def test_an_older_or_another_journal_is_refused(house: Journalled) -> None:
    """A journal that does not reach to the backup, or is another one, is refused by name."""
    house.sealed("1"), house.sealed("2")
    house.eraser().erase("r1", Reason.REQUESTED)
    house.journal().write()
    early = house.lines()
    house.eraser().erase("r2", Reason.REQUESTED)
    house.journal().write()
    head = house.files().head()

    assert since(house.lines(), head) == []
    assert since(house.lines(), JournalHead()) == house.lines()
    with pytest.raises(Refused) as older:
        since(early, head)
    assert older.value.id == "journal-older"
    with pytest.raises(Damaged) as forked:
        since(house.lines(), JournalHead(head.seq, "00" * 32, 0))
    assert forked.value.id == "journal-forked"


def test_copies_that_contradict_are_not_guessed_between(house: Journalled) -> None:
    """Two copies of which neither goes on where the other ends are refused, when writing and when reading."""
    house.sealed("1")
    house.eraser().erase("r1", Reason.REQUESTED)
    house.journal().write()
    whole = (house.folders[0] / NAME).read_bytes()
    changed = whole.replace(b"requested", b"withdrawn", 1)
    with pytest.raises(Damaged) as forked:
        read_journal([whole, b"".join(changed.splitlines(keepends=True)[:2])], KEYS)
    assert forked.value.id == "journal-forked"

    last = whole[whole.rfind(b"\n", 0, -1) + 1 :]
    (house.folders[1] / NAME).write_bytes(whole.replace(last, last.replace(b'"seq":', b'"seq":1')))
    house.sealed("2")
    house.eraser().erase("r2", Reason.REQUESTED)
    assert "erasure-failed" in [alarm.id for alarm in house.register.alarms()]
    assert house.register.keys("r2")


def test_no_number_is_in_the_journal(house: Journalled) -> None:
    """The journal lies apart for years: it names recordings by id, and nobody."""
    house.sealed("1")
    house.eraser().erase("r1", Reason.REQUESTED)
    house.journal().write()

    facts = [set(line.facts) for line in house.lines()]
    assert set().union(*facts) <= {"recording", "reason", "purposes", "by", "hold"}
