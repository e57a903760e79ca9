"""The call machine as Mermaid diagrams, found by walking every history that a call can have.

    python -m tools.call_diagram

prints what stands between the markers of docs/design.md; a test compares the two.
What can happen next is what `tests/core/walk.py` says can happen, so an arrow here is one that a call
can take, and an arrow that is missing is one that none can.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from asterisk_gdpr.core.call import begin, events, give_back, resume
from asterisk_gdpr.core.call.state import Call, Capture, Outcome, Phase
from asterisk_gdpr.core.line_rules import LineRules
from tests.core.walk import LINES, TALKS, World, follow, happenings, take

Arrow = tuple[str, str]
Arrows = dict[Arrow, set[str]]


def diagrams() -> str:
    """Both diagrams as Markdown: the phases of a call, then its capture."""
    phases, captures = _arrows()
    for name, (call, _) in _restarts().items():
        phases["[*]", call.phase].add(name)
        captures["[*]", call.capture].add(name)
    phases[Phase.ENDED, "[*]"].add("")
    captures["[*]", Capture.NONE].add("begin")
    return "\n\n".join((_mermaid(phases, Phase), _mermaid(captures, Capture)))


def _restarts() -> dict[str, tuple[Call, object]]:
    """What a restart takes up: these calls did not begin here."""
    return {
        "resume": resume(outcome=Outcome.AGREED, purposes=frozenset({"quality"}), capturing=True),
        "give_back": give_back(),
    }


def _arrows() -> tuple[Arrows, Arrows]:
    """Every change of phase and of capture, with the events that bring it about."""
    phases: Arrows = defaultdict(set)
    captures: Arrows = defaultdict(set)
    for line in LINES.values():
        phases["[*]", begin(line)[0].phase].add("begin")
        steps = _steps(line, follow(line, ()))
        talks = (_steps(line, follow(line, past), 6) for of, past in TALKS.values() if LINES[of] is line)
        for before, event, after in chain(steps, *talks):
            if before.phase is not after.phase:
                phases[before.phase, after.phase].add(_name(event))
            if before.capture is not after.capture:
                captures[before.capture, after.capture].add(_name(event))
    return phases, captures


def _steps(
    line: LineRules, start: tuple[Call, World], steered: int = 0
) -> Iterator[tuple[Call, events.Event, Call]]:
    """Every step of every history from there on, each situation walked on from once.

    `steered` is of how many events the histories are in which people steer the recording.
    """
    seen, frontier, left = {_essence(*start)}, [start], steered
    while frontier and (left or not steered):
        here, frontier, left = frontier, [], left - 1
        for call, world in here:
            for event in happenings(call, world, steered=bool(steered)):
                reached = take(line, call, world, event)
                yield call, event, reached[0]
                if isinstance(event, events.NodeLeaving):
                    continue  # who has left acts no more
                if (essence := _essence(*reached)) not in seen:
                    seen.add(essence)
                    frontier.append(reached)


def _essence(call: Call, world: World) -> tuple[Call, World]:
    """What makes two situations one here: whatever leads to the same phases and captures from there on."""
    keys = call.keys[-1:] if call.keys and call.keys[-1].digit == "*" else ()
    drawn = replace(call, playing=1, rounds=0, keys=keys, talked=False, untold=None, withdrawn=False)
    if call.phase in (Phase.PASSED, Phase.ENDED):
        drawn = replace(drawn, answers=(), outcome=None, ending=None, statement_heard=False)
        world = world._replace(statement_heard=False)
    return drawn, world._replace(agreed=False)


def _name(event: events.Event) -> str:
    """The event, and for a prompt whether it was heard."""
    name = type(event).__name__
    if isinstance(event, events.PromptEnded):
        return f"{name} (heard)" if event.heard else f"{name} (not heard)"
    return name


def _mermaid(arrows: Arrows, order: type[Phase] | type[Capture]) -> str:
    """One diagram, its arrows in the order in which the machine names its states."""
    places = ["[*]", *order]

    def place(arrow: Arrow) -> tuple[int, int]:
        return places.index(arrow[0]), places.index(arrow[1])

    lines = ["```mermaid", "stateDiagram-v2"]
    for source, target in sorted(arrows, key=place):
        events = ", ".join(sorted(name for name in arrows[source, target] if name))
        lines.append(f"    {source} --> {target}" + (f" : {events}" if events else ""))
    return "\n".join([*lines, "```"])


if __name__ == "__main__":
    print(diagrams())
