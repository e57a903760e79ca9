"""Keys that two interfaces tell of."""

from __future__ import annotations

from asterisk_gdpr.adapters.keys import SAME, Keys


def test_a_key_counts_once_whoever_tells_it() -> None:
    """What ARI and AMI both tell is one key, in whichever order they tell it."""
    keys = Keys()

    assert keys.is_news("AMI", "c", "*", 1.0)
    assert not keys.is_news("ARI", "c", "*", 1.01)
    assert keys.is_news("ARI", "c", "9", 1.3)
    assert not keys.is_news("AMI", "c", "9", 1.3)


def test_a_key_that_is_pressed_twice_counts_twice() -> None:
    """The same key again is another key, even before the second interface has told of the first."""
    keys = Keys()
    told = [keys.is_news(source, "c", "1", 1.0) for source in ("ARI", "ARI", "AMI", "AMI")]

    assert told == [True, True, False, False]


def test_one_interface_is_enough() -> None:
    """While one is away the other tells of every key; when it is back nothing is missing or doubled."""
    keys = Keys()

    assert all(keys.is_news("AMI", "c", digit, at) for at, digit in enumerate("*9*9"))
    assert keys.is_news("ARI", "c", "9", 3 + SAME + 0.1)


def test_keys_of_others_are_others() -> None:
    """The same key on another channel is another key."""
    keys = Keys()

    assert keys.is_news("ARI", "c", "1", 1.0)
    assert keys.is_news("AMI", "d", "1", 1.0)
