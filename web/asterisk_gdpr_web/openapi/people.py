"""The description of agents, of the people of the page, and of a token's own facts, for programs."""

from __future__ import annotations

from typing import Any

from asterisk_gdpr.core.agents import AgentStanding
from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web.openapi.parts import (
    PAGING,
    SEALED_FOR,
    TEXT,
    TIME,
    YES,
    age_file,
    get,
    id_in_path,
    list_of,
    null,
    one_of,
    page_of,
    post,
    thing,
    words,
)

_AGENT = id_in_path("agent")
_VERSION = {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$"}


def paths() -> dict[str, Any]:
    """Return them."""
    agent = thing(
        agent=TEXT,
        endpoint=TEXT,
        standing=one_of(AgentStanding),
        version=TEXT,
        at=TIME,
        withdrawn_at=null(TIME),
        user=null(TEXT),
    )
    person = thing(
        name=TEXT,
        roles=list_of(TEXT),
        lines=list_of(TEXT),
        agent=null(TEXT),
        created_at=TIME,
        disabled_at=null(TIME),
    )

    def step(says: str, body: dict[str, Any] | None) -> dict[str, Any]:
        return {"parameters": [_AGENT], "post": post(Scope.AGENTS, says, agent, body)}

    return {
        "/token": {
            "get": get(
                None,
                "What this token is: whose, for what, until when",
                thing(
                    token=TEXT,
                    name=TEXT,
                    user=TEXT,
                    roles=list_of(TEXT),
                    lines=list_of(TEXT),
                    scopes=list_of(one_of(Scope)),
                    made_at=TIME,
                    ends_at=TIME,
                ),
            )
        },
        "/agents": {
            "get": get(
                Scope.READ_AGENTS,
                "Who takes calls, how they stand, and which user they are",
                page_of("agents", agent),
                *PAGING,
            ),
            "post": post(
                Scope.AGENTS,
                "Add somebody who was informed; consent is a step of its own",
                agent,
                thing(endpoint=words(80, 3), version=_VERSION),
            ),
        },
        "/agents/{agent}/consent": step(
            "They have consented to a version of the text; the same once more changes nothing",
            thing(version=_VERSION),
        ),
        "/agents/{agent}/withdraw": step("They have withdrawn: it counts for every bridge from now on", None),
        "/agents/{agent}/copy": {
            "parameters": [_AGENT],
            "post": age_file(
                post(
                    Scope.COPY_AGENTS,
                    "Everything that is kept of them, with their side of their recordings, as one age file",
                    TEXT,
                    thing(SEALED_FOR, language=words(8, 2), sound=YES),
                )
            ),
        },
        "/agents/{agent}/remove": step("They take no more calls", None),
        "/people": {
            "get": get(
                Scope.READ_PEOPLE, "Who may use the page, and for what", page_of("people", person), *PAGING
            )
        },
        "/people/shut-out": {
            "post": post(
                Scope.SHUT_OUT,
                "Shut somebody out at once, with their sessions and tokens",
                person,
                thing(name=words(64, 1)),
            )
        },
    }
