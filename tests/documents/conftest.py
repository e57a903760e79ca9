"""Documents of the sample policy, through the shipped templates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from asterisk_gdpr.adapters.press import TypstPress
from asterisk_gdpr.config import load_policy, load_rules, load_wordings, shipped
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.service.documents.documents import Documents
from asterisk_gdpr.service.documents.templates import Templates

FOLDER = shipped() / "documents"

Write = Callable[..., Documents]


@pytest.fixture(scope="session")
def sample() -> Policy:
    """The sample policy as it is shipped."""
    return load_policy(shipped() / "policy.yaml")


@pytest.fixture
def write(sample: Policy) -> Write:
    """What writes documents, of the sample policy or of another, through the shipped templates or others."""

    def write(policy: Policy = sample, folder: Path = FOLDER) -> Documents:
        return Documents(
            Templates(folder),
            load_wordings(shipped() / "notices"),
            TypstPress(FOLDER / "document.typ"),
            lambda: policy,
            lambda: load_rules(policy.pack, policy.overlays),
        )

    return write
