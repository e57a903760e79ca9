"""What a phone does in a call, step by step: `tone 400; wait 0.5; key *9; wait 4; hangup`.

| move | what the phone does |
|---|---|
| `tone HZ` | sends a tone from now on |
| `play NAME` | sends a sound (see `Phones.sound`) from now on, over and over |
| `silence` | sends silent audio from now on, as it does from the beginning |
| `wait SECONDS` | goes on as it is |
| `key KEYS` | presses keys: each lasts 100 ms, in which its sound pauses, and is followed by 100 ms |
| `ring SECONDS` | (called, first of all) lets it ring |
| `answer` | (called) takes the call |
| `busy` | (called) answers 486 |
| `hangup` | ends the call |

A phone that has come to the end of its script goes on as it is until the other side ends the call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from asterisk_gdpr.errors import Misuse

_SECONDS, _NOTHING = r"\d+(\.\d+)?", ""
_ARGUMENTS = {
    "tone": r"[1-9]\d{1,3}",
    "play": r"[a-z0-9-]+",
    "silence": _NOTHING,
    "wait": _SECONDS,
    "key": r"[0-9A-D*#]+",
    "ring": _SECONDS,
    "answer": _NOTHING,
    "busy": _NOTHING,
    "hangup": _NOTHING,
}


@dataclass(frozen=True)
class Move:
    """One move: what is done, and with what."""

    verb: str
    argument: str = ""


def parse(script: str) -> tuple[Move, ...]:
    """The moves of a script; a move that no phone can do is named."""
    moves: list[Move] = []
    for text in filter(None, (part.strip() for part in script.split(";"))):
        verb, _, argument = text.partition(" ")
        move = Move(verb, argument.strip())
        if verb not in _ARGUMENTS or not re.fullmatch(_ARGUMENTS[verb], move.argument):
            raise Misuse(f"A phone cannot do this: {text!r}.", id="bad-script")
        if verb == "ring" and moves:
            # Asterisk rings from the arrival of the call on, or not at all.
            raise Misuse(f"A phone can only ring first of all: {script!r}.", id="bad-script")
        moves.append(move)
    return tuple(moves)
