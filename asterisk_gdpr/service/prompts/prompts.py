"""Prompts: the notice of every line as sound, built from the policy or read by a person.

A person's recording always wins over the machine's, for exactly the text that was read: when the policy
changes a text, the old recording says something else, and the machine speaks until it is read anew.
What is missing, damaged, or says another text than the policy is reported, and its line stops
(the call goes on, unrecorded): nobody is recorded after a notice that was not the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from asterisk_gdpr.core.call.state import Part
from asterisk_gdpr.core.notice import FIRST_LAYER_SECONDS, Wording, notice, part_id
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Speech
from asterisk_gdpr.service.prompts.prompt_files import (
    NARROW,
    WIDE,
    Entry,
    Index,
    PromptFolder,
    retired,
    seconds_of,
    sha256_of,
)

Key = tuple[str, str, str]
"""Line, language and part."""


@dataclass(frozen=True)
class Prompt:
    """One prompt as it is played and as evidence names it; `path` is absolute and without extension."""

    path: str
    seconds: float
    text: str
    text_sha256: str
    audio_sha256: str


@dataclass(frozen=True)
class TooLong:
    """A first layer that lasts longer than people listen."""

    line: str
    language: str
    seconds: float


@dataclass(frozen=True)
class Built:
    """What a build came to: prompts made anew, prompts kept, and first layers that are too long."""

    made: tuple[Key, ...]
    kept: tuple[Key, ...]
    too_long: tuple[TooLong, ...]


class Prompts:
    """The prompts of all lines; `wordings` are those of the installation, by language."""

    def __init__(self, folder: Path, wordings: Mapping[str, Wording]) -> None:
        self._files = PromptFolder(folder.absolute())
        self._wordings = wordings
        self._known: dict[Key, Entry] = {}
        self._looked_at: tuple[int, int] = (0, 0)
        self.load()

    def load(self) -> None:
        """Read the index again and verify every file; what does not verify is not known."""
        self._looked_at = self._files.state()
        self._known = self._verified()

    def take_up(self, policy: Policy) -> bool:
        """Take what was put there since, if that leaves the policy no part less than it has; else nothing.

        So a voice is heard soon after it was read, and prompts of a policy to come wait for that policy.
        """
        state = self._files.state()
        if state == self._looked_at:
            return False
        self._looked_at = state
        there = self._verified()
        if there == self._known or self._lacking(policy, there) - self._lacking(policy, self._known):
            return False
        self._known = there
        return True

    def _verified(self) -> dict[Key, Entry]:
        entries = self._files.read_index().prompts
        sound = {digest: self._files.holds(digest) for digest in {entry.audio_sha256 for entry in entries}}
        return {entry.key: entry for entry in entries if sound[entry.audio_sha256]}

    def get(self, line: str, language: str, part: str) -> Prompt:
        """A verified prompt; raises `Refused` with id `prompt-missing`."""
        return self._found(self._known, line, language, part)

    def as_they_are(self) -> Callable[[str, str, str], Prompt]:
        """`get` as it answers now, whatever is loaded later."""
        return partial(self._found, self._known)

    def _found(self, known: Mapping[Key, Entry], line: str, language: str, part: str) -> Prompt:
        entry = known.get((line, language, part))
        if entry is None:
            raise Refused(
                f"The prompt `{part}` of line `{line}` in `{language}` is missing or damaged.",
                hint="Run `asterisk-gdpr prompts build`.",
                id="prompt-missing",
            )
        path = self._files.folder / entry.name
        return Prompt(str(path), entry.seconds, entry.text, entry.text_sha256, entry.audio_sha256)

    def entries(self) -> tuple[Entry, ...]:
        """Every verified prompt, in the order of the index."""
        return tuple(self._known.values())

    def every_entry(self) -> tuple[Entry, ...]:
        """Those in force and those that were: somebody may have heard any of them."""
        index = self._files.read_index()
        return (*index.prompts, *index.earlier)

    def missing(self, policy: Policy) -> list[Key]:
        """What the policy needs and is not there, not intact, or says another text."""
        lacking = self._lacking(policy, self._known)
        return [key for key, _ in self._wanted(policy) if key in lacking]

    def wanted(self, policy: Policy) -> list[tuple[Key, str, Entry | None]]:
        """Each part that the policy needs, its text, and what is there for it, whatever that says."""
        return [(key, text, self._known.get(key)) for key, text in self._wanted(policy)]

    def sound(self, entry: Entry) -> bytes:
        """The samples of an entry at 16 kHz, as Asterisk plays them."""
        return self._files.read_wide(entry)

    def _lacking(self, policy: Policy, known: Mapping[Key, Entry]) -> set[Key]:
        return {
            key
            for key, text in self._wanted(policy)
            if (entry := known.get(key)) is None or entry.text != text
        }

    def build(self, policy: Policy, speech: Speech) -> Built:
        """Make every prompt that the policy needs, keep those that still say the right thing."""
        self.load()
        index = self._files.read_index()
        sounds = self._sounds(index, speech.name)
        current: list[Entry] = []
        for (line, language, part), text in self._wanted(policy):
            said = (language, sha256_of(text))
            if said not in sounds:
                sounds[said] = self._spoken((line, language, part), text, speech)
            current.append(replace(sounds[said], line=line, part=part))
        made = tuple(entry.key for entry in current if entry != self._known.get(entry.key))
        self._keep(current, index)
        kept = tuple(entry.key for entry in current if entry.key not in made)
        return Built(made, kept, tuple(_too_long(current)))

    def import_voice(
        self, policy: Policy, line: str, language: str, part: str, narrow: bytes, wide: bytes
    ) -> Prompt:
        """Take what a person has read for a part, as samples at 8 and 16 kHz (`ports.Speech` layout).

        It serves every part of every line that says the same text.
        """
        wanted = dict(self._wanted(policy))
        text = wanted.get((line, language, part))
        if text is None:
            raise Refused(
                f"Line `{line}` has no part `{part}` in `{language}`.",
                hint="`asterisk-gdpr prompts script` lists what there is to read.",
                id="no-such-part",
            )
        audio = self._files.write_sound(narrow, wide)
        made = [
            Entry(*key, text, sha256_of(text), audio, "", "voice", seconds_of(narrow))
            for key, said in wanted.items()
            if (key[1], said) == (language, text)
        ]
        index = self._files.read_index()
        served = {entry.key for entry in made}
        others = [other for other in index.prompts if other.key not in served]
        self._keep([*others, *made], index)
        return self.get(line, language, part)

    def script(self, policy: Policy) -> str:
        """What a person must read in a studio: each text once, with the parts that it serves."""
        parts: dict[tuple[str, str], list[Key]] = {}
        for key, text in self._wanted(policy):
            parts.setdefault((key[1], text), []).append(key)
        blocks = [
            "\n".join([f"[{language}] " + ", ".join(f"{line} {part}" for line, _, part in keys), text, ""])
            for (language, text), keys in parts.items()
        ]
        return "\n".join(blocks)

    def _wanted(self, policy: Policy) -> Iterator[tuple[Key, str]]:
        for line in policy.lines.values():
            for language in line.languages if not line.exempt else ():
                for part in notice(policy, line, self._wordings[language]):
                    yield (line.name, language, part.id), part.text

    def _sounds(self, index: Index, engine: str) -> dict[tuple[str, str], Entry]:
        """The intact sound of each text: a person's newest, else this engine's."""
        held = [*index.earlier, *index.prompts]
        ours = [entry for entry in held if entry.origin == "espeak" and entry.engine == engine]
        voices = [entry for entry in held if entry.origin == "voice"]
        return {
            (entry.language, entry.text_sha256): entry
            for entry in (*ours, *voices)
            if self._files.holds(entry.audio_sha256)
        }

    def _spoken(self, key: Key, text: str, speech: Speech) -> Entry:
        line, language, part = key
        narrow, wide = (speech.speak(text, language, rate) for rate in (NARROW, WIDE))
        audio = self._files.write_sound(narrow, wide)
        return Entry(
            line, language, part, text, sha256_of(text), audio, speech.name, "espeak", seconds_of(narrow)
        )

    def _keep(self, current: list[Entry], index: Index) -> None:
        self._files.write_index(Index(tuple(current), retired(current, index)))
        self.load()


def _too_long(entries: list[Entry]) -> Iterator[TooLong]:
    seconds = {entry.key: entry.seconds for entry in entries}
    for line, language, part in seconds:
        if part == Part.STATEMENT:
            question = seconds.get((line, language, part_id(Part.QUESTION)), 0.0)
            total = round(seconds[line, language, part] + question, 2)
            if total > FIRST_LAYER_SECONDS:
                yield TooLong(line, language, total)
