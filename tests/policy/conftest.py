"""The sample policy, and a way to change one thing about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from asterisk_gdpr.config import check_policy, load_policy, load_wordings, shipped
from asterisk_gdpr.core.notice import Wording
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import Fault

Check = Callable[..., list[Fault]]


@pytest.fixture(scope="session")
def sample() -> Policy:
    """The sample policy as it is shipped."""
    return load_policy(shipped() / "policy.yaml")


@pytest.fixture(scope="session")
def wordings() -> Mapping[str, Wording]:
    """The shipped wordings."""
    return load_wordings(shipped() / "notices")


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Check the sample policy with some of its text replaced."""
    text = (shipped() / "policy.yaml").read_text("utf-8")

    def check(*replacements: tuple[str, str]) -> list[Fault]:
        changed = text
        for old, new in replacements:
            assert old in changed, f"the sample has no {old!r}"
            changed = changed.replace(old, new)
        path = tmp_path / "policy.yaml"
        path.write_text(changed, "utf-8")
        return check_policy(path)

    return check
