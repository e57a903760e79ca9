"""A YAML file as plain values, with the line of each of them, and YAML's own traps as faults.

YAML 1.1 reads `no` as false, `012` as ten, `22:00` as 1320, and the later of two equal keys as the only one.
Here keys are always text, only plain numbers, `true`, `false`, dates and text are values, and whatever
could be read in two ways is a fault with its line. Aliases are refused: a policy is read by people,
and a few lines of them can stand for gigabytes.
Nothing in a file, however broken, raises anything but `ConfigFaults`.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from asterisk_gdpr.errors import ConfigFaults, Fault

Place = tuple[str | int, ...]
"""Where a value stands: keys and positions from the root of the file."""

LONGEST = 1_000_000
"""Bytes; a policy of a thousand lines needs a tenth of it."""

DEEPEST = 20
"""Levels of nesting; the schemas have five."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: five times faster, and the same in all that matters here."""

_INT = re.compile(r"-?(0|[1-9][0-9]{0,15})")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,15})\.[0-9]{1,15}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_TAG = "tag:yaml.org,2002:"


@dataclass
class Document:
    """The values of a file; `lines` tells where each stands, `faults` what YAML itself is at fault for."""

    file: str
    text: bytes
    data: object = None
    lines: dict[Place, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    faulty: set[Place] = field(default_factory=set)

    def line_of(self, place: Place) -> int:
        """The line of a value, or of the nearest thing around it that is there."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def fault(self, place: Place, id: str, message: str, hint: str = "") -> Fault:
        """A fault of the value at a place."""
        return Fault(id, self.file, self.line_of(place), message, hint)

    def blame(self, node: yaml.Node, place: Place, id: str, message: str, hint: str = "") -> None:
        """Note a fault of YAML's, so that the schema does not complain of the same value again."""
        self.faults.append(Fault(id, self.file, _line(node), message, hint))
        self.faulty.add(place)


def read(path: Path) -> Document:
    """Read a file; raises `ConfigFaults` when it cannot be read as YAML at all."""
    file = str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a file name"
        raise ConfigFaults(
            [Fault("unreadable", file, 1, f"cannot be read: {reason}", "name an existing, readable file")]
        ) from None
    return parse(raw, file)


def parse(raw: bytes, file: str) -> Document:
    """The document in `raw`; raises `ConfigFaults` when it is no YAML mapping at all."""
    document = Document(file, raw)
    node = _compose(raw, file)
    if not isinstance(node, yaml.MappingNode):
        raise ConfigFaults([Fault("not-a-mapping", file, 1, "this is not a list of `word: value` lines")])
    document.data = _Builder(document).value(node, ())
    return document


def _compose(raw: bytes, file: str) -> yaml.Node | None:
    if len(raw) > LONGEST:
        raise ConfigFaults([Fault("too-long", file, 1, f"longer than {LONGEST:,} bytes")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigFaults([Fault("not-utf-8", file, line, "this is not UTF-8 text")]) from None
    try:
        _refuse_depth(text, file)
        return yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigFaults([Fault("not-yaml", file, line, f"this is not YAML: {error.problem}")]) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        # A reader's error bears no line; a ValueError comes of an impossible escape.
        raise ConfigFaults(
            [Fault("not-yaml", file, 1, "this is not YAML: it holds control characters")]
        ) from None


def _refuse_depth(text: str, file: str) -> None:
    """Look at the nesting before nodes are made of it, since making them is recursive."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise ConfigFaults([Fault("too-deep", file, line, f"nested deeper than {DEEPEST} levels")])


class _Builder:
    """Turns nodes into values, noting lines and traps."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()

    def value(self, node: yaml.Node, place: Place) -> object:
        self.document.lines[place] = _line(node)
        if id(node) in self.seen:
            self.document.blame(node, place, "alias", "an alias (`*name`) stands for this", "write it out")
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, number)) for number, item in enumerate(node.value)]
        return self.scalar(node, place)

    def mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, object]:
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.document.blame(key_node, place, "key-not-text", "a key must be a word")
                continue
            key: str = key_node.value
            here = (*place, key)
            if key in values:
                self.document.faults.append(
                    Fault(
                        "duplicate",
                        self.document.file,
                        _line(key_node),
                        f"`{_shown(key)}` is here already, in line {self.document.lines[here]}",
                        "keep one of them",
                    )
                )
                continue
            if _CONTROL.search(key):
                self.document.blame(key_node, here, "control-character", "a key holds a control character")
                continue
            values[key] = self.value(value_node, here)
            self.document.lines[here] = _line(key_node)
        return values

    def scalar(self, node: yaml.Node, place: Place) -> object:
        text: str = node.value
        kind = node.tag.removeprefix(_TAG)
        if _CONTROL.search(text):
            self.document.blame(node, place, "control-character", "this holds a control character")
        elif kind == "str":
            return text
        elif kind == "null":
            return None
        elif kind == "bool" and text in ("true", "false"):
            return text == "true"
        elif kind == "int" and _INT.fullmatch(text):
            return int(text)
        elif kind == "float" and _FLOAT.fullmatch(text):
            return float(text)
        elif kind == "timestamp":
            return self.date(node, place)
        else:
            self.trap(node, place, kind)
        return None

    def date(self, node: yaml.Node, place: Place) -> dt.date | None:
        try:
            return dt.date.fromisoformat(node.value)
        except ValueError:
            self.document.blame(
                node, place, "not-a-date", f"`{_shown(node.value)}` is no date", "write it as 2026-11-23"
            )
            return None

    def trap(self, node: yaml.Node, place: Place, kind: str) -> None:
        read_as = {"bool": "true or false", "int": "a number", "float": "a number"}.get(kind)
        text = _shown(node.value)
        if read_as is None:
            self.document.blame(
                node, place, "yaml-tag", f"`{node.tag}` is no kind of value here", "write plain text"
            )
            return
        self.document.blame(
            node,
            place,
            "yaml-trap",
            f"YAML reads `{text}` as {read_as}, which is seldom meant",
            f'write "{text}" in quotes for text'
            + (", `true` or `false` for an answer" if kind == "bool" else ""),
        )


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _shown(text: str) -> str:
    cut = text if len(text) <= 40 else text[:39] + "…"
    return "".join(sign if sign.isprintable() else "�" for sign in cut)
