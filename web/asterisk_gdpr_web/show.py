"""How values look on the screen: local times, lengths, numbers, and the page's words for ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import phonenumbers
from markupsafe import Markup, escape

from asterisk_gdpr.core.policy import Period
from asterisk_gdpr_web.language import language, say, say_or
from asterisk_gdpr_web.settings import services, settings


def local_day(at: datetime) -> str:
    """A day in local time: `23 Nov 2026`, `23.11.2026`."""
    there = at.astimezone(settings().zone)
    if language() == "de":
        return f"{there:%d.%m.%Y}"
    return f"{there.day} {say('months').split()[there.month - 1]} {there.year}"


def just_day(day: date) -> str:
    """A day that is local already."""
    return local_day(datetime.combine(day, time(12), settings().zone))


def short_day(day: date) -> str:
    """A day without its year: `23 Nov`, `23.11.`."""
    return f"{day:%d.%m.}" if language() == "de" else f"{day.day} {say('months').split()[day.month - 1]}"


def last_day(end: datetime) -> str:
    """The last local day of a period that is over at `end`, its first moment after."""
    return local_day(end - timedelta(microseconds=1))


def local_time(at: datetime) -> str:
    """A time of day in local time, to the minute."""
    return f"{at.astimezone(settings().zone):%H:%M}"


def length(seconds: float) -> str:
    """A length as players write it: `0:07`, `3:25`, `1:02:09`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def number(e164: str) -> str:
    """A telephone number as people read it: `+49 30 1234567`."""
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def period(span: Period) -> str:
    """A period in words: `90 days`, `1 Jahr`."""
    form = "one" if span.count == 1 else "many"
    return say(f"unit.{span.unit}.{form}", count=span.count)


def role(name: str) -> str:
    """A role in words; one that only the policy knows stays as it is written there."""
    return say_or(f"role.{name}", name)


def with_code(words: str) -> Markup:
    """Words in which commands and names stand between backticks, as they are to be typed."""
    pieces = words.split("`")
    if len(pieces) % 2 == 0:
        return escape(words)
    shown = [
        Markup("<code>{}</code>").format(piece) if n % 2 else escape(piece) for n, piece in enumerate(pieces)
    ]
    return Markup("").join(shown)


def part(name: str) -> str:
    """A part of a notice in words; its number stays beside it: `question-2` is `Question 2`."""
    kind, _, number = name.partition("-")
    return f"{say_or(f'prompt.{kind}', kind)} {number}".strip()


def in_language(title: Mapping[str, str]) -> str:
    """Words of the policy in the person's language, else in the first that it has."""
    return title.get(language()) or next(iter(title.values()), "")


def purpose(name: str) -> str:
    """What a purpose is for, in the words that callers hear; of a hold its case; else its name."""
    known = services().policy().purposes.get(name)
    if known is not None:
        return known.title.get(language()) or next(iter(known.title.values()), name)
    standing = next((hold for hold in services().register.holds() if hold.id == name), None)
    return say("review.hold", case=standing.case) if standing else name
