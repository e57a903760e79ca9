"""How many samples a second a channel speaks, by the names that Asterisk gives to its codecs."""

from __future__ import annotations

NARROW, WIDE = 8000, 16000
"""The two rates of legs, in Hz; what is sampled faster is recorded at the second."""

_WIDEBAND = ("g722", "opus", "siren7", "siren14", "g719", "speex16", "speex32", "silk12", "silk16", "silk24")
"""Beside those whose name says it: `slin` at 12 kHz and more (Asterisk 22, main/codec_builtin.c)."""


def rate_of(native: str) -> int:
    """The rate of legs for a channel whose `CHANNEL(audionativeformat)` is so, as `(g722|ulaw)`.

    One wideband codec among several counts: the channel may come to speak it.
    """
    names = native.strip("() ").split("|")
    return WIDE if any(_is_wideband(name.strip()) for name in names) else NARROW


def _is_wideband(name: str) -> bool:
    """`silk` and `speex` come in several rates; `slin` alone is 8 kHz, `slin16` and up are not."""
    return name in _WIDEBAND or (name.startswith("slin") and name != "slin")
