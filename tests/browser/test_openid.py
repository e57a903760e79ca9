"""Signing in by a provider of another site, in a real Chromium: strict cookies do not stop it."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from waitress import create_server

from asterisk_gdpr.adapters.openid import OpenIdProvider
from asterisk_gdpr.rig.instance import free_port
from asterisk_gdpr.rig.provider import CLIENT, PASSWORD, SCOPES, SECRET, Glewlwyd
from asterisk_gdpr_web.settings import EXTENSION, Setup
from tests.browser import stage
from tests.web.house import SETTINGS, House

pytestmark = pytest.mark.slow

SIGN_IN = """async ([name, password, client, scopes]) => {
    const send = (method, path, body) => fetch(path, {
        method, headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
    const first = await send("POST", "/api/auth/", {username: name, password});
    const second = await send("PUT", `/api/auth/grant/${client}`, {scope: scopes});
    location.href = new URLSearchParams(location.search).get("callback_url") + "&g_continue";
    return [first.status, second.status];
}"""
"""What the provider's own form does; its package comes without the libraries that draw it."""


def test_by_way_of_another_site() -> None:
    """From the page to the provider of another site and back, a person ends where they wanted to go."""
    house, port = House(), free_port()
    # Another host name than the provider's is another site to the browser, whatever the machine.
    address = f"http://localhost:{port}"
    with Glewlwyd(f"{address}/sign-in/openid/back", ("officer",)) as glewlwyd, stage.browser() as chrome:
        settings = replace(SETTINGS, provider="Example Staff")
        app = house.page(settings, own=True)
        setup: Setup = app.extensions[EXTENSION]
        provider = OpenIdProvider(glewlwyd.issuer, CLIENT, SECRET, "login")
        app.extensions[EXTENSION] = Setup(replace(setup.services, provider=provider), settings)
        server = create_server(app, host="127.0.0.1", port=port)
        threading.Thread(target=server.run, daemon=True).start()
        try:
            page = chrome.new_page()
            page.goto(f"{address}/requests")
            page.click("text=Example Staff")
            page.wait_for_url(f"http://127.0.0.1:{glewlwyd.port}/login.html*")
            assert page.evaluate(SIGN_IN, ["officer", PASSWORD, CLIENT, SCOPES]) == [200, 200]
            page.wait_for_url(f"{address}/requests")
            assert page.locator("h1").inner_text()
            kept = {cookie["name"]: cookie for cookie in page.context.cookies(address)}
            assert kept["asterisk-gdpr"]["sameSite"] == "Strict"
            assert "errand" not in kept
        finally:
            server.close()
