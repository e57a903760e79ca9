"""For programs: who may use the page, and what a token itself is.

A program may see people and shut somebody out. It adds nobody, lets nobody in again, widens nobody's rights
and sets no password: a token that could would make itself another person's, beyond its scopes and its end.
"""

from __future__ import annotations

from typing import Any, cast

from flask import Response, g, jsonify

from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.ports import Token, User
from asterisk_gdpr_web.api.door import body, guarded, page, paged
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.pages.people import not_oneself
from asterisk_gdpr_web.settings import services


@page.get("/token")
@guarded
def token() -> Response:
    """Tell whose token this is, for what, and until when; its secret nobody can tell."""
    found, someone = cast(Token, g.token_of), person()
    return jsonify(
        {
            "token": found.id,
            "name": found.name,
            "user": found.user,
            "roles": sorted(someone.roles),
            "lines": sorted(someone.lines),
            "scopes": sorted(found.scopes),
            "made_at": to_text(found.made_at),
            "ends_at": to_text(found.ends_at),
        }
    )


@page.get("/people")
@guarded
def people() -> Response:
    """List everybody, the disabled too."""
    found, after = paged(services().accounts.users(), lambda each: each.name)
    return jsonify({"people": [_told(each) for each in found], "after": after})


@page.post("/people/shut-out")
@guarded
def shut_out() -> Response:
    """Shut somebody out, who has left the house, say; never oneself."""
    name = body()["name"]
    not_oneself(name)
    services().accounts.disable(name, person().name)
    return jsonify(_told(services().accounts.user(name)))


def _told(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "roles": sorted(user.roles),
        "lines": sorted(user.lines),
        "agent": user.agent or None,
        "created_at": to_text(user.created_at),
        "disabled_at": to_text(user.disabled_at) if user.disabled_at else None,
    }
