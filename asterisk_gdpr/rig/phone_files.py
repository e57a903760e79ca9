"""The configuration files of the phones' Asterisk: who calls as whom, and what a phone can be told to do."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from asterisk_gdpr.rig.instance import free_port
from asterisk_gdpr.rig.pbx import Address

USER = "phones"
UNWANTED = """app_queue app_stasis* chan_audiosocket chan_websocket res_agi res_ari* res_http_media_cache
res_musiconhold res_parking res_stasis*"""


@dataclass(frozen=True)
class Manager:
    """Where the phones are told what to do: a port of 127.0.0.1, and the secret of `USER`."""

    port: int = field(default_factory=free_port)
    secret: str = field(default_factory=lambda: secrets.token_hex(16))


def files(
    address: Address, manager: Manager, agents: Sequence[str], codec: str, agents_codec: str, headset: str
) -> dict[str, str]:
    """File name to text; callers speak `codec`, agents `agents_codec`, their headsets `headset`."""
    return {
        "extensions.conf": _DIALPLAN.replace("CODEC", headset).replace("SIP_PORT", str(address.sip)),
        "manager.conf": _MANAGER.format(port=manager.port, user=USER, secret=manager.secret),
        "pjsip.conf": _pjsip(address, agents, codec, agents_codec),
    }


def _pjsip(address: Address, agents: Sequence[str], codec: str, agents_codec: str) -> str:
    """Callers have their number as their From, and agents their name; the keys of `info` are SIP INFO."""
    common = """type = endpoint
direct_media = no
dtmf_mode = rfc4733
moh_passthrough = yes
context = called
aors = pbx
disallow = all
allow = """
    agent = f"{common}{agents_codec}\n"
    calling = f"[trunk]\n{common}{codec}\n"
    calling += f"[info]\n{common.replace('rfc4733', 'info')}{codec}\n"
    calling += "".join(f"[{name}]\n{agent}from_user = {name}\n" for name in agents)
    return f"""[global]
type = global
endpoint_identifier_order = ip
[transport]
type = transport
protocol = udp
bind = 127.0.0.1:{address.phones}
[pbx]
type = aor
contact = sip:127.0.0.1:{address.sip}
[pbx]
{agent}trust_id_inbound = yes
[pbx]
type = identify
endpoint = pbx
match = 127.0.0.1
{calling}"""


_MANAGER = """[general]
enabled = yes
bindaddr = 127.0.0.1
port = {port}
timestampevents = yes
[{user}]
secret = {secret}
read = call,user
write = system,call,originate,reporting
"""

# Dial() connects a headset with a SIP channel, and answers the latter at once; Answer() would wait for sound.
_DIALPLAN = """[general]
static = yes
writeprotect = yes

[caller]
exten => dial,1,UserEvent(Phone,What: headset,Phone: ${PHONE},Port: ${UNICASTRTP_LOCAL_PORT})
 same => n,Set(CALLERID(num)=${NUMBER})
 same => n,ExecIf($["${NUMBER}" = ""]?Set(CALLERID(pres)=prohib))
 same => n,Dial(PJSIP/${EXTENSION}@${ENDPOINT},${RING_FOR},b(dialled^s^1)U(lifted^${PHONE}))

[dialled]
exten => s,1,UserEvent(Phone,What: started,Phone: ${PHONE},Line: ${EXTENSION},Number: ${NUMBER})
 same => n,Return()

[lifted]
exten => s,1,UserEvent(Phone,What: answered,Phone: ${ARG1})
 same => n,Return()

[called]
exten => _[a-z0-9+][a-z0-9+]!,1,Set(HOW=${GLOBAL(PHONE_${EXTEN})})
 same => n,GotoIf($["${HOW}" = ""]?nobody)
 same => n,Set(__PHONE=${UNIQUEID})
 same => n,UserEvent(Phone,What: started,Phone: ${PHONE},Line: ${EXTEN},Number: ${CALLERID(num)})
 same => n,ExecIf($["${HOW}" = "rings"]?Ringing())
 same => n,Wait(3600)
 same => n(nobody),Hangup(20)

[act]
exten => _talk-X!,1,UserEvent(Phone,What: answered,Phone: ${PHONE})
 same => n,Dial(UnicastRTP/127.0.0.1:${EXTEN:5}/c(CODEC),,b(talk^s^1))

; `refer-` sends a REFER: a blind transfer by the phone itself.
; `replace-` sends one with Replaces: whom this phone also talks with takes its place.
; `hold` sends a re-INVITE (sendonly) and waits; `back-` takes the call back, with the same headset.
exten => _refer-.,1,Transfer(PJSIP/sip:${EXTEN:6}@127.0.0.1:SIP_PORT)
exten => _replace-.,1,Transfer(PJSIP/sip:${EXTEN:8}@127.0.0.1:SIP_PORT?Replaces=${REPLACES})
exten => hold,1,BridgeWait(held,participant,e(h))
exten => _back-X!,1,Dial(UnicastRTP/127.0.0.1:${EXTEN:5}/c(CODEC),,b(talk^s^1))

[talk]
exten => s,1,UserEvent(Phone,What: headset,Phone: ${PHONE},Port: ${UNICASTRTP_LOCAL_PORT})
 same => n,Return()
"""
