"""What a line of the policy asks of the call machine: the questions in order, and what must be so.

A policy says why and by whose permission (`core.policy`); this is what follows for one call.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from asterisk_gdpr.core.policy import Ask, Asking, Line, Mode, Others, Permission, Policy, Receipt, Withheld


@dataclass(frozen=True)
class Question:
    """What the caller is asked once: agreeing grants all of it, refusing none, silence the opt-outs.

    `carried` are purposes that were granted on an earlier line of the same call and are named again;
    `place` is where the question stands among those of the line's notice.
    """

    opt_in: frozenset[str] = frozenset()
    opt_out: frozenset[str] = frozenset()
    carried: frozenset[str] = frozenset()
    place: int = 0

    @property
    def names(self) -> frozenset[str]:
        """Every purpose that it names."""
        return self.opt_in | self.opt_out | self.carried


@dataclass(frozen=True)
class LineRules:
    """What the call machine needs of a policy for one line: what is asked, and what must be so.

    Of a call that came by another line before (`core.entry`): `carried` are the purposes that go on without
    being asked for, `barred` those that are not asked for any more; `silent_before` says that some of them
    were granted by not being refused.
    """

    line: str
    mode: Mode
    permission: Permission
    questions: tuple[Question, ...]
    mandatory: frozenset[str]
    silence: float
    withdraw_grace: int
    share: int = 100
    pause_limit: int = 120
    withheld: Withheld = Withheld.ASK
    receipt: Receipt = Receipt.NONE
    multilingual: bool = False
    beep: int = 0
    tell_joiners: bool = False
    ask_joiners: bool = False
    carried: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()
    silent_before: bool = False
    other_recorders: Others = Others.TELL
    early_media: bool = False

    @property
    def optional(self) -> frozenset[str]:
        """Every purpose that the caller has a say in."""
        return (self.carried - self.mandatory).union(*(question.names for question in self.questions))


def rules_of(policy: Policy, line: Line) -> LineRules:
    """What the machine must do on a line: questions in order, opt-outs in the first of them."""
    purposes = [policy.purposes[name] for name in line.purposes]
    opt_in = [p.name for p in purposes if p.choice is Asking.OPT_IN]
    opt_out = frozenset(p.name for p in purposes if p.choice is Asking.OPT_OUT)
    groups = [frozenset({name}) for name in opt_in] if line.ask is Ask.EACH else [frozenset(opt_in)]
    questions = [Question(opt_in=group) for group in groups if group]
    if opt_out:
        first = questions[0] if questions else Question()
        questions[:1] = [Question(first.opt_in, opt_out)]
    questions = [replace(question, place=place) for place, question in enumerate(questions)]
    return LineRules(
        line=line.name,
        mode=line.mode,
        permission=line.permission,
        questions=tuple(questions),
        mandatory=frozenset(p.name for p in purposes if p.choice is Asking.NONE),
        silence=line.silence,
        withdraw_grace=line.withdraw_grace,
        share=line.share,
        pause_limit=line.pause_limit,
        withheld=line.withheld,
        receipt=line.receipt,
        multilingual=len(line.languages) > 1,
        beep=line.beep,
        tell_joiners=line.tell_joiners,
        ask_joiners=line.ask_joiners,
        other_recorders=line.other_recorders,
        early_media=line.early_media,
    )
