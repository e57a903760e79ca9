"""A token (HSM, smart card, SoftHSM) by PKCS#11: it holds an AES key that nobody can take out of it.

Under that key lies, wrapped (RFC 3394), the key that the file of the page's private key is encrypted with.
The module is the vendor's shared library; it is loaded when the token is first asked for something.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from asterisk_gdpr.errors import Refused, Unreachable
from asterisk_gdpr.ports import WrongPin

_BITS = 256


class Pkcs11Token:
    """The token of a label; `key` is the label of the AES key in it."""

    def __init__(self, module: Path, label: str, key: str) -> None:
        self._module = module
        self._label = label
        self._key = key
        self._alone = threading.Lock()

    def look(self) -> None:
        """See whether the token is there, without its PIN; raises Refused or Unreachable."""
        with self._alone:
            self._token()

    def make_key(self, pin: str) -> bool:
        """Make the AES key in the token, so that it can wrap and never leave; False when it is there."""
        from pkcs11 import Attribute, KeyType

        with self._session(pin, rw=True) as session:
            if self._find(session) is not None:
                return False
            session.generate_key(
                KeyType.AES,
                _BITS,
                label=self._key,
                store=True,
                template={
                    Attribute.SENSITIVE: True,
                    Attribute.EXTRACTABLE: False,
                    Attribute.WRAP: True,
                    Attribute.UNWRAP: True,
                    Attribute.ENCRYPT: False,
                    Attribute.DECRYPT: False,
                },
            )
        return True

    def fresh(self, pin: str) -> tuple[bytes, bytes]:
        """A new key of 32 bytes, made in the token, and the same wrapped by the key that stays there."""
        from pkcs11 import Attribute, KeyType, Mechanism

        with self._session(pin) as session:
            content = session.generate_key(KeyType.AES, _BITS, store=False, template=_readable())
            wrapped = self._needed(session).wrap_key(content, mechanism=Mechanism.AES_KEY_WRAP)
            return bytes(content[Attribute.VALUE]), bytes(wrapped)

    def unwrap(self, pin: str, wrapped: bytes) -> bytes:
        """The key that `fresh` wrapped; raises WrongPin, Refused or Unreachable."""
        from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
        from pkcs11.exceptions import PKCS11Error

        with self._session(pin) as session:
            key = self._needed(session)
            try:
                content = key.unwrap_key(
                    ObjectClass.SECRET_KEY,
                    KeyType.AES,
                    wrapped,
                    mechanism=Mechanism.AES_KEY_WRAP,
                    template=_readable(),
                )
            except PKCS11Error:
                raise Refused(
                    f"The key {self._key!r} in the token {self._label!r} does not open this file.",
                    hint="It is another key than the one that wrapped it, or the file is damaged.",
                    id="token-key-differs",
                ) from None
            return bytes(content[Attribute.VALUE])

    def _needed(self, session: Any) -> Any:
        if (key := self._find(session)) is None:
            raise Refused(
                f"The token {self._label!r} has no key {self._key!r}.",
                hint="Is it the right token? A new one gets its key by `asterisk-gdpr keys to-token`.",
                id="token-key-missing",
            )
        return key

    def _find(self, session: Any) -> Any:
        from pkcs11 import ObjectClass
        from pkcs11.exceptions import NoSuchKey

        try:
            return session.get_key(object_class=ObjectClass.SECRET_KEY, label=self._key)
        except NoSuchKey:
            return None

    def _token(self) -> Any:
        import pkcs11
        from pkcs11.exceptions import NoSuchToken, PKCS11Error

        try:
            return pkcs11.lib(str(self._module)).get_token(token_label=self._label)
        except NoSuchToken:
            raise Unreachable(
                f"The token {self._label!r} is not there.",
                hint="Plug it in; or look at `token` in the configuration.",
                id="token-away",
            ) from None
        except PKCS11Error:
            raise Refused(
                f"The PKCS#11 module {self._module} cannot be used.",
                hint="Name the vendor's library: token.module in the configuration.",
                id="token-module",
            ) from None

    @contextmanager
    def _session(self, pin: str, *, rw: bool = False) -> Iterator[Any]:
        """One session at a time: a token knows one user."""
        from pkcs11.exceptions import PinIncorrect, PinInvalid, PinLenRange, PinLocked, PKCS11Error

        with self._alone:
            token = self._token()
            try:
                with token.open(rw=rw, user_pin=pin) as session:
                    yield session
            except (PinIncorrect, PinInvalid, PinLenRange):
                raise WrongPin(f"This is not the PIN of the token {self._label!r}.") from None
            except PinLocked:
                raise Refused(
                    f"The token {self._label!r} has locked itself after wrong PINs.",
                    hint="Whoever administers it must unlock it by its SO PIN.",
                    id="token-pin-locked",
                ) from None
            except PKCS11Error as error:
                raise Unreachable(
                    f"The token {self._label!r} does not do what it is asked ({type(error).__name__}).",
                    id="token-failed",
                ) from None


def _readable() -> dict[Any, bool]:
    """A key that lives for a moment, in our memory as well."""
    from pkcs11 import Attribute

    return {Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True}
