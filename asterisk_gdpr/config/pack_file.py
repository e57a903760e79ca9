"""Packs as files (`packs/<name>.yaml`): one may extend another and add rules to it.

Overlays (`packs/overlays/<name>.yaml`) are laid upon the pack that a policy names.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from asterisk_gdpr.config.document import read
from asterisk_gdpr.config.faults import validate
from asterisk_gdpr.config.kinds import Day, Flag, PeriodText, Text, Word
from asterisk_gdpr.config.schema import Schema
from asterisk_gdpr.core.pack import Obligation, Overlay, Pack, Rule, Standing
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
    decide: Flag = False
    obligation: Word | None = None


class ObligationPart(_Part):
    """A duty to record that a law states."""

    says: Text
    cites: Text
    source: Text
    standing: Standing
    keep_at_least: PeriodText
    keep_at_most: PeriodText
    copy_on_request: Flag = False


class OverlayFile(_Part):
    """A sector's rules."""

    overlay: Word
    title: Text
    dated: Day
    packs: tuple[Word, ...] = ()
    rules: dict[Word, RulePart] = {}
    obligations: dict[Word, ObligationPart] = {}


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
_OVERLAY = Schema(OverlayFile)


def pack_names(folder: Path) -> list[str]:
    """The packs that a folder holds."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def overlay_names(folder: Path) -> list[str]:
    """The overlays that a folder of packs holds."""
    return pack_names(folder / "overlays")


def load_overlay(name: str, folder: Path) -> Overlay:
    """An overlay of a folder of packs; raises `ConfigFaults`."""
    path = folder / "overlays" / f"{name}.yaml"
    file = validate(_OVERLAY, read(path)).required()
    _require_name(name, file.overlay, path)
    return Overlay(
        name=name,
        title=file.title,
        dated=file.dated,
        packs=frozenset(file.packs),
        rules=_rules(file.rules),
        obligations=_obligations(file.obligations),
    )


def load_pack(name: str, folder: Path) -> Pack:
    """A pack together with those that it extends; raises `ConfigFaults`."""
    return _load(name, folder, ())


def _load(name: str, folder: Path, extending: tuple[str, ...]) -> Pack:
    path = folder / f"{name}.yaml"
    file = validate(_SCHEMA, read(path)).required()
    _require_name(name, file.pack, path)
    if name in extending:
        raise ConfigFaults([Fault("circle", str(path), 1, f"`{name}` extends itself")])
    base = _load(file.extends, folder, (*extending, name)) if file.extends else None
    rules, obligations = _rules(file.rules), _obligations(file.obligations)
    return Pack(
        name=name,
        title=file.title,
        dated=file.dated,
        permission=file.permission,
        rules=(*base.rules, *rules) if base else rules,
        obligations={**base.obligations, **obligations} if base else obligations,
    )


def _require_name(name: str, called: str, path: Path) -> None:
    if called != name:
        raise ConfigFaults([Fault("wrong-name", str(path), 1, f"this file calls itself `{called}`")])


def _rules(parts: Mapping[str, RulePart]) -> tuple[Rule, ...]:
    return tuple(
        Rule(id=id, **{**dict(part), "obligation": part.obligation or ""}) for id, part in parts.items()
    )


def _obligations(parts: Mapping[str, ObligationPart]) -> dict[str, Obligation]:
    return {code: Obligation(code=code, **dict(part)) for code, part in parts.items()}
