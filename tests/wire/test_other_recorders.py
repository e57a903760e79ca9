"""Recorders that are not ours, by what Asterisk 22 was seen to tell of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Set
from typing import Any, cast

import pytest

from asterisk_gdpr.adapters.ami import AmiClient
from asterisk_gdpr.adapters.ami_wire import Message
from asterisk_gdpr.adapters.monitor_list import Monitor, monitors
from asterisk_gdpr.adapters.other_recorders import OtherRecorders, Ours
from asterisk_gdpr.adapters.refusals import AmiError
from asterisk_gdpr.ports import By, Recorder, Reports

SPOOL = "/run/spool"
HEAD = "MixMonitor ID\tFile\tReceive File\tTransmit File\n====\n"
OURS = f"0x1\t\t{SPOOL}/r1.1.left\t{SPOOL}/r1.1.right\n"
THEIRS = "0x2\t/var/monitor/a-49151\t\t\n"


class Asterisk:
    """Answers by what it has been given: `lists` by channel name; None refuses the right `command`."""

    def __init__(self) -> None:
        self.lists: dict[str, str] = {}
        self.may_command = True
        self.variable = ""
        self.stopped: list[dict[str, Any]] = []

    async def action(self, name: str, **fields: Any) -> Message:
        if name == "Command":
            if not self.may_command:
                raise AmiError("Permission denied")
            return Message([("Output", self.lists.get(fields["Command"].split(" ", 2)[2], ""))])
        if name == "StopMixMonitor":
            self.stopped.append(fields)
            self.lists = {
                channel: "".join(
                    line
                    for line in text.splitlines(keepends=True)
                    if not line.startswith(fields["MixMonitorID"] + "\t")
                )
                for channel, text in self.lists.items()
            }
        return Message([("Response", "Success"), ("Value", self.variable)])


class Stage:
    """The adapter, and what it reports."""

    def __init__(self) -> None:
        self.asterisk = Asterisk()
        self.now: dict[str, Set[Recorder]] = {}
        self.ended: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []
        ami, reports = cast(AmiClient, self.asterisk), cast(Reports, self)
        self.others = OtherRecorders(ami, lambda: reports, self._later, SPOOL)

    def _later(self, work: Coroutine[None, None, None]) -> None:
        self._tasks.append(asyncio.ensure_future(work))

    def other_recorders(self, at: str, now: Set[Recorder]) -> None:
        self.now[at] = now

    def capture_ended(self, channel: str) -> None:
        self.ended.append(channel)

    async def told(self, event: str, **fields: str) -> None:
        self.others.told(Message([("Event", event), *fields.items()]))
        await self.settled()

    async def settled(self) -> None:
        await asyncio.gather(*self._tasks)
        self._tasks.clear()


@pytest.fixture
def stage() -> Stage:
    """An Asterisk that answers by what it has been given."""
    return Stage()


def test_a_list_of_mixmonitors_is_read() -> None:
    """Each row is one, with its id and files; heads, a channel that is not there, and nothing are none."""
    assert monitors(HEAD + OURS + THEIRS) == [
        Monitor("0x1", "", f"{SPOOL}/r1.1.left", f"{SPOOL}/r1.1.right"),
        Monitor("0x2", "/var/monitor/a-49151", "", ""),
    ]
    assert monitors("No channel matching 'CBRec/x-' found.\n") == [] == monitors("")


def test_ours_are_told_from_others_by_what_they_write() -> None:
    """Two legs in the spool and no mixed file are ours; an id proves nothing, since it is used again."""
    assert [one.is_ours(SPOOL) for one in monitors(HEAD + OURS + THEIRS)] == [True, False]
    assert not Monitor("0x1", "", "/run/spool-other/x", "").is_ours(SPOOL)


def test_each_start_and_end_that_we_ask_for_is_ours_once() -> None:
    """One more, or one after a refusal or a lost connection, is somebody else's."""
    ours = Ours()
    for start, ask, refuse in (
        (True, ours.start, ours.start_refused),
        (False, ours.end, ours.end_refused),
    ):
        ask("c1")
        assert ours.is_told("c1", start=start)
        assert not ours.is_told("c1", start=start)
        ask("c1")
        refuse("c1")
        assert not ours.is_told("c1", start=start)
        ask("c1")
        ours.lost()
        assert not ours.is_told("c1", start=start)


async def test_a_start_is_told_with_its_file(stage: Stage) -> None:
    """A MixMonitor that we did not ask for is told by its id and file, and ours beside it is not."""
    stage.asterisk.lists["PJSIP/a"] = HEAD + THEIRS + OURS
    await stage.told("MixMonitorStart", Uniqueid="c1", Channel="PJSIP/a")

    assert stage.now == {"c1": {Recorder("c1", By.MIXMONITOR, "0x2", "/var/monitor/a-49151")}}


async def test_one_that_has_just_begun_is_nobody_s_until_it_names_a_file(stage: Stage) -> None:
    """Asterisk lists a new one without its files for a moment; ours is not taken for another's then."""
    stage.asterisk.lists["PJSIP/a"] = HEAD + "0x1\t\t\t\n" + THEIRS
    looking = asyncio.create_task(stage.told("MixMonitorStart", Uniqueid="c1", Channel="PJSIP/a"))
    await asyncio.sleep(0.05)
    assert stage.now == {}
    stage.asterisk.lists["PJSIP/a"] = HEAD + OURS + THEIRS
    await looking

    assert stage.now == {"c1": {Recorder("c1", By.MIXMONITOR, "0x2", "/var/monitor/a-49151")}}


async def test_an_event_that_a_caller_forged_raises_nothing(stage: Stage) -> None:
    """Told of a start where Asterisk lists none but ours, nobody is alarmed."""
    stage.asterisk.lists["PJSIP/a"] = HEAD + OURS
    await stage.told("MixMonitorStart", Uniqueid="c1", Channel="PJSIP/a")

    assert stage.now == {}


async def test_without_the_right_to_ask_the_event_counts(stage: Stage) -> None:
    """Where our user may not ask for the list, a start is told all the same, with the variable's file."""
    stage.asterisk.may_command, stage.asterisk.variable = False, "/var/monitor/b.wav"
    await stage.told("MixMonitorStart", Uniqueid="c1", Channel="PJSIP/a")
    (recorder,) = stage.now["c1"]

    assert recorder == Recorder("c1", By.MIXMONITOR, "", "/var/monitor/b.wav")
    assert not await stage.others.stop(recorder)
    assert stage.asterisk.stopped == []


async def test_only_the_one_that_was_meant_is_stopped(stage: Stage) -> None:
    """It goes by its id; an id that Asterisk has given to ours or to another file meanwhile is left alone."""
    stage.asterisk.lists["PJSIP/a"] = HEAD + THEIRS + OURS
    await stage.told("MixMonitorStart", Uniqueid="c1", Channel="PJSIP/a")
    assert await stage.others.stop(Recorder("c1", By.MIXMONITOR, "0x2", "/var/monitor/a-49151"))
    assert stage.now["c1"] == frozenset()
    assert [one["MixMonitorID"] for one in stage.asterisk.stopped] == ["0x2"]

    await stage.others.stop(Recorder("c1", By.MIXMONITOR, "0x1", f"{SPOOL}/r1.1.left {SPOOL}/r1.1.right"))
    await stage.others.stop(Recorder("c1", By.MIXMONITOR, "0x1", "/var/monitor/elsewhere"))
    assert [one["MixMonitorID"] for one in stage.asterisk.stopped] == ["0x2"]


async def test_who_ends_ours_is_told_of(stage: Stage) -> None:
    """An end that we did not ask for, after which ours is not listed, ended ours; any other did not."""
    stage.others.ours.runs("c1")
    stage.asterisk.lists["PJSIP/a"] = HEAD + OURS
    await stage.told("MixMonitorStop", Uniqueid="c1", Channel="PJSIP/a")
    assert stage.ended == []
    stage.asterisk.lists["PJSIP/a"] = HEAD + THEIRS
    await stage.told("MixMonitorStop", Uniqueid="c1", Channel="PJSIP/a")
    await stage.told("MixMonitorStop", Uniqueid="c2", Channel="PJSIP/a")

    assert stage.ended == ["c1"]


async def test_what_began_while_nobody_listened_is_found(stage: Stage) -> None:
    """After a connect every channel's list is asked for, every conference's, and whoever spies is told of."""
    stage.asterisk.lists = {"PJSIP/a": HEAD + THEIRS, "CBRec/room-": HEAD + "0x3\t/var/monitor/conf\t\t\n"}
    rows = [
        {"Uniqueid": "c1", "Channel": "PJSIP/a", "Application": "ConfBridge", "ApplicationData": "room,x"},
        {"Uniqueid": "c2", "Channel": "PJSIP/b", "Application": "ChanSpy", "ApplicationData": "PJSIP/a,q"},
    ]
    rows[0]["BridgeId"] = "b1"
    stage.others.look_around([Message(row.items()) for row in rows])
    await stage.settled()

    assert stage.now["c1"] == {
        Recorder("c1", By.MIXMONITOR, "0x2", "/var/monitor/a-49151"),
        Recorder("c1", By.CHANSPY, "c2"),
    }
    assert stage.now["b1"] == {Recorder("b1", By.CONFBRIDGE, "room", "/var/monitor/conf")}


async def test_a_monitor_of_an_older_asterisk_is_told_of(stage: Stage) -> None:
    """Asterisk had a Monitor until its version 20: its events are heeded like any other's."""
    await stage.told("MonitorStart", Uniqueid="c1", Channel="PJSIP/a")
    assert stage.now["c1"] == {Recorder("c1", By.MONITOR, "c1")}
    await stage.told("MonitorStop", Uniqueid="c1", Channel="PJSIP/a")

    assert stage.now["c1"] == frozenset()


async def test_who_listens_in_is_told_of_until_they_stop(stage: Stage) -> None:
    """A ChanSpy is at the channel that it spies on, and goes with its end."""
    fields = {"SpyeeUniqueid": "c1", "SpyerUniqueid": "s1"}
    await stage.told("ChanSpyStart", **fields)
    assert stage.now["c1"] == {Recorder("c1", By.CHANSPY, "s1")}
    await stage.told("ChanSpyStop", **fields)

    assert stage.now["c1"] == frozenset()
