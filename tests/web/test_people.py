"""People: what they may do, for which lines, how they prove who they are, and who approves."""

from __future__ import annotations

import dataclasses
import re

import pyotp
import pytest

from asterisk_gdpr.errors import Refused
from tests.playback.world import POLICY
from tests.web.house import PASSWORD, House, Visitor


def code_of(house: House, secret: str, later: int = 0) -> str:
    """What a telephone shows, so many steps of half a minute later."""
    return pyotp.TOTP(secret).at(int(house.clock.now().timestamp()) + 30 * later)


def enrolled(house: House, name: str = "quality") -> tuple[str, list[str]]:
    """A person sets up one-time codes; their secret and their recovery codes."""
    visitor = house.person(name)
    found = re.search(r'name="secret" value="(\w{32})"', visitor.get("/account/second").text)
    assert found
    shown = visitor.post("/account/second", secret=found[1], code=code_of(house, found[1])).text
    return found[1], re.findall(r"<code>([0-9a-f-]{23})</code>", shown)


def half(house: House, name: str = "quality") -> Visitor:
    """Somebody who has given their password and owes the code."""
    visitor = house.visitor()
    answer = visitor.post("/sign-in", name=name, password=PASSWORD)
    assert answer.location.startswith("/sign-in/code")
    return visitor


# --- one-time codes


def test_with_codes_the_password_alone_opens_nothing(house: House) -> None:
    """Until the code is given every page leads to it; then the session begins under another token."""
    secret, _ = enrolled(house)
    house.clock.pass_by(minutes=1)
    visitor = half(house)
    for path in ("/today", "/recordings", "/recordings/rsales001/audio", "/account", "/account/second"):
        assert visitor.get(path).location == "/sign-in/code"
    assert house.told("signed-in") == [{"user": "quality"}]  # that of setting it up

    owed = visitor.client.get_cookie("asterisk-gdpr")
    assert visitor.post("/sign-in/code", code=code_of(house, secret)).status_code == 303
    assert visitor.client.get_cookie("asterisk-gdpr") != owed
    assert visitor.get("/recordings").status_code == 200


def test_who_owes_a_code_is_offered_nothing_of_the_work(house: House) -> None:
    """Neither places nor name nor the state of the keys: only the way on and the way out."""
    enrolled(house)
    visitor = half(house)
    for page in (visitor.get("/sign-in/code").text, visitor.get("/privacy").text):
        assert "<nav" not in page and 'class="who"' not in page and 'class="working"' not in page
        assert "unlocked" not in page and "/recordings" not in page and "/vault" not in page
    whole = house.person("officer").get("/privacy").text
    assert "<nav" in whole and "unlocked" in whole


def test_a_code_counts_once(house: House) -> None:
    """A code that was seen over somebody's shoulder is worth nothing any more, nor is an older one."""
    secret, _ = enrolled(house)
    assert half(house).post("/sign-in/code", code=code_of(house, secret)).status_code == 400
    house.clock.pass_by(minutes=1)
    taken = code_of(house, secret)
    assert half(house).post("/sign-in/code", code=taken).status_code == 303
    assert half(house).post("/sign-in/code", code=taken).status_code == 400
    assert half(house).post("/sign-in/code", code=code_of(house, secret, -1)).status_code == 400


def test_codes_cannot_be_guessed(house: House) -> None:
    """After five wrong codes even the right one waits."""
    secret, _ = enrolled(house)
    house.clock.pass_by(minutes=1)
    visitor = half(house)
    for _ in range(5):
        assert visitor.post("/sign-in/code", code="000000").status_code == 400
    assert visitor.post("/sign-in/code", code=code_of(house, secret)).status_code == 429


def test_what_is_owed_ends_within_minutes(house: House) -> None:
    """A sign-in that nobody completes is over after five minutes."""
    enrolled(house)
    visitor = half(house)
    house.clock.pass_by(minutes=5)
    assert visitor.get("/recordings").location.startswith("/sign-in")


def test_recovery_leaves_a_trace(house: House) -> None:
    """A recovery code opens once, and the ledger has it; the register holds none that could be used."""
    _, codes = enrolled(house)
    assert len(codes) == 8
    assert not any(code.replace("-", "") in repr(house.register._held.users) for code in codes)

    assert half(house).post("/sign-in/code", code=codes[0].upper()).status_code == 303
    assert house.told("recovery-code-used") == [{"user": "quality", "left": 7}]
    assert half(house).post("/sign-in/code", code=codes[0]).status_code == 400


def test_codes_are_given_up_with_a_last_one(house: House) -> None:
    """Whoever finds an open page cannot take the codes away."""
    secret, _ = enrolled(house)
    house.clock.pass_by(minutes=1)
    visitor = half(house)
    visitor.post("/sign-in/code", code=code_of(house, secret))
    assert visitor.post("/account/second/end", code="123456").status_code == 400
    house.clock.pass_by(minutes=1)
    assert visitor.post("/account/second/end", code=code_of(house, secret)).status_code == 303
    assert house.visitor().post("/sign-in", name="quality", password=PASSWORD).location == "/"


@pytest.mark.parametrize("secret", ["", "x", "A" * 32 + "!", "1" * 32])
def test_no_secret_holds_without_its_code(house: House, secret: str) -> None:
    """A secret that is none, or whose code is not given back, changes nothing."""
    visitor = house.person("quality")
    assert visitor.post("/account/second", secret=secret, code="123456").status_code == 400
    assert house.accounts.user("quality").second == ""


# --- people


def test_the_admin_adds_and_changes_people(house: House) -> None:
    """A first password is shown once; roles and lines count at once; all of it is in the ledger."""
    admin = house.person("admin")
    shown = admin.client.post(
        "/people", data={"csrf_token": admin.token(), "name": "ada", "role": "quality", "line": "support"}
    ).text
    found = re.search(r"<code class=\"secret\">([\w-]+)</code>", shown)
    assert found
    assert found[1] not in admin.get("/people").text

    ada = house.visitor()
    assert ada.post("/sign-in", name="ada", password=found[1]).status_code == 303
    assert ada.get("/recordings/rsales001").status_code == 404
    admin.post("/people/change", name="ada", role="quality")
    assert ada.get("/recordings/rsales001").status_code == 200
    admin.post("/people/access", name="ada", do="disable")
    assert ada.get("/recordings").status_code == 303
    kinds = house.kinds()
    assert {"user-added", "user-changed", "user-disabled"} <= set(kinds)


def test_a_lost_account_is_given_back_with_a_trace(house: House) -> None:
    """A new password ends sessions and codes; the ledger has who did it, and whose it was."""
    enrolled(house)
    shown = house.person("admin").post("/people/access", name="quality", do="reset").text
    found = re.search(r"<code class=\"secret\">([\w-]+)</code>", shown)
    assert found

    assert house.told("user-reset") == [{"user": "admin", "whose": "quality"}]
    assert house.visitor().post("/sign-in", name="quality", password=found[1]).location == "/"
    with pytest.raises(Refused):
        house.accounts.sign_in("quality", PASSWORD, "")


def test_nobody_changes_their_own_rights(house: House) -> None:
    """The admin gives themselves no other role, and does not shut themselves out."""
    admin = house.person("admin")
    for path, form in (("/people/change", {"role": "quality"}), ("/people/access", {"do": "disable"})):
        assert admin.post(path, name="admin", **form).status_code == 400
    assert house.accounts.user("admin").roles == {"admin"}


def test_a_line_that_is_not_ours_does_not_exist(house: House) -> None:
    """Who deals with some lines finds, sees and hears no recording of another, whatever their role."""
    house.seal("support01", line="support")
    for name in ("quality", "officer"):
        house.accounts.change(name, [name], ["support"])
    listener, officer = house.reviewer(), house.person("officer")
    for visitor in (listener, officer):
        shelf = visitor.get("/recordings").text
        assert "rsupport01" in shelf
        assert "rsales001" not in shelf
        assert "rsales001" not in visitor.get("/recordings?line=sales").text
        assert visitor.get("/recordings/rsales001").status_code == 404
    assert listener.get("/recordings/rsupport01/audio").status_code == 200
    assert listener.get("/recordings/rsales001/audio").status_code == 403
    assert listener.get("/recordings/rsales001/peaks").status_code == 403
    assert officer.get("/recordings/rsales001/erase").status_code == 404


# --- a second person


@pytest.fixture
def guarded(house: House) -> House:
    """The same house under a policy whose purpose `quality` demands a second person."""
    quality = dataclasses.replace(POLICY.purposes["quality"], second_person=True)
    house.policy = dataclasses.replace(POLICY, purposes={**POLICY.purposes, "quality": quality})
    return house


def test_a_purpose_may_demand_a_second_person(guarded: House) -> None:
    """Nobody hears before somebody else has approved; the approval is theirs alone, and ends after a day."""
    listener, other = guarded.reviewer(), guarded.reviewer("supervisor")
    assert "second person must approve" in listener.get("/recordings/rsales001").text
    assert listener.get("/recordings/rsales001/audio").status_code == 403
    assert listener.post("/recordings/rsales001/approval").status_code == 303
    assert listener.post("/recordings/rsales001/approval").status_code == 303
    (asked,) = guarded.register.open_approvals()

    assert listener.post("/approvals", id=asked.id, do="grant").status_code == 400
    assert guarded.person("manager").post("/approvals", id=asked.id, do="grant").status_code == 403
    assert "rsales001" in other.get("/approvals").text
    assert other.post("/approvals", id=asked.id, do="grant").status_code == 303

    assert listener.get("/recordings/rsales001/audio").status_code == 200
    assert other.get("/recordings/rsales001/audio").status_code == 403
    assert [told["user"] for told in guarded.told("approval-decided")] == ["supervisor"]
    guarded.clock.pass_by(hours=24)
    assert guarded.reviewer().get("/recordings/rsales001/audio").status_code == 403


def test_no_copy_is_a_way_around_the_second_person(guarded: House) -> None:
    """Whoever may hear it only with a second person takes no copy without; nor does who only oversees."""
    only = dataclasses.replace(guarded.policy.purposes["disputes"], second_person=True)
    guarded.policy = dataclasses.replace(
        guarded.policy, purposes={**guarded.policy.purposes, "disputes": only}
    )
    manager, officer = guarded.reviewer("manager", "disputes"), guarded.person("officer")
    for visitor in (manager, officer):
        answer = visitor.post("/recordings/rsales001/export", reason="dispute")
        assert answer.status_code == 403 and "second person" in answer.text
    assert guarded.told("exported") == []

    manager.post("/recordings/rsales001/approval")
    (asked,) = guarded.register.open_approvals()
    officer.post("/approvals", id=asked.id, do="grant")
    assert manager.post("/recordings/rsales001/export", reason="dispute").status_code == 200
    assert officer.post("/recordings/rsales001/export", reason="dispute").status_code == 403
    guarded.clock.pass_by(hours=24)
    late = guarded.person("manager").post("/recordings/rsales001/export", reason="dispute")
    assert late.status_code == 403


def test_a_question_that_nobody_answers_lapses_and_who_asked_sees_it(guarded: House) -> None:
    """After seven days, told to the ledger; no late yes opens anything, and it can be asked anew."""
    listener = guarded.reviewer()
    listener.post("/recordings/rsales001/approval")
    (asked,) = guarded.register.open_approvals()
    guarded.clock.pass_by(days=7, seconds=-1)
    assert "has been asked" in guarded.reviewer().get("/recordings/rsales001").text
    guarded.clock.pass_by(seconds=1)

    late = guarded.person("supervisor").post("/approvals", id=asked.id, do="grant")
    assert late.status_code == 400 and "Nobody answered this in time" in late.text
    assert [told["user"] for told in guarded.told("approval-lapsed")] == ["quality"]
    listener = guarded.reviewer()
    assert "Nobody answered" in listener.get("/recordings/rsales001").text
    assert "Nobody answered" in listener.get("/approvals").text
    assert listener.get("/recordings/rsales001/audio").status_code == 403
    listener.post("/recordings/rsales001/approval")
    (anew,) = guarded.register.open_approvals()
    assert anew.id != asked.id
    assert "has been asked" in listener.get("/recordings/rsales001").text


def test_a_refusal_is_an_answer(guarded: House) -> None:
    """Refused, nobody hears; it can be asked anew, and what was decided cannot be decided again."""
    listener, officer = guarded.reviewer(), guarded.person("officer")
    listener.post("/recordings/rsales001/approval")
    (asked,) = guarded.register.open_approvals()
    officer.post("/approvals", id=asked.id, do="refuse")

    assert listener.get("/recordings/rsales001/audio").status_code == 403
    assert officer.post("/approvals", id=asked.id, do="grant").status_code == 400
    listener.post("/recordings/rsales001/approval")
    assert len(guarded.register.open_approvals()) == 1


def test_no_secret_of_codes_lies_in_the_register(house: House) -> None:
    """The secret of somebody's codes is sealed under a key of the installation, for their name alone."""
    secret, _ = enrolled(house)
    kept = house.accounts.user("quality")
    assert secret not in repr(kept)

    other = dataclasses.replace(house.accounts.user("manager"), second=kept.second)
    house.register.put_user(other, house.clock.now())
    house.clock.pass_by(minutes=1)
    assert half(house).post("/sign-in/code", code=code_of(house, secret)).status_code == 303
    moved = half(house, "manager")
    assert moved.post("/sign-in/code", code=code_of(house, secret)).status_code == 400


def test_a_secret_left_in_the_clear_is_sealed_and_goes_on_to_count(house: House) -> None:
    """What an earlier release kept in the clear is sealed at the start, and the telephone's codes stay."""
    secret = pyotp.random_base32()
    before = dataclasses.replace(house.accounts.user("quality"), second=secret)
    house.register.put_user(before, house.clock.now())

    assert house.accounts.second.seal_all() == 1
    assert secret not in repr(house.accounts.user("quality"))
    assert house.accounts.second.seal_all() == 0
    assert half(house).post("/sign-in/code", code=code_of(house, secret)).status_code == 303
