"""Who is in a call with the data subject, by what Asterisk says of bridges."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_gdpr.core.parties import Bridges, endpoint_of

QUICK = settings(max_examples=40, deadline=None)
CALLER = ("1.1", "PJSIP/trunk-00000001", "b1")
AGENT = ("1.2", "PJSIP/anna-00000002", "b1")


def entered(*members: tuple[str, str, str]) -> Bridges:
    """Bridges as these entered them, one after the other."""
    bridges = Bridges()
    for member in members:
        bridges = bridges.entered(*member)
    return bridges


def test_nobody_is_with_a_caller_who_waits() -> None:
    """A caller in no bridge, or alone in one, is with nobody."""
    assert Bridges().with_subject("1.1") == {}
    assert Bridges().together("1.1") == frozenset()
    assert entered(CALLER).with_subject("1.1") == {}
    assert entered(CALLER).together("1.1") == {"1.1"}


def test_two_in_a_bridge() -> None:
    """Who is in the caller's bridge is with the caller, in whichever order they entered."""
    for bridges in (entered(CALLER, AGENT), entered(AGENT, CALLER)):
        assert bridges.with_subject("1.1") == {"1.2": "PJSIP/anna-00000002"}
        assert bridges.with_subject("1.2") == {"1.1": "PJSIP/trunk-00000001"}


def test_other_calls_are_other_calls() -> None:
    """Who is in another bridge is not with the caller."""
    bridges = entered(
        CALLER, AGENT, ("2.1", "PJSIP/trunk-00000003", "b2"), ("2.2", "PJSIP/ben-00000004", "b2")
    )

    assert set(bridges.with_subject("1.1")) == {"1.2"}


def test_hung_up() -> None:
    """Who has left is with nobody any more; one who was never there may leave as well."""
    bridges = entered(CALLER, AGENT).left("1.2").left("9.9")

    assert bridges.with_subject("1.1") == {}
    assert bridges.together("1.2") == frozenset()


def test_an_agent_behind_a_local_channel_that_stays() -> None:
    """Behind `Local/…/n` the agent is in another bridge, and with the caller all the same."""
    bridges = entered(
        CALLER,
        ("1.3", "Local/anna@agents-00000001;1", "b1"),
        ("1.4", "Local/anna@agents-00000001;2", "b2"),
        ("1.5", "PJSIP/anna-00000005", "b2"),
    )

    assert bridges.with_subject("1.1") == {"1.5": "PJSIP/anna-00000005"}
    assert bridges.together("1.1") == {"1.1", "1.3", "1.4", "1.5"}


def test_a_local_channel_that_is_optimised_away() -> None:
    """While Asterisk takes a Local channel out, the agent is with the caller at every step of it."""
    behind = entered(
        CALLER,
        ("1.3", "Local/anna@agents-00000001;1", "b1"),
        ("1.4", "Local/anna@agents-00000001;2", "b2"),
        ("1.5", "PJSIP/anna-00000005", "b2"),
    )
    swapped = behind.entered("1.5", "PJSIP/anna-00000005", "b1")
    optimised = swapped.left("1.3").left("1.4")

    for bridges in (behind, swapped, optimised):
        assert set(bridges.with_subject("1.1")) == {"1.5"}


def test_a_chain_of_local_channels() -> None:
    """A queue member that is itself a Local to a Local is followed to its end."""
    bridges = entered(
        CALLER,
        ("1.3", "Local/q@a-00000001;1", "b1"),
        ("1.4", "Local/q@a-00000001;2", "b2"),
        ("1.5", "Local/anna@b-00000002;1", "b2"),
        ("1.6", "Local/anna@b-00000002;2", "b3"),
        ("1.7", "PJSIP/anna-00000007", "b3"),
    )

    assert set(bridges.with_subject("1.1")) == {"1.7"}


def test_a_local_channel_that_leads_into_the_dialplan() -> None:
    """A Local half whose other half is in no bridge leads to nobody: a ringing agent is not in the call."""
    bridges = entered(CALLER, ("1.3", "Local/anna@agents-00000001;1", "b1"))

    assert bridges.with_subject("1.1") == {}


def test_a_loop_of_local_channels_ends() -> None:
    """Local channels that lead back to where they began are followed once."""
    bridges = entered(
        CALLER,
        ("1.3", "Local/x@a-00000001;1", "b1"),
        ("1.4", "Local/x@a-00000001;2", "b2"),
        ("1.5", "Local/y@a-00000002;1", "b2"),
        ("1.6", "Local/y@a-00000002;2", "b1"),
    )

    assert bridges.with_subject("1.1") == {}


def test_what_asterisk_plays_to_a_bridge_is_nobody() -> None:
    """The announcer of a conference is no party: it neither keeps a recording muted nor makes a talk."""
    for announcer in ("CBAnn/room-00000003;2", "Announcer/ARI-00000003;2"):
        assert entered(CALLER, ("1.9", announcer, "b1")).with_subject("1.1") == {}
        assert set(entered(CALLER, AGENT, ("1.9", announcer, "b1")).with_subject("1.1")) == {"1.2"}


def test_a_blind_transfer() -> None:
    """After a blind transfer the caller is with the second agent alone, and with nobody in between."""
    ringing = entered(CALLER, AGENT).left("1.2").left("1.1")
    talking = ringing.entered("1.6", "PJSIP/ben-00000006", "b2").entered("1.1", CALLER[1], "b2")

    assert ringing.with_subject("1.1") == {}
    assert set(talking.with_subject("1.1")) == {"1.6"}


def test_a_blind_transfer_behind_a_local_channel() -> None:
    """When the agent behind `Local/…/n` transfers, the caller never leaves the bridge, and the agent does."""
    behind = entered(
        CALLER,
        ("1.3", "Local/anna@agents-00000001;1", "b1"),
        ("1.4", "Local/anna@agents-00000001;2", "b2"),
        ("1.5", "PJSIP/anna-00000005", "b2"),
    )
    ringing = behind.left("1.5").left("1.4")
    talking = ringing.entered("1.6", "PJSIP/ben-00000006", "b3").entered(
        "1.4", "Local/anna@agents-00000001;2", "b3"
    )

    assert ringing.with_subject("1.1") == {}
    assert set(talking.with_subject("1.1")) == {"1.6"}


def test_a_consultation() -> None:
    """Whom an agent consults is not with the caller until they are brought together."""
    consulting = (
        entered(CALLER, AGENT).entered("1.2", AGENT[1], "b2").entered("1.6", "PJSIP/ben-00000006", "b2")
    )
    together = consulting.entered("1.6", "PJSIP/ben-00000006", "b1").entered("1.2", AGENT[1], "b1")

    assert consulting.with_subject("1.1") == {}
    assert set(together.with_subject("1.1")) == {"1.2", "1.6"}


def test_resynchronised() -> None:
    """A list of all members tells the same as their entering one by one, and forgets what is not in it."""
    assert Bridges.of([CALLER, AGENT]) == entered(CALLER, AGENT)
    assert Bridges.of([]).with_subject("1.1") == {}


def test_what_was_known_stays_as_it_was() -> None:
    """Bridges are a value: what happens later changes no earlier one."""
    before = entered(CALLER, AGENT)
    before.left("1.2")
    before.entered("1.6", "PJSIP/ben-00000006", "b1")

    assert set(before.with_subject("1.1")) == {"1.2"}


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [
        ("PJSIP/anna-0000001f", "PJSIP/anna"),
        ("PJSIP/anna-marie-0000001f", "PJSIP/anna-marie"),
        ("SIP/anna-0000001f", "SIP/anna"),
    ],
)
def test_endpoints(name: str, endpoint: str) -> None:
    """A channel's name without its last number is its endpoint."""
    assert endpoint_of(name) == endpoint


# --- any calls, transfers and Local channels, against a model of sound ---------------------------

PEOPLE = [(f"1.{n}", f"PJSIP/p{n}-0000000{n}") for n in range(4)]
HALVES = [(f"2.{n}{half}", f"Local/x@y-0000000{n};{half}") for n in range(3) for half in (1, 2)]
BRIDGES = ["b1", "b2", "b3", "b4"]

moves = st.lists(
    st.tuples(st.sampled_from(PEOPLE + HALVES), st.sampled_from([*BRIDGES, None])),
    max_size=30,
)


def _heard_by(where: dict[str, str], subject: str) -> set[str]:
    """Who shares sound with the subject, by walking from channel to channel over every wire there is."""
    wires: set[tuple[str, str]] = {
        (one, other) for one, bridge in where.items() for other, there in where.items() if bridge == there
    }
    wires |= {
        (one, other)
        for one, _ in HALVES
        for other, _ in HALVES
        if one[:-1] == other[:-1] and one in where and other in where
    }
    reached: set[str] = set()
    fresh: Iterable[str] = {subject} & set(where)
    while fresh:
        reached |= set(fresh)
        fresh = {other for one, other in wires if one in reached} - reached
    return reached


@given(moves)
@QUICK
def test_as_sound_travels(history: list[tuple[tuple[str, str], str | None]]) -> None:
    """Whatever enters and leaves, the parties are exactly the people whom the subject's sound can reach."""
    bridges, where = Bridges(), dict[str, str]()
    for (channel, name), bridge in history:
        if bridge is None:
            bridges = bridges.left(channel)
            where.pop(channel, None)
        else:
            bridges = bridges.entered(channel, name, bridge)
            where[channel] = bridge
        for subject, _ in PEOPLE:
            heard = _heard_by(where, subject)
            assert bridges.together(subject) == heard
            people = {channel for channel, _ in PEOPLE if channel in heard} - {subject}
            assert set(bridges.with_subject(subject)) == people
