"""For programs: who takes calls, what they have consented to, and which user of the page they are."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, jsonify

from asterisk_gdpr.core.times import to_text
from asterisk_gdpr.ports import Agent
from asterisk_gdpr_web.api.door import body, guarded, page, paged
from asterisk_gdpr_web.guard import person
from asterisk_gdpr_web.handing_out import Sealing, agents_copy
from asterisk_gdpr_web.pages.agents import there
from asterisk_gdpr_web.settings import services


@page.get("/agents")
@guarded
def agents() -> Response:
    """List them; who takes no more calls is not among them."""
    found, after = paged(there(), lambda each: each.id)
    return jsonify({"agents": [_told(each) for each in found], "after": after})


@page.post("/agents")
@guarded
def add_agent() -> Response:
    """Add somebody who was informed."""
    sent = body()
    return jsonify(_told(services().office.agents.add(sent["endpoint"], sent["version"], person().name)))


@page.post("/agents/<agent>/consent")
@guarded
def consent(agent: str) -> Response:
    """Write down that they have consented; what stands already keeps its day."""
    return jsonify(_told(services().office.agents.consent(_known(agent), body()["version"], person().name)))


@page.post("/agents/<agent>/withdraw")
@guarded
def withdraw(agent: str) -> Response:
    """Write down that they have withdrawn."""
    return jsonify(_told(services().office.agents.withdraw(_known(agent), person().name)))


@page.post("/agents/<agent>/remove")
@guarded
def remove_agent(agent: str) -> Response:
    """Write down that they take no more calls."""
    return jsonify(_told(services().office.agents.remove(_known(agent), person().name)))


@page.post("/agents/<agent>/copy")
@guarded
def copy_agent(agent: str) -> Response:
    """Hand out everything that is kept of them."""
    sent = body()
    sealing = Sealing(sent.get("recipient", ""), sent.get("passphrase", ""))
    return agents_copy(_known(agent), sent["language"], sealing, sound=sent["sound"])


def _known(agent: str) -> str:
    """Its id, if there is one; by an endpoint nobody is named in a path."""
    return agent if services().register.agent(agent) else abort(404)


def _told(agent: Agent) -> dict[str, Any]:
    users = {user.agent: user.name for user in services().accounts.users() if user.agent}
    return {
        "agent": agent.id,
        "endpoint": agent.endpoint,
        "standing": agent.standing,
        "version": agent.version,
        "at": to_text(agent.at),
        "withdrawn_at": to_text(agent.withdrawn_at) if agent.withdrawn_at else None,
        "user": users.get(agent.id),
    }
