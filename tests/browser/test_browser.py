"""The page in a real Chromium, over real sealed recordings: seen, heard, and used by keyboard alone."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import stage
from tests.web.house import PASSWORD, House

pytestmark = pytest.mark.slow

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
FAULTS = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.flatMap(
    (fault) => fault.nodes.map((node) => `${fault.id}: ${node.target.join(" ")}`))"""
BOXES = """[...document.querySelectorAll("{}")].map((each) => each.getBoundingClientRect().toJSON())"""
CUT = """[...document.querySelectorAll(".fields select, .fields input")].filter((field) => {
    const brush = document.createElement("canvas").getContext("2d"), style = getComputedStyle(field);
    brush.font = `${style.fontSize} ${style.fontFamily}`;
    const words = field.placeholder || field.selectedOptions?.[0]?.text || "";
    const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return brush.measureText(words).width > room;
}).map((field) => field.name)"""
"""Fields whose placeholder or chosen option is wider than they are."""


def opened(
    chrome: Browser, address: str, name: str, look: str = "light", **more: object
) -> tuple[Page, list[str]]:
    """A person's page, and what the browser complains of."""
    page = chrome.new_context(color_scheme=look, **more).new_page()  # type: ignore[arg-type]
    complaints: list[str] = []
    page.on(
        "console", lambda told: complaints.append(told.text) if told.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda told: complaints.append(str(told)))
    stage.sign_in(page, address, name)
    return page, complaints


@pytest.mark.parametrize(("look", "locale"), [("light", "en-GB"), ("dark", "de-DE")])
def test_every_page_is_accessible_and_clean(
    chrome: Browser, house: House, address: str, look: str, locale: str
) -> None:
    """axe-core finds nothing on any page, none is wider than a phone, and the browser complains of none."""
    people = {
        name: opened(chrome, address, name, look, locale=locale)
        for name in sorted({"officer", *stage.WHO.values()})
    }
    stage.declare(people["manager"][0], address, "disputes")
    stranger = chrome.new_context(color_scheme=look, locale=locale).new_page()
    found: dict[str, list[str]] = {}
    for name in (*stage.PAGES, *stage.OPEN):
        whose = people[stage.WHO.get(name, "officer")] if name in stage.PAGES else (stranger, [])
        page, complaints = whose
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 800})
            complaints.clear()
            answer = page.goto(address + stage.place(house, name))
            assert answer is not None and answer.status == stage.ERRORS.get(name, 200), name
            if name == "recording":
                page.wait_for_selector("#wave:not([hidden])")
            # before axe, which tries styles of its own; that a page says no is what it is for
            own = [told for told in complaints if name not in stage.ERRORS or "status of" not in told]
            found[f"{name} {width}"] = own + faults(page)
            complaints.clear()

    assert {name: told for name, told in found.items() if told} == {}


def faults(page: Page) -> list[str]:
    """What axe-core says of a page as it is, and whether it is wider than the screen."""
    page.evaluate(AXE)
    told: list[str] = page.evaluate(FAULTS)
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*told, "wider than the screen"] if wide else told


def test_no_page_is_heavy(house: House) -> None:
    """What is sent for a page, without what a browser keeps, is under 100 kB."""
    people = {name: house.person(name) for name in sorted({"officer", *stage.WHO.values()})}
    stranger, heavy = house.visitor(), {}
    for name in (*stage.PAGES, *stage.OPEN):
        visitor = people[stage.WHO.get(name, "officer")] if name in stage.PAGES else stranger
        answer = visitor.get(stage.place(house, name))
        assert answer.status_code == stage.ERRORS.get(name, 200), name
        heavy[name] = len(gzip.compress(answer.data))
    assert {name: size for name, size in heavy.items() if size >= 100_000} == {}


def test_a_recording_is_heard(chrome: Browser, address: str) -> None:
    """Pressing play is hearing: the caller's tone in the left ear, the other's in the right."""
    page, _ = opened(chrome, address, "manager")
    stage.declare(page, address, "disputes")
    page.goto(f"{address}/recordings/rsales001")
    page.wait_for_selector("#wave:not([hidden])")

    left, right = page.evaluate(stage.LOUDEST)
    assert abs(left - 440) < 12
    assert abs(right - 880) < 12


def test_the_waveform_leads_there_and_speeds_count(chrome: Browser, address: str) -> None:
    """A click in the waveform seeks, a speed is taken, keys go back and forth, a mark takes the moment."""
    page, _ = opened(chrome, address, "manager")
    stage.declare(page, address, "disputes")
    page.goto(f"{address}/recordings/rsales001")
    wave = page.wait_for_selector("#wave:not([hidden])")
    assert wave is not None
    box = wave.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    until(page, "document.getElementById('sound').currentTime > 25")
    page.click("text=1.5×")
    assert page.evaluate("document.getElementById('sound').playbackRate") == 1.5
    page.evaluate("document.getElementById('sound').pause(); document.activeElement.blur()")
    before = page.evaluate("document.getElementById('sound').currentTime")
    page.keyboard.press("ArrowLeft")
    until(page, f"Math.abs(document.getElementById('sound').currentTime - {before} + 5) < 0.2")
    until(page, "document.getElementById('moment').value !== '0:00'")


def test_the_way_to_a_listening_by_keyboard_alone(chrome: Browser, address: str) -> None:
    """Sign in, find, declare, open, mark, sign out: without a mouse."""
    page = chrome.new_context().new_page()
    page.goto(f"{address}/sign-in")
    page.keyboard.type("quality")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/today")
    press_to(page, "Recordings")
    page.wait_for_url("**/recordings")
    press_to(page, "23 Nov 2026, 13:00")
    page.wait_for_url("**/recordings/rsales001")
    tab_until(page, "document.activeElement.name === 'purpose'")
    page.keyboard.press("Space")
    tab_until(page, "document.activeElement.name === 'reason'")
    page.keyboard.type("Compl")
    press_to(page, "Start listening")
    page.wait_for_selector("#wave:not([hidden])")
    tab_until(page, "document.activeElement.name === 'text'")
    page.keyboard.type("found by keyboard")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=found by keyboard")
    press_to(page, "Sign out")
    page.wait_for_url("**/sign-in")


def test_without_scripts_all_but_the_waveform_works(chrome: Browser, address: str) -> None:
    """The browser's own player, the proof, marks and the search need no script."""
    page, complaints = opened(chrome, address, "manager", java_script_enabled=False)
    stage.declare(page, address, "disputes")
    page.goto(f"{address}/recordings/rsales001")
    assert page.is_visible("#sound")
    assert not page.is_visible("#wave")
    page.click("text=Check it now")
    assert page.is_visible("text=Yes, it is unaltered")
    page.fill("[name=at]", "0:05")
    page.fill("[name=text]", "by hand")
    page.click("main .note button")
    assert page.is_visible("text=by hand")
    assert complaints == []


def until(page: Page, holds: str) -> None:
    """Wait for something to be so; asked from outside, since the page lets nothing be evaluated inside."""
    for _ in range(100):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never so: {holds}")


def tab_until(page: Page, reached: str, most: int = 120) -> None:
    """Press Tab until something is so."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(reached):
            return
    raise AssertionError(f"not reached by keyboard: {reached}")


def press_to(page: Page, text: str) -> None:
    """Go to what is called so by Tab, and press Enter."""
    tab_until(page, f"document.activeElement.innerText?.trim() === {text!r}")
    page.keyboard.press("Enter")


def test_nothing_touches_its_neighbour_and_nothing_is_cut(
    chrome: Browser, house: House, address: str
) -> None:
    """Cards of a row begin together, those of a column stand apart, and what a field asks for fits."""
    page, _ = opened(chrome, address, "officer")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(address + stage.place(house, "account"))
        boxes = page.evaluate(BOXES.format("main > article, main > article ~ p"))
        assert len(boxes) > 3 and all(b["y"] - a["bottom"] >= 12 for a, b in pairwise(boxes))
        page.goto(address + stage.place(house, "package"))
        boxes = page.evaluate(BOXES.format(".cards > .card"))
        rows = {box["y"] for box in boxes if abs(box["y"] - boxes[0]["y"]) < 60}
        assert len(boxes) == 5 and len(rows) == 1
        page.goto(address + stage.place(house, "requests"))
        assert page.evaluate(CUT) == []
