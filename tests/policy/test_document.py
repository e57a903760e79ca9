"""YAML as people write it, and as it must never be read."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_gdpr.config import check_policy, load_config, shipped
from asterisk_gdpr.config.document import parse, read
from asterisk_gdpr.errors import ConfigFaults


def faults_of(text: str) -> list[tuple[str, int]]:
    """What a text is at fault for, as ids and lines."""
    return [(fault.id, fault.line) for fault in parse(text.encode(), "x.yaml").faults]


def refusal(raw: bytes) -> tuple[str, int]:
    """The one fault for which a text cannot be read at all."""
    with pytest.raises(ConfigFaults) as caught:
        parse(raw, "x.yaml")
    (fault,) = caught.value.faults
    return fault.id, fault.line


def test_plain_values_are_what_they_look_like() -> None:
    """Text, plain numbers, true, false, dates and nothing are read as such."""
    document = parse(b"a: word\nb: 12\nc: 0.5\nd: true\ne:\nf: '012'\non: [x]\n", "x.yaml")

    assert document.data == {"a": "word", "b": 12, "c": 0.5, "d": True, "e": None, "f": "012", "on": ["x"]}
    assert document.faults == []


@pytest.mark.parametrize(
    "trap",
    ["no", "on", "Yes", "012", "0x1f", "1_000", "22:00", "1:30.5", ".inf", ".nan", ".5", "+1", "9" * 99],
)
def test_a_word_that_yaml_reads_as_something_else_is_a_fault(trap: str) -> None:
    """What YAML would silently turn into another value is named, with its line."""
    assert faults_of(f"a: x\nb: {trap}\n") == [("yaml-trap", 2)]


def test_an_impossible_date_is_a_fault() -> None:
    """A date that does not exist is no date, and a time of day is none either."""
    assert faults_of("a: 2026-13-40\nb: 2026-11-23 10:00:00\n") == [("not-a-date", 1), ("not-a-date", 2)]


def test_a_key_stands_once() -> None:
    """A key that is there twice is a fault where it comes again, and the first one counts."""
    document = parse(b"a: 1\nb: 2\na: 3\n", "x.yaml")

    assert document.data == {"a": 1, "b": 2}
    assert [(fault.id, fault.line) for fault in document.faults] == [("duplicate", 3)]


def test_aliases_are_refused() -> None:
    """A value stands where it is meant: aliases, and with them the billion laughs, are faults."""
    laughs = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"

    assert {id for id, _ in faults_of(laughs)} == {"alias"}
    assert faults_of("a: &a {b: *a}\n") == [("alias", 1)]


def test_what_is_no_plain_value_is_a_fault() -> None:
    """Tags, keys that are no words, and control characters are faults of their own."""
    assert faults_of("a: !!python/object:os.system x\n") == [("yaml-tag", 1)]
    assert faults_of("? [a]\n: b\n") == [("key-not-text", 1)]
    assert faults_of('a: "\\u0007"\n') == [("control-character", 1)]
    assert faults_of('"\\a": 1\n') == [("control-character", 1)]


def test_a_file_that_is_no_mapping_is_refused() -> None:
    """Nothing, a list, a word, two documents, bad UTF-8, broken YAML: one fault, with its line."""
    assert refusal(b"") == ("not-a-mapping", 1)
    assert refusal(b"- a\n") == ("not-a-mapping", 1)
    assert refusal(b"word") == ("not-a-mapping", 1)
    assert refusal(b"a: 1\n---\nb: 2\n") == ("not-yaml", 2)
    assert refusal(b"a: 1\nb: \xff\n") == ("not-utf-8", 2)
    assert refusal(b"a: 1\nb: [\n") == ("not-yaml", 3)
    assert refusal(b"a: \x00\n") == ("not-yaml", 1)
    assert refusal(b"a: " + b"x" * 1_000_000) == ("too-long", 1)


def test_deep_nesting_is_refused() -> None:
    """Neither a file nested a little too deep nor one nested a thousandfold breaks the reader."""
    assert refusal(b"a: " + b"[" * 30 + b"]" * 30) == ("too-deep", 1)
    assert refusal(b"a:\n " + b"{b: " * 20_000) == ("too-deep", 2)


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    """A missing file, a folder and an impossible name are faults like any other."""
    for path in (tmp_path / "none.yaml", tmp_path, Path("a\0b")):
        with pytest.raises(ConfigFaults) as caught:
            read(path)

        assert [fault.id for fault in caught.value.faults] == ["unreadable"]


SAMPLES = {name: (shipped() / name).read_bytes() for name in ("policy.yaml", "config.yaml")}

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A sample file with a piece of it replaced by something else, or no YAML at all."""
    sample = SAMPLES[draw(st.sampled_from(sorted(SAMPLES)))]
    start = draw(st.integers(0, len(sample)))
    length = draw(st.integers(0, 60))
    piece = draw(st.binary(max_size=20) | values.map(lambda value: str(value).encode("utf-8", "replace")))
    return sample[:start] + piece + sample[start + length :]


@settings(max_examples=20, deadline=None)
@given(raw=damaged() | st.binary(max_size=60))
def test_no_input_breaks_the_loaders(raw: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever bytes a file holds, the answer is a value or a list of faults with lines."""
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(raw)

    faults = check_policy(path)
    with contextlib.suppress(ConfigFaults):
        load_config(path)

    assert all(fault.line >= 1 and fault.message for fault in faults)
    assert all(str(fault).encode() for fault in faults)
