"""Programs do what people do at work: steer their own call, evaluate, share clips, by the same rules."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web.settings import EXTENSION
from tests.web.house import House
from tests.web.test_strip import daemon, talking

MINE = "/api/v1/calls/csales001"
ONE = "/api/v1/recordings/rsales001"


class Program:
    """A program with a token of somebody's."""

    def __init__(self, house: House, role: str, *scopes: Scope) -> None:
        tokens = house.app.extensions[EXTENSION].services.tokens
        self._secret, _ = tokens.make(role, "a program", scopes or list(Scope), 90)
        self._client = house.app.test_client()

    def get(self, path: str) -> TestResponse:
        """Read something."""
        return self._client.get(path, headers=self._headers, buffered=True)

    def post(self, path: str, **sent: object) -> TestResponse:
        """Do something."""
        return self._client.post(path, json=sent, headers=self._headers)

    def once(self, key: str, path: str, **sent: object) -> TestResponse:
        """Do something that is not to be done twice."""
        return self._client.post(path, json=sent, headers={**self._headers, "Idempotency-Key": key})

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._secret}"}


def told(answer: TestResponse) -> dict[str, Any]:
    """What it says."""
    said: dict[str, Any] = answer.get_json()
    return said


@pytest.fixture
def anna(house: House) -> str:
    """The agent who the user `agent` is; returns the agent's id."""
    agent = house.app.extensions[EXTENSION].services.office.agents.add("PJSIP/anna", "1")
    house.accounts.change("agent", ["agent"], [], agent.id)
    return str(agent.id)


# --- the own call


def test_a_program_sees_its_persons_call_and_no_other(house: House, anna: str) -> None:
    """The call that the agent is in, as its daemon tells of it; no number, and nobody else's."""
    program = Program(house, "agent", Scope.STEER)
    talking(house, "a-somebody-else")
    assert program.get("/api/v1/calls").json == {"calls": []}
    talking(house, anna, "muted", "hold")
    told: Any = program.get("/api/v1/calls").json
    assert [(each["call"], each["light"], each["because"]) for each in told["calls"]] == [
        ("csales001", "muted", "hold")
    ]
    assert "+49" not in repr(told)


@pytest.mark.parametrize(("deed", "outcome"), [("pause", "paused"), ("resume", "resumed"), ("stop", "held")])
def test_a_program_steers_its_persons_call(house: House, anna: str, deed: str, outcome: str) -> None:
    """The program asks, the daemon answers, and the answer is what it is told; the ledger has both."""
    talking(house, anna)
    with daemon(house, outcome) as asked:
        answer = Program(house, "agent", Scope.STEER).post(f"{MINE}/set", do=deed)
    assert asked == [deed]
    assert answer.json == {"call": "csales001", "outcome": outcome}
    assert house.told("command-given")[-1]["user"] == "agent"
    assert house.told("command-answered")[-1]["outcome"] == outcome


def test_no_program_steers_a_call_of_others(house: House, anna: str) -> None:
    """A call that its person is not in does not exist for it; a withdrawal is the caller's alone."""
    talking(house, "a-somebody-else")
    program = Program(house, "agent")
    assert program.post(f"{MINE}/set", do="stop").status_code == 404
    assert program.post(f"{MINE}/marks").status_code == 404
    assert program.post(f"{MINE}/reference", reference="T-1").status_code == 404
    talking(house, anna)
    for wrong in ({"do": "withdraw"}, {"do": ["stop"]}, {}):
        assert program.post(f"{MINE}/set", **wrong).status_code == 400
    assert "command-given" not in house.kinds()


def test_a_silent_daemon_is_told_to_a_program(
    house: House, anna: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told that something was done which nobody has done."""
    monkeypatch.setattr("asterisk_gdpr.service.call.commands.STALE", 0.05)
    talking(house, anna)
    answer = Program(house, "agent").post(f"{MINE}/set", do="pause")
    assert (answer.status_code, told(answer)["error"]) == (503, "daemon-unreachable")


def test_a_program_marks_and_names_its_persons_call(house: House, anna: str) -> None:
    """The mark stands at the recording under the person's name; the reference finds the call."""
    talking(house, anna)
    program = Program(house, "agent", Scope.STEER)
    marked: Any = program.post(f"{MINE}/marks", text="complaint").json
    assert [(mark.id, mark.user, mark.text) for mark in house.register.marks("rsales001")] == [
        (marked["mark"], "agent", "complaint")
    ]
    assert program.post(f"{MINE}/marks", text="a" * 201).status_code == 400
    assert program.post(f"{MINE}/reference", reference="T-4711").status_code == 200
    references = house.app.extensions[EXTENSION].services.office.references
    assert [call.id for call in references.calls_of("t-4711")] == ["csales001"]
    assert program.post(f"{MINE}/reference", reference="a b c").status_code == 400


# --- evaluations


def test_a_program_evaluates_what_its_person_has_heard(house: House) -> None:
    """By the forms of the policy, once, after a listening; then it sees what others gave."""
    other, program = Program(house, "supervisor"), Program(house, "quality")
    points = {"greeting": 4, "solution": 3}
    unheard = program.post(f"{ONE}/evaluations", form="service", points=points)
    assert told(unheard)["error"] == "not-heard"
    for each in (other, program):
        each.get(f"{ONE}/audio?purpose=quality&reason=quality-review")
    assert other.post(f"{ONE}/evaluations", form="service", points=points).status_code == 200
    before: Any = program.get(f"{ONE}/evaluations").json
    assert before["others"] == [] and before["forms"][0]["form"] == "service"

    given: Any = program.post(f"{ONE}/evaluations", form="service", points=points, comment="good").json
    assert given["comment"] == "good" and given["user"] == "quality"
    after: Any = program.get(f"{ONE}/evaluations").json
    assert [each["user"] for each in after["others"]] == ["supervisor"]
    assert after["calibrations"][0]["agreed"] == 100 and after["forms"] == []
    again = program.post(f"{ONE}/evaluations", form="service", points=points)
    assert told(again)["error"] == "evaluated-already"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"form": "nothing"},
        {"form": "service"},
        {"form": "service", "points": []},
        {"form": "service", "points": {"greeting": True, "solution": 3}},
        {"form": "service", "points": {"greeting": 99, "solution": 3}},
        {"form": "service", "points": {"greeting": 4, "solution": 3}, "agent": "a-made-up"},
    ],
)
def test_an_evaluation_that_is_none_is_refused(house: House, wrong: dict[str, object]) -> None:
    """What the form does not know, or what is no number of points, changes nothing."""
    program = Program(house, "quality")
    program.get(f"{ONE}/audio?purpose=quality&reason=quality-review")
    assert program.post(f"{ONE}/evaluations", **wrong).status_code == 400
    assert house.register.evaluations("rsales001") == []


# --- clips


def test_a_program_shares_a_clip_and_takes_it_back(house: House) -> None:
    """The coach's program lists and plays it; taken back it is gone for both."""
    mine, coach = Program(house, "quality"), Program(house, "supervisor")
    span = {"start": 0, "end": 0.5, "purpose": "quality", "days": 7}
    shared: Any = mine.post(f"{ONE}/clips", coach="supervisor", **span).json
    listed: Any = coach.get("/api/v1/clips").json
    assert [each["clip"] for each in listed["clips"]] == [shared["clip"]]
    sound = f"/api/v1/clips/{shared['clip']}/audio"
    assert coach.get(sound).data[:4] == b"RIFF"
    assert house.told("listened")[-1]["user"] == "supervisor"
    assert Program(house, "manager").get(sound).status_code == 404

    assert coach.post(f"/api/v1/clips/{shared['clip']}/end").status_code == 404
    assert mine.post(f"/api/v1/clips/{shared['clip']}/end").status_code == 200
    assert coach.get(sound).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": 31},
        {"days": 1.5},
        {"days": "1"},
        {"start": -1},
        {"end": 1e300},
        {"coach": "manager"},
        {"coach": "nobody"},
        {"coach": "quality"},
        {"purpose": "disputes"},
    ],
)
def test_a_clip_that_cannot_be_is_refused(house: House, wrong: dict[str, object]) -> None:
    """A span, an end or a coach that there cannot be shares nothing."""
    sent = {"start": 0, "end": 0.5, "purpose": "quality", "days": 7, "coach": "supervisor", **wrong}
    assert Program(house, "quality").post(f"{ONE}/clips", **sent).status_code in (400, 403)
    assert house.register.clips_of("quality", house.clock.now()) == []
