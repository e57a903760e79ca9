"""Commands on an installation with nobody in it yet: what they say, and what they refuse."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from tests.cli.house import House

HOLD = "--case A1 --ground legal-claims --why sued"

BAD_INPUT = [
    ("policy check /nonexistent", 1, "unreadable"),
    ("explain --line nope", 1, "no-such-line"),
    ("off --line nope", 1, "no-such-line"),
    ("calls list --since yesterday", 1, "not-a-time"),
    ("calls list --line nope", 1, "no-such-line"),
    ("calls show nope", 1, "unknown-call"),
    ("recordings list --caller bananas", 1, "not-a-number"),
    ("recordings list --caller=", 1, "not-a-number"),
    ("recordings list --line=", 1, "no-such-line"),
    ("recordings list --since=", 1, "not-a-time"),
    ("calls list --line=", 1, "no-such-line"),
    ("calls list --since=", 1, "not-a-time"),
    ("recordings list --until 0001-01-01T00:00+14:00", 1, "not-a-time"),
    ("recordings show nope", 1, "unknown-recording"),
    ("recordings verify nope", 1, "unknown-recording"),
    ("recordings export nope --to x.wav --reason dispute", 1, "unknown-recording"),
    ("erase --recording nope --reason requested", 1, "unknown-recording"),
    ("erase --caller +4930901820 --reason requested", 1, "nothing-found"),
    ("erase --caller bananas --reason requested", 1, "not-a-number"),
    ("sweep --at 2999-01-01", 1, "sweep-early"),
    (f"holds add {HOLD} --until 2030-01-01 --recording nope", 1, "unknown-recording"),
    (f"holds add {HOLD} --until 2020-01-01 --recording nope", 1, "hold-ends-before-it-begins"),
    (f"holds add {HOLD} --until 2030-01-01 --caller +4930901820", 1, "nothing-found"),
    ("holds lift nope", 1, "unknown-hold"),
    ("requests open --right erasure", 1, "nobody-named"),
    ("requests open --right erasure --caller bananas", 1, "not-a-number"),
    ("requests open --right erasure --caller +4930901820 --language tlh", 1, "no-letter"),
    ("requests open --right erasure --caller +4930901820 --received 2999-01-01", 1, "received-later"),
    ("requests open --right erasure --call nope", 1, "unknown-call"),
    ("requests open --right objection --caller +4930901820 --purpose fun", 1, "no-such-purpose"),
    ("requests show nope", 1, "unknown-request"),
    ("requests identify nope --method receipt", 1, "unknown-request"),
    ("requests extend nope --why long", 1, "unknown-request"),
    ("requests fulfil nope", 1, "unknown-request"),
    ("requests letter nope", 1, "unknown-request"),
    ("requests refuse nope --reason unfounded", 1, "unknown-request"),
    ("recordings restrict nope --ground claims", 1, "unknown-recording"),
    ("recordings correct nope --text-file {pw}", 1, "unknown-recording"),
    ("recordings lift nope", 1, "unknown-restriction"),
    ("recipients told nope", 1, "unknown-handover"),
    ("agents add anna --version v1", 1, "not-an-endpoint"),
    ("agents add PJSIP/anna --version ä", 1, "not-a-version"),
    (f"agents add PJSIP/{'x' * 80} --version v1", 1, "not-an-endpoint"),
    ("agents consent nobody --version v1", 1, "no-such-agent"),
    ("agents withdraw nobody", 1, "no-such-agent"),
    ("agents remove nobody", 1, "no-such-agent"),
    ("agents show nobody", 1, "no-such-agent"),
    ("users disable nobody", 1, "no-such-user"),
    ("users add Bad,Name --role manager --password-file {pw}", 1, "bad-name"),
    ("users add anna --role boss --password-file {pw}", 1, "unknown-role"),
    ("users add anna --role manager --password-file /nonexistent", 1, "no-secret"),
    ("ledger verify /nonexistent", 1, "no-file"),
    ("ledger export {pw}", 1, "file-exists"),
    ("certificate show nope", 1, "unknown-recording"),
    ("certificate verify {pw}", 1, "damaged-document"),
    ("certificate verify {pw} --key {pw}", 1, "damaged-key"),
    ("prompts import sales en nope {pw}", 1, "no-such-part"),
    ("prompts import sales en statement {pw}", 1, "no-sound"),
    ("unlock --passphrase-file {pw}", 3, "page-unreachable"),
    ("lock", 3, "page-unreachable"),
    ("status", 3, "not-running"),
]


def test_bad_input_is_one_clear_error(house: House) -> None:
    """A wrong number, key, file, id or date is one line with its id, and changes nothing."""
    entries = house.count_entries()
    for arguments, status, id in BAD_INPUT:
        assert house(*arguments.format(pw=house.passphrase).split()) == status, arguments
        assert len(house.err.splitlines()) == 1, arguments
        assert house.err.endswith(f"[{id}]\n"), arguments
    assert house.count_entries() == entries


def test_an_error_is_one_line_whatever_was_typed(house: House) -> None:
    """Line ends and control characters in what was typed or read steer no terminal and make no line."""
    for arguments in (("recordings", "show", "a\nb\x1b[2J"), ("policy", "check", house.folder / "a\nb")):
        assert house(*arguments) == 1
        assert len(house.err.splitlines()) == 1
        assert "\x1b" not in house.err


WRONG_USE = [
    "nonsense",
    "erase --reason requested",
    "erase --reason requested --recording a --caller b",
    "erase --recording a --reason because",
    "erase --recording a --reason expired",
    "recordings export a --to a.mp3 --reason dispute",
    "recordings export a --to a.wav",
    "recordings list --state lost",
    "calls list --limit 0",
    "users add anna",
    "init",
]


def test_wrong_use_is_exit_2(house: House) -> None:
    """A command that cannot be meant as it was typed ends with 2, and says why."""
    for arguments in WRONG_USE:
        assert house(*arguments.split()) == 2, arguments
        assert house.err, arguments


def test_no_terminal_no_passphrase(house: House) -> None:
    """Without a terminal a secret comes from a file, and never hangs waiting for one."""
    assert house("users", "add", "anna", "--role", "manager") == 2
    assert "[misuse]" in house.err


def test_no_installation(tmp_path: Path, house: House) -> None:
    """Without an installation every command says where it looked."""
    assert house("--config", tmp_path / "none.yaml", "status") == 1
    assert "none.yaml" in house.err


def test_every_fault_of_the_configuration_is_one_line(house: House) -> None:
    """A configuration with two faults is two lines with file and line, before anything is done."""
    text = house.config.read_text()
    house.config.write_text(text.replace("node:", "noode:").replace("port: 5038", "port: 0"))

    assert house("status") == 1

    lines = house.err.splitlines()
    assert len(lines) >= 2
    assert all(line.startswith(f"{house.config}:") for line in lines)


def test_every_fault_of_the_policy_is_one_line(raw: House) -> None:
    """policy check names every fault by file and line, exit 1; without any it ends with 0."""
    assert raw("policy", "check") == 1
    assert raw.err.startswith(str(raw.folder / "policy.yaml:"))
    assert [fault["id"] for fault in raw.json("policy", "check", status=1)["faults"]] == ["not-approved"]

    raw.approve()
    assert raw("policy", "check") == 0


def test_an_approval_of_a_day_to_come_is_a_fault(house: House) -> None:
    """An approval that bears a day which has not come was given by nobody; of today and before, it was."""
    policy = house.folder / "policy.yaml"
    given = policy.read_text()
    policy.write_text(given.replace("date: 2026-11-01", "date: 2026-11-24"))
    assert house("policy", "check") == 1
    assert "approved.date" in house.err and "[approved-later]" in house.err
    house.clock.time += timedelta(days=1)
    assert house("policy", "check") == 0


def test_explain(house: House) -> None:
    """explain says what would happen, by the switch as it stands."""
    told = house.json("explain", "--line", "sales", "--caller", "+4930901820")
    assert told["outcomes"][0] == "agreed"

    assert house("off", "--line", "sales") == 0
    assert house.json("explain", "--line", "sales")["outcomes"] == ["unavailable"]
    assert house.json("explain", "--line", "support")["outcomes"] != ["unavailable"]


def test_one_switch_stops_everything(house: House) -> None:
    """off without a line switches every line off, and on switches it on again; the ledger has both."""
    assert house("off") == 0
    assert house.open().register().switched_off("sales")
    assert house("on") == 0
    assert not house.open().register().switched_off("sales")
    assert house.kinds()[-2:] == ["switched", "switched"]


def test_dialplan_follows_the_policy(house: House) -> None:
    """Exempt lines and numbers are written for Asterisk, and nothing else is."""
    assert house("dialplan") == 0

    text = (house.folder / "asterisk/asterisk_gdpr_exempt.conf").read_text()
    assert "exten => line-outage,1,NoOp()" in text
    assert "exten => n-112,1,NoOp()" in text
    assert "line-sales" not in text
    assert house("dialplan", "--print") == 0
    assert house.out == text


def test_agents_from_informed_to_withdrawn(house: House) -> None:
    """An agent is informed first, may consent, and may withdraw; each step has its version and its date."""
    assert house("agents", "add", "PJSIP/anna", "--version", "v1") == 0
    assert house("agents", "add", "PJSIP/anna", "--version", "v1") == 1
    assert house("agents", "consent", "PJSIP/anna", "--version", "v2") == 0
    (anna,) = house.json("agents", "list")
    assert (anna["standing"], anna["version"], anna["withdrawn_at"]) == ("consented", "v2", None)

    assert house("agents", "withdraw", anna["id"]) == 0
    assert house("agents", "withdraw", anna["id"]) == 1
    (anna,) = house.json("agents", "list")
    assert (anna["standing"], anna["withdrawn_at"]) == ("withdrawn", "2026-11-23T12:00:00.000000Z")
    told = house.json("agents", "show", "PJSIP/anna")
    assert [each["standing"] for each in told["history"]] == ["informed", "consented", "withdrawn"]
    assert (told["endpoint"], told["version"]) == ("PJSIP/anna", "v2")
    assert house("agents", "remove", anna["id"]) == 0
    assert house("agents", "consent", anna["id"], "--version", "v3") == 1
    assert house("agents", "add", "PJSIP/anna", "--version", "v3") == 0


def test_users_come_and_go(house: House) -> None:
    """A user is added once, can be shut out and let in again, and no password is ever printed."""
    add = ("users", "add", "anna", "--role", "manager", "--password-file", house.passphrase)
    assert house(*add) == 0
    assert house(*add) == 1
    assert house("users", "disable", "anna") == 0
    (anna,) = house.json("users", "list")
    assert anna["roles"] == ["manager"]
    assert anna["disabled_at"] is not None
    assert "argon2" not in house.out

    assert house("users", "enable", "anna") == 0
    assert house("users", "password", "anna", "--password-file", house.passphrase) == 0
    assert house.json("users", "list")[0]["disabled_at"] is None


def test_who_checks_the_ledger_sees_what_was_erased_of_it(full_house: House, tmp_path: Path) -> None:
    """That payloads are gone breaks no chain; how many and of which kind is told, in an export too."""
    assert full_house("ledger", "verify") == 0 and "erased" not in full_house.out
    with closing(sqlite3.connect(full_house.folder / "state/register.db")) as register:
        register.execute(
            "UPDATE ledger SET salt = zeroblob(length(salt)), payload = zeroblob(length(payload))"
            " WHERE kind IN ('choice-made', 'call-taken')"
        )
        register.commit()
    for arguments in (("ledger", "verify"), ("ledger", "export", tmp_path / "led")):
        assert full_house(*arguments) == 0
    key = next((full_house.folder / "state/keys").glob("verify-*.pub"))
    for arguments in (("ledger", "verify"), ("ledger", "verify", tmp_path / "led", "--key", key)):
        assert full_house(*arguments) == 0
        assert "their payload was erased: 1 call-taken, 1 choice-made" in full_house.out
    assert full_house.json("ledger", "verify")["erased"] == {"call-taken": 1, "choice-made": 1}


def test_ledger_is_checked_here_and_elsewhere(house: House, tmp_path: Path) -> None:
    """An exported ledger verifies with the verify key alone; one flipped letter in it does not."""
    house("off")
    assert house("ledger", "verify") == 0
    assert house("ledger", "export", tmp_path / "ledger") == 0
    (key,) = (house.folder / "state/keys").glob("verify-*.pub")
    elsewhere = ("--config", tmp_path / "none", "ledger", "verify", tmp_path / "ledger", "--key", key)
    assert house(*elsewhere) == 0

    text = (tmp_path / "ledger").read_text()
    (tmp_path / "ledger").write_text(text.replace("switched", "twitched"))
    assert house(*elsewhere) == 1
    assert "DAMAGED at entry" in house.out
