"""The policy of a process that stays."""

from __future__ import annotations

import pytest

from asterisk_gdpr.errors import ConfigFaults
from tests.cli.house import House


def test_a_change_is_in_force_at_once(house: House) -> None:
    """What the controller changes counts from the next question on."""
    in_force, file = house.open().policy_in_force(), house.folder / "policy.yaml"
    before = in_force()
    assert in_force() is before

    file.write_text(file.read_text().replace("keep: 90 days", "keep: 80 days"))

    assert in_force().purposes["quality"].keep.count == 80


def test_a_fault_leaves_the_last_good_one(house: House) -> None:
    """A policy that has become faulty, or is gone, does not come into force; its repair does."""
    in_force, file = house.open().policy_in_force(), house.folder / "policy.yaml"
    before, text = in_force(), file.read_text()

    file.write_text(text.replace("basis: consent", "basis: whim"))
    assert in_force() is before
    file.unlink()
    assert in_force() is before
    file.write_text(text + "# mended\n")
    assert in_force().version != before.version


def test_no_start_without_a_policy(raw: House) -> None:
    """A process does not start under a policy that does not load."""
    with pytest.raises(ConfigFaults):
        raw.open().policy_in_force()
