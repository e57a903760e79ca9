"""The PBX of the bench: an Asterisk as an admin would have it, before this product came to it.

Calls from outside arrive at the endpoint `trunk` (context `from-trunk`); each agent is an endpoint of its own
(context `from-agents`). Dialplan, users and queues are added by whoever starts it, as text.
"""

from __future__ import annotations

import secrets
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import pi, sin
from pathlib import Path

from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.instance import Instance, free_port

RINGBACK_HZ = 600
MUSIC_HZ = 300
AGENTS = ("anna", "ben", "carla")
USER = "asterisk-gdpr"


@dataclass(frozen=True)
class Address:
    """Where the PBX and its phones meet: ports of 127.0.0.1, and the secret of the PBX's users."""

    sip: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM))
    phones: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM))
    http: int = field(default_factory=free_port)
    ami: int = field(default_factory=free_port)
    secret: str = field(default_factory=lambda: secrets.token_hex(16))


class Pbx(Instance):
    """A PBX with a trunk, agents, a queue's music (300 Hz), ARI and AMI.

    `extra` adds text to configuration files, by name: `{"extensions.conf": '#include "/path/x.conf"'}`.
    A section that exists is added to by naming it again in extensions.conf, and by `[name](+)` elsewhere.
    `codec` is the one that callers speak, `agents_codec` (none: the same) that of the agents: `ulaw`, `g722`
    or `opus`.
    """

    def __init__(
        self,
        programs: Programs,
        folder: Path,
        *,
        agents: Sequence[str] = AGENTS,
        codec: str = "ulaw",
        agents_codec: str = "",
        extra: Mapping[str, str] | None = None,
    ) -> None:
        self.address = Address()
        self.ari_url = f"http://127.0.0.1:{self.address.http}/ari"
        music = folder.absolute() / "music"
        files = {
            "http.conf": _HTTP.format(port=self.address.http),
            "ari.conf": _ARI.format(user=USER, secret=self.address.secret),
            "manager.conf": _MANAGER.format(port=self.address.ami, user=USER, secret=self.address.secret),
            "pjsip.conf": _pjsip(self.address, agents, codec, agents_codec or codec),
            "musiconhold.conf": f"[default]\nmode = files\ndirectory = {music}\n",
            "extensions.conf": _extensions(agents),
            "queues.conf": "[general]\npersistentmembers = no\n",
            "features.conf": "[general]\n[featuremap]\n[applicationmap]\n",
        }
        for name, text in (extra or {}).items():
            files[name] = files.get(name, "") + "\n" + text.rstrip() + "\n"
        super().__init__(programs, folder, "bench", files)
        self._music = music

    def start(self) -> None:
        """Start it, with something to hear while one waits or is on hold."""
        self._music.mkdir(parents=True, exist_ok=True)
        (self._music / "music.sln").write_bytes(_tone(MUSIC_HZ, 4.0))
        super().start()


def _tone(hz: int, seconds: float) -> bytes:
    """A tone as signed 16-bit samples, little endian, 8000 a second; loops without a click."""
    return b"".join(
        struct.pack("<h", round(8000 * sin(2 * pi * hz * n / 8000))) for n in range(int(seconds * 8000))
    )


def _endpoint(name: str, context: str, contact: str, codec: str) -> str:
    return f"""[{name}]
type = endpoint
context = {context}
identify_by = {"ip" if name == "trunk" else "username"}
disallow = all
allow = {codec}
aors = {name}
direct_media = no
dtmf_mode = rfc4733
trust_id_inbound = yes
trust_id_outbound = yes
send_pai = yes
[{name}]
type = aor
contact = {contact}
"""


def _pjsip(address: Address, agents: Sequence[str], codec: str, agents_codec: str) -> str:
    phones = f"127.0.0.1:{address.phones}"
    return (
        f"""[global]
type = global
endpoint_identifier_order = username,ip
[transport]
type = transport
protocol = udp
bind = 127.0.0.1:{address.sip}
[trunk]
type = identify
endpoint = trunk
match = 127.0.0.1
"""
        + _endpoint("trunk", "from-trunk", f"sip:{phones}", codec)
        + "".join(_endpoint(agent, "from-agents", f"sip:{agent}@{phones}", agents_codec) for agent in agents)
    )


def _extensions(agents: Sequence[str]) -> str:
    """`plain-AGENT`: a call without the product, to compare with; agents may dial each other and outside."""
    plain = "".join(f"exten => plain-{agent},1,Dial(PJSIP/{agent},20)\n" for agent in agents)
    inside = "".join(f"exten => {agent},1,Dial(PJSIP/{agent},20)\n" for agent in agents)
    return f"""[general]
static = yes
writeprotect = yes
[from-trunk]
{plain}
[from-agents]
{plain}{inside}exten => _[+0-9].,1,Dial(PJSIP/${{EXTEN}}@trunk,30)
"""


_HTTP = """[general]
enabled = yes
bindaddr = 127.0.0.1
bindport = {port}
sessionlimit = 200
"""

_ARI = """[general]
enabled = yes
[{user}]
type = user
password = {secret}
"""

# The rights that the product needs and no others; `system` is what the action MixMonitor asks for.
_MANAGER = """[general]
enabled = yes
bindaddr = 127.0.0.1
port = {port}
timestampevents = yes
[{user}]
secret = {secret}
deny = 0.0.0.0/0.0.0.0
permit = 127.0.0.1/255.255.255.255
read = system,call,dtmf,user
write = system,call,command
"""
