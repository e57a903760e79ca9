"""Pictures of every page into docs/screens: `python -m tools.screens`; 1280 pixels light, 390 dark."""

from __future__ import annotations

from pathlib import Path

from tests.browser import stage

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "screens"
SIZES = ((1280, 800, "light"), (390, 780, "dark"))


def main() -> None:
    """Take them, in place of those that are there."""
    house = stage.full()
    with stage.served(house) as address, stage.browser() as chrome:
        for width, height, look in SIZES:
            people = {}
            for name in ("officer", "manager", "admin", "agent", "quality"):
                context = chrome.new_context(color_scheme=look, viewport={"width": width, "height": height})
                people[name] = context.new_page()
                stage.sign_in(people[name], address, name)
            stage.declare(people["manager"], address, "disputes")
            for name, path in stage.PAGES.items():
                page = people[stage.WHO.get(name, "officer")]
                page.goto(address + path)
                if name == "recording":
                    page.wait_for_selector("#wave:not([hidden])")
                    page.wait_for_timeout(300)
                page.screenshot(path=str(FOLDER / f"{name}-{width}.png"))
            fresh = chrome.new_context(
                color_scheme=look, viewport={"width": width, "height": height}
            ).new_page()
            for name, path in stage.OPEN.items():
                fresh.goto(address + path)
                fresh.screenshot(path=str(FOLDER / f"{name}-{width}.png"))


if __name__ == "__main__":
    main()
