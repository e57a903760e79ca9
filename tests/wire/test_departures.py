"""Why a channel leaves our hands: what is waited for, and what is not."""

from __future__ import annotations

from asterisk_gdpr.adapters.departures import Departures


def test_who_is_passed_on_has_left_by_our_doing() -> None:
    """Only what the dialplan took by itself waits for its reason; once told it is told no more."""
    departures = Departures()
    departures.passing("one")

    assert departures.left("one") and not departures.left("two")
    assert departures.was_taken("two") and not departures.was_taken("two")
    assert not departures.was_taken("one") and len(departures) == 0


def test_a_prompt_fails_by_itself_or_with_its_channel() -> None:
    """A prompt whose channel was taken, has ended, or that another followed, is no failure of the prompt."""
    departures = Departures()
    for channel in ("stays", "taken", "gone", "next"):
        departures.failed(channel, f"{channel}-1")
    departures.left("taken")
    departures.gone("gone")
    departures.failed("next", "next-2")

    assert departures.has_failed("stays", "stays-1")
    for channel in ("stays", "taken", "gone", "next"):
        assert not departures.has_failed(channel, f"{channel}-1")
    assert departures.has_failed("next", "next-2")


def test_nothing_is_held_of_a_channel_that_has_ended() -> None:
    """Memory holds the channels that live."""
    departures = Departures()
    departures.passing("one")
    departures.failed("one", "one-1")
    departures.left("two")
    for channel in ("one", "two"):
        departures.gone(channel)

    assert len(departures) == 0
