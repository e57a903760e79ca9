"""What would happen to a call, and why: the policy's answer without a call.

The steps stand in the order in which they decide; the first one that settles the call ends the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from asterisk_gdpr.core.agents import AgentStanding, cleared
from asterisk_gdpr.core.call.state import KEYS, Outcome
from asterisk_gdpr.core.caller import is_exempt_number, normalise
from asterisk_gdpr.core.internal import Treatment, treatment
from asterisk_gdpr.core.language import language_of
from asterisk_gdpr.core.lawfulness import broken, how
from asterisk_gdpr.core.line_rules import Question, rules_of
from asterisk_gdpr.core.pack import Pack, Rule
from asterisk_gdpr.core.policy import Basis, Line, Mode, Policy, Purpose


@dataclass(frozen=True)
class Decision:
    """One thing that is decided; `outcome` is set when the call is settled by it."""

    asks: str
    answer: str
    because: str
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Asked:
    """The call that is asked about; `caller` is the number as Asterisk gives it, None where there is none.

    `language` is the channel's, `en` where nobody has set it; `endpoint` is the one that calls (empty: not
    given), `agents` are those of the register of agents.
    """

    line: str
    caller: str | None = None
    language: str = "en"
    switched_off: bool = False
    default_country: str = "DE"
    endpoint: str = ""
    agents: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Explanation:
    """What would happen on a line; `outcomes` are the values that `GDPR_CHOICE` can take."""

    line: str
    outcomes: tuple[str, ...]
    steps: tuple[Decision, ...]

    @property
    def text(self) -> str:
        """For people: a paragraph a step."""
        return "\n".join(f"{step.asks} {step.answer}\n    {step.because}" for step in self.steps)


def explain(policy: Policy, pack: Pack, asked: Asked) -> Explanation:
    """What would happen to a call; `pack` holds the rules that the policy keeps.

    Raises `KeyError` for a line that the policy does not have: see `policy.lines` first.
    """
    found, treated = policy.lines[asked.line], treatment(policy, asked.line, asked.endpoint, asked.agents)
    steps: list[Decision] = []
    for step in _steps(policy, pack, found, asked, treated):
        steps.append(step)
        if step.outcome is not None:
            return Explanation(asked.line, (step.outcome,), tuple(steps))
    return Explanation(asked.line, _outcomes(policy, policy.lines[treated.line]), tuple(steps))


def _steps(policy: Policy, pack: Pack, line: Line, asked: Asked, treated: Treatment) -> Iterator[Decision]:
    yield _exempt_line(line)
    yield _exempt_number(policy, asked.caller, asked.default_country)
    if asked.endpoint:
        yield _internal(treated)
        line = policy.lines[treated.line]
    yield _switch(asked.switched_off)
    yield _approval(policy)
    yield _mode(line)
    yield _share(line)
    yield _notice(line, asked)
    if line.early_media:
        yield _early_media()
    yield from _questions(policy, line)
    yield _agents(line)
    yield from (_kept(policy.purposes[name]) for name in line.purposes)
    yield _withdrawal(policy, line)
    yield from _rules(policy, pack, line)


def _exempt_line(line: Line) -> Decision:
    if line.exempt:
        return Decision(
            "Is the line exempt?",
            "Yes: the call passes at once, unrecorded.",
            "exempt: true",
            Outcome.EXEMPT,
        )
    return Decision("Is the line exempt?", "No.", "The line has purposes.")


def _exempt_number(policy: Policy, caller: str | None, country: str) -> Decision:
    asks = "Is the number exempt?"
    if caller is None:
        return Decision(asks, "Unknown: no number was given.", "exempt_numbers")
    if is_exempt_number(caller, policy.exempt_numbers, country):
        answer = "Yes: the call passes at once, unrecorded."
        return Decision(asks, answer, "exempt_numbers names it", Outcome.EXEMPT)
    return Decision(asks, "No.", "exempt_numbers does not name it")


def _internal(treated: Treatment) -> Decision:
    asks = "Is it a call within the house?"
    if not treated.internal:
        return Decision(asks, "No.", "The endpoint is no agent's, and internal.endpoints does not name it.")
    if treated.off:
        answer = "Yes: the call passes at once, unrecorded."
        return Decision(asks, answer, "internal.line names no line", Outcome.EXEMPT)
    return Decision(asks, f"Yes: it is treated by line {treated.line}.", "internal.line, or the law")


def _switch(switched_off: bool) -> Decision:
    asks = "Is recording switched on?"
    if switched_off:
        return Decision(asks, "No: the call passes, unrecorded.", "asterisk-gdpr off", Outcome.UNAVAILABLE)
    return Decision(asks, "Yes.", "Nobody has switched it off.")


def _approval(policy: Policy) -> Decision:
    asks = "Has the controller approved the policy?"
    if policy.approval is None:
        return Decision(asks, "No: the call passes, unrecorded.", "approved is missing", Outcome.UNAVAILABLE)
    return Decision(asks, f"Yes, on {policy.approval.on}.", f"approved by {policy.approval.by}")


def _mode(line: Line) -> Decision:
    asks = "Is the line live?"
    if line.mode is Mode.LIVE:
        return Decision(asks, "Yes.", "mode: live")
    if line.mode is Mode.SHADOW:
        answer = "No: it is written down what would happen; nothing is played or recorded."
        return Decision(asks, answer, "mode: shadow", Outcome.SHADOW)
    return Decision(asks, "No: the call passes, unrecorded.", "mode: disabled", Outcome.UNAVAILABLE)


def _share(line: Line) -> Decision:
    asks = "Is this call among those that are offered to be recorded?"
    if line.share == 0:
        return Decision(asks, "No, none is: the call passes, unrecorded.", "share: 0", Outcome.SAMPLED_OUT)
    if line.share == 100:
        return Decision(asks, "Yes, every call is.", "share: 100")
    return Decision(asks, f"With a chance of {line.share} per cent.", f"share: {line.share}")


def _notice(line: Line, asked: Asked) -> Decision:
    number = normalise(asked.caller, asked.default_country)
    language = language_of(line.languages, channel=asked.language, caller=number)
    return Decision(
        "What does the caller hear?",
        f"The notice, in {language}; this line speaks {', '.join(line.languages)}.",
        "By what an IVR has asked, else the dialled number, the channel's language, the caller's country,"
        " else the line's first."
        " Nothing is recorded before its statement was heard to the end.",
    )


def _early_media() -> Decision:
    return Decision(
        "Is the call answered for it?",
        "No: it is heard in early media, and only a key that answers a question proves that it was heard.",
        "early_media: true",
    )


def _questions(policy: Policy, line: Line) -> Iterator[Decision]:
    rules = rules_of(policy, line)
    if not rules.questions:
        grounds = ", ".join(f"{name}: {_ground(policy.purposes[name])}" for name in line.purposes)
        yield Decision("Does the caller have a choice?", "No, and is told so.", grounds)
    for number, question in enumerate(rules.questions, 1):
        asks = (
            "What is the caller asked?" if len(rules.questions) == 1 else f"What is asked as number {number}?"
        )
        yield Decision(asks, _asked(question, rules.silence), _on_what(question, policy))
    if rules.questions and rules.mandatory:
        yield Decision(
            "And if the caller refuses?",
            f"It is recorded for {_names(rules.mandatory)} alone, and the caller is told so.",
            ", ".join(f"{name}: {_ground(policy.purposes[name])}" for name in sorted(rules.mandatory)),
        )


def _asked(question: Question, silence: float) -> str:
    granted = []
    if question.opt_in:
        granted.append(f"Key {KEYS.agree} agrees to {_names(question.opt_in | question.opt_out)}")
    granted.append(f"Key {KEYS.refuse} refuses all of it")
    remaining = f"grants {_names(question.opt_out)}" if question.opt_out else "grants nothing"
    granted.append(f"Silence for {silence:g} s {remaining}")
    return " ".join(f"{sentence}." for sentence in granted)


def _on_what(question: Question, policy: Policy) -> str:
    names = sorted(question.opt_in | question.opt_out)
    return ", ".join(f"{name}: {_ground(policy.purposes[name])}" for name in names)


def _ground(purpose: Purpose) -> str:
    if purpose.basis is Basis.LEGAL_OBLIGATION:
        return f"{purpose.basis} ({purpose.obligation or purpose.decision})"
    if purpose.basis is Basis.LEGITIMATE_INTERESTS:
        return f"{purpose.basis} ({purpose.assessment})"
    return f"{purpose.basis} ({purpose.decision})" if purpose.decision else str(purpose.basis)


def _agents(line: Line) -> Decision:
    standings = [str(s) for s in AgentStanding if cleared(line.permission, s).cleared]
    return Decision(
        "Who else must have permitted it?",
        f"Everyone in the call must be in the register of agents as {' or '.join(standings)};"
        " while anybody is not, nothing is captured.",
        f"permission: {line.permission}",
    )


def _kept(purpose: Purpose) -> Decision:
    return Decision(
        f"How long is it kept for {purpose.name}?",
        f"{purpose.keep} from the end of the call.",
        f"keep: {purpose.keep}; listeners: {', '.join(sorted(purpose.listeners))}",
    )


def _withdrawal(policy: Policy, line: Line) -> Decision:
    rules = rules_of(policy, line)
    asks = f"What does {KEYS.withdraw} do in the talk?"
    if not rules.questions:
        return Decision(asks, "Nothing: the recording does not rest on the caller's will.", "choice: none")
    if rules.mandatory:
        return Decision(asks, f"It ends every purpose but {_names(rules.mandatory)}.", "choice: none")
    when = f"{rules.withdraw_grace} s later" if rules.withdraw_grace else "at once"
    return Decision(
        asks,
        f"It stops the recording; the keys are destroyed {when}.",
        f"withdraw_grace: {rules.withdraw_grace} s",
    )


def _rules(policy: Policy, pack: Pack, line: Line) -> Iterator[Decision]:
    """What the country's rules ask of this line: those with a limit that touches it, then those to weigh."""
    bases = {policy.purposes[name].basis for name in line.purposes}
    breaks = broken(policy, pack)
    touching = [rule for rule in pack.rules if rule.has_limit and _touches(rule, bases)]
    for rule in (*touching, *(rule for rule in pack.rules if not rule.has_limit)):
        yield Decision(
            f"Which rule is there? {rule.id}, {how(rule, policy, breaks)}.",
            f"{rule.says}.",
            f"{rule.cites} ({rule.standing}: {rule.source})",
        )


def _touches(rule: Rule, bases: set[Basis]) -> bool:
    """A rule about bases is about lines that have one of them; any other is about every line."""
    about = {*rule.keep_at_most} | rule.decision_for
    return not about or bool(bases & about)


def _names(names: frozenset[str]) -> str:
    return " and ".join(sorted(names))


def _outcomes(policy: Policy, line: Line) -> tuple[str, ...]:
    """The values that `GDPR_CHOICE` can take where the caller is told something."""
    rules = rules_of(policy, line)
    sampled = (Outcome.SAMPLED_OUT,) if line.share < 100 else ()
    if not rules.questions:
        return (Outcome.MANDATORY, *sampled, Outcome.UNAVAILABLE)
    opt_in = any(question.opt_in for question in rules.questions)
    opt_out = any(question.opt_out for question in rules.questions)
    agreed = (Outcome.AGREED,) if opt_in else (Outcome.NOT_OBJECTED,)
    partial = (Outcome.PARTIAL,) if len(rules.questions) > 1 or (opt_in and opt_out) else ()
    return (*agreed, *partial, Outcome.REFUSED, *sampled, Outcome.UNAVAILABLE)
