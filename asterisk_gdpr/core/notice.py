"""What a caller hears, built from the policy: short first, everything on request (Art. 12 and 13 GDPR).

The first layer is the statement (who records, why, for how long) and the questions (the choice with
its keys, the way to withdraw). The second layer, `details`, is everything else that can be said by voice.
The rest of the parts acknowledge a choice or confirm a withdrawal.

The wording of a language is data (`config/notices/<language>.yaml`); which sentences a line needs is
decided here, from the same `rules_of` that the call machine works by, so that voice and keys agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from asterisk_gdpr.core.call.state import KEYS, Keys, Part
from asterisk_gdpr.core.line_rules import LineRules, Question, rules_of
from asterisk_gdpr.core.plurals import Counted
from asterisk_gdpr.core.policy import Basis, Line, Period, Policy, Purpose, Receipt, Unit

FIRST_LAYER_SECONDS = 12.0
"""The most that statement and first question may last together: more is not listened to."""

KEY_FIELDS = frozenset({"receipt", "agree", "refuse", "details", "repeat", "withdraw"})

SENTENCES: Mapping[str, frozenset[str]] = {
    "record": frozenset({"controller", "purposes"}),
    "record_by_law": frozenset({"controller", "purposes"}),
    "record_if_agreed": frozenset({"controller", "purposes"}),
    "also_use": frozenset({"purposes"}),
    "also_use_if_agreed": frozenset({"purposes"}),
    "delete_after": frozenset({"period"}),
    "delete_within": frozenset({"period"}),
    "copy": frozenset(),
    "more": KEY_FIELDS,
    "ask_to_agree": KEY_FIELDS,
    "ask_to_refuse": KEY_FIELDS,
    "ask_to_refuse_use": KEY_FIELDS,
    "ask_to_agree_or_refuse": KEY_FIELDS,
    "ask_to_agree_to": KEY_FIELDS | {"purposes"},
    "ask_next": KEY_FIELDS | {"purposes"},
    "details_controller": frozenset({"controller", "contact"}),
    "details_officer": frozenset({"officer"}),
    "details_purpose": frozenset({"purposes", "basis", "period"}),
    "details_listeners": frozenset(),
    "details_free": KEY_FIELDS,
    "details_withdraw": KEY_FIELDS,
    "details_object": KEY_FIELDS,
    "details_rights": frozenset(),
    "details_authority": frozenset({"authority"}),
    "details_page": frozenset({"page"}),
    "details_repeat": KEY_FIELDS,
    "agreed": frozenset(),
    "kept_by_law": frozenset(),
    "kept_for": frozenset({"purposes"}),
    "withdrawn": frozenset(),
    "withdrawn_later": frozenset({"grace"}),
    "withdrawn_kept_by_law": frozenset(),
    "withdrawn_kept_for": frozenset({"purposes"}),
    "stopped": frozenset(),
    "joiner_question": KEY_FIELDS,
    "joiner_agreed": KEY_FIELDS,
    "joiner_refused": frozenset(),
    "receipt": frozenset(),
    "details_receipt": KEY_FIELDS,
    "privacy_code": frozenset(),
    "privacy_code_taken": frozenset(),
    "privacy_menu": frozenset({"controller"}),
    "privacy_confirm": frozenset(),
    "privacy_locked": frozenset(),
    "privacy_never": frozenset(),
    "privacy_request": frozenset(),
    "privacy_no_number": frozenset({"contact"}),
    "privacy_later": frozenset({"contact"}),
}
"""Every sentence that a language must have, and the fields that it may name in braces."""

TIMES = ("seconds", "minutes", "hours", *Unit)
"""The units of time that a language must be able to say."""

_PRIVACY = (
    Part.PRIVACY_MENU,
    Part.PRIVACY_CODE,
    Part.PRIVACY_CODE_TAKEN,
    Part.PRIVACY_CONFIRM,
    Part.PRIVACY_LOCKED,
    Part.PRIVACY_NEVER,
    Part.PRIVACY_REQUEST,
    Part.PRIVACY_NO_NUMBER,
    Part.PRIVACY_LATER,
)

_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Wording:
    """How one language says it.

    `times` maps a unit to its phrases, in the case that the sentences around a period ask for; `joins` is
    what stands between the items of a list, and before its last one; `symbols` are the spoken names of keys
    that are no digits; `bases` the legal bases.
    """

    language: str
    sentences: Mapping[str, str]
    times: Mapping[str, Counted]
    joins: tuple[str, str]
    symbols: Mapping[str, str]
    bases: Mapping[Basis, str]

    def say(self, sentence: str, **fields: str) -> str:
        """A sentence with its fields filled in."""
        return _FIELD.sub(lambda field: fields[field.group(1)], self.sentences[sentence])

    def listing(self, items: Iterable[str]) -> str:
        """Items as one phrase: `a, b and c`."""
        *first, last = items
        return f"{self.joins[0].join(first)}{self.joins[1]}{last}" if first else last

    def time(self, count: int, unit: str) -> str:
        """A length of time: `one month`, `90 days`."""
        return self.times[unit].say(count, self.language)

    def keys(self, keys: Keys) -> dict[str, str]:
        """The keys as they are spoken: `*9` is `star 9`."""
        return {
            name: " ".join(self.symbols.get(key, key) for key in getattr(keys, name)) for name in KEY_FIELDS
        }


def fields_in(template: str) -> set[str]:
    """The fields that a sentence names in braces."""
    return set(_FIELD.findall(template))


@dataclass(frozen=True)
class NoticePart:
    """One part of what callers are told, as text; `question` counts from 0, as the call machine does."""

    part: Part
    text: str
    question: int = 0

    @property
    def id(self) -> str:
        """The name of the part in files, evidence and reports."""
        return part_id(self.part, self.question)


def part_id(part: Part, question: int = 0) -> str:
    """`statement`, `question-1`, `details`, ...: people count questions from 1."""
    if part is Part.DIGIT:
        return f"{part}-{question}"
    return f"{part}-{question + 1}" if part is Part.QUESTION else str(part)


def notice(policy: Policy, line: Line, wording: Wording, keys: Keys = KEYS) -> tuple[NoticePart, ...]:
    """Everything that callers of a line can come to hear in a language, in the order of a call.

    An exempt line has no notice.
    """
    if line.exempt:
        return ()
    speaker = _Speaker(policy, line, wording, wording.keys(keys))
    rules = rules_of(policy, line)
    return (
        NoticePart(Part.STATEMENT, speaker.statement(rules)),
        *(
            NoticePart(Part.QUESTION, speaker.question(rules, number), number)
            for number in range(len(rules.questions))
        ),
        NoticePart(Part.DETAILS, speaker.details(rules)),
        *(NoticePart(part, text) for part, text in speaker.acknowledgements(rules)),
        *speaker.joiners(),
        *(NoticePart(part, text) for part, text in speaker.privacy()),
        *speaker.receipt(),
    )


@dataclass(frozen=True)
class _Speaker:
    policy: Policy
    line: Line
    wording: Wording
    keys: Mapping[str, str]

    def statement(self, rules: LineRules) -> str:
        say = self.wording.say
        opt_in = frozenset().union(*(question.opt_in for question in rules.questions))
        opt_out = frozenset().union(*(question.opt_out for question in rules.questions))
        groups = [
            ("record_by_law" if self._by_law(rules) else "record", "", rules.mandatory),
            ("record", "also_use", opt_out),
            ("record_if_agreed", "also_use_if_agreed", opt_in),
        ]
        sentences: list[str] = []
        for first, further, names in groups:
            if names and not sentences:
                sentences.append(
                    say(first, controller=self.policy.controller.name, purposes=self._titles(names))
                )
            elif names:
                sentences.append(say(further, purposes=self._titles(names)))
        sentences.append(self._deletion())
        if any(purpose.copy_on_request for purpose in self._purposes()):
            sentences.append(say("copy"))
        if not rules.questions:
            sentences.append(say("more", **self.keys))
        return " ".join(sentences)

    def question(self, rules: LineRules, number: int) -> str:
        question = rules.questions[number]
        if len(rules.questions) > 1:
            sentence = "ask_next" if number else "ask_to_agree_to"
            return self.wording.say(sentence, purposes=self._titles(question.opt_in), **self.keys)
        return self.wording.say(_asking(question, rules), **self.keys)

    def details(self, rules: LineRules) -> str:
        say, controller = self.wording.say, self.policy.controller
        sentences = [say("details_controller", controller=controller.name, contact=controller.contact)]
        if controller.officer:
            sentences.append(say("details_officer", officer=controller.officer))
        sentences += [
            say(
                "details_purpose",
                purposes=self._title(purpose),
                basis=self.wording.bases[purpose.basis],
                period=self._period(purpose.keep),
            )
            for purpose in self._purposes()
        ]
        sentences.append(say("details_listeners"))
        if rules.questions:
            sentences.append(say("details_free", **self.keys))
        if any(question.opt_in for question in rules.questions):
            sentences.append(say("details_withdraw", **self.keys))
        if any(question.opt_out for question in rules.questions):
            sentences.append(say("details_object", **self.keys))
        sentences.append(say("details_rights"))
        if controller.authority:
            sentences.append(say("details_authority", authority=controller.authority))
        if self.line.receipt is Receipt.KEY:
            sentences.append(say("details_receipt", **self.keys))
        sentences.append(say("details_page", page=_spoken_address(controller.privacy_url)))
        sentences.append(say("details_repeat", **self.keys))
        return " ".join(sentences)

    def acknowledgements(self, rules: LineRules) -> Iterable[tuple[Part, str]]:
        say = self.wording.say
        if not rules.questions:
            return
        yield Part.AGREED, say("agreed")  # where silence is enough, too: `*4` is answered
        if rules.mandatory:
            titles = self._titles(rules.mandatory)
            by_law = self._by_law(rules)
            yield Part.KEPT_BY_LAW, say("kept_by_law") if by_law else say("kept_for", purposes=titles)
            yield (
                Part.WITHDRAWN_KEPT,
                say("withdrawn_kept_by_law") if by_law else say("withdrawn_kept_for", purposes=titles),
            )
            return
        if rules.withdraw_grace:
            yield Part.WITHDRAWN_LATER, say("withdrawn_later", grace=self._grace(rules.withdraw_grace))
        else:
            yield Part.WITHDRAWN, say("withdrawn")
        yield Part.STOPPED, say("stopped")

    def joiners(self) -> Iterable[NoticePart]:
        """What who joins a talk is asked, and told of their answer, on a line that asks them."""
        if self.line.ask_joiners:
            for part in (Part.JOINER_QUESTION, Part.JOINER_AGREED, Part.JOINER_REFUSED):
                yield NoticePart(part, self.wording.say(str(part), **self.keys))

    def receipt(self) -> Iterable[NoticePart]:
        """What goes before the code of a call, and each of its digits, on a line that gives one."""
        if self.line.receipt is Receipt.NONE:
            return
        yield NoticePart(Part.RECEIPT, self.wording.say("receipt"))
        for digit in "0123456789":
            yield NoticePart(Part.DIGIT, digit, int(digit))

    def privacy(self) -> Iterable[tuple[Part, str]]:
        """What the privacy line says, on a line that speaks it."""
        if not self.line.privacy:
            return
        controller = self.policy.controller
        told = {"controller": controller.name, "contact": controller.contact}
        for part in _PRIVACY:
            wanted = SENTENCES[str(part)]
            yield part, self.wording.say(str(part), **{name: told[name] for name in wanted})

    def _purposes(self) -> list[Purpose]:
        return [self.policy.purposes[name] for name in self.line.purposes]

    def _by_law(self, rules: LineRules) -> bool:
        return all(self.policy.purposes[name].basis is Basis.LEGAL_OBLIGATION for name in rules.mandatory)

    def _title(self, purpose: Purpose) -> str:
        return purpose.title[self.wording.language]

    def _titles(self, names: frozenset[str]) -> str:
        return self.wording.listing(self._title(p) for p in self._purposes() if p.name in names)

    def _period(self, period: Period) -> str:
        return self.wording.time(period.count, period.unit)

    def _deletion(self) -> str:
        """When the audio goes: it lives as long as the last of its purposes."""
        periods = [purpose.keep for purpose in self._purposes()]
        longest = max(periods, key=lambda period: period.mean_days)
        sentence = "delete_after" if len(set(periods)) == 1 else "delete_within"
        return self.wording.say(sentence, period=self._period(longest))

    def _grace(self, seconds: int) -> str:
        """A grace rounded up to a unit that people use, so that "within" stays true."""
        for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
            if seconds >= size:
                return self.wording.time(-(-seconds // size), unit)
        return self.wording.time(seconds, "seconds")


def _asking(question: Question, rules: LineRules) -> str:
    if question.opt_in and question.opt_out:
        return "ask_to_agree_or_refuse"
    if question.opt_in:
        return "ask_to_agree"
    return "ask_to_refuse_use" if rules.mandatory else "ask_to_refuse"


def _spoken_address(url: str) -> str:
    return re.sub(r"^https?://(www\.)?", "", url).rstrip("/")
