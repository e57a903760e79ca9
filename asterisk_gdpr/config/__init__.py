"""What people write: the installation (`config.yaml`) and the controller's policy (`policy.yaml`).

Both are checked whole: every fault at once, each with its file and line, as `errors.ConfigFaults`.
"""

from __future__ import annotations

from asterisk_gdpr.config.installation import Config
from asterisk_gdpr.config.letter_file import load_letters
from asterisk_gdpr.config.load import (
    check_policy,
    load_config,
    load_draft,
    load_policy,
    load_rules,
    load_wordings_for,
    read_secret,
    shipped,
)
from asterisk_gdpr.config.pack_file import load_pack, pack_names
from asterisk_gdpr.config.wording_file import load_wordings

__all__ = [
    "Config",
    "check_policy",
    "load_config",
    "load_draft",
    "load_letters",
    "load_pack",
    "load_policy",
    "load_rules",
    "load_wordings",
    "load_wordings_for",
    "pack_names",
    "read_secret",
    "shipped",
]
