"""What every template may use."""

from __future__ import annotations

from flask import current_app, request

from asterisk_gdpr_web import following, guard, headers, language, menu, phrases, show
from asterisk_gdpr_web.pages import look
from asterisk_gdpr_web.pages.review import current
from asterisk_gdpr_web.settings import services, settings

FILTERS = {
    "local_day": show.local_day,
    "local_time": show.local_time,
    "last_day": show.last_day,
    "just_day": show.just_day,
    "short_day": show.short_day,
    "seen": following.seen,
    "grouped": language.grouped,
    "length_of": show.length,
    "number": show.number,
    "period": show.period,
    "role": show.role,
    "purpose": show.purpose,
    "part": show.part,
    "with_code": show.with_code,
    "in_language": show.in_language,
    "in_words": phrases.in_words,
    "hint_in_words": phrases.hint_in_words,
    "alarm_in_words": phrases.alarm_in_words,
}


def here() -> str:
    """Return the address of the page that is shown; after a form was sent, of the page that it stands on."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    pages, path = current_app.url_map.bind(""), request.path
    while path and not pages.test(path, "GET"):
        path = path.rpartition("/")[0]
    return path or "/"


def common() -> dict[str, object]:
    """Return the names that are the same on every page."""
    return {
        "say": language.say,
        "say_or": language.say_or,
        "language": language.language(),
        "languages": settings().languages,
        "person": guard.person_or_none(),
        "deals_with": guard.deals_with,
        "may": lambda right: guard.may(guard.Right(right)),
        "unlocked": services().keeper.unlocked,
        "review": current(),
        "menu": menu.entries,
        "nonce": headers.nonce,
        "provider": settings().provider,
        "look": look.chosen(),
        "here": here(),
    }
