"""The wording of notices as files (`notices/<language>.yaml`), one a language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from asterisk_gdpr.config.document import Document, Place, read
from asterisk_gdpr.config.faults import raise_any, validate
from asterisk_gdpr.config.kinds import Language, Text
from asterisk_gdpr.config.schema import Schema
from asterisk_gdpr.core.notice import SENTENCES, TIMES, Wording, fields_in
from asterisk_gdpr.core.plurals import Counted, has_few
from asterisk_gdpr.core.policy import Basis
from asterisk_gdpr.errors import Fault

_Joint = Annotated[str, Field(min_length=1, max_length=20)]


class TimeFile(BaseModel):
    """The phrases of one unit of time; `two` and `few` as `core.plurals` explains them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    one: Text
    two: Text | None = None
    few: Text | None = None
    more: Text


class WordingFile(BaseModel):
    """How one language says it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Language
    sentences: dict[str, Text]
    times: dict[str, TimeFile]
    joins: tuple[_Joint, _Joint]
    symbols: dict[str, Text]
    bases: dict[Basis, Text]


_SCHEMA = Schema(WordingFile)


def load_wordings(folder: Path) -> Mapping[str, Wording]:
    """Every wording of a folder, by language; raises `ConfigFaults` with the faults of all of them."""
    wordings: dict[str, Wording] = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.yaml")):
        document = read(path)
        checked = validate(_SCHEMA, document)
        faults += checked.faults
        if checked.value is not None:
            faults += _incomplete(checked.value, document, path.stem)
            wordings[checked.value.language] = _wording(checked.value)
    raise_any(faults)
    return wordings


def _wording(file: WordingFile) -> Wording:
    times = {unit: Counted(said.one, said.more, said.two, said.few) for unit, said in file.times.items()}
    return Wording(file.language, file.sentences, times, file.joins, file.symbols, file.bases)


def _incomplete(file: WordingFile, document: Document, name: str) -> Iterator[Fault]:
    if file.language != name:
        yield document.fault(
            ("language",),
            "wrong-name",
            f"the file {name}.yaml must say `language: {name}`",
            "rename one of them",
        )
    wanted = {
        "sentences": set(SENTENCES),
        "times": {str(unit) for unit in TIMES},
        "symbols": {"*", "#"},
        "bases": {str(basis) for basis in Basis},
    }
    for part, names in wanted.items():
        have = {str(key) for key in getattr(file, part)}
        for missing in sorted(names - have):
            yield document.fault((part,), "missing", f"{part}.{missing}: this is missing", "see en.yaml")
        for unknown in sorted(have - names):
            yield document.fault((part, unknown), "unknown-word", f"{part}: nothing is said by `{unknown}`")
    for sentence, text in file.sentences.items():
        for field in sorted(fields_in(text) - SENTENCES.get(sentence, fields_in(text))):
            yield document.fault(
                ("sentences", sentence), "unknown-field", f"{{{field}}} means nothing in this sentence"
            )
    for unit, said in file.times.items():
        yield from _miscounted(said, document, ("times", unit), file.language)


def _miscounted(said: TimeFile, document: Document, place: Place, language: str) -> Iterator[Fault]:
    if has_few(language) and said.few is None:
        yield document.fault(
            (*place, "few"), "missing", f"`{language}` counts with a phrase for few: 2, 3, 4"
        )
    if said.few is not None and not has_few(language):
        yield document.fault((*place, "few"), "unknown-word", f"`{language}` has no phrase for few")
    for name, phrase in (("few", said.few), ("more", said.more)):
        if phrase is not None and fields_in(phrase) != {"count"}:
            yield document.fault((*place, name), "unknown-field", "this phrase must hold {count}")
