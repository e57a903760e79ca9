"""The strip for an agent's own call: what it shows, what it asks of the daemon, and for whom."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from asterisk_gdpr.core.recording import State
from asterisk_gdpr_web.settings import EXTENSION
from tests.web.house import House

NODE = "pbx-1"


@pytest.fixture
def anna(house: House) -> str:
    """The agent who the user `agent` is; returns the agent's id."""
    agent = house.app.extensions[EXTENSION].services.office.agents.add("PJSIP/anna", "1")
    house.accounts.change("agent", ["agent"], [], agent.id)
    return agent.id


def talking(house: House, agent: str, light: str = "on", because: str = "") -> None:
    """A call that goes on, with an agent in it, as a daemon tells of it."""
    told = {"call": "csales001", "phase": "passed", "light": light, "because": because, "agents": [agent]}
    house.register.beat(NODE, house.clock.now(), {"now": [told], "asterisk": True, "spool_room": 90})
    call = house.register._tables.calls["csales001"]
    house.register._tables.calls["csales001"] = call.__class__(**{**call.__dict__, "ended_at": None})


@contextmanager
def daemon(house: House, outcome: str) -> Iterator[list[str]]:
    """A daemon that answers every command in the same way; yields what it was asked."""
    asked: list[str] = []
    done = threading.Event()

    def answer() -> None:
        while not done.is_set():
            for command in house.register.asked(NODE):
                asked.append(command.verb)
                house.register.answer(command.id, outcome, house.clock.now())
            time.sleep(0.01)

    thread = threading.Thread(target=answer)
    thread.start()
    yield asked
    done.set()
    thread.join()


def test_an_agent_sees_their_own_call_and_no_other(house: House, anna: str) -> None:
    """The recording's state of the call that they are in, and nothing of other calls or of numbers."""
    visitor = house.person("agent")
    assert "You are in no call" in visitor.get("/strip").text
    talking(house, "a-somebody-else")
    assert "You are in no call" in visitor.get("/strip").text
    talking(house, anna, "muted", "hold")
    shown = visitor.get("/strip").text
    assert "Recording: Muted: on hold" in shown
    assert "+49" not in shown

    house.clock.pass_by(seconds=20)
    assert "You are in no call" in visitor.get("/strip").text


def test_an_account_without_an_agent_is_told_so(house: House) -> None:
    """Whoever is joined to no agent sees no call, and what to do."""
    assert "not joined to an agent" in house.person("agent").get("/strip").text


@pytest.mark.parametrize(
    ("deed", "verb", "outcome", "words"),
    [
        ("pause", "pause", "paused", "The recording is paused"),
        ("resume", "resume", "not_paused", "was not paused"),
        ("stop", "stop", "held", "somebody has placed a hold"),
    ],
)
def test_what_came_of_a_press_is_shown(
    house: House, anna: str, deed: str, verb: str, outcome: str, words: str
) -> None:
    """The page asks, the daemon answers, and the answer is what the agent reads; the ledger has both."""
    talking(house, anna)
    visitor = house.person("agent")
    with daemon(house, outcome) as asked:
        answer = visitor.post("/strip", call="csales001", do=deed)
    assert asked == [verb]
    assert words in visitor.get(answer.location).text
    assert house.told("command-given")[-1]["user"] == "agent"
    assert house.told("command-answered")[-1]["outcome"] == outcome


def test_a_daemon_that_is_silent_is_told(house: House, anna: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told that something was done which nobody has done."""
    monkeypatch.setattr("asterisk_gdpr.service.call.commands.STALE", 0.05)
    talking(house, anna)
    assert house.person("agent").post("/strip", call="csales001", do="stop").status_code == 503


def test_nobody_steers_a_call_of_others(house: House, anna: str) -> None:
    """A call that the agent is not in does not exist for them: nothing is asked of the daemon."""
    talking(house, "a-somebody-else")
    visitor = house.person("agent")
    assert visitor.post("/strip", call="csales001", do="stop").status_code == 404
    assert visitor.post("/strip/mark", call="csales001").status_code == 404
    assert visitor.post("/strip/reference", call="csales001", reference="T-1").status_code == 404
    talking(house, anna)
    assert visitor.post("/strip", call="csales001", do="withdraw").status_code == 400
    assert "command-given" not in house.kinds()


def test_a_moment_is_marked_and_a_reference_kept(house: House, anna: str) -> None:
    """The mark stands where the sound has come to; the reference finds the call and is nowhere to be read."""
    talking(house, anna)
    visitor = house.person("agent")
    assert visitor.post("/strip/mark", call="csales001", text="complaint").status_code == 303
    assert [(m.user, m.text) for m in house.register.marks("rsales001")] == [("agent", "complaint")]
    assert visitor.post("/strip/reference", call="csales001", reference="T-4711").status_code == 303
    services = house.app.extensions[EXTENSION].services
    assert [call.id for call in services.office.references.calls_of("t-4711")] == ["csales001"]
    assert "4711" not in repr(house.register.entries()).lower()
    assert visitor.post("/strip/reference", call="csales001", reference="a b c").status_code == 400


def test_the_page_follows_the_call_by_itself(house: House, anna: str) -> None:
    """By pieces, where scripts run: calls that come, their buttons, calls that go; and never by a field."""
    visitor = house.person("agent")
    assert 'hx-get="/strip/now?shown="' in visitor.get("/strip").text
    talking(house, anna)
    come = visitor.get("/strip/now?shown=").text
    assert 'hx-swap-oob="beforeend:#calls"' in come and 'name="reference"' in come
    assert "shown=csales001:r" in come.replace("%3A", ":")
    same = visitor.get("/strip/now?shown=csales001:r").text
    assert "hx-swap-oob" not in same and 'name="text"' not in same
    talking(house, anna, "muted", "paused")
    paused = visitor.get("/strip/now?shown=csales001:r").text
    assert 'value="resume"' in paused and 'name="reference"' not in paused and 'name="text"' not in paused
    house.clock.pass_by(seconds=20)
    gone = visitor.get("/strip/now?shown=csales001:p").text
    assert 'class="over" id="deeds-csales001"' in gone and "not saved" in gone
    assert "hx-swap-oob" not in visitor.get("/strip/now?shown=csales001:x").text
    talking(house, anna)
    assert 'id="deeds-csales001" hx-swap-oob' in visitor.get("/strip/now?shown=csales001:x").text
    assert house.register.recording("rsales001").state is State.SEALED


def test_a_recording_that_begins_brings_its_fields(house: House, anna: str) -> None:
    """While nothing is recorded there is nothing to mark; then the call is drawn anew: nobody wrote yet."""
    talking(house, anna)
    call = house.register._tables.calls["csales001"]
    house.register._tables.calls["csales001"] = dataclasses.replace(call, recording=None)
    visitor = house.person("agent")
    assert 'name="text"' not in visitor.get("/strip").text
    house.register._tables.calls["csales001"] = call
    renewed = visitor.get("/strip/now?shown=csales001:n").text
    assert 'name="text"' in renewed and renewed.count('id="call-csales001"') == 1


def test_without_scripts_no_page_with_a_field_loads_itself(house: House, anna: str) -> None:
    """While there is no call it does, every 15 seconds; beside a field a link stands instead."""
    visitor = house.person("agent")
    assert '<noscript><meta http-equiv="refresh"' in visitor.get("/strip").text
    talking(house, anna)
    page = visitor.get("/strip").text
    assert 'http-equiv="refresh"' not in page and "Look again" in page


def test_a_press_by_script_is_answered_on_the_page_as_it_stands(house: House, anna: str) -> None:
    """What came of it, and which field is kept now; a refusal leaves every word where it is."""
    talking(house, anna)
    visitor = house.person("agent")
    sent = {"csrf_token": visitor.token(), "call": "csales001"}
    for form, kept, words in (
        ({"reference": "T-1"}, "reference", "status"),
        ({"reference": "!"}, None, "alert"),
    ):
        answer = visitor.client.post("/strip/reference", data=sent | form, headers={"HX-Request": "true"})
        assert answer.status_code == 200 and answer.headers.get("X-Kept") == kept
        assert f'role="{words}"' in answer.text and "<html" not in answer.text


def test_admin_joins_an_account_to_an_agent(house: House) -> None:
    """Which agent somebody is stands at their account; one that there is not is refused; nobody ends it."""
    agent = house.app.extensions[EXTENSION].services.office.agents.add("PJSIP/ben", "1")
    admin = house.person("admin")
    admin.post("/people/change", name="agent", role="agent", agent=" PJSIP/ben ")
    assert house.accounts.user("agent").agent == agent.id
    assert 'list="agents" value="PJSIP/ben"' in admin.get("/people").text

    refused = admin.post("/people/change", name="agent", role="agent", agent="PJSIP/nobody")
    assert refused.status_code == 400 and "There is no such agent." in refused.text
    assert house.accounts.user("agent").agent == agent.id
    admin.post("/people/change", name="agent", role="agent", agent="")
    assert house.accounts.user("agent").agent == ""
