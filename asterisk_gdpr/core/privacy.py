"""The privacy line: what a person can do about recordings by phone, without any doing.

They hear a menu in their language and press a key; what changes anything is confirmed by another. Nothing is
ever told of what there is: the caller ID proves nothing, so the answer is the same whether we hold a
recording of the number or not, and nothing is destroyed. Recordings are locked at once, which can be taken
back; their erasure is a request, which a person answers when it is clear who asks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.state import Part
from asterisk_gdpr.core.receipt import LENGTH

ROUNDS = 8
"""How much a caller may choose in one call: it must come to an end."""

SILENCE = 5.0
"""Seconds to press a key in."""


class Act(StrEnum):
    """What a caller can have done."""

    LOCK = "lock"
    """Recordings of this number are restricted, and a request to erase them is opened."""
    NEVER = "never"
    """This number is never recorded any more."""
    REQUEST = "request"
    """A request for access is opened."""
    CODE = "code"
    """The recording of the call whose code it is is restricted, and a request to erase it is opened."""


KEYS = {"2": Act.LOCK, "3": Act.NEVER, "4": Act.REQUEST}
DONE = {
    Act.LOCK: Part.PRIVACY_LOCKED,
    Act.NEVER: Part.PRIVACY_NEVER,
    Act.REQUEST: Part.PRIVACY_REQUEST,
    Act.CODE: Part.PRIVACY_CODE_TAKEN,
}
ASKING = (Part.PRIVACY_MENU, Part.PRIVACY_CONFIRM, Part.PRIVACY_CODE)


@dataclass(frozen=True)
class Menu:
    """Where a caller is; `asked` waits for its confirmation, `rounds` and `silences` bring it to an end."""

    has_number: bool
    part: Part = Part.PRIVACY_MENU
    playing: int = 0
    sounding: bool = False
    acting: bool = False
    asked: Act | None = None
    code: str | None = None
    rounds: int = 0
    silences: int = 0
    over: bool = False


@dataclass(frozen=True)
class Carry:
    """Carry out what was confirmed, or typed; comes back as `Carried`."""

    act: Act
    code: str = ""


@dataclass(frozen=True)
class Carried:
    """It was carried out, or could not be."""

    act: Act
    done: bool


@dataclass(frozen=True)
class GiveBack:
    """Let the dialplan go on."""


Effect = do.Answer | do.Play | do.StopPlaying | do.WaitForKey | Carry | GiveBack
Step = tuple[Menu, tuple[Effect, ...]]


def begin(*, has_number: bool) -> Step:
    """Somebody calls; `has_number` is whether their number is shown."""
    return _play(Menu(has_number), Part.PRIVACY_MENU, do.Answer())


def step(menu: Menu, event: object) -> Step:
    """The menu after an event, and what must be done, in order; what means nothing here changes nothing."""
    match event:
        case events.HungUp() | events.LeftNotice():
            return replace(menu, over=True), ()
        case _ if menu.over:
            return menu, ()
        case events.PromptEnded(playing, heard) if playing == menu.playing and menu.sounding:
            return _ended(replace(menu, sounding=False), heard)
        case events.WaitEnded(playing) if playing == menu.playing and not menu.sounding and not menu.acting:
            return _silent(menu)
        case events.KeyPressed(digit) if not menu.acting:
            return _pressed(replace(menu, silences=0), digit)
        case Carried(act, done):
            return _play(replace(menu, acting=False), DONE[act] if done else Part.PRIVACY_LATER)
        case events.NodeLeaving() | events.WentWrong():
            return _back(menu)
    return menu, ()


def _ended(menu: Menu, heard: bool) -> Step:
    if not heard:
        return _back(menu)
    if menu.part in ASKING:
        number = menu.playing + 1
        return replace(menu, playing=number), (do.WaitForKey(number, SILENCE),)
    return _menu(menu)


def _silent(menu: Menu) -> Step:
    """Silence confirms nothing, and twice of it is the end."""
    menu = replace(menu, silences=menu.silences + 1)
    return _back(menu) if menu.silences > 1 else _menu(menu)


def _pressed(menu: Menu, digit: str) -> Step:
    if menu.code is not None:
        return _typed(menu, menu.code + digit)
    if menu.asked is not None:
        if digit != "1":
            return _menu(menu)
        carried = replace(menu, asked=None, acting=True, sounding=False)
        return carried, (*_stop(menu), Carry(menu.asked))
    if digit == "1":
        return _play(menu, Part.DETAILS)
    if digit == "5":
        return _play(replace(menu, code=""), Part.PRIVACY_CODE)
    if (act := KEYS.get(digit)) is None:
        return menu, ()
    if not menu.has_number:
        return _play(menu, Part.PRIVACY_NO_NUMBER)
    return _play(replace(menu, asked=act), Part.PRIVACY_CONFIRM)


def _typed(menu: Menu, code: str) -> Step:
    """Digit by digit; the last one is answer enough, and right or wrong is answered alike."""
    number = menu.playing + 1
    typed = replace(menu, code=code, playing=number, sounding=False)
    if not code.isdigit():
        return _menu(menu)
    if len(code) < LENGTH:
        return typed, (*_stop(menu), do.WaitForKey(number, SILENCE))
    return replace(typed, code=None, acting=True), (*_stop(menu), Carry(Act.CODE, code))


def _menu(menu: Menu) -> Step:
    menu = replace(menu, asked=None, code=None, rounds=menu.rounds + 1)
    return _back(menu) if menu.rounds > ROUNDS else _play(menu, Part.PRIVACY_MENU)


def _play(menu: Menu, part: Part, *before: Effect) -> Step:
    number = menu.playing + 1
    played = replace(menu, part=part, playing=number, sounding=True)
    return played, (*_stop(menu), *before, do.Play(number, part))


def _stop(menu: Menu) -> tuple[Effect, ...]:
    return (do.StopPlaying(),) if menu.sounding else ()


def _back(menu: Menu) -> Step:
    return replace(menu, over=True, sounding=False), (*_stop(menu), GiveBack())
