"""Prompts as people deal with them: what each part of a notice says, and by whom; heard, and read anew.

Whoever reads a part hands in a sound file. It is taken for exactly the text that the policy in force has, in
one step, and the ledger is told; a daemon that runs has it within seconds, for the calls that come then.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock, LedgerBook
from asterisk_gdpr.service.prompts.prompt_files import NARROW, WIDE, Entry
from asterisk_gdpr.service.prompts.prompts import Key, Prompt, Prompts


class By(StrEnum):
    """Who says a part."""

    PERSON = "person"
    MACHINE = "machine"
    NOBODY = "nobody"
    """There is none, or what there is says another text: the line stops."""


@dataclass(frozen=True)
class Shown:
    """One part of a line's notice, in one language."""

    line: str
    language: str
    part: str
    text: str
    by: By
    seconds: float = 0.0


class PromptDesk:
    """`prompts` reads them as they are now, `read` makes samples of a file, `alone` keeps others out."""

    def __init__(
        self,
        prompts: Callable[[], Prompts],
        policy: Callable[[], Policy],
        read: Callable[[Path | bytes, int], bytes],
        register: LedgerBook,
        clock: Clock,
        alone: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._prompts = prompts
        self._policy = policy
        self._read = read
        self._register = register
        self._clock = clock
        self._alone = alone

    def of_line(self, line: str) -> list[Shown]:
        """Every part of a line, in the order in which callers hear them, language by language."""
        wanted = self._prompts().wanted(self._policy())
        return [_shown(key, text, entry) for key, text, entry in wanted if key[0] == line]

    def lacking(self) -> frozenset[str]:
        """The lines that lack a part."""
        return frozenset(line for line, _, _ in self._prompts().missing(self._policy()))

    def sound(self, wanted: Key) -> bytes:
        """What callers hear of a part, as samples at 16 kHz; raises Refused (`prompt-missing`)."""
        prompts = self._prompts()
        for key, text, entry in prompts.wanted(self._policy()):
            if key == wanted and entry is not None and entry.text == text:
                return prompts.sound(entry)
        raise Refused(
            "Nobody says this part.", hint="Run `asterisk-gdpr prompts build`.", id="prompt-missing"
        )

    def take(self, part: Key, file: Path | bytes, by: str) -> Prompt:
        """Take what a person has read for a part; raises Refused.

        Its ids: `no-such-part`, `no-sound`, `sound-too-long`, `sound-silent`.
        """
        policy = self._policy()
        prompts = self._prompts()
        if part not in {key for key, _, _ in prompts.wanted(policy)}:
            raise Refused(
                f"Line `{part[0]}` has no part `{part[2]}` in `{part[1]}`.",
                hint="`asterisk-gdpr prompts script` lists what there is to read.",
                id="no-such-part",
            )
        narrow, wide = (self._read(file, rate) for rate in (NARROW, WIDE))
        with self._alone():
            taken = prompts.import_voice(policy, *part, narrow, wide)
        line, language, name = part
        told = {
            "user": by,
            "line": line,
            "language": language,
            "part": name,
            "audio_sha256": taken.audio_sha256,
        }
        self._register.record("prompt-taken", told, self._clock.now())
        return taken


def _shown(key: Key, text: str, entry: Entry | None) -> Shown:
    if entry is None or entry.text != text:
        return Shown(*key, text, By.NOBODY)
    return Shown(*key, text, By.PERSON if entry.origin == "voice" else By.MACHINE, entry.seconds)
