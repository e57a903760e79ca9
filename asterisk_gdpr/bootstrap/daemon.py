"""The process beside the PBX: put together here, and run until it is told to stop.

It can seal and cannot open: it holds the vault's public key, the signing key and the index key.
Tombstones come first at every start, before anything is sealed or captured again.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from asterisk_gdpr.adapters.ami import AmiClient
from asterisk_gdpr.adapters.ami_wire import Message
from asterisk_gdpr.adapters.ari.client import AriClient
from asterisk_gdpr.adapters.ari.events import UnknownEvent
from asterisk_gdpr.adapters.ari.generated import AnyEvent
from asterisk_gdpr.adapters.exchange import AsteriskExchange
from asterisk_gdpr.adapters.scheduler import Ticker
from asterisk_gdpr.config import Config, load_policy, read_secret
from asterisk_gdpr.config.installation import Asterisk
from asterisk_gdpr.core.caller import normalise
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.core.recording import Reason, Recording, Tombstone
from asterisk_gdpr.errors import GdprError, Refused, Unreachable
from asterisk_gdpr.ports import Alarm, Register, Spool, Vault
from asterisk_gdpr.seal.blind import IndexKey
from asterisk_gdpr.seal.keys import VaultPublicKey
from asterisk_gdpr.seal.signing import SigningKey
from asterisk_gdpr.service.calls import Calls, InForce
from asterisk_gdpr.service.destruction import Destruction
from asterisk_gdpr.service.erasure import Erasure
from asterisk_gdpr.service.house import House
from asterisk_gdpr.service.keeper import seal_number
from asterisk_gdpr.service.left_behind import LeftBehind, left_behind
from asterisk_gdpr.service.manifests import describe
from asterisk_gdpr.service.prompts import Prompts
from asterisk_gdpr.service.sampling import Sampling
from asterisk_gdpr.service.sealing import Sealing

log = logging.getLogger(__name__)

LOOK = 0.25
"""Seconds between looks at the legs: half of the time map's tolerance."""

TICK = 1.0
"""Seconds between two transactions of the sealer, and between looks at what is in force."""

BEAT = 5.0
"""Seconds between the signs of life that `status` reads."""


class Parts(Protocol):
    """What a daemon is put together from; `bootstrap.installation` has them."""

    config: Config

    def policy(self) -> Policy: ...  # noqa: D102  # each says what it makes
    def register(self) -> Register: ...  # noqa: D102
    def vault(self) -> Vault: ...  # noqa: D102
    def spool(self) -> Spool: ...  # noqa: D102
    def prompts(self) -> Prompts: ...  # noqa: D102
    def vault_public_key(self) -> VaultPublicKey: ...  # noqa: D102
    def signing_key(self) -> SigningKey: ...  # noqa: D102
    def index_key(self) -> IndexKey: ...  # noqa: D102


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)


class Daemon:
    """Everything that runs beside one PBX."""

    def __init__(self, parts: Parts) -> None:
        self._config = parts.config
        self._register = parts.register()
        self._policy = parts.policy()
        self._prompts = parts.prompts()
        self._spool = parts.spool()
        self._clock = SystemClock()
        self._public_key, self._index_key = parts.vault_public_key(), parts.index_key()
        vault, signing_key = parts.vault(), parts.signing_key()
        self._sealing = Sealing(
            self._register,
            vault,
            self._spool,
            self._public_key,
            signing_key,
            partial(describe, self._register),
            self._clock,
            self._config.node,
        )
        destruction = Destruction(
            self._register, vault, self._spool, signing_key, self._clock, self._stop_capture
        )
        derive = partial(self._index_key.blind, "sampling")
        self._sampling = Sampling(derive, self._register, self._clock, self._config.node)
        ask_above = self._config.retention.ask_above
        self._erasure = Erasure(self._register, destruction, self._clock, ask_above=ask_above)
        self._unclosed: list[Recording] = []
        self._exchange: AsteriskExchange
        self._calls: Calls
        self._loop: asyncio.AbstractEventLoop

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT; captures are muted on the way out, and calls go on."""
        self._loop = asyncio.get_running_loop()
        self._register.keep_policy(self._policy.version, self._policy_text(), self._clock.now())
        waiting = await asyncio.to_thread(self._reconcile)
        self._put_together()
        self._calls.adopt(waiting)
        serving = asyncio.create_task(self._exchange.run(), name="exchange")
        told = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, told.set)
        stopping = asyncio.create_task(told.wait(), name="signals")
        ticker = self._ticker()
        ticker.start()
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            log.info("stopping")
        finally:
            ticker.stop()
            await self._calls.finish()
            stopping.cancel()
            serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving  # which ends by itself only through a bug, told here

    # --- putting together ---------------------------------------------------------------------

    def _put_together(self) -> None:
        asterisk = self._config.asterisk
        self._exchange = AsteriskExchange(
            partial(_ari, asterisk), partial(_ami, asterisk), asterisk.ari.app, lambda: self._calls
        )
        house = House(
            exchange=self._exchange,
            register=self._register,
            sealing=self._sealing,
            clock=self._clock,
            prompt=self._prompts.get,
            erasure=self._erasure,
            sampling=self._sampling,
        )
        self._calls = Calls(
            house, self._in_force(), self._seal_number, self._config.node, self._config.default_country
        )

    def _ticker(self) -> Ticker:
        ticker = Ticker()
        ticker.every(LOOK, "look at the legs", self._sealing.look)
        ticker.every(TICK, "seal", self._seal)
        ticker.every(TICK, "what is in force", self._refresh)
        ticker.every(TICK, "the day's seed", self._sampling.commit_day)
        ticker.every(self._config.retention.tick, "erase what is due", self._erasure.tick)
        ticker.every(BEAT, "beat", self._beat)
        return ticker

    def _policy_text(self) -> str:
        return self._config.policy.path.read_text(encoding="utf-8")

    # --- what is in force ---------------------------------------------------------------------

    def _in_force(self) -> InForce:
        missing = frozenset(line for line, _, _ in self._prompts.missing(self._policy))
        for line in missing:
            message = "A prompt of this line is missing: its calls go on, and none is recorded."
            self._register.raise_alarm(Alarm("prompt-missing", line, self._clock.now(), message))
        for line in self._policy.lines.keys() - missing:
            self._register.clear_alarm("prompt-missing", line, self._clock.now())
        return InForce(self._policy, missing, self._switched_off(), self._standings())

    async def _refresh(self) -> None:
        before = self._calls.in_force
        off, standings = await asyncio.to_thread(lambda: (self._switched_off(), self._standings()))
        self._calls.now_in_force(InForce(before.policy, before.stopped, off, standings))

    def _switched_off(self) -> frozenset[str]:
        return frozenset(line for line, on in self._register.switches().items() if not on)

    def _standings(self) -> dict[str, str]:
        return {agent.endpoint: agent.standing for agent in self._register.agents()}

    def _seal_number(self, call: str, number: str) -> tuple[bytes, bytes] | None:
        e164 = normalise(number, self._config.default_country)
        if e164 is None:
            return None
        sealed = seal_number(self._public_key, call, e164)
        return sealed, self._index_key.blind("calls.caller", e164)

    # --- work again and again -----------------------------------------------------------------

    def _seal(self) -> None:
        self._close_unclosed()
        failed = self._sealing.tick()
        for recording, error in failed:
            log.error("recording %s is not sealed now: %s", recording, error.id)
        now = self._clock.now()
        if failed:
            message = "What is captured cannot be sealed now; it waits in memory, and is tried again."
            self._register.raise_alarm(Alarm("sealing-stalled", self._config.node, now, message))
        else:
            self._register.clear_alarm("sealing-stalled", self._config.node, now)

    def _beat(self) -> None:
        facts = {
            "calls": self._calls.alive,
            "asterisk": self._exchange.connected,
            "spool_room": round(self._spool.room() * 100),
            "pid": os.getpid(),
        }
        self._register.beat(self._config.node, self._clock.now(), facts)

    def _stop_capture(self, recording: Recording) -> bool:
        """For the eraser: nothing more will be appended, and the call it grows in stops capturing."""
        if recording.node != self._config.node:
            return recording.ended_at is not None
        self._sealing.let_go(recording.id)
        if recording.ended_at is None and hasattr(self, "_calls"):
            self._loop.call_soon_threadsafe(self._calls.erasure_ordered, recording.id)
        return True

    # --- a start ------------------------------------------------------------------------------

    def _reconcile(self) -> list[LeftBehind]:
        """Tombstones first; then take up what was being sealed; returns the calls that were alive."""
        self._erasure.reconcile()
        alive = left_behind(self._register, self._config.node, self._policy_of)
        calls = {left.row.recording for left in alive}
        for row in self._register.unfinished(self._config.node):
            try:
                self._sealing.resume(row)
            except Unreachable:
                raise
            except GdprError as error:
                self._cannot_take_up(row, error)
            else:
                if row.id not in calls:
                    self._unclosed.append(row)
        self._sealing.tidy()
        self._close_unclosed()
        return alive

    def _close_unclosed(self) -> None:
        """Close recordings whose call ended while nobody was there; a vault that is away is waited for."""
        waiting, self._unclosed = self._unclosed, []
        for row in waiting:
            try:
                self._close(row)
            except Unreachable:
                self._unclosed.append(row)
            except GdprError as error:
                self._cannot_take_up(row, error)

    def _policy_of(self, version: str) -> Policy | None:
        """An earlier policy, read from the text that the register has kept."""
        if version == self._policy.version:
            return self._policy
        text = self._register.policy_text(version)
        if text is None:
            return None
        with tempfile.TemporaryDirectory() as folder, contextlib.suppress(Refused):
            path = Path(folder) / "policy.yaml"
            path.write_text(text, encoding="utf-8")
            return load_policy(path, self._config.policy.packs, self._config.policy.notices)
        return None

    def _close(self, row: Recording) -> None:
        now = self._clock.now()
        ended_at = self._register.call(row.call).ended_at or now
        if not self._sealing.close(row.id, ended_at):
            self._sealing.let_go(row.id)
            self._register.add_tombstone(Tombstone(row.id, Reason.ABANDONED, now, now))

    def _cannot_take_up(self, row: Recording, error: GdprError) -> None:
        log.error("recording %s cannot be taken up: %s", row.id, error.id)
        self._register.raise_alarm(Alarm(error.id, row.id, self._clock.now(), error.message))


def _ari(
    asterisk: Asterisk,
    on_event: Callable[[AnyEvent | UnknownEvent], None],
    on_connected: Callable[[], None],
) -> AriClient:
    ari = asterisk.ari
    return AriClient(
        ari.url,
        ari.user,
        read_secret(ari.password_file),
        ari.app,
        on_event=on_event,
        on_connected=on_connected,
        on_lost=partial(_lost, "ARI"),
    )


def _ami(
    asterisk: Asterisk, on_event: Callable[[Message], None], on_connected: Callable[[], None]
) -> AmiClient:
    ami = asterisk.ami
    return AmiClient(
        ami.host,
        ami.port,
        ami.user,
        read_secret(ami.secret_file),
        on_event=on_event,
        on_connected=on_connected,
        on_lost=partial(_lost, "AMI"),
    )


def _lost(which: str, problem: Unreachable) -> None:
    log.warning("%s: %s", which, problem.message)


@contextmanager
def only_one(state: Path) -> Iterator[None]:
    """Hold the lock of this installation; a second daemon would take the first one's calls away."""
    with (state / "daemon.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("Another daemon of this installation is running.", id="already-running") from None
        yield


def run(parts: Parts) -> None:
    """Run the daemon until it is told to stop."""
    with only_one(parts.config.paths.state):
        asyncio.run(Daemon(parts).run())
