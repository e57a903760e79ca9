"""The vault's pair, signing keys and the blind index."""

from __future__ import annotations

import pytest

from asterisk_gdpr.errors import Misuse
from asterisk_gdpr.seal.blind import IndexKey
from asterisk_gdpr.seal.errors import CannotOpen, DamagedKey, UnknownKey
from asterisk_gdpr.seal.keys import (
    WRAPPED_KEY_LENGTH,
    VaultPrivateKey,
    VaultPublicKey,
    data_key_info,
    field_info,
    new_data_key,
    random_salt,
)
from asterisk_gdpr.seal.signing import SigningKey, VerifyKey, find_key

PRIVATE = VaultPrivateKey.generate()
INFO = data_key_info("r1", 1)


def test_wrapped_key_comes_back() -> None:
    """What the public key wraps, the private key unwraps."""
    data_key = new_data_key()
    wrapped = PRIVATE.public.wrap(data_key, INFO)

    assert len(wrapped) == WRAPPED_KEY_LENGTH
    assert PRIVATE.unwrap(wrapped, INFO) == data_key


def test_stored_keys_are_the_same_keys() -> None:
    """A pair that was stored and read again opens what the first one sealed, under the same id."""
    private = VaultPrivateKey.from_bytes(PRIVATE.to_bytes())
    public = VaultPublicKey.from_bytes(PRIVATE.public.to_bytes())

    assert private.public.id == public.id == PRIVATE.public.id
    assert private.open(public.seal(b"+4930123", b"x"), b"x") == b"+4930123"


@pytest.mark.parametrize("info", [data_key_info("r2", 1), data_key_info("r1", 2), b""])
def test_wrapped_key_is_bound_to_its_place(info: bytes) -> None:
    """A wrapped key opens for its own recording and generation only."""
    with pytest.raises(CannotOpen):
        PRIVATE.unwrap(PRIVATE.public.wrap(new_data_key(), INFO), info)


def test_sealed_field_is_bound_to_its_place() -> None:
    """A sealed number that is moved to another row does not open there."""
    sealed = PRIVATE.public.seal(b"+4930123", field_info("calls", "caller", "c1"))

    with pytest.raises(CannotOpen):
        PRIVATE.open(sealed, field_info("calls", "caller", "c2"))


def test_another_pair_opens_nothing() -> None:
    """A private key opens nothing that was wrapped to another pair, and says which key it is."""
    other = VaultPrivateKey.generate()

    with pytest.raises(CannotOpen, match=other.public.id):
        other.unwrap(PRIVATE.public.wrap(new_data_key(), INFO), INFO)


@pytest.mark.parametrize("place", [0, 1100, 1130, -1])
def test_changed_wrapped_key_is_refused(place: int) -> None:
    """A wrapped key with one flipped bit does not open."""
    wrapped = bytearray(PRIVATE.public.wrap(new_data_key(), INFO))
    wrapped[place] ^= 1

    with pytest.raises(CannotOpen):
        PRIVATE.unwrap(bytes(wrapped), INFO)


def test_a_field_is_not_taken_for_a_key() -> None:
    """What opens to something else than 32 bytes is not used as a data key."""
    with pytest.raises(CannotOpen):
        PRIVATE.unwrap(PRIVATE.public.seal(b"short", INFO), INFO)


def test_only_data_keys_are_wrapped() -> None:
    """A data key of another length is refused before it is wrapped."""
    with pytest.raises(Misuse):
        PRIVATE.public.wrap(b"short", INFO)


@pytest.mark.parametrize(
    "decode",
    [
        VaultPrivateKey.from_bytes,
        VaultPublicKey.from_bytes,
        SigningKey.from_bytes,
        VerifyKey.from_bytes,
        IndexKey.from_bytes,
    ],
)
def test_cut_keys_are_damaged(decode: type[VaultPrivateKey]) -> None:
    """A key that is too short is refused as damaged, not guessed at."""
    with pytest.raises(DamagedKey):
        decode(b"x" * 31)  # type: ignore[call-arg, arg-type]  # each is a one-argument constructor


def test_bytes_that_are_no_key_are_damaged() -> None:
    """1216 bytes that are no ML-KEM-768 key are refused (FIPS 203, 7.2: coefficients below 3329)."""
    with pytest.raises(DamagedKey):
        VaultPublicKey.from_bytes(b"\xff" * 1216)


def test_infos_are_never_ambiguous() -> None:
    """Two different places never give the same binding, and a NUL in a name is refused."""
    assert field_info("a", "bc", "d") != field_info("ab", "c", "d")
    with pytest.raises(Misuse):
        field_info("a\0b", "c", "d")


def test_secrets_are_not_shown() -> None:
    """A key that is printed by mistake shows none of its bytes."""
    index, signing = IndexKey.generate(), SigningKey.generate()

    for key in (PRIVATE, signing, index):
        assert key.to_bytes().hex()[:16] not in repr(key)
        assert str(key.to_bytes())[2:10] not in repr(key)


def test_signature_proves_the_message() -> None:
    """A signature fits its message and its key only, also after the keys were stored."""
    signing = SigningKey.from_bytes(SigningKey.generate().to_bytes())
    signature = signing.sign(b"message")
    public = VerifyKey.from_bytes(signing.verify_key.to_bytes())

    assert public.verify(signature, b"message")
    assert not public.verify(signature, b"messagf")
    assert not public.verify(b"", b"message")
    assert not SigningKey.generate().verify_key.verify(signature, b"message")


def test_unknown_key_is_named() -> None:
    """A signature by a key that was not given is neither right nor wrong: the key is asked for by its id."""
    known = SigningKey.generate().verify_key

    assert find_key([known], known.id) is known
    with pytest.raises(UnknownKey, match="0123456789abcdef"):
        find_key([known], "0123456789abcdef")


def test_blind_index_finds_equals_only() -> None:
    """Equal numbers of one column are equal under one key, and nothing else is."""
    index = IndexKey.generate()
    blind = index.blind("calls.caller", "+4930123")

    assert len(blind) == 16
    assert IndexKey.from_bytes(index.to_bytes()).blind("calls.caller", "+4930123") == blind
    assert index.blind("calls.caller", "+4930124") != blind
    assert index.blind("never.number", "+4930123") != blind
    assert IndexKey.generate().blind("calls.caller", "+4930123") != blind
    with pytest.raises(Misuse):
        index.blind("calls\0caller", "+4930123")


def test_randomness_does_not_repeat() -> None:
    """Data keys (32 bytes) and salts (16 bytes) are new each time."""
    assert len({new_data_key() for _ in range(50)}) == 50
    assert {len(random_salt()) for _ in range(50)} == {16}
