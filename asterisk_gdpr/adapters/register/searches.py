"""Recordings as they are looked for: what is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, exists, func, or_, select, tuple_

from asterisk_gdpr.adapters.register.book import Book, unknown
from asterisk_gdpr.adapters.register.calls import call_row, calls_with_callers
from asterisk_gdpr.adapters.register.columns import one_of
from asterisk_gdpr.adapters.register.narrowing import Lead, lead_of
from asterisk_gdpr.adapters.register.recordings import alive, keys_of
from asterisk_gdpr.adapters.register.rows import progress_of, recording_of, term_of, terms_of
from asterisk_gdpr.adapters.register.tables import (
    call_queues,
    callers,
    calls,
    participants,
    peaks,
    recordings,
    terms,
)
from asterisk_gdpr.core.policy import Basis, Period, Unit
from asterisk_gdpr.core.policy_diff import Kept
from asterisk_gdpr.core.recording import Progress, Recording, State, Term, WrappedKey
from asterisk_gdpr.core.retention import living
from asterisk_gdpr.ports import Found, Search

_by_id = select(recordings).where(recordings.c.id == bindparam("of"))


class Searches(Book):
    """Plays the half of `ports.RecordingBook` that reads."""

    def recording(self, recording: str) -> Recording:
        """One recording by its id."""
        with self._database.reading() as connection:
            return recording_of(_row(connection, recording))

    def progress(self, recording: str) -> Progress:
        """How far it is sealed."""
        with self._database.reading() as connection:
            return progress_of(_row(connection, recording))

    def keys(self, recording: str) -> list[WrappedKey]:
        """The wrapped keys that are not destroyed, by generation."""
        with self._database.reading() as connection:
            rows = connection.execute(keys_of, {"of": recording}).all()
        return [
            WrappedKey(row.recording, row.generation, row.epoch, row.wrapped)
            for row in rows
            if row.wrapped is not None
        ]

    def peaks(self, recording: str) -> tuple[int, bytes] | None:
        """The sealed waveform, with the generation of its key."""
        query = select(peaks.c.generation, peaks.c.waveform).where(peaks.c.recording == recording)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return (row.generation, row.waveform) if row is not None and row.waveform is not None else None

    def terms(self, recording: str) -> list[Term]:
        """Every purpose it ever had, by name."""
        with self._database.reading() as connection:
            return terms_of(connection, recording)

    def unfinished(self, node: str) -> list[Recording]:
        """What a node that starts again must finish, oldest first."""
        query = select(recordings).where(recordings.c.state.in_(alive), recordings.c.node == node)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(recordings.c.created_at))
            return [recording_of(row) for row in rows]

    def count_recordings(self) -> Mapping[State, int]:
        """How many recordings there are in each state, by the index that begins with it."""
        query = select(recordings.c.state, func.count()).group_by(recordings.c.state)
        with self._database.reading() as connection:
            return {one_of(State, state): count for state, count in connection.execute(query)}

    def count_by_policy(self) -> Mapping[str, int]:
        """By the version that each was made under."""
        query = select(recordings.c.policy, func.count()).group_by(recordings.c.policy)
        with self._database.reading() as connection:
            return {version: count for version, count in connection.execute(query)}

    def count_kept(self, at: datetime) -> list[Kept]:
        """By purpose, basis and period; reads every living term, which is for a person's question."""
        of = (terms.c.purpose, terms.c.basis, terms.c.keep_count, terms.c.keep_unit)
        query = (
            select(*of, func.count().label("recordings"))
            .join(recordings, recordings.c.id == terms.c.recording)
            .where(
                recordings.c.state.in_([*alive, State.SEALED]),
                terms.c.ended_at.is_(None),
                or_(terms.c.expires_at.is_(None), terms.c.expires_at > at),
            )
            .group_by(*of)
            .order_by(*of)
        )
        with self._database.reading() as connection:
            return [
                Kept(
                    row.purpose, Basis(row.basis), Period(row.keep_count, Unit(row.keep_unit)), row.recordings
                )
                for row in connection.execute(query)
            ]

    def of_caller(self, caller_index: bytes) -> list[Recording]:
        """A caller's recordings, by the blind index of their number."""
        query = (
            select(recordings)
            .join(callers, callers.c.call == recordings.c.call)
            .where(callers.c.blind_index == caller_index, recordings.c.state != State.ERASED)
            .order_by(recordings.c.created_at)
        )
        with self._database.reading() as connection:
            return [recording_of(row) for row in connection.execute(query)]

    def found(self, recording: str) -> Found:
        """One recording with its call and every purpose it ever had."""
        with self._database.reading() as connection:
            row = _row(connection, recording)
            call = connection.execute(calls_with_callers.where(calls.c.id == row.call)).one()
            return Found(recording_of(row), call_row(call), tuple(terms_of(connection, recording)))

    def search(self, search: Search) -> list[Found]:
        """A page of results, newest first."""
        with self._database.reading() as connection:
            lead = lead_of(connection, search)
            queries = [
                page_query(one, state, lead) for one in by_line(search, lead) for state in search.states
            ]
            rows = [row for query in queries for row in connection.execute(query)]
            rows = sorted(rows, key=lambda row: (row.created_at, row.id), reverse=True)[: search.limit]
            its_terms = _terms_of_all(connection, [row.id for row in rows])
            query = calls_with_callers.where(calls.c.id.in_([row.call for row in rows]))
            its_call = {row.id: call_row(row) for row in connection.execute(query)}
        return [
            Found(recording_of(row), its_call[row.call], _alive_at(search, its_terms[row.id])) for row in rows
        ]


def by_line(search: Search, lead: Lead | None) -> list[Search]:
    """A search among several lines, line by line: of all at once the database would sort what there is."""
    if search.lines is None or _is_led(search, lead):
        return [search]
    lines = search.lines & {search.line} if search.line else search.lines
    return [replace(search, line=line, lines=None) for line in sorted(lines)]


def page_query(search: Search, state: State, lead: Lead | None = None) -> Select[Any]:
    """The recordings of one page that are in one state; each way of narrowing runs along an index.

    What is still being recorded is led by nothing: it is few itself, and its length is not known yet.
    Asked for several states at once, the database would sort everything that it has.
    """
    query = (
        select(recordings)
        .where(*_conditions(search, state, None if state in alive else lead))
        .order_by(recordings.c.created_at.desc(), recordings.c.id.desc())
        .limit(search.limit)
    )
    if search.caller_index is not None:
        query = query.join(callers, callers.c.call == recordings.c.call)
        query = query.where(callers.c.blind_index == search.caller_index)
    return query


def _is_led(search: Search, lead: Lead | None) -> bool:
    """Whether something else than state and time says where to look."""
    named = search.caller_index is not None or search.recordings is not None
    return named or lead is not None or search.restricted is True


def _conditions(search: Search, state: State, lead: Lead | None) -> list[ColumnElement[bool]]:
    its_state: ColumnElement[str] = recordings.c.state
    if _is_led(search, lead):
        # Takes the index of states away from the planner, which else reads all that is sealed
        # (2.4 s among a million) instead of the few of one caller.
        its_state = its_state.concat("")
    conditions: list[ColumnElement[bool]] = [its_state == state]
    if search.recordings is not None:
        conditions.append(recordings.c.id.in_(sorted(search.recordings)))
    if lead is not None:
        conditions.append(lead.condition)
    if search.queue:
        through = (call_queues.c.call == recordings.c.call, call_queues.c.queue == search.queue)
        conditions.append(exists().where(*through))
    if search.agent:
        took_part = (participants.c.recording == recordings.c.id, participants.c.agent == search.agent)
        conditions.append(exists().where(*took_part))
    if search.line:
        conditions.append(recordings.c.line == search.line)
    if search.lines is not None:
        conditions.append(recordings.c.line.in_(sorted(search.lines)))
    if search.choice:
        conditions.append(recordings.c.choice == search.choice)
    if search.shortest is not None:
        conditions.append(recordings.c.frames >= search.shortest * recordings.c.rate)
    if search.longest is not None:
        conditions.append(recordings.c.frames <= search.longest * recordings.c.rate)
    if search.restricted is not None:
        there = recordings.c.restricted_at
        conditions.append(there.is_not(None) if search.restricted else there.is_(None))
    if search.since is not None:
        conditions.append(recordings.c.created_at >= search.since)
    if search.until is not None:
        conditions.append(recordings.c.created_at < search.until)
    if search.before is not None:
        conditions.append(tuple_(recordings.c.created_at, recordings.c.id) < search.before)
    if search.purposes is not None:
        conditions.append(_exists_for(search, sorted(search.purposes)))
    return conditions


def _exists_for(search: Search, purposes: Sequence[str]) -> ColumnElement[bool]:
    term = exists().where(
        terms.c.recording == recordings.c.id, terms.c.purpose.in_(purposes), terms.c.ended_at.is_(None)
    )
    if search.living_at is not None:
        term = term.where(or_(terms.c.expires_at.is_(None), terms.c.expires_at > search.living_at))
    return term


def _alive_at(search: Search, its_terms: Sequence[Term]) -> tuple[Term, ...]:
    if search.living_at is None:
        return tuple(term for term in its_terms if term.ended_at is None)
    return living(its_terms, search.living_at)


def _terms_of_all(connection: Connection, ids: Sequence[str]) -> dict[str, list[Term]]:
    found: dict[str, list[Term]] = defaultdict(list)
    query = select(terms).where(terms.c.recording.in_(ids)).order_by(terms.c.purpose)
    for row in connection.execute(query):
        found[row.recording].append(term_of(row))
    return found


def _row(connection: Connection, recording: str) -> Row[Any]:
    row = connection.execute(_by_id, {"of": recording}).one_or_none()
    if row is None:
        raise unknown("recording", recording)
    return row
