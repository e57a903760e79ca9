"""The product in a house of its own, with prompts that are tones, so that a test hears which one it was."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any, TypeVar

from asterisk_gdpr.bootstrap.installation import Installation
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.ports import Agent, CallRow, Register
from asterisk_gdpr.rig import house as rig
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.sound import tone

T = TypeVar("T")

VOICES = {
    "statement": (700, 1.0),
    "statement-de": (650, 1.0),
    "question-1": (750, 0.6),
    "question-2": (550, 0.6),
    "kept_by_law": (1050, 0.6),
    "details": (800, 1.0),
    "agreed": (850, 0.4),
    "withdrawn": (900, 0.8),
    "joiner_question": (1380, 0.6),
    "joiner_agreed": (1420, 0.4),
    "joiner_refused": (1520, 0.4),
    "receipt": (1350, 0.6),
    "privacy_code": (1400, 0.8),
    "privacy_code_taken": (1450, 0.8),
    **{f"digit-{digit}": (1500 + 100 * digit, 0.3) for digit in range(10)},
    "privacy_menu": (1100, 0.8),
    "privacy_confirm": (1150, 0.8),
    "privacy_locked": (1200, 0.8),
    "privacy_never": (1250, 0.8),
    "privacy_request": (1300, 0.8),
    "privacy_later": (450, 0.8),
}
"""Part of the notice (in one language) → the tone (Hz) that stands for it, and its length in seconds."""

OTHERS = (950, 0.8)

POLICY = """
controller:
  name: Example Energy
  contact: privacy@example.com
  officer: officer@example.com
  privacy_url: https://example.com/calls
  authority: Exampleland Data Protection Authority
pack: eu
overlays: [mifid]
approved: {by: Example Person, date: 2026-11-01, advice: none}
purposes:
  quality:
    basis: consent
    choice: opt_in
    keep: 90 days
    listeners: [quality]
    title: {en: check our service, de: Qualität}
  improvement:
    basis: legitimate_interests
    choice: opt_out
    assessment: LIA-2026-07
    keep: 30 days
    listeners: [quality]
    title: {en: improve our service}
  overview:
    basis: legitimate_interests
    choice: opt_out
    assessment: LIA-2026-08
    keep: 30 days
    listeners: [quality]
    audio: opus
    title: {en: improve our service}
  training:
    basis: consent
    choice: opt_in
    keep: 90 days
    listeners: [quality]
    title: {en: train our staff}
  orders:
    basis: legal_obligation
    choice: none
    obligation: mifid2
    keep: 5 years
    listeners: [compliance]
    title: {en: document orders}
lines:
  sales: {purposes: [quality], permission: all_consent, languages: [en], silence: 1 s}
  overflow: {purposes: [quality], permission: all_consent, languages: [en], silence: 1 s}
  academy: {purposes: [quality, training], permission: all_consent, languages: [en], silence: 1 s}
  support: {purposes: [improvement], permission: all_consent, languages: [en], silence: 1 s}
  brief: {purposes: [improvement], permission: all_consent, languages: [en], silence: 1 s, pause_limit: 2 s}
  toned: {purposes: [overview], permission: all_consent, languages: [en], silence: 1 s, beep: 2 s}
  told: {purposes: [improvement], permission: all_informed, languages: [en], silence: 1 s, tell_joiners: true}
  asked: {purposes: [improvement], permission: all_consent, languages: [en], silence: 1 s, ask_joiners: true}
  each: {purposes: [quality, training], permission: all_consent, languages: [en], silence: 1 s, ask: each}
  duty: {purposes: [orders, quality], permission: all_consent, languages: [en], silence: 1 s}
  trading: {purposes: [orders], permission: statute, languages: [en], silence: 1 s}
  rights: {purposes: [quality], languages: [en], privacy: true}
  both: {purposes: [quality], languages: [de, en], silence: 1 s, dialled: {"03055500": de}}
  coded: {purposes: [quality], permission: all_consent, languages: [en], silence: 1 s, receipt: always}
  shy: {purposes: [quality], permission: all_consent, languages: [en], silence: 1 s, withheld: never}
  survey: {purposes: [quality], permission: all_consent, languages: [en], silence: 1 s, direction: outbound}
  rare: {purposes: [improvement], permission: all_consent, languages: [en], share: 0}
  early: {purposes: [quality], permission: all_consent, languages: [en], silence: 1 s, early_media: true}
  outage: {exempt: true}
  billing: {purposes: [quality], mode: shadow, languages: [en]}
agents: {identify_by: [endpoint], agreement: BV-2026-04}
exempt_numbers: ["112", "110"]
keep: {call_data: 1 year, choices: until the recording is erased + 3 years, listening_log: 1 year,
  requests: 3 years}
"""

LINES = {
    "sales": ("sales", "anna"),
    "support": ("support", "anna"),
    "support-ben": ("support", "ben"),
    "brief": ("brief", "anna"),
    "toned": ("toned", "anna"),
    "told": ("told", "carla"),
    "asked": ("asked", "carla"),
    "trading": ("trading", "anna"),
    "billing": ("billing", "anna"),
    "shy": ("shy", "anna"),
    "coded": ("coded", "anna"),
    "rare": ("rare", "anna"),
    "early": ("early", "anna"),
    "each": ("each", "anna"),
    "duty": ("duty", "anna"),
    "03055500": ("both", "anna"),
    "outage": ("outage", "anna"),
    "112": ("support", "anna"),
    "nobody": ("no-such-line", "anna"),
}


PRIVACY = """[from-trunk]
exten => privacy,1,Gosub(asterisk-gdpr,privacy,1(rights))
 same => n,Hangup()
"""


class House(rig.House):
    """A house with the policy, agents and prompts of the tests; its register can be asked directly."""

    def __init__(
        self,
        programs: Programs,
        extra: str = "",
        codec: str = "ulaw",
        agents_codec: str = "",
        files: Mapping[str, str] | None = None,
        policy: str = POLICY,
    ) -> None:
        more: dict[str, Any] = {"codec": codec, "agents_codec": agents_codec, "files": files}
        super().__init__(programs, LINES, partial(_prepare, policy), extra=PRIVACY + extra, **more)

    def __enter__(self) -> House:
        super().__enter__()
        return self

    def close(self) -> None:
        if "product" in self.__dict__:
            self.product.close()
        super().close()

    @cached_property
    def product(self) -> Installation:
        """The installation, opened by the test as another process would."""
        return Installation.load(self.config)

    @cached_property
    def register(self) -> Register:
        """The register, live."""
        return self.product.register()

    @property
    def vault(self) -> Any:
        """The vault, live."""
        return self.product.vault()

    def last_call(self) -> str:
        """The newest call's id."""
        return self.register.calls(limit=1)[0].id

    def wait_ended(self, call: str) -> dict[str, Any]:
        """The call, once it has ended and whatever follows from that is under way."""
        return _row(within(lambda: self._if(self.register.call(call), lambda row: row.ended_at), 15))

    def wait_sealed(self, call: str) -> dict[str, Any]:
        """The call, once its recording is sealed."""
        told = self.wait_ended(call)
        self.wait_state(told["recording"], State.SEALED)
        return told

    def wait_state(self, recording: str, state: str) -> dict[str, Any]:
        """The recording, once it is in this state."""
        return within(lambda: self._if(self.recording(recording), lambda one: one["state"] == state), 15)

    def recording(self, recording: str) -> dict[str, Any]:
        """A recording as a dictionary."""
        return vars(self.register.recording(recording))

    def captures(self) -> int:
        """How many runs of MixMonitor there are, by Asterisk's own count, on all channels."""
        told = self.pbx.rx("core show channels concise").splitlines()
        channels = [line.partition("!")[0] for line in told]
        listed = [self.pbx.rx(f"mixmonitor list {channel}") for channel in channels]
        return sum(sum("0x" in line for line in one.splitlines()) for one in listed)

    def evidence(self, call: str) -> dict[str, Any]:
        """The facts of a call's choice."""
        evidence = self.register.evidence(call)
        assert evidence is not None
        return dict(evidence.facts)

    @staticmethod
    def _if(value: T, holds: Callable[[T], object]) -> T | None:
        return value if holds(value) else None


def within(look: Callable[[], T | None], seconds: float) -> T:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(0.05)
    return found


def _row(call: CallRow) -> dict[str, Any]:
    return vars(call)


def _prepare(text: str, house: rig.House) -> None:
    (house.installation / "policy.yaml").write_text(text)
    house.command("dialplan")
    product = Installation.load(house.config)
    policy, prompts = product.policy(), product.prompts()
    for line, language, part in prompts.missing(policy):
        hz, seconds = VOICES.get(f"{part}-{language}", VOICES.get(part, OTHERS))
        narrow, wide = (tone(hz, seconds, rate).tobytes() for rate in (8000, 16000))
        prompts.import_voice(policy, line, language, part, narrow, wide)
    register = product.register()
    at = datetime.now(UTC)
    register.put_agent(Agent("a0000000000anna", "PJSIP/anna", "consented", "2026-11", at))
    register.put_agent(Agent("a00000000000ben", "PJSIP/ben", "informed", "2026-11", at))
    register.close()
