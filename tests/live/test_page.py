"""A real call at the page, in a real Chromium: an agent steers it there, a reviewer finds and hears it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import seconds_of
from tests.browser import stage
from tests.live.house import VOICES, House, within

pytestmark = pytest.mark.live

CALLER_HZ, AGENT_HZ = 400, 1000
NUMBER = "+4915112345501"
SOUND = """async (path) => {
    const heard = await (await fetch(path)).arrayBuffer();
    const sound = await new OfflineAudioContext(2, 8000, 8000).decodeAudioData(heard);
    const parts = [];
    for (let start = 0; start + 400 <= sound.length; start += 400)
        parts.push([0, 1].map((side) => {
            const part = sound.getChannelData(side).subarray(start, start + 400);
            return %s.map((hertz) => {
                let [real, imaginary] = [0, 0];
                part.forEach((value, at) => {
                    real += value * Math.cos((2 * Math.PI * hertz * at) / 8000);
                    imaginary += value * Math.sin((2 * Math.PI * hertz * at) / 8000);
                });
                return Math.hypot(real, imaginary) / 200 > 0.02;
            });
        }));
    return parts;
}"""
"""What the browser decodes of a recording: which tones each twentieth of a second has, by side."""


@pytest.fixture(scope="module")
def desk(house: House) -> Iterator[tuple[Page, Page]]:
    """The page, unlocked, and two people at it, each in their own browser: agent anna, reviewer quinn."""
    password = secrets.token_urlsafe(12)
    accounts = house.product.accounts()
    accounts.add("quinn", password, ["quality"], [])
    accounts.add("anna", password, ["agent"], [])
    accounts.change("anna", ["agent"], [], "a0000000000anna")
    house.start("web")
    house.command("unlock", "--passphrase-file", str(house.folder / "passphrase"))
    with stage.browser() as chrome:
        people = [chrome.new_context().new_page() for _ in range(2)]
        for page, name in zip(people, ("anna", "quinn"), strict=True):
            page.goto(f"{house.page}/sign-in")
            page.fill("[name=name]", name)
            page.fill("[name=password]", password)
            page.keyboard.press("Enter")
            page.wait_for_url("**/strip" if name == "anna" else "**/today")
        yield people[0], people[1]


def talk(house: House) -> tuple[PhoneCall, PhoneCall]:
    """A caller and anna, who has just answered."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.2)
    count = len(anna.calls) + 1
    call = house.phones.call("support", number=NUMBER, script=f"tone {CALLER_HZ}; wait 60; hangup")
    return call, anna.wait_call(20, count=count).wait_answered()


def _each_in_its_ear(left: float, right: float) -> bool:
    """Whether the tones that are loudest while it plays are those of the two who talked, each on a side."""
    return abs(left - CALLER_HZ) < 12 and abs(right - AGENT_HZ) < 12


def test_a_call_is_steered_found_and_heard_at_the_page(house: House, desk: tuple[Page, Page]) -> None:
    """The agent sees, pauses, marks and names their call; a reviewer finds it by that name and hears it."""
    anna, quinn = desk
    assert anna.locator("#now .light").count() == 0
    call, _ = talk(house)
    expect(anna.locator("#now .light.on")).to_be_visible(timeout=8000)
    anna.click("button:has-text('Pause')")
    expect(anna.locator("main .notice")).to_have_text("The recording is paused.")
    assert anna.is_visible("#now .light.muted"), "the page that says so shows it, too"
    time.sleep(1.5)
    anna.click("button:has-text('Resume')")
    expect(anna.locator("main .notice")).to_have_text("The recording goes on.")
    assert anna.is_visible("#now .light.on")
    anna.fill("[name=reference]", "T-4711")
    anna.click("button:has-text('Keep')")
    anna.fill("[name=text]", "card data over")
    anna.click("button:has-text('Mark this moment')")
    expect(anna.locator("#now .light.on")).to_be_visible(timeout=8000)
    time.sleep(1)
    call.hangup()
    call.wait_ended()
    told = house.wait_sealed(house.last_call())
    expect(anna.locator("#now .light")).to_have_count(0, timeout=8000)

    stage.declare(quinn, house.page, "improvement")
    quinn.goto(f"{house.page}/recordings")
    quinn.click("summary:has-text('More')")
    quinn.fill("[name=reference]", "T-4711")
    quinn.click("form.search button[type=submit]")
    quinn.click("table.shelf a")
    quinn.wait_for_url(f"**/recordings/{told['recording']}")
    quinn.wait_for_selector("#wave:not([hidden])")
    assert house.register.peaks(told["recording"]) is not None, "the waveform was sealed with the sound"
    assert quinn.is_visible("text=card data over")
    within(lambda: _each_in_its_ear(*quinn.evaluate(stage.LOUDEST)) or None, 10)

    parts = quinn.evaluate(SOUND % [CALLER_HZ, AGENT_HZ], f"/recordings/{told['recording']}/audio")
    assert sum(part == [[True, False], [False, True]] for part in parts) > 40, "both talk, each on a side"
    quiet = [part == [[False, False], [False, False]] for part in parts]
    assert 20 < sum(quiet) < 60, "the pause is silence on both sides"
    assert quiet.index(True) > 10 and not any(quiet[-5:]), "and lies within the talk"
    quinn.click("text=Check it now")
    quinn.wait_for_selector("text=Yes, it is unaltered")


def test_an_agent_stops_and_destroys_at_the_page(house: House, desk: tuple[Page, Page]) -> None:
    """What the agent stops there is erased, the caller alone hears it confirmed, and nobody finds it."""
    anna, quinn = desk
    call, agent = talk(house)
    expect(anna.locator("#now .light.on")).to_be_visible(timeout=8000)
    anna.click("summary:has-text('Stop and destroy')")
    anna.click("button:has-text('Stop and destroy')")
    anna.wait_for_selector("main .notice.good")
    recording = str(house.register.call(house.last_call()).recording)
    house.wait_state(recording, "erased")
    time.sleep(1.5)
    call.hangup()
    call.wait_ended()

    confirmed, _ = VOICES["withdrawn"]
    assert seconds_of(call.heard(), confirmed) > 0.5
    assert seconds_of(agent.heard(), confirmed) == 0
    answer = quinn.goto(f"{house.page}/recordings/{recording}")
    assert answer is not None and answer.status == 404
