"""Recordings that were really sealed, from the command line: listed, proven, exported, erased."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile

from asterisk_gdpr.core.evaluation import Evaluation
from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.ports import Alarm
from tests.cli.house import NUMBER, RATE, RECORDING, House


@pytest.fixture
def house(full_house: House) -> House:
    """An installation with one sealed recording of two seconds, for the purpose quality (90 days)."""
    return full_house


def test_listed_and_shown_without_a_number(house: House) -> None:
    """A recording is listed and shown with its purposes and its end, and the caller's number nowhere."""
    (listed,) = house.json("recordings", "list")
    assert (listed["id"], listed["state"], listed["seconds"]) == (RECORDING, "sealed", 2.0)
    assert listed["purposes"][0]["expires_at"] == "2027-02-22T00:00:00.000000Z"

    shown = house.json("recordings", "show", RECORDING)
    assert shown["container_size"] > 0
    assert [key["generation"] for key in shown["keys"]] == [1]
    for command in (("recordings", "list"), ("recordings", "show", RECORDING), ("calls", "list")):
        assert house(*command) == 0
        assert NUMBER.lstrip("+") not in house.out


def test_the_queues_of_its_call_are_shown(house: House) -> None:
    """As they came, in words and for programs; none where the call came through none."""
    assert house.json("recordings", "show", RECORDING)["queues"] == []
    installation = house.open()
    for queue in ("first-line", "overflow"):
        installation.register().add_queue(f"c{RECORDING[1:]}", queue)
    installation.close()
    assert house.json("recordings", "show", RECORDING)["queues"] == ["first-line", "overflow"]
    assert house("recordings", "show", RECORDING) == 0
    assert "first-line, overflow" in house.out


def test_found_by_number_line_and_time(house: House) -> None:
    """A recording is found by its caller in any notation, by line and by time, and by nothing else."""
    for fitting in (("--caller", "030 901820"), ("--line", "sales"), ("--since", "2026-11-23")):
        assert [found["id"] for found in house.json("recordings", "list", *fitting)] == [RECORDING]
    for other in (
        ("--caller", "+4930901821"),
        ("--line", "support"),
        ("--until", "2026-11-23"),
        ("--state", "erased"),
    ):
        assert house.json("recordings", "list", *other) == []


def test_a_call_by_every_name(house: House) -> None:
    """A call is found by our id and by Asterisk's, and shows what proves its choice."""
    for name in ("channel-1", "linked-1", f"c{RECORDING[1:]}"):
        (call,) = house.json("calls", "show", name)
        assert call["choice"] == "agreed"
        assert call["evidence"]["facts"]["keys"][0]["digit"] == "1"


def test_verified(house: House) -> None:
    """A whole container verifies, its manifest too with the passphrase; one flipped bit does not."""
    (verified,) = house.json("recordings", "verify")
    assert (verified["ok"], verified["complete"], verified["opened"]) == (True, True, False)
    (verified,) = house.json("recordings", "verify", RECORDING, "--passphrase-file", house.passphrase)
    assert (verified["ok"], verified["opened"]) == (True, True)

    (container,) = (house.folder / "state/vault").rglob("*.agdpr")
    data = bytearray(container.read_bytes())
    data[len(data) // 2] ^= 1
    container.write_bytes(data)
    (verified,) = house.json("recordings", "verify", status=1)
    assert verified["reason"]


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_exported(house: House, tmp_path: Path, suffix: str) -> None:
    """An export is the sound that was sealed, for its owner alone, never over another file, in the ledger."""
    to = tmp_path / f"export{suffix}"
    command = ("recordings", "export", RECORDING, "--to", to, "--reason", "access-request")
    secret = ("--passphrase-file", house.passphrase)
    assert house(*command, *secret) == 0

    frames, rate = soundfile.read(to, dtype="int16")
    assert (rate, frames.shape) == (RATE, (2 * RATE, 2))
    for channel, hz in ((0, 400), (1, 1000)):
        assert np.argmax(np.abs(np.fft.rfft(frames[:, channel]))) == 2 * hz
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert house.kinds()[-2:] == ["unlocked", "exported"]

    assert house(*command, *secret) == 1
    assert "[file-exists]" in house.err


def test_a_wrong_passphrase_exports_nothing(house: House, tmp_path: Path) -> None:
    """Without the vault's passphrase nothing is written, and the attempt is in the ledger."""
    (tmp_path / "wrong").write_text("not the passphrase\n")
    command = ("recordings", "export", RECORDING, "--to", tmp_path / "x.wav", "--reason", "dispute")

    assert house(*command, "--passphrase-file", tmp_path / "wrong") == 1

    assert "[wrong-passphrase]" in house.err
    assert not (tmp_path / "x.wav").exists()
    assert house.kinds()[-1] == "unlock-failed"


def test_a_file_that_cannot_be_written_opens_nothing(house: House, tmp_path: Path) -> None:
    """Where no file can be made nothing is opened first, and the ledger tells of no export."""
    before = house.kinds()
    for to in (tmp_path / "missing/x.wav", house.config / "x.wav"):
        command = ("recordings", "export", RECORDING, "--to", to, "--reason", "dispute")
        assert house(*command, "--passphrase-file", house.passphrase) == 1
        assert "[not-writable]" in house.err

    assert house.kinds() == before


def test_erased_with_proof(house: House, tmp_path: Path) -> None:
    """An erased recording leaves no container and no key; its certificate verifies by the verify key."""
    (told,) = house.json("erase", "--recording", RECORDING, "--reason", "requested", "--dry-run")[
        "recordings"
    ]
    assert told["result"] == "erased"
    assert house("recordings", "verify", RECORDING) == 0

    assert house("erase", "--caller", NUMBER, "--reason", "requested") == 0

    assert list((house.folder / "state/vault").rglob("*.agdpr")) == []
    shown = house.json("recordings", "show", RECORDING)
    assert (shown["state"], shown["keys"], shown["container_size"]) == ("erased", [], None)
    for command in (("verify", RECORDING), ("export", RECORDING, "--to", "x.wav", "--reason", "dispute")):
        assert house("recordings", *command) == 1
        assert "[erased]" in house.err

    file = tmp_path / "certificate"
    (key,) = (house.folder / "state/keys").glob("verify-*.pub")
    assert house("certificate", "show", RECORDING, "--to", file) == 0
    check = ("--config", tmp_path / "none", "certificate", "verify", file, "--key", key)
    assert house(*check, "--json") == 0
    assert json.loads(house.out)["recording"] == RECORDING
    file.write_bytes(file.read_bytes().replace(b"requested", b"objected "))
    assert house(*check) == 1


def test_what_the_law_keeps_is_refused(house: House) -> None:
    """A recording that must be kept is not erased on request; the answer names the ground and the date."""
    kept = "r1123456789abcdef"
    house.record(kept, purposes=("orders",))

    (told,) = house.json("erase", "--recording", kept, "--reason", "requested", status=1)["recordings"]

    assert (told["result"], told["ground"]) == ("refused", "legal-obligation")
    assert told["until"].startswith("2031-11-24")
    assert house("recordings", "verify", kept) == 0


def test_swept_when_due(house: House) -> None:
    """sweep erases what is due and nothing before; a dry run tells what would go at a time to come."""
    assert house.json("sweep")["recordings"] == []
    (told,) = house.json("sweep", "--at", "2027-03-01", "--dry-run")["recordings"]
    assert told["recording"] == RECORDING
    assert house("recordings", "verify", RECORDING) == 0

    house.clock.time += timedelta(days=91)
    (told,) = house.json("sweep")["recordings"]
    assert (told["recording"], told["result"]) == (RECORDING, "erased")


def test_a_hold_from_the_command_line(house: House) -> None:
    """A hold is placed for a caller, is listed with its reason, keeps what is erased, and is lifted once."""
    said = ("--case", "4 O 12/26", "--ground", "legal-claims", "--why", "The customer sues.")
    assert house("holds", "add", "--caller", NUMBER, *said, "--until", "2027-12-01") == 0
    (hold,) = house.json("holds", "list")
    assert (hold["why"], hold["recordings"]) == ("The customer sues.", [RECORDING])
    assert house.json("recordings", "show", RECORDING)["holds"][0]["hold"] == hold["id"]
    (told,) = house.json("erase", "--recording", RECORDING, "--reason", "requested", status=1)["recordings"]
    assert (told["result"], told["ground"]) == ("held", "legal-claims")
    export = ("recordings", "export", RECORDING, "--reason", "dispute", "--passphrase-file", house.passphrase)
    assert house(*export, "--to", house.folder / "a.wav") == 1
    assert house(*export, "--to", house.folder / "a.wav", "--hold", "h1") == 1 and "[not-held]" in house.err
    assert house(*export, "--to", house.folder / "a.wav", "--hold", hold["id"]) == 0

    assert house("holds", "lift", hold["id"]) == 0
    assert house("holds", "lift", hold["id"]) == 1 and "[hold-ended]" in house.err
    assert house("sweep") == 0
    assert house.json("recordings", "show", RECORDING)["state"] == "erased"
    assert house.json("holds", "list") == []
    assert len(house.json("holds", "list", "--all")) == 1


def test_restricted_and_corrected_from_the_command_line(house: House) -> None:
    """A restriction is lifted only with its notice; a correction is kept, and shown by its id alone."""
    assert house("recordings", "restrict", RECORDING, "--ground", "accuracy") == 0
    (house.folder / "text").write_text("My name is not Miller.")
    assert house("recordings", "correct", RECORDING, "--text-file", house.folder / "text") == 0
    assert house("recordings", "correct", RECORDING, "--text-file", "/nonexistent") == 1
    told = house.json("recordings", "show", RECORDING)
    (restriction,), (remark,) = told["restrictions"], told["remarks"]
    assert (told["restricted"], restriction["ground"], remark["kind"]) == (True, "accuracy", "correction")
    assert "Miller" not in house.out

    lift = ("recordings", "lift", restriction["restriction"])
    assert house(*lift) == 1 and "[not-told]" in house.err
    house.clock.time += timedelta(days=2)
    assert house(*lift, "--told", "2026-11-24") == 0
    assert house.json("recordings", "show", RECORDING)["restricted"] is False


def test_recipients_are_remembered_and_told(house: House) -> None:
    """Who was given a copy is listed, and must be told when the original is erased."""
    export = ("recordings", "export", RECORDING, "--reason", "dispute", "--passphrase-file", house.passphrase)
    assert house(*export, "--to", house.folder / "a.wav", "--for", "Lawyers Ltd") == 0
    assert house.json("recipients", "list", "--untold") == []
    house("erase", "--recording", RECORDING, "--reason", "requested")
    (copy,) = house.json("recipients", "list", "--untold")
    assert (copy["recipient"], copy["tell_about"]) == ("Lawyers Ltd", "erased")

    assert house("recipients", "told", copy["id"]) == 0
    assert house.json("recipients", "list", "--untold") == []
    assert len(house.json("recipients", "list")) == 1


def test_a_request_from_the_command_line(house: House) -> None:
    """A request is opened, told beforehand, carried out and answered by a letter in a file of its own."""
    words = house.folder / "words"
    words.write_text("Please erase what you have of me.")
    said = ("--right", "erasure", "--caller", NUMBER, "--language", "de", "--text-file", words)
    assert house("requests", "open", *said, "--received", "2026-11-20", "--contact", "Frau Müller") == 0
    (request,) = house.json("requests", "list")
    assert request["asked"] == "Please erase what you have of me."
    assert request["answer_by"] == "2026-12-21T00:00:00.000000Z"
    assert "4930901820" not in house.out
    assert house("requests", "open", "--right", "access", "--call", "linked-1") == 0
    (_, by_call) = house.json("requests", "list")
    assert by_call["recordings"] == [RECORDING]
    assert house("requests", "refuse", by_call["id"], "--reason", "not-identified") == 0
    assert house("requests", "fulfil", request["id"]) == 1 and "[not-identified]" in house.err
    assert house("requests", "identify", request["id"], "--method", "callback") == 0
    told = house.json("requests", "fulfil", request["id"], "--dry-run")
    assert (told["counts"], told["status"]) == ({"erased": 1}, "open")

    letter = house.folder / "letter.txt"
    assert house("requests", "fulfil", request["id"], "--letter", words) == 1 and "[file-exists]" in house.err
    assert house("requests", "fulfil", request["id"], "--letter", letter) == 0
    assert letter.read_text().startswith("Frau Müller\n\nIhr Antrag auf Löschung")
    assert house.json("requests", "show", request["id"])["status"] == "fulfilled"
    assert house.json("requests", "list") == []
    assert house.json("recordings", "show", RECORDING)["state"] == "erased"


def test_a_letter_that_cannot_be_written_is_not_lost(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An erasure that is answered forgets whom it was for; a letter that no disk takes is on the screen."""
    assert house("requests", "open", "--right", "erasure", "--caller", NUMBER, "--contact", "Ms Miller") == 0
    (request,) = house.json("requests", "list")
    assert house("requests", "identify", request["id"], "--method", "callback") == 0

    def full(*_: object) -> None:
        raise Unreachable("The disk is full.", id="disk-full")

    monkeypatch.setattr("asterisk_gdpr.cli.requests.write_for_person", full)
    assert house("requests", "fulfil", request["id"], "--letter", tmp_path / "letter") == 3
    assert house.out.startswith("Ms Miller\n") and "have been erased" in house.out
    assert "disk is full" in house.err
    assert house.json("requests", "show", request["id"])["status"] == "fulfilled"


def test_nobody_searches_by_agent_without_the_agreement(house: House) -> None:
    """Recordings are found by agent where the policy names the staff agreement, and else by nobody."""
    assert house("agents", "add", "PJSIP/anna", "--version", "v1") == 0
    installation = house.open()
    installation.register().note_participants(RECORDING, ["PJSIP/anna"], house.clock.now())
    installation.close()
    (found,) = house.json("recordings", "list", "--agent", "PJSIP/anna")
    assert found["id"] == RECORDING
    assert house.json("agents", "show", "PJSIP/anna")["recordings"] == [RECORDING]
    assert house("recordings", "list", "--agent", "PJSIP/nobody") == 1 and "[no-such-agent]" in house.err

    policy = house.folder / "policy.yaml"
    policy.write_text(policy.read_text().replace(", agreement: BV-2026-04", ""))
    assert house("recordings", "list", "--agent", "PJSIP/anna") == 1 and "[no-agreement]" in house.err


def test_every_kind_is_swept(house: House) -> None:
    """A dry run tells how many of every kind would go at a time, and sweep how many went."""
    house("sweep")
    assert house.json("sweep", "--at", "2037-01-01", "--dry-run")["data"] == {}
    house("erase", "--recording", RECORDING, "--reason", "requested")
    house("sweep")
    would = house.json("sweep", "--at", "2037-01-01", "--dry-run")["data"]
    assert would == {"call_data": 1, "choices": 1}

    house.clock.time += timedelta(days=366)
    assert house.json("sweep")["data"] == {"call_data": 1}
    (shown,) = house.json("calls", "show", f"c{RECORDING[1:]}")
    assert (shown["channel"], shown["linkedid"], shown["arrived_at"]) == (
        "",
        "",
        "2026-11-23T00:00:00.000000Z",
    )


def test_a_clock_that_jumped_sweeps_nothing_until_confirmed(house: House) -> None:
    """After a jump of the clock sweep refuses, and goes on once a person has said that the clock is right."""
    assert house("clock", "show") == 0
    assert house("clock", "confirm") == 1 and "[clock-believed]" in house.err
    house.clock.seconds = lambda: 0.0  # type: ignore[method-assign]  # the machine has not run so long
    house.clock.time += timedelta(days=3650)
    assert house("sweep") == 1 and "[clock-jumped]" in house.err
    assert house.json("clock", "show", status=1)["believed"] is False

    assert house("clock", "confirm") == 0
    (told,) = house.json("sweep")["recordings"]
    assert told["result"] == "erased"


def test_status_tells_how_it_goes(house: House) -> None:
    """status counts recordings, names what is off, and tells a living daemon from a silent one."""
    installation = house.open()
    register, now = installation.register(), house.clock.now()
    register.beat("pbx1", now, {"calls": 2, "asterisk": True, "spool_room": 99, "pid": 1})
    register.switch("support", False, now)
    told = house.json("status")
    assert told["recordings"] == {"sealed": 1}
    assert told["switched_off"] == ["support"]
    assert told["unlocked"] is None
    assert (told["nodes"][0]["running"], told["nodes"][0]["calls"]) == (True, 2)

    house.clock.time += timedelta(seconds=20)
    assert house("status") == 3
    assert "silent since" in house.out
    installation.close()


def test_status_tells_of_a_spool_that_is_not_there(house: House) -> None:
    """A spool that is not mounted has no room, and is not called empty."""
    (house.folder.parent / "spool").rmdir()

    assert house("status") == 3
    assert "spool is not there" in house.out


def test_status_ends_with_1_while_an_alarm_stands(house: House) -> None:
    """An alarm is shown with its id, and is a failure."""
    installation = house.open()
    installation.register().raise_alarm(Alarm("spool-full", "pbx1", house.clock.now(), "It is full."))
    installation.close()

    assert house("status") == 1
    assert "[spool-full]" in house.out


def test_an_agent_is_shown_what_reviewers_gave(house: House) -> None:
    """What is kept of an agent holds every evaluation, with its points and words."""
    assert house("agents", "add", "PJSIP/anna", "--version", "v1") == 0
    agent = house.json("agents", "show", "PJSIP/anna")["id"]
    installation = house.open()
    given = Evaluation(
        "v1", RECORDING, "service", "quinn", house.clock.now(), 60, {"opening": 3}, "Well done.", agent
    )
    installation.register().add_evaluation(given)
    installation.close()

    (shown,) = house.json("agents", "show", "PJSIP/anna")["evaluations"]
    assert (shown["score"], shown["points"], shown["comment"]) == (60, {"opening": 3}, "Well done.")
    assert house("agents", "show", "PJSIP/anna") == 0 and "60 % by quinn Well done." in house.out
