"""Small secrets that stand sealed in the register."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asterisk_gdpr.seal.blind import IndexKey
from asterisk_gdpr.seal.errors import CannotOpen
from asterisk_gdpr.seal.fields import FieldKey, is_sealed

KEY = FieldKey(IndexKey(b"i" * 32))


@given(st.text(max_size=80))
def test_a_field_opens_as_what_it_was(text: str) -> None:
    """What was sealed for a place opens there, and looks sealed."""
    sealed = KEY.seal("users.second\0anna", text)

    assert is_sealed(sealed)
    assert KEY.open("users.second\0anna", sealed) == text


def test_a_field_opens_nowhere_else() -> None:
    """Moved to another place, under another key, or changed in one byte, it stays shut."""
    sealed = KEY.seal("users.second\0anna", "JBSWY3DPEHPK3PXP")
    other = FieldKey(IndexKey(b"j" * 32))
    changed = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]

    for key, place, text in (
        (KEY, "users.second\0ben", sealed),
        (other, "users.second\0anna", sealed),
        (KEY, "users.second\0anna", changed),
        (KEY, "users.second\0anna", "sealed1."),
        (KEY, "users.second\0anna", "sealed1.é"),
    ):
        with pytest.raises(CannotOpen):
            key.open(place, text)


def test_the_same_secret_is_never_sealed_the_same_twice() -> None:
    """Equal secrets are not seen to be equal."""
    assert KEY.seal("p", "x") != KEY.seal("p", "x")
