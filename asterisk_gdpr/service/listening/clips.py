"""Sharing a span of a recording with a named coach, inside the page, until an end.

A clip opens nothing that its coach might not hear anyway: both must be listeners of the purpose that it is
shared under, asked anew at each listening. It leads them to the moment, without a search and a declaration
of their own, and each listening is in the ledger as one of the coach's, for training.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from asterisk_gdpr.core.clip import Clip
from asterisk_gdpr.core.recording import Occasion
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import ClipBook, Clock, RecordingBook, User, UserBook
from asterisk_gdpr.service.ids import new_id
from asterisk_gdpr.service.listening.playback import Listener, Listening, Review
from asterisk_gdpr.service.listening.sound import Excerpt

LONGEST = timedelta(days=30)


class Book(ClipBook, RecordingBook, UserBook, Protocol):
    """What clips need of the register."""


class Clips:
    """Shares, opens and ends clips."""

    def __init__(self, register: Book, listening: Listening, clock: Clock) -> None:
        self._register = register
        self._listening = listening
        self._clock = clock

    def share(
        self,
        recording: str,
        span: tuple[int, int],
        purpose: str,
        by: Listener,
        coach: str,
        lasting: timedelta,
    ) -> Clip:
        """Share a span, in milliseconds; raises Refused.

        Its ids: `no-moment`, `no-end`, `no-such-user`, and those of listening, for either of the two.
        """
        review = Review(purpose, Occasion.TRAINING)
        found = self._listening.check(recording, by, review).recording
        at_ms, until_ms = span
        if not 0 <= at_ms < until_ms <= 1000 * found.frames // found.rate + 1000:
            raise Refused("This is no span of the recording.", id="no-moment")
        if not timedelta(0) < lasting <= LONGEST:
            raise Refused(f"A clip ends after 1 to {LONGEST.days} days.", id="no-end")
        user = self._register.user(coach)
        if user is None or user.disabled_at is not None or user.name == by.name:
            raise Refused("There is nobody of this name to share with.", id="no-such-user")
        self._listening.check(recording, _as_listener(user), review)
        now = self._clock.now()
        clip = Clip(new_id("l"), recording, at_ms, until_ms, purpose, by.name, user.name, now, now + lasting)
        self._register.add_clip(clip)
        return clip

    def open(self, id: str, listener: Listener) -> Excerpt:
        """The clip's sound, for its coach or its sharer, after the ledger has the listening.

        Raises Refused `unknown-clip` for anybody else and after its end, and as a listening does.
        """
        clip = self._register.clip(id)
        if listener.name not in (clip.coach, clip.user) or not clip.lives(self._clock.now()):
            raise Refused(f"There is no clip {id}.", id="unknown-clip")
        sound = self._listening.open(clip.recording, listener, Review(clip.purpose, Occasion.TRAINING))
        rate = self._register.recording(clip.recording).rate
        return Excerpt(sound, rate, clip.at_ms * rate // 1000, clip.until_ms * rate // 1000)


def _as_listener(user: User) -> Listener:
    return Listener(user.name, user.roles, "", user.lines)
