"""`alarms`: what stands, and what a person may end."""

from __future__ import annotations

from contextlib import closing

from asterisk_gdpr.ports import Alarm
from tests.cli.house import House


def _raise(house: House, id: str, about: str) -> None:
    with closing(house.open()) as installation:
        installation.register().raise_alarm(Alarm(id, about, house.clock.now(), "It is so."))


def test_what_happened_is_acknowledged(house: House) -> None:
    """An alarm of something that happened ends by a person's word, which the ledger keeps."""
    _raise(house, "capture-lost", "sales")
    _raise(house, "capture-lost", "support")
    assert house("status") == 1
    assert house("alarms", "acknowledge", "capture-lost", "--about", "sales") == 0
    assert [alarm["about"] for alarm in house.json("alarms", "list")] == ["support"]
    assert house("alarms", "acknowledge", "capture-lost") == 0

    assert house.json("alarms", "list") == []
    assert house.kinds()[-2:] == ["alarm-ended"] * 2
    assert house("status") == 3  # nothing is wrong, but no daemon runs


def test_what_is_still_so_is_not_acknowledged_away(house: House) -> None:
    """An alarm of a state ends with the state, and the refusal says when that is."""
    _raise(house, "spool-full", "pbx1")
    assert house("alarms", "acknowledge", "spool-full") == 1

    assert "[alarm-ends-by-itself]" in house.err and "there is room again" in house.err
    assert [alarm["ends"] for alarm in house.json("alarms", "list")] == ["there is room again"]


def test_an_alarm_that_does_not_stand(house: House) -> None:
    """Acknowledging what is not there is refused."""
    _raise(house, "capture-lost", "sales")
    assert house("alarms", "acknowledge", "capture-lost", "--about", "support") == 1

    assert "[no-alarm]" in house.err


def test_an_alarm_of_another_release_can_be_ended(house: House) -> None:
    """What this release does not know would stand for ever, so a person may end it."""
    _raise(house, "something-of-old", "pbx1")

    assert house("alarms", "acknowledge", "something-of-old") == 0
