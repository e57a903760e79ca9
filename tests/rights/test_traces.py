"""After the erasure of a caller nothing of them is left, in the register's files or in what was logged."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from asterisk_gdpr.ports import Mark
from tests.cli.conftest import full_house as house  # noqa: F401  # an installation with one recording
from tests.cli.conftest import made, recorded  # noqa: F401  # fixtures
from tests.cli.house import NUMBER, RECORDING, House

pytestmark = pytest.mark.thorough

WORDS = {
    "comment": "the caller coughed fourteen times",
    "correction": "my name is not Wolpertinger but Wolperdinger",
    "asked": "please erase whatever you have of Wolperdinger",
    "asked before": "Wolperdinger does not want to be heard by trainees",
    "extension": "Wolperdinger has called us fourteen times",
    "contact": "Frau Wolperdinger, Hasengasse 7",
}


def left_in(folder: Path) -> dict[str, bytes]:
    """Every file of an installation, the register's journal and free pages included."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("noise", [0, 8])
def test_nothing_of_an_erased_caller_is_left(
    house: House,  # noqa: F811
    noise: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Number and words of an erased caller with comments, listens and a request are in no file and no log."""
    caplog.set_level(logging.DEBUG)
    installation = house.open()
    register, now = installation.register(), house.clock.now()
    call = register.found(RECORDING).call
    sealed, index = call.caller_sealed or b"", call.caller_index or b""
    wrapped = [key.wrapped for key in register.keys(RECORDING)]
    receipt, reference = b"hash of their receipt", b"hash of their ticket"
    register.add_receipt(call.id, receipt)
    register.set_reference(call.id, reference, now)
    register.add_mark(Mark("k1", RECORDING, 500, "quinn", now, WORDS["comment"]))
    for minute in range(5):
        told = {"user": "quinn", "recording": RECORDING, "purpose": "quality", "reason": "complaint"}
        register.record("listened", told, now + timedelta(minutes=minute))
    installation.close()
    words = house.folder.parent / "words"
    words.write_text(WORDS["correction"])
    assert house("recordings", "correct", RECORDING, "--text-file", words) == 0
    words.write_text(WORDS["asked"])
    said = ("--right", "erasure", "--caller", NUMBER, "--contact", WORDS["contact"], "--text-file", words)
    assert house("requests", "open", *said) == 0
    for _ in range(noise):  # rows come and grow beside those that must vanish
        assert house("requests", "open", "--right", "objection", "--caller", "+49301234567") == 0
    request = next(each for each in house.json("requests", "list") if each["contact"])
    for other in house.json("requests", "list"):
        assert house("requests", "identify", other["id"], "--method", "callback") == 0
    words.write_text(WORDS["asked before"])
    earlier = ("--right", "objection", "--caller", NUMBER, "--text-file", words)
    assert house("requests", "open", *earlier) == 0
    (answered,) = (each for each in house.json("requests", "list") if each["asked"] == WORDS["asked before"])
    assert house("requests", "refuse", answered["id"], "--reason", "unfounded") == 0
    assert house("requests", "extend", request["id"], "--why", WORDS["extension"]) == 0
    before = left_in(house.folder)
    hashes = (index, receipt, reference)
    for needle in (*hashes, sealed, *wrapped, *(text.encode() for text in WORDS.values())):
        assert any(needle in content for content in before.values())

    letter = house.folder.parent / "letter"
    assert house("requests", "fulfil", request["id"], "--letter", letter) == 0, house.err
    assert WORDS["contact"] in letter.read_text()
    house("calls", "list")
    house("sweep")

    after = left_in(house.folder)
    digits = NUMBER.removeprefix("+")
    for needle in (
        *(text.encode() for text in WORDS.values()),
        *(digits.encode(), digits.removeprefix("49").encode()),
        *(*hashes, sealed, sealed[:64], *wrapped, *(key[-64:] for key in wrapped)),
    ):
        assert [path for path, content in after.items() if needle in content] == []
    assert digits not in caplog.text and not any(text in caplog.text for text in WORDS.values())
    assert house("ledger", "verify") == 0
    with closing(sqlite3.connect(house.folder / "state/register.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
