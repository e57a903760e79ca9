"""Carrying a request out, recording by recording: what each right does to one, and what came of it.

Each act may be repeated: what a killed run has done is told, and not done, by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from asterisk_gdpr.core.recording import Reason, State
from asterisk_gdpr.core.requests import Request, ResultOf, Right, merged
from asterisk_gdpr.core.rights import PORTABLE, Remark, Restriction, RestrictionGround
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.erasing.erasure import Erasure, Item, Result
from asterisk_gdpr.service.rights.rights import Book, Rights

HandOut = Callable[[Request, Sequence[str]], None]
"""Puts the copies of these recordings together and hands them out; what it raises ends the answer."""


@dataclass(frozen=True)
class Wish:
    """What a request needs when it is carried out: words to be put beside, a ground, or who hands out."""

    text: str = ""
    ground: RestrictionGround | None = None
    hand_out: HandOut | None = None


class CarryingOut:
    """What requests do to recordings."""

    def __init__(self, register: Book, erasure: Erasure, rights: Rights) -> None:
        self._register = register
        self._erasure = erasure
        self._rights = rights

    def concerned(self, request: Request) -> list[str]:
        """The recordings of the number and those that were named, those of an earlier run too."""
        of_caller = self._register.of_caller(request.subject) if request.subject else []
        earlier = [each.recording for each in request.results]
        concerned = {*(each.id for each in of_caller), *request.recordings, *earlier}
        unseen = list(concerned)
        while unseen:  # what was made of them since is theirs, too
            made = {each.recording for each in self._register.derivations(unseen.pop())} - concerned
            concerned |= made
            unseen += made
        return sorted(concerned)

    def carry_out(self, request: Request, wish: Wish, *, dry_run: bool = False) -> tuple[ResultOf, ...]:
        """What became of each recording, what earlier runs did included; a dry run only tells.

        Raises Refused: `no-text`, `no-ground`.
        """
        act = self._act(request, wish, dry_run=dry_run)
        return merged(request.results, [act(recording) for recording in self.concerned(request)])

    def _act(self, request: Request, wish: Wish, *, dry_run: bool) -> Callable[[str], ResultOf]:
        match request.right:
            case Right.ACCESS | Right.PORTABILITY:
                return lambda recording: self._give(recording, request)
            case Right.RECTIFICATION:
                return lambda recording: self._correct(recording, request, wish.text, dry_run=dry_run)
            case Right.RESTRICTION:
                return lambda recording: self._restrict(recording, request, wish.ground, dry_run=dry_run)
            case Right.ERASURE:
                return lambda recording: _plain(
                    self._erasure.erase(recording, Reason.REQUESTED, dry_run=dry_run)
                )
            case Right.OBJECTION:
                return lambda recording: _plain(
                    self._rights.object(recording, request.purposes or None, dry_run=dry_run)
                )
            case Right.WITHDRAWAL:
                return lambda recording: _plain(
                    self._rights.withdraw(recording, request.purposes or None, dry_run=dry_run)
                )

    def _give(self, recording: str, request: Request) -> ResultOf:
        """Whether a copy is due; what is held or restricted is still the person's own data."""
        if not self._register.keys(recording):
            return ResultOf(recording, "missing", "erased-before")
        if self._register.recording(recording).state in (State.PREPARED, State.CAPTURING):
            return ResultOf(recording, "refused", "not-closed")
        terms = self._register.terms(recording)
        if request.right is Right.PORTABILITY and not any(term.basis in PORTABLE for term in terms):
            return ResultOf(recording, "refused", "not-portable")
        return ResultOf(recording, "given")

    def _correct(self, recording: str, request: Request, text: str, *, dry_run: bool) -> ResultOf:
        if not text.strip():
            raise Refused("What is to be put beside the recordings?", hint="Name a file.", id="no-text")
        return self._unless_gone(
            recording,
            "corrected",
            self._register.remarks(recording),
            lambda: self._rights.correct(recording, text, request.opened_by, request.id),
            request,
            dry_run=dry_run,
        )

    def _restrict(
        self, recording: str, request: Request, ground: RestrictionGround | None, *, dry_run: bool
    ) -> ResultOf:
        if ground is None:
            raise Refused("A restriction has its ground (Art. 18(1) GDPR).", id="no-ground")
        return self._unless_gone(
            recording,
            "restricted",
            self._register.restrictions(recording),
            lambda: self._rights.restrict(recording, ground, request.id),
            request,
            dry_run=dry_run,
        )

    def _unless_gone(
        self,
        recording: str,
        done: str,
        there: Iterable[Remark | Restriction],
        act: Callable[[], object],
        request: Request,
        *,
        dry_run: bool,
    ) -> ResultOf:
        """What is held is there, whatever else became of it; what a killed run has done is not done again."""
        state = self._register.recording(recording).state
        held = state is State.ERASING and self._register.holds_of(recording)
        if state in (State.ERASING, State.ERASED) and not held:
            return ResultOf(recording, "missing", "erased-before")
        if not dry_run and all(each.request != request.id for each in there):
            act()
        return ResultOf(recording, done)


def _plain(item: Item) -> ResultOf:
    """An eraser's item as the codes of a request; a reason to wait is for us to know, not for the letter."""
    ground = "" if item.result is Result.PENDING else item.ground
    return ResultOf(item.recording, item.result.value, ground, item.until)
