"""A call as people see it while it goes on."""

from __future__ import annotations

from asterisk_gdpr.core.call import events
from asterisk_gdpr.core.call.now import Because, Light, Seen, seen
from asterisk_gdpr.core.call.state import Call, Capture

from .test_call import Story, talking
from .walk import CLEARED, UNCLEARED


def test_people_see_what_the_recording_does_and_why() -> None:
    """On while everybody is cleared; muted with the reason; off where there is none."""
    assert seen(Story("opt-in").call) == Seen(Light.OFF)

    story = talking("opt-in")
    assert seen(story.call) == Seen(Light.ON)
    assert seen(story.tell(events.HoldChanged(True)).call) == Seen(Light.MUTED, Because.HOLD)
    story.tell(events.HoldChanged(False), events.PartiesChanged((CLEARED, UNCLEARED)))
    assert seen(story.call) == Seen(Light.MUTED, Because.NOT_CLEARED)
    assert seen(story.tell(events.PartiesChanged(())).call) == Seen(Light.MUTED, Because.ALONE)
    story.tell(events.PartiesChanged((CLEARED,))).press("*9")
    assert seen(story.call) == Seen(Light.STOPPED, Because.WITHDRAWN)


def test_nothing_but_an_open_capture_is_shown_as_on() -> None:
    """Whatever a capture does, `on` is shown only of one that captures."""
    phase = talking("opt-in").call.phase

    assert [c for c in Capture if seen(Call(phase, capture=c)).light is Light.ON] == [Capture.OPEN]
