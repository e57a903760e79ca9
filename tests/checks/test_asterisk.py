"""What `check` makes of facts about Asterisk and its files."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asterisk_gdpr.adapters.ami_wire import Message
from asterisk_gdpr.adapters.refusals import CredentialsRefused
from asterisk_gdpr.bootstrap.probes.asterisk import sections_of
from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.service.checks import asterisk, asterisk_files
from asterisk_gdpr.service.checks.asterisk import AsteriskFacts
from asterisk_gdpr.service.checks.asterisk_files import AsteriskFiles, Section, allows
from tests.checks.test_machine import ids

DENY_ALL = ("deny", "0.0.0.0/0.0.0.0")
OURS = tuple(
    (name, f"{keys},self/both,UserEvent")
    for name, keys in (("asterisk-gdpr-withdraw", "*9"), ("asterisk-gdpr-agree", "*4"))
)
LOCAL = ("permit", "127.0.0.1/255.255.255.255")
GOOD = AsteriskFiles(
    manager=(("bindaddr", "127.0.0.1"),),
    manager_user=(("secret", "x"), DENY_ALL, LOCAL, ("read", "system,call,dtmf,user")),
    http=(("bindaddr", "127.0.0.1"),),
    features={"featuremap": (("disconnect", "**"), ("blindxfer", "##")), "applicationmap": OURS},
)


def test_good_files_have_no_findings() -> None:
    """AMI and ARI on the loopback, an ACL, nothing cached, no key taken: nothing is found."""
    found = [
        *asterisk_files.manager(GOOD, "127.0.0.1"),
        *asterisk_files.hearing(GOOD),
        *asterisk_files.web(GOOD),
        *asterisk_files.caching(GOOD),
        *asterisk_files.feature_keys(GOOD),
        *asterisk_files.unread(GOOD),
    ]
    assert found == []


def test_reaching_asterisk() -> None:
    """Each interface that does not answer is an error of its own; wrong credentials are told apart."""
    away = Unreachable("AMI does not answer.")
    wrong = CredentialsRefused("Refused.", hint="Compare.")

    assert ids(asterisk.reach(AsteriskFacts())) == []
    assert ids(asterisk.reach(AsteriskFacts(ari=away))) == ["ari-unreachable"]
    assert ids(asterisk.reach(AsteriskFacts(ari=wrong, ami=away))) == [
        "ari-credentials",
        "ami-unreachable",
        "asterisk",
    ]
    assert ids(asterisk.reach(AsteriskFacts(ami=wrong))) == ["ami-credentials", "asterisk"]


def test_what_is_missing_in_asterisk() -> None:
    """A module that is not loaded, a right that is not given, a clock that differs: each is found."""
    facts = AsteriskFacts(missing_modules=frozenset({"app_mixmonitor"}), refused=frozenset({"MixMonitor"}))

    assert ids([*asterisk.modules(facts), *asterisk.rights(facts)]) == ["module-missing", "ami-rights"]
    assert ids(asterisk.rights(AsteriskFacts(refused=frozenset({"Command"})))) == ["ami-command"]
    assert ids(asterisk.clock(AsteriskFacts(skew=-30))) == ["clock-differs"]
    assert ids(asterisk.clock(AsteriskFacts(skew=0.4))) == []


def test_what_the_self_test_lacks_is_found_before_the_night() -> None:
    """A module, the context or a line that the nightly self-test needs is a warning of its own."""
    lacks = AsteriskFacts(self_test_lacks=frozenset({"chan_rtp"}), self_test_entry=False)

    assert ids(asterisk.self_test(AsteriskFacts(), None)) == []
    assert ids(asterisk.self_test(lacks, None)) == ["self-test-module", "self-test-dialplan"]
    assert ids(asterisk.self_test(replace(lacks, entry=False), None)) == ["self-test-module"]
    assert ids(asterisk.self_test(AsteriskFacts(), Refused("No line can.", id="x"))) == ["self-test-line"]


def test_the_dialplan_follows_the_policy() -> None:
    """The context must be included; what the policy exempts must pass, and nothing else may."""
    outage, sales = ("lines", "line-outage"), ("lines", "line-sales")
    wanted, unwanted = frozenset({outage}), frozenset({sales})

    def found(facts: AsteriskFacts) -> list[str]:
        return ids(asterisk.dialplan(facts, wanted, unwanted))

    assert found(AsteriskFacts(entry=False)) == ["dialplan-missing"]
    assert found(AsteriskFacts(extensions=wanted)) == []
    assert found(AsteriskFacts()) == ["dialplan-stale"]
    assert found(AsteriskFacts(extensions=wanted | unwanted)) == ["dialplan-stale"]


def test_one_daemon_for_one_asterisk() -> None:
    """Somebody who serves our application while our daemon is down has taken our calls."""
    facts = AsteriskFacts(app_taken=True)

    assert ids(asterisk.alone(facts, daemon_runs=True)) == []
    assert ids(asterisk.alone(facts, daemon_runs=False)) == ["another-daemon"]


@pytest.mark.parametrize(
    ("files", "host", "found"),
    [
        (GOOD, "10.0.0.5", ["ami-not-loopback"]),
        (replace(GOOD, manager=()), "127.0.0.1", ["ami-not-loopback"]),
        (replace(GOOD, manager=(("bindaddr", "0.0.0.0"),)), "127.0.0.1", ["ami-not-loopback"]),
        (replace(GOOD, manager_user=()), "127.0.0.1", ["ami-no-acl"]),
        (replace(GOOD, manager_user=(DENY_ALL, ("permit", "0.0.0.0/0"))), "127.0.0.1", ["ami-no-acl"]),
        (replace(GOOD, manager_user=(LOCAL,)), "127.0.0.1", ["ami-no-acl"]),
        (replace(GOOD, manager_user=(("acl", "here"),), acls={"here": (DENY_ALL, LOCAL)}), "::1", []),
        (replace(GOOD, unread=frozenset({"manager.conf"}), manager=()), "localhost", []),
    ],
)
def test_the_manager_is_for_this_machine_alone(files: AsteriskFiles, host: str, found: list[str]) -> None:
    """AMI that listens beyond the loopback, or lets our user in from anywhere, is found."""
    assert ids(asterisk_files.manager(files, host)) == found


@pytest.mark.parametrize(
    ("user", "found"),
    [
        ((("read", "call"),), []),
        ((("read", "all"),), []),
        ((("read", "dtmf, Call"),), []),
        ((("read", "system,dtmf,user"),), ["ami-rights"]),
        ((("write", "call"),), ["ami-rights"]),
        ((), []),
    ],
)
def test_our_user_hears_of_bridges(user: Section, found: list[str]) -> None:
    """A user who may not read calls is found; one that does not stand in manager.conf is another fault."""
    assert ids(asterisk_files.hearing(replace(GOOD, manager_user=user))) == found


@pytest.mark.parametrize(
    ("rules", "address", "allowed"),
    [
        ([], "192.0.2.1", True),
        ([(False, "0.0.0.0/0.0.0.0")], "192.0.2.1", False),
        ([(False, "0.0.0.0/0"), (True, "192.0.2.0/255.255.255.0")], "192.0.2.1", True),
        ([(True, "192.0.2.0/24"), (False, "0.0.0.0/0")], "192.0.2.1", False),
        ([(False, "0.0.0.0/0")], "2001:db8::1", True),
        ([(False, "nonsense")], "192.0.2.1", True),
    ],
)
def test_an_acl_is_read_as_asterisk_reads_it(
    rules: list[tuple[bool, str]], address: str, allowed: bool
) -> None:
    """The last rule that fits an address counts, and no rule lets in."""
    assert allows(rules, address) is allowed


def test_other_files() -> None:
    """Cached recordings, an ARI user who may only look and an ARI for everybody are found."""
    files = AsteriskFiles(options=(("cache_record_files", "Yes"),), ari_user=(("read_only", "yes"),))

    assert ids(asterisk_files.caching(files)) == ["cache-record-files"]
    assert ids(asterisk_files.web(files)) == ["ari-not-loopback", "ari-read-only"]
    assert ids(asterisk_files.unread(replace(files, unread=frozenset({"http.conf"})))) == ["asterisk-file"]


@pytest.mark.parametrize(
    ("features", "found"),
    [
        ({"featuremap": (("disconnect", "*9"), ("blindxfer", "##"))}, ["feature-key-taken"]),
        ({"featuremap": (("disconnect", "*"), ("blindxfer", "##"))}, ["feature-key-taken"]),
        ({"featuremap": (("disconnect", "*94"),)}, ["feature-key-taken"]),
        ({"featuremap": (("disconnect", "*0"),)}, ["feature-key-taken"]),
        ({"featuremap": (("disconnect", "**"), ("automon", "*7"))}, ["feature-key-taken"]),
        ({"featuremap": (("disconnect", "**"),)}, []),
        ({"featuremap": ()}, ["feature-key-default"]),
        (
            {"featuremap": (("disconnect", "**"),), "applicationmap": (*OURS, ("mine", "*9,self,NoOp"))},
            ["feature-key-taken"],
        ),
        (
            {
                "featuremap": (("disconnect", "**"),),
                "applicationmap": (*OURS, ("mine", "*5,self,NoOp")),
                "group": (("mine", "*9"),),
            },
            ["feature-key-taken"],
        ),
        ({"featuremap": (("disconnect", "**"),), "applicationmap": ()}, ["features-missing"]),
    ],
)
def test_our_keys_are_not_taken(features: dict[str, Section], found: list[str]) -> None:
    """A feature whose key is ours, begins ours, or goes on from ours is found, wherever it is named."""
    told = AsteriskFiles(features={"applicationmap": OURS, **features})
    assert ids(asterisk_files.feature_keys(told)) == found


def test_sections_as_ami_tells_them() -> None:
    """GetConfig's numbered lines become sections again; a section may be empty, a name may come twice."""
    answer = Message(
        [
            ("Response", "Success"),
            ("Category-000000", "general"),
            ("Category-000001", "user"),
            ("Line-000001-000000", "permit=127.0.0.1/255.255.255.255"),
            ("Line-000001-000001", "permit=10.0.0.0/8"),
        ]
    )

    assert sections_of(answer) == {
        "general": [],
        "user": [("permit", "127.0.0.1/255.255.255.255"), ("permit", "10.0.0.0/8")],
    }
