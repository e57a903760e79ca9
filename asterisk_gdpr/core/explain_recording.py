"""Why a recording exists, until when, and who may listen: the answer for one recording.

Its purposes and their ends are facts of the register; who may listen is asked of the policy in force.
A hold keeps it beyond them, and names its own listeners.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from asterisk_gdpr.core.holds import ARTICLES, Hold
from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.core.recording import Recording, State, Term, Tombstone
from asterisk_gdpr.core.retention import expiry, living


@dataclass(frozen=True)
class Answer:
    """One question with its answer; `because` names where it stands."""

    asks: str
    answer: str
    because: str


@dataclass(frozen=True)
class Standing:
    """A recording and everything that says why it exists; `choice` is what the caller's choice came to.

    `holds` are those that stand over it.
    """

    recording: Recording
    terms: Sequence[Term]
    tombstone: Tombstone | None
    choice: str | None
    holds: Sequence[Hold] = ()


@dataclass(frozen=True)
class RecordingExplained:
    """`listeners` are the roles that may listen now for a purpose, `held_by` those that may under a hold.

    `until` is when the last purpose ends (None: open).
    """

    recording: str
    policy: str
    exists: bool
    until: datetime | None
    listeners: tuple[str, ...]
    held_by: tuple[str, ...]
    answers: tuple[Answer, ...]

    @property
    def text(self) -> str:
        """For people: a paragraph an answer."""
        return "\n".join(f"{each.asks} {each.answer}\n    {each.because}" for each in self.answers)


def explain_recording(
    standing: Standing, policy: Policy, at: datetime, day: Callable[[datetime], str], no_ear: str
) -> RecordingExplained:
    """The answers at a time; `policy` is the one in force, `day` writes a time for people.

    `no_ear` is the role that never listens, whatever the policy says.
    """
    recording = standing.recording
    gone = recording.state is State.ERASED
    alive = living(standing.terms, at)
    roles = () if _closed(standing) else _roles(alive, policy, no_ear)
    return RecordingExplained(
        recording=recording.id,
        policy=recording.policy,
        exists=not gone,
        until=expiry(standing.terms),
        listeners=roles,
        held_by=() if gone else _named_by(standing.holds, no_ear),
        answers=tuple(_answers(standing, policy, alive, day, roles)),
    )


def _answers(
    standing: Standing,
    policy: Policy,
    alive: Sequence[Term],
    day: Callable[[datetime], str],
    roles: tuple[str, ...],
) -> Iterator[Answer]:
    recording = standing.recording
    same = " (the one in force)" if recording.policy == policy.version else ""
    yield Answer(
        "Under which policy was it made?",
        f"Version {recording.policy[:12]}{same}, on line {recording.line}.",
        f"The caller's choice came to {standing.choice or 'nothing'}.",
    )
    if recording.state is State.ERASED:
        yield Answer("Why does it exist?", "It does not: it has been erased.", _why_gone(standing, day))
        return
    yield from (_of_term(term, alive, day) for term in standing.terms)
    yield _until(standing, alive, day)
    for hold in standing.holds:
        roles_of_it = ", ".join(sorted(hold.listeners))
        yield Answer(
            f"Is it held? Yes, by {hold.id}.",
            f"Nothing erases it before {day(hold.until)}; {roles_of_it} may listen for it.",
            f"{ARTICLES[hold.ground]}, placed on {day(hold.placed_at)}",
        )
    yield _who(standing, policy, alive, roles)


def _of_term(term: Term, alive: Sequence[Term], day: Callable[[datetime], str]) -> Answer:
    asks = f"Does it exist for {term.purpose}?"
    because = f"basis {term.basis}, kept {term.keep} from the end of the call"
    if term in alive:
        end = (
            f"until {day(term.expires_at)}" if term.expires_at else "its clock starts at the end of the call"
        )
        return Answer(asks, f"Yes, {end}.", because)
    if term.ended_at is not None:
        return Answer(asks, f"No: ended on {day(term.ended_at)}.", f"ended by: {term.ended_by}")
    over = f" on {day(term.expires_at)}" if term.expires_at else ""
    return Answer(asks, f"No: its period ended{over}.", because)


def _until(standing: Standing, alive: Sequence[Term], day: Callable[[datetime], str]) -> Answer:
    asks = "Until when?"
    if (tombstone := standing.tombstone) is not None:
        when = "when the last hold has ended" if standing.holds else f"from {day(tombstone.due_at)} on"
        return Answer(asks, f"It is being erased, {when}.", _why_gone(standing, day))
    if not alive and standing.holds:
        return Answer(asks, "Until the last hold ends; then it is due.", "No purpose is left.")
    if not alive:
        return Answer(asks, "It is due: the next tick erases it.", "No purpose is left.")
    end = expiry(standing.terms)
    if end is None:
        return Answer(asks, "Its end is not fixed yet.", "The call is going on, or is not closed yet.")
    return Answer(asks, f"Until {day(end)}.", "It lives as long as the last of its purposes.")


def _who(standing: Standing, policy: Policy, alive: Sequence[Term], roles: tuple[str, ...]) -> Answer:
    asks = "Who may listen?"
    if standing.tombstone is not None:
        return Answer(asks, "Nobody.", "A tombstone stands.")
    if standing.recording.restricted:
        return Answer(asks, "Nobody.", "It is restricted (Art. 18 GDPR).")
    if standing.recording.state is not State.SEALED:
        return Answer(asks, "Nobody yet.", "It is not closed: the call is going on.")
    missing = [term.purpose for term in alive if term.purpose not in policy.purposes]
    beside = f"; the policy in force has no {', '.join(missing)} any more" if missing else ""
    under = "; ".join(
        f"{term.purpose}: {', '.join(sorted(policy.purposes[term.purpose].listeners))}"
        for term in alive
        if term.purpose in policy.purposes
    )
    answer = f"Roles: {', '.join(roles)}." if roles else "Nobody."
    return Answer(asks, answer, f"listeners of the policy in force: {under or 'none'}{beside}")


def _closed(standing: Standing) -> bool:
    recording = standing.recording
    return bool(standing.tombstone) or recording.restricted or recording.state is not State.SEALED


def _roles(alive: Sequence[Term], policy: Policy, no_ear: str) -> tuple[str, ...]:
    named = {
        role
        for term in alive
        if term.purpose in policy.purposes
        for role in policy.purposes[term.purpose].listeners
    }
    return tuple(sorted(named - {no_ear}))


def _named_by(holds: Sequence[Hold], no_ear: str) -> tuple[str, ...]:
    return tuple(sorted({role for hold in holds for role in hold.listeners} - {no_ear}))


def _why_gone(standing: Standing, day: Callable[[datetime], str]) -> str:
    tombstone = standing.tombstone
    if tombstone is None:
        return "No tombstone is kept."
    done = f", done on {day(tombstone.done_at)}" if tombstone.done_at else ""
    return f"reason: {tombstone.reason}, ordered on {day(tombstone.created_at)}{done}"
