"""Pictures of every page into docs/screens: `python -m tools.screens`; 1280 pixels light, 390 dark."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.browser import stage
from tests.web.house import House

SIZES = ((1280, 800, "light"), (390, 780, "dark"))


def main() -> None:
    """Take them, in place of those that are there."""
    with TemporaryDirectory() as prompts:
        take(stage.full(prompts=Path(prompts)))


def take(house: House) -> None:
    """Take them of one house."""
    with stage.served(house) as address, stage.browser() as chrome:
        for width, height, look in SIZES:
            people = {}
            for name in sorted({"officer", *stage.WHO.values()}):
                context = chrome.new_context(color_scheme=look, viewport={"width": width, "height": height})
                people[name] = context.new_page()
                stage.sign_in(people[name], address, name)
            stage.declare(people["manager"], address, "disputes")
            for name in stage.PAGES:
                page = people[stage.WHO.get(name, "officer")]
                page.goto(address + stage.place(house, name))
                if name == "recording":
                    page.wait_for_selector("#wave:not([hidden])")
                    page.wait_for_timeout(300)
                page.screenshot(path=str(stage.SCREENS / f"{name}-{width}.png"))
            fresh = chrome.new_context(
                color_scheme=look, viewport={"width": width, "height": height}
            ).new_page()
            for name in stage.OPEN:
                fresh.goto(address + stage.place(house, name))
                fresh.screenshot(path=str(stage.SCREENS / f"{name}-{width}.png"))


if __name__ == "__main__":
    main()
