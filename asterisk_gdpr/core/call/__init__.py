"""The call machine: every rule of what happens to a call, without any doing.

Theory
------
`step(rules, call, event)` takes a call and something that happened and returns the call as it is
then and what must be done, in that order. It does nothing itself: no clock, no I/O, no waiting.
What is done may fail; the failure comes back as an event, and the answer to it is a rule too.

Two sides move independently and meet in `talk`:

* the *notice*: STATEMENT → QUESTION (once or more) → WAITING → CONFIRMING → PASSED, with DETAILS
  and repeats on the caller's wish, and ENDED from everywhere;
* the *capture*: NONE → PREPARING → STARTING → MUTED ⇄ OPEN → STOPPED.

Capture is opened in one place of `talk` alone, and only when the call has been passed on, somebody is
in it, everybody in it is cleared, nobody is on hold, and the recording has a purpose to live for.
Whatever is in doubt ends with the call passed on and no recording: the call never waits for us.

A prompt counts as heard only when it ended by itself. Silence therefore counts as "did not object"
only after the statement and the question were both heard; a key pressed earlier may refuse at any
time, and may agree once the statement has been heard.

Every pair of phase and event is either in `table.RULES` or in `table.IGNORED`; nothing is silently lost.

Where to find what: the values in `state`, `events` and `effects`; the rules by phase in `starts`,
`notice`, `choice`, `talk` and `end`, what they share in `moves` and `keys`; `table` says which rule
answers which event.
"""

from asterisk_gdpr.core.call.notice import MAX_ROUNDS
from asterisk_gdpr.core.call.starts import agree_anew, begin, carry_on, give_back, resume
from asterisk_gdpr.core.call.table import step

__all__ = ["MAX_ROUNDS", "agree_anew", "begin", "carry_on", "give_back", "resume", "step"]
