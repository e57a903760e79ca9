"""What is looked at in a browser is every page that there is."""

from __future__ import annotations

from tests.browser import stage
from tests.web.house import House


def test_every_page_is_looked_at() -> None:
    """A route that answers a GET is a page that is tried in a browser, or is said to be none."""
    house = stage.full(House)
    addresses = house.app.url_map.bind("localhost")
    paths = [stage.place(house, name).partition("?")[0] for name in (*stage.PAGES, *stage.OPEN)]
    looked_at = {addresses.match(path)[0] for path in paths}
    every = {
        rule.endpoint
        for rule in house.app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and rule.endpoint != "static"
        and not rule.endpoint.startswith("api.")
    }
    assert every - looked_at == set(stage.NO_PAGE)


def test_there_is_a_picture_of_every_page() -> None:
    """docs/screens has each page at both widths, and none of a page that is no more."""
    names = {f"{name}-{width}.png" for name in (*stage.PAGES, *stage.OPEN) for width in (1280, 390)}
    assert {file.name for file in stage.SCREENS.iterdir()} == names
