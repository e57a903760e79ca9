"""The process beside the PBX: put together here, and run until it is told to stop.

It can seal and cannot open: it holds the vault's public key, the signing key and the index key.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from dataclasses import replace
from datetime import timedelta
from functools import partial

from asterisk_gdpr.adapters.exchange import AsteriskExchange
from asterisk_gdpr.adapters.scheduler import Ticker
from asterisk_gdpr.bootstrap.earlier_policies import EarlierPolicies
from asterisk_gdpr.bootstrap.life import SignsOfLife, rate_before
from asterisk_gdpr.bootstrap.links import make_ami, make_ari
from asterisk_gdpr.bootstrap.parts import Parts
from asterisk_gdpr.bootstrap.self_test import is_time, run_self_test
from asterisk_gdpr.bootstrap.telling import Silent, Telling
from asterisk_gdpr.core.caller import normalise
from asterisk_gdpr.core.never import NeverList
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.core.recording import Recording
from asterisk_gdpr.errors import GdprError
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.call.calls import Calls
from asterisk_gdpr.service.call.commands import Commands, ToCalls
from asterisk_gdpr.service.call.in_force import InForce
from asterisk_gdpr.service.call.pace import Pace
from asterisk_gdpr.service.call.reconciliation import Reconciliation
from asterisk_gdpr.service.call.sampling import Sampling
from asterisk_gdpr.service.call.scribe import Scribe
from asterisk_gdpr.service.call.shared import Shared
from asterisk_gdpr.service.call.signal_file import write_signal
from asterisk_gdpr.service.checks.mounts import in_memory
from asterisk_gdpr.service.documents.public_word import PublicWord, Spoken
from asterisk_gdpr.service.keys.epochs import watch_epochs
from asterisk_gdpr.service.keys.keeper import SealedNumber, seal_file, seal_number
from asterisk_gdpr.service.people.approving import Approving
from asterisk_gdpr.service.rights.privacy_desk import PrivacyDesk
from asterisk_gdpr.service.sealing.manifests import describe
from asterisk_gdpr.service.sealing.sealed_to import SealedTo
from asterisk_gdpr.service.sealing.sealing import Sealing
from asterisk_gdpr.service.sealing.standstill import Standstill, require_memory
from asterisk_gdpr.service.self_test.self_test import FAILED

log = logging.getLogger(__name__)

LOOK = 0.25
"""Seconds between looks at the legs: half of the time map's tolerance."""

TICK = 1.0
"""Seconds between two transactions of the sealer, and between looks at what is in force."""

SETTLE = 5.0
"""Seconds between looks at what is closed and lies elsewhere than it is to stay."""

COMMANDS = 0.5
"""Seconds between looks at what people ask of calls."""

BEAT = 5.0
"""Seconds between the signs of life that `status` reads."""

COMPARE = 60.0
"""Seconds between comparisons of what is published and spoken with what is configured."""

WATCH = 60.0
"""Seconds between looks at whether the vault's key is overdue to be changed."""


class Daemon:
    """Everything that runs beside one PBX."""

    def __init__(self, parts: Parts, owner: str) -> None:
        """Put it together, nothing connected yet; to be called in the loop that it will run in.

        `owner` is what tells this installation from any other that serves the same Asterisk.
        """
        self._loop = asyncio.get_running_loop()
        self._parts = parts
        self._config = parts.config
        self._register = parts.register()
        self._load_policy = parts.policy
        self._policy = self._load_policy()
        self._prompts = parts.prompts()
        self._spool = parts.spool()
        self._clock = parts.clock
        vault, signing_key, node = parts.vault(), parts.signing_key(), self._config.node
        self._alarms = Alarms(self._register, self._clock)
        self._standstill = Standstill(self._alarms)
        self._sealed_to = SealedTo(self._register, signing_key.verify_key, self._standstill, self._alarms)
        self._index_key = parts.index_key()
        require_memory(self._standstill, in_memory(self._config.paths.spool), node)
        self._sealing = Sealing(
            self._register,
            vault,
            self._spool,
            self._sealed_to.key,
            signing_key,
            partial(describe, self._register),
            self._clock,
            node,
            self._standstill,
        )
        self._settling = parts.settling()
        self._clock_watch = parts.clock_watch()
        self._erasure = parts.erasure(self._hand_over)
        self._journal = parts.journal()
        self._anchors = parts.anchors()
        self._periods = parts.periods(self._policy_now)
        self._holds = parts.holds(self._policy_now)
        self._approving = Approving(self._register, self._clock)
        self._requests = parts.requests(self._erasure, self._policy_now)
        self._sampling = Sampling(
            partial(self._index_key.blind, "sampling"), self._register, self._clock, node
        )
        self._earlier = EarlierPolicies(self._register, self._policy, self._config.policy, self._clock)
        self._reconciliation = Reconciliation(self._register, self._sealing, self._erasure, self._clock, node)
        asterisk = self._config.asterisk
        self._exchange = AsteriskExchange(
            partial(make_ari, asterisk.ari, owner),
            partial(make_ami, asterisk.ami),
            asterisk.ari.app,
            lambda: self._calls,
            str(self._config.paths.spool),
        )
        self._public_word = PublicWord(
            self._load_policy, parts.wordings(), self._spoken, parts.publishing(), self._alarms
        )
        self._reloading: set[asyncio.Task[None]] = set()
        receipts = parts.receipts()
        shared = Shared(
            exchange=self._exchange,
            register=self._register,
            sealing=self._sealing,
            clock=self._clock,
            prompt=self._prompts.get,
            signal=f"sound:{write_signal(self._config.paths.prompts)}",
            erasure=self._erasure,
            sampling=self._sampling,
            alarms=self._alarms,
            scribe=Scribe(self._register),
            receipts=receipts,
            seal_file=self._seal_file,
            references=parts.references(),
            pace=Pace(rate_before(self._register, node)),
            privacy=PrivacyDesk(
                self._register,
                parts.rights(self._erasure),
                parts.requests(self._erasure, lambda: self._calls.in_force.policy),
                parts.never(),
                self._index_of,
                self._clock,
                receipts,
            ),
        )
        mqtt = self._config.mqtt
        self._telling: Telling | Silent = Silent()
        if mqtt is not None:
            self._telling = Telling(
                mqtt, self._register, self._command, self._alarms, self._clock, node, owner
            )
            shared = replace(shared, changed=self._telling.changed)
        self._calls = Calls(
            shared, self._in_force(self._policy), self._seal_number, node, self._config.default_country
        )
        self._commands = Commands(self._register, self._command, self._clock, node)
        self._life = SignsOfLife(
            self._register,
            self._exchange,
            self._calls,
            self._spool,
            self._alarms,
            self._telling,
            self._clock,
            node,
        )

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT; captures are muted on the way out, and calls go on."""
        await asyncio.to_thread(self._parts.heed_journal)
        self._earlier.keep_current()
        self._calls.adopt(await asyncio.to_thread(self._reconciliation.start, self._earlier.of))
        serving = asyncio.create_task(self._exchange.run(), name="exchange")
        told = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, told.set)
        self._loop.add_signal_handler(signal.SIGHUP, self._reload_soon)
        stopping = asyncio.create_task(told.wait(), name="signals")
        await asyncio.to_thread(self._life.beat)
        with contextlib.suppress(
            GdprError
        ):  # the ticker tries again; until then no call of a share is offered
            await asyncio.to_thread(self._sampling.commit_day)
        watching = asyncio.create_task(self._calls.watch(), name="watch")
        telling = asyncio.create_task(self._telling.run(), name="telling")
        ticker = self._ticker()
        ticker.start()
        try:
            await asyncio.wait({serving, stopping, watching, telling}, return_when=asyncio.FIRST_COMPLETED)
            log.info("stopping")
        finally:
            ticker.stop()
            await self._calls.finish()
            await self._telling.leave()
            telling.cancel()
            stopping.cancel()
            watching.cancel()
            serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving  # which ends by itself only through a bug, told here

    async def _command(self, call: str, verb: str, agent: str) -> str:
        outcome = await ToCalls(self._calls.command, self._register).carry_out(call, verb, agent)
        with contextlib.suppress(GdprError):  # whoever is answered then sees the call as it is after that
            await asyncio.to_thread(self._life.show)
        return outcome

    def _ticker(self) -> Ticker:
        ticker = Ticker()
        ticker.every(LOOK, "look at the legs", self._sealing.look)
        ticker.every(TICK, "seal", self._seal)
        ticker.every(TICK, "what is in force", self._refresh)
        ticker.every(TICK, "the day's seed", self._sampling.commit_day)
        ticker.every(self._config.retention.tick, "erase what is due", self._erase_due)
        ticker.every(SETTLE, "bring closed containers to where they stay", self._settling.tick)
        ticker.every(COMPARE, "the nightly self-test", self._test_itself)
        ticker.every(COMPARE, "what is said in public", self._public_word.tick)
        ticker.every(WATCH, "the vault's epochs", self._watch_epochs)
        ticker.every(WATCH, "the erasure journal", self._journal.write)
        ticker.every(self._config.ledger.every, "the ledger's head", self._anchors.tick)
        ticker.every(BEAT, "beat", self._life.beat)
        ticker.every(TICK, "show the calls", self._life.show)
        ticker.every(COMMANDS, "carry out commands", self._commands.tick)
        return ticker

    # --- what is in force ---------------------------------------------------------------------

    def _in_force(self, policy: Policy) -> InForce:
        missing = frozenset(line for line, _, _ in self._prompts.missing(policy))
        for line in missing:
            message = "A prompt of this line is missing: its calls go on, and none is recorded."
            self._alarms.raise_("prompt-missing", line, message)
        for line in self._alarms.about("prompt-missing") - missing:
            self._alarms.over("prompt-missing", line)
        off, standings, never = self._decided()
        return InForce(policy, missing, off, standings, self._prompts.as_they_are(), never)

    def _reload_soon(self) -> None:
        task = asyncio.ensure_future(self._reload())
        self._reloading.add(task)
        task.add_done_callback(self._reloading.discard)

    async def _reload(self) -> None:
        """Take the policy and the prompts as they stand; calls that are alive keep what they began under."""
        try:
            in_force = await asyncio.to_thread(self._loaded)
        except GdprError as error:
            log.error("the policy is not taken, and the one in force stays: %s", error.id)
            return
        self._calls.now_in_force(in_force)
        log.info("the policy %s is in force", in_force.policy.version[:16])
        await asyncio.to_thread(self._life.beat)

    def _loaded(self) -> InForce:
        """All of it or nothing: what is faulty raises, with an alarm, and has changed nothing."""
        try:
            policy = self._load_policy()
            self._earlier.keep(policy)
        except GdprError:
            message = "A policy was to be taken and was refused: the one in force stays. See `policy check`."
            self._alarms.raise_("policy-refused", self._config.node, message)
            raise
        self._alarms.over("policy-refused", self._config.node)
        self._prompts.load()
        return self._in_force(policy)

    async def _refresh(self) -> None:
        await asyncio.to_thread(self._use_current_epoch)
        policy = self._calls.in_force.policy
        anew = await asyncio.to_thread(self._with_new_voices, policy)
        off, standings, never = await asyncio.to_thread(self._decided)
        now = self._calls.in_force  # another policy may have come meanwhile, and it stays
        if anew is not None and now.policy is policy:
            now = anew
        self._calls.now_in_force(replace(now, off=off, standings=standings, never=never))

    def _with_new_voices(self, policy: Policy) -> InForce | None:
        """The same policy with what somebody has read for it since; None where nobody has."""
        return self._in_force(policy) if self._prompts.take_up(policy) else None

    def _decided(self) -> tuple[frozenset[str], dict[str, str], NeverList]:
        """What people decide from one moment to the next: switches, agents' words, numbers never recorded.

        Where nothing can be recorded nobody is asked in vain.
        """
        off = self._switched_off() | (frozenset("*") if self._standstill else frozenset())
        return off, self._standings(), NeverList(self._register.nevers(), self._index_of)

    def _index_of(self, number: str) -> bytes | None:
        e164 = normalise(number, self._config.default_country)
        return None if e164 is None else self._index_key.blind("calls.caller", e164)

    def _spoken(self) -> Spoken:
        """What callers hear of each part of each notice."""
        return {entry.key: entry.text for entry in self._prompts.entries()}

    def _switched_off(self) -> frozenset[str]:
        return frozenset(line for line, on in self._register.switches().items() if not on)

    def _standings(self) -> dict[str, str]:
        return {agent.endpoint: agent.standing for agent in self._register.agents()}

    def _seal_number(self, call: str, number: str) -> SealedNumber | None:
        e164 = normalise(number, self._config.default_country)
        if e164 is None:
            return None
        key = self._sealed_to.key
        index = self._index_key.blind("calls.caller", e164)
        return SealedNumber(seal_number(key, call, e164), index, key.id)

    def _seal_file(self, row: str, file: str) -> tuple[bytes, str]:
        key = self._sealed_to.key
        return seal_file(key, row, file), key.id

    def _use_current_epoch(self) -> None:
        if self._sealed_to.follow():
            self._sealing.use(self._sealed_to.key)

    # --- work again and again -----------------------------------------------------------------

    def _seal(self) -> None:
        self._reconciliation.close_unclosed()
        for recording, error in self._sealing.tick():
            log.error("recording %s is not sealed now: %s", recording, error.id)

    def _policy_now(self) -> Policy:
        return self._calls.in_force.policy

    def _erase_due(self) -> None:
        if self._clock_watch.believed():
            self._holds.tick()
            self._approving.tick()
        self._erasure.tick()
        self._requests.tick()
        if self._clock_watch.believed():
            self._periods.tick()

    def _test_itself(self) -> None:
        """At its hour, once a night; a test that cannot even begin is an alarm too."""
        if not is_time(self._config, self._clock.now()):
            return
        try:
            run_self_test(self._parts, self._erasure.erase)
        except GdprError as error:
            log.error("the self-test could not be made: %s", error.id)
            if error.id != "switched-off":
                message = f"The self-test could not be made: {error.id}. Run it by hand to see more."
                self._alarms.raise_(FAILED, self._config.node, message)

    def _watch_epochs(self) -> None:
        watch_epochs(self._register, timedelta(seconds=self._config.epochs.life), self._clock)

    def _hand_over(self, recording: Recording) -> bool:
        """For the eraser: nothing more will be appended, and the call it grows in stops capturing."""
        if recording.node != self._config.node:
            return recording.ended_at is not None
        if recording.ended_at is None and self._register.holds_of(recording.id):
            self._sealing.close(recording.id, self._clock.now())  # a hold keeps all that was captured
        else:
            self._sealing.let_go(recording.id)
        if recording.ended_at is None:
            self._loop.call_soon_threadsafe(self._calls.erasure_ordered, recording.id)
        return True
