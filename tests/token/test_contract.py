"""What whoever keeps a private key under a token relies on, for the real one and the fake alike."""

from __future__ import annotations

import secrets

import pytest

from asterisk_gdpr.adapters.token import Pkcs11Token
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import HardwareToken, WrongPin
from tests.fakes.token import PIN, MemoryToken
from tests.token.softhsm import LABEL, SoftHsm


@pytest.fixture(params=["memory", pytest.param("softhsm", marks=pytest.mark.live)])
def token(request: pytest.FixtureRequest) -> HardwareToken:
    """Each kind of token in turn, without its key yet."""
    if request.param == "memory":
        return MemoryToken()
    hsm: SoftHsm = request.getfixturevalue("softhsm")
    return Pkcs11Token(hsm.module, LABEL, f"key-{secrets.token_hex(4)}")


def test_what_it_wraps_it_gives_back(token: HardwareToken) -> None:
    """Each fresh key is another one, and comes back from what it was wrapped to."""
    assert token.make_key(PIN)
    made = [token.fresh(PIN) for _ in range(3)]

    assert [token.unwrap(PIN, wrapped) for _, wrapped in made] == [content for content, _ in made]
    assert len({content for content, _ in made}) == 3
    assert all(len(content) == 32 and content not in wrapped for content, wrapped in made)


def test_its_key_is_made_once(token: HardwareToken) -> None:
    """A key that is there is never made anew, or nothing that it wrapped would open."""
    assert token.make_key(PIN) is True
    content, wrapped = token.fresh(PIN)

    assert token.make_key(PIN) is False
    assert token.unwrap(PIN, wrapped) == content


def test_without_its_pin_it_does_nothing(token: HardwareToken) -> None:
    """A wrong PIN is told apart from everything else, and the right one works afterwards."""
    token.look()
    for act in (
        lambda: token.make_key("0000"),
        lambda: token.fresh("0000"),
        lambda: token.unwrap("0000", b"x"),
    ):
        with pytest.raises(WrongPin):
            act()
    assert token.make_key(PIN)


def test_without_its_key_it_says_so(token: HardwareToken) -> None:
    """A token that has no such key is one clear error."""
    with pytest.raises(Refused) as refused:
        token.fresh(PIN)

    assert refused.value.id == "token-key-missing"


def test_what_it_did_not_wrap_does_not_open(token: HardwareToken) -> None:
    """A wrapped key that was changed, or wrapped elsewhere, is refused."""
    token.make_key(PIN)
    _, wrapped = token.fresh(PIN)
    for other in (wrapped[:-1] + bytes([wrapped[-1] ^ 1]), secrets.token_bytes(40)):
        with pytest.raises(Refused) as refused:
            token.unwrap(PIN, other)
        assert refused.value.id == "token-key-differs"
    assert len(token.unwrap(PIN, wrapped)) == 32
