"""The rate of a recording, by what Asterisk calls the codecs of its channel."""

from __future__ import annotations

import pytest

from asterisk_gdpr.adapters.codecs import NARROW, WIDE, rate_of


@pytest.mark.parametrize(
    "native", ["(g722)", "(opus)", "(ulaw|opus)", "(slin16)", "(slin48)", "(silk16)", "g722"]
)
def test_what_is_wideband(native: str) -> None:
    """One wideband codec among those that a channel may speak is enough."""
    assert rate_of(native) == WIDE


@pytest.mark.parametrize(
    "native", ["(ulaw)", "(alaw|ulaw|gsm)", "(slin)", "(silk8)", "(speex)", "(g729)", "", "()"]
)
def test_what_is_narrowband(native: str) -> None:
    """All others, and what says nothing, are recorded as the telephone always was."""
    assert rate_of(native) == NARROW
