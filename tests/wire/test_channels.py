"""What is known of the channels in our hands, from events and from the list that they overtake."""

from __future__ import annotations

import msgspec
import pytest

from asterisk_gdpr.adapters.ari.generated import Channel
from asterisk_gdpr.adapters.channels import Channels
from asterisk_gdpr.ports import Way

APP = "asterisk-gdpr"
ARGUMENTS = ["notice", "1795434000.5", "de", "linked-1", "+493099", "sales", "north"]
CONNECT = ["connect", "0", "", "linked-1", "200", "PJSIP/anna@trunk", "25", "1", "sales", "north"]


def channel(name: str, app: str = "Stasis", data: str = f"{APP},{','.join(ARGUMENTS)}") -> Channel:
    """A channel as ARI tells of it."""
    told = {
        "id": name,
        "name": f"PJSIP/{name}",
        "state": "Up",
        "accountcode": "",
        "creationtime": "2026-11-23T12:00:00.000+0000",
        "language": "en",
        "caller": {"name": "", "number": "+4930123456"},
        "connected": {"name": "", "number": ""},
        "dialplan": {"context": "in", "exten": "s", "priority": 1, "app_name": app, "app_data": data},
    }
    return msgspec.convert(told, Channel)


@pytest.fixture
def channels() -> Channels:
    """Those of a process that has just begun."""
    return Channels(APP)


def test_an_arrival_is_what_the_dialplan_says(channels: Channels) -> None:
    """A line's name may hold commas, and the dialplan's own timeout is kept."""
    arrival = channels.arrived(channel("one"), ARGUMENTS)

    assert (arrival.line, arrival.linkedid, arrival.chosen_language) == ("sales,north", "linked-1", "de")
    assert (arrival.dialled, arrival.way, arrival.endpoint) == ("+493099", Way.NOTICE, "")
    assert channels.until("one") == 1795434000.5
    assert channels.until("two") == 0.0


def test_an_arrival_to_be_connected_says_with_whom(channels: Channels) -> None:
    """Endpoint, seconds and whether the call was asked before stand before the line."""
    arrival = channels.arrived(channel("one"), CONNECT)

    assert (arrival.way, arrival.endpoint, arrival.seconds) == (Way.CONNECT, "PJSIP/anna@trunk", 25)
    assert (arrival.asked, arrival.dialled, arrival.line) == (True, "200", "sales,north")


def test_only_who_goes_on_is_back_in_the_dialplan(channels: Channels) -> None:
    """A channel that leaves by a hang-up, or that we never had, has not come back to the dialplan."""
    for name in ("passed", "hung-up"):
        channels.arrived(channel(name), ARGUMENTS)
    channels.asked_to_hang_up("hung-up")
    channels.asked_to_hang_up("stranger")

    assert channels.left("passed")
    assert not channels.left("hung-up")
    assert not channels.left("stranger")
    assert not channels.is_hanging_up("stranger")


def test_a_list_tells_ours_from_the_others(channels: Channels) -> None:
    """Only a channel in our Stasis() for a notice is in our hands."""
    channels.start_list()
    known = channels.end_list(
        [channel("ours"), channel("theirs", data="other,notice,0,,,sales"), channel("talking", app="Dial")]
    )

    ours = {name for name, arrival in known.items() if arrival is not None}
    assert (known.keys(), ours) == ({"ours", "theirs", "talking"}, {"ours"})


def test_events_overtake_the_list(channels: Channels) -> None:
    """What was told while the list was on its way is newer than the list."""
    channels.arrived(channel("passed"), ARGUMENTS)
    channels.start_list()
    channels.arrived(channel("new"), ARGUMENTS)
    channels.left("passed")
    channels.gone("ended")
    known = channels.end_list([channel("passed"), channel("ended")])

    assert known.keys() == {"passed", "new"}
    assert known["passed"] is None
    assert known["new"] is not None


def test_what_is_no_longer_there_is_forgotten(channels: Channels) -> None:
    """Who is in no list any more was missed when they hung up, and is not remembered."""
    channels.arrived(channel("missed"), ARGUMENTS)
    channels.asked_to_hang_up("missed")
    channels.start_list()

    assert channels.end_list([]) == {}
    assert channels.until("missed") == 0.0
    assert not channels.is_hanging_up("missed")


def test_what_has_ended_is_forgotten(channels: Channels) -> None:
    """Nothing is held of a call that is over, however it ended."""
    for name in ("passed", "hung-up"):
        channels.arrived(channel(name), ARGUMENTS)
    channels.left("passed")
    channels.asked_to_hang_up("hung-up")
    for name in ("passed", "hung-up"):
        channels.gone(name)

    assert len(channels) == 0
