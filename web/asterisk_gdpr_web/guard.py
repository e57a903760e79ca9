"""Who is asking, and what they may: denied by default, allowed by the table below and by nothing else.

A route without a line in the table is closed to everybody.
"""

from __future__ import annotations

from enum import Enum
from typing import cast

from flask import abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from asterisk_gdpr.core.policy import Policy
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.service.listening.playback import Listener, listenable
from asterisk_gdpr.service.people.accounts import NO_EAR
from asterisk_gdpr.service.people.sessions import SignedIn
from asterisk_gdpr_web.settings import services, settings


class Right(Enum):
    """What a route asks of whoever comes."""

    PUBLIC = "public"
    """Nothing."""
    PERSON = "person"
    """A session."""
    RECORDINGS = "recordings"
    """To know of recordings: listeners of some purpose, and the offices that oversee them."""
    LISTEN = "listen"
    """To hear recordings: listeners of some purpose; `service.listening.playback` decides which."""
    OVERVIEW = "overview"
    """To see how the work goes, without a number: everybody who has an office here."""
    HALFWAY = "halfway"
    """A session whose one-time code may still be owed."""
    PEOPLE = "people"
    """To add people and say what they may do."""
    SEE_PEOPLE = "see-people"
    APPROVE = "approve"
    """To answer who asks for a second person; which of them, `pages.approvals` decides."""
    LEDGER = "ledger"
    SYSTEM = "system"
    """To see what is wrong with the installation."""
    AGENTS = "agents"
    AGENTS_COPY = "agents-copy"
    """To hand an agent everything that is kept of them."""
    SEE_RULES = "see-rules"
    """To read lines, policy, documents and the register of agents."""
    PROMPTS = "prompts"
    """To have a part of a notice read by a human voice."""
    SWITCH = "switch"
    """To switch lines off and on."""
    NEVER = "never"
    """To put numbers on the never list and take them off."""
    HOLD = "hold"
    SEE_HOLDS = "see-holds"
    REQUESTS = "requests"
    SEE_REQUESTS = "see-requests"
    REFER = "refer"
    """To write down what another system calls a recorded call that one may know of."""
    DISPOSE = "dispose"
    """To restrict, hand out and erase recordings that one may know of."""
    ALARMS = "alarms"
    """To say that one sees to an alarm."""
    DIGEST = "digest"
    """To be shown whose listening is unusual."""
    OWN_CALL = "own-call"
    """To steer the recording of a call that one is in oneself, and to see one's own evaluations."""
    UNLOCK = "unlock"
    """To open the vault, with its passphrase."""


RIGHTS = {
    "static": Right.PUBLIC,
    "health.show": Right.PUBLIC,
    "language.switch": Right.PUBLIC,
    "look.switch": Right.PUBLIC,
    "sign_in.show": Right.PUBLIC,
    "sign_in.begin": Right.PUBLIC,
    "public.show": Right.PUBLIC,
    "public.notice": Right.PUBLIC,
    "public.receipt": Right.PUBLIC,
    "public.take": Right.PUBLIC,
    "openid.send": Right.PUBLIC,
    "openid.receive": Right.PUBLIC,
    "sign_in.end": Right.HALFWAY,
    "second.ask": Right.HALFWAY,
    "second.give": Right.HALFWAY,
    "second.show": Right.PERSON,
    "second.enrol": Right.PERSON,
    "second.end": Right.PERSON,
    "people.show": Right.SEE_PEOPLE,
    "people.add": Right.PEOPLE,
    "people.change": Right.PEOPLE,
    "people.access": Right.PEOPLE,
    "digest.show": Right.DIGEST,
    "ledger.show": Right.LEDGER,
    "ledger.check": Right.LEDGER,
    "ledger.export": Right.LEDGER,
    "system.show": Right.SYSTEM,
    "agents.show": Right.SEE_RULES,
    "agents.change": Right.AGENTS,
    "agents.copy": Right.AGENTS_COPY,
    "lines.show": Right.SEE_RULES,
    "lines.policy": Right.SEE_RULES,
    "lines.explain": Right.SEE_RULES,
    "lines.switch": Right.SWITCH,
    "prompts.show": Right.SEE_RULES,
    "prompts.play": Right.SEE_RULES,
    "prompts.take": Right.PROMPTS,
    "never.show": Right.SEE_RULES,
    "never.change": Right.NEVER,
    "holds.show": Right.SEE_HOLDS,
    "holds.place": Right.HOLD,
    "holds.lift": Right.HOLD,
    "requests.show": Right.SEE_REQUESTS,
    "requests.one": Right.SEE_REQUESTS,
    "requests.take": Right.REQUESTS,
    "requests.act": Right.REQUESTS,
    "documents.show": Right.SEE_RULES,
    "documents.take": Right.SEE_RULES,
    "approvals.ask": Right.LISTEN,
    "approvals.show": Right.APPROVE,
    "approvals.decide": Right.APPROVE,
    "home.show": Right.PERSON,
    "tokens.show": Right.PERSON,
    "tokens.change": Right.PERSON,
    "review.pick": Right.LISTEN,
    "account.show": Right.PERSON,
    "account.change_password": Right.PERSON,
    "vault.show": Right.PERSON,
    "vault.unlock": Right.UNLOCK,
    "vault.lock": Right.UNLOCK,
    "vault.drill": Right.UNLOCK,
    "clips.show": Right.LISTEN,
    "clips.share": Right.LISTEN,
    "clips.end": Right.LISTEN,
    "clips.play": Right.LISTEN,
    "evaluations.show": Right.LISTEN,
    "evaluations.give": Right.LISTEN,
    "evaluations.mine": Right.OWN_CALL,
    "strip.show": Right.OWN_CALL,
    "strip.now": Right.OWN_CALL,
    "strip.steer": Right.OWN_CALL,
    "strip.mark": Right.OWN_CALL,
    "strip.refer": Right.OWN_CALL,
    "today.show": Right.OVERVIEW,
    "today.now": Right.OVERVIEW,
    "today.see_to": Right.ALARMS,
    "recordings.shelf": Right.RECORDINGS,
    "recordings.search": Right.RECORDINGS,
    "recordings.keep_search": Right.RECORDINGS,
    "recordings.drop_search": Right.RECORDINGS,
    "recording.show": Right.RECORDINGS,
    "recording.proof": Right.RECORDINGS,
    "marks.add": Right.LISTEN,
    "marks.drop": Right.LISTEN,
    "audio.peaks": Right.LISTEN,
    "disposal.show": Right.DISPOSE,
    "disposal.erase": Right.DISPOSE,
    "disposal.restrict": Right.DISPOSE,
    "disposal.lift": Right.DISPOSE,
    "disposal.export": Right.DISPOSE,
    "disposal.package": Right.DISPOSE,
    "disposal.redact": Right.DISPOSE,
    "disposal.part": Right.DISPOSE,
    "review.show": Right.LISTEN,
    "review.begin": Right.LISTEN,
    "review.end": Right.LISTEN,
    "audio.play": Right.LISTEN,
}

_OFFICES = {
    Right.OWN_CALL: frozenset({"agent"}),
    Right.PEOPLE: frozenset({"admin"}),
    Right.SEE_PEOPLE: frozenset({"admin", "officer", "auditor"}),
    Right.LEDGER: frozenset({"officer", "auditor"}),
    Right.SYSTEM: frozenset({"admin", "officer", "auditor"}),
    Right.AGENTS_COPY: frozenset({"officer"}),
    Right.AGENTS: frozenset({"officer", "manager", "supervisor"}),
    Right.SEE_RULES: frozenset({"admin", "officer", "auditor", "manager", "supervisor"}),
    Right.SWITCH: frozenset({"admin", "officer", "manager"}),
    Right.PROMPTS: frozenset({"admin", "officer", "manager"}),
    Right.NEVER: frozenset({"officer", "manager", "supervisor"}),
    Right.HOLD: frozenset({"officer"}),
    Right.DIGEST: frozenset({"officer"}),
    Right.SEE_HOLDS: frozenset({"officer", "auditor"}),
    Right.REQUESTS: frozenset({"officer"}),
    Right.SEE_REQUESTS: frozenset({"officer", "auditor"}),
}
"""What goes with an office alone, whatever the policy's purposes say."""

LARGEST_FILE = 1024 * 1024
_FILES = frozenset({"prompts.take"})
"""Where a file may come, from those who may hand one in; any other form is short."""

OVERSEERS = frozenset({"officer", "auditor"})
"""See every recording's facts, of whatever purpose; they listen only where a purpose names them."""
_UNLOCKERS = frozenset({"admin", "officer", "manager"})
_DISPOSERS = frozenset({"officer", "manager"})
_SEERS = frozenset({"admin", "officer", "manager", "supervisor"})
_BLIND_TO_NUMBERS = frozenset({"auditor"})


def allowed(right: Right, roles: frozenset[str], policy: Policy) -> bool:
    """Whether people of these roles may do what the right names."""
    if right in (Right.PUBLIC, Right.PERSON, Right.HALFWAY):
        return True
    if right in _OFFICES:
        return bool(roles & _OFFICES[right])
    if right is Right.UNLOCK:
        return bool(roles & _UNLOCKERS)
    if right is Right.DISPOSE:
        return bool(roles & _DISPOSERS)
    if right is Right.REFER and roles & _DISPOSERS:
        return True
    if right is Right.ALARMS:
        return bool(roles & _SEERS)
    if right is Right.OVERVIEW and roles & (_SEERS | OVERSEERS):
        return True
    if NO_EAR in roles:
        return False
    if right is Right.APPROVE:
        return "officer" in roles or bool(listenable(policy, roles))
    if right in (Right.LISTEN, Right.REFER):
        return bool(listenable(policy, roles))
    return bool(roles & OVERSEERS) or bool(listenable(policy, roles))


def may(right: Right) -> bool:
    """Whether whoever asks may; for templates, to show only what can be done."""
    person = person_or_none()
    if person is not None and person.halfway:
        return right in (Right.PUBLIC, Right.HALFWAY)
    return person is not None and allowed(right, person.roles, services().policy())


def may_open(endpoint: str) -> bool:
    """Whether whoever asks may open a page: what is not for them is not offered."""
    right = RIGHTS.get(endpoint)
    return right is not None and may(right)


def sees_numbers(roles: frozenset[str]) -> bool:
    """Whether callers' numbers are shown: an auditor judges what was done, not whose calls they were."""
    return bool(roles - _BLIND_TO_NUMBERS)


def admit() -> Response | None:
    """Answer before any page does: let pass, send to the sign-in, or refuse."""
    if request.endpoint == "static" or request.blueprint == "api":
        return None  # programs come by tokens, which `api` looks at itself; no cookie counts there
    token = request.cookies.get(cookie_name())
    g.token, g.person = token, services().accounts.who(token) if token else None
    right = RIGHTS.get(request.endpoint or "")
    if request.endpoint is None or right is Right.PUBLIC:
        return None
    if g.person is None:
        return _to_sign_in()
    if g.person.halfway and right is not Right.HALFWAY:
        return redirect(url_for("second.ask"), 303)
    if right is None or not allowed(right, g.person.roles, services().policy()):
        abort(403)
    if request.endpoint in _FILES:
        request.max_content_length = LARGEST_FILE
    return None


def person_or_none() -> SignedIn | None:
    """Return who is signed in, if anybody is."""
    return cast("SignedIn | None", g.get("person"))


def person() -> SignedIn:
    """Return who is signed in, on a route that asks for it."""
    assert g.person is not None
    return cast(SignedIn, g.person)


def deals_with(line: str) -> bool:
    """Whether a line is among those of whoever is signed in: who has only some rules over no others."""
    lines = person().lines
    return not lines or line in lines


def must_deal_with(*lines: str) -> None:
    """Raise Refused `not-your-line` unless all of them are."""
    if not all(deals_with(line) for line in lines):
        raise Refused("This is about other lines than yours.", id="not-your-line")


def listener() -> Listener:
    """Return who is signed in, as somebody who listens."""
    someone = person()
    return Listener(someone.name, someone.roles, someone.session, someone.lines)


def note(**notes: str) -> None:
    """Let the session remember these; an empty text forgets one."""
    services().accounts.note(g.token, notes)


def cookie_name() -> str:
    """Return the session cookie's name; by https its prefix ties it to this host (RFC 6265bis)."""
    return "__Host-asterisk-gdpr" if settings().https else "asterisk-gdpr"


def set_cookie(response: Response, token: str) -> None:
    """Hand the session to the browser; it ends on the server, and at the latest with the browser."""
    response.set_cookie(
        cookie_name(), token, secure=settings().https, httponly=True, samesite="Strict", path="/"
    )


def drop_cookie(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(cookie_name(), secure=settings().https, httponly=True, samesite="Strict", path="/")


def _to_sign_in() -> Response:
    if request.endpoint in ("audio.play", "audio.peaks", "clips.play"):
        abort(401)
    wanted = request.path if request.method == "GET" and request.path != "/" else None
    return redirect(url_for("sign_in.show", next=wanted), 303)
