"""One recording in a person's hands: marks, proof, history, and what may be done with it."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
import soundfile

from asterisk_gdpr.core.holds import HoldGround
from asterisk_gdpr.core.recording import Reason, State, Tombstone
from asterisk_gdpr_web.pages.marks import moment
from asterisk_gdpr_web.settings import EXTENSION
from tests.playback.world import NOON
from tests.web.house import House

ONE = "/recordings/rsales001"


def test_a_moment_is_marked_and_leads_there(house: House) -> None:
    """A mark stands at its moment with its words, leads there without a script, and is its author's alone."""
    visitor, other = house.reviewer(), house.reviewer("supervisor")

    assert visitor.post(f"{ONE}/marks", at="0:01", text="says <yes>").status_code == 303
    text = visitor.get(f"{ONE}?at=1").text
    assert "says &lt;yes&gt;" in text
    assert f'href="{ONE}?at=1"' in text
    assert f'src="{ONE}/audio#t=1"' in text
    assert "Remove" in text
    assert "Remove" not in other.get(ONE).text

    (mark,) = house.register.marks("rsales001")
    assert other.post(f"{ONE}/marks/drop", mark=mark.id).status_code == 400
    assert visitor.post(f"{ONE}/marks/drop", mark=mark.id).status_code == 303
    assert "says" not in visitor.get(ONE).text


@pytest.mark.parametrize("at", ["", "x", "1:2", "9:00", "-1", "1e3"])
def test_what_is_no_moment_of_it_is_refused(house: House, at: str) -> None:
    """A moment that cannot be read, or lies behind the end, marks nothing."""
    answer = house.reviewer().post(f"{ONE}/marks", at=at, text="a word")

    assert answer.status_code == 400
    assert "no moment" in answer.text
    assert house.register.marks("rsales001") == []


def test_moments_are_read_as_people_write_them() -> None:
    """Hours, minutes, seconds and tenths, or seconds alone."""
    assert [moment(text) for text in ("1:02:03", "2:03.5", "75", "0:07,2")] == [3723000, 123500, 75000, 7200]


def test_it_says_green_or_red_whether_it_is_unaltered(house: House) -> None:
    """Whole it is green, one changed byte is red, and neither is said before every byte was read."""
    visitor = house.person("auditor")
    assert "Yes, it is unaltered" not in visitor.get(ONE).text
    assert "Yes, it is unaltered" in visitor.get(f"{ONE}/proof").text

    changed = bytearray(house.vault.held["rsales001"])
    changed[len(changed) // 2] ^= 1
    house.vault.held["rsales001"] = bytes(changed)
    for text in (visitor.get(f"{ONE}/proof").text, visitor.get(f"{ONE}/proof", HX_Request="true").text):
        assert "It is not what was sealed" in text
        assert 'class="notice bad"' in text


def test_its_whole_history_is_told(house: House) -> None:
    """What the ledger has of a recording and its call stands there in words, who did it and why."""
    visitor = house.reviewer()
    visitor.get(f"{ONE}/audio")

    text = visitor.get(ONE).text
    for words in ("The call was taken", "The caller chose", "It was sealed and signed", "It was heard"):
        assert words in text
    assert text.index("It was heard") < text.index("The call was taken")
    assert "Complaint" in text


def test_peaks_are_for_those_who_may_hear(house: House) -> None:
    """The waveform comes as numbers to a reviewer, and to nobody without a review."""
    drawn = json.loads(house.reviewer().get(f"{ONE}/peaks").text)

    assert drawn["seconds"] == pytest.approx(1.125)
    assert max(drawn["left"]) > 20
    assert house.person("quality").get(f"{ONE}/peaks").status_code == 403


def test_restricting_stops_every_listener(house: House) -> None:
    """The ground is written down, and the sound is closed at once; the button is gone."""
    officer, listener = house.person("officer"), house.reviewer()

    assert officer.post(f"{ONE}/restrict", reason="no-such").status_code == 400
    assert officer.post(f"{ONE}/restrict", reason="accuracy").status_code == 303

    assert listener.get(f"{ONE}/audio").status_code == 403
    assert house.told("recording-restricted") == [{"recording": "rsales001", "reason": "accuracy"}]
    assert house.told("restriction-ordered") == [{"user": "officer", "recording": "rsales001"}]
    assert "/restrict" not in officer.get(ONE).text


def test_a_restriction_of_the_page_keeps_until_it_is_lifted_with_notice(house: House) -> None:
    """No period ends what was restricted here, and it is lifted only by who says when the person was told."""
    officer = house.person("officer")
    officer.post(f"{ONE}/restrict", reason="claims")
    (standing,) = house.register.restrictions("rsales001")
    house.clock.pass_by(days=3000)
    officer = house.person("officer")
    assert "rsales001" not in {each.id for each in house.register.due(house.clock.now())}

    form = {"restriction": standing.id}
    for told in ("", "nonsense", "2999-01-01", "2020-01-01"):
        assert officer.post(f"{ONE}/lift", **form, told=told).status_code == 400
    assert officer.post(f"{ONE}/lift", restriction="s0", told="2026-12-01").status_code == 400
    assert house.register.restrictions("rsales001") == [standing]

    assert "Lift a restriction" in officer.get(ONE).text
    told = house.clock.now().date().isoformat()
    assert officer.post(f"{ONE}/lift", **form, told=told).status_code == 303
    assert house.register.restrictions("rsales001") == []
    assert not house.register.recording("rsales001").restricted
    assert "rsales001" in {each.id for each in house.register.due(house.clock.now())}


@pytest.mark.parametrize("kind", ["wav", "flac"])
def test_handing_out_is_told_before_it_is_done(house: House, kind: str) -> None:
    """Who may hand out gets the sound as a file with no name in it; the ledger has who and why."""
    answer = house.person("officer").post(f"{ONE}/export", reason="access-request", kind=kind)

    sound, rate = soundfile.read(io.BytesIO(answer.data), dtype="int16")
    assert (sound.shape, rate) == ((9000, 2), 8000)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="rsales001.{kind}"'
    assert house.told("exported") == [
        {"user": "officer", "recording": "rsales001", "reason": "access-request"}
    ]


def test_erasing_is_asked_first_and_its_outcome_is_shown(house: House) -> None:
    """Nothing goes before the reason is given; then keys and container are gone, and the page says so."""
    officer = house.person("officer")
    assert "Erase for good" in officer.get(f"{ONE}/erase").text
    assert officer.post(f"{ONE}/erase", reason="").status_code == 400
    assert house.register.recording("rsales001").state is State.SEALED

    text = officer.post(f"{ONE}/erase", reason="requested").text
    assert "keys and container are gone" in text
    assert house.register.recording("rsales001").state is State.ERASED
    assert house.vault.size("rsales001") is None
    assert house.told("erasure-ordered") == [
        {"user": "officer", "recording": "rsales001", "reason": "requested"}
    ]
    again = officer.get(ONE).text
    assert "It was erased, with proof" in again
    assert "/erase" not in again


def test_what_the_law_keeps_is_refused_with_its_ground(house: House) -> None:
    """An obligation is said before and after, with its date; the recording stays."""
    house.seal("trading01", purposes=("orders",), line="trading")
    officer = house.person("officer")

    assert "The law demands" in officer.get("/recordings/rtrading01/erase").text
    text = officer.post("/recordings/rtrading01/erase", reason="requested").text
    assert "The law demands" in text
    assert "21 Feb 2027" in text
    assert house.register.recording("rtrading01").state is State.SEALED


def test_a_search_is_kept_without_its_number(house: House) -> None:
    """A kept search leads to the same list again; a number is never kept."""
    visitor = house.person("quality")
    kept = visitor.post(
        "/recordings/searches", name="mine", line="sales", choice="agreed", number="+4930901820"
    )

    assert kept.location == "/recordings?line=sales&choice=agreed"
    text = visitor.get("/recordings").text
    assert 'href="/recordings?line=sales&amp;choice=agreed">mine</a>' in text
    assert "mine" not in house.person("supervisor").get("/recordings").text
    visitor.post("/recordings/searches/drop", name="mine")
    assert "mine" not in visitor.get("/recordings").text


def test_the_list_narrows_by_choice_purpose_length_and_state(house: House) -> None:
    """Each way of narrowing works alone and together; nobody sees more by it than without."""
    house.seal("long00001", choice="not_objected", plan=((80000,) * 4,))
    house.seal("trading01", purposes=("orders",), line="trading")
    house.register.restrict("rlong00001", NOON, "requested")
    officer, quality = house.person("officer"), house.person("quality")

    def ids(visitor: object, query: str) -> set[str]:
        text = visitor.get(f"/recordings?{query}").text  # type: ignore[attr-defined]
        return {id for id in ("rsales001", "rlong00001", "rtrading01") if f'/recordings/{id}"' in text}

    assert ids(officer, "choice=not_objected") == {"rlong00001"}
    assert ids(officer, "shortest=30") == {"rlong00001"}
    assert ids(officer, "longest=30&purpose=quality") == {"rsales001"}
    assert ids(officer, "state=restricted") == {"rlong00001"}
    assert ids(officer, "purpose=orders") == {"rtrading01"}
    assert ids(officer, "state=erased") == set()
    assert ids(quality, "purpose=orders") == set()
    assert ids(quality, "shortest=%27%3B--") == {"rsales001", "rlong00001"}


def test_under_a_hold_only_those_listen_whom_it_names_at_the_page_too(house: House) -> None:
    """Whom a hold names find what it holds and hear it under it, withdrawn or not; nobody else does."""
    house.seal("trade0001", purposes=("orders",), line="trading")
    one, now = "/recordings/rtrade0001", house.clock.now()
    manager = house.person("manager")
    assert manager.get(one).status_code == 404
    hold = house.app.extensions[EXTENSION].services.office.holds.place(
        ["rtrade0001"],
        case="LG-2026-17",
        ground=HoldGround.LEGAL_CLAIMS,
        why="The contract is disputed.",
        by="officer",
        until=now + timedelta(days=90),
        listeners=frozenset({"manager"}),
    )
    house.register.restrict("rtrade0001", now, "requested")
    house.register.add_tombstone(Tombstone("rtrade0001", Reason.WITHDRAWN, now, now))

    assert "Hold LG-2026-17" in manager.get("/recordings").text
    assert "rtrade0001" not in manager.get("/recordings").text
    assert "rtrade0001" in manager.get(f"/recordings?hold={hold.id}").text
    page = manager.get(one).text
    assert f'value="{hold.id}"' in page and "Hold LG-2026-17" in page
    assert manager.get(f"{one}/audio").status_code == 403, "nothing is declared yet"
    assert manager.post("/review", purpose=hold.id, reason="dispute").status_code == 303
    assert 'id="sound"' in manager.get(one).text
    assert manager.get(f"{one}/audio").status_code == 200
    assert house.told("listened")[-1]["purpose"] == hold.id

    other = house.person("quality")
    assert other.get(one).status_code == 404
    assert other.post("/review", purpose=hold.id, reason="dispute").status_code == 400
    assert "rtrade0001" not in other.get(f"/recordings?hold={hold.id}").text
    house.accounts.change("manager", ["manager"], ["sales"])
    assert manager.get(one).status_code == 404, "a line that is not theirs does not exist"
    house.accounts.change("manager", ["manager"], [])

    house.app.extensions[EXTENSION].services.office.holds.lift(hold.id, "officer")
    assert manager.get(one).status_code == 404
    assert manager.get(f"{one}/audio").status_code in (403, 404, 410)


def test_a_queue_narrows_the_list_and_stands_at_the_recording(house: House) -> None:
    """What came through a queue is found by it, at the page and by programs; the search can be kept."""
    house.seal("other0001", purposes=("quality",))
    visitor = house.person("quality")
    assert 'name="queue"' not in visitor.get("/recordings").text
    house.register.add_queue("csales001", "first line")
    assert visitor.post("/recordings/search", queue="first line").location == "/recordings?queue=first+line"
    text = visitor.get("/recordings?queue=first+line").text
    assert "rsales001" in text and "rother0001" not in text
    assert "first line" in visitor.get(ONE).text
    kept = visitor.post("/recordings/searches", name="First", queue="first line")
    assert kept.location == "/recordings?queue=first+line"


def test_who_restricts_a_recording_still_sees_that_it_is(house: House) -> None:
    """A restriction hides the sound from its listeners, and not that the recording is restricted."""
    manager = house.reviewer("manager", "disputes")
    house.seal("quarrel01", purposes=("disputes",))
    assert manager.post("/recordings/rquarrel01/restrict", reason="claims").status_code == 303
    assert "nobody may listen" in manager.get("/recordings/rquarrel01").text
    assert "rquarrel01" in manager.get("/recordings").text
    assert manager.get("/recordings/rquarrel01/audio").status_code == 403
    assert manager.get("/recordings/rquarrel01/peaks").status_code == 403
