"""What a changed policy changes: for callers, for listeners, for what is stored already.

A policy speaks of calls to come. What exists keeps the period that it was recorded under: a longer one
never reaches it, and a shorter one only when a person says so (`policy shorten`). Who may listen is
always asked of the policy in force, so that a change of listeners counts at once, for all that exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from asterisk_gdpr.core.policy import Approval, Basis, Keep, Line, Mode, Period, Policy, Purpose

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Concern(StrEnum):
    """Whom a change is a change for."""

    CALLERS = "callers"
    LISTENERS = "listeners"
    RECORDINGS = "recordings"
    AGENTS = "agents"
    DATA = "data"
    """Personal data other than audio."""
    CONTROLLER = "controller"


@dataclass(frozen=True)
class Kept:
    """Recordings that exist for a purpose under one period; `recordings` is how many."""

    purpose: str
    basis: Basis
    keep: Period
    recordings: int


@dataclass(frozen=True)
class Stock:
    """What is there now for a change to be about.

    `calls` are those of the last days by line, `people` those of the page by role, `data` how much there is
    of each other kind.
    """

    kept: tuple[Kept, ...] = ()
    data: Mapping[str, int] = field(default_factory=dict)
    calls: Mapping[str, int] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One change in words, and how much it is about; None where it is about none of them.

    `recordings` are stored ones, `data` is how much of another kind, `calls` came on the line of late,
    `people` have the role.
    """

    concerns: Concern
    about: str
    says: str
    recordings: int | None = None
    data: int | None = None
    calls: int | None = None
    people: int | None = None


def compare(old: Policy, new: Policy, stock: Stock) -> tuple[Change, ...]:
    """Every change from one policy to another, callers first, each with how much it is about."""
    changes = [
        *_callers(old, new, stock.calls),
        *_listeners(old, new, stock),
        *_recordings(old, new, stock.kept),
        *_agents(old, new),
        *_data(old, new, stock.data),
        *_controller(old, new),
    ]
    return tuple(sorted(changes, key=lambda change: list(Concern).index(change.concerns)))


# --- callers ----------------------------------------------------------------------------------


def _callers(old: Policy, new: Policy, calls: Mapping[str, int]) -> Iterator[Change]:
    for name in _names(old.lines, new.lines):
        before, after = old.lines.get(name), new.lines.get(name)
        says: Iterable[str]
        if before is None and after is not None:
            says = [f"is new: {_in_short(after, new)}"]
        elif after is None:
            says = ["is gone: a call that the dialplan still sends to it goes on, unrecorded"]
        elif before is not None:
            says = _line(before, after, old, new)
        yield from (Change(Concern.CALLERS, f"line {name}", each, calls=calls.get(name, 0)) for each in says)
    for number in sorted(set(new.exempt_numbers) - set(old.exempt_numbers)):
        yield Change(Concern.CALLERS, "exempt numbers", f"{number} now passes at once, unrecorded")
    for number in sorted(set(old.exempt_numbers) - set(new.exempt_numbers)):
        yield Change(Concern.CALLERS, "exempt numbers", f"{number} is treated as any other")
    for what, was, is_now in _differing(old.internal, new.internal):
        yield Change(Concern.CALLERS, f"internal.{what}", f"calls within the house: {_to(was, is_now)}")
    for what, was, is_now in _differing(old.controller, new.controller):
        yield Change(
            Concern.CALLERS,
            f"controller.{what}",
            f"callers are told {_to(was, is_now)}",
            calls=sum(calls.values()),
        )


def _in_short(line: Line, policy: Policy) -> str:
    if line.exempt:
        return "its calls pass at once, unrecorded"
    asked = ", ".join(f"{name} ({policy.purposes[name].choice})" for name in line.purposes)
    return f"{asked}; permission {line.permission}; mode {line.mode}"


def _line(before: Line, after: Line, old: Policy, new: Policy) -> Iterator[str]:
    if before.exempt != after.exempt:
        yield (
            "is exempt now: its calls pass at once"
            if after.exempt
            else f"is exempt no more: {_in_short(after, new)}"
        )
        return
    for name in after.purposes:
        if name not in before.purposes:
            yield f"calls are recorded for {name}, too ({_asked(new.purposes[name])})"
    for name in before.purposes:
        if name not in after.purposes:
            yield f"calls are recorded for {name} no more"
    for name in (name for name in after.purposes if name in before.purposes):
        yield from _asked_differently(old.purposes[name], new.purposes[name])
    kept = [name for name in before.purposes if name in after.purposes]
    if kept != [name for name in after.purposes if name in before.purposes]:
        yield f"the notice names its purposes in another order: {', '.join(after.purposes)}"
    for what, was, is_now in _differing(before, after, {"name", "purposes", "exempt", "mode", "languages"}):
        yield f"{what} {_to(was, is_now)}"
    if before.mode != after.mode:
        yield f"mode {_to(before.mode, after.mode)}: {_MODES[after.mode]}"
    if before.languages != after.languages:
        yield f"languages {_to(', '.join(before.languages), ', '.join(after.languages))}"


_MODES = {
    Mode.LIVE: "callers hear the notice",
    Mode.SHADOW: "nothing is played or recorded",
    Mode.DISABLED: "calls go on, unrecorded",
}


_OF_LISTENERS = ("listeners", "second_person")
"""What of a purpose says who may listen, and how."""

_OF_SEALING = ("audio",)
"""What of a purpose says how recordings are sealed."""

_REASONS = ("assessment", "obligation", "decision", "interest")
"""What stands behind a purpose: the controller's affair."""


def _asked(purpose: Purpose) -> str:
    return f"{purpose.basis}, {purpose.choice}, {purpose.keep}"


def _asked_differently(before: Purpose, after: Purpose) -> Iterator[str]:
    for what, was, is_now in _differing(
        before, after, {"name", *_OF_LISTENERS, *_OF_SEALING, "title", *_REASONS}
    ):
        yield f"{after.name}: {what} {_to(was, is_now)}"
    if dict(before.title) != dict(after.title):
        languages = [
            each
            for each in _names(before.title, after.title)
            if before.title.get(each) != after.title.get(each)
        ]
        yield f"{after.name}: the words of the notice change in {', '.join(languages)}"


# --- listeners and recordings -----------------------------------------------------------------


def _listeners(old: Policy, new: Policy, stock: Stock) -> Iterator[Change]:
    for name in _names(old.purposes, new.purposes):
        before, after = old.purposes.get(name), new.purposes.get(name)
        count = sum(each.recordings for each in stock.kept if each.purpose == name)
        for says, role in _heard_by(before, after):
            people = stock.people.get(role, 0) if role else None
            yield Change(Concern.LISTENERS, f"purpose {name}", says, count, people=people)
    watched, watches = old.unusual_listening, new.unusual_listening
    if watched is not None and watches is not None:
        for what, was, is_now in _differing(watched, watches):
            yield Change(Concern.LISTENERS, f"unusual_listening.{what}", _to(was, is_now))
    elif watched != watches:
        says = (
            "nobody is shown any more what listening is unusual"
            if watches is None
            else "the officer is shown what listening is unusual"
        )
        yield Change(Concern.LISTENERS, "unusual_listening", says)


def _heard_by(before: Purpose | None, after: Purpose | None) -> Iterator[tuple[str, str]]:
    """What changes for who listens under a purpose, each with the role that it is about, if it is one."""
    if after is None:
        yield "is gone: nobody may listen to what was recorded for it", ""
    elif before is None:
        yield f"is new: {', '.join(sorted(after.listeners))} may listen", ""
    else:
        for role in sorted(after.listeners - before.listeners):
            yield f"{role} may listen, to what exists too", role
        for role in sorted(before.listeners - after.listeners):
            yield f"{role} may listen no more", role
        if before.second_person != after.second_person:
            yield f"a second person {'must' if after.second_person else 'need no more'} approve listening", ""


def _recordings(old: Policy, new: Policy, kept: Iterable[Kept]) -> Iterator[Change]:
    """What happens to the recordings that exist: counted by the period that each was made under."""
    for name in _names(old.purposes, new.purposes):
        was, is_now = old.purposes.get(name), new.purposes.get(name)
        if was and is_now and was.audio is not is_now.audio:
            says = f"audio {_to(was.audio, is_now.audio)}, for recordings that begin from now on"
            yield Change(Concern.RECORDINGS, f"purpose {name}", says)
    for each in sorted(kept, key=lambda each: (each.purpose, str(each.keep))):
        after = new.purposes.get(each.purpose)
        if old.purposes.get(each.purpose) == after:
            continue
        says = _of_kept(each, after)
        if says:
            yield Change(Concern.RECORDINGS, f"purpose {each.purpose}", says, each.recordings)


def _of_kept(kept: Kept, after: Purpose | None) -> str:
    if after is None:
        law = kept.basis is Basis.LEGAL_OBLIGATION
        end = "" if law else "; `policy shorten --removed` ends them now"
        return f"the purpose is gone: they live on for {kept.keep}, as they were made{end}"
    if after.basis is not kept.basis:
        return f"they rest on {kept.basis} as before, for {kept.keep}: a new basis is for new recordings"
    if after.keep.exceeds(kept.keep):
        return f"they keep {kept.keep}: a longer period never reaches what exists"
    if kept.keep.exceeds(after.keep):
        return f"they keep {kept.keep}, unless `policy shorten` brings them down to {after.keep}"
    return ""


# --- the rest ---------------------------------------------------------------------------------


def _agents(old: Policy, new: Policy) -> Iterator[Change]:
    for what, was, is_now in _differing(old.agents, new.agents):
        yield Change(Concern.AGENTS, f"agents.{what}", _to(was, is_now))
    for name in _names(old.evaluations, new.evaluations):
        before, after = old.evaluations.get(name), new.evaluations.get(name)
        if before != after:
            yield Change(Concern.AGENTS, f"form {name}", _described(before, after))


def _data(old: Policy, new: Policy, stored: Mapping[str, int]) -> Iterator[Change]:
    """The rules of data that no call begins are asked when their clock begins; what runs keeps its end."""
    for what in (each.name for each in fields(Keep)):
        was: Period = getattr(old.keep, what)
        is_now: Period = getattr(new.keep, what)
        if was == is_now:
            continue
        exists = "what exists keeps its end"
        unless = ", unless `policy shorten` brings it forward" if was.exceeds(is_now) else ""
        yield Change(
            Concern.DATA, f"keep.{what}", f"{_to(was, is_now)}; {exists}{unless}", data=stored.get(what, 0)
        )


def _controller(old: Policy, new: Policy) -> Iterator[Change]:
    for what in ("pack", "overlays"):
        was, is_now = getattr(old, what), getattr(new, what)
        if was != is_now:
            yield Change(Concern.CONTROLLER, what, _to(was, is_now))
    for rule in _names(old.decisions, new.decisions):
        if old.decisions.get(rule) != new.decisions.get(rule):
            says = _to(old.decisions.get(rule), new.decisions.get(rule))
            yield Change(Concern.CONTROLLER, f"decision on {rule}", says)
    for name in _names(old.purposes, new.purposes):
        before, after = old.purposes.get(name), new.purposes.get(name)
        if before is None or after is None:
            continue
        if not any(name in line.purposes for line in new.lines.values()):
            for says in _asked_differently(before, after):
                yield Change(Concern.CONTROLLER, f"purpose {name}", f"on no line; {says}")
        if dict(before.interest) != dict(after.interest):
            yield Change(Concern.CONTROLLER, f"purpose {name}", "the words of its interest change")
        for what in ("assessment", "obligation", "decision"):
            was, is_now = getattr(before, what), getattr(after, what)
            if was != is_now:
                yield Change(Concern.CONTROLLER, f"purpose {name}", f"{what} {_to(was, is_now)}")
    for name in _names(old.recipients, new.recipients):
        before_it, after_it = old.recipients.get(name), new.recipients.get(name)
        if before_it != after_it:
            yield Change(Concern.CONTROLLER, f"recipient {name}", _described(before_it, after_it))
    if old.approval != new.approval:
        yield Change(Concern.CONTROLLER, "approval", _approved(new.approval))


def _approved(approval: Approval | None) -> str:
    if approval is None:
        return "none: no line runs"
    by = f"by {approval.by}, on {approval.on}"
    return f"{by}; advice: {approval.advice}" if approval.advice else by


def _described(before: DataclassInstance | None, after: DataclassInstance | None) -> str:
    """What became of a thing that policies describe: of one that stays, which of its fields are others."""
    if before is None or after is None:
        return "is new" if before is None else "is gone"
    return f"is described anew: {', '.join(_places(before, after))}"


def _places(before: DataclassInstance, after: DataclassInstance) -> Iterator[str]:
    """The fields in which two things differ, of parts of theirs too: `title`, `items.greeting.weight`."""
    for what, was, is_now in _differing(before, after):
        if not (isinstance(was, Mapping) and isinstance(is_now, Mapping)):
            yield what
            continue
        for name in _names(was, is_now):
            one, other = was.get(name), is_now.get(name)
            if is_dataclass(one) and is_dataclass(other):
                yield from (f"{what}.{name}.{place}" for place in _places(one, other))  # type: ignore[arg-type]
            elif one != other:
                yield f"{what}.{name}"


def _names(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """The names of both, in the order of the new one, what is gone last."""
    return [*after, *(name for name in before if name not in after)]


def _to(was: object, is_now: object) -> str:
    return f"{_plain(was)} → {_plain(is_now)}"


def _plain(value: object) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        value = ", ".join(str(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str("nothing" if value in ("", None) else value)


def _differing(
    before: DataclassInstance, after: DataclassInstance, but: Iterable[str] = ()
) -> Iterator[tuple[str, object, object]]:
    """Every field in which two values differ, whatever fields there come to be: name, old and new value."""
    for each in fields(before):
        was, is_now = getattr(before, each.name), getattr(after, each.name)
        if each.name not in but and was != is_now:
            yield each.name, was, is_now
