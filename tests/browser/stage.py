"""A house full of work, and real browsers in it: Chromium on the page, over sealed recordings."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyotp
from playwright.sync_api import Browser, Page, sync_playwright

from asterisk_gdpr.config import load_wordings, shipped
from asterisk_gdpr.core.clip import Clip
from asterisk_gdpr.core.evaluation import Evaluation
from asterisk_gdpr.core.holds import HoldGround
from asterisk_gdpr.core.policy import Receipt
from asterisk_gdpr.core.receipt import with_check
from asterisk_gdpr.core.recording import Occasion
from asterisk_gdpr.core.requests import Identity, Right
from asterisk_gdpr.core.unusual import Limits
from asterisk_gdpr.ports import Alarm, Approval, CallRow, Evidence, Mark, SavedSearch
from asterisk_gdpr.rig.chromium import chromium
from asterisk_gdpr.service.checks.finding import error, warning
from asterisk_gdpr.service.ids import new_id
from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr.service.prompts.prompts import Prompts
from asterisk_gdpr_web.serve import make_server
from asterisk_gdpr_web.settings import EXTENSION
from tests.fakes.speech import Hum
from tests.playback.world import INDEX, RATE
from tests.web.house import PASSWORD, House

SCREENS = Path(__file__).resolve().parents[2] / "docs" / "screens"
"""Where the pictures of them lie."""

PAGES = {
    "strip": "/strip",
    "today": "/today",
    "recordings": "/recordings?line=sales&choice=agreed",
    "recording": "/recordings/rsales001",
    "proof": "/recordings/rsales001/proof",
    "evaluate": "/recordings/rsales001/evaluations",
    "evaluations": "/evaluations",
    "clips": "/clips",
    "erase": "/recordings/rsales001/erase",
    "review": "/review",
    "approvals": "/approvals",
    "requests": "/requests",
    "request": "/requests/{erasure}",
    "package": "/requests/{access}",
    "holds": "/holds",
    "never": "/never",
    "agents": "/agents",
    "lines": "/lines",
    "policy": "/lines/policy?version={policy}",
    "prompts": "/lines/prompts?line=sales",
    "documents": "/documents",
    "digest": "/digest",
    "ledger": "/ledger",
    "system": "/system",
    "vault": "/vault",
    "people": "/people",
    "account": "/account",
    "codes": "/account/second",
    "tokens": "/account/tokens",
    "code": "/sign-in/code",
    "refused": "/people",
    "nowhere": "/recordings/rnowhere",
}
"""Every page that has an address of its own, by a name for it; `place` fills in what a house has made up."""

NO_PAGE = {
    "audio.peaks": "numbers for the waveform",
    "audio.play": "sound",
    "clips.play": "sound",
    "documents.take": "a file",
    "health.show": "one word, for monitoring",
    "home.show": "leads on",
    "openid.receive": "leads on, and is tried in test_openid.py",
    "openid.send": "leads to the provider",
    "prompts.play": "sound",
    "strip.now": "a part of the strip",
    "today.now": "a part of today",
}
"""What answers a GET and is no page that anybody looks at, and what it is instead."""

ERRORS = {"refused": 403, "nowhere": 404}
"""Pages that say no."""

OPEN = {
    "sign-in": "/sign-in",
    "privacy": "/privacy",
    "privacy-line": "/privacy/line/sales/en",
    "privacy-receipt": "/privacy/receipt",
}
"""What is there for people who are not signed in."""

CODE = with_check("123456789")
"""The code that one caller heard."""

HALFWAY = "compliance"
"""Who has one-time codes, and has given their password alone."""

WHO = {
    "strip": "agent",
    "code": HALFWAY,
    "proof": "manager",
    "prompts": "manager",
    "refused": "quality",
    "nowhere": "quality",
    "evaluations": "agent",
    "evaluate": "quality",
    "clips": "quality",
    "people": "admin",
    "system": "admin",
    "recording": "manager",
    "erase": "manager",
    "review": "manager",
}
"""Whose page it is; the officer's, if nobody is named."""

LOUDEST = """async () => {
    const sound = document.getElementById("sound");
    const context = new AudioContext();
    await context.resume();
    const source = context.createMediaElementSource(sound);
    const sides = context.createChannelSplitter(2);
    source.connect(sides);
    const ears = [0, 1].map((side) => {
        const ear = context.createAnalyser();
        ear.fftSize = 8192;
        sides.connect(ear, side);
        return ear;
    });
    await sound.play();
    await new Promise((done) => setTimeout(done, 900));
    return ears.map((ear) => {
        const loud = new Float32Array(ear.frequencyBinCount);
        ear.getFloatFrequencyData(loud);
        return loud.indexOf(Math.max(...loud)) * context.sampleRate / ear.fftSize;
    });
}"""
"""What is loudest in each ear while the player plays."""


class Talking(House):
    """A house whose recordings sound like talk: one side, then the other."""

    _chance = random.Random(7)

    def say(self, frames: int) -> tuple[bytes, bytes]:
        time = np.arange(frames) / RATE
        turns = np.repeat([self._chance.random() for _ in range(frames // 800 + 1)], 800)[:frames]
        mine = (np.sin(2 * np.pi * time / 7.3) > 0) * turns
        both = ((440, mine), (880, (1 - (mine > 0)) * turns))
        left, right = ((9000 * loud * np.sin(2 * np.pi * hertz * time)).astype("<i2") for hertz, loud in both)
        return left.tobytes(), right.tobytes()


def place(house: House, name: str) -> str:
    """The address of a page in a house."""
    rights = {str(each.right): each.id for each in house.register.requests()}
    version, _ = house.register.policy_versions()[0]
    return {**PAGES, **OPEN}[name].format(**rights, policy=version)


def full(kind: type[House] = Talking, prompts: Path | None = None) -> House:
    """A house after some weeks of work; all of it is made up; `prompts` is a folder for the notices."""
    house = kind()
    sales = replace(house.policy.lines["sales"], receipt=Receipt.ALWAYS)
    lines = {**house.policy.lines, "sales": sales}
    limits = Limits("BV-2026-07", recordings_a_day=5, of_one_person=3)
    house.policy = replace(house.policy, lines=lines, unusual_listening=limits)
    if prompts is not None:
        house.prompts = prompts
        Prompts(prompts, load_wordings(shipped() / "notices")).build(house.policy, Hum(pace=80))
    now, chance = house.clock.now(), random.Random(5)
    house.seal("sales001", purposes=("quality", "disputes"), plan=((40_000,) * 12,))
    for n in range(30):
        line, purposes = (("sales", ("quality", "disputes")), ("support", ("quality",)))[n % 2]
        at = now - timedelta(hours=5 * n + 1)
        choice = ("agreed", "not_objected")[n % 2]
        house.seal(
            f"{n:08}x",
            purposes=purposes,
            line=line,
            number=f"+4930901{n:03}",
            at=at,
            choice=choice,
            plan=((8000,),),
        )
    house.register.raise_alarm(Alarm("prompt-missing", "support", now, "A prompt of this line is missing."))
    house.register.add_mark(Mark("k1", "rsales001", 12_000, "quality", now, "The price is asked for again."))
    house.register.save_search(SavedSearch("officer", "Long calls", {"shortest": "300"}))
    house.register.keep_policy(house.policy.version, "controller: {name: Example Energy}", now)
    house.register.add_epoch("40258a343b3eac7f", "MLKEM768_X25519", b"public", now - timedelta(days=11))
    tested = {"node": "pbx-1", "line": "sales", "passed": True}
    house.register.record("self-test", tested, now - timedelta(hours=9))
    house.findings = [
        error("prompt-missing", "Line support lacks 3 prompts.", "Run `asterisk-gdpr prompts build`."),
        warning("page-open", "The page listens without TLS.", "Put a proxy before it."),
    ]
    office = house.app.extensions[EXTENSION].services.office
    for endpoint in ("PJSIP/anna", "PJSIP/ben"):
        office.agents.add(endpoint, "2026-11")
    office.agents.consent("PJSIP/anna", "2026-11")
    _calls(house, chance)
    office.requests.open(Right.ERASURE, by="officer", number="+4930901001", asked="Everything about me.")
    known = office.requests.open(Right.ACCESS, by="officer", number="+4930901003")
    office.requests.identify(known.id, Identity.CALLBACK, "officer")
    heard = house.register.recording("r00000006x").call
    house.register.add_receipt(heard, INDEX.blind("calls.receipt", CODE))
    tokens = house.app.extensions[EXTENSION].services.tokens
    tokens.make("officer", "nightly report", [Scope.READ_LEDGER, Scope.READ_STATUS], 90)
    house.register.ask_approval(
        Approval(new_id("q"), "rsales001", "disputes", "manager", Occasion.DISPUTE, now)
    )
    second, someone = pyotp.random_base32(), house.accounts.user(HALFWAY)
    house.accounts.second.enrol(someone, second, pyotp.TOTP(second).at(int(now.timestamp())))
    office.holds.place(
        ["r00000003x"],
        case="LG-2026-17",
        ground=HoldGround.LEGAL_CLAIMS,
        why="The contract is disputed.",
        by="officer",
        until=now + timedelta(days=90),
        listeners=frozenset({"manager"}),
    )
    for n in range(7):
        told = {
            "user": "quality",
            "recording": f"r{2 * n:08}x",
            "purpose": "quality",
            "reason": "quality-review",
        }
        house.register.record("listened", told, now - timedelta(hours=15, minutes=n))
    anna = house.accounts.user("agent").agent
    for user in ("quality", "supervisor"):
        house.register.record("listened", {"user": user, "recording": "rsales001"}, now)
    given = {"greeting": 4, "solution": 3}
    for user in ("supervisor", "manager"):
        house.register.add_evaluation(
            Evaluation(
                f"v-{user}", "rsales001", "service", user, now, 65, given, "Friendly, and to the point.", anna
            )
        )
    week = now + timedelta(days=7)
    house.register.add_clip(
        Clip("l1", "rsales001", 5000, 35_000, "quality", "supervisor", "quality", now, week)
    )
    house.unlock()
    return house


def _calls(house: House, chance: random.Random) -> None:
    now = house.clock.now()
    for day in range(14):
        for n in range(chance.randrange(5, 20)):
            id, at = f"d{day}n{n}", now - timedelta(days=day, minutes=n)
            _call(house, id, at, ended=True)
            outcome = chance.choice(("agreed", "agreed", "not_objected", "refused", "partial"))
            house.register.commit_choice(Evidence(id, at, outcome, {}))
    told: list[dict[str, Any]] = []
    for n, (light, because) in enumerate([("on", ""), ("muted", "hold"), ("muted", "not_cleared")]):
        _call(house, f"now{n}", now - timedelta(minutes=n + 1))
        house.register.commit_choice(Evidence(f"now{n}", now, "agreed", {}))
        told.append({"call": f"now{n}", "phase": "passed", "light": light, "because": because})
    anna = house.register.agent_at("PJSIP/anna")
    assert anna is not None
    house.accounts.change("agent", ["agent"], [], anna.id)
    told[0]["agents"] = [anna.id]
    house.register.beat("pbx-1", now, {"calls": 3, "asterisk": True, "spool_room": 96, "now": told})


def _call(house: House, id: str, at: object, *, ended: bool = False) -> None:
    row = CallRow(id, id, id, "sales", "de", "pbx-1", "p", at)  # type: ignore[arg-type]
    house.register.add_call(row)
    if ended:
        house.register.end_call(id, row.arrived_at, "ended_after_talk")


@contextmanager
def served(house: House) -> Iterator[str]:
    """The page at an address of this machine."""
    server = make_server(house.app, "127.0.0.1:0")
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=str(chromium()),
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        yield made
        made.close()


def sign_in(page: Page, address: str, name: str) -> None:
    """By the form, as people do."""
    page.goto(f"{address}/sign-in")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile({"agent": "/strip$", HALFWAY: "/sign-in/code"}.get(name, "/today$")))


def declare(page: Page, address: str, purpose: str) -> None:
    """Say what one listens for."""
    page.goto(f"{address}/review")
    page.check(f"[name=purpose][value={purpose}]")
    page.select_option("[name=reason]", "complaint")
    page.click("main button[type=submit]")
