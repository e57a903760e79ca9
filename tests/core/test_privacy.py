"""The rules of the privacy line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from asterisk_gdpr.core import privacy
from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.state import Part
from asterisk_gdpr.core.privacy import Act, Carried, Carry, GiveBack, Menu

AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def press(menu: Menu, digits: str) -> tuple[Menu, tuple[privacy.Effect, ...]]:
    """The menu after these keys, and what the last of them led to."""
    effects: tuple[privacy.Effect, ...] = ()
    for digit in digits:
        menu, effects = privacy.step(menu, events.KeyPressed(digit, AT))
    return menu, effects


def begun(*, has_number: bool = True) -> Menu:
    """A caller who hears the menu."""
    return privacy.begin(has_number=has_number)[0]


@pytest.mark.parametrize(("key", "act"), [("2", Act.LOCK), ("3", Act.NEVER), ("4", Act.REQUEST)])
def test_what_changes_anything_is_confirmed_first(key: str, act: Act) -> None:
    """One key asks, another carries out, and any other goes back having done nothing."""
    asked, effects = press(begun(), key)
    assert effects[-1] == do.Play(asked.playing, Part.PRIVACY_CONFIRM)
    assert press(asked, "1")[1] == (do.StopPlaying(), Carry(act))
    back, effects = press(asked, "3")
    assert effects[-1] == do.Play(back.playing, Part.PRIVACY_MENU) and back.asked is None


def test_silence_confirms_nothing() -> None:
    """Who is asked to confirm and does not is back in the menu, and twice silent is out of it."""
    asked, _ = press(begun(), "2")
    waiting, _ = privacy.step(asked, events.PromptEnded(asked.playing, heard=True))
    menu, effects = privacy.step(waiting, events.WaitEnded(waiting.playing))
    assert effects[-1] == do.Play(menu.playing, Part.PRIVACY_MENU) and menu.asked is None
    waiting, _ = privacy.step(menu, events.PromptEnded(menu.playing, heard=True))
    over, effects = privacy.step(waiting, events.WaitEnded(waiting.playing))

    assert over.over and effects == (GiveBack(),)


@pytest.mark.parametrize("key", ["2", "3", "4"])
def test_without_a_number_nothing_is_promised(key: str) -> None:
    """A withheld number is told so, and never that something was done."""
    menu, effects = press(begun(has_number=False), key)

    assert effects[-1] == do.Play(menu.playing, Part.PRIVACY_NO_NUMBER)
    assert not isinstance(press(menu, "1")[1][-1], Carry)


def test_what_could_not_be_done_is_not_told_as_done() -> None:
    """The caller hears that it cannot be done now, and may choose anew."""
    acting, _ = press(begun(), "31")
    menu, effects = privacy.step(acting, Carried(Act.NEVER, done=False))
    assert effects == (do.Play(menu.playing, Part.PRIVACY_LATER),)
    acting, _ = press(begun(), "31")
    menu, effects = privacy.step(acting, Carried(Act.NEVER, done=True))
    assert effects == (do.Play(menu.playing, Part.PRIVACY_NEVER),)


def test_a_call_of_the_privacy_line_comes_to_an_end() -> None:
    """However many keys are pressed, the caller is given back."""
    menu = begun()
    for _ in range(200):
        menu, _ = press(menu, "2")
        menu, _ = press(menu, "5")
    assert menu.over


def test_a_prompt_that_fails_gives_the_call_back() -> None:
    """Nobody waits in silence for what cannot be said."""
    menu = begun()
    over, effects = privacy.step(menu, events.PromptEnded(menu.playing, heard=False))

    assert over.over and effects == (GiveBack(),)
