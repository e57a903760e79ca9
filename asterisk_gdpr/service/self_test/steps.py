"""The three calls of a self-test, and what each of them must show.

    refuse     the notice is heard, key 2 is pressed: the talk goes on, and nothing is recorded
    withdraw   key 1, a talk, *9: the caller is told, and what was recorded is gone
    keep       key 1, a talk, the end: sealed, verified, opened where the key is at hand, erased

A claim is made about sound wherever sound shows it: what the caller heard, what the recording holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from asterisk_gdpr.core.call.state import KEYS, Outcome, Part
from asterisk_gdpr.core.line_rules import LineRules
from asterisk_gdpr.core.notice import part_id
from asterisk_gdpr.core.recording import Reason, State
from asterisk_gdpr.errors import GdprError, Refused
from asterisk_gdpr.ports import CallBook, CallRow, Clock, ErasureBook, RecordingBook, Vault
from asterisk_gdpr.ports.self_test import SyntheticCall, SyntheticPhones
from asterisk_gdpr.service.erasing.erasure import Item, Result
from asterisk_gdpr.service.prompts.prompts import Prompt
from asterisk_gdpr.service.proof.recordings import Verified
from asterisk_gdpr.service.self_test.likeness import ENOUGH, has_tone, likeness
from asterisk_gdpr.service.self_test.report import Claim

CALLER_HZ, AGENT_HZ = 440, 1000
"""What caller and agent say in a talk."""

TALK = 3.0
"""Seconds of a talk that is recorded: more than a look of the sealer, less than a segment."""

PATIENCE = 15.0
"""Seconds to wait for what must come."""

LATE = 1.0
"""Seconds by which a prompt may be late; a caller has longer than that to press a key."""

_LOOK = 0.1

T = TypeVar("T")


class Book(CallBook, RecordingBook, ErasureBook, Protocol):
    """What the steps look up in the register."""


@dataclass(frozen=True)
class Tools:
    """What the steps work with; `opened` returns a recording's two channels, or raises `vault-locked`."""

    phones: SyntheticPhones
    register: Book
    vault: Vault
    prompt: Callable[[str, str, str], Prompt]
    verify: Callable[[str], Verified]
    opened: Callable[[str], tuple[bytes, bytes]]
    erase: Callable[[str, Reason], Item]
    certified: Callable[[bytes], bool]
    clock: Clock


class Steps:
    """The calls to one line; `claims`, `calls` and `recordings` grow as they are made."""

    def __init__(self, tools: Tools, line: str, rules: LineRules) -> None:
        self._tools = tools
        self._line = line
        self._rules = rules
        self.claims: list[Claim] = []
        self.calls: list[str] = []
        self.recordings: list[str] = []

    async def all(self) -> None:
        """The three calls, one after the other; one that goes wrong keeps no other."""
        for step in (self.refuse, self.withdraw, self.keep):
            try:
                await step()
            except GdprError as error:
                self._claim(step.__name__, "the call goes as it must", False, f"{error.id}: {error}")

    # --- the calls ----------------------------------------------------------------------------

    async def refuse(self) -> None:
        """The notice is heard, the choice is no, and the talk goes on unrecorded."""
        async with self._call() as (call, row):
            await self._listen(call, row)
            await call.press(KEYS.refuse)
            talked = await self._talk(call)
            told = await self._chosen(call)
            self._claim("refused", "a refusal is taken", told.choice == Outcome.REFUSED, _said(told))
            self._claim("refused-unrecorded", "after it nothing is recorded", told.recording is None)
            self._claim("refused-talk", "and both hear each other", talked)

    async def withdraw(self) -> None:
        """An agreement is taken back in the talk: the caller is told, and what was recorded is gone."""
        async with self._call() as (call, row):
            recording = await self._agree(call, row)
            await asyncio.sleep(TALK)
            call.speak(CALLER_HZ, 0)
            part = Part.WITHDRAWN_LATER if self._rules.withdraw_grace else Part.WITHDRAWN
            whisper = await self._prompt(row, part)
            before = len(call.caller_heard())
            await call.press(KEYS.withdraw)
            await asyncio.sleep(whisper.seconds + 1.0)
            like = likeness(call.caller_heard()[before:], _sound(whisper))
            self._claim("withdrawal-told", "who withdraws hears that it is done", like >= ENOUGH, _like(like))
        await self._gone_after_withdrawal(recording)

    async def keep(self) -> None:
        """A talk is sealed, proven, opened where that is possible, and erased with a certificate."""
        async with self._call() as (call, row):
            recording = await self._agree(call, row)
            await asyncio.sleep(TALK)
        await self._sealed(recording)
        await self._verified(recording)
        await self._opened(recording)
        await self._erased(recording)

    # --- parts of a call ----------------------------------------------------------------------

    @asynccontextmanager
    async def _call(self) -> AsyncIterator[tuple[SyntheticCall, CallRow]]:
        async with self._tools.phones.call(self._line) as call:
            row = await self._until(lambda: self._tools.register.call_by_channel(call.channel), "no-call")
            self.calls.append(row.id)
            yield call, row

    async def _listen(self, call: SyntheticCall, row: CallRow) -> None:
        """Hear statement and first question to their end, and hold them against what they must be."""
        statement, question = [await self._prompt(row, part) for part in (Part.STATEMENT, Part.QUESTION)]
        await self._heard(call, statement)
        asked = await self._heard(call, question)
        told = await asyncio.to_thread(likeness, call.caller_heard(), _sound(statement))
        for part, heard in ((Part.STATEMENT, told), (Part.QUESTION, asked)):
            what = f"{part_id(part)} is heard by the caller, to its end"
            self._claim(f"{part}-heard", what, heard >= ENOUGH, _like(heard))

    async def _agree(self, call: SyntheticCall, row: CallRow) -> str:
        """Hear the statement, press the key, and talk; the recording."""
        statement = await self._prompt(row, Part.STATEMENT)
        await self._heard(call, statement)
        await call.press(KEYS.agree)
        talked = await self._talk(call)
        told = await self._chosen(call)
        self._claim("agreed", "an agreement is taken", told.choice == Outcome.AGREED, _said(told))
        evidence = await asyncio.to_thread(self._tools.register.evidence, told.id)
        parts = evidence.facts.get("notice", []) if evidence else []
        proven = any(
            part["id"] == str(Part.STATEMENT) and part["heard"] and part["sha256"] == statement.audio_sha256
            for part in parts
        )
        self._claim("evidence", "its evidence names the sound of the notice that was heard", proven)
        self._claim("agreed-talk", "and both hear each other", talked)
        if told.recording is None:
            raise Refused("The call is not recorded.", id="not-recorded")
        self.recordings.append(told.recording)
        return told.recording

    async def _talk(self, call: SyntheticCall) -> bool:
        """Both say their tone; whether each hears the other's."""
        call.speak(CALLER_HZ, AGENT_HZ)

        def both() -> bool:
            caller, agent = call.caller_heard()[-8000:], call.agent_heard()[-8000:]
            return has_tone(caller, AGENT_HZ) and has_tone(agent, CALLER_HZ)

        try:
            await self._until(lambda: both() or None, "no-talk")
        except Refused:
            return False
        return True

    async def _heard(self, call: SyntheticCall, prompt: Prompt) -> float:
        """How much of a prompt the caller has heard, once it was heard or must have ended."""
        sound, best = _sound(prompt), 0.0
        deadline = asyncio.get_running_loop().time() + prompt.seconds + LATE
        while best < ENOUGH and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(_LOOK)
            heard = await asyncio.to_thread(call.caller_heard)
            if len(heard) >= len(sound):
                best = max(best, await asyncio.to_thread(likeness, heard, sound))
        return best

    async def _chosen(self, call: SyntheticCall) -> CallRow:
        def settled() -> CallRow | None:
            row = self._tools.register.call_by_channel(call.channel)
            return row if row is not None and row.choice is not None else None

        return await self._until(settled, "no-choice")

    async def _prompt(self, row: CallRow, part: Part) -> Prompt:
        return await asyncio.to_thread(self._tools.prompt, row.line, row.language, part_id(part))

    # --- what becomes of it -------------------------------------------------------------------

    async def _gone_after_withdrawal(self, recording: str) -> None:
        register = self._tools.register
        if self._rules.withdraw_grace:
            tombstone = await asyncio.to_thread(register.tombstone, recording)
            locked = (await asyncio.to_thread(register.recording, recording)).restricted
            what = "what was recorded is locked, and its erasure has its date"
            self._claim("withdrawn-locked", what, tombstone is not None and locked)
            return
        gone = await self._state(recording, State.ERASED)
        self._claim("withdrawn-erased", "what was recorded is erased at once", gone)
        await self._certificate(recording, "withdrawn-certificate")

    async def _sealed(self, recording: str) -> None:
        sealed = await self._state(recording, State.SEALED)
        row = await asyncio.to_thread(self._tools.register.recording, recording)
        seconds = row.frames / row.rate
        self._claim("sealed", "the talk is sealed when it ends", sealed)
        what = "as long as it lasted"
        self._claim("captured", what, seconds >= TALK * 0.8, f"{seconds:.1f} s of {TALK:.1f} s or more")

    async def _verified(self, recording: str) -> None:
        found = await asyncio.to_thread(self._tools.verify, recording)
        what = "its container is whole and signed, shown by public keys alone"
        self._claim("verified", what, found.ok and found.complete, found.reason)

    async def _opened(self, recording: str) -> None:
        what = "it opens, the caller on the left and the agent on the right"
        try:
            left, right = await asyncio.to_thread(self._tools.opened, recording)
        except Refused as refused:
            if refused.id != "vault-locked":
                raise
            told = "the vault's private key is not at hand: what is in the container was not listened to"
            self._claim("opened", what, None, told)
            return
        self._claim("opened", what, has_tone(left, CALLER_HZ) and has_tone(right, AGENT_HZ))

    async def _erased(self, recording: str) -> None:
        item = await asyncio.to_thread(self._tools.erase, recording, Reason.TEST)
        self._claim("erased", "it is erased", item.result is Result.ERASED, item.ground)
        keys = await asyncio.to_thread(self._tools.register.keys, recording)
        size = await asyncio.to_thread(self._tools.vault.size, recording)
        self._claim("nothing-left", "no key and no container of it is left", not keys and size is None)
        await self._certificate(recording, "certificate")

    async def _certificate(self, recording: str, id: str) -> None:
        certificate = await asyncio.to_thread(self._tools.register.certificate, recording)
        held = certificate is not None and self._tools.certified(certificate)
        self._claim(id, "its erasure has a certificate that verifies", held)

    async def _state(self, recording: str, state: State) -> bool:
        def there() -> bool | None:
            return self._tools.register.recording(recording).state is state or None

        try:
            return await self._until(there, "not-there")
        except Refused:
            return False

    async def _until(self, look: Callable[[], T | None], id: str) -> T:
        """What is found, as soon as it is there; raises Refused when it does not come."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            found = await asyncio.to_thread(look)
            if found is not None:
                return found
            if asyncio.get_running_loop().time() > deadline:
                raise Refused(f"Waited for {PATIENCE:g} s in vain.", id=id)
            await asyncio.sleep(_LOOK)

    def _claim(self, id: str, claim: str, held: bool | None, detail: str = "") -> None:
        self.claims.append(Claim(id, claim, held, detail))


Step = Callable[[], Awaitable[None]]


def _sound(prompt: Prompt) -> bytes:
    """What a prompt sounds like on a telephone."""
    try:
        return Path(f"{prompt.path}.sln").read_bytes()
    except OSError:
        raise Refused("A prompt's file cannot be read.", id="prompt-missing") from None


def _like(value: float) -> str:
    return f"likeness {value:.2f}"


def _said(row: CallRow) -> str:
    return f"the choice came to {row.choice}"
