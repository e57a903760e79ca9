"""One-time codes at the sign-in (TOTP, RFC 6238), and the recovery codes for whoever lost their telephone.

A code counts once, within the half minute before and after its own. A recovery code counts once, too,
and its use is in the ledger: recovery leaves a trace. The register holds recovery codes as SHA-256 only,
and the secrets of the codes sealed under a key that does not lie in it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import pyotp

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock, LedgerBook, User, UserBook
from asterisk_gdpr.seal.errors import CannotOpen
from asterisk_gdpr.seal.fields import FieldKey, is_sealed
from asterisk_gdpr.service.people.throttle import Throttle

ISSUER = "asterisk-gdpr"
CODES = 8
"""So many recovery codes somebody gets, each of 80 bits of chance."""

_STEP = 30


class Book(UserBook, LedgerBook, Protocol):
    """What one-time codes need of the register."""


@dataclass(frozen=True)
class Enrolment:
    """What a person takes up into their telephone: the secret, and the same as an address."""

    secret: str
    address: str


class SecondFactor:
    """Gives, takes and withdraws one-time codes."""

    def __init__(self, register: Book, clock: Clock, key: FieldKey) -> None:
        self._register = register
        self._key = key
        self._clock = clock
        self._tries = Throttle(clock, limit=5, window=timedelta(minutes=15))

    def offer(self, name: str, secret: str = "") -> Enrolment:
        """A secret, new unless one is named; it holds only once a code of it was given back."""
        chosen = secret or pyotp.random_base32()
        return Enrolment(chosen, pyotp.TOTP(chosen).provisioning_uri(name=name, issuer_name=ISSUER))

    def enrol(self, user: User, secret: str, code: str) -> tuple[str, ...]:
        """Begin to ask for codes of this secret; return the recovery codes, which nobody sees again.

        Raises Refused: `wrong-code`, `too-many-attempts`.
        """
        self._tries.spend(user.name)
        step = self._step_of(secret, code)
        if step is None:
            raise Refused("This is not the code that the telephone shows now.", id="wrong-code")
        self._tries.forgive(user.name)
        codes = tuple(_readable(secrets.token_hex(10)) for _ in range(CODES))
        now = self._clock.now()
        self._register.record("second-factor-begun", {"user": user.name}, now)
        hashed = tuple(_digest(each) for each in codes)
        sealed = self._key.seal(_place(user), secret)
        self._register.put_user(replace(user, second=sealed, second_step=step, recovery=hashed), now)
        return codes

    def end(self, user: User, code: str) -> None:
        """Ask for codes no more; a last one is given for it. Raises Refused as `take`."""
        known = self.take(user, code)
        now = self._clock.now()
        self._register.record("second-factor-ended", {"user": user.name}, now)
        self._register.put_user(replace(known, second="", second_step=0, recovery=()), now)

    def take(self, user: User, code: str) -> User:
        """Take a code, once; return the person as they are kept from now on.

        Raises Refused: `wrong-code`, `too-many-attempts`.
        """
        self._tries.spend(user.name)
        now = self._clock.now()
        step = self._step_of(self._opened(user), code)
        left = _without(user.recovery, code)
        if step is not None and step > user.second_step:
            taken = replace(user, second_step=step)
        elif left is not None:
            taken = replace(user, recovery=left)
            self._register.record("recovery-code-used", {"user": user.name, "left": len(left)}, now)
        else:
            self._register.record("sign-in-failed", {"user": user.name}, now)
            raise Refused("This code is wrong, or was used before.", id="wrong-code")
        self._tries.forgive(user.name)
        self._register.put_user(taken, now)
        return taken

    def seal_all(self) -> int:
        """Seal the secrets that an earlier release left in the clear; returns how many there were."""
        clear = [user for user in self._register.users() if user.second and not is_sealed(user.second)]
        for user in clear:
            sealed = self._key.seal(_place(user), user.second)
            self._register.put_user(replace(user, second=sealed), self._clock.now())
        return len(clear)

    def _opened(self, user: User) -> str:
        """The secret itself; none where it does not open, so that a recovery code is all that helps."""
        if not is_sealed(user.second):
            return user.second
        try:
            return self._key.open(_place(user), user.second)
        except CannotOpen:
            return ""

    def _step_of(self, secret: str, code: str) -> int | None:
        """The time step that a code belongs to, of the three that count now."""
        digits = "".join(code.split())
        if not secret or not (digits.isascii() and digits.isdecimal() and len(digits) == 6):
            return None
        try:
            generator, now = pyotp.TOTP(secret), int(self._clock.now().timestamp()) // _STEP
            steps = [
                step
                for step in (now - 1, now, now + 1)
                if hmac.compare_digest(generator.at(step * _STEP), digits)
            ]
        except ValueError:  # what is no base32 has no codes
            return None
        return max(steps, default=None)


def _place(user: User) -> str:
    return f"users.second\0{user.name}"


def _without(recovery: tuple[str, ...], code: str) -> tuple[str, ...] | None:
    hashed = _digest(code)
    if not any(hmac.compare_digest(hashed, each) for each in recovery):
        return None
    return tuple(each for each in recovery if each != hashed)


def _digest(code: str) -> str:
    return hashlib.sha256("".join(code.split()).replace("-", "").lower().encode()).hexdigest()


def _readable(code: str) -> str:
    return "-".join(code[place : place + 5] for place in range(0, len(code), 5))
