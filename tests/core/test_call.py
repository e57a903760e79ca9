"""The laws of the call machine."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from asterisk_gdpr.core.call import MAX_ROUNDS, begin, events, give_back, resume, step, table
from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call.state import Call, Capture, MuteReason, Outcome, Part, Phase, Said
from asterisk_gdpr.core.line_rules import LineRules

from .walk import AT, CLEARED, LINES, SPOKEN, TALKS, UNCLEARED, walk


class Story:
    """A call told as events; keeps the last effects and all of them."""

    def __init__(self, line: str, **rules: Any) -> None:
        self.rules: LineRules = replace(LINES[line], **rules)
        self.call, self.last = begin(self.rules)
        self.all: list[do.Effect] = [*self.last]

    def tell(self, *told: events.Event) -> Story:
        """Go on with these events, in order."""
        for event in told:
            self.call, self.last = step(self.rules, self.call, event)
            self.all += self.last
        return self

    def heard(self) -> Story:
        """The prompt that plays is heard to its end."""
        return self.tell(events.PromptEnded(self.call.playing, heard=True))

    def silence(self) -> Story:
        """The wait passes without a key."""
        return self.tell(events.WaitEnded(self.call.playing))

    def press(self, digits: str, apart: float = 0.2) -> Story:
        """Keys, so many seconds apart."""
        for n, digit in enumerate(digits):
            self.tell(events.KeyPressed(digit, AT + timedelta(seconds=n * apart)))
        return self

    def ready(self) -> Story:
        """The register, the key and MixMonitor answer well."""
        return self.tell(events.ChoiceCommitted(), events.RecordingPrepared(), events.CaptureStarted())


def talking(line: str) -> Story:
    """A call on a line whose caller agreed or did not object, with a cleared agent in it."""
    story = Story(line).heard().heard()
    if line == "opt-in":
        story.press("1").heard()
    else:
        story.silence()
    return story.ready().tell(events.PartiesChanged((CLEARED,)))


QUICK = ("opt-in", "opt-out", "shadow")


@pytest.mark.parametrize(
    "line", [line if line in QUICK else pytest.param(line, marks=pytest.mark.thorough) for line in LINES]
)
def test_every_history_obeys_the_laws_of_capture(line: str) -> None:
    """No capture without notice, choice and cleared parties; none survives; every end is named."""
    assert walk(LINES[line]) > 10


@pytest.mark.thorough
@pytest.mark.parametrize("line", SPOKEN)
def test_every_history_of_languages_and_codes_obeys_the_laws(line: str) -> None:
    """What another language proves counts for nothing; who is to hear the code hears it once, if recorded."""
    assert walk(SPOKEN[line]) > 10


def test_in_early_media_a_call_is_not_answered_for_the_notice() -> None:
    """There the notice is played to the channel as it is."""
    _, effects = begin(replace(LINES["opt-in"], early_media=True))

    assert effects == (do.TakeUp(), do.Play(1, Part.STATEMENT))


def test_in_early_media_only_a_key_proves_that_the_statement_was_heard() -> None:
    """Who agrees by key has heard it; who is silent may not have, and hears it before a later agreement."""
    agreed, silent = Story("opt-in", early_media=True), Story("opt-in", early_media=True)
    agreed.heard().heard().press("1").heard().ready()
    silent.heard().heard().silence().tell(events.ChoiceCommitted(), events.PartiesChanged((CLEARED,)))
    silent.press("*4")

    assert agreed.last == (do.PassOn(Outcome.AGREED, recording=True),)
    assert silent.call.outcome is Outcome.REFUSED
    assert silent.last == (do.Whisper(Part.STATEMENT),)


def test_in_early_media_a_key_for_one_question_proves_it_for_all() -> None:
    """Who agrees to one thing and says nothing to the next is recorded for the first."""
    story = Story("one question each", early_media=True).heard().heard().press("1").heard().silence()

    assert story.call.purposes == {"quality"}


def test_in_early_media_silence_permits_nothing() -> None:
    """Not even what it would on an answered call, where `policy check` has not refused such a line before."""
    story = Story("opt-out", early_media=True).heard().heard().silence()

    assert (story.call.outcome, story.call.purposes) == (Outcome.REFUSED, frozenset())


@pytest.mark.thorough
@pytest.mark.parametrize("talk", TALKS)
def test_every_talk_obeys_the_laws_of_capture(talk: str) -> None:
    """Whatever six things happen in a talk: keys, commands, parties, hold, sight, writes that fail."""
    line, after = TALKS[talk]
    assert walk(LINES[line], after=after, steered=True, depth=6) > 100


@pytest.mark.slow
@pytest.mark.parametrize("talk", TALKS)
def test_every_talk_to_its_end_obeys_the_laws_of_capture(talk: str) -> None:
    """The same, however much happens."""
    line, after = TALKS[talk]
    assert walk(LINES[line], after=after, steered=True) > 100


@pytest.mark.thorough
def test_the_laws_hold_when_no_more_details_are_given() -> None:
    """A caller who has asked as often as is allowed is under the same laws."""
    assert walk(LINES["opt-out"], rounds=MAX_ROUNDS) > 10


def test_every_pair_of_phase_and_event_has_a_declared_answer() -> None:
    """An event is either answered by a rule or listed as ignored, never both and never neither."""
    for pair in itertools.product(Phase, events.Event.__args__):
        assert (pair in table.RULES) != (pair in table.IGNORED), pair


def test_an_undeclared_event_is_a_bug() -> None:
    """An event that the machine does not know raises instead of being lost."""
    with pytest.raises(KeyError):
        step(LINES["opt-in"], Call(Phase.PASSED), object())  # type: ignore[arg-type]  # that is the point


def test_silence_on_an_opt_out_line_is_not_objected() -> None:
    """Who says nothing after hearing how to refuse has not objected, and has not agreed."""
    story = Story("opt-out").heard().heard().silence()

    assert story.call.outcome is Outcome.NOT_OBJECTED
    assert story.call.answers == (Said.SILENCE,)


def test_silence_on_an_opt_in_line_records_nothing() -> None:
    """Who says nothing when asked for consent has not given it."""
    story = Story("opt-in").heard().heard().silence()

    assert do.PassOn(Outcome.REFUSED, recording=False) in story.last
    assert story.call.capture is Capture.NONE


def test_an_early_refusal_is_passed_on_at_once() -> None:
    """A refusal during the statement stops the prompt and connects the call in the same step."""
    story = Story("opt-out").press("2")

    assert [type(effect) for effect in story.last] == [do.StopPlaying, do.PassOn, do.CommitChoice]


def test_an_early_agreement_counts_when_the_statement_has_been_heard() -> None:
    """Agreeing during the statement waits for its end and needs no second press."""
    story = Story("opt-in").press("1")
    assert story.last == ()

    story.heard()
    assert story.call.outcome is Outcome.AGREED
    assert do.Play(story.call.playing, Part.AGREED) in story.last


def test_an_interrupted_statement_is_no_notice() -> None:
    """A statement that failed to play leads to no recording, an alarm, and the call passed on."""
    story = Story("opt-out").tell(events.PromptEnded(1, heard=False))

    assert story.last == (do.PassOn(Outcome.UNAVAILABLE, recording=False), do.RaiseAlarm("notice-failed"))


def test_a_wrong_key_is_no_answer() -> None:
    """An unknown key, or agreeing where nothing asks for it, changes nothing."""
    story = Story("opt-out").heard().press("1").press("8").press("#")

    assert story.call.phase is Phase.QUESTION
    assert story.call.outcome is None


def test_the_end_of_a_stopped_prompt_is_not_the_end_of_the_next() -> None:
    """A prompt's end counts only for the prompt that plays now."""
    story = Story("opt-out").press("7").tell(events.PromptEnded(1, heard=True))

    assert not story.call.statement_heard


def test_details_before_the_statement_was_heard_lead_back_to_it() -> None:
    """Whoever asks for details first still hears the statement before anything is recorded."""
    story = Story("opt-out").press("5").heard()

    assert story.last == (do.Play(story.call.playing, Part.STATEMENT),)


def test_repeats_come_to_an_end() -> None:
    """After so many repeats the key means nothing any more, and the call goes on."""
    story = Story("opt-out").press("7" * (MAX_ROUNDS + 3))

    assert sum(effect == do.StopPlaying() for effect in story.all) == MAX_ROUNDS


def test_mandatory_purposes_survive_a_refusal_and_the_caller_is_told() -> None:
    """After a refusal the recording exists for the mandatory purpose alone."""
    story = Story("mandatory and opt-in").press("2").heard()

    assert story.call.purposes == {"mifid"}
    assert do.Play(story.call.playing, Part.KEPT_BY_LAW) in story.last


def test_capture_opens_only_while_everybody_is_cleared() -> None:
    """Somebody who is not cleared mutes the capture for as long as they are there."""
    story = talking("opt-out")
    assert story.last == (do.OpenCapture(),)

    assert story.tell(events.PartiesChanged((CLEARED, UNCLEARED))).last == (do.MuteCapture(),)
    assert story.tell(events.PartiesChanged((CLEARED,))).last == (do.RenewCapture(),)
    story.tell(events.StretchReady(), events.CaptureStarted())
    assert story.last == (do.OpenCapture(),)


def test_withdrawing_mutes_before_it_writes_and_writes_before_it_stops() -> None:
    """No sound is captured while a withdrawal is written, and it is written before anything else is done."""
    story = talking("opt-in").press("*9")

    ended = frozenset({"quality"})
    mute = do.MuteCapture(MuteReason.WITHDRAWN)
    commit = do.CommitWithdrawal(ended, frozenset())
    assert story.last == (mute, commit, do.KeepHearing(), do.StopCapture())
    assert story.tell(events.WithdrawalCommitted()).last == (do.Whisper(Part.WITHDRAWN), do.KeepHearing())


@pytest.mark.parametrize("heard", [True, False])
def test_a_withdrawal_before_the_talk_is_told_at_once(heard: bool) -> None:
    """A withdrawal while it rings is confirmed at once, and in the talk only if nothing carried that."""
    story = Story("opt-out").heard().heard().silence().ready().press("*9").tell(events.WithdrawalCommitted())
    assert story.last == (do.Whisper(Part.WITHDRAWN), do.KeepHearing())

    story.tell(events.WhisperEnded(Part.WITHDRAWN, heard=heard))
    again = () if heard else (do.Whisper(Part.WITHDRAWN),)
    assert story.tell(events.PartiesChanged((CLEARED,))).last == again
    story.tell(events.PartiesChanged(()))
    assert story.last == () and story.tell(events.PartiesChanged((CLEARED,))).last == ()


def test_what_silence_swallowed_is_said_again_when_it_has_ended() -> None:
    """A whisper that nothing carried, and that ended in the talk, is said there once more, and once only."""
    story = Story("opt-out").heard().heard().silence().ready().press("*9").tell(events.WithdrawalCommitted())
    assert story.tell(events.PartiesChanged((CLEARED,))).last == ()

    ended = events.WhisperEnded(Part.WITHDRAWN, heard=False)
    assert story.tell(ended).last == (do.Whisper(Part.WITHDRAWN),)
    assert story.tell(ended).last == ()


def test_withdrawing_keeps_what_the_law_demands_and_says_so() -> None:
    """Where a mandatory purpose remains, capture goes on for it and the whisper claims no more."""
    story = Story("mandatory and opt-in").heard().heard().press("1").heard().ready()
    story.tell(events.PartiesChanged((CLEARED,))).press("*9").tell(events.WithdrawalCommitted())

    assert story.last == (do.Whisper(Part.WITHDRAWN_KEPT),)
    assert story.call.capture is Capture.OPEN


def test_withdrawing_in_the_notice_is_refusing() -> None:
    """The notice names `*9` for any time, so it refuses while the notice still plays."""
    story = Story("opt-out").press("*9")

    assert story.call.outcome is Outcome.REFUSED
    assert story.call.phase is Phase.PASSED


def test_a_call_that_was_not_picked_is_passed_on_untold() -> None:
    """A line that offers recording to a share of its calls passes the others on without a word."""
    _, effects = begin(LINES["opt-in"], sampled_out=True)

    assert effects[0] == do.PassOn(Outcome.SAMPLED_OUT, recording=False)


def test_keys_too_far_apart_are_no_sequence() -> None:
    """A star and a nine that do not follow each other withdraw nothing."""
    assert talking("opt-out").press("*9", apart=4.0).call.purposes


def test_a_change_of_mind_while_confirming_counts() -> None:
    """Refusing right after agreeing is passed on as a refusal and withdrawn."""
    story = Story("opt-in").heard().heard().press("1").press("2").ready().heard()

    assert do.PassOn(Outcome.REFUSED, recording=False) in story.last
    assert do.CommitWithdrawal(frozenset({"quality"}), frozenset()) in story.last


def test_a_resumed_call_is_muted_until_its_parties_are_known() -> None:
    """After a restart capture is muted first and opens only on what is seen anew."""
    call, effects = resume(outcome=Outcome.AGREED, purposes=frozenset({"quality"}), capturing=True)
    assert effects == (do.MuteCapture(MuteReason.UNWATCHED),)

    call, effects = step(LINES["opt-in"], call, events.PartiesChanged((CLEARED,)))
    assert effects == (do.OpenCapture(),)


def test_what_was_captured_unwatched_is_silence_unless_nothing_changed() -> None:
    """A capture that was open while nobody watched counts only where it is certain that nothing changed."""
    same = talking("opt-out").tell(events.SightLost(), events.SightRegained(same=True))
    assert (same.last, same.call.capture) == ((), Capture.OPEN)

    story = talking("opt-out").tell(events.SightLost(), events.SightRegained(same=False))
    assert story.last == (do.MuteCapture(MuteReason.UNWATCHED), do.Silence(), do.OpenCapture())


def test_who_joins_while_nobody_watches_is_silence() -> None:
    """Parties that are found when somebody watches again decide what is captured from then on, not before."""
    story = talking("opt-out").tell(events.SightLost(), events.PartiesChanged((CLEARED, UNCLEARED)))
    assert story.last == (do.MuteCapture(),)

    assert story.tell(events.SightRegained(same=False)).last == (do.Silence(),)


@pytest.mark.parametrize("end", [events.HungUp(), events.MovedOn()])
def test_a_call_that_ends_unwatched_is_closed_in_doubt(end: events.Event) -> None:
    """The end of a talk that nobody watched is sealed as silence, also where it goes on at another line."""
    assert do.CloseRecording(in_doubt=True) in talking("opt-out").tell(events.SightLost(), end).last


@pytest.mark.parametrize("capturing", [True, False])
def test_who_withdrew_before_a_restart_is_heard_after_it(capturing: bool) -> None:
    """Nothing is captured any more, so their keys are told only if somebody asks for that anew."""
    for withdrawn in (True, False):
        _, effects = resume(
            outcome=Outcome.AGREED, purposes=frozenset(), capturing=capturing, withdrawn=withdrawn
        )
        assert (do.KeepHearing() in effects) == withdrawn


def test_a_no_to_everything_ends_what_would_go_on() -> None:
    """A no before the statement was heard is one to what an earlier line was granted, too; after it not."""
    granted = frozenset({"improvement"})
    early, late = Story("opt-in", carried=granted), Story("opt-in", carried=granted)
    early.press("2"), late.heard().press("2")

    assert not early.call.purposes and do.PassOn(Outcome.REFUSED, recording=False) in early.all
    assert late.call.purposes == granted


def test_a_withdrawal_reaches_earlier_lines_where_nothing_is_recorded() -> None:
    """`*9` ends what earlier lines have recorded, though this one has nothing to end."""
    story = (
        Story("opt-in").heard().press("2").tell(events.ChoiceCommitted(), events.PartiesChanged((CLEARED,)))
    )
    story.call = replace(story.call, earlier=frozenset({"disputes"}))
    story.press("*9")

    assert do.CommitWithdrawal(frozenset({"disputes"}), frozenset()) in story.all


def test_a_resumed_capture_that_was_left_open_is_in_doubt() -> None:
    """What a killed process left open is muted, and what it took meanwhile is silence."""
    _, effects = resume(
        outcome=Outcome.AGREED, purposes=frozenset({"quality"}), capturing=True, in_doubt=True
    )

    assert effects == (do.MuteCapture(MuteReason.UNWATCHED), do.Silence())


@pytest.mark.parametrize(
    ("talked", "unseen", "ending"),
    [(True, False, "ended_after_talk"), (False, False, "ended_unanswered"), (False, True, "ended_unwatched")],
)
def test_the_end_of_a_call_that_was_away_is_not_guessed(talked: bool, unseen: bool, ending: str) -> None:
    """Who ended while nobody was there has talked, or not, or nobody knows: never more than can be shown."""
    call, _ = resume(
        outcome=Outcome.AGREED, purposes=frozenset(), capturing=False, talked=talked, unseen=unseen
    )

    assert step(LINES["opt-in"], call, events.HungUp())[0].ending == ending


def test_a_resumed_call_without_a_purpose_captures_no_more() -> None:
    """What a withdrawal or an erasure has ended before a restart is stopped after it, not muted."""
    call, effects = resume(outcome=Outcome.AGREED, purposes=frozenset(), capturing=True)

    assert effects == (do.StopCapture(),)
    assert step(LINES["opt-in"], call, events.PartiesChanged((CLEARED,)))[1] == ()


@pytest.mark.parametrize(
    "made", [(), (events.RecordingPrepared(),), (events.RecordingPrepared(), events.CaptureStarted())]
)
def test_what_is_erased_before_it_is_opened_never_opens(made: tuple[events.Event, ...]) -> None:
    """A recording that is erased while the caller hears the acknowledgement is not captured any more."""
    story = Story("opt-in").heard().press("1").tell(events.ChoiceCommitted(), *made, events.ErasureOrdered())
    under_way = (events.RecordingPrepared(), events.CaptureStarted())[len(made) :][:1]
    story.tell(*under_way).heard().tell(events.PartiesChanged((CLEARED,)))

    assert do.PassOn(Outcome.AGREED, recording=False) in story.all
    assert not any(isinstance(effect, do.OpenCapture) for effect in story.all)


def test_a_call_given_back_is_not_recorded() -> None:
    """A call that a restart finds between choice and passing on goes on without a recording."""
    _, effects = give_back()

    assert effects == (do.StopCapture(), do.Abandon(), do.PassOn(Outcome.UNAVAILABLE, recording=False))


def test_an_exempt_line_that_reaches_us_is_passed_on_as_exempt() -> None:
    """A line that the dialplan does not yet know to be exempt is passed on as what it is."""
    for off in (False, True):
        _, effects = begin(LINES["opt-in"], exempt=True, switched_off=off)
        assert effects[0] == do.PassOn(Outcome.EXEMPT, recording=False)


def test_a_switched_off_line_passes_every_call() -> None:
    """Switching off reaches the next call: no notice, no recording, no delay."""
    call, effects = begin(LINES["opt-in"], switched_off=True)

    assert effects[0] == do.PassOn(Outcome.UNAVAILABLE, recording=False)
    assert replace(call, outcome=None).phase is Phase.PASSED


def test_a_hang_up_during_the_notice_is_named() -> None:
    """A caller who hangs up during the statement has neither agreed nor refused."""
    story = Story("opt-in").tell(events.HungUp())

    assert story.call.outcome is None
    assert story.call.ending == "hung_up_in_statement"


@pytest.mark.parametrize("event", [events.NodeLeaving(), events.WentWrong()])
def test_a_call_in_the_notice_is_passed_on_when_it_can_be_followed_no_more(event: events.Event) -> None:
    """A process that leaves, or a bug, in the notice stops the prompt and passes the call on unrecorded."""
    story = Story("opt-in").tell(event)

    assert story.last[:2] == (do.StopPlaying(), do.PassOn(Outcome.UNAVAILABLE, recording=False))


def test_a_process_that_leaves_mutes_what_it_cannot_watch() -> None:
    """An orderly stop in the talk mutes the capture and does not end it: the next life takes it up."""
    story = talking("opt-out").tell(events.NodeLeaving())

    assert story.last == (do.MuteCapture(MuteReason.LEAVING),)
    assert story.call.capture is Capture.MUTED


def test_a_bug_in_the_talk_ends_the_capture_and_not_the_recording() -> None:
    """After a bug nothing more is captured, somebody is told, and what was captured is sealed at the end."""
    story = talking("opt-out").tell(events.WentWrong())
    assert story.last == (do.StopCapture(), do.RaiseAlarm("call-failed"))

    assert do.CloseRecording() in story.tell(events.PartiesChanged(()), events.HungUp()).last


def test_a_bug_while_confirming_undoes_what_was_made_ready() -> None:
    """What was prepared for a call that went wrong before it was passed on is erased."""
    story = Story("opt-in").heard().heard().press("1").ready().tell(events.WentWrong())

    passing = do.PassOn(Outcome.UNAVAILABLE, recording=False)
    assert story.last == (
        do.StopPlaying(),
        passing,
        do.StopCapture(),
        do.Abandon(),
        do.RaiseAlarm("call-failed"),
    )
