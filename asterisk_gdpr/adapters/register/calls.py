"""Calls, their callers, and the evidence of their choices, as rows."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Table, Update, bindparam, insert, select, update

from asterisk_gdpr.adapters.register.book import Book, append, unknown
from asterisk_gdpr.adapters.register.columns import wiped
from asterisk_gdpr.adapters.register.deadlines import begin, stop
from asterisk_gdpr.adapters.register.epochs import require_living_epoch
from asterisk_gdpr.adapters.register.tables import (
    call_references,
    callers,
    calls,
    choices,
    receipts,
    recordings,
)
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.errors import Misuse, Refused
from asterisk_gdpr.ports import CallRow, Evidence

calls_with_callers = select(
    calls,
    callers.c.sealed.label("caller_sealed"),
    callers.c.blind_index.label("caller_index"),
    callers.c.epoch.label("caller_epoch"),
).outerjoin(callers, callers.c.call == calls.c.id)
"""Every column of calls, and of callers under the names of `CallRow`."""

_by_id = calls_with_callers.where(calls.c.id == bindparam("of"))
_caller = select(callers.c.sealed, callers.c.blind_index).where(callers.c.call == bindparam("of"))
_wipe_caller = update(callers).where(callers.c.call == bindparam("of"))

_recording_of = (
    select(calls.c.recording, recordings.c.state)
    .outerjoin(recordings, recordings.c.id == calls.c.recording)
    .where(calls.c.id == bindparam("of"))
)
_ended = select(calls.c.policy, calls.c.arrived_at, calls.c.ended_at).where(calls.c.id == bindparam("of"))
_chosen = select(choices.c.number).where(choices.c.call == bindparam("of")).limit(1)


_names = (("receipts", receipts), ("references", call_references))
"""What a call can be named by, each with the kind of its period."""

# Statements of every call are built once: building one costs more than running it.
_add, _add_caller, _add_choice = insert(calls), insert(callers), insert(choices)
_named = {kind: select(names.c.code).where(names.c.call == bindparam("of")) for kind, names in _names}


class Calls(Book):
    """Plays `ports.CallBook`."""

    def add_call(self, call: CallRow) -> None:
        """A call has been taken."""
        with self._database.writing() as connection:
            connection.execute(_add, {column.name: getattr(call, column.name) for column in calls.c})
            if call.caller_sealed and call.caller_index:
                if call.caller_epoch is None:
                    raise Misuse("A number that is sealed names the epoch that it is sealed to.")
                require_living_epoch(connection, call.caller_epoch)
                sealed = {"sealed": call.caller_sealed, "blind_index": call.caller_index}
                connection.execute(_add_caller, {"call": call.id, "epoch": call.caller_epoch, **sealed})
            append(connection, call.arrived_at, "call-taken", {"call": call.id, "line": call.line})

    def call(self, call: str) -> CallRow:
        """One call by its id."""
        with self._database.reading() as connection:
            row = connection.execute(_by_id, {"of": call}).one_or_none()
        if row is None:
            raise unknown("call", call)
        return call_row(row)

    def call_by_channel(self, channel: str) -> CallRow | None:
        """The latest call of a channel."""
        query = calls_with_callers.where(calls.c.channel == channel).order_by(calls.c.arrived_at.desc())
        with self._database.reading() as connection:
            row = connection.execute(query.limit(1)).one_or_none()
        return call_row(row) if row else None

    def calls(
        self, *, since: datetime | None = None, line: str = "", linkedid: str = "", limit: int = 50
    ) -> list[CallRow]:
        """The latest calls, newest first."""
        query = calls_with_callers.order_by(calls.c.arrived_at.desc(), calls.c.id.desc()).limit(limit)
        if since is not None:
            query = query.where(calls.c.arrived_at >= since)
        if line:
            query = query.where(calls.c.line == line)
        if linkedid:
            query = query.where(calls.c.linkedid == linkedid)
        with self._database.reading() as connection:
            return [call_row(row) for row in connection.execute(query)]

    def calls_alive(self, node: str) -> list[CallRow]:
        """The calls of a node that have not ended, oldest first."""
        query = calls_with_callers.where(calls.c.ended_at.is_(None), calls.c.node == node)
        with self._database.reading() as connection:
            return [call_row(row) for row in connection.execute(query.order_by(calls.c.arrived_at))]

    def commit_choice(self, evidence: Evidence) -> None:
        """The choice, its evidence and its ledger entry; an earlier choice's evidence stays."""
        facts = dict(evidence.facts)
        digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
        entry = {"call": evidence.call, "outcome": evidence.outcome, "evidence_sha256": digest}
        with self._database.writing() as connection:
            _change(connection, evidence.call, choice=evidence.outcome, chosen_at=evidence.at)
            told = {"call": evidence.call, "at": evidence.at, "outcome": evidence.outcome, "facts": facts}
            connection.execute(_add_choice, told)
            append(connection, evidence.at, "choice-made", entry)

    def add_receipt(self, call: str, code: bytes) -> None:
        """One a call: the one that was heard last."""
        with self._database.writing() as connection:
            _put_name(connection, receipts, call, code)

    def call_of_receipt(self, code: bytes) -> CallRow | None:
        """The call, if its receipt has not gone."""
        found = calls_with_callers.join(receipts, receipts.c.call == calls.c.id).where(
            receipts.c.code == code
        )
        with self._database.reading() as connection:
            row = connection.execute(found).first()
        return call_row(row) if row else None

    def set_reference(self, call: str, code: bytes, at: datetime, by: str = "") -> None:
        """The clock runs from the end of the call, which may be over."""
        with self._database.writing() as connection:
            row = connection.execute(_ended, {"of": call}).one_or_none()
            if row is None:
                raise unknown("call", call)
            recording, state = connection.execute(_recording_of, {"of": call}).one()
            if (recording is None and row.ended_at is not None) or state in (State.ERASING, State.ERASED):
                raise Refused(
                    f"There is no recording of the call {call} that could be found by it.", id="no-recording"
                )
            _put_name(connection, call_references, call, code)
            if row.ended_at is not None:
                begin(connection, "references", call, row.ended_at, row.policy, row.arrived_at)
            append(connection, at, "reference-set", {"call": call} | ({"user": by} if by else {}))

    def calls_of_reference(self, code: bytes) -> list[CallRow]:
        """Newest first: one ticket may have several calls."""
        found = (
            calls_with_callers.join(call_references, call_references.c.call == calls.c.id)
            .where(call_references.c.code == code)
            .order_by(calls.c.arrived_at.desc(), calls.c.id.desc())
        )
        with self._database.reading() as connection:
            return [call_row(row) for row in connection.execute(found)]

    def evidence(self, call: str) -> Evidence | None:
        """The evidence of a call's latest choice."""
        query = select(choices).where(choices.c.call == call).order_by(choices.c.number.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return Evidence(row.call, row.at, row.outcome, row.facts) if row else None

    def note_capture(self, call: str, capture: str | None) -> None:
        """The MixMonitor that runs for a call, or that none does."""
        with self._database.writing() as connection:
            _change(connection, call, capture=capture)

    def end_call(self, call: str, at: datetime, ending: str) -> None:
        """The call is over; a number that no recording needs goes with it."""
        with self._database.writing() as connection:
            _change(connection, call, ended_at=at, ending=ending, capture=None)
            recording, state = connection.execute(_recording_of, {"of": call}).one()
            if recording is None:
                wipe_caller(connection, call)
            else:
                _begin_names(connection, call)
            if state in (None, State.ERASED):
                settle_call(connection, call, at)
            append(connection, at, "call-ended", {"call": call, "ending": ending})


def call_row(row: Row[Any]) -> CallRow:
    """A row of `calls_with_callers`."""
    return CallRow(**row._mapping)


def index_of_call(connection: Connection, call: str) -> bytes | None:
    """The blind index of a caller's number; None where there is none, or none any more."""
    row = connection.execute(_caller, {"of": call}).one_or_none()
    return row.blind_index if row is not None else None


def wipe_caller(connection: Connection, call: str) -> None:
    """Overwrite a caller's number, and the receipt and the reference by which the call could be named."""
    for kind, names in _names:
        name = connection.execute(_named[kind], {"of": call}).scalar_one_or_none()
        if name is not None:
            connection.execute(update(names).where(names.c.call == call).values(code=wiped(name)))
            stop(connection, kind, call)
    row = connection.execute(_caller, {"of": call}).one_or_none()
    if row is not None and row.sealed is not None:
        blank = {"sealed": wiped(row.sealed), "blind_index": wiped(row.blind_index)}
        connection.execute(_wipe_caller, {"of": call, **blank})


def settle_call(connection: Connection, call: str, at: datetime) -> None:
    """Nothing but their periods keeps a call's data and evidence any longer: the later of its end and `at`.

    A call that is still going on is settled when it ends.
    """
    policy, arrived_at, ended_at = connection.execute(_ended, {"of": call}).one()
    if ended_at is not None:
        begin(connection, "call_data", call, ended_at, policy, arrived_at)
        if connection.execute(_chosen, {"of": call}).first() is not None:
            begin(connection, "choices", call, max(at, ended_at), policy, arrived_at)


def _begin_names(connection: Connection, call: str) -> None:
    """A recorded call is over: the periods of its receipt and its reference begin, if it has them."""
    policy, arrived_at, ended_at = connection.execute(_ended, {"of": call}).one()
    for kind, named in _named.items():
        if connection.execute(named, {"of": call}).scalar_one_or_none():
            begin(connection, kind, call, ended_at, policy, arrived_at)


def _put_name(connection: Connection, names: Table, call: str, code: bytes) -> None:
    """One a call, in the place of an earlier one."""
    if not connection.execute(update(names).where(names.c.call == call).values(code=code)).rowcount:
        connection.execute(insert(names).values(call=call, code=code))


def _change(connection: Connection, call: str, **values: Any) -> None:
    changed = connection.execute(_update(tuple(values)), {"its_id": call, **values})
    if changed.rowcount == 0:
        raise unknown("call", call)


@cache
def _update(columns: tuple[str, ...]) -> Update:
    """The statement that changes these columns of a call."""
    values = {name: bindparam(name, type_=calls.c[name].type) for name in columns}
    return update(calls).where(calls.c.id == bindparam("its_id")).values(values)
