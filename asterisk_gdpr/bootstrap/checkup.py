"""`check`: everything that must be so before calls are recorded, looked at in one run.

What cannot be looked at is said to be so, and never passes for good.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
from collections.abc import Iterator

from asterisk_gdpr.adapters.register.database import file_of
from asterisk_gdpr.adapters.vault_names import MARKER
from asterisk_gdpr.bootstrap.installation import Installation
from asterisk_gdpr.bootstrap.probes import machine as probe
from asterisk_gdpr.bootstrap.probes.asterisk import look
from asterisk_gdpr.bootstrap.stores import bucket_of
from asterisk_gdpr.config import Config
from asterisk_gdpr.config.bucket import BucketAt, EarlierBucket
from asterisk_gdpr.core.dialplan import LINES, NUMBERS, notations, passing_lines
from asterisk_gdpr.core.epoch import current
from asterisk_gdpr.core.policy import Audio, Policy
from asterisk_gdpr.errors import ConfigFaults, GdprError, Refused
from asterisk_gdpr.service.checks import asterisk, asterisk_files, keys, machine
from asterisk_gdpr.service.checks.asterisk_files import is_loopback
from asterisk_gdpr.service.checks.finding import Finding, error, not_examined, warning
from asterisk_gdpr.service.documents.public_word import outdated
from asterisk_gdpr.service.keys.key_files import open_to_others
from asterisk_gdpr.service.sealing import opus


def examine(installation: Installation) -> Iterator[Finding]:
    """Every finding, in the order in which a person would mend them."""
    config = installation.config
    policy, faults = _policy(installation)
    yield from faults
    yield from _keys(installation)
    yield from _token(installation)
    yield from _register(installation)
    yield from _machine(installation)
    yield from _opus(policy)
    yield from _bucket(config)
    yield from _prompts(installation, policy)
    yield from _notices(installation, policy)
    yield from _page(config)
    yield from _asterisk(installation, policy)


def daemon_runs(config: Config) -> bool:
    """Whether the daemon of this installation runs now: it holds a lock for as long as it lives."""
    try:
        with (config.paths.state / "daemon.lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _policy(installation: Installation) -> tuple[Policy | None, list[Finding]]:
    try:
        return installation.policy(), []
    except ConfigFaults as faults:
        found = [
            error("policy-faulty", f"{fault} [{fault.id}]", "Look at docs/policy.md.")
            for fault in faults.faults
        ]
        return None, found


def _keys(installation: Installation) -> Iterator[Finding]:
    config = installation.config
    yield from keys.own_keys(installation.keys)
    yield from keys.secrets(config.asterisk.ari.password_file, config.asterisk.ami.secret_file)
    if config.web.openid:
        yield from keys.secrets(config.web.openid.secret_file)
    yield from keys.escrow(installation.path.parent / "escrow")


def _token(installation: Installation) -> Iterator[Finding]:
    if (token := installation.token()) is None:
        return
    try:
        token.look()
    except GdprError as problem:
        yield error(problem.id, problem.message, problem.hint)


def _register(installation: Installation) -> Iterator[Finding]:
    file = file_of(installation.config.register.url)
    if file is not None and probe.is_there(file) and open_to_others(file):
        yield error("register-open", f"Other users may read {file}.", f"Run `chmod 600 {file}`.")
    try:
        with installation.register().transaction():
            epochs = installation.register().epochs()
            recipients = installation.register().recipients()
    except GdprError as problem:
        yield error(problem.id, problem.message, problem.hint or "Run `asterisk-gdpr init`.")
        yield not_examined("vault-key", "The vault's key pair: the register does not open.")
        return
    newest = current(epochs)
    yield from keys.vault_keys(installation.keys, None if newest is None else newest.id)
    yield from keys.recipients(installation.keys, recipients)
    with contextlib.suppress(GdprError):  # what is wrong with the signing key is told above
        yield from keys.epochs(epochs, installation.signing_key().verify_key)


def _machine(installation: Installation) -> Iterator[Finding]:
    config = installation.config
    me, pbx = probe.myself(), probe.listener_on(config.asterisk.ami.port)
    state = probe.folder_at(config.paths.state)
    spool = probe.spool_at(config.paths.spool, config.asterisk.group)
    yield from machine.person(me, probe.person_of(state.uid) if state.exists else None)
    mark = config.paths.vault / MARKER
    yield from machine.folders(probe.folder_at(mark.parent), mark, state, marked=probe.is_there(mark))
    yield from machine.spool(spool, pbx)
    yield from machine.swap(probe.clear_swap(), spool.mount, _daemon_swaps(installation))
    yield from machine.prompts(probe.chain_to(config.paths.prompts), pbx)
    yield from machine.clock(probe.clock_synchronised())


def _opus(policy: Policy | None) -> Iterator[Finding]:
    wanted_by = [name for name, each in policy.purposes.items() if each.audio is Audio.OPUS] if policy else []
    yield from machine.opus(sorted(wanted_by), available=opus.available())


def _bucket(config: Config) -> Iterator[Finding]:
    if (at := config.bucket) is not None:
        yield from _asked(at, lock=at.lock)
    for earlier in config.earlier_buckets:
        yield from _asked(earlier, lock=False)


def _asked(at: BucketAt | EarlierBucket, *, lock: bool) -> Iterator[Finding]:
    try:
        bucket = bucket_of(at)
        bucket.size(_NO_CONTAINER)
        if lock and not bucket.lockable():
            yield warning(
                "bucket-without-locks",
                "`bucket.lock` is on, and the bucket has no Object Lock: nothing is locked in it.",
                "Make a bucket that has it, which must be so from its beginning, or set lock: false.",
            )
    except GdprError as problem:
        yield error(problem.id, problem.message, problem.hint or "Containers stay on this machine meanwhile.")


_NO_CONTAINER = "r00000000"
"""The name of none: asking for it shows whether the bucket answers, and whether it is marked."""


def _daemon_swaps(installation: Installation) -> bool | None:
    if not daemon_runs(installation.config):
        return None
    try:
        _, facts = installation.register().beats()[installation.config.node]
    except (GdprError, KeyError):
        return None
    return probe.may_swap(int(facts["pid"]))


def _prompts(installation: Installation, policy: Policy | None) -> Iterator[Finding]:
    if policy is None:
        yield not_examined("prompts", "The prompts: the policy that they must speak does not load.")
        return
    missing = installation.prompts().missing(policy)
    for line in sorted({line for line, _, _ in missing}):
        parts = [f"{language} {part}" for of, language, part in missing if of == line]
        yield error(
            "prompt-missing",
            f"Line {line} lacks {len(parts)} prompts ({parts[0]}, ...): its calls go on, unrecorded.",
            "Run `asterisk-gdpr prompts build`.",
        )


def _notices(installation: Installation, policy: Policy | None) -> Iterator[Finding]:
    if policy is None:
        return
    try:
        standings = installation.publishing().standings()
    except GdprError as problem:
        yield not_examined("notice-outdated", f"The published notices: {problem}")
        return
    never = sorted({each.line for each in standings if each.published is None and each.line})
    if never:
        yield warning(
            "notice-unpublished",
            f"The privacy notice of {', '.join(never)} was never published: callers are told to look for it.",
            "Run `asterisk-gdpr documents publish`, and let your web server show the folder.",
        )
    for each in outdated(standings):
        yield warning(
            "notice-outdated",
            f"The published notice of {each.line or each.document} in {each.language} is outdated.",
            "Run `asterisk-gdpr documents publish` again.",
        )


def _page(config: Config) -> Iterator[Finding]:
    if not is_loopback(config.web.host):
        yield warning(
            "page-open",
            f"The page listens on {config.web.listen}, without TLS.",
            "Let it listen on 127.0.0.1, behind a proxy that speaks TLS.",
        )


def _asterisk(installation: Installation, policy: Policy | None) -> Iterator[Finding]:
    config = installation.config
    wanted, unwanted = _extensions(policy, config.default_country) if policy else (frozenset(), frozenset())
    try:
        facts, files = asyncio.run(look(config.asterisk, wanted | unwanted))
    except Refused as refused:
        yield not_examined("asterisk", f"Asterisk: {refused.message}")
        return
    yield from asterisk.reach(facts)
    if files is None:
        return
    yield from asterisk.modules(facts)
    if config.self_test.nightly and policy is not None:
        yield from asterisk.self_test(facts, _untestable(policy, config.self_test.line or ""))
    yield from asterisk.rights(facts)
    yield from asterisk.dialplan(facts, wanted, unwanted)
    yield from asterisk.alone(facts, daemon_runs(config))
    yield from asterisk.clock(facts)
    yield from asterisk_files.unread(files)
    yield from asterisk_files.manager(files, config.asterisk.ami.host)
    yield from asterisk_files.hearing(files)
    yield from asterisk_files.web(files)
    yield from asterisk_files.caching(files)
    yield from asterisk_files.feature_keys(files)


def _untestable(policy: Policy, line: str) -> Refused | None:
    """Why the self-test has no line, if so."""
    from asterisk_gdpr.service.self_test.self_test import line_to_test  # with all that compares sound

    try:
        line_to_test(policy, line)
    except Refused as problem:
        return problem
    return None


def _extensions(
    policy: Policy, country: str
) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    """What must be in the exempt contexts of the dialplan, and which lines must not."""
    passing = passing_lines(policy)
    numbers = {dialled for number in policy.exempt_numbers for dialled in notations(number, country)}
    wanted = {(LINES, f"line-{name}") for name in passing} | {(NUMBERS, f"n-{number}") for number in numbers}
    unwanted = {(LINES, f"line-{name}") for name in policy.lines if name not in passing}
    return frozenset(wanted), frozenset(unwanted)
