"""Who may use the page: names, passwords, roles, and sessions that end on the server.

Passwords are kept as argon2id hashes (RFC 9106).
A sign-in costs the same and says the same whether the name, the password or neither is known.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock, User
from asterisk_gdpr.seal.fields import FieldKey
from asterisk_gdpr.service.people.second_factor import SecondFactor
from asterisk_gdpr.service.people.sessions import Book, Sessions, SignedIn
from asterisk_gdpr.service.people.throttle import Throttle

NO_EAR = "admin"
"""The role that runs the system never listens, whatever the policy says."""

KNOWN_ROLES = frozenset({"admin", "agent", "officer", "auditor", "manager", "supervisor", "quality"})
MIN_PASSWORD = 12
MAX_PASSWORD = 1024
"""Longer ones would only make the server hash for nothing."""
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


class Accounts:
    """People, their passwords and their sessions.

    `roles` are those that may be given (the known ones and what the policy's listeners name),
    `session_minutes` is how long a session lives without activity, `key` seals the secrets of one-time codes.
    """

    def __init__(
        self,
        register: Book,
        clock: Clock,
        key: FieldKey,
        *,
        roles: Iterable[str] = (),
        session_minutes: int = 30,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._register = register
        self._clock = clock
        self._roles = KNOWN_ROLES | frozenset(roles)
        self._sessions = Sessions(register, clock, idle=timedelta(minutes=session_minutes))
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_urlsafe())
        # Each hash takes 64 MiB on the machine that carries the calls: two at once at most.
        self._hashing = threading.BoundedSemaphore(2)
        self.second = SecondFactor(register, clock, key)
        self._by_name = Throttle(clock, limit=10, window=timedelta(minutes=15))
        self._by_address = Throttle(clock, limit=20, window=timedelta(minutes=15))

    @property
    def roles(self) -> frozenset[str]:
        """The roles that may be given."""
        return self._roles

    def users(self) -> list[User]:
        """Return everybody, the disabled too."""
        return self._register.users()

    def add(
        self, name: str, password: str, roles: Iterable[str], lines: Iterable[str] = (), by: str = ""
    ) -> User:
        """Add a person, for some lines or (none named) for every one; raises Refused.

        Its ids: `bad-name`, `user-exists`, `unknown-role`, `admin-has-no-ear`, `weak-password`.
        """
        name = name.strip().lower()
        if not _NAME.fullmatch(name):
            raise Refused("A user's name is up to 64 letters, digits and ._@+-", id="bad-name")
        if self._register.user(name):
            raise Refused(f"The user {name} exists already.", id="user-exists")
        checked = self._checked(roles)
        user = User(name, self._hash(password, name), checked, self._clock.now(), lines=frozenset(lines))
        self._put(user, by)
        return user

    def set_password(self, name: str, password: str, by: str) -> None:
        """Give a person a new password, told to the ledger; their sessions end. Refused `no-such-user`."""
        user = self._known(name)
        changed = replace(user, password=self._hash(password, user.name))
        told = {"user": by, "whose": user.name}
        self._register.record("password-changed", told, self._clock.now())
        self._put(changed, by)
        self._register.end_sessions_of(user.name)

    def change_password(self, name: str, old: str, new: str, *, address: str = "") -> None:
        """Let a person change their own password, which ends all their sessions."""
        self.set_password(name, new, by=self._proven(name, old, address).name)

    def change(
        self, name: str, roles: Iterable[str], lines: Iterable[str], agent: str = "", by: str = ""
    ) -> None:
        """Give a person other roles and lines, at once and in open sessions too; raises Refused as `add`.

        `agent` is the agent of the register that they are.
        """
        known = self._known(name)
        self._put(replace(known, roles=self._checked(roles), lines=frozenset(lines), agent=agent), by)

    def user(self, name: str) -> User:
        """Return one person; raises Refused `no-such-user`."""
        return self._known(name)

    def disable(self, name: str, by: str = "") -> None:
        """Shut a person out, from open sessions too; raises Refused `no-such-user`."""
        user = self._known(name)
        self._put(replace(user, disabled_at=self._clock.now()), by)
        self._register.end_sessions_of(user.name)

    def enable(self, name: str, by: str = "") -> None:
        """Let a person in again; raises Refused `no-such-user`."""
        self._put(replace(self._known(name), disabled_at=None), by)

    def sign_in(self, name: str, password: str, address: str) -> tuple[str, SignedIn]:
        """Begin a session; return its token and its person.

        Raises Refused: `not-signed-in`, whatever was wrong, or `too-many-attempts`.
        """
        user = self._proven(name, password, address)
        return self._sessions.begin(user, halfway=bool(user.second))

    def vouched(self, name: str) -> tuple[str, SignedIn]:
        """Begin a session for whom the OpenID provider vouches; return its token and its person.

        One-time codes of ours are owed all the same. Raises Refused `no-account` for who has none here.
        """
        user = self._register.user(name.strip().lower()[:64])
        if user is None or user.disabled_at is not None:
            self._register.record("sign-in-failed", {"user": user.name if user else None}, self._clock.now())
            raise Refused("The provider knows them, and this page does not.", id="no-account")
        return self._sessions.begin(user, halfway=bool(user.second))

    def complete(self, token: str, code: str) -> tuple[str, SignedIn]:
        """Take the one-time or a recovery code of a session that owes it; return a new session.

        Raises Refused: `wrong-code`, `too-many-attempts`, `not-signed-in`.
        """
        person = self.who(token)
        if person is None or not person.halfway:
            raise Refused("The name or the password is wrong.", id="not-signed-in")
        user = self.second.take(self._known(person.name), code)
        self._sessions.end(token)
        return self._sessions.begin(user)

    def who(self, token: str) -> SignedIn | None:
        """Return whose session this is; None when it is unknown or over, or its person is shut out."""
        return self._sessions.who(token)

    def note(self, token: str, notes: Mapping[str, str]) -> None:
        """Add to what a session remembers; an empty text forgets."""
        self._sessions.note(token, notes)

    def sign_out(self, token: str) -> None:
        """End a session; one that is over already is no error."""
        self._sessions.end(token)

    def _proven(self, name: str, password: str, address: str) -> User:
        """Return the user if the password is theirs; raises Refused, at the same cost for every fault."""
        name = name.strip().lower()[:64]
        self._by_name.spend(name)
        self._by_address.spend(address)
        user = self._register.user(name)
        right = self._verify(user.password if user else self._nobody, password[:MAX_PASSWORD])
        if user is None or not right or user.disabled_at is not None:
            # Told for unknown names too, without the name, so that the answer takes the same time.
            self._register.record("sign-in-failed", {"user": user.name if user else None}, self._clock.now())
            raise Refused("The name or the password is wrong.", id="not-signed-in")
        self._by_name.forgive(name)
        if self._hasher.check_needs_rehash(user.password):
            rehashed = replace(user, password=self._hash(password, user.name))
            self._register.put_user(rehashed, self._clock.now())
        return user

    def _verify(self, hash: str, password: str) -> bool:
        with self._hashing:
            try:
                return self._hasher.verify(hash, password)
            except (VerificationError, InvalidHashError):
                return False

    def _hash(self, password: str, name: str) -> str:
        if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD or password.lower() == name:
            raise Refused(f"A password has at least {MIN_PASSWORD} characters.", id="weak-password")
        with self._hashing:
            return self._hasher.hash(password)

    def _checked(self, roles: Iterable[str]) -> frozenset[str]:
        wanted = frozenset(roles)
        if unknown := wanted - self._roles:
            hint = f"Known are: {', '.join(sorted(self._roles))}."
            raise Refused(f"There is no role {', '.join(sorted(unknown))}.", hint=hint, id="unknown-role")
        if not wanted:
            raise Refused("A user needs at least one role.", id="unknown-role")
        if NO_EAR in wanted and len(wanted) > 1:
            raise Refused(
                "Who administers the system does not listen: admin stands alone.",
                hint="Make a second account for the other role.",
                id="admin-has-no-ear",
            )
        return wanted

    def reset(self, name: str, by: str) -> str:
        """Let somebody in who lost password or codes: a new password, to be told to them, and no codes.

        The ledger has who did it, and whose account it was; their sessions end.
        """
        user, password = self._known(name), secrets.token_urlsafe(12)
        self._register.record("user-reset", {"user": by, "whose": user.name}, self._clock.now())
        fresh = replace(user, password=self._hash(password, user.name), second="", second_step=0, recovery=())
        self._put(fresh, by)
        self._register.end_sessions_of(user.name)
        return password

    def _known(self, name: str) -> User:
        user = self._register.user(name.strip().lower())
        if user is None:
            raise Refused(f"There is no user {name}.", id="no-such-user")
        return user

    def _put(self, user: User, by: str) -> None:
        self._register.put_user(user, self._clock.now(), by)
