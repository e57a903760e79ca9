"""What must be so in the running Asterisk: reachable, complete, with our rights and our dialplan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.service.checks.finding import Finding, error, not_examined, warning

MODULES = {
    "app_mixmonitor": "captures the audio",
    "app_stasis": "gives calls to this software",
    "app_stack": "Gosub() into the notice and back",
    "app_exec": "ExecIf() in the dialplan",
    "func_callerid": "CALLERID() in the dialplan",
    "func_dialplan": "DIALPLAN_EXISTS() in the dialplan",
    "func_logic": "IF() in the dialplan",
    "func_strings": "FILTER() and STRFTIME() in the dialplan",
    "func_timeout": "TIMEOUT(), the watchdog",
    "format_sln": "the prompts and the legs of a recording",
    "res_ari": "ARI",
    "res_ari_applications": "ARI's subscriptions",
    "res_ari_asterisk": "ARI's sign of life",
    "res_ari_channels": "ARI's commands for channels",
    "res_ari_events": "ARI's events",
    "res_ari_playbacks": "ARI's prompts",
    "res_http_websocket": "ARI's events",
    "res_stasis": "calls in this software's hands",
    "res_stasis_answer": "answering a call",
    "res_stasis_playback": "playing prompts",
    "res_stasis_snoop": "whispering to the caller alone",
}
"""What this software uses of Asterisk, and for what."""

SELF_TEST_MODULES = {
    "chan_rtp": "the test's telephones",
    "codec_ulaw": "what they hear and say",
    "app_dial": "the test's talk",
}
"""What the self-test alone uses of Asterisk, and for what."""

RIGHTS = {"MixMonitor": "system", "MixMonitorMute": "call"}
"""The AMI actions of a capture, and the right in `write=` that each wants."""

LISTING = "Command"
"""The action (right `command`) that tells which file somebody else's MixMonitor writes, to be stopped by."""

SKEW = 2.0
"""Seconds that Asterisk's clock and ours may differ."""


@dataclass(frozen=True)
class Unexamined:
    """Why something could not be looked at."""

    why: str


@dataclass(frozen=True)
class AsteriskFacts:
    """What was learnt of a running Asterisk; where its interface does not answer, nothing was.

    `refused` are the actions that AMI denies us, `unheard` the event classes that our user may not read.
    `extensions` are those of `asked` (context, extension) that exist. `skew` is its clock less ours, in
    seconds. `app_taken` says that somebody serves our Stasis application.
    """

    ari: Unreachable | None = None
    ami: Unreachable | None = None
    missing_modules: frozenset[str] = frozenset()
    self_test_lacks: frozenset[str] = frozenset()
    self_test_entry: bool = True
    refused: frozenset[str] = frozenset()
    entry: bool = True
    extensions: frozenset[tuple[str, str]] = frozenset()
    skew: float = 0.0
    app_taken: bool = False


def reach(facts: AsteriskFacts) -> Iterator[Finding]:
    """Whether both interfaces answer us."""
    for name, problem, where in (
        ("ari", facts.ari, "asterisk.ari in the configuration, http.conf and ari.conf in Asterisk"),
        ("ami", facts.ami, "asterisk.ami in the configuration, manager.conf in Asterisk"),
    ):
        if problem is None:
            continue
        kind = "credentials" if problem.id == "asterisk-credentials" else "unreachable"
        hint = problem.hint or f"Is Asterisk running? Compare {where}."
        yield error(f"{name}-{kind}", problem.message, hint)
    if facts.ami is not None:
        yield not_examined("asterisk", "Modules, dialplan and Asterisk's files: AMI does not answer us.")


def modules(facts: AsteriskFacts) -> Iterator[Finding]:
    """Whether everything that is used is loaded."""
    for name in sorted(facts.missing_modules):
        yield error(
            "module-missing",
            f"Asterisk has not loaded {name} ({MODULES[name]}).",
            f"`module load {name}.so` in Asterisk's console, and look into modules.conf.",
        )


def self_test(facts: AsteriskFacts, problem: Refused | None) -> Iterator[Finding]:
    """Whether the nightly self-test can place its calls; `problem` is why no line can be tested."""
    for name in sorted(facts.self_test_lacks):
        yield warning(
            "self-test-module",
            f"Asterisk has not loaded {name} ({SELF_TEST_MODULES[name]}): the nightly self-test fails.",
            f"`module load {name}.so` in Asterisk's console, or `self_test.nightly: false`.",
        )
    if facts.entry and not facts.self_test_entry:
        yield warning(
            "self-test-dialplan",
            "Asterisk's dialplan has no context asterisk-gdpr-self-test: the nightly self-test fails.",
            "Copy asterisk_gdpr.conf of this release anew, then `dialplan reload`.",
        )
    if problem is not None:
        yield warning(
            "self-test-line",
            f"The nightly self-test has no line: {problem.message}",
            "Name one by self_test.line, or set self_test.nightly: false.",
        )


def rights(facts: AsteriskFacts) -> Iterator[Finding]:
    """Whether our AMI user may do what a capture needs."""
    if LISTING in facts.refused:
        yield warning(
            "ami-command",
            "Our AMI user may not list MixMonitors: files of others are not known, nor can they be stopped.",
            "Give the user in manager.conf `write = system,call,command`, then `manager reload`.",
        )
    for action in sorted(facts.refused - {LISTING}):
        yield error(
            "ami-rights",
            f"Our AMI user may not carry out {action}.",
            f"Give the user in manager.conf `write = system,call,command` ({action} wants {RIGHTS[action]}).",
        )


def dialplan(
    facts: AsteriskFacts, wanted: frozenset[tuple[str, str]], unwanted: frozenset[tuple[str, str]]
) -> Iterator[Finding]:
    """Whether our context is included, and the exempt lines and numbers in it are the policy's."""
    if not facts.entry:
        yield error(
            "dialplan-missing",
            "Asterisk's dialplan has no context asterisk-gdpr.",
            "`#include` asterisk_gdpr.conf at the end of extensions.conf, then `dialplan reload`.",
        )
        return
    hint = "Run `asterisk-gdpr dialplan`, then `dialplan reload` in Asterisk's console."
    for _, extension in sorted(wanted - facts.extensions):
        yield error("dialplan-stale", f"Asterisk does not let {extension} pass at once.", hint)
    for _, extension in sorted(unwanted & facts.extensions):
        yield error("dialplan-stale", f"Asterisk lets {extension} pass, and the policy does not.", hint)


def alone(facts: AsteriskFacts, daemon_runs: bool) -> Iterator[Finding]:
    """Whether somebody else answers for our application: the newer one takes all calls."""
    if facts.app_taken and not daemon_runs:
        yield error(
            "another-daemon",
            "Another program serves this Asterisk's calls under our application's name.",
            "Stop the other installation, or give one of them another name: asterisk.ari.app.",
        )


def clock(facts: AsteriskFacts) -> Iterator[Finding]:
    """Whether Asterisk lives in the same time as we do."""
    if abs(facts.skew) > SKEW:
        yield warning(
            "clock-differs",
            f"Asterisk's clock differs from ours by {facts.skew:.0f} s.",
            "Synchronise both machines' clocks: evidence and periods rest on them.",
        )
