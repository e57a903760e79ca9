"""Recordings that are looked for by who or what they belong to: a number, a receipt, a reference, an agent.

What is typed stands in no address, no log and no ledger; the session keeps a blind index, or ids of ours.
"""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from asterisk_gdpr.core.agents import AgentStanding
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Agent
from asterisk_gdpr.service.rights.naming import Said
from asterisk_gdpr_web.guard import note, person, sees_numbers
from asterisk_gdpr_web.settings import services

CODES = ("receipt", "reference")
"""What names calls without naming anybody."""
_MOST_NAMED = 200
_NOTHING = "-"
"""What no recording is called."""
_NOBODY = b"\0"
"""An index that no number has."""


def keep_number(typed: str) -> str:
    """Let the session know a number by its blind index; returns what the address then says."""
    if not sees_numbers(person().roles):
        raise Refused("Numbers are not shown to you, so you cannot search for one.", id="no-numbers")
    index = services().library.index_of(typed)
    tell("number-searched")
    note(number=index.hex())
    return "1"


def keep_named(codes: dict[str, str]) -> str:
    """Let the session know what receipt and reference name, by ids; returns what the address then says."""
    wanted = services().office.naming.search(Said(receipt=codes["receipt"], reference=codes["reference"]))
    for name, typed in codes.items():
        if typed:
            tell(f"{name}-searched")
    note(named=" ".join(sorted(wanted.recordings or ())[:_MOST_NAMED]) or _NOTHING)
    return "1"


def tell(kind: str, **more: str) -> None:
    """Let the ledger know that somebody searched."""
    services().register.record(kind, {"user": person().name, **more}, services().clock.now())


def agent(which: str) -> str:
    """Return our id of an agent who is searched for; raises Refused, without an agreement too."""
    return services().office.agents.looked_for(which, services().policy().agents.agreement)


def agents_to_ask_for() -> list[Agent]:
    """Return who may be searched for: nobody without the agreement of the staff's representatives."""
    if not services().policy().agents.agreement:
        return []
    return [agent for agent in services().register.agents() if agent.standing != AgentStanding.REMOVED]


def among(args: MultiDict[str, str]) -> frozenset[str] | None:
    """Return the recordings that receipt and reference name; None where none of them is asked for."""
    return frozenset(person().notes.get("named", _NOTHING).split()) if args.get("named") else None


def agent_looked_for(args: MultiDict[str, str]) -> str:
    """Return our id of the agent that an address asks for; of one who may not be, what nobody is called."""
    if not args.get("agent"):
        return ""
    try:
        return agent(args["agent"])
    except Refused:
        return _NOTHING


def kept_index() -> bytes | None:
    """Return the blind index of the number that the session looks for."""
    kept = person().notes.get("number", "")
    return bytes.fromhex(kept) if kept else None


def number_looked_for(args: MultiDict[str, str]) -> bytes | None:
    """Return the blind index that a search by number is for; None where it is for none.

    An address that says so in a session that knows no number finds nobody, and never everybody.
    """
    if not args.get("number") or not sees_numbers(person().roles):
        return None
    return kept_index() or _NOBODY
