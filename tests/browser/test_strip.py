"""The agent's strip in a real Chromium: it follows the call, and takes nobody's words away."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import stage
from tests.web.house import House
from tests.web.test_strip import daemon

pytestmark = pytest.mark.slow


def tells(house: House, *calls: tuple[str, str, str]) -> None:
    """What the daemon says now: calls with their light and why."""
    agent = house.accounts.user("agent").agent
    told: list[dict[str, Any]] = [
        {"call": call, "phase": "passed", "light": light, "because": why, "agents": [agent]}
        for call, light, why in calls
    ]
    house.register.beat("pbx-1", house.clock.now(), {"asterisk": True, "spool_room": 96, "now": told})


@pytest.fixture
def talking(house: House) -> House:
    """The agent is in a call that is recorded."""
    call = house.register._tables.calls["csales001"]
    house.register._tables.calls["csales001"] = call.__class__(**{**call.__dict__, "ended_at": None})
    tells(house, ("csales001", "on", ""))
    return house


def test_what_an_agent_is_typing_outlives_every_change_of_the_call(
    talking: House, chrome: Browser, address: str
) -> None:
    """Held, paused, resumed, another call beside it, over: the words stay, and the caret where it was."""
    page = chrome.new_context().new_page()
    stage.sign_in(page, address, "agent")
    field = page.locator("#call-csales001 [name=reference]")
    page.fill("#call-csales001 [name=text]", "wants the price in writing")
    field.click()
    page.keyboard.type("T-4")
    for light, why in (("muted", "hold"), ("muted", "paused"), ("on", ""), ("muted", "not_cleared")):
        tells(talking, ("csales001", light, why))
        expect(page.locator(f"#now .light.{light}")).to_be_visible(timeout=8000)
        expect(
            page.locator(f"#steer-csales001[value={'resume' if why == 'paused' else 'pause'}]")
        ).to_be_visible()
        assert page.evaluate("document.activeElement.name") == "reference", (light, why)
        page.keyboard.type("7")
    tells(talking, ("csales001", "on", ""), ("now0", "preparing", ""))
    expect(page.locator("#call-now0")).to_be_visible(timeout=8000)
    assert field.input_value() == "T-47777"
    tells(talking)
    expect(page.locator("#call-csales001")).to_contain_text("not saved", timeout=8000)
    assert page.is_hidden("#call-now0"), "nobody wrote there"
    assert page.evaluate("document.activeElement.name") == "reference"
    page.keyboard.type("8")
    assert field.input_value() == "T-477778"
    assert page.input_value("#call-csales001 [name=text]") == "wants the price in writing"


def test_a_press_takes_no_words_of_another_field(talking: House, chrome: Browser, address: str) -> None:
    """Pausing leaves both fields; keeping a reference empties that one alone; a refused one stays."""
    page = chrome.new_context().new_page()
    stage.sign_in(page, address, "agent")
    page.fill("[name=text]", "a note")
    page.fill("[name=reference]", "not one")
    with daemon(talking, "paused"):
        page.click("text=Pause")
        page.wait_for_selector("#said .notice.good")
    page.click("text=Keep")
    page.wait_for_selector("#said [role=alert]")
    assert page.input_value("[name=reference]") == "not one"
    page.fill("[name=reference]", "T-4711")
    page.keyboard.press("Enter")
    page.wait_for_selector("#said .notice.good")
    expect(page.locator("[name=reference]")).to_have_value("")
    assert page.evaluate("document.activeElement.name") == "reference"
    assert page.input_value("[name=text]") == "a note"
    assert re.search(r"/strip$", page.url)
