"""The texts of an installation: configuration, policy, what Asterisk includes, and systemd's units."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from asterisk_gdpr.config import shipped
from asterisk_gdpr.service.setup.wishes import Wishes

USER = "asterisk-gdpr"
"""The name of the ARI user and of the AMI user."""

EXEMPT = "asterisk_gdpr_exempt.conf"
"""The file of exempt lines and numbers: `asterisk-gdpr dialplan` writes it from an approved policy."""

_APPROVED = re.compile(r"^# Filled in by the controller.*\napproved:\n(?:  .*\n)+", re.MULTILINE)
_SNIPPETS = ("README", "ari.conf", "features.conf", "manager.conf")
_EXEMPT_INCLUDE = f"#tryinclude {EXEMPT}"

_UNAPPROVED = """\
# No line runs before the controller has approved this policy. Then write, without the #:
# approved:
#   by: who, in which office
#   date: 2026-11-01
#   advice: what the data protection officer advised
"""


def config_text(wishes: Wishes) -> str:
    """The text of `config.yaml`; every value is quoted, so that none is read as something else."""
    q = json.dumps
    return f"""\
# The installation, written by `asterisk-gdpr init`; every field and its default: docs/policy.md.
# Relative paths begin at this file's folder. Secrets stand in files of their own, never here.
node: {q(wishes.node)}
time_zone: {q(wishes.time_zone)}
default_country: {q(wishes.default_country)}

paths:
  state: {q(str(wishes.state))}
  keys: {q(str(wishes.keys.path))}
  vault: {q(str(wishes.state / "vault"))}
  spool: {q(str(wishes.spool))}
  run: {q(str(wishes.run))}
  prompts: {q(str(wishes.state / "prompts"))}

asterisk:
  ari: {{url: {q(wishes.ari_url)}, user: {USER}, password_file: secrets/ari}}
  ami: {{host: {q(wishes.ami_host)}, port: {wishes.ami_port}, user: {USER}, secret_file: secrets/ami}}
  group: {q(wishes.group)}

register: {{url: {q(wishes.register or f"sqlite:///{wishes.state / 'register.db'}")}}}

web: {{listen: {q(wishes.listen)}}}

policy: {{path: policy.yaml}}

epochs: {{escrow: ["escrow"]}}

ledger: {{heads: ["journal/ledger.heads"]}}

journal: {{folders: [{q(str(wishes.state / "journal"))}, "journal"]}}

speech: {{command: {q(list(wishes.speech))}}}

self_test: {{nightly: true, hour: 3}}
"""


def policy_text() -> str:
    """The sample policy without its approval: a person must give it."""
    sample = (shipped() / "policy.yaml").read_text("utf-8")
    text, replaced = _APPROVED.subn(_UNAPPROVED, sample)
    assert replaced == 1, "the sample policy has one approval"
    return text


def snippets(wishes: Wishes) -> Mapping[str, str]:
    """What Asterisk includes, by file name; the secrets are read from the files that hold them."""
    values = {
        "HERE": wishes.snippets,
        "ETC": wishes.asterisk_etc,
        "ARI_USER": USER,
        "ARI_PASSWORD": _read(wishes.folder / "secrets/ari"),
        "AMI_USER": USER,
        "AMI_SECRET": _read(wishes.folder / "secrets/ami"),
    }
    templates = shipped() / "asterisk"
    dialplan = (shipped().parent / "dialplan/asterisk_gdpr.conf").read_text("utf-8")
    assert _EXEMPT_INCLUDE in dialplan, "the dialplan includes the exempt lines and numbers"
    return {
        **{name: _filled(templates / name, values) for name in _SNIPPETS},
        "asterisk_gdpr.conf": dialplan.replace(_EXEMPT_INCLUDE, f'#tryinclude "{wishes.snippets / EXEMPT}"'),
    }


def units(wishes: Wishes) -> Mapping[str, str]:
    """The systemd units, by file name; a mount unit must bear the name of the place that it mounts."""
    values = {
        "PROGRAM": " ".join(wishes.program),
        "CONFIG": wishes.config,
        "STATE": wishes.state,
        "JOURNAL": wishes.folder / "journal",
        "ESCROW": wishes.escrow,
        "SPOOL": wishes.spool,
        "RUN": wishes.run,
        "USER": wishes.user,
        "UID": wishes.uid,
        "GID": wishes.gid,
        "ASTERISK_GROUP": wishes.group,
        "SPOOL_SIZE": wishes.spool_size,
        "NOSWAP": ",noswap" if knows_noswap(os.uname().release) else "",
        "RUNTIME_DIRECTORY": _runtime_directory(wishes.run),
    }
    templates = shipped() / "systemd"
    services = ("asterisk-gdpr.service", "asterisk-gdpr-web.service")
    return {
        **{name: _filled(templates / name, values) for name in services},
        f"{unit_name(wishes.spool)}.mount": _filled(templates / "spool.mount", values),
    }


def knows_noswap(release: str) -> bool:
    """Whether a kernel (`6.4.0-1-amd64`) knows tmpfs's option `noswap`: Linux 6.4 and newer."""
    match = re.match(r"(\d+)\.(\d+)", release)
    return match is not None and (int(match[1]), int(match[2])) >= (6, 4)


def unit_name(path: Path) -> str:
    """A path as systemd names a unit after it (systemd.unit(5), string escaping for unit names)."""
    name = str(path).strip("/").replace("/", "\0")
    escaped = re.sub(r"[^A-Za-z0-9:_.\0]", lambda sign: f"\\x{ord(sign[0]):02x}", name)
    return escaped.replace("\0", "-")


def _filled(template: Path, values: Mapping[str, object]) -> str:
    text = template.read_text("utf-8")
    filled = re.sub(r"@([A-Z_]+)@", lambda place: str(values[place[1]]), text)
    return re.sub(r"\n\n\n+", "\n\n", filled)


def _read(path: Path) -> str:
    return path.read_text("utf-8").strip()


def _runtime_directory(run: Path) -> str:
    """systemd makes it anew at each start where it is a folder of /run, which is empty after a boot."""
    if run.parent != Path("/run"):
        return ""
    return f"RuntimeDirectory={run.name}\nRuntimeDirectoryMode=0700\nRuntimeDirectoryPreserve=yes"
