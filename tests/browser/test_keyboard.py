"""The main ways through the offices by keyboard alone, and the errors of forms, in a real Chromium."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Browser, Download, Page

from asterisk_gdpr.core.requests import Status
from tests.browser import stage
from tests.browser.test_browser import faults, press_to, tab_until
from tests.playback.world import PASSPHRASE
from tests.web.house import House

pytestmark = pytest.mark.slow

SUMMARY = "document.activeElement.tagName === 'SUMMARY' && !!document.activeElement.closest('{}')"
SUBMIT = "document.activeElement.type === 'submit' && !!document.activeElement.closest('{}')"
PageOf = Callable[[str], Page]
MISTYPED = stage.CODE[:-1] + ("0" if stage.CODE[-1] != "0" else "1")


@pytest.fixture
def page_of(chrome: Browser, address: str) -> Iterator[PageOf]:
    """Somebody's page, by name."""
    contexts = []

    def opened(name: str) -> Page:
        context = chrome.new_context()
        contexts.append(context)
        page = context.new_page()
        stage.sign_in(page, address, name)
        return page

    yield opened
    for context in contexts:
        context.close()


def to_field(page: Page, name: str) -> None:
    """Go to a field by Tab."""
    tab_until(page, f"document.activeElement.name === {name!r}", 200)


def told(page: Page, kind: str, words: str) -> None:
    """Wait for a message of the page, and hold it against axe."""
    page.wait_for_selector(f'[role="{kind}"]:has-text({words!r})')
    assert faults(page) == []


def wait_for(page: Page, path: str) -> None:
    """Wait until one is there."""
    page.wait_for_url(re.compile(re.escape(path)))


def test_a_request_from_its_taking_to_its_package_by_keyboard(
    house: House, page_of: PageOf, address: str
) -> None:
    """Taken, refused its mistake, identified, its file taken, closed with its letter: without a mouse."""
    page = page_of("officer")
    press_to(page, "Requests")
    wait_for(page, "/requests")
    to_field(page, "right")
    page.keyboard.type("Access")
    to_field(page, "number")
    page.keyboard.type("nonsense")
    page.keyboard.press("Enter")
    told(page, "alert", "number")
    to_field(page, "number")
    page.keyboard.press("Control+A")
    page.keyboard.type("+49 30 901005")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/requests/\w+"))
    request = page.url.rsplit("/", 1)[1]
    to_field(page, "how")
    page.keyboard.type("Called")
    tab_until(page, "document.activeElement.value === 'identify'")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Hand out copies")
    to_field(page, "passphrase")
    page.keyboard.type("correct horse battery")
    tab_until(page, "document.activeElement.value === 'package'")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    download: Download = waiting.value
    assert download.suggested_filename == f"{request}.zip.age"
    tab_until(page, "document.activeElement.value === 'fulfil'")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=It is shown this once")
    assert faults(page) == []
    assert house.register.request(request).status is Status.FULFILLED


def test_an_evaluation_and_a_clip_by_keyboard(house: House, page_of: PageOf, address: str) -> None:
    """Refused while a point is missing, given, laid beside others; a clip is shared and taken back."""
    page = page_of("quality")
    page.goto(f"{address}/recordings/rsales001/evaluations")
    for item in ("greeting", "solution"):
        tab_until(page, f"document.activeElement.name === 'points.{item}'", 200)
        page.keyboard.press("Space")
    to_field(page, "comment")
    page.keyboard.type("Given by keyboard.")
    tab_until(page, "document.activeElement.type === 'submit'")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Given by keyboard.")
    assert faults(page) == []

    sharer = page_of("supervisor")
    press_to(sharer, "Clips")
    wait_for(sharer, "/clips")
    press_to(sharer, "Take it back")
    told(sharer, "status", "taken back")
    assert house.register.clips_of("quality", house.clock.now()) == []


def test_prompts_are_handed_in_by_keyboard(
    house: House, page_of: PageOf, address: str, tmp_path: Path
) -> None:
    """From the lines to a part, its form unfolded, refused what is no sound, taken what is one."""
    page = page_of("manager")
    press_to(page, "Lines and policy")
    wait_for(page, "/lines")
    press_to(page, "What callers hear")
    wait_for(page, "/lines/prompts")
    for name, file in (("alert", b"no sound"), ("status", _voice())):
        path = tmp_path / f"{name}.wav"
        path.write_bytes(file)
        if name == "alert":
            tab_until(page, SUMMARY.format("article"))
            page.keyboard.press("Enter")
            to_field(page, "file")
        assert page.evaluate("document.activeElement.name") == "file", "what was refused stays unfolded"
        page.set_input_files("details[open] [name=file]", path)  # the system's own window has keys of its own
        tab_until(page, SUBMIT.format("details[open]"))
        page.keyboard.press("Enter")
        told(page, name, "sound file" if name == "alert" else "Taken")
    assert page.is_visible("text=human voice")


def test_the_escrow_key_and_the_vault_by_keyboard(
    house: House, page_of: PageOf, address: str, tmp_path: Path
) -> None:
    """Locked, unlocked after a wrong passphrase, and an escrow key that is none is refused."""
    page = page_of("admin")
    tab_until(page, "document.activeElement.getAttribute('href') === '/vault'")
    page.keyboard.press("Enter")
    wait_for(page, "/vault")
    press_to(page, "Lock")
    told(page, "status", "locked")
    for words, kind in (("wrong", "alert"), (PASSPHRASE, "status")):
        to_field(page, "passphrase")
        page.keyboard.type(words)
        page.keyboard.press("Enter")
        told(page, kind, "")
    assert house.keeper.unlocked
    (tmp_path / "key.json").write_text("{}")
    tab_until(page, SUMMARY.format("#escrow"))
    page.keyboard.press("Enter")
    page.set_input_files("#escrow [name=file]", tmp_path / "key.json")
    tab_until(page, "document.activeElement.name === 'passphrase'")
    page.keyboard.type("whatever it is")
    page.keyboard.press("Enter")
    told(page, "alert", "")


def test_holds_agents_and_the_never_list_by_keyboard(house: House, page_of: PageOf, address: str) -> None:
    """Each form refuses what is missing beside itself, and takes what is whole."""
    page = page_of("officer")
    page.goto(f"{address}/holds")
    for name, words in (("case", "LG-9"), ("why", "The contract is disputed."), ("recordings", "rnowhere")):
        to_field(page, name)
        page.keyboard.type(words)
    to_field(page, "ground")
    page.keyboard.press("ArrowDown")
    to_field(page, "until")
    page.keyboard.type("01312027")
    tab_until(page, SUBMIT.format("form:has([name=case])"))
    page.keyboard.press("Enter")
    told(page, "alert", "recording")
    to_field(page, "recordings")
    page.keyboard.press("Control+A")
    page.keyboard.type("rsales001")
    page.keyboard.press("Enter")
    told(page, "status", "")
    assert "LG-9" in {hold.case for hold in house.register.holds()}

    page.goto(f"{address}/agents")
    for endpoint, kind in (("zoe", "alert"), ("PJSIP/zoe", "status")):
        tab_until(
            page, "document.activeElement.name === 'agent' && document.activeElement.type === 'text'", 200
        )
        page.keyboard.press("Control+A")
        page.keyboard.type(endpoint)
        to_field(page, "version")
        page.keyboard.press("Control+A")
        page.keyboard.type("2026-11")
        page.keyboard.press("Enter")
        told(page, kind, "")

    page.goto(f"{address}/never")
    for number, kind in (("12", "alert"), ("+49 30 901820", "status")):
        to_field(page, "number")
        page.keyboard.press("Control+A")
        page.keyboard.type(number)
        to_field(page, "review")
        page.keyboard.type("01312027")
        tab_until(page, "document.activeElement.value === 'add'")
        page.keyboard.press("Enter")
        told(page, kind, "")


def test_the_receipt_form_by_keyboard(house: House, chrome: Browser, address: str) -> None:
    """A stranger finds the form, is told of a mistyped digit, and has a code taken: without a mouse."""
    page = chrome.new_context().new_page()
    page.goto(f"{address}/privacy")
    press_to(page, "The code of a call")
    wait_for(page, "/privacy/receipt")
    for code, kind in ((MISTYPED, "alert"), (stage.CODE, "status")):
        to_field(page, "code")
        page.keyboard.press("Control+A")
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        told(page, kind, "")


def test_ledger_policy_documents_and_people_by_keyboard(house: House, page_of: PageOf, address: str) -> None:
    """The ledger is searched, verified and taken; an earlier policy is compared; a person is added."""
    page = page_of("officer")
    press_to(page, "Ledger")
    wait_for(page, "/ledger")
    press_to(page, "Check the whole chain")
    told(page, "status", "whole")
    tab_until(page, "document.activeElement.innerText?.trim() === 'Download with a signed head'")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert waiting.value.suggested_filename == "ledger.jsonl"
    press_to(page, "Lines and policy")
    wait_for(page, "/lines")
    tab_until(page, "document.activeElement.getAttribute('href')?.startsWith('/lines/policy')")
    page.keyboard.press("Enter")
    wait_for(page, "/lines/policy")
    assert faults(page) == []

    admin = page_of("admin")
    press_to(admin, "People and roles")
    wait_for(admin, "/people")
    tab_until(admin, "document.activeElement.name === 'name' && document.activeElement.type === 'text'", 400)
    admin.keyboard.type("ada")
    admin.keyboard.press("Enter")
    told(admin, "alert", "")


def test_documents_and_approvals_by_keyboard(house: House, page_of: PageOf) -> None:
    """A document is taken as a file; a question to a second person is answered, and stands as answered."""
    disputes = replace(house.policy.purposes["disputes"], second_person=True)
    house.policy = replace(house.policy, purposes={**house.policy.purposes, "disputes": disputes})
    page = page_of("officer")
    press_to(page, "Documents")
    wait_for(page, "/documents")
    tab_until(page, "document.activeElement.getAttribute('href')?.includes('kind=record')")
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    assert waiting.value.suggested_filename.startswith("record-")

    press_to(page, "Approvals")
    wait_for(page, "/approvals")
    assert faults(page) == []
    press_to(page, "Approve")
    told(page, "status", "")
    (asked,) = house.register.approvals("rsales001", "manager")
    assert asked.granted and house.register.open_approvals() == []
    asker = page_of("manager")
    press_to(asker, "Approvals")
    wait_for(asker, "/approvals")
    asker.wait_for_selector("text=Approved by officer")
    assert faults(asker) == []


def _voice() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, 0.2 * np.sin(np.arange(16_000) / 6), 16_000, format="WAV")
    return file.getvalue()
