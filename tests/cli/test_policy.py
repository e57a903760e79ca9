"""Versions of the policy, what a change of it changes, and shorter periods for what exists."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from asterisk_gdpr.bootstrap.earlier_policies import EarlierPolicies
from asterisk_gdpr.core.holds import Hold, HoldGround
from asterisk_gdpr.service.sealing import opus
from tests.cli.house import RECORDING, House

pytestmark = pytest.mark.thorough

ORDERS = "r1123456789abcdef"


@pytest.fixture
def house(full_house: House) -> House:
    """An installation with one recording for the purpose quality (90 days), its policy kept as in force."""
    installation = full_house.open()
    earlier = EarlierPolicies(
        installation.register(), installation.policy(), installation.config.policy, full_house.clock
    )
    earlier.keep_current()
    installation.close()
    return full_house


def change(house: House, *replacements: tuple[str, str]) -> str:
    """Change the policy's file; returns the version that was there before."""
    installation = house.open()
    version = installation.policy().version
    installation.close()
    policy = house.folder / "policy.yaml"
    text = policy.read_text()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    policy.write_text(text)
    return version


def end_of_quality(house: House) -> str:
    """When the purpose quality of the recording ends."""
    purposes = house.json("recordings", "show", RECORDING)["purposes"]
    return str(next(each["expires_at"] for each in purposes if each["purpose"] == "quality"))


def test_versions_are_kept_by_their_hash(house: House) -> None:
    """Every version that was in force is listed by the hash of its text, with what was recorded under it."""
    (kept,) = house.json("policy", "list")

    assert (kept["recordings"], kept["in_file"]) == (1, True)
    assert kept["version"] == house.json("recordings", "show", RECORDING)["policy"]
    change(house, ("keep: 90 days", "keep: 60 days"))
    assert [each["in_file"] for each in house.json("policy", "list")] == [False]


def test_a_version_is_compared_with_the_file(house: House) -> None:
    """diff takes the beginning of a version that the register keeps, and counts what is stored."""
    version = change(house, ("keep: 90 days", "keep: 60 days"))

    told = house.json("policy", "diff", version[:8])

    assert (told["old"], told["new"] != version) == (version, True)
    stored = [each for each in told["changes"] if each["concerns"] == "recordings"]
    assert [(each["about"], each["recordings"]) for each in stored] == [("purpose quality", 1)]
    assert house("policy", "diff", version) == 0
    assert "policy shorten" in house.out


def test_a_draft_is_compared_before_it_is_approved(house: House, tmp_path: Path) -> None:
    """A file that nobody has approved yet can be compared, and any other fault of it is told."""
    draft = tmp_path / "draft.yaml"
    text = (house.folder / "policy.yaml").read_text()
    draft.write_text(text.replace("approved: {", "# approved: {"))

    told = house.json("policy", "diff", house.folder / "policy.yaml", draft)
    assert [(each["about"], each["says"]) for each in told["changes"]] == [("approval", "none: no line runs")]

    draft.write_text(text.replace("choice: opt_in", "choice: none"))
    assert house("policy", "diff", house.folder / "policy.yaml", draft) == 1
    assert "[consent-without-choice]" in house.err


@pytest.mark.parametrize("name", ["0123456789", "nowhere.yaml", "", "../nowhere/passwd", "a\nb"])
def test_what_names_no_policy_is_refused(house: House, name: str) -> None:
    """A name that is no file and no version is one clear line, and changes nothing."""
    before = house.count_entries()

    assert house("policy", "diff", name) == 1

    assert "[no-such-policy]" in house.err
    assert house.err.count("\n") == 1
    assert house.count_entries() == before


def test_a_longer_period_never_reaches_what_exists(house: House) -> None:
    """After a longer period a recording ends when it would have, told to shorten or not."""
    before = end_of_quality(house)
    change(house, ("keep: 90 days", "keep: 1 year"))

    assert house.json("policy", "shorten")["purposes"] == []
    assert end_of_quality(house) == before


def test_a_shorter_period_reaches_what_exists_when_told(house: House) -> None:
    """A shorter period changes nothing by itself, a dry run only tells, and then the ledger has it."""
    before, entries = end_of_quality(house), house.count_entries()
    change(house, ("keep: 90 days", "keep: 30 days"))
    assert end_of_quality(house) == before

    (told,) = house.json("policy", "shorten", "--dry-run")["purposes"]
    assert (told["recording"], told["purpose"], told["before"]) == (RECORDING, "quality", before)
    assert (end_of_quality(house), house.count_entries()) == (before, entries)

    assert house.json("policy", "shorten")["purposes"] == [told]
    assert end_of_quality(house) == told["until"] == "2026-12-24T00:00:00.000000Z"
    assert house.kinds()[-1] == "periods-shortened"
    assert house.json("policy", "shorten")["purposes"] == []
    house.clock.time += timedelta(days=32)
    assert [each["recording"] for each in house.json("sweep")["recordings"]] == [RECORDING]


def test_a_purpose_that_is_gone_ends_only_when_told(house: House) -> None:
    """What was recorded for a purpose that is gone lives on until told; what the law keeps, in any case."""
    house.record(ORDERS, purposes=("orders",))
    change(house, ("[quality, disputes]", "[disputes]"), ("purposes: [quality]", "purposes: [disputes]"))
    change(house, ("  quality:\n", "  review:\n"), ("  orders:\n", "  trades:\n"), ("[orders]", "[trades]"))

    assert house.json("policy", "shorten")["purposes"] == []
    (told,) = house.json("policy", "shorten", "--removed")["purposes"]

    assert (told["recording"], told["purpose"], told["removed"]) == (RECORDING, "quality", True)
    assert house.kinds()[-1] == "purposes-ended"
    assert [each["recording"] for each in house.json("sweep")["recordings"]] == [RECORDING]
    assert house("recordings", "verify", ORDERS) == 0


def test_why_a_recording_exists(house: House) -> None:
    """explain says of a recording for what it exists, until when, and which roles may listen."""
    told = house.json("explain", "--recording", RECORDING)

    assert (told["exists"], told["listeners"]) == (True, ["quality", "supervisor"])
    assert told["until"] == "2027-02-22T00:00:00.000000Z"
    assert house("explain", "--recording", RECORDING) == 0
    for words in (
        "Does it exist for quality? Yes, until 2027-02-22",
        "Who may listen? Roles: quality, supervisor.",
    ):
        assert words in house.out


def test_who_may_listen_is_asked_of_the_policy_in_force(house: House) -> None:
    """A role that the policy names no more may not listen to what was recorded before, and admin never."""
    change(house, ("listeners: [quality, supervisor]", "listeners: [admin, supervisor]"))

    assert house.json("explain", "--recording", RECORDING)["listeners"] == ["supervisor"]


def test_a_hold_is_told_with_its_own_listeners(house: House) -> None:
    """Of a recording that is held explain says by what ground, until when, and who may listen for it."""
    installation = house.open()
    now = house.clock.now()
    hold = Hold(
        *("h0123456789abcdef", "case 7", HoldGround.LEGAL_CLAIMS, "a claim", "cli:root"),
        *(frozenset({"legal"}), now, now + timedelta(days=200)),
    )
    installation.register().add_hold(hold, [RECORDING])
    installation.close()

    told = house.json("explain", "--recording", RECORDING)

    assert (told["listeners"], told["held_by"]) == (["quality", "supervisor"], ["legal"])
    assert house("explain", "--recording", RECORDING) == 0
    for words in (
        "Is it held? Yes, by h0123456789abcdef.",
        "Art. 17(3)(e)",
        "Nothing erases it before 2027-06-11",
    ):
        assert words in house.out
    assert "case 7" not in house.out


def test_nobody_listens_to_what_is_erased(house: House) -> None:
    """Of an erased recording explain says so, by whose word, and that nobody may listen."""
    assert house("erase", "--recording", RECORDING, "--reason", "requested") == 0

    told = house.json("explain", "--recording", RECORDING)

    assert (told["exists"], told["listeners"]) == (False, [])
    assert "reason: requested" in str(told["answers"])


@pytest.mark.parametrize(
    ("arguments", "status", "id"),
    [
        (("--recording", "r9"), 1, "unknown-recording"),
        (("--line", "nowhere"), 1, "no-such-line"),
        ((), 2, "--line / --recording"),
        (("--line", "sales", "--recording", RECORDING), 2, "--line / --recording"),
    ],
)
def test_explain_is_asked_one_thing(house: House, arguments: tuple[str, ...], status: int, id: str) -> None:
    """explain takes a line or a recording that exists, and says so otherwise."""
    assert house("explain", *arguments) == status
    assert id in house.err


def test_check_tells_how_each_rule_stands(house: House) -> None:
    """A policy without faults is told with its rules: kept, to be weighed, or decided by the controller."""
    change(
        house, ("overlays: [mifid]", "overlays: [mifid, pci]\ndecisions: {pci-keep-out: agents pause; P-3}")
    )

    rules = {rule["rule"]: rule for rule in house.json("policy", "check")["rules"]}

    assert rules["mifid-recording"]["how"] == "kept"
    assert rules["eu-hold"]["how"] == "to be weighed by the controller"
    assert rules["pci-keep-out"]["how"] == "decided: agents pause; P-3"
    assert {rule["standing"] for rule in rules.values()} == {"confirmed", "unconfirmed"}
    assert all(rule["source"].startswith("http") for rule in rules.values())
    assert house("policy", "check") == 0
    assert "pci-keep-out" in house.out


def test_check_tells_where_opus_cannot_be_made(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy that would do with Opus is good where there is none, and says that sound is lossless then."""
    change(house, ("  quality:\n", "  quality:\n    audio: opus\n"))
    assert house.json("policy", "check")["warnings"] == []

    monkeypatch.setattr(opus, "available", lambda: False)
    (warning,) = house.json("policy", "check")["warnings"]
    assert "quality" in warning and "lossless" in warning
    assert house("policy", "check") == 0
    assert warning in house.out
