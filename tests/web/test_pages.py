"""The pages: what a person finds, and what they can do there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_gdpr.core.call.state import Outcome
from asterisk_gdpr.core.policy import Basis, Unit
from asterisk_gdpr.core.recording import Occasion, Reason, State, Tombstone
from asterisk_gdpr.ports import Alarm, RecorderRow
from asterisk_gdpr.service.keys.keeper import seal_file
from tests.playback.world import NOON, NUMBER, PASSPHRASE, PRIVATE
from tests.web.house import PASSWORD, ROLES, SETTINGS, House, Visitor

# --- finding ----------------------------------------------------------------------------------


def test_the_list_shows_what_a_person_may_hear(house: House) -> None:
    """A listener finds the recordings of their purposes in local time, and no others."""
    house.seal("trading01", purposes=("orders",), line="trading")

    mine, theirs = (
        house.person("quality").get("/recordings").text,
        house.person("compliance").get("/recordings").text,
    )

    assert "rsales001" in mine
    assert "rtrading01" not in mine
    assert "23 Nov 2026, 13:00" in mine
    assert "+49 30 901820" in mine
    assert "rtrading01" in theirs
    assert "rsales001" not in theirs


def test_the_offices_see_every_state(house: House) -> None:
    """Officer and auditor see restricted and erased recordings too; the auditor sees no numbers."""
    house.register.restrict("rsales001", NOON, "requested")
    house.seal("sales002")
    house.register.add_tombstone(Tombstone("rsales002", Reason.REQUESTED, NOON, NOON))

    officer, auditor = (
        house.person("officer").get("/recordings").text,
        house.person("auditor").get("/recordings").text,
    )

    for text in (officer, auditor):
        assert "Restricted" in text
        assert "Being erased" in text
    assert "+49 30 901820" in officer
    assert "901820" not in auditor
    assert "901820" not in house.person("auditor").get("/recordings/rsales001").text


@pytest.mark.parametrize("typed", ["+4930901820", "030 90 18 20", "0049 30/901820"])
def test_a_number_is_found_however_it_is_written(house: House, typed: str) -> None:
    """A search for a number finds that caller's recordings alone, and the ledger has the search."""
    house.seal("other0001", number="+4930999999")
    visitor = house.person("quality")

    answer = visitor.post("/recordings/search", number=typed)
    text = visitor.get(answer.location).text

    assert "rsales001" in text
    assert "rother0001" not in text
    assert house.told("number-searched") == [{"user": "quality"}]
    assert "rother0001" in visitor.get("/recordings").text


def test_a_search_for_no_number_says_so(house: House) -> None:
    """What is no number is told, and what was typed stays in the form."""
    answer = house.person("quality").post("/recordings/search", number="12", line="sales")

    assert answer.status_code == 400
    assert "not a telephone number" in answer.text
    assert 'value="12"' in answer.text


def test_an_auditor_cannot_probe_for_numbers(house: House) -> None:
    """Who sees no numbers cannot find out by searching whether one has called."""
    answer = house.person("auditor").post("/recordings/search", number=NUMBER)

    assert answer.status_code == 400
    assert "number-searched" not in house.kinds()


def test_days_are_local_days(house: House) -> None:
    """A search from one day until another means local days, the last one whole."""
    late = NOON.replace(hour=22, minute=59)  # 23:59 in Berlin
    house.seal("late00001", at=late)
    house.seal("next00001", at=late + timedelta(minutes=1))

    text = house.person("quality").get("/recordings?from=2026-11-23&until=2026-11-23").text

    assert "rlate00001" in text
    assert "rnext00001" not in text


def test_every_recording_is_on_exactly_one_page(house: House) -> None:
    """Going from page to page shows each recording once, newest first, while new ones come in."""
    for n in range(120):
        house.seal(f"many{n:05}", at=NOON - timedelta(minutes=n // 2), plan=((80,),))
    visitor = house.person("quality")
    path, seen = "/recordings?line=sales", []
    while path:
        text = visitor.get(path).text
        seen += re.findall(r'href="/recordings/(r\w+)"', text)
        house.seal(f"new{len(seen):06}", at=NOON + timedelta(minutes=5), plan=((80,),))
        older = re.search(r'href="([^"]+)" rel="next"', text)
        path = older[1].replace("&amp;", "&") if older else ""

    assert len(seen) == len(set(seen)) == 121


def test_an_empty_house_says_what_will_be_here() -> None:
    """Without recordings the list explains itself; a search without results says that nothing was found."""
    visitor = House().person("quality")

    assert "No recordings yet" in visitor.get("/recordings").text
    assert "Nothing found" in visitor.get("/recordings?line=support").text


# --- one recording ----------------------------------------------------------------------------


def test_a_recording_says_why_it_exists(house: House) -> None:
    """The page of a recording shows each purpose with basis, end and listeners, and the caller's choice."""
    text = house.person("quality").get("/recordings/rsales001").text

    for words in ("check our service", "Consent", "21 Feb 2027", "Supervisor", "The caller agreed"):
        assert words in text
    assert house.told("viewed") == [{"user": "quality", "recording": "rsales001"}]


def test_before_listening_comes_the_reason(house: House) -> None:
    """Without a purpose and a reason there is no player and no sound; they hold for the session."""
    visitor = house.person("quality")
    assert "<audio" not in visitor.get("/recordings/rsales001").text
    assert visitor.get("/recordings/rsales001/audio").status_code == 403

    answer = visitor.post("/review", purpose="quality", reason="training", next="/recordings/rsales001")
    assert answer.location == "/recordings/rsales001"
    assert "<audio" in visitor.get("/recordings/rsales001").text
    assert "listened" not in house.kinds()

    assert visitor.get("/recordings/rsales001/audio").status_code == 200
    assert house.told("listened")[0]["reason"] == "training"

    visitor.post("/review/end")
    assert visitor.get("/recordings/rsales001/audio").status_code == 403


@pytest.mark.parametrize(("purpose", "reason"), [("disputes", "dispute"), ("quality", "curiosity"), ("", "")])
def test_only_ones_own_purposes_and_listed_reasons(house: House, purpose: str, reason: str) -> None:
    """A purpose that does not name the person's role, and a reason that is on no list, are not taken."""
    answer = house.person("quality").post("/review", purpose=purpose, reason=reason)
    assert answer.status_code == 400


def test_another_purpose_is_asked_for_where_the_recording_is_not_kept_for_it() -> None:
    """Under a purpose that a recording is not kept for, the page asks for another one."""
    house = House()
    house.accounts.add("both", PASSWORD, ["quality", "compliance"])
    house.seal("trading01", purposes=("orders",))
    house.unlock()
    visitor = house.person("both")
    visitor.post("/review", purpose="quality", reason="training")

    text = visitor.get("/recordings/rtrading01").text

    assert "not kept for the purpose" in text
    assert "<audio" not in text
    assert visitor.get("/recordings/rtrading01/audio").status_code == 403


def test_what_cannot_be_heard_says_why(house: House) -> None:
    """Restricted, locked, lost and erased recordings say what stands in the way, each by its status."""
    visitor, officer = house.reviewer(), house.person("officer")

    house.keeper.lock(by="officer")
    assert "Nobody can listen until" in visitor.get("/recordings/rsales001").text
    assert visitor.get("/recordings/rsales001/audio").status_code == 423
    assert "Number locked" in visitor.get("/recordings").text
    house.unlock()

    held = house.vault.held.pop("rsales001")
    assert "not in the vault" in visitor.get("/recordings/rsales001").text
    assert visitor.get("/recordings/rsales001/audio").status_code == 404
    house.vault.held["rsales001"] = held[: -50 - house.closing["rsales001"]]
    assert "The sound from 0:01 to 0:01 is lost" in visitor.get("/recordings/rsales001").text
    house.vault.held["rsales001"] = held

    call = house.register.recording("rsales001").call
    house.register.raise_alarm(Alarm("other-recorder", call, NOON, "Somebody else recorded it."))
    assert "Somebody else recorded it." in visitor.get("/recordings/rsales001").text

    house.register.raise_alarm(Alarm("recording-damaged", "rsales001", NOON, "..."))
    assert "changed or damaged" in visitor.get("/recordings/rsales001").text

    house.register.restrict("rsales001", NOON, "requested")
    assert "nobody may listen" in visitor.get("/recordings/rsales001").text
    assert visitor.get("/recordings/rsales001/audio").status_code == 403

    house.register.add_tombstone(Tombstone("rsales001", Reason.REQUESTED, NOON, NOON))
    assert visitor.get("/recordings/rsales001").status_code == 404
    assert "being erased" in officer.get("/recordings/rsales001").text
    assert visitor.get("/recordings/rsales001/audio").status_code == 410


# --- sound ------------------------------------------------------------------------------------


FRAMES = 8900
SIZE = 44 + 4 * FRAMES
AUDIO = "/recordings/rsales001/audio"


@pytest.fixture(scope="module")
def listener() -> Visitor:
    """Somebody who listens, in a house of their own."""
    house = House()
    house.app = house.page(SETTINGS, own=True)
    house.seal("sales001", plan=((4000, 4000), (900,)))
    house.unlock()
    return house.reviewer()


@pytest.fixture(scope="module")
def whole(listener: Visitor) -> bytes:
    """The whole file."""
    sound: bytes = listener.get(AUDIO).data
    return sound


def test_the_whole_is_sent_as_wav(listener: Visitor) -> None:
    """Without a range the whole file comes, with its length, and says that ranges may be asked for."""
    answer = listener.get(AUDIO)

    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.content_length == len(answer.data) == SIZE
    assert answer.content_type == "audio/wav"


@settings(max_examples=40, deadline=None)
@given(first=st.integers(0, SIZE - 1), length=st.integers(1, SIZE))
def test_a_range_is_a_slice_of_the_whole(listener: Visitor, whole: bytes, first: int, length: int) -> None:
    """A range request gets exactly that part of the file."""
    answer = listener.get(AUDIO, Range=f"bytes={first}-{first + length - 1}")

    assert answer.status_code == 206
    assert answer.data == whole[first : first + length]
    assert answer.headers["Content-Range"] == f"bytes {first}-{min(first + length, SIZE) - 1}/{SIZE}"


@pytest.mark.parametrize(("range", "start"), [("bytes=30000-", 30000), ("bytes=-500", SIZE - 500)])
def test_open_ranges(listener: Visitor, whole: bytes, range: str, start: int) -> None:
    """Ranges without an end, or counted from the end, work too."""
    assert listener.get(AUDIO, Range=range).data == whole[start:]


def test_a_range_beyond_the_end(listener: Visitor) -> None:
    """A range that cannot be served is refused with the file's length."""
    answer = listener.get(AUDIO, Range="bytes=99999999-")

    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize("range", ["bytes=0-1,5-9", "bytes=nonsense", "seconds=1-2"])
def test_ranges_that_are_not_understood(listener: Visitor, whole: bytes, range: str) -> None:
    """Several ranges at once, and what is no range of bytes, get the whole."""
    answer = listener.get(AUDIO, Range=range)

    assert (answer.status_code, answer.data) == (200, whole)


def test_a_long_range_is_answered_in_part(house: House) -> None:
    """No answer to a range is longer than a mebibyte; the rest follows when it is asked for."""
    said = house.seal("long00001", plan=((280_000,),))
    visitor, sent = house.reviewer(), b""
    while len(sent) < 44 + len(said):
        answer = visitor.get("/recordings/rlong00001/audio", Range=f"bytes={len(sent)}-")
        assert answer.status_code == 206
        assert 0 < len(answer.data) <= 2**20
        sent += answer.data

    assert sent[44:] == said


def test_a_listening_that_is_stopped_ends_the_file(house: House) -> None:
    """What is sent whole ends early, and a range is refused, once the recording may not be heard."""
    house.seal("long00001", plan=((200_000, 200_000),))
    visitor = house.reviewer()
    answer = visitor.client.get("/recordings/rlong00001/audio")
    pieces = iter(answer.response)
    sent = len(next(pieces))
    house.register.restrict("rlong00001", NOON, "requested")
    house.clock.pass_by(seconds=2)

    assert sent + sum(map(len, pieces)) < answer.content_length
    assert visitor.get("/recordings/rlong00001/audio", Range="bytes=0-").status_code == 403


def test_all_ranges_of_a_listening_are_one_entry(house: House) -> None:
    """A player that seeks about makes one entry in the ledger."""
    visitor = house.reviewer()
    for n in range(20):
        visitor.get("/recordings/rsales001/audio", Range=f"bytes={n * 1000}-")

    assert len(house.told("listened")) == 1


# --- signing in, vault, account, language ------------------------------------------------------


def test_after_signing_in_one_is_where_one_wanted_to_be(house: House) -> None:
    """Who came for a page without being signed in is led there after signing in."""
    visitor = house.visitor()
    asked = visitor.get("/recordings/rsales001")
    assert asked.location == "/sign-in?next=/recordings/rsales001"

    answer = visitor.post("/sign-in", name="quality", password=PASSWORD, next="/recordings/rsales001")
    assert answer.location == "/recordings/rsales001"


def test_a_failed_sign_in_tells_nothing(house: House) -> None:
    """An unknown name and a wrong password get the same page."""
    known = house.visitor().post("/sign-in", name="quality", password="wrong").text
    unknown = house.visitor().post("/sign-in", name="qualify", password="wrong").text

    def bare(text: str) -> str:
        return re.sub(r'(csrf_token" value|nonce)="[^"]+"', "", text).replace("qualify", "quality")

    assert bare(known) == bare(unknown)
    assert "wrong" in known


def test_the_vault_is_unlocked_and_locked(house: House) -> None:
    """Who may, unlocks with the passphrase and locks again; a wrong one is refused and not shown."""
    house.keeper.lock(by="officer")
    visitor = house.person("officer")

    wrong = visitor.post("/vault/unlock", passphrase="wrong horse")
    assert wrong.status_code == 400
    assert "not the passphrase" in wrong.text
    assert "wrong horse" not in wrong.text

    visitor.post("/vault/unlock", passphrase=PASSPHRASE)
    assert "is unlocked" in visitor.get("/vault").text
    visitor.post("/vault/lock")
    assert not house.keeper.unlocked
    assert house.told("locked")[-1] == {"user": "officer"}


def test_a_new_password(house: House) -> None:
    """A person changes their password with the old one, and signs in anew with it."""
    visitor = house.person("quality")
    new = "another horse entirely"

    assert visitor.post("/account/password", old="wrong", new=new, again=new).status_code == 403
    assert visitor.post("/account/password", old=PASSWORD, new=new, again="x").status_code == 400
    assert visitor.post("/account/password", old=PASSWORD, new="short", again="short").status_code == 400
    assert visitor.post("/account/password", old=PASSWORD, new=new, again=new).location == "/sign-in"
    assert visitor.get("/account").status_code == 303
    assert visitor.post("/sign-in", name="quality", password=new).status_code == 303


def test_the_language_of_the_browser_and_ones_own(house: House) -> None:
    """The page speaks the browser's language until the person takes another one."""
    visitor = house.visitor()
    assert "Anmelden" in visitor.get("/sign-in", Accept_Language="de-AT,de;q=0.9,en;q=0.5").text
    assert "Sign in" in visitor.get("/sign-in", Accept_Language="fr").text

    visitor.post("/language", language="de", next="/sign-in")
    assert '<html lang="de">' in visitor.get("/sign-in", Accept_Language="en").text
    visitor.post("/language", language="xx")
    assert "Anmelden" in visitor.get("/sign-in").text


def test_a_person_chooses_light_or_dark(house: House) -> None:
    """The page looks as the person chose, or as their system does again; nothing else is taken."""
    visitor = house.person("quality")
    for look, shown in (
        ("dark", ' data-theme="dark"'),
        ("'\"><b>", ""),
        ("light", ' data-theme="light"'),
        ("", ""),
    ):
        assert visitor.post("/look", look=look, next="/recordings").location == "/recordings"
        assert f'<html lang="en"{shown}>' in visitor.get("/recordings").text


def test_the_menu_offers_what_is_for_a_person_and_nothing_else(house: House) -> None:
    """Every place in the menu opens, and says that one is there."""
    for role in ROLES:
        visitor = house.person(role)
        menu = re.search(r'<div class="side">(.+?)</nav>', visitor.get("/account").text, re.S)
        assert menu
        for path in re.findall(r'href="([^"]+)"', menu[1]):
            assert f'href="{path}" aria-current="page"' in visitor.get(path).text


def test_the_register_is_away(house: House) -> None:
    """Without the register the page says so, in its own form, and tells monitoring."""
    visitor = house.person("quality")
    house.register.away = True

    answer = visitor.get("/recordings")
    assert answer.status_code == 503
    assert "does not answer" in answer.text
    assert answer.headers["Retry-After"] == "5"
    assert visitor.get("/healthz").status_code == 503


# --- words ------------------------------------------------------------------------------------

_ROOT = Path(str(files("asterisk_gdpr_web")))
_CATALOGUES = {
    path.stem: json.loads(path.read_text("utf-8")) for path in (_ROOT / "translations").glob("*.json")
}
_SOURCES = "\n".join(
    path.read_text("utf-8") for kind in ("*.html", "*.py") for path in sorted(_ROOT.rglob(kind))
)


def test_every_language_has_the_same_words() -> None:
    """Each language has every key, each with the same blanks to fill in."""

    def blanks(text: str) -> set[str]:
        return set(re.findall(r"{(\w+)}", text))

    english = _CATALOGUES["en"]
    for words in _CATALOGUES.values():
        assert words.keys() == english.keys()
        assert {key: blanks(text) for key, text in words.items()} == {
            key: blanks(text) for key, text in english.items()
        }


def test_words_for_one_stand_beside_those_for_many() -> None:
    """Words that count one thing are of a key that counts many; those of a unit are asked for by name."""
    english = _CATALOGUES["en"]
    ones = {key.removesuffix(".one") for key in english if key.endswith(".one")}
    assert {key for key in ones if key not in english and f"{key}.many" not in english} == set()


def test_every_key_that_is_used_has_words() -> None:
    """Each key that a page names, and each that values of ours lead to, is in the catalogue."""
    used = set(re.findall(r"""say\(\s*["']([a-z][\w.-]+[a-z0-9])["']""", _SOURCES))
    used |= set(re.findall(r"""flash\("([^"]+)"\)""", _SOURCES))
    used |= set(re.findall(r"""say\("[^"]+" if [^"]+ else "([^"]+)"\)""", _SOURCES))
    values_of: dict[str, Iterable[str]] = {
        "choice": Outcome,
        "said": Outcome,
        "reason": Occasion,
        "basis": Basis,
        "state": [state for state in State if state is not State.SEALED],
        "unit": [f"{unit}.{form}" for unit in Unit for form in ("one", "many")],
        "obstacle": ["erased", "restricted", "not-sealed", "not-entitled", "vault-locked", "no-review"],
    }
    for prefix, values in values_of.items():
        used |= {f"{prefix}.{value}" for value in values}

    assert used - _CATALOGUES["en"].keys() == set()


def test_no_promise_that_no_software_can_keep() -> None:
    """No page calls anything or anybody compliant."""
    said = " ".join(text for words in _CATALOGUES.values() for text in words.values()) + _SOURCES
    assert "compliant" not in said.lower()
    assert "konform" not in said.lower()


def test_who_else_recorded_a_call_is_shown_with_the_file_to_who_sees_numbers(house: House) -> None:
    """A file's name may hold a number: it is for who sees numbers, while the vault is open, and told of."""
    call, file = house.register.recording("rsales001").call, "/var/spool/out-+4930901820.wav"
    sealed = seal_file(PRIVATE.public, "o1", file)
    house.register.add_recorder(RecorderRow("o1", call, "MixMonitor", NOON, sealed, PRIVATE.public.id))
    house.register.add_recorder(RecorderRow("o2", call, "ChanSpy", NOON))
    house.register.recorder_stopped("o2", NOON)

    officer = house.person("officer").get("/recordings/rsales001").text
    shown = [entry for entry in house.kinds() if entry == "other-recorder-files-shown"]
    auditor = house.person("auditor").get("/recordings/rsales001").text

    for text in (officer, auditor):
        assert "Recorded by somebody else too" in text and "ChanSpy" in text and "stopped by us" in text
    assert file in officer and "901820" not in auditor
    assert len(shown) == 1
