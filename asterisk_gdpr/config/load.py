"""Loading both files, and what the policy refers to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from asterisk_gdpr.config.document import Document, Place, read
from asterisk_gdpr.config.faults import Checked, named, ordered, validate
from asterisk_gdpr.config.installation import Config
from asterisk_gdpr.config.pack_file import load_overlay, load_pack, overlay_names, pack_names
from asterisk_gdpr.config.policy_file import PolicyFile, to_policy
from asterisk_gdpr.config.salvage import salvage, still_true
from asterisk_gdpr.config.schema import Schema
from asterisk_gdpr.config.wording_file import load_wordings
from asterisk_gdpr.core.lawfulness import Finding, approved_later, of_texts
from asterisk_gdpr.core.lawfulness import faults as unlawful
from asterisk_gdpr.core.notice import Wording
from asterisk_gdpr.core.pack import Pack
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import ConfigFaults, Fault, Refused

INSTALLATION = Schema(Config)
POLICY = Schema(PolicyFile)
UNAPPROVED = ("not-approved", "text-not-approved")
"""Faults of a policy of which nothing is missing but that somebody approves it."""


def shipped() -> Path:
    """The folder of samples, packs and wordings that comes with this software."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "share" / "config"
    return installed if installed.is_dir() else package.parent / "config"


def load_config(path: Path) -> Config:
    """The installation; raises `ConfigFaults` with all of its faults."""
    return validate(INSTALLATION, read(path), base=path.absolute().parent).required()


def load_policy(path: Path, packs: Path | None = None, notices: Path | None = None) -> Policy:
    """The policy; raises `ConfigFaults` with all of its faults, those of the law included.

    `packs` and `notices` are folders; the shipped ones when None. The version is the text's SHA-256.
    """
    return _examine(path, packs, notices).required()


def load_draft(path: Path, packs: Path | None = None, notices: Path | None = None) -> Policy:
    """A policy that may lack its approval and nothing else: to be looked at, never to be carried out.

    Or one that was carried out, whose words have changed since.
    """
    examined = _examine(path, packs, notices)
    faults = tuple(fault for fault in examined.faults if fault.id not in UNAPPROVED)
    return Checked(examined.value, faults).required()


def check_policy(
    path: Path, packs: Path | None = None, notices: Path | None = None, today: date | None = None
) -> list[Fault]:
    """Every fault of a policy, in the order of its lines; none means that it loads.

    With `today` an approval is a fault that bears a day which has not come: nobody has given it yet. It loads
    all the same, since a clock that is wrong must not take a policy away.
    """
    try:
        faults = list(_examine(path, packs, notices).faults)
    except ConfigFaults as error:
        return list(error.faults)
    if faults or today is None:
        return faults
    return _told(approved_later(load_policy(path, packs, notices), today), read(path))


def load_rules(pack: str, overlays: Iterable[str], folder: Path | None = None) -> Pack:
    """A pack with the overlays that a policy lays upon it; raises `ConfigFaults`."""
    packs = folder or shipped() / "packs"
    return load_pack(pack, packs).under(load_overlay(name, packs) for name in dict.fromkeys(overlays))


def load_wordings_for(config: Config) -> Mapping[str, Wording]:
    """The wordings that an installation speaks with, by language."""
    return load_wordings(config.policy.notices or shipped() / "notices")


def read_secret(path: Path) -> str:
    """The secret in a file, without the line's end; raises `Refused`, never naming what it read."""
    try:
        secret = path.read_text("utf-8").strip()
    except (OSError, ValueError):
        raise Refused(
            f"The secret in {path} cannot be read.",
            hint="Make it readable for this user alone.",
            id="no-secret",
        ) from None
    if not secret:
        raise Refused(f"The file {path} holds no secret.", hint="Write one line into it.", id="no-secret")
    return secret


def _examine(path: Path, packs: Path | None, notices: Path | None) -> Checked[Policy]:
    """The policy with the faults of its form and of its law, as far as each can be seen past the other."""
    document = read(path)
    checked = validate(POLICY, document)
    file, aside = checked.value, frozenset[Place]()
    if file is None:
        left, aside = salvage(document.data, checked.faulty)
        file = validate(POLICY, replace(document, data=left)).value
    if file is None:
        return Checked(None, checked.faults)
    folder = packs or shipped() / "packs"
    if unknown := [*_unknown(file, document, folder)]:
        return Checked(None, tuple(ordered([*checked.faults, *unknown])))
    pack = load_rules(file.pack, file.overlays, folder)
    policy = to_policy(file, pack, hashlib.sha256(document.text).hexdigest())
    wordings = load_wordings(notices or shipped() / "notices")
    findings = [each for each in unlawful(policy, pack, wordings) if still_true(each, aside)]
    if not findings and not checked.faults:
        findings = [*of_texts(policy, wordings)]
    found = _told(findings, document)
    return Checked(policy if checked.value else None, tuple(ordered([*checked.faults, *found])))


def _told(findings: Iterable[Finding], document: Document) -> list[Fault]:
    return [
        document.fault(finding.path, finding.id, f"{named(finding.path)}: {finding.message}", finding.hint)
        for finding in findings
    ]


def _unknown(file: PolicyFile, document: Document, folder: Path) -> Iterator[Fault]:
    packs, overlays = pack_names(folder), overlay_names(folder)
    if file.pack not in packs:
        message = f"there is no pack `{file.pack}`"
        yield document.fault(("pack",), "unknown-pack", message, f"there are {_listed(packs)}")
    for place, name in enumerate(file.overlays):
        if name not in overlays:
            message = f"there is no overlay `{name}`"
            yield document.fault(
                ("overlays", place), "unknown-overlay", message, f"there are {_listed(overlays)}"
            )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
