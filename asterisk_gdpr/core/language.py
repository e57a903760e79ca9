"""Which of a line's languages a caller hears.

The first that is said and that the line speaks:

1. what the caller has chosen, in an IVR before us;
2. the language that the policy names for the number that was dialled;
3. the channel's language, as the dialplan or the trunk has set it;
4. the language of the country that the caller's number belongs to;
5. the line's first.

In the notice itself a key leads to the line's next language (`after`).

Asterisk gives every channel the language `en` unless it was told otherwise (`defaultlanguage` in
asterisk.conf), and does not tell the one from the other. A plain `en` is therefore taken for nobody's
choice, except on a line that would begin in English anyway; `en_GB`, or any other value, is somebody's.
Asterisk itself finds its English sounds by either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import phonenumbers

_UNSET = "en"
"""What Asterisk calls the language of a channel whose language nobody has set."""

_REGIONS = {
    "de": "AT DE LI",
    "en": "AU GB GG IE IM JE NZ US",
    "es": "AR CL CO CR DO EC ES GT HN MX NI PA SV UY VE",
    "fr": "FR GF GP MC MQ RE YT",
    "it": "IT SM VA",
    "nl": "NL",
    "pl": "PL",
    "pt": "BR PT",
}
"""Countries and territories (ISO 3166) in which one language is enough to be understood by all but few.

Countries with several official languages are left out: for Belgium, Canada, Luxembourg or Switzerland,
a country would be a guess.
"""

_LANGUAGES = {region: language for language, regions in _REGIONS.items() for region in regions.split()}


def language_of(
    offered: Sequence[str],
    *,
    chosen: str = "",
    dialled: str = "",
    channel: str = "",
    caller: str | None = None,
) -> str:
    """The language of a call, one of `offered` (a line's, at least one, in its order).

    `chosen` is what an IVR has noted, `dialled` what the policy says of the dialled number, `channel`
    Asterisk's CHANNEL(language), each empty where nothing was said; `caller` the number in E.164, None
    where there is none.
    """
    said = [_short(chosen), _short(dialled)]
    if channel != _UNSET or offered[0] == _UNSET:
        said.append(_short(channel))
    said.append(spoken_in(caller or "") or "")
    return next((language for language in said if language in offered), offered[0])


def after(offered: Sequence[str], language: str) -> str:
    """The language of a line that comes after this one, the first after the last."""
    at = offered.index(language) if language in offered else -1
    return offered[(at + 1) % len(offered)]


def spoken_in(number: str) -> str | None:
    """The language of the country that a number (E.164) belongs to; None where that would be a guess."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None
    return _LANGUAGES.get(region or "")


def _short(said: str) -> str:
    """`de` of `de_AT` and `DE`: wordings do not tell countries apart."""
    return re.split(r"[-_]", said.strip().lower(), maxsplit=1)[0]
