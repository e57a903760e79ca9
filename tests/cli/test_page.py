"""The page as the configuration wants it."""

from __future__ import annotations

from asterisk_gdpr.cli.page import settings_of
from tests.cli.house import House


def test_the_configuration_reaches_the_page(house: House) -> None:
    """What config.yaml says of https, host names and proxies is what the page is set up with."""
    plain = settings_of(house.open())
    assert (plain.https, plain.proxies) == (False, 0)

    text = house.config.read_text()
    assert "web: {listen:" in text
    house.config.write_text(
        text.replace("web: {listen:", "web: {https: true, proxies: 2, hosts: [calls.example.com], listen:")
    )

    behind = settings_of(house.open())
    assert (behind.https, behind.proxies, behind.trusted_hosts) == (True, 2, ("calls.example.com",))
    assert behind.secret_key == plain.secret_key
