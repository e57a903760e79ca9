"""How it goes as numbers: what is counted, and that nobody is in it."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from prometheus_client.parser import text_string_to_metric_families

from asterisk_gdpr.core.recording import Reason, Tombstone
from asterisk_gdpr.core.requests import Request, Right
from asterisk_gdpr.ports import Alarm, Evidence, Register
from asterisk_gdpr.service.metrics import metrics
from tests.register.samples import call, noon, number_index, seal

BERLIN = ZoneInfo("Europe/Berlin")
NOW = noon + timedelta(hours=1)

Numbers = dict[str, dict[tuple[str, ...], float]]


def read(text: bytes) -> Numbers:
    """What a monitoring makes of it: the values of each name by their labels, in the order of those."""
    return {
        family.name.removeprefix("asterisk_gdpr_"): {
            tuple(sample.labels[name] for name in sorted(sample.labels)): sample.value
            for sample in family.samples
        }
        for family in text_string_to_metric_families(text.decode())
    }


def test_everything_is_counted(register: Register) -> None:
    """Daemons, recordings, alarms, switches, choices of the day, requests, what waits to be erased."""
    seal(register, "1")
    register.add_tombstone(Tombstone("r1", Reason.REQUESTED, noon, noon))
    register.add_call(call("c2"))
    register.commit_choice(Evidence("c2", noon, "refused", {}))
    register.beat("pbx1", NOW, {"calls": 3, "shed": 1, "asterisk": True, "spool_room": 90})
    register.beat("pbx2", noon, {"calls": 9, "asterisk": True})
    for about in ("one", "two"):
        register.raise_alarm(Alarm("capture-silent", about, noon, "a message"))
    register.switch("sales", False, noon)
    for id, late in (("q1", True), ("q2", False)):
        by = NOW + timedelta(days=-1 if late else 1)
        register.add_request(Request(id, Right.ACCESS, noon, noon, "olga", by, "en"))

    told = read(metrics(register, NOW, BERLIN))

    assert told["up"] == {("pbx1",): 1, ("pbx2",): 0}
    assert told["calls"] == {("pbx1",): 3}  # what a silent daemon said is not told as now
    assert told["asterisk_connected"] == {("pbx1",): 1}
    assert told["calls_shed"] == {("pbx1",): 1}
    assert told["spool_room_ratio"] == {("pbx1",): 0.9}
    assert told["recordings"] == {("erasing",): 1}
    assert told["alarms"] == {("capture-silent",): 2}
    assert told["switched_off"] == {("sales",): 1}
    assert told["choices_today"][("refused", "sales")] == 1
    assert told["requests"] == {("open",): 2, ("late",): 1}
    assert told["erasures_waiting"] == {(): 1}


def test_a_day_is_that_of_the_installation(register: Register) -> None:
    """The choices of the day begin at midnight of the installation's own time."""
    register.add_call(call("c1"))
    told = read(metrics(register, noon + timedelta(days=1), BERLIN))
    assert told["choices_today"] == {}


def test_others_lines_are_not_told(register: Register) -> None:
    """Whose rights end at some lines learns of no other line's calls and switches."""
    register.add_call(call("c1"))
    register.switch("sales", False, noon)
    told = read(metrics(register, NOW, BERLIN, {"support"}))
    assert told["choices_today"] == {} == told["switched_off"]


def test_nobody_is_in_it(register: Register) -> None:
    """No id of a call or recording, no channel, no hash of a number and no message is in the text."""
    seal(register, "1")
    register.raise_alarm(Alarm("capture-silent", "c1", noon, "a message about channel-of-c1"))
    text = metrics(register, NOW, BERLIN)
    for told in (b"c1", b"r1", b"channel", number_index.hex().encode(), b"message"):
        assert told not in text


@pytest.mark.parametrize("line", ['a"b', "a\\b", "a\nb"])
def test_a_name_cannot_break_out(register: Register, line: str) -> None:
    """Whatever a line is called, it stays one label."""
    register.switch(line, False, noon)
    assert read(metrics(register, NOW, BERLIN))["switched_off"] == {(line,): 1}
