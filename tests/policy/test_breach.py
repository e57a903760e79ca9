"""What a breach opened, and the clock that it starts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import chain, combinations

import pytest

from asterisk_gdpr.core.breach import Exposed, Readable, due, reach

E = Exposed
YES, NO, GUESSED = Readable.YES, Readable.NO, Readable.IF_GUESSED


@pytest.mark.parametrize(
    ("exposed", "audio", "numbers"),
    [
        ({E.CONTAINERS}, NO, NO),
        ({E.REGISTER}, NO, NO),
        ({E.PRIVATE_KEY}, NO, NO),
        ({E.CONTAINERS, E.REGISTER}, NO, NO),
        ({E.CONTAINERS, E.PRIVATE_KEY}, NO, NO),
        ({E.REGISTER, E.PRIVATE_KEY}, NO, YES),
        ({E.CONTAINERS, E.REGISTER, E.KEY_FILE}, GUESSED, GUESSED),
        ({E.CONTAINERS, E.REGISTER, E.PRIVATE_KEY}, YES, YES),
        ({E.REGISTER, E.INDEX_KEY}, NO, Readable.ONE_BY_ONE),
        ({E.CONTAINERS, E.REGISTER, E.KEY_FILE, E.INDEX_KEY, E.SIGNING_KEY}, GUESSED, GUESSED),
    ],
)
def test_audio_takes_all_three(exposed: set[Exposed], audio: Readable, numbers: Readable) -> None:
    """Audio opens only with container, register and private key together; a number with the last two."""
    told = reach(exposed)

    assert (told.audio, told.numbers) == (audio, numbers)


def test_more_exposure_never_opens_less() -> None:
    """Whatever comes to what was exposed, nothing of it becomes less readable."""
    order = [Readable.NO, Readable.ONE_BY_ONE, Readable.IF_GUESSED, Readable.YES]
    every = [set(some) for some in chain.from_iterable(combinations(Exposed, n) for n in range(4))]
    for some in every:
        for more in Exposed:
            less, greater = reach(some), reach(some | {more})
            assert order.index(greater.audio) >= order.index(less.audio)
            if Exposed.INDEX_KEY not in some | {more}:
                assert order.index(greater.numbers) >= order.index(less.numbers)
            assert less.unintelligible or not greater.unintelligible


def test_what_is_unintelligible_is_so_in_every_part() -> None:
    """Only containers and keys that do not suffice count as unintelligible (Art. 34(3)(a))."""
    assert reach({E.CONTAINERS}).unintelligible
    assert reach({E.CONTAINERS, E.KEY_FILE}).unintelligible
    for plain in (E.REGISTER, E.SPOOL, E.EXPORTS):
        assert not reach({E.CONTAINERS, plain}).unintelligible


def test_every_kind_of_breach_is_named() -> None:
    """Confidentiality, integrity and availability each count as a breach."""
    for exposed, kinds in (
        ({E.CONTAINERS}, (True, False, False)),
        ({E.CHANGED}, (False, True, False)),
        ({E.SIGNING_KEY}, (True, True, False)),
        ({E.LOST}, (False, False, True)),
    ):
        told = reach(exposed)
        assert (told.confidentiality, told.integrity, told.availability) == kinds


def test_the_clock_runs_for_72_hours() -> None:
    """The authority must be told within 72 hours, weekends and changes of clocks included."""
    noticed = datetime(2026, 3, 27, 12, tzinfo=UTC)

    assert due(noticed) - noticed == timedelta(hours=72)
