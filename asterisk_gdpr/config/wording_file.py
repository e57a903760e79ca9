"""The wording of notices as files (`notices/<language>.yaml`), one a language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from asterisk_gdpr.config.document import Document, read
from asterisk_gdpr.config.faults import raise_any, validate
from asterisk_gdpr.config.kinds import Language, Text
from asterisk_gdpr.config.schema import Schema
from asterisk_gdpr.core.notice import SENTENCES, TIMES, Wording, fields_in
from asterisk_gdpr.core.policy import Basis
from asterisk_gdpr.errors import Fault

_Joint = Annotated[str, Field(min_length=1, max_length=20)]


class WordingFile(BaseModel):
    """How one language says it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Language
    sentences: dict[str, Text]
    times: dict[str, tuple[Text, Text]]
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
    return Wording(file.language, file.sentences, file.times, file.joins, file.symbols, file.bases)


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
    for unit, (_, more) in file.times.items():
        if fields_in(more) != {"count"}:
            yield document.fault(("times", unit, 1), "unknown-field", "the second phrase must hold {count}")
