"""Canonical JSON and signed documents."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr.seal.canonical import NotCanonical, canonical, parse_canonical
from asterisk_gdpr.seal.errors import DamagedDocument, UnknownKey, UnknownVersion, WrongKind
from asterisk_gdpr.seal.evidence import sign_document, verify_document
from asterisk_gdpr.seal.signing import SigningKey

SIGNING = SigningKey.generate()
KEYS = [SIGNING.verify_key]
BODY: dict[str, object] = {"recording": "r1", "reason": "expired", "keys": ["ab"], "n": 3, "who": "Ü"}
DOCUMENT = sign_document("erasure_certificate", BODY, SIGNING)

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text('aZ ü"\\/\n\x7f😀', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abc_.-Z9", min_size=1, max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=25, deadline=None)
@given(value=st.dictionaries(st.text("abc_.-Z9", min_size=1, max_size=4), VALUES, max_size=4))
def test_canonical_form_round_trips(value: dict[str, object]) -> None:
    """What is written canonically is read back as it was, and is ASCII."""
    data = canonical(value)

    assert data.isascii()
    assert parse_canonical(data) == value


def test_canonical_form_is_as_documented() -> None:
    """Keys are sorted, nothing is spaced, and what is not printable ASCII is escaped."""
    value = {"b": [1, True, None], "a": 'ü"\\/\n\x7f\x01😀'}

    expected = rb'{"a":"\u00fc\"\\/\n\u007f\u0001\ud83d\ude00","b":[1,true,null]}'
    assert canonical(value) == expected


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), 2**53, -(2**53), "\ud800", {"ä": 1}, {"": 1}, {1: 1}, {"a": (1,)}, {"a": b""}],
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    """Fractions, big integers, half characters and odd keys are never signed."""
    with pytest.raises(Misuse):
        canonical(value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"1",
        b"nul",
        b'{"a": 1}',
        b'{"b":1,"a":1}',
        b'{"a":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":NaN}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\u00FC"}',
        '{"a":"ü"}'.encode(),
        b'{"a":"\\ud800"}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":1} ',
        b'{"a":' + b"[" * 100_000,
        b'{"a":' + b"[" * 17 + b"]" * 17 + b"}",
        b"\xef\xbb\xbf{}",
    ],
)
def test_other_encodings_are_refused(data: bytes) -> None:
    """A reader accepts exactly what a writer would have written."""
    with pytest.raises(NotCanonical):
        parse_canonical(data)


def test_signed_document_gives_its_body() -> None:
    """A signed document verifies with the public key alone."""
    assert verify_document("erasure_certificate", DOCUMENT, KEYS) == BODY


def test_every_flipped_bit_of_a_document_is_refused() -> None:
    """One flipped bit anywhere, in what is meant or in how it is written, is found."""
    for place in range(len(DOCUMENT)):
        flipped = bytearray(DOCUMENT)
        flipped[place] ^= 1 << place % 8
        with pytest.raises((DamagedDocument, UnknownKey, UnknownVersion, WrongKind)):
            verify_document("erasure_certificate", bytes(flipped), KEYS)


def test_every_cut_of_a_document_is_refused() -> None:
    """A document that was cut anywhere, or has anything behind it, is refused."""
    for length in range(len(DOCUMENT)):
        with pytest.raises(DamagedDocument):
            verify_document("erasure_certificate", DOCUMENT[:length], KEYS)
    with pytest.raises(DamagedDocument):
        verify_document("erasure_certificate", DOCUMENT + b"\n", KEYS)


def test_documents_of_one_kind_do_not_pass_as_another() -> None:
    """A head of the ledger is not a certificate."""
    with pytest.raises(WrongKind):
        verify_document("ledger_head", DOCUMENT, KEYS)


def test_foreign_signatures_are_refused() -> None:
    """A document by a key that was not given is unknown, and one that claims a known key is damaged."""
    foreign = SigningKey.generate()
    theirs = sign_document("erasure_certificate", BODY, foreign)
    with pytest.raises(UnknownKey, match=foreign.verify_key.id):
        verify_document("erasure_certificate", theirs, KEYS)

    claimed: dict[str, Any] = json.loads(theirs) | {"key_id": KEYS[0].id}
    with pytest.raises(DamagedDocument, match="signature"):
        verify_document("erasure_certificate", canonical(claimed) + b"\n", KEYS)


@pytest.mark.parametrize("change", [{"version": 2}, {"body": []}, {"more": 1}, {"signature": "zz"}])
def test_malformed_documents_are_refused(change: dict[str, object]) -> None:
    """A document with other fields than its version has is refused."""
    malformed = canonical(json.loads(DOCUMENT) | change) + b"\n"

    with pytest.raises((DamagedDocument, UnknownVersion)):
        verify_document("erasure_certificate", malformed, KEYS)


def test_kinds_are_words() -> None:
    """A document of a kind that is no word is not signed."""
    with pytest.raises(Misuse):
        sign_document("Erasure certificate", BODY, SIGNING)
