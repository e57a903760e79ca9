"""Which language a caller hears."""

from __future__ import annotations

import pytest

from asterisk_gdpr.core.language import after, language_of, spoken_in

ALL = ("de", "en", "es", "fr", "it", "nl", "pl", "pt")


def test_a_choice_beats_everything() -> None:
    """What the caller has chosen in an IVR is spoken, whatever channel and number say."""
    assert language_of(ALL, chosen="en", channel="pl", caller="+33612345678") == "en"


def test_the_dialled_number_beats_the_channel() -> None:
    """What the policy says of the number that was dialled is spoken, unless the caller chose otherwise."""
    assert language_of(ALL, dialled="it", channel="pl", caller="+33612345678") == "it"
    assert language_of(ALL, chosen="en", dialled="it") == "en"


def test_the_next_language_of_a_line() -> None:
    """Each in the line's order, the first again after the last."""
    assert [after(("de", "en", "fr"), spoken) for spoken in ("de", "en", "fr", "xx")] == [
        "en",
        "fr",
        "de",
        "de",
    ]


def test_the_channel_beats_the_country() -> None:
    """A language that the dialplan has set is spoken, whatever the number says."""
    assert language_of(ALL, channel="pl", caller="+33612345678") == "pl"


def test_the_country_beats_the_line() -> None:
    """Where nobody has said anything, the caller's country does."""
    assert language_of(ALL, caller="+33612345678") == "fr"
    assert language_of(ALL) == "de"


def test_what_asterisk_says_of_itself_is_no_choice() -> None:
    """A plain `en` of the channel decides only on a line that would begin in English anyway."""
    assert language_of(ALL, channel="en", caller="+33612345678") == "fr"
    assert language_of(ALL, channel="en") == "de"
    assert language_of(("en", "fr"), channel="en", caller="+33612345678") == "en"


@pytest.mark.parametrize("said", ["en_GB", "en-us", "EN_gb"])
def test_english_with_its_country_is_a_choice(said: str) -> None:
    """Whoever sets `en_GB` means it."""
    assert language_of(ALL, channel=said, caller="+33612345678") == "en"


def test_a_plain_en_that_was_chosen_counts() -> None:
    """An IVR's choice of English is one, however it is written."""
    assert language_of(ALL, chosen="en", channel="en", caller="+33612345678") == "en"


@pytest.mark.parametrize("said", ["de", "DE", "de_AT", "de-CH", "de_AT_female"])
def test_a_language_is_known_in_all_its_notations(said: str) -> None:
    """Case, country and variant do not matter."""
    assert language_of(("en", "de"), chosen=said) == "de"
    assert language_of(("en", "de"), channel=said) == "de"


def test_only_what_the_line_offers_is_spoken() -> None:
    """A language that the line does not speak is passed over, at every step."""
    assert language_of(("en", "fr"), chosen="pl", channel="it", caller="+33612345678") == "fr"
    assert language_of(("en", "fr"), chosen="pl", channel="it", caller="+48512345678") == "en"
    assert language_of(("nl",), chosen="", channel="", caller=None) == "nl"


@pytest.mark.parametrize("said", ["", " ", "_", "-", "x", "english", "e\x00n", "日本"])
def test_nonsense_says_nothing(said: str) -> None:
    """Whatever a channel carries, the answer is a language of the line."""
    assert language_of(("fr", "de"), chosen=said, channel=said) == "fr"


@pytest.mark.parametrize(
    ("number", "language"),
    [
        ("+4930123456", "de"),
        ("+43123456789", "de"),
        ("+442071838750", "en"),
        ("+35316798000", "en"),
        ("+12025550123", "en"),
        ("+18092345678", "es"),
        ("+33612345678", "fr"),
        ("+34612345678", "es"),
        ("+525512345678", "es"),
        ("+390612345678", "it"),
        ("+31201234567", "nl"),
        ("+48512345678", "pl"),
        ("+351912345678", "pt"),
        ("+5511912345678", "pt"),
    ],
)
def test_a_country_with_one_language_speaks_it(number: str, language: str) -> None:
    """The country of a number decides where it has one language."""
    assert spoken_in(number) == language


@pytest.mark.parametrize(
    "number",
    [
        "+41441234567",  # Switzerland
        "+3221234567",  # Belgium
        "+352621123456",  # Luxembourg
        "+14165550123",  # Canada, beside the United States under +1
        "+883510001234",  # a network of no country
        "+80012345678",  # a service of no country
        "+999",
        "+",
        "",
        "nonsense",
    ],
)
def test_where_it_would_be_a_guess_nothing_is_said(number: str) -> None:
    """Countries with several languages, no country and no number say nothing."""
    assert spoken_in(number) is None
