"""The description of lines and documents for programs."""

from __future__ import annotations

from typing import Any

from asterisk_gdpr.core.policy import Mode, Permission
from asterisk_gdpr.service.documents.documents import Form
from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web.openapi.parts import (
    NUMBER,
    PAGING,
    TEXT,
    TIME,
    YES,
    asked,
    get,
    list_of,
    null,
    one_of,
    page_of,
    post,
    thing,
    words,
)
from asterisk_gdpr_web.pages.documents import GENERAL

_LINE = words(64, 1)


def paths() -> dict[str, Any]:
    """Return them."""
    line = thing(
        line=TEXT,
        exempt=YES,
        mode=one_of(Mode),
        switched_off=YES,
        purposes=list_of(TEXT),
        permission=one_of(Permission),
        languages=list_of(TEXT),
    )
    explained = thing(
        line=TEXT,
        outcomes=list_of(TEXT),
        steps=list_of(thing(asks=TEXT, answer=TEXT, because=TEXT, outcome=null(TEXT))),
    )
    document = thing(
        document=one_of(["notice", *GENERAL]),
        line=null(TEXT),
        language=TEXT,
        version=null(TEXT),
        published=null(TEXT),
        published_at=null(TIME),
        outdated=YES,
    )
    written = get(
        Scope.READ_LINES,
        "One document, as the policy in force has it",
        TEXT,
        asked("document", one_of(["notice", *GENERAL]), needed=True),
        asked("language", needed=True),
        asked("line"),
        asked("as", one_of(Form)),
    )
    written["responses"]["200"]["content"] = {"text/markdown": {}, "text/html": {}, "application/pdf": {}}
    return {
        "/lines": {
            "get": get(
                Scope.READ_LINES,
                "Lines with their rules, as the policy in force has them",
                thing(lines=list_of(line), policy=TEXT, everything_off=YES),
            )
        },
        "/lines/explain": {
            "post": post(
                Scope.READ_LINES,
                "What would happen to a call, and why; the number is kept nowhere",
                explained,
                thing({"caller": NUMBER}, line=_LINE),
            )
        },
        "/lines/switch": {
            "post": post(
                Scope.SWITCH,
                "Switch a line off or on, or everything (`*`); the daemon follows within a second",
                thing(line=TEXT, on=YES),
                thing(line=_LINE, on=YES),
            )
        },
        "/documents": {
            "get": get(
                Scope.READ_LINES,
                "Documents, with the version that they have now and the one that is published",
                page_of("documents", document),
                *PAGING,
            )
        },
        "/documents/file": {"get": written},
    }
