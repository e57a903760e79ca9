"""The page for people who enlarge it, cannot see its colours, hear it read out, or hold it on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import stage
from tests.browser.test_browser import opened, until
from tests.web.house import House

pytestmark = pytest.mark.slow

WIDER = """() => document.documentElement.scrollWidth > innerWidth
    ? [...document.querySelectorAll("body *")]
        .filter((one) => one.checkVisibility() && !one.closest(".scroll, pre"))
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .map((one) => one.outerHTML.slice(0, 80)).slice(0, 3)
    : []"""
HEADINGS = """() => {
    const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
        .filter((one) => one.checkVisibility()).map((one) => Number(one.tagName[1]));
    const leaps = levels.filter((level, at) => level > (levels[at - 1] ?? 0) + 1);
    return levels.filter((level) => level === 1).length === 1 && !leaps.length ? [] : [levels.join(" ")];
}"""
SMALL = """() => {
    const pressed = "a[href], button, summary, select, input:not([type=hidden])";
    const targets = [...document.querySelectorAll(pressed)]
        .filter((one) => one.checkVisibility() && one.getClientRects().length && !one.matches(".skip"))
        .map((one) => one.matches("[type=radio], [type=checkbox]") ? one.closest("label") ?? one : one);
    const box = (one) => one.getBoundingClientRect();
    const small = (one) => box(one).width < 24 || box(one).height < 24;
    const inWords = (one) => getComputedStyle(one).display.startsWith("inline")
        && [...one.parentElement.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    const centre = (one) => [box(one).x + box(one).width / 2, box(one).y + box(one).height / 2];
    const crowded = (one) => targets.some((other) => {
        if (other === one || other.contains(one) || one.contains(other)) return false;
        const [x, y] = centre(one), there = box(other), [ox, oy] = centre(other);
        const beside = Math.max(there.x - x, 0, x - there.right);
        const above = Math.max(there.y - y, 0, y - there.bottom);
        const away = small(other) ? Math.hypot(ox - x, oy - y) - 12 : Math.hypot(beside, above);
        return away < 12;
    });
    return targets.filter((one) => small(one) && !inWords(one) && crowded(one))
        .map((one) => one.outerHTML.slice(0, 90));
}"""
"""Targets below 24 px whose circle of 24 px meets another (WCAG 2.2, 2.5.8), but for links in words."""


def test_every_page_can_be_enlarged_and_pressed(chrome: Browser, house: House, address: str) -> None:
    """At 320 px, four times enlarged, nothing is cut; all can be pressed; headings leap over no level."""
    people = {
        name: opened(chrome, address, name, locale="de-DE")[0]
        for name in sorted({"officer", *stage.WHO.values()})
    }
    stage.declare(people["manager"], address, "disputes")
    stranger = chrome.new_context(locale="de-DE").new_page()
    found: dict[str, list[str]] = {}
    for name in (*stage.PAGES, *stage.OPEN):
        page = people[stage.WHO.get(name, "officer")] if name in stage.PAGES else stranger
        page.goto(address + stage.place(house, name))
        for width in (320, 640, 1280):
            page.set_viewport_size({"width": width, "height": 640})
            page.evaluate("document.querySelectorAll('details:not(.menu)').forEach((one) => one.open = true)")
            found[f"{name} {width}"] = [
                fault for look in (WIDER, SMALL, HEADINGS) for fault in page.evaluate(look)
            ]
    assert {name: told for name, told in found.items() if told} == {}


def test_a_crowd_of_small_targets_is_found(chrome: Browser) -> None:
    """What the test above looks for it finds."""
    page = chrome.new_page(viewport={"width": 320, "height": 400})
    page.set_content("<h2>a</h2><button style='all:unset'>x</button><button style='all:unset'>y</button>")
    assert len(page.evaluate(SMALL)) == 2
    assert page.evaluate(HEADINGS) == ["2"]
    page.set_content("<h1>a</h1><p style='width: 400px'>wide</p>")
    assert page.evaluate(WIDER)
    assert page.evaluate(HEADINGS) == page.evaluate(SMALL) == []


def test_pictures_are_told_in_numbers(chrome: Browser) -> None:
    """The waveform says its length and how much of each side is heard, the chart the share that agreed."""
    with stage.served(stage.full()) as address:  # where one side talks, then the other
        page, _ = opened(chrome, address, "manager")
        stage.declare(page, address, "disputes")
        page.goto(f"{address}/recordings/rsales001")
        page.wait_for_selector("#wave:not([hidden])")
        told = page.get_attribute("#wave", "aria-label") or ""
        assert told.startswith("Waveform, 1:00 long. Heard in it: Above: the caller ")
        left, right = (int(part.split(" %")[0].split()[-1]) for part in told.split(", Below: your side"))
        assert 40 < left < 90 and 20 < right < 60 and left + right < 110, told
        page.goto(f"{address}/today")
        assert "per cent of those asked agreed" in (page.get_attribute("svg.chart", "aria-label") or "")
        page.click("text=Day by day")
        assert page.is_visible("text=23 Nov 2026 >> nth=0")


def test_only_changes_are_read_out(chrome: Browser, house: House, address: str) -> None:
    """While nothing changes nothing is replaced; the end of a call changes list and number."""
    page, complaints = opened(chrome, address, "officer")
    page.evaluate("document.getElementById('now').dataset.same = 'yes'")
    with page.expect_response("**/today/now*") as asked:
        pass
    assert asked.value.status == 204
    assert page.get_attribute("#now", "data-same") == "yes"

    house.register.beat(
        "pbx-1", house.clock.now(), {"calls": 0, "asterisk": True, "spool_room": 96, "now": []}
    )
    until(page, "!document.getElementById('now').dataset.same")
    assert page.is_visible("text=Nobody is calling.")
    assert page.inner_text("#tile-calls strong") == "0"
    assert page.get_attribute(".tiles", "aria-live") == "polite"
    assert complaints == []


def test_colours_of_the_readers_own_lose_nothing(chrome: Browser, address: str) -> None:
    """In forced colours lights keep theirs and chips have an edge; who wants no motion gets none."""
    context = chrome.new_context(forced_colors="active", reduced_motion="reduce")
    page = context.new_page()
    stage.sign_in(page, address, "officer")
    colour = "(one) => getComputedStyle(one, '::before').backgroundColor"
    lights = page.evaluate(f"[...document.querySelectorAll('.light')].map({colour})")
    assert len(lights) == 3 and len(set(lights)) == 2, lights
    assert page.evaluate("getComputedStyle(document.querySelector('.chip')).borderTopWidth") == "1px"
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].some((one) => getComputedStyle(one).transitionDuration !== '0s')"
    )
    assert not moving


def test_a_recording_on_paper(chrome: Browser, address: str) -> None:
    """What is printed is what is said of it, dark on white, without what can be pressed."""
    page, _ = opened(chrome, address, "manager", "dark")
    page.goto(f"{address}/recordings/rsales001/proof")
    page.emulate_media(media="print")
    for said in (
        "#proof >> text=Yes, it is unaltered.",
        "text=What was done with it",
        ".list >> text=disputes",
    ):
        assert page.is_visible(said), said
    assert _shown(page, "form, button, audio, nav, .deeds, .foot") == 0
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(37, 51, 58)"
    assert page.pdf(format="A4")[:5] == b"%PDF-"


def _shown(page: Page, what: str) -> int:
    return sum(1 for one in page.query_selector_all(what) if one.is_visible())
