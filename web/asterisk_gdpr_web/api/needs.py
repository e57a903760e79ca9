"""What each route for programs asks of a token and of its person; a route without a line here is closed.

The rights are those of the pages, so a program may do what its person may do there, and what its scopes name.
"""

from __future__ import annotations

from asterisk_gdpr.service.people.tokens import Scope
from asterisk_gdpr_web.guard import Right

NEEDS: dict[str, tuple[Scope | None, Right | None]] = {
    "api.described": (None, None),
    "api.token": (None, Right.PERSON),
    # recordings
    "api.recordings": (Scope.READ_RECORDINGS, Right.RECORDINGS),
    "api.search": (Scope.READ_RECORDINGS, Right.RECORDINGS),
    "api.recording": (Scope.READ_RECORDINGS, Right.RECORDINGS),
    "api.proof": (Scope.READ_RECORDINGS, Right.RECORDINGS),
    "api.refer_recording": (Scope.REFER, Right.REFER),
    "api.audio": (Scope.LISTEN, Right.LISTEN),
    "api.restrict": (Scope.DISPOSE, Right.DISPOSE),
    "api.export": (Scope.EXPORT, Right.DISPOSE),
    "api.erase": (Scope.DISPOSE, Right.DISPOSE),
    # the own call, and quality's work
    "api.own_calls": (Scope.STEER, Right.OWN_CALL),
    "api.steer": (Scope.STEER, Right.OWN_CALL),
    "api.mark": (Scope.STEER, Right.OWN_CALL),
    "api.refer": (Scope.STEER, Right.OWN_CALL),
    "api.evaluations": (Scope.READ_EVALUATIONS, Right.LISTEN),
    "api.evaluate": (Scope.EVALUATE, Right.LISTEN),
    "api.own_evaluations": (Scope.READ_EVALUATIONS, Right.OWN_CALL),
    "api.clips": (Scope.READ_CLIPS, Right.LISTEN),
    "api.clip_audio": (Scope.READ_CLIPS, Right.LISTEN),
    "api.share_clip": (Scope.SHARE, Right.LISTEN),
    "api.end_clip": (Scope.SHARE, Right.LISTEN),
    # the offices
    "api.requests": (Scope.READ_REQUESTS, Right.SEE_REQUESTS),
    "api.one_request": (Scope.READ_REQUESTS, Right.SEE_REQUESTS),
    "api.open_request": (Scope.OPEN_REQUESTS, Right.REQUESTS),
    "api.identify": (Scope.ANSWER_REQUESTS, Right.REQUESTS),
    "api.assign": (Scope.ANSWER_REQUESTS, Right.REQUESTS),
    "api.extend": (Scope.ANSWER_REQUESTS, Right.REQUESTS),
    "api.package": (Scope.ANSWER_REQUESTS, Right.REQUESTS),
    "api.fulfil": (Scope.ANSWER_REQUESTS, Right.REQUESTS),
    "api.refuse": (Scope.ANSWER_REQUESTS, Right.REQUESTS),
    "api.holds": (Scope.READ_HOLDS, Right.SEE_HOLDS),
    "api.place_hold": (Scope.HOLD, Right.HOLD),
    "api.lift_hold": (Scope.HOLD, Right.HOLD),
    "api.nevers": (Scope.READ_NEVER, Right.SEE_RULES),
    "api.add_never": (Scope.NEVER, Right.NEVER),
    "api.review_never": (Scope.NEVER, Right.NEVER),
    "api.remove_never": (Scope.NEVER, Right.NEVER),
    "api.remove_number": (Scope.NEVER, Right.NEVER),
    "api.agents": (Scope.READ_AGENTS, Right.SEE_RULES),
    "api.add_agent": (Scope.AGENTS, Right.AGENTS),
    "api.consent": (Scope.AGENTS, Right.AGENTS),
    "api.withdraw": (Scope.AGENTS, Right.AGENTS),
    "api.copy_agent": (Scope.COPY_AGENTS, Right.AGENTS_COPY),
    "api.remove_agent": (Scope.AGENTS, Right.AGENTS),
    "api.lines": (Scope.READ_LINES, Right.SEE_RULES),
    "api.explain": (Scope.READ_LINES, Right.SEE_RULES),
    "api.switch": (Scope.SWITCH, Right.SWITCH),
    "api.documents": (Scope.READ_LINES, Right.SEE_RULES),
    "api.document": (Scope.READ_LINES, Right.SEE_RULES),
    "api.people": (Scope.READ_PEOPLE, Right.SEE_PEOPLE),
    "api.shut_out": (Scope.SHUT_OUT, Right.PEOPLE),
    "api.keys": (Scope.READ_STATUS, Right.UNLOCK),
    "api.lock": (Scope.LOCK, Right.UNLOCK),
    # how it goes
    "api.ledger": (Scope.READ_LEDGER, Right.LEDGER),
    "api.verify_ledger": (Scope.READ_LEDGER, Right.LEDGER),
    "api.metrics": (Scope.READ_STATUS, Right.OVERVIEW),
    "api.status": (Scope.READ_STATUS, Right.OVERVIEW),
    "api.alarms": (Scope.READ_STATUS, Right.OVERVIEW),
    "api.see_to": (Scope.SEE_TO, Right.ALARMS),
    "api.findings": (Scope.READ_STATUS, Right.SYSTEM),
}
