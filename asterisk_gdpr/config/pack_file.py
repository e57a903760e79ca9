"""Packs as files (`packs/<name>.yaml`): one may extend another and add rules to it."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from asterisk_gdpr.config.document import read
from asterisk_gdpr.config.faults import validate
from asterisk_gdpr.config.kinds import Day, PeriodText, Text, Word
from asterisk_gdpr.config.schema import Schema
from asterisk_gdpr.core.pack import Obligation, Pack, Rule, Standing
from asterisk_gdpr.core.policy import Basis, Permission
from asterisk_gdpr.errors import ConfigFaults, Fault


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RulePart(_Part):
    """A rule, with the limits that it sets, if any."""

    says: Text
    cites: Text
    source: Text
    standing: Standing
    permissions: frozenset[Permission] = frozenset()
    keep_at_most: dict[Basis, PeriodText] = {}
    decision_for: frozenset[Basis] = frozenset()


class ObligationPart(_Part):
    """A duty to record that a law states."""

    says: Text
    cites: Text
    source: Text
    standing: Standing
    keep_at_least: PeriodText
    keep_at_most: PeriodText


class PackFile(_Part):
    """A country's rules."""

    pack: Word
    title: Text
    extends: Word | None = None
    dated: Day
    permission: Permission
    rules: dict[Word, RulePart] = {}
    obligations: dict[Word, ObligationPart] = {}


_SCHEMA = Schema(PackFile)


def pack_names(folder: Path) -> list[str]:
    """The packs that a folder holds."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load_pack(name: str, folder: Path) -> Pack:
    """A pack together with those that it extends; raises `ConfigFaults`."""
    return _load(name, folder, ())


def _load(name: str, folder: Path, extending: tuple[str, ...]) -> Pack:
    path = folder / f"{name}.yaml"
    file = validate(_SCHEMA, read(path)).required()
    if file.pack != name:
        raise ConfigFaults([Fault("wrong-name", str(path), 1, f"this file calls itself `{file.pack}`")])
    if name in extending:
        raise ConfigFaults([Fault("circle", str(path), 1, f"`{name}` extends itself")])
    base = _load(file.extends, folder, (*extending, name)) if file.extends else None
    rules = tuple(Rule(id=id, **dict(part)) for id, part in file.rules.items())
    obligations = {code: Obligation(code=code, **dict(part)) for code, part in file.obligations.items()}
    return Pack(
        name=name,
        title=file.title,
        dated=file.dated,
        permission=file.permission,
        rules=(*base.rules, *rules) if base else rules,
        obligations={**base.obligations, **obligations} if base else obligations,
    )
