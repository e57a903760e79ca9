"""Which line is tested, when, what follows from it, and what stays of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from asterisk_gdpr.bootstrap.self_test import is_time
from asterisk_gdpr.config import load_policy, shipped
from asterisk_gdpr.core.policy import Mode, Policy
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports.self_test import SyntheticCall
from asterisk_gdpr.seal.errors import DamagedDocument
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.self_test import self_test as module
from asterisk_gdpr.service.self_test.report import Claim, Report, read_report
from asterisk_gdpr.service.self_test.self_test import AGENT, FAILED, SelfTest, line_to_test
from asterisk_gdpr.service.self_test.steps import Tools
from tests.fakes.register import MemoryRegister

NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
SAMPLE = load_policy(shipped() / "policy.yaml")


class Clock:
    def now(self) -> datetime:
        return NOW


class DeadPhones:
    """Telephones of an Asterisk that places no call."""

    agent_endpoint = "UnicastRTP/127.0.0.1:5000"

    @asynccontextmanager
    async def call(self, line: str) -> AsyncIterator[SyntheticCall]:
        raise Refused("Asterisk places no test call.", id="no-test-call")
        yield


def changed(line: str, **values: Any) -> Policy:
    """The sample policy with something else about one line."""
    return replace(SAMPLE, lines={**SAMPLE.lines, line: replace(SAMPLE.lines[line], **values)})


def test_a_line_is_chosen_that_can_be_refused_and_erased() -> None:
    """The first live line is taken whose callers are all asked, and for nothing that is mandatory."""
    assert line_to_test(SAMPLE).line == "sales"
    for values in (
        {"mode": Mode.SHADOW},
        {"share": 99},
        {"exempt": True},
        {"purposes": ("quality", "orders")},
    ):
        with pytest.raises(Refused) as refused:
            line_to_test(changed("sales", **values))
        assert refused.value.id == "no-line-to-test"


@pytest.mark.parametrize(("line", "id"), [("trading", "no-line-to-test"), ("nowhere", "no-such-line")])
def test_a_line_that_is_named_must_be_testable(line: str, id: str) -> None:
    """A line that is named and cannot be tested is refused, and no other one taken instead."""
    with pytest.raises(Refused) as refused:
        line_to_test(SAMPLE, line)
    assert refused.value.id == id


def a_test(register: MemoryRegister, folder: Path) -> SelfTest:
    """A self-test of a PBX that places no call."""
    nothing: Any = None
    tools = Tools(
        phones=DeadPhones(),
        register=register,
        vault=nothing,
        prompt=nothing,
        verify=nothing,
        opened=nothing,
        erase=nothing,
        certified=nothing,
        clock=Clock(),
    )
    return SelfTest(lambda: tools, register, SAMPLE, SigningKey.generate(), Clock(), "pbx1", folder)


async def test_a_failure_is_an_alarm_and_leaves_no_agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When nothing works, the report says so, an alarm stands, and the test's agent is no agent any more."""
    monkeypatch.setattr(module, "_SETTLES", 0.0)
    register = MemoryRegister()

    report, signed = await a_test(register, tmp_path / "reports").run(line_to_test(SAMPLE))

    assert not report.passed
    assert [claim.id for claim in report.claims if claim.held is False] == ["refuse", "withdraw", "keep"]
    assert [(alarm.id, alarm.about) for alarm in register.alarms()] == [(FAILED, "pbx1")]
    agent = register.agent(AGENT)
    assert agent is not None and agent.standing == "withdrawn"
    (file,) = (tmp_path / "reports").iterdir()
    assert file.read_bytes() == signed
    assert register.entries()[-1].kind == "self-test"


def test_nothing_is_tested_on_a_line_that_is_off(tmp_path: Path) -> None:
    """A line that somebody has switched off is not tested: nothing would be recorded."""
    register = MemoryRegister()
    register.switch("sales", False, NOW)

    with pytest.raises(Refused) as refused:
        a_test(register, tmp_path).rules("sales")
    assert refused.value.id == "switched-off"


def test_a_report_is_what_was_signed() -> None:
    """A report verifies by the verify key; one that says something else does not."""
    key = SigningKey.generate()
    claims = (Claim("sealed", "it is sealed", True), Claim("opened", "it opens", None, "no key"))
    report = Report("pbx1", "sales", "p", NOW, NOW, claims, ("c1",), ("r1",))
    signed = report.signed(key)

    assert report.passed
    assert read_report(signed, [key.verify_key])["claims"][1]["held"] is None
    assert not replace(report, claims=(replace(claims[0], held=False),)).passed
    assert not replace(report, claims=()).passed
    with pytest.raises(DamagedDocument):
        read_report(signed.replace(b'"passed":true', b'"passed":null'), [key.verify_key])


def test_the_night_has_one_self_test(tmp_path: Path) -> None:
    """The test begins in its local hour, once a night, and not where nobody wants it."""
    at = SimpleNamespace(nightly=True, hour=3, line=None)
    config: Any = SimpleNamespace(
        self_test=at, time_zone="Europe/Berlin", paths=SimpleNamespace(state=tmp_path)
    )
    three = datetime(2026, 11, 25, 3, 10, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)

    assert is_time(config, three)
    assert not is_time(config, three - timedelta(hours=1))
    (tmp_path / "self-tests").mkdir()
    (tmp_path / "self-tests" / f"{three:%Y%m%dT%H%M%S}.json").touch()
    assert not is_time(config, three + timedelta(minutes=20))
    assert is_time(config, three + timedelta(days=1))
    at.nightly = False
    assert not is_time(config, three + timedelta(days=1))
