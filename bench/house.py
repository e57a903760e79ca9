"""The product in a house of the rig, with what the live figures need: tones as prompts, and their rivals.

The rivals' lines stand in the same PBX beside ours, play the same prompt files and call the same phones.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from asterisk_gdpr.bootstrap.installation import Installation
from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.ports import Agent
from asterisk_gdpr.rig.debian import programs
from asterisk_gdpr.rig.house import House
from asterisk_gdpr.rig.sound import to_ulaw, tone
from bench.softphones import Softphones

NODE = "pbx1"
"""The name that `init` gives to a node."""

POLICY = """
controller:
  name: Example Energy
  contact: privacy@example.com
  officer: officer@example.com
  privacy_url: https://example.com/calls
  authority: Exampleland Data Protection Authority
pack: eu
approved: {by: Example Person, date: 2026-11-01, advice: none}
purposes:
  quality:
    {basis: consent, choice: opt_in, keep: 90 days, listeners: [quality], title: {en: check our service}}
lines:
  sales: {purposes: [quality], permission: all_consent, languages: [en], withdraw_grace: 0 s}
agents: {identify_by: [endpoint], agreement: BV-2026-04}
exempt_numbers: ["112"]
keep: {call_data: 1 year, choices: until the recording is erased + 3 years, listening_log: 1 year,
  requests: 3 years}
"""

STATEMENT, QUESTION, REST = 1.0, 0.6, 0.4
"""How long the prompts last, in seconds; short ones, so that what is compared is more than playing."""

VOICE = to_ulaw(tone(400, 1.0))
"""What callers say while nobody looks at what it is."""

PHONES = """
[bench]
type = endpoint
context = from-agents
disallow = all
allow = ulaw
aors = bench
direct_media = no
dtmf_mode = rfc4733
[bench]
type = aor
contact = sip:bench@127.0.0.1:{port}
"""

# `choose-KEY` ends with cause 16 only if what was pressed is what arrived.
# Callers who agree are connected, and the agent hangs up.
DIALPLAN = """
[from-trunk]
exten => notice,1,Gosub(asterisk-gdpr,notice,1(sales))
 same => n,Hangup()
exten => plain-notice,1,Answer()
 same => n,Playback({statement})
 same => n,Hangup()

exten => choose-1,1,Gosub(asterisk-gdpr,notice,1(sales))
 same => n,ExecIf($["${{GDPR_CHOICE}}" = "agreed"]?Dial(PJSIP/bench,30):Hangup(31))
exten => choose-2,1,Gosub(asterisk-gdpr,notice,1(sales))
 same => n,Hangup(${{IF($["${{GDPR_CHOICE}}" = "refused"]?16:31)}})
exten => plain-choose-1,1,Answer()
 same => n,Read(CHOICE,{statement}&{question},1,,1,2)
 same => n,GotoIf($["${{CHOICE}}" != "1"]?other)
 same => n,Playback({agreed})
 same => n,MixMonitor({folder}/${{UNIQUEID}}.wav,b)
 same => n,Dial(PJSIP/bench,30)
 same => n(other),Hangup(31)
exten => plain-choose-2,1,Answer()
 same => n,Read(CHOICE,{statement}&{question},1,,1,2)
 same => n,Hangup(${{IF($["${{CHOICE}}" = "2"]?16:31)}})

exten => talk,1,Gosub(asterisk-gdpr,notice,1(sales))
 same => n,Dial(PJSIP/bench,30)
exten => plain-talk,1,Answer()
 same => n,MixMonitor({folder}/${{UNIQUEID}}.wav,b)
 same => n,Dial(PJSIP/bench,30)
exten => bare-talk,1,Answer()
 same => n,Dial(PJSIP/bench,30)
"""


@contextmanager
def live_house(*, listening: bool = False) -> Iterator[tuple[House, Softphones]]:
    """A house with its daemon running, and phones that call it; the agent's phone is `PJSIP/bench`."""
    house = House(programs(), {}, lambda made: _prepare(made, phones.port))
    phones = Softphones(house.pbx.address.sip)
    phones.listening = listening
    with phones, house:
        yield house, phones


def product_of(house: House) -> Installation:
    """The installation, opened as another process would."""
    return Installation.load(house.config)


def daemon_pid(house: House) -> int:
    """The daemon's process id, as it tells it itself with its first sign of life (within 5 s)."""
    register = product_of(house).register()
    try:
        for _ in range(200):
            if beat := register.beats().get(NODE):
                return int(beat[1]["pid"])
            time.sleep(0.05)
    finally:
        register.close()
    raise Unreachable("The daemon gives no sign of life.", id="no-beat")


def _prepare(house: House, port: int) -> None:
    (house.installation / "policy.yaml").write_text(POLICY)
    house.command("dialplan")
    product = product_of(house)
    policy, prompts = product.policy(), product.prompts()
    seconds = {"statement": STATEMENT, "question-1": QUESTION}
    for number, (line, language, part) in enumerate(prompts.missing(policy)):
        narrow, wide = (
            tone(700 + 50 * number, seconds.get(part, REST), rate).tobytes() for rate in (8000, 16000)
        )
        prompts.import_voice(policy, line, language, part, narrow, wide)
    register = product.register()
    register.put_agent(Agent("a0000000000bench", "PJSIP/bench", "consented", "2026-11", datetime.now(UTC)))
    register.close()
    parts = {"statement": "statement", "question": "question-1", "agreed": "agreed"}
    paths = {name: prompts.get("sales", "en", part).path for name, part in parts.items()}
    house.pbx.files["pjsip.conf"] += PHONES.format(port=port)
    house.pbx.files["extensions.conf"] += DIALPLAN.format(folder=house.folder / "plain", **paths)
