"""Before the talk, on a real Asterisk: who is asked nothing, and in which language the others are."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from asterisk_gdpr.core.receipt import is_code
from asterisk_gdpr.core.requests import Right
from asterisk_gdpr.rig.debian import Programs
from asterisk_gdpr.rig.phone_call import PhoneCall
from asterisk_gdpr.rig.sound import Samples, seconds_of, spans, tone
from tests.live.house import VOICES as PROMPTS
from tests.live.house import House, within
from tests.live.listening import Watcher, listen

pytestmark = pytest.mark.live

VOICES = {part: hz for part, (hz, _) in PROMPTS.items()}
AGENT_HZ = 1000
LATE = 40_000  # of a stream that Debian's Asterisk takes for late, unless its capture is a fresh one


def _fax_line(number: str, context: str) -> str:
    """A trunk on which Asterisk listens for fax machines, by the number that they show."""
    return f"""[{number}]
type = endpoint
context = {context}
identify_by = username
disallow = all
allow = ulaw
direct_media = no
dtmf_mode = rfc4733
fax_detect = yes
fax_detect_timeout = 15
"""


FAX, FAX_WITH_OWN = "+493055500001", "+493055500002"
PJSIP = _fax_line(FAX, "from-trunk") + _fax_line(FAX_WITH_OWN, "faxes")
EXTRA = """exten => fax-connect,1,Gosub(asterisk-gdpr,connect,1(support,PJSIP/ben,8))
exten => fax-told,1,Set(FAXOPT(faxdetect)=cng,15)
 same => n,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(PJSIP/carla,20)
exten => served,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(PJSIP/anna,20,g)
 same => n,Gosub(asterisk-gdpr,privacy,1(rights))
exten => early-connect,1,Gosub(asterisk-gdpr,connect,1(early,PJSIP/anna,8))
exten => ivr,1,Set(GDPR_LANGUAGE=en)
 same => n,Set(CALLERID(dnid)=03055500)
 same => n,Goto(both,1)
exten => channel,1,Set(CHANNEL(language)=en_GB)
 same => n,Goto(both,1)
exten => both,1,Gosub(asterisk-gdpr,notice,1(both))
 same => n,Hangup()
[from-agents]
exten => colleague,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(PJSIP/ben,20)
[faxes]
exten => support,1,Gosub(asterisk-gdpr,notice,1(support))
 same => n,Dial(PJSIP/anna)
exten => fax,1,Log(NOTICE,our own fax after ${GDPR_CHOICE})
 same => n,Dial(PJSIP/carla)
"""


@pytest.fixture(scope="module")
def house(programs: Programs) -> Iterator[House]:
    """A house that fax machines may call."""
    with House(programs, EXTRA, files={"pjsip.conf": PJSIP}) as house:
        house.pbx.rx("module load res_fax.so")  # which has FAXOPT()
        house.phones.sound("cng", np.concatenate((tone(1100, 0.5), np.zeros(3 * 8000, np.int16))))
        yield house


@pytest.mark.parametrize(
    ("extension", "number", "name"),
    [("support", FAX, "anna"), ("fax-connect", FAX, "ben"), ("fax-told", "+493055500003", "carla")],
)
def test_a_fax_passes_without_a_notice(house: House, extension: str, number: str, name: str) -> None:
    """At a fax machine's tone the call goes on, unrecorded: found by the trunk's setting, or FAXOPT's."""
    agent = house.phones.agent(name, tone=AGENT_HZ, answer_after=0.0)
    with Watcher(house) as watcher:
        call = house.phones.call(extension, number=number, script="play cng")
        taken = agent.wait_new().wait_answered()
        within(lambda: seconds_of(call.heard(), AGENT_HZ) > 0.5 or None, 8)
        call.hangup()
        taken.wait_ended()
        told = house.wait_ended(house.last_call())

    assert (told["choice"], told["recording"], watcher.seen) == ("fax", None, set())
    assert taken.answered_at and call.started_at and taken.answered_at - call.started_at < 1.5
    assert 0.1 < seconds_of(call.heard(), VOICES["statement"]) < 0.9
    assert house.register.alarms() == []


def test_the_dialplans_own_fax_extension_has_a_fax(house: House) -> None:
    """Where the calling context has a `fax`, the call is led there, as Asterisk would have without us."""
    carla = house.phones.agent("carla", tone=AGENT_HZ, answer_after=0.0)
    call = house.phones.call("support", number=FAX_WITH_OWN, script="play cng")
    carla.wait_new().wait_answered()
    call.hangup()
    told = house.wait_ended(house.last_call())

    assert (told["choice"], told["recording"]) == ("fax", None)
    assert "our own fax after fax" in house.pbx.log()


def test_colleagues_are_not_told_and_not_recorded(house: House) -> None:
    """A call from an agent's phone is connected at once, whatever line the dialplan names."""
    ben = house.phones.agent("ben", tone=AGENT_HZ, answer_after=0.0)
    with Watcher(house) as watcher:
        call = house.phones.call("colleague", endpoint="anna", script="tone 400; wait 1.5; hangup")
        agent = ben.wait_new().wait_answered()
        call.wait_ended()
        told = house.wait_ended(house.last_call())

    assert call.started_at is not None and agent.answered_at is not None
    assert agent.answered_at - call.started_at < 1.0
    assert (told["choice"], told["recording"], watcher.seen) == ("exempt", None, set())
    assert seconds_of(call.heard(), VOICES["statement"]) == 0 and seconds_of(call.heard(), AGENT_HZ) > 1


def test_calls_within_the_house_have_a_line_where_the_policy_names_one(house: House) -> None:
    """Then colleagues hear the notice, and are recorded by the rules of that line."""
    file = house.installation / "policy.yaml"
    policy = file.read_text()
    file.write_text(policy + "internal: {line: told}\n")
    house.command("reload")
    try:
        ben = house.phones.agent("ben", tone=AGENT_HZ, answer_after=0.0, hang_up_after=3.0)
        call = house.phones.call("colleague", endpoint="anna", script="tone 400")
        ben.wait_new().wait_ended()
        call.wait_ended()
    finally:
        file.write_text(policy)
        house.command("reload")
    told = house.wait_sealed(house.last_call())

    assert (told["line"], told["choice"]) == ("told", "not_objected")
    assert seconds_of(call.heard(), VOICES["statement"]) == pytest.approx(1.0, abs=0.15)
    left, right = listen(house, told["recording"])
    assert seconds_of(left, 400) > 2 and seconds_of(right, AGENT_HZ) > 2


def test_a_number_on_the_never_list_is_connected_at_once(house: House) -> None:
    """It hears no notice, is in no recording, and is written nowhere in the clear."""
    number = "+4915112345201"
    listed = house.command("never", "add", number)
    time.sleep(1.5)  # what is in force is looked at once a second
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.0)
    with Watcher(house) as watcher:
        call = house.phones.call("sales", number=number, script="tone 400; wait 2; hangup")
        agent = anna.wait_new().wait_answered()
        call.wait_ended()
        told = house.wait_ended(house.last_call())

    assert call.started_at is not None and agent.answered_at is not None
    assert agent.answered_at - call.started_at < 1.0
    assert (told["choice"], told["recording"], watcher.seen) == ("never", None, set())
    assert seconds_of(call.heard(), VOICES["statement"]) == 0
    assert number not in listed + house.command("never", "list") + house.log("run")
    house.command("never", "remove", "--caller", number)


def test_a_call_that_is_not_drawn_is_connected_at_once(house: House) -> None:
    """On a line with a share of 0 nobody is told, asked or recorded; the evidence says how it was drawn."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.0)
    call = house.phones.call("rare", number="+4915112345210", script="tone 400; wait 1.5; hangup")
    agent = anna.wait_new().wait_answered()
    call.wait_ended()
    told = house.wait_ended(house.last_call())

    assert call.started_at is not None and agent.answered_at is not None
    assert agent.answered_at - call.started_at < 1.0
    assert (told["choice"], told["recording"]) == ("sampled_out", None)
    draw = house.evidence(told["id"])["draw"]
    seeded = {entry.payload["day"] for entry in house.register.entries() if entry.kind == "sampling-seeded"}
    assert (draw["share"], draw["offered"]) == (0, False) and draw["day"] in seeded


def test_a_withheld_number_is_never_recorded_where_the_line_says_so(house: House) -> None:
    """Who shows no number is connected at once on such a line."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.0)
    call = house.phones.call("shy", script="tone 400; wait 2; hangup")
    anna.wait_new().wait_answered()
    call.wait_ended()
    told = house.wait_ended(house.last_call())

    assert (told["choice"], told["recording"]) == ("never", None)
    assert seconds_of(call.heard(), VOICES["statement"]) == 0


def test_by_the_privacy_line_a_caller_locks_and_forbids(house: House) -> None:
    """Sent there after a talk: it is recorded no further, all is told, it is locked; six things a day."""
    number = "+4915112345203"
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.1, hang_up_after=2.0)
    before = house.register.requests()
    asks_seven_times = "wait 0.3; key 4; wait 0.3; key 1; " * 7
    script = f"tone 400; {asks_seven_times}; wait 1; hangup"
    other = house.phones.call("privacy", number="+4915112345208", script=script)
    call = house.phones.call("served", number=number, script="tone 400")
    anna.wait_new().wait_ended()
    hears(call, "privacy_menu")
    hears(call, "details", press="1")
    for key, part in (("2", "privacy_confirm"), ("1", "privacy_locked")):
        hears(call, part, press=key)
    recording = house.wait_sealed(house.last_call())["recording"]
    assert house.recording(recording)["restricted"] and house.register.keys(recording)
    hears(call, "privacy_menu")
    for key, part in (("3", "privacy_confirm"), ("1", "privacy_never")):
        hears(call, part, press=key)
    call.hangup()
    call.wait_ended()
    left, _ = listen(house, recording)
    assert 1.5 < seconds_of(left, 400) < 2.6, "the talk alone"
    other.wait_ended()
    opened = sorted(one.right for one in house.register.requests() if one not in before)
    assert opened == [Right.ACCESS] * 6 + [Right.ERASURE], "a number has six things done in a day"
    assert seconds_of(other.heard(), VOICES["privacy_later"]) > 0.6

    time.sleep(1.5)
    house.phones.call("sales", number=number, script="tone 400; wait 1; hangup").wait_ended()
    assert house.wait_ended(house.last_call())["choice"] == "never"
    assert number not in house.log("run")


def hears(call: PhoneCall, part: str, *, press: str = "") -> None:
    """The caller hears a part from now on, or because of a key."""
    before = seconds_of(call.heard(), VOICES[part])
    if press:
        call.press(press)
    within(lambda: seconds_of(call.heard(), VOICES[part]) > before + 0.2 or None, 8)


def test_in_early_media_a_key_is_an_answer_and_silence_none(house: House) -> None:
    """The notice is heard before anybody answers; who agrees by key is recorded, who says nothing is not."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.5, sequence=LATE)
    script = "tone 400; wait 1.3; key 1; wait 3.5; hangup"
    agreed = house.phones.call("early", number="+4915112345206", script=script, early=True)
    script = "tone 400; wait 5; hangup"
    silent = house.phones.call("early-connect", number="+4915112345207", script=script, early=True)
    agreed.wait_ended()
    silent.wait_ended()
    rows = {row.choice: row for row in house.register.calls(limit=2)}
    recorded = house.wait_sealed(rows["agreed"].id)["recording"]

    for call, agent in zip((agreed, silent), sorted(anna.calls[anna.before :], key=_answered), strict=True):
        assert call.started_at and call.answered_at and agent.answered_at
        assert call.answered_at > agent.answered_at - 0.1, "answered when the agent answers, and not before"
        statement = spans(call.heard(), VOICES["statement"])
        assert sum(span.seconds for span in statement) == pytest.approx(1.0, abs=0.15)
        assert call.started_at + statement[-1].end < call.answered_at
    left, right = listen(house, recorded)
    assert seconds_of(left, 400) > 1 and seconds_of(right, AGENT_HZ) > 1
    assert seconds_of(right, VOICES["agreed"]) == 0
    assert rows["refused"].recording is None
    told = house.evidence(rows["refused"].id)
    assert (told["early_media"], told["said"]) == (True, ["silence"])
    assert not any(part["heard"] for part in told["notice"])


def _answered(call: PhoneCall) -> float:
    return call.answered_at or 0.0


def test_the_dialled_number_and_a_key_choose_the_language(house: House) -> None:
    """Who dialled the German number hears German, and by a key the next language from the beginning."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.1)
    german = house.phones.call("03055500", number="+33612345678", script="tone 400; wait 4; hangup")
    script = "tone 400; wait 1.2; key 3; wait 3.5; hangup"
    changed = house.phones.call("03055500", number="+33612345679", script=script)
    german.wait_ended()
    changed.wait_ended()
    spoken = {house.evidence(row.id)["language"]: row.language for row in house.register.calls(limit=2)}

    assert spoken == {"de": "de", "en": "de"}, "as it was heard last, and as it was begun"
    assert seconds_of(german.heard(), VOICES["statement-de"]) == pytest.approx(1.0, abs=0.15)
    for heard in ("statement-de", "statement"):
        assert seconds_of(changed.heard(), VOICES[heard]) == pytest.approx(1.0, abs=0.15), heard
    assert anna.calls


def test_an_ivr_the_channel_and_the_country_choose_the_language(house: House) -> None:
    """English where something says so, on a line that begins with German; where nothing does, German."""
    script = "tone 400; wait 0.8; key 2"
    said = {"ivr": "+4915112345211", "channel": "+4915112345212", "both": "+442079460213"}
    english = [house.phones.call(name, number=number, script=script) for name, number in said.items()]
    german = house.phones.call("both", number="+41445550214", script=script)
    for call in (*english, german):
        call.wait_ended()

    for call in english:
        assert seconds_of(call.heard(), VOICES["statement"]) > 0.5, call.line
    assert seconds_of(german.heard(), VOICES["statement-de"]) > 0.5
    rows = house.register.calls(limit=4)
    assert sorted(row.language for row in rows) == ["de", "en", "en", "en"]


def test_what_callers_press_in_the_notice(house: House) -> None:
    """An early yes skips the question; each one is asked; the law survives a no; details, and a repeat."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.0)
    scripts = {
        "sales": "tone 400; wait 0.4; key 1; wait 3; hangup",
        "each": "tone 400; wait 1.3; key 1; wait 4; hangup",
        "duty": "tone 400; wait 1.3; key 2; wait 2.5; hangup",
        "coded": "tone 400; wait 0.4; key 5; wait 1.7; key 7; wait 0.6; key 2; wait 1; hangup",
    }
    calls = {
        line: house.phones.call(line, number=f"+491511234522{at}", script=script)
        for at, (line, script) in enumerate(scripts.items())
    }
    for call in calls.values():
        call.wait_ended()
    told = {row.line: house.wait_ended(row.id) for row in house.register.calls(limit=4)}
    heard = {
        line: {part for part in VOICES if seconds_of(call.heard(), VOICES[part]) > 0.25}
        for line, call in calls.items()
    }

    assert heard == {
        "sales": {"statement", "agreed"},
        "each": {"statement", "question-1", "question-2", "agreed"},
        "duty": {"statement", "question-1", "kept_by_law"},
        "coded": {"statement", "details"},
    }
    assert seconds_of(calls["sales"].heard(), VOICES["statement"]) == pytest.approx(1.0, abs=0.15)
    assert {line: row["choice"] for line, row in told.items()} == {
        "sales": "agreed",
        "each": "partial",
        "duty": "refused",
        "coded": "refused",
    }
    assert house.evidence(told["each"]["id"])["said"] == ["agreed", "silence"]
    purposes = {"sales": ["quality"], "each": ["quality"], "duty": ["orders"]}
    for line, names in purposes.items():
        recording = house.wait_sealed(told[line]["id"])["recording"]
        assert [term.purpose for term in house.register.terms(recording)] == names
        left, right = listen(house, recording)
        assert seconds_of(left, 400) > 0.5 and seconds_of(right, AGENT_HZ) > 0.5, line
    assert told["coded"]["recording"] is None and anna.calls


DIGITS = tuple(range(1500, 2500, 100))
"""The tones of the digits, from 0 on."""


def spelled(heard: Samples) -> str:
    """The digits that were read after the tone that stands before a code, each for 0.3 seconds."""
    begin = max(span.end for span in spans(heard, VOICES["receipt"])) - 0.1
    found = [
        (span.start + 0.3 * each, str(digit))
        for digit, hz in enumerate(DIGITS)
        for span in spans(heard, hz)
        for each in range(round(span.seconds / 0.3))
        if span.start >= begin
    ]
    return "".join(digit for _, digit in sorted(found))


def test_the_code_of_a_call_locks_its_recording_and_tells_nothing(house: House) -> None:
    """It is read after the choice, is nowhere in the clear, and restricts that recording from any phone."""
    anna = house.phones.agent("anna", tone=AGENT_HZ, answer_after=0.1)
    script = "tone 400; wait 1.3; key 1; wait 6; hangup"
    call = house.phones.call("coded", number="+4915112345205", script=script).wait_ended()
    recording = house.wait_sealed(house.last_call())["recording"]
    code = spelled(call.heard())
    assert is_code(code), code
    script = f"tone 400; wait 0.5; key 5; wait 0.5; key {code}; wait 1.5; hangup"
    stranger = house.phones.call("privacy", script=script).wait_ended()

    assert seconds_of(stranger.heard(), VOICES["privacy_code_taken"]) > 0.4
    assert house.recording(recording)["restricted"] and house.register.keys(recording)
    assert code not in house.log("run") and code.encode() not in register_bytes(house)
    assert anna.calls


def register_bytes(house: House) -> bytes:
    """Everything that the register has on disk."""
    folder = house.installation / "state"
    return b"".join(path.read_bytes() for path in folder.glob("register.db*"))
