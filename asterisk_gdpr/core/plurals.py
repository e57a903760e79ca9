"""How a language counts: which phrase a number takes.

Most languages need two phrases, for one and for more. Polish needs a third, for numbers that end in two,
three or four (`2 miesiące`, `5 miesięcy`, `12 miesięcy`, `22 miesiące`): the `few` of Unicode CLDR's
plural rules. And where "two" itself changes with the noun (`dwie godziny`, `duas semanas`), a voice that
reads the digit would say it wrong, so that two may have a phrase with the word in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


def _polish(count: int) -> bool:
    return count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14)


_FEW: Mapping[str, Callable[[int], bool]] = {"pl": _polish}


def has_few(language: str) -> bool:
    """Whether a language needs the phrase `few`."""
    return language in _FEW


@dataclass(frozen=True)
class Counted:
    """The phrases of one counted thing; `{count}` stands for the number in `few` and `more`."""

    one: str
    more: str
    two: str | None = None
    few: str | None = None

    def say(self, count: int, language: str) -> str:
        """The phrase of a number: `one month`, `90 days`."""
        if count == 1:
            return self.one
        if count == 2 and self.two is not None:
            return self.two
        few = self.few if self.few is not None and has_few(language) and _FEW[language](count) else None
        return (few or self.more).replace("{count}", str(count))
