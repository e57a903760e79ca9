"""The letters as files (`letters/<language>.yaml`), one a language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from asterisk_gdpr.config.document import Document, read
from asterisk_gdpr.config.faults import raise_any, validate
from asterisk_gdpr.config.kinds import Language
from asterisk_gdpr.config.schema import Schema
from asterisk_gdpr.core.letters import CODES, SENTENCES, LetterTexts
from asterisk_gdpr.core.notice import fields_in
from asterisk_gdpr.errors import Fault

_Said = Annotated[str, Field(min_length=1, max_length=1000)]


class LetterFile(BaseModel):
    """How one language says it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Language
    date: _Said
    moment: _Said
    sentences: dict[str, _Said]
    rights: dict[str, _Said]
    identities: dict[str, _Said]
    results: dict[str, _Said]
    grounds: dict[str, _Said]
    refusals: dict[str, _Said]
    bases: dict[str, _Said]
    choices: dict[str, _Said]
    package: dict[str, _Said]


_SCHEMA = Schema(LetterFile)


def load_letters(folder: Path) -> Mapping[str, LetterTexts]:
    """Every language's letter, by language; raises `ConfigFaults` with the faults of all of them."""
    letters: dict[str, LetterTexts] = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.yaml")):
        document = read(path)
        checked = validate(_SCHEMA, document)
        faults += checked.faults
        if (file := checked.value) is not None:
            faults += _incomplete(file, document)
            words = {table: getattr(file, table) for table in CODES}
            letters[file.language] = LetterTexts(file.language, file.date, file.moment, file.sentences, words)
    raise_any(faults)
    return letters


def _incomplete(file: LetterFile, document: Document) -> Iterator[Fault]:
    for part, wanted in {"sentences": frozenset(SENTENCES), **CODES}.items():
        have = set(getattr(file, part))
        for missing in sorted(wanted - have):
            yield document.fault((part,), "missing", f"{part}.{missing}: this is missing", "see en.yaml")
        for unknown in sorted(have - wanted):
            yield document.fault((part, unknown), "unknown-word", f"{part}: nothing is said by `{unknown}`")
    for sentence, text in file.sentences.items():
        for field in sorted(fields_in(text) - SENTENCES.get(sentence, fields_in(text))):
            yield document.fault(
                ("sentences", sentence), "unknown-field", f"{{{field}}} means nothing in this sentence"
            )
