"""Who waits for what comes of a command to a call, each by a number."""

from __future__ import annotations

from collections.abc import Callable

from asterisk_gdpr.core.call.state import Result

Answer = Callable[[Result], None]


class Answers:
    """The answers that are owed for one call, also when it goes on as another one."""

    def __init__(self) -> None:
        self._owed: dict[int, Answer] = {}

    def owe(self, answer: Answer) -> int:
        """Somebody waits; returns their number, which is never 0."""
        number = max(self._owed, default=0) + 1
        self._owed[number] = answer
        return number

    def give(self, number: int, result: Result) -> None:
        """What came of it, told once."""
        if answer := self._owed.pop(number, None):
            answer(result)

    def end(self) -> None:
        """The call is over: nothing comes of what is still waited for."""
        for number in list(self._owed):
            self.give(number, Result.NOT_TALKING)
