"""What `make demo` shows: callers who agree, refuse, keep silent and change their mind, on a real Asterisk.

Everything that is printed as a fact has been checked just before: on the sound that the phones heard, on
what the page played, and on what the register knows. A claim that does not hold ends the demo with 1.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.rig.browser import Browser
from asterisk_gdpr.rig.debian import programs
from asterisk_gdpr.rig.house import House
from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import Samples, loud, seconds_of

POLICY = """# The policy of the demonstration: a person of the controller has approved it.
controller:
  name: Example Energy
  contact: privacy@example.com
  officer: officer@example.com
  privacy_url: https://example.com/calls
  authority: Exampleland Data Protection Authority
pack: eu
approved: {by: "Example Person, managing director", date: 2026-11-01, advice: "The officer was heard."}
purposes:
  quality:
    basis: consent
    choice: opt_in
    keep: 90 days
    listeners: [quality, supervisor]
    title: {en: check our service, de: Qualität}
  improvement:
    basis: legitimate_interests
    choice: opt_out
    assessment: LIA-2026-07
    keep: 30 days
    listeners: [quality]
    title: {en: improve our service, de: die Verbesserung unseres Service}
lines:
  sales: {purposes: [quality], permission: all_consent, languages: [en, de]}
  support: {purposes: [improvement], permission: all_consent, languages: [en, de]}
  outage: {exempt: true}
agents: {identify_by: [endpoint], agreement: BV-2026-04}
exempt_numbers: ["112", "110"]
keep: {call_data: 1 year, choices: until the recording is erased + 3 years, listening_log: 1 year,
  requests: 3 years}
"""

CALLER_HZ, AGENT_HZ = 400, 1000
CONSENTING = ("anna", "ben", "carla", "dora", "emil")
AGENTS = (*CONSENTING, "fritz")
GERMAN = """exten => verkauf,1,Set(CHANNEL(language)=de)
 same => n,Goto(sales-anna,1)
"""

Say = Callable[[str], None]


@dataclass
class Claims:
    """What is claimed, and whether it held; printed as it is checked."""

    say: Say
    failed: list[str] = field(default_factory=list)

    def check(self, holds: bool, claim: str) -> None:
        """Say a claim with its mark."""
        self.say(f"    {'✓' if holds else '✗'} {claim}")
        if not holds:
            self.failed.append(claim)


@dataclass
class Scene:
    """One call of the demonstration, as it went."""

    title: str
    call: PhoneCall
    agent: PhoneCall
    told: dict[str, Any]


def run(*, once: bool, say: Say = print) -> int:
    """Show it all; `once` ends by itself. Returns 0 only if everything that was claimed was so."""
    began = time.monotonic()
    say("A real Asterisk from Debian's packages, in a cache folder and without root:")
    fetched = programs()
    say(f"  {fetched.version}")
    lines = {f"{line}-{agent}": (line, agent) for line in ("sales", "support") for agent in AGENTS}
    with House(fetched, lines, _prepare, agents=AGENTS, extra=GERMAN) as house:
        say("  PBX, phones, daemon and page are running.")
        password = _people(house)
        house.start("web")
        house.command("unlock", "--passphrase-file", str(house.folder / "passphrase"))
        claims = Claims(say)
        say("\nSix people call at the same time; each hears the notice and does something else.")
        scenes = _calls(house)
        quinn = _Reviewer(house, password)
        _judge(scenes, quinn, claims)
        _erase(house, scenes["elif"], quinn, claims)
        _prove(house, scenes, claims)
        seconds = time.monotonic() - began
        held = "Everything above was checked" if not claims.failed else "NOT everything held"
        say(f"\n{held}; it took {seconds:.0f} s.")
        if not once:
            _stay(house, password, say)
        return 1 if claims.failed else 0


def _prepare(house: House) -> None:
    """What a person does after `init`: write the policy, have the prompts spoken, register the agents."""
    (house.installation / "policy.yaml").write_text(POLICY, encoding="utf-8")
    house.command("dialplan")
    house.command("prompts", "build")
    for agent in AGENTS:
        house.command("agents", "add", f"PJSIP/{agent}", "--version", "2026-11")
    for agent in CONSENTING:
        house.command("agents", "consent", f"PJSIP/{agent}", "--version", "2026-11")


def _people(house: House) -> str:
    """Somebody of quality management who may listen, and somebody who may unlock; returns their password."""
    password = secrets.token_urlsafe(12)
    file = house.folder / "password"
    file.touch(mode=0o600)
    file.write_text(password)
    house.command("users", "add", "quinn", "--role", "quality", "--password-file", str(file))
    return password


# --- the calls --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """What somebody does: what they dial, the keys they press in the notice, how they talk."""

    extension: str
    agent: str
    keys: str
    talk: Callable[[PhoneCall], None]


def _talk(seconds: float) -> Callable[[PhoneCall], None]:
    return lambda _call: time.sleep(seconds)


def _withdraw(call: PhoneCall) -> None:
    time.sleep(4)
    call.press("*9")
    time.sleep(6)


PLANS = {
    "amira": Plan("verkauf", "anna", "wait 9; key 1", _talk(8)),
    "bruno": Plan("support-ben", "ben", "wait 2; key 2", _talk(3)),
    "clara": Plan("sales-carla", "carla", "", _talk(3)),
    "deniz": Plan("support-dora", "dora", "", _withdraw),
    "elif": Plan("support-emil", "emil", "", _talk(7)),
    "felix": Plan("sales-fritz", "fritz", "wait 9; key 1", _talk(6)),
}


def _calls(house: House) -> dict[str, Scene]:
    """All calls side by side, begun one after the other so that the register has them in this order."""
    for agent in AGENTS:
        house.phones.agent(agent, tone=AGENT_HZ, answer_after=1.0)
    with ThreadPoolExecutor(len(PLANS)) as crowd:
        going = []
        for number, plan in enumerate(PLANS.values(), start=1):
            script = f"tone {CALLER_HZ}" + (f"; {plan.keys}" if plan.keys else "")
            call = house.phones.call(plan.extension, number=f"+491511234500{number}", script=script)
            going.append(crowd.submit(_carry_out, house, plan, call))
            time.sleep(0.3)
        phones = [one.result() for one in going]
    told = sorted(_at_rest(house), key=lambda call: str(call["arrived_at"]))
    return {
        name: Scene(name.capitalize(), call, agent, row)
        for name, (call, agent), row in zip(PLANS, phones, told, strict=True)
    }


def _carry_out(house: House, plan: Plan, call: PhoneCall) -> tuple[PhoneCall, PhoneCall]:
    agent = house.phones.agent(plan.agent, tone=AGENT_HZ, answer_after=1.0).wait_call(60).wait_answered()
    plan.talk(call)
    call.hangup()
    return call.wait_ended(), agent.wait_ended()


def _at_rest(house: House) -> list[dict[str, Any]]:
    """The calls as the register knows them, once every one has ended and every recording is at rest."""
    deadline = time.monotonic() + 20
    while True:
        calls: list[dict[str, Any]] = house.ask("calls", "list")
        states = {one["id"]: one["state"] for one in house.ask("recordings", "list")}
        ended = all(call["ended_at"] for call in calls)
        if ended and set(states.values()) <= {"sealed", "erased"}:
            return [{**call, "state": states.get(call["recording"])} for call in calls]
        if time.monotonic() > deadline:
            raise Unreachable(f"The calls did not come to rest: {states}")
        time.sleep(0.3)


# --- what was so ------------------------------------------------------------------------------


class _Reviewer:
    """Quinn of quality management, who listens through the page and nowhere else."""

    def __init__(self, house: House, password: str) -> None:
        self._browser = Browser(house.page)
        self._browser.submit("/sign-in", "/sign-in", name="quinn", password=password, next="/")

    def hear(self, recording: str, purpose: str) -> tuple[Samples, Samples]:
        """Both sides, under a purpose and a reason declared first."""
        self._browser.submit("/review", "/review", purpose=purpose, reason="complaint", next="/")
        return self._browser.hear(f"/recordings/{recording}/audio")

    def is_refused(self, recording: str) -> bool:
        """Whether the page plays this recording no more."""
        try:
            self._browser.hear(f"/recordings/{recording}/audio")
        except Refused:
            return True
        return False


def _overlap(scene: Scene) -> float:
    assert scene.agent.answered_at and scene.agent.ended_at and scene.call.ended_at
    return min(scene.call.ended_at, scene.agent.ended_at) - scene.agent.answered_at


def _judge(scenes: dict[str, Scene], quinn: _Reviewer, claims: Claims) -> None:
    _agreed(scenes["amira"], quinn, claims)
    _refused(scenes["bruno"], claims)
    _silent(scenes["clara"], claims)
    _withdrew(scenes["deniz"], quinn, claims)
    _not_objected(scenes["elif"], quinn, claims)
    _not_cleared(scenes["felix"], quinn, claims)


def _begin(claims: Claims, scene: Scene, did: str) -> None:
    claims.say(f"\n  {scene.title} {did}")


def _agreed(scene: Scene, quinn: _Reviewer, claims: Claims) -> None:
    _begin(claims, scene, "calls sales, hears the notice in German, and presses 1 to agree.")
    told = scene.told
    claims.check(told["choice"] == "agreed", "the choice is written down as agreed")
    left, right = quinn.hear(told["recording"], "quality")
    talk = _overlap(scene)
    claims.check(abs(len(left) / 8000 - talk) < 0.4, f"the recording is as long as the talk ({talk:.1f} s)")
    apart = seconds_of(left, AGENT_HZ) == seconds_of(right, CALLER_HZ) == 0
    there = min(seconds_of(left, CALLER_HZ), seconds_of(right, AGENT_HZ)) > talk - 0.5
    claims.check(apart and there, "left is the caller, right the agent, and neither is in the other")


def _refused(scene: Scene, claims: Claims) -> None:
    _begin(claims, scene, "calls support and presses 2 two seconds into the notice.")
    assert scene.agent.started_at and scene.call.answered_at
    waited = scene.agent.started_at - scene.call.answered_at - 2
    claims.check(waited < 1, f"the agent's phone rings {1000 * max(0.0, waited):.0f} ms after the key")
    claims.check(
        scene.told["choice"] == "refused" and scene.told["recording"] is None,
        "refused, and no recording was ever made",
    )


def _silent(scene: Scene, claims: Claims) -> None:
    _begin(claims, scene, "calls sales and says nothing when asked for consent.")
    told = scene.told
    claims.check(told["recording"] is None, "silence is not consent: no recording was ever made")
    claims.check(seconds_of(scene.call.heard(), AGENT_HZ) > 2, "the call is connected all the same")


def _withdrew(scene: Scene, quinn: _Reviewer, claims: Claims) -> None:
    _begin(claims, scene, "does not object, talks, and withdraws with *9.")
    told = scene.told
    claims.check(told["choice"] == "not_objected", "silence there is written down as not objected")
    claims.check(told["state"] == "erased", "what was recorded until then is erased, keys first")
    claims.check(quinn.is_refused(told["recording"]), "the page plays it no more")
    after = scene.call.heard()[-8000 * 2 :]
    claims.check(seconds_of(after, AGENT_HZ) > 1, "the call goes on")


def _not_objected(scene: Scene, quinn: _Reviewer, claims: Claims) -> None:
    _begin(claims, scene, "does not object and is recorded.")
    left, _ = quinn.hear(scene.told["recording"], "improvement")
    claims.check(seconds_of(left, CALLER_HZ) > _overlap(scene) - 0.5, "their voice is in the recording")


def _not_cleared(scene: Scene, quinn: _Reviewer, claims: Claims) -> None:
    _begin(claims, scene, "agrees, but the agent who answers never consented to be recorded.")
    left, right = quinn.hear(scene.told["recording"], "quality")
    claims.check(not loud(left) and not loud(right), "silence stands in place of both voices")
    claims.check(seconds_of(scene.call.heard(), AGENT_HZ) > 2, "the two hear each other all the same")


def _erase(house: House, scene: Scene, quinn: _Reviewer, claims: Claims) -> None:
    claims.say(f"\n{scene.title} writes afterwards and wants the recording gone.")
    recording = str(scene.told["recording"])
    house.command("erase", "--recording", recording, "--reason", "requested")
    (state,) = [one["state"] for one in house.ask("recordings", "list") if one["id"] == recording]
    claims.check(state == "erased", "keys destroyed, container deleted, both verified")
    claims.check(quinn.is_refused(recording), "the page plays it no more")


def _prove(house: House, scenes: dict[str, Scene], claims: Claims) -> None:
    claims.say("\nProof:")
    whole = house.run_command("recordings", "verify", str(scenes["amira"].told["recording"]))
    claims.check(whole.returncode == 0, "Amira's container verifies: signature, chain, every segment")
    chain = house.run_command("ledger", "verify")
    claims.check(chain.returncode == 0, "the ledger's chain verifies")
    spooled = list(house.spool_folder.iterdir())
    claims.check(not spooled, "the spool in memory is empty again")


def _stay(house: House, password: str, say: Say) -> None:
    say(f"\nThe page is at {house.page}")
    say(f"  sign in as quinn, password {password} (review purpose: quality or improvement)")
    say(f"  the vault's passphrase is {house.passphrase} (already unlocked)")
    say(f"  the installation lies in {house.installation}")
    say("Ctrl-C ends it all and leaves nothing behind.")
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
