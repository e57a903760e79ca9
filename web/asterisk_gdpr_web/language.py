"""In which language the page speaks, and its words: one JSON file for each language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from flask import Blueprint, g, redirect, request
from werkzeug.wrappers import Response

from asterisk_gdpr_web.settings import settings

COOKIE = "language"
page = Blueprint("language", __name__)


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the words of a language by key."""
    text = (files("asterisk_gdpr_web") / "translations" / f"{language}.json").read_text(encoding="utf-8")
    words: dict[str, str] = json.loads(text)
    return words


def choose() -> None:
    """Take the language that the person switched to, else the browser's, else the first."""
    offered = settings().languages
    wanted = request.cookies.get(COOKIE, "")
    g.language = wanted if wanted in offered else request.accept_languages.best_match(offered, offered[0])


def language() -> str:
    """Return the language of this answer."""
    chosen: str = g.get("language") or settings().languages[0]
    return chosen


def say(key: str, **values: object) -> str:
    """Return the words of a key, with `{name}` filled in; a key without words is a bug.

    Where there is one of something, the words are those of `key.one`, if there are any.
    """
    words = catalogue(language())
    one = words.get(f"{key}.one") if values.get("count") == 1 else None
    shown = {name: grouped(value) if type(value) is int else value for name, value in values.items()}
    return (one or words[key]).format(**shown)


def grouped(number: int) -> str:
    """A count as people read it: `1,204,000`, `1.204.000`."""
    text = f"{number:,}"
    return text.replace(",", ".") if language() == "de" else text


def say_or(key: str, otherwise: str) -> str:
    """Return the words of a key, or something else where the policy uses a word of its own."""
    return catalogue(language()).get(key, otherwise)


@page.post("/language")
def switch() -> Response:
    """Speak another language from now on, and go back to where the person was."""
    response = redirect(local_path(request.form.get("next", "")), 303)
    wanted = request.form.get("language", "")
    if wanted in settings().languages:
        response.set_cookie(
            COOKIE, wanted, max_age=365 * 24 * 3600, secure=settings().https, httponly=True, samesite="Strict"
        )
    return response


def local_path(path: str) -> str:
    """Return the path if it leads within this page, else the start: nobody is sent elsewhere by a link."""
    inside = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if inside else "/"
