"""Names, passwords, roles and sessions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from asterisk_gdpr.errors import Refused
from asterisk_gdpr.seal.blind import IndexKey
from asterisk_gdpr.seal.fields import FieldKey
from asterisk_gdpr.service.people.accounts import Accounts
from asterisk_gdpr.service.people.throttle import Throttle
from tests.fakes.register import MemoryRegister
from tests.playback.world import HandClock

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
GOOD = "correct horse battery"
KEY = FieldKey(IndexKey.generate())


class House:
    """Accounts over a register in memory."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.register = MemoryRegister()
        self.accounts = Accounts(self.register, self.clock, KEY, roles={"compliance"}, hasher=CHEAP)
        self.accounts.add("Anna", GOOD, ["quality"])

    def sign_in(self, name: str = "anna", password: str = GOOD, address: str = "192.0.2.1") -> str:
        return self.accounts.sign_in(name, password, address)[0]

    def refused(self, *args: str) -> str:
        with pytest.raises(Refused) as caught:
            self.sign_in(*args)
        return f"{caught.value.id}: {caught.value}"


@pytest.fixture
def house() -> House:
    """Accounts with one person, anna, in them."""
    return House()


def test_the_password_is_kept_as_argon2id(house: House) -> None:
    """What lies in the register is an argon2id hash, and the ledger has the person's adding."""
    user = house.register.user("anna")

    assert user is not None
    assert user.password.startswith("$argon2id$")
    assert GOOD not in repr(house.register.entries())
    assert [entry.kind for entry in house.register.entries()] == ["user-added"]


def test_a_session_names_its_person(house: House) -> None:
    """A sign-in gives a token that leads back to the person and their roles, whatever case was typed."""
    token = house.sign_in(" ANNA ")
    person = house.accounts.who(token)

    assert person is not None
    assert (person.name, person.roles) == ("anna", frozenset({"quality"}))
    assert token not in repr(vars(house.register))


def test_wrong_names_and_wrong_passwords_look_alike(house: House) -> None:
    """An unknown name, a wrong password and a disabled person get one and the same answer, and one entry."""
    house.accounts.add("otto", GOOD, ["manager"])
    house.accounts.disable("otto")
    before = len(house.register.entries())

    answers = {house.refused("anna", "wrong"), house.refused("nobody"), house.refused("otto")}

    assert len(answers) == 1
    assert "not-signed-in" in answers.pop()
    assert len(house.register.entries()) == before + 3
    assert "nobody" not in repr(house.register.entries())


def test_guessing_is_slowed_down_by_name(house: House) -> None:
    """After ten tries at one name the right password does not help either, for a quarter of an hour."""
    for n in range(10):
        house.refused("anna", "wrong", f"192.0.2.{n}")

    assert house.refused("anna", GOOD, "192.0.2.99").startswith("too-many-attempts")
    house.clock.pass_by(minutes=15)
    assert house.sign_in()


def test_guessing_is_slowed_down_by_address(house: House) -> None:
    """One address gets twenty tries in a quarter of an hour, whatever names it tries."""
    for n in range(20):
        house.refused(f"name{n}", "wrong")

    assert house.refused("anna").startswith("too-many-attempts")
    assert house.sign_in("anna", GOOD, "198.51.100.7")


def test_one_own_sign_in_does_not_buy_more_guesses(house: House) -> None:
    """Signing in rightly forgives the name its tries, and the address none."""
    house.accounts.add("eve", GOOD, ["quality"])
    for n in range(19):
        house.refused(f"name{n}", "wrong")
    house.sign_in("eve")

    assert house.refused("anna").startswith("too-many-attempts")


def test_sessions_end_on_the_server(house: House) -> None:
    """A session ends unused, by signing out, by a new password and by being shut out."""
    token = house.sign_in()
    house.clock.pass_by(minutes=30)
    assert house.accounts.who(token) is None

    token = house.sign_in()
    house.accounts.sign_out(token)
    house.accounts.sign_out(token)
    assert house.accounts.who(token) is None

    token = house.sign_in()
    house.accounts.change_password("anna", GOOD, "another horse entirely")
    assert house.accounts.who(token) is None

    token = house.sign_in("anna", "another horse entirely")
    house.accounts.disable("anna")
    assert house.accounts.who(token) is None
    assert house.refused("anna", "another horse entirely").startswith("not-signed-in")

    house.accounts.enable("anna")
    assert house.sign_in("anna", "another horse entirely")


def test_using_a_session_prolongs_it_for_a_working_day(house: House) -> None:
    """A session that is in use lives on, but not beyond twelve hours; what it remembers stays as long."""
    token = house.sign_in()
    house.accounts.note(token, {"purpose": "quality", "number": "ab"})
    house.accounts.note(token, {"number": ""})
    for _ in range(12 * 60 // 29):
        house.clock.pass_by(minutes=29)
        person = house.accounts.who(token)
        assert person is not None
        assert person.notes["purpose"] == "quality"
        assert "number" not in person.notes

    house.clock.pass_by(minutes=29)
    assert house.accounts.who(token) is None
    house.accounts.note(token, {"purpose": "disputes"})


def test_a_busy_session_is_seldom_written(house: House) -> None:
    """Reading a hundred pages in a row writes the session's last use down a few times at most."""
    token = house.sign_in()
    uses = set()
    for _ in range(100):
        house.clock.pass_by(seconds=6)
        person = house.accounts.who(token)
        assert person is not None
        uses.add(person.notes["seen"])

    assert len(uses) <= 4


def test_a_role_taken_away_is_gone_at_once(house: House) -> None:
    """An open session has the roles that its person has now, not those of the sign-in."""
    token = house.sign_in()
    user = house.register.user("anna")
    assert user is not None
    house.register.put_user(replace(user, roles=frozenset({"auditor"})), house.clock.now())

    person = house.accounts.who(token)
    assert person is not None
    assert person.roles == frozenset({"auditor"})


def test_the_current_password_is_asked_for(house: House) -> None:
    """Nobody sets a new password without the current one."""
    with pytest.raises(Refused) as caught:
        house.accounts.change_password("anna", "wrong", "another horse entirely")

    assert caught.value.id == "not-signed-in"
    assert house.sign_in()


def test_a_weaker_hash_is_renewed(house: House) -> None:
    """Signing in renews a hash that was made with other parameters."""
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    accounts = Accounts(house.register, house.clock, KEY, hasher=stronger)
    before = house.register.user("anna")
    accounts.sign_in("anna", GOOD, "")
    after = house.register.user("anna")

    assert before is not None
    assert after is not None
    assert not stronger.check_needs_rehash(after.password)
    assert accounts.sign_in("anna", GOOD, "")


@pytest.mark.parametrize(
    ("name", "password", "roles", "id"),
    [
        ("anna", GOOD, ["quality"], "user-exists"),
        ("", GOOD, ["quality"], "bad-name"),
        ("a b", GOOD, ["quality"], "bad-name"),
        ("x" * 65, GOOD, ["quality"], "bad-name"),
        ("otto", "short", ["quality"], "weak-password"),
        ("otto.the.first", "Otto.The.First", ["quality"], "weak-password"),
        ("otto", GOOD, ["emperor"], "unknown-role"),
        ("otto", GOOD, [], "unknown-role"),
        ("otto", GOOD, ["admin", "quality"], "admin-has-no-ear"),
    ],
)
def test_what_is_not_taken(house: House, name: str, password: str, roles: list[str], id: str) -> None:
    """Bad names, weak passwords, unknown roles, and an administrator with an ear are refused."""
    with pytest.raises(Refused) as caught:
        house.accounts.add(name, password, roles)

    assert caught.value.id == id
    assert house.register.user("otto") is None


def test_roles_of_the_policy_can_be_given(house: House) -> None:
    """A role that only the policy names can be given."""
    assert house.accounts.add("carla", GOOD, ["compliance"]).roles == frozenset({"compliance"})


def test_who_is_not_there_cannot_be_changed(house: House) -> None:
    """An unknown name is an error, not a silent success."""
    for act in (house.accounts.disable, house.accounts.enable):
        with pytest.raises(Refused) as caught:
            act("nobody")
        assert caught.value.id == "no-such-user"


def test_many_guessed_names_do_not_fill_the_memory() -> None:
    """Tries that no longer count are forgotten once there are many."""
    clock = HandClock()
    throttle = Throttle(clock, limit=1, window=timedelta(seconds=1))
    for n in range(10_001):
        throttle.spend(str(n))
    clock.pass_by(seconds=2)
    throttle.spend("one more")

    assert len(throttle._attempts) == 1
