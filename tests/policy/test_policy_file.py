"""The policy as a file: what is said of a wrong one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from asterisk_gdpr.config import check_policy, load_policy, shipped
from asterisk_gdpr.core.policy import Asking, Basis, Mode, Period, Permission, Policy, Unit
from asterisk_gdpr.errors import ConfigFaults
from tests.policy.conftest import Check


def test_the_sample_loads(sample: Policy) -> None:
    """The shipped policy has no fault, and has the five kinds of line."""
    assert sample.purposes["quality"].basis is Basis.CONSENT
    assert sample.purposes["improvement"].choice is Asking.OPT_OUT
    assert sample.purposes["orders"].keep == Period(5, Unit.YEARS)
    assert sample.lines["outage"].exempt
    assert sample.lines["billing"].mode is Mode.SHADOW
    assert sample.keep.choices == Period(3, Unit.YEARS)


def test_the_version_is_the_hash_of_the_text(sample: Policy) -> None:
    """A policy's version is the SHA-256 of its file, comments and all."""
    text = (shipped() / "policy.yaml").read_bytes()

    assert sample.version == hashlib.sha256(text).hexdigest()


def test_a_line_takes_its_permission_from_the_pack(sample: Policy) -> None:
    """Where a line is silent about permission, the pack's default holds."""
    assert sample.lines["billing"].permission is Permission.ALL_CONSENT


def test_all_faults_come_at_once(check: Check) -> None:
    """Faults of form and faults of law are named together, in the order of their lines."""
    faults = check(
        ("privacy_url: https://", "privacy_url: "),
        (
            "basis: consent\n    choice: opt_in\n    keep: 90 days",
            "basis: consent\n    choice: opt_out\n    keep: 90",
        ),
        ("mode: shadow", "mode: no"),
        ('["112",', "[112,"),
    )

    assert [fault.id for fault in faults] == [
        "not-an-address",
        "opt-out-called-consent",
        "bad-period",
        "yaml-trap",
        "wrong-type",
    ]
    assert [fault.line for fault in faults] == sorted(fault.line for fault in faults)
    assert all(fault.file.endswith("policy.yaml") and fault.hint for fault in faults)


def test_a_fault_of_form_hides_no_fault_of_law_and_invents_none(check: Check) -> None:
    """What is set aside because it is misspelt is not missed elsewhere."""
    faults = check(("  quality:\n    basis: consent", "  quality:\n    basis: consnt"))

    assert [fault.id for fault in faults] == ["not-allowed"]
    assert faults[0].hint == "did you mean `consent`?"


@pytest.mark.parametrize(
    ("old", "new", "id", "hint"),
    [
        ("approved:", "aproved:", "unknown-word", "did you mean `approved`?"),
        ("  date: 2026", "  on: 2026", "unknown-word", "did you mean `date`?"),
        ("keep: 90 days", "period: 90 days", "unknown-word", "did you mean `keep`?"),
        ("mode: shadow", "mode: shade", "not-allowed", "did you mean `shadow`?"),
        ("pack: eu", "pack: at", "unknown-pack", "there are `de`, `eu`, `fr`, `uk`"),
        ("ask: together", "share: 101", "out-of-range", ""),
        ("ask: together", "silence: 0 s", "out-of-range", ""),
        (
            "ask: together",
            "withdraw_grace: 5",
            "bad-duration",
            "write `0 s`, `90 s`, `30 min`, `24 h` or `7 days`",
        ),
        ("ask: together", "exempt: 1", "wrong-type", ""),
        ("  sales:", "  Sales:", "bad-name", "write it like `sales`"),
        ("identify_by: [endpoint]", "identify_by: [face]", "not-allowed", ""),
        ("en: check our service", "en: Check our service.", "not-a-phrase", ""),
        ("listeners: [manager]", "listeners: manager", "wrong-type", ""),
        ("listeners: [manager]", "listeners: []", "empty", "name at least one"),
        ("name: Example Energy", "name:", "wrong-type", ""),
        ("date: 2026-11-01", 'date: "soon"', "not-a-date", "write it as 2026-11-23, without quotes"),
    ],
)
def test_a_wrong_word_is_told_with_what_to_write(
    check: Check, old: str, new: str, id: str, hint: str
) -> None:
    """One mistake is one fault with a stable id, and a hint where there is something to say."""
    found = [(fault.id, fault.hint) for fault in check((old, new)) if fault.id != "not-approved"]

    assert [fault_id for fault_id, _ in found] and found[0][0] == id
    assert not hint or found[0][1] == hint


def test_a_secret_is_neither_taken_nor_repeated(check: Check) -> None:
    """A secret in the file is a fault that does not say the secret."""
    (fault,) = check(("agents: {", "agents: {password: hunter2, "))

    assert fault.id == "secret-in-file"
    assert "hunter2" not in str(fault)


def test_a_missing_field_is_told_with_its_meaning(check: Check) -> None:
    """What is missing is named at the place where it belongs, with what it means."""
    (fault,) = check(("    keep: 6 months\n", ""))

    assert (fault.id, fault.message) == ("missing", "purposes.disputes.keep: this is missing")
    assert fault.hint.startswith("How long a recording is kept")
    assert (shipped() / "policy.yaml").read_text().splitlines()[fault.line - 1] == "  disputes:"


def test_loading_raises_every_fault(tmp_path: Path) -> None:
    """Loading a faulty policy raises all of what checking it lists."""
    path = tmp_path / "policy.yaml"
    path.write_text("pack: eu\nlines: {a: {exempt: true}, b: {}}\n")

    with pytest.raises(ConfigFaults) as caught:
        load_policy(path)

    assert list(caught.value.faults) == check_policy(path)
    assert {fault.id for fault in caught.value.faults} == {"missing", "not-approved", "no-purposes"}
