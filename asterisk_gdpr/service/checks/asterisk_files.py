"""What must not stand in Asterisk's own files: an open manager, cached recordings, our keys taken."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from asterisk_gdpr.core.call.state import KEYS
from asterisk_gdpr.service.checks.finding import Finding, error, not_examined, warning

Section = Sequence[tuple[str, str]]
"""The lines of a section: name and value, in order; a name may come again."""

TRUE = frozenset({"yes", "true", "y", "t", "1", "on"})
"""What Asterisk takes for yes."""

_FEATURE_DEFAULTS = {"blindxfer": "#", "disconnect": "*"}
"""What features.conf means where it says nothing (Asterisk's features_config)."""

OWN_FEATURES = frozenset({"asterisk-gdpr-withdraw", "asterisk-gdpr-agree"})
"""What `config/asterisk/features.conf` names: they let keys be heard where nothing is recorded."""

_ELSEWHERE = ("192.0.2.1", "2001:db8::1")
"""Addresses of no real machine (RFC 5737, RFC 3849): what an ACL says to them, it says to the world."""


@dataclass(frozen=True)
class AsteriskFiles:
    """Sections of Asterisk's files as Asterisk itself reads them; a section that is absent is empty.

    `unread` names the files that it would not show us. `acls` are the named ACLs that our user refers to.
    `open_to_neighbours` says that our AMI user could log in from another address of this machine.
    """

    manager: Section = ()
    manager_user: Section = ()
    acls: Mapping[str, Section] | None = None
    http: Section = ()
    ari_user: Section = ()
    options: Section = ()
    features: Mapping[str, Section] | None = None
    unread: frozenset[str] = frozenset()
    open_to_neighbours: bool | None = None


def unread(files: AsteriskFiles) -> Iterator[Finding]:
    """What Asterisk would not show."""
    for name in sorted(files.unread):
        yield not_examined("asterisk-file", f"Asterisk does not show its {name} to our AMI user.")


def manager(files: AsteriskFiles, host: str) -> Iterator[Finding]:
    """Whether AMI, whose right `system` is a shell, is for this machine alone."""
    if not is_loopback(host):
        yield error(
            "ami-not-loopback",
            f"AMI is reached over the network ({host}).",
            "Run this software beside Asterisk, with asterisk.ami.host: 127.0.0.1.",
        )
    if "manager.conf" in files.unread:
        return
    bound = value_of(files.manager, "bindaddr") or "0.0.0.0"  # noqa: S104  # Asterisk's default
    if not is_loopback(bound):
        yield error(
            "ami-not-loopback",
            f"AMI listens on {bound}, not on this machine alone.",
            "Set `bindaddr = 127.0.0.1` in [general] of manager.conf, then `manager reload`.",
        )
    rules = [*_rules(files.manager_user, files.acls or {})]
    elsewhere = next(a for a in _ELSEWHERE if (":" in a) == (":" in bound))
    if not rules or allows(rules, elsewhere):
        yield error(
            "ami-no-acl",
            "Our AMI user may come from any address, and did from another one of this machine."
            if files.open_to_neighbours
            else "Our AMI user may come from any address.",
            "Give it `deny = 0.0.0.0/0.0.0.0` and `permit = 127.0.0.1/255.255.255.255` in manager.conf.",
        )


def hearing(files: AsteriskFiles) -> Iterator[Finding]:
    """Whether AMI tells our user who enters a bridge: without that nobody is ever cleared."""
    if not files.manager_user:
        return
    classes = {name.strip().lower() for name in (value_of(files.manager_user, "read") or "").split(",")}
    if not classes & {"call", "all"}:
        yield error(
            "ami-rights",
            "Our AMI user may not read events of the class call: every recording would be empty.",
            "Give the user in manager.conf `read = system,call,dtmf,user`, then `manager reload`.",
        )


def web(files: AsteriskFiles) -> Iterator[Finding]:
    """Whether ARI is for this machine alone, and our user may write."""
    bound = value_of(files.http, "bindaddr") or "0.0.0.0"  # noqa: S104  # Asterisk's default
    if "http.conf" not in files.unread and not is_loopback(bound):
        yield warning(
            "ari-not-loopback",
            f"ARI listens on {bound}: who has its password has every call.",
            "Set `bindaddr = 127.0.0.1` in http.conf, or keep others away from that port by a firewall.",
        )
    if (value_of(files.ari_user, "read_only") or "no").lower() in TRUE:
        yield error(
            "ari-read-only", "Our ARI user may only look.", "Set `read_only = no` for it in ari.conf."
        )


def caching(files: AsteriskFiles) -> Iterator[Finding]:
    """Whether Asterisk writes audio to a disk first and moves it then."""
    if (value_of(files.options, "cache_record_files") or "no").lower() in TRUE:
        yield error(
            "cache-record-files",
            "Asterisk writes recordings to a folder of its own first (cache_record_files).",
            "Set `cache_record_files = no` in asterisk.conf, and restart Asterisk.",
        )


def feature_keys(files: AsteriskFiles) -> Iterator[Finding]:
    """Whether a key of ours in the talk is, begins, or goes on where one of Asterisk's features ends."""
    if files.features is None:
        return
    ours = [key for field in fields(KEYS) if len(key := getattr(KEYS, field.name)) > 1]
    for name, theirs in features_of(files.features).items():
        taken = [key for key in ours if theirs and (key.startswith(theirs) or theirs.startswith(key))]
        if taken and name not in OWN_FEATURES:
            yield error(
                "feature-key-taken",
                f"Our key {' and '.join(taken)} collides with the feature {name} = {theirs}.",
                "Give the feature another key in features.conf, then `module reload features`.",
            )
    for name, theirs in _FEATURE_DEFAULTS.items():
        swallowed = [key for key in ours if key.startswith(theirs)]
        if swallowed and value_of(files.features.get("featuremap", ()), name) is None:
            yield warning(
                "feature-key-default",
                f"Where a Dial() turns {name} on, its default key {theirs} swallows "
                f"our {' and '.join(swallowed)}.",
                f"Name a longer one in features.conf, [featuremap]: `{name} => *1`.",
            )
    known = dict(files.features.get("applicationmap", ()))
    if missing := sorted(OWN_FEATURES - known.keys()):
        yield warning(
            "features-missing",
            f"Asterisk does not know {' and '.join(missing)}: who refused cannot agree in the talk.",
            "Add the #include of our features.conf to Asterisk's, then `module reload features`.",
        )


def features_of(features: Mapping[str, Section]) -> dict[str, str]:
    """The keys of the features that features.conf names: its own, those of applications, those of groups."""
    own = dict(features.get("featuremap", ()))
    applications = {
        name: value.partition(",")[0].strip() for name, value in features.get("applicationmap", ())
    }
    groups = {
        f"{section}: {name}": value.strip()
        for section, lines in features.items()
        if section not in ("general", "featuremap", "applicationmap")
        for name, value in lines
        if name in applications and re.fullmatch(r"[0-9A-D*#]+", value.strip())
    }
    return {**own, **applications, **groups}


def value_of(section: Section, name: str) -> str | None:
    """The value that counts: the last one."""
    return next((value for own, value in reversed(section) if own.lower() == name), None)


def is_loopback(host: str) -> bool:
    """Whether an address or a name is this machine's own."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def allows(rules: Sequence[tuple[bool, str]], address: str) -> bool:
    """What an ACL says to an address: the last rule that fits counts, and none lets in."""
    asked = ipaddress.ip_address(address)
    fitting = [permits for permits, network in rules if _contains(network, asked)]
    return fitting[-1] if fitting else True


def _contains(network: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(network.strip().lstrip("!"), strict=False)
    except ValueError:
        return False


def _rules(section: Section, acls: Mapping[str, Section]) -> Iterator[tuple[bool, str]]:
    """The rules of a section in order, those of the ACLs that it names included."""
    for name, value in section:
        match name.lower():
            case "permit" | "deny":
                for network in value.split(","):
                    inverted = network.strip().startswith("!")
                    yield (name.lower() == "permit") is not inverted, network
            case "acl":
                for acl in value.split(","):
                    yield from _rules(acls.get(acl.strip(), ()), {})
