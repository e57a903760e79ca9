"""Clips: a span for a named coach, who could hear it anyway, logged each time and ended by itself."""

from __future__ import annotations

import dataclasses

import pytest

from asterisk_gdpr.core.recording import Reason
from asterisk_gdpr_web.settings import EXTENSION
from tests.playback.world import POLICY
from tests.web.house import House

SHARE = "/recordings/rsales001/clips"
FORM = {"purpose": "quality", "from": "0:00", "until": "0:01", "coach": "supervisor", "days": "7"}


def shared(house: House, **more: str) -> str:
    """The quality manager shares a clip with the supervisor; returns its address."""
    answer = house.person("quality").post(SHARE, **{**FORM, **more})
    assert answer.status_code == 303
    (clip,) = house.register.clips_of("supervisor", house.clock.now())
    return f"/clips/{clip.id}/audio"


def test_a_coach_hears_the_span_and_nothing_else(house: House) -> None:
    """The first second as a WAV file of its own, by ranges too; the ledger has whose listening it is."""
    whole = house.reviewer("quality").get("/recordings/rsales001/audio").data
    play = shared(house, until="0:01")
    coach = house.person("supervisor")
    assert play in coach.get("/clips").text

    heard = coach.get(play)
    assert heard.status_code == 200
    assert heard.data[44:] == whole[44 : 44 + 8000 * 4]
    assert heard.data[:4] == b"RIFF"
    part = coach.get(play, Range="bytes=40-99")
    assert (part.status_code, part.data) == (206, heard.data[40:100])
    assert house.told("listened")[-1] == {
        "user": "supervisor",
        "recording": "rsales001",
        "purpose": "quality",
        "reason": "training",
    }
    assert house.told("clip-shared")[0]["coach"] == "supervisor"


def test_a_clip_is_for_two_people(house: House) -> None:
    """Whoever is neither its coach nor its sharer gets the answer of a clip that never was."""
    play = shared(house)
    assert house.person("manager").get(play).status_code == 404
    assert house.person("quality").get(play).status_code == 200
    assert house.person("manager").get("/clips").text.count("<audio") == 0


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"coach": "manager"}, 403),
        ({"coach": "admin"}, 403),
        ({"coach": "nobody"}, 400),
        ({"coach": "quality"}, 400),
        ({"purpose": "disputes"}, 403),
        ({"until": "9:00"}, 400),
        ({"until": "0:00"}, 400),
        ({"days": "31"}, 400),
        ({"days": "0"}, 400),
    ],
)
def test_a_clip_widens_no_right(house: House, wrong: dict[str, str], status: int) -> None:
    """Both are listeners of the purpose, the span is one of the recording, and there is an end."""
    assert house.person("quality").post(SHARE, **{**FORM, **wrong}).status_code == status
    assert "clip-shared" not in house.kinds()


def test_a_clip_ends(house: House) -> None:
    """By itself on its day, at once when it is taken back, and with a right that the policy takes away."""
    play = shared(house)
    coach = house.person("supervisor")
    assert coach.get(play).status_code == 200
    quality = dataclasses.replace(POLICY.purposes["quality"], listeners=frozenset({"quality", "manager"}))
    house.policy = dataclasses.replace(POLICY, purposes={**POLICY.purposes, "quality": quality})
    assert coach.get(play).status_code in (403, 404)
    house.policy = POLICY

    assert coach.post("/clips/end", clip=play.split("/")[2]).status_code == 404
    assert house.person("quality").post("/clips/end", clip=play.split("/")[2]).status_code == 303
    assert coach.get(play).status_code == 404

    again = shared(house)
    house.clock.pass_by(days=7)
    assert house.person("supervisor").get(again).status_code == 404


def test_a_clip_goes_with_its_recording(house: House) -> None:
    """An erasure takes the names, and nobody hears it any more."""
    play = shared(house)
    services = house.app.extensions[EXTENSION].services
    services.erase("rsales001", Reason.REQUESTED, False)

    assert house.person("supervisor").get(play).status_code in (404, 410)
    assert house.register.clips_of("supervisor", house.clock.now()) == []
