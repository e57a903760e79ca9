"""The self-test on a real PBX: it passes when everything works, and fails when something does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from asterisk_gdpr.rig.debian import programs
from asterisk_gdpr.service.self_test.self_test import AGENT
from tests.live.house import VOICES, House, tone, within

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """A PBX with the daemon beside it."""
    with House(programs()) as house:
        yield house


def outcome(house: House, *options: str) -> tuple[bool, dict[str, Any]]:
    """Run it; whether it passed, and its claims by id (one that failed anywhere counts as failed)."""
    done = house.run_command("self-test", "--json", *options)
    assert done.returncode in (0, 1), done.stderr
    told = json.loads(done.stdout)
    assert told["passed"] == (done.returncode == 0)
    held: dict[str, Any] = {}
    for claim in told["claims"]:
        held[claim["id"]] = claim["held"] if held.get(claim["id"], True) is not False else False
    return told["passed"], held


def alarms(house: House) -> set[str]:
    """The ids of the alarms that stand."""
    return {alarm.id for alarm in house.register.alarms()}


def test_the_self_test_fails_where_the_notice_is_silent(house: House) -> None:
    """A notice that plays and says nothing is found by its sound, and is an alarm."""
    product = house.product
    policy, prompts = product.policy(), product.prompts()
    spoken = prompts.get("sales", "en", "statement")
    silence = tone(0, spoken.seconds)
    prompts.import_voice(policy, "sales", "en", "statement", silence.tobytes(), tone(0, 1.0, 16000).tobytes())
    house.command("reload")
    try:
        passed, held = outcome(house)
        assert not passed
        assert held["statement-heard"] is False
        assert held["refused"] is True  # everything else goes on
        assert "self-test-failed" in alarms(house)
        assert held["opened"] is None  # the private key was not at hand
    finally:
        voice = [tone(*VOICES["statement"], rate).tobytes() for rate in (8000, 16000)]
        product.prompts().import_voice(policy, "sales", "en", "statement", *voice)
        house.command("reload")


def test_the_self_test_passes_where_everything_works(house: House) -> None:
    """It hears the notice, refuses, agrees, withdraws, is sealed, opened and erased; its report is signed."""
    report = house.folder / "report.json"
    passphrase = ("--passphrase-file", str(house.folder / "passphrase"))

    passed, held = outcome(house, *passphrase, "--to", str(report))

    assert passed, held
    assert {id for id, is_so in held.items() if is_so} >= {
        *("statement-heard", "question-heard", "refused", "refused-unrecorded", "refused-talk"),
        *("agreed", "evidence", "withdrawal-told", "withdrawn-erased", "withdrawn-certificate"),
        *("sealed", "captured", "verified", "opened", "erased", "nothing-left", "certificate"),
    }
    told = json.loads(house.command("self-test", "--verify", str(report)))
    assert (told["passed"], len(told["calls"]), len(told["recordings"])) == (True, 3, 2)
    assert {house.recording(id)["state"] for id in told["recordings"]} == {"erased"}
    agent = house.register.agent(AGENT)
    assert agent is not None and agent.standing == "withdrawn"
    assert "self-test-failed" not in alarms(house)
    changed = report.read_bytes().replace(b'"passed":true', b'"passed":fals')
    (house.folder / "changed.json").write_bytes(changed)
    assert house.run_command("self-test", "--verify", str(house.folder / "changed.json")).returncode == 1


@pytest.mark.slow
def test_the_self_test_fails_where_nothing_is_captured(house: House) -> None:
    """When MixMonitor is gone, the self-test says that nothing is recorded, and the calls go on."""
    house.pbx.rx("module unload app_mixmonitor.so")
    try:
        passed, held = outcome(house)
        assert not passed
        assert held["refused-talk"] is True
        assert {id for id, is_so in held.items() if is_so is False} >= {"captured", "keep"}
    finally:
        house.pbx.rx("module load app_mixmonitor.so")


@pytest.mark.slow
def test_the_daemon_tests_itself_at_its_hour() -> None:
    """At its hour the daemon places the calls by itself, and keeps a signed report; nobody opens anything."""
    with House(programs()) as house:
        house.stop("run")
        hour = datetime.now(UTC).hour
        text = house.config.read_text().replace("nightly: false, hour: 3", f"nightly: true, hour: {hour}")
        house.config.write_text(text)
        assert f"nightly: true, hour: {hour}" in text
        house.start("run")
        folder = house.installation / "state/self-tests"

        (report,) = within(lambda: [*folder.glob("*.json")] or None, 150)

        told = json.loads(house.command("self-test", "--verify", str(report)))
        held = {claim["id"]: claim["held"] for claim in told["claims"]}
        assert told["passed"], held
        assert held["verified"] is True and held["opened"] is None
        assert {house.recording(id)["state"] for id in told["recordings"]} == {"erased"}
        assert "self-test-failed" not in alarms(house)
