"""The arithmetic of the bench, and the packets of its phones."""

from __future__ import annotations

import pytest

from asterisk_gdpr.errors import Unreachable
from bench import sip
from bench.figure import HEAD, Line, Target, alternating, median, percentile, ratio, table


def test_percentile_is_a_measured_value() -> None:
    """A percentile is one of the values, and that share of all values is not above it."""
    values = [float(n) for n in range(1, 101)]
    assert percentile(values, 0.95) == 95
    assert percentile(list(reversed(values)), 0.5) == 50
    assert percentile([7.0], 0.95) == 7
    assert percentile([1.0, 2.0], 0.5) == 1


def test_median_lies_in_the_middle() -> None:
    """Half of the values lie on each side of the median."""
    assert median([5.0, 1.0, 3.0]) == 3
    assert median([1.0, 2.0, 3.0, 10.0]) == 2.5


def test_a_rival_of_nothing_is_no_rival() -> None:
    """A ratio to something that was not measured is refused, and never infinite."""
    assert ratio(3.0, 2.0) == 1.5
    with pytest.raises(Unreachable):
        ratio(3.0, 0.0)


def test_sides_alternate_and_change_their_order() -> None:
    """Each side is first as often as it is last."""
    assert list(alternating(4, "a", "b")) == ["a", "b", "b", "a", "a", "b", "b", "a"]


@pytest.mark.parametrize(
    ("target", "value", "reached"),
    [
        (Target(1.6), 1.6, True),
        (Target(1.6), 1.61, False),
        (Target(0.8, at_least=True), 0.8, True),
        (Target(0.8, at_least=True), 0.79, False),
    ],
)
def test_a_target_is_reached_at_its_bound(target: Target, value: float, reached: bool) -> None:
    """A value at the bound has reached it, one beyond it has not."""
    assert target.reached(value) is reached


def test_a_missed_target_is_said_in_the_table() -> None:
    """A figure that misses its target says so in its own line."""
    lines = [
        Line("one", "3 ms", "2 ms", 1.5, Target(1.6)),
        Line("two", "30 ms", "-", 30.0, Target(20, unit="ms")),
    ]
    printed = table([HEAD, *(line.cells for line in lines)]).splitlines()
    assert printed[1].split() == ["one", "3", "ms", "2", "ms", "1.50", "×", "≤", "1.6", "×", "reached"]
    assert printed[2].endswith("30.0 ms  ≤ 20 ms  NOT REACHED")
    assert len({line.index("≤") for line in printed[1:]}) == 1


def test_a_key_is_told_as_its_time_passes() -> None:
    """A key of 100 ms is five packets of one event, then its end three times (RFC 4733)."""
    packets = sip.key_packets(10, 1, "*")
    assert [packet[12] for packet in packets] == [10] * 8
    assert [packet[13] >> 7 for packet in packets] == [0] * 5 + [1] * 3
    assert [int.from_bytes(packet[14:16], "big") for packet in packets] == [160, 320, 480, 640] + [800] * 4
    assert len({packet[4:8] for packet in packets}) == 1
    assert [packet[1] >> 7 for packet in packets] == [1] + [0] * 7


def test_silence_is_no_sound() -> None:
    """The first sound is the first packet with something in it, not the first packet."""
    assert not sip.is_loud(sip.voice_packet(0, 1, b"\xff\x7f" * 80))
    assert sip.is_loud(sip.voice_packet(0, 1, b"\xff" * 159 + b"\x20"))


def test_an_answer_is_read_as_asterisk_writes_it() -> None:
    """Status, media port and cause of a call's end are read from what Asterisk sends."""
    dialog = sip.Dialog("1-2", "sip:x@127.0.0.1:5060", "<sip:a@127.0.0.1>;tag=1", "<sip:x@127.0.0.1>")
    invite = sip.parse(dialog.request("INVITE", 7000, sip.description(9000)))
    assert (invite.status, invite.method, invite.media_port) == (0, "INVITE", 9000)
    answer = sip.parse(sip.answer(invite, "200 OK", 5060, "t1", sip.description(9002)))
    assert (answer.status, answer.method, answer.media_port) == (200, "INVITE", 9002)
    assert answer.headers["to"] == "<sip:x@127.0.0.1>;tag=t1"
    bye = sip.parse(b"BYE sip:x SIP/2.0\r\nCSeq: 2 BYE\r\nReason: Q.850;cause=16\r\n\r\n")
    assert bye.cause == 16
