"""The policy of a process that stays."""

from __future__ import annotations

import pytest

from asterisk_gdpr.errors import ConfigFaults
from tests.cli.house import House


def test_a_change_is_in_force_when_it_is_told(house: House) -> None:
    """What the controller changes counts from the moment at which they say so, and not while they write."""
    in_force, file = house.open().policy_in_force(), house.folder / "policy.yaml"
    before = in_force()
    file.write_text(file.read_text().replace("keep: 90 days", "keep: 80 days"))
    assert in_force() is before
    in_force.reload()

    assert in_force().purposes["quality"].keep.count == 80


def test_a_fault_leaves_the_last_good_one(house: House) -> None:
    """A policy that has become faulty, or is gone, does not come into force; its repair does."""
    in_force, file = house.open().policy_in_force(), house.folder / "policy.yaml"
    before, text = in_force(), file.read_text()

    file.write_text(text.replace("basis: consent", "basis: whim"))
    with pytest.raises(ConfigFaults):
        in_force.reload()
    assert in_force() is before
    file.unlink()
    with pytest.raises(ConfigFaults):
        in_force.reload()
    assert in_force() is before
    file.write_text(text + "# mended\n")
    in_force.reload()
    assert in_force().version != before.version


def test_no_start_without_a_policy(raw: House) -> None:
    """A process does not start under a policy that does not load."""
    with pytest.raises(ConfigFaults):
        raw.open().policy_in_force()


def test_reload_with_nothing_running(house: House) -> None:
    """Where nothing runs that could take it, that is said; a faulty policy is told before that."""
    assert house("reload") == 3
    assert "[not-running]" in house.err
    file = house.folder / "policy.yaml"
    file.write_text(file.read_text().replace("basis: consent", "basis: whim"))

    assert house("reload") == 1
    assert "policy.yaml:" in house.err
