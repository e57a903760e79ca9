"""The laws of what is asked for in a talk: pausing, stopping, agreeing after all, and new parties."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from asterisk_gdpr.core.call import agree_anew, events, resume, step
from asterisk_gdpr.core.call import effects as do
from asterisk_gdpr.core.call.keys import OF_AN_AGENT, OF_THE_CALLER
from asterisk_gdpr.core.call.state import (
    KEYS,
    Capture,
    MuteReason,
    Outcome,
    Part,
    Party,
    Result,
    Said,
    Signal,
    Verb,
    Word,
)
from asterisk_gdpr.core.policy import Permission

from .test_call import Story, talking
from .walk import AT, CLEARED, LINES

OTHER = Party("a3", cleared=True)
PAUSE, RESUME = events.Commanded(Verb.PAUSE, 7), events.Commanded(Verb.RESUME, 8)
QUALITY = frozenset({"quality"})


def refused(*, early: bool = False) -> Story:
    """A caller who refused, after the statement or before its end, talks with an agent."""
    story = Story("opt-in")
    if not early:
        story.heard()
    return story.press("2").tell(events.ChoiceCommitted(), events.PartiesChanged((CLEARED,)))


# --- pause


def test_a_pause_mutes_and_a_resume_opens() -> None:
    """Between the two nothing is captured, and the agents hear a tone for each."""
    story = talking("opt-out").tell(PAUSE)
    wait = do.EndPauseAfter(1, 120)
    signal, report = do.GiveSignal(Signal.PAUSED), do.Report(7, Result.PAUSED)
    assert story.last == (do.MuteCapture(MuteReason.PAUSED), wait, signal, report)

    story.tell(RESUME)
    signal, report = do.GiveSignal(Signal.RESUMED), do.Report(8, Result.RESUMED)
    assert story.last == (signal, do.OpenCapture(), report)


def test_a_key_pauses_and_resumes() -> None:
    """What a key asks for is whatever is not so now."""
    story = talking("opt-out").tell(events.Commanded(Verb.TOGGLE))
    assert story.call.paused

    assert not story.tell(events.Commanded(Verb.TOGGLE)).call.paused


def test_a_pause_ends_by_itself() -> None:
    """A pause that nobody ends is over after the line's seconds, and the agents hear it."""
    story = talking("opt-out").tell(PAUSE, events.PauseEnded(1))

    assert story.last == (do.GiveSignal(Signal.RESUMED), do.OpenCapture())


def test_the_end_of_an_earlier_pause_ends_no_later_one() -> None:
    """The seconds count from the latest pause."""
    assert talking("opt-out").tell(PAUSE, RESUME, PAUSE, events.PauseEnded(1)).call.paused
    assert talking("opt-out").tell(PAUSE, PAUSE, events.PauseEnded(1)).call.paused


def test_resuming_opens_for_nobody_who_is_not_cleared() -> None:
    """What else stands against capture still does when a pause ends."""
    story = talking("opt-out").tell(PAUSE, events.HoldChanged(True), RESUME)

    assert do.MuteCapture(MuteReason.HOLD) in story.last
    assert do.OpenCapture() not in story.last


def test_a_line_may_know_no_pause() -> None:
    """Where the policy gives no seconds nobody can pause."""
    story = talking("opt-out")
    story.rules = replace(story.rules, pause_limit=0)

    assert story.tell(PAUSE).last == (do.Report(7, Result.NOT_ALLOWED),)


def test_what_is_not_recorded_is_not_paused() -> None:
    """Pausing a call that is not recorded says so and changes nothing."""
    assert refused().tell(PAUSE).last == (do.Report(7, Result.NOT_RECORDED),)


def test_a_pause_goes_on_over_a_restart() -> None:
    """A call that was paused is paused in the next life of the process, for the line's seconds."""
    call, effects = resume(outcome=Outcome.AGREED, purposes=QUALITY, capturing=True, pause=90)
    assert effects == (do.MuteCapture(MuteReason.PAUSED), do.EndPauseAfter(1, 90))

    call, effects = step(LINES["opt-in"], call, events.PartiesChanged((CLEARED,)))
    assert do.OpenCapture() not in effects


@pytest.mark.parametrize("line", ["opt-in", "opt-out"])
def test_no_more_keys_are_kept_than_a_sequence_has(line: str) -> None:
    """The number of a card that a caller keys in is nowhere in what is known of the call."""
    story = talking(line).tell(PAUSE).press("4111111111111111#")

    assert len(story.call.keys) <= 2
    assert not any(isinstance(effect, do.CommitChoice) and "1111" in str(effect.keys) for effect in story.all)


# --- stop, withdraw


def test_an_agent_stops_for_a_caller_who_asks_aloud() -> None:
    """The agent's keys end and destroy what the caller has a say in, by the agent's word, at once."""
    story = talking("opt-in").tell(events.Commanded(Verb.STOP, 3))
    mute, commit = do.MuteCapture(MuteReason.WITHDRAWN), do.CommitWithdrawal(QUALITY, frozenset(), Word.AGENT)
    assert story.last == (mute, commit, do.KeepHearing(), do.StopCapture(), do.GiveSignal(Signal.STOPPED))

    story.tell(events.WithdrawalCommitted())
    assert story.last == (do.Whisper(Part.WITHDRAWN), do.KeepHearing(), do.Report(3, Result.WITHDRAWN))


@pytest.mark.parametrize("verb", [Verb.STOP, Verb.WITHDRAW])
def test_no_command_ends_what_the_law_demands(verb: Verb) -> None:
    """Stopping a recording that the law demands changes nothing, and says why."""
    story = Story("mandatory").heard().silence().ready().tell(events.PartiesChanged((CLEARED,)))

    assert story.tell(events.Commanded(verb, 3)).last == (do.Report(3, Result.KEPT_BY_LAW),)
    assert story.call.capture is Capture.OPEN


def test_whoever_asked_is_told_what_came_of_it() -> None:
    """A hold, a register that is away, a duty of the law: each has its answer."""
    asked = events.Commanded(Verb.WITHDRAW, 3)
    came = {
        "opt-in": [events.WithdrawalCommitted(held=True), events.WithdrawalNotCommitted()],
        "mandatory and opt-in": [events.WithdrawalCommitted()],
    }
    results = [
        next(effect.result for effect in talking_on(line).tell(asked, event).last if is_report(effect))
        for line, them in came.items()
        for event in them
    ]

    assert results == [Result.HELD, Result.STOPPED, Result.KEPT_BY_LAW]


def talking_on(line: str) -> Story:
    """A caller who agreed to everything talks with an agent."""
    return Story(line).heard().heard().press("1").heard().ready().tell(events.PartiesChanged((CLEARED,)))


def is_report(effect: do.Effect) -> bool:
    """Whether it tells what came of a command."""
    return isinstance(effect, do.Report)


def test_before_the_talk_nothing_can_be_asked() -> None:
    """A command to a call in its notice, or to one that is over, is answered and changes nothing."""
    for story in (Story("opt-in"), talking("opt-in").tell(events.HungUp())):
        before = story.call
        assert story.tell(PAUSE).last == (do.Report(7, Result.NOT_TALKING),)
        assert story.call == before


# --- agreeing later


def test_who_refused_may_agree_in_the_talk() -> None:
    """`*4` commits a new choice, makes a recording and opens it; the caller hears that it was heard."""
    story = refused().press("*4")
    (commit,) = story.last
    assert isinstance(commit, do.CommitChoice)
    assert (commit.outcome, commit.purposes) == (Outcome.AGREED, QUALITY)
    assert [key.digit for key in commit.keys] == ["*", "4"]

    story.tell(events.ChoiceCommitted())
    assert story.last == (do.PrepareRecording(QUALITY),)
    story.tell(events.RecordingPrepared())
    assert story.last == (do.StartCapture(),)
    story.tell(events.CaptureStarted())
    assert story.last == (do.OpenCapture(), do.Whisper(Part.AGREED))


def test_who_was_told_nothing_is_told_before_they_agree() -> None:
    """After an early refusal `*4` tells the statement, and only once it was heard `*4` agrees."""
    story = refused(early=True).press("*4")
    assert story.last == (do.Whisper(Part.STATEMENT),)
    assert story.press("*4").last == (do.Whisper(Part.STATEMENT),)

    story.tell(events.WhisperEnded(Part.STATEMENT, heard=False)).press("*4")
    assert not isinstance(story.last[0], do.CommitChoice)
    story.tell(events.WhisperEnded(Part.STATEMENT, heard=True)).press("*4")
    assert isinstance(story.last[0], do.CommitChoice)


def test_an_agreement_that_cannot_be_written_records_nothing() -> None:
    """Without the evidence, or without a key, there is no recording of a later agreement."""
    story = refused().press("*4").tell(events.ChoiceNotCommitted())
    assert (story.last, story.call.purposes) == ((do.RaiseAlarm("choice-not-committed"),), frozenset())

    story = refused().press("*4").tell(events.ChoiceCommitted(), events.RecordingNotPrepared())
    assert (story.call.capture, story.call.purposes) == (Capture.STOPPED, frozenset())


def test_agreeing_later_means_nothing_where_nothing_was_refused() -> None:
    """While it is recorded, alone, or where nothing was asked, `*4` changes nothing."""
    assert talking("opt-in").press("*4").last == ()
    assert refused().tell(events.PartiesChanged(())).press("*4").last == ()
    assert Story("shadow").tell(events.PartiesChanged((CLEARED,))).press("*4").last == ()


def test_agreeing_after_a_withdrawal_is_another_call() -> None:
    """What was withdrawn stays ended: the call goes on as another one, for the caller who presses `*4`."""
    story = talking("opt-in").press("*9").tell(events.WithdrawalCommitted()).press("*4")

    (anew,) = story.last
    assert isinstance(anew, do.AgreeAnew) and [key.digit for key in anew.keys] == ["*", "4"]
    assert not story.call.purposes

    call, effects = agree_anew(story.rules, anew.keys)
    assert effects == (do.CommitChoice(Outcome.AGREED, (Said.AGREED,), QUALITY, anew.keys),)
    call, _ = step(story.rules, call, events.PartiesChanged((CLEARED,)))
    assert step(story.rules, call, events.ChoiceCommitted())[1] == (do.PrepareRecording(QUALITY),)


def test_a_recording_for_the_law_alone_stays_one() -> None:
    """Where a mandatory purpose remains after a withdrawal, `*4` changes nothing."""
    story = Story("mandatory and opt-in").heard().heard().press("1").heard().ready()
    story.tell(events.PartiesChanged((CLEARED,))).press("*9").tell(events.WithdrawalCommitted())

    assert story.press("*4").last == ()


# --- a new party


def test_a_capture_is_started_anew_for_a_new_party() -> None:
    """When the party leaves, the capture is renewed at once, and opens for the next one without delay."""
    story = talking("opt-out").tell(events.PartiesChanged(()))
    assert story.last == (do.RenewCapture(),)
    story.tell(events.StretchReady())
    assert story.last == (do.StartCapture(),)
    assert story.tell(events.CaptureStarted()).last == ()

    assert story.tell(events.PartiesChanged((OTHER,))).last == (do.OpenCapture(),)


def test_in_early_media_the_first_party_is_a_new_one() -> None:
    """Ringing is sound there, which wears the capture: for whoever answers it is started anew."""
    story = Story("opt-in", early_media=True).heard().heard().press("1").heard().ready()
    story.tell(events.PartiesChanged(()))
    assert do.RenewCapture() not in story.all, "not while the phone still rings"

    assert story.tell(events.PartiesChanged((CLEARED,))).last == (do.RenewCapture(),)
    assert story.tell(events.StretchReady(), events.CaptureStarted()).last == (do.OpenCapture(),)


def test_a_party_that_takes_over_at_once_is_captured_by_a_fresh_capture() -> None:
    """In an attended transfer the capture is renewed as the new party enters."""
    story = talking("opt-out").tell(events.PartiesChanged((OTHER,)))
    assert story.last == (do.RenewCapture(),)

    assert story.tell(events.StretchReady(), events.CaptureStarted()).last == (do.OpenCapture(),)


def test_whoever_takes_over_next_is_captured_by_a_fresh_capture_too() -> None:
    """One who was there when a capture began anew has worn it, though nobody joined since."""
    story = talking("opt-out").tell(events.PartiesChanged((OTHER,)), events.StretchReady())
    story.tell(events.CaptureStarted())

    assert story.tell(events.PartiesChanged((CLEARED,))).last == (do.RenewCapture(),)


def test_nothing_is_started_anew_while_it_is_paused() -> None:
    """A transfer in a pause renews the capture when the pause is over, and not before."""
    story = talking("opt-out").tell(PAUSE, events.PartiesChanged(()), events.PartiesChanged((OTHER,)))
    assert do.RenewCapture() not in story.all

    assert story.tell(RESUME).last == (
        do.GiveSignal(Signal.RESUMED),
        do.RenewCapture(),
        do.Report(8, Result.RESUMED),
    )


def test_a_withdrawal_while_a_capture_is_renewed_ends_it() -> None:
    """Between two stretches `*9` ends the recording, and what starts late is stopped."""
    story = talking("opt-in").tell(events.PartiesChanged(())).press("*9")
    assert story.last == (do.CommitWithdrawal(QUALITY, frozenset()), do.KeepHearing(), do.StopCapture())
    assert story.tell(events.StretchReady()).last == ()

    story = talking("opt-in").tell(events.PartiesChanged(()), events.StretchReady()).press("*9")
    assert story.tell(events.CaptureStarted()).last == (do.StopCapture(),)


def test_a_call_that_ends_while_a_capture_is_renewed_keeps_its_recording() -> None:
    """What was captured before is closed, and never abandoned for what came too late."""
    story = talking("opt-in").tell(events.PartiesChanged(()), events.StretchReady(), events.HungUp())
    assert do.CloseRecording() in story.last

    assert story.tell(events.CaptureStarted()).last == (do.StopCapture(),)


# --- the tone


def test_both_sides_hear_that_they_are_recorded() -> None:
    """Where the line asks for it a tone sounds when capture opens, and again for as long as it is open."""
    story = talking("opt-out")
    story.rules = replace(story.rules, beep=15)
    story.tell(events.HoldChanged(True), events.HoldChanged(False))
    assert story.last == (do.OpenCapture(), do.Beep(), do.BeepAfter(1, 15))
    assert story.tell(events.BeepDue(1)).last == (do.Beep(), do.BeepAfter(2, 15))

    story.tell(events.HoldChanged(True))
    assert story.tell(events.BeepDue(2)).last == ()
    assert do.Beep() in story.tell(events.HoldChanged(False)).last


def test_no_tone_where_the_line_asks_for_none() -> None:
    """A line without `beep` has no tone."""
    assert do.Beep() not in talking("opt-out").all


# --- who joins and is not known


STRANGER = Party("a4", cleared=False, why="unidentified")


def informed(permission: Permission) -> Story:
    """A talk on a line that tells whoever joins."""
    story = talking("opt-out")
    story.rules = replace(story.rules, tell_joiners=True, permission=permission)
    return story


def test_a_stranger_who_joins_is_told_and_then_captured() -> None:
    """Under `all_informed` who joins unknown hears the statement, and is captured once it was heard."""
    story = informed(Permission.ALL_INFORMED).tell(events.PartiesChanged((CLEARED, STRANGER)))
    assert story.last == (do.MuteCapture(), do.TellParty("a4"))
    assert story.tell(events.PartyTold("a4", heard=False)).last == ()

    story.tell(events.PartyTold("a4", heard=True))
    assert story.last == (do.RenewCapture(),)
    assert story.tell(events.StretchReady(), events.CaptureStarted()).last == (do.OpenCapture(),)


def test_hearing_is_not_agreeing() -> None:
    """Where consent is needed a stranger is told, and the capture stays muted."""
    story = informed(Permission.ALL_CONSENT).tell(events.PartiesChanged((CLEARED, STRANGER)))
    assert do.TellParty("a4") in story.last

    assert story.tell(events.PartyTold("a4", heard=True)).last == ()
    assert story.call.capture is Capture.MUTED


def test_who_was_told_is_not_told_again() -> None:
    """Somebody who goes and comes back on the same channel has heard it."""
    story = informed(Permission.ALL_INFORMED).tell(events.PartiesChanged((CLEARED, STRANGER)))
    story.tell(events.PartyTold("a4", heard=True), events.PartiesChanged((CLEARED,)))

    assert do.TellParty("a4") not in story.tell(events.PartiesChanged((CLEARED, STRANGER))).last


def asked() -> Story:
    """A talk on a line that asks whoever joins, and somebody who is new in it."""
    story = talking("opt-out")
    story.rules = replace(story.rules, ask_joiners=True)
    return story.tell(events.PartiesChanged((CLEARED, STRANGER)))


def party_presses(digit: str) -> events.PartyPressed:
    """A key of the stranger."""
    return events.PartyPressed("a4", digit)


HEARD = events.PartyTold("a4", heard=True)


def test_who_joins_is_asked_and_captured_once_they_agree() -> None:
    """They hear the statement and the question, alone; their key clears them, and nothing before it does."""
    story = asked()
    assert story.last == (do.MuteCapture(), do.TellParty("a4"))
    assert story.tell(party_presses("1")).last == (), "before the statement was heard a yes means nothing"
    assert story.tell(HEARD).last == (do.WhisperToParty("a4", Part.JOINER_QUESTION),)

    assert story.tell(party_presses("1")).last == (
        do.RenewCapture(),
        do.WhisperToParty("a4", Part.JOINER_AGREED),
    )
    assert story.tell(events.StretchReady(), events.CaptureStarted()).last == (do.OpenCapture(),)
    assert story.call.parties[1].why == "agreed"


def test_who_joins_and_refuses_is_told_that_nothing_is_recorded() -> None:
    """A no keeps the capture muted while they are there, and is final for this call."""
    story = asked().tell(HEARD, party_presses("2"))
    assert story.last == (do.WhisperToParty("a4", Part.JOINER_REFUSED),)

    assert story.tell(party_presses("1")).last == ()
    assert story.call.capture is Capture.MUTED
    assert do.RenewCapture() in story.tell(events.PartiesChanged((CLEARED,))).last


def test_who_refuses_while_the_statement_is_told_hears_so_after_it() -> None:
    """An early no counts at once, and is confirmed when it can be understood."""
    story = asked().tell(party_presses("2"))
    assert story.last == ()

    assert story.tell(HEARD).last == (do.WhisperToParty("a4", Part.JOINER_REFUSED),)


def test_who_agreed_withdraws_like_a_caller() -> None:
    """`*9` of a party who agreed mutes for as long as they are there; other keys of theirs change nothing."""
    story = asked().tell(HEARD, party_presses("1"), events.StretchReady(), events.CaptureStarted())
    assert story.tell(party_presses("2"), party_presses("*"), party_presses("2")).last == ()

    story.tell(party_presses("*"), party_presses("9"))
    assert story.last == (do.MuteCapture(), do.WhisperToParty("a4", Part.JOINER_REFUSED))


def test_no_key_of_anybody_else_answers_for_who_is_asked() -> None:
    """The key of another party, or of one who was not asked, clears nobody."""
    story = asked().tell(HEARD, events.PartyPressed("a5", "1"))

    assert story.last == () and not story.call.agreed


def test_whatever_a_party_presses_and_hears_nothing_opens_without_their_word() -> None:
    """In every order of keys, joins and leaves: open with them there means a yes after the statement."""
    happenings = (
        *map(party_presses, "129*"),
        HEARD,
        events.PartiesChanged((CLEARED,)),
        events.PartiesChanged((CLEARED, STRANGER)),
        events.StretchReady(),
        events.CaptureStarted(),
    )
    for order in itertools.product(happenings, repeat=4):
        story = asked()
        heard = agreed = declined = False
        starred = False
        for event in order:
            if story.call.capture is not Capture.STARTING and isinstance(event, events.CaptureStarted):
                continue
            story.tell(event)
            heard = heard or event == HEARD
            withdraws = starred and event == party_presses("9") and agreed
            declined = declined or (event == party_presses("2") and not agreed) or withdraws
            agreed = agreed or (event == party_presses("1") and heard and not declined)
            starred = event == party_presses("*")
            there = any(party.channel == "a4" for party in story.call.parties)
            if story.call.capture is Capture.OPEN and there:
                assert agreed and not declined, order


def test_nobody_is_told_where_the_line_does_not_say_so() -> None:
    """Without `tell_joiners` a stranger mutes, and hears nothing."""
    assert talking("opt-out").tell(events.PartiesChanged((CLEARED, STRANGER))).last == (do.MuteCapture(),)


# --- keys


def test_no_sequence_begins_another() -> None:
    """Each sequence is known by its last key, whatever was pressed before."""
    for keys in (OF_THE_CALLER, OF_AN_AGENT):
        assert not any(one != other and other.startswith(one) for one in keys for other in keys)
    assert KEYS.stop not in OF_THE_CALLER


def test_a_sequence_must_not_linger() -> None:
    """A star and a four that do not follow each other are no agreement."""
    story = refused().tell(events.KeyPressed("*", AT), events.KeyPressed("4", AT + timedelta(seconds=4)))

    assert story.last == ()
