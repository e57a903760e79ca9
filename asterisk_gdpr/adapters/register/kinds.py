"""What of each kind of data is overwritten when its period has ended: the declared list.

A kind is a field of `core.policy.Keep`. It needs three things: its rule there, a call of
`deadlines.begin` where its clock starts, and its function here, which takes the ids that `begin` was given,
overwrites in place with as many bytes, and may be called again for what is overwritten already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, Table, Text, select, type_coerce, update

from asterisk_gdpr.adapters.register.columns import dashes, wiped
from asterisk_gdpr.adapters.register.tables import (
    agents,
    alarms,
    call_queues,
    call_references,
    calls,
    choices,
    deadlines,
    evaluations,
    handovers,
    holds,
    ledger,
    nevers,
    receipts,
    recorders,
    request_words,
    requests,
    users,
)

Overwrite = Callable[[Connection, list[str]], None]


def wipe_text(connection: Connection, table: Table, key: str, of: Iterable[object], *columns: str) -> None:
    """Overwrite columns of text in the rows whose `key` is one of `of`."""
    for one in of:
        row = connection.execute(
            select(*(type_coerce(table.c[name], Text) for name in columns)).where(table.c[key] == one)
        ).one_or_none()
        if row is not None:
            blank = {name: dashes(value) for name, value in zip(columns, row, strict=True) if value}
            if blank:
                connection.execute(update(table).where(table.c[key] == one).values(**blank))


def wipe_bytes(connection: Connection, table: Table, key: str, of: Iterable[object], *columns: str) -> None:
    """Overwrite columns of bytes in the rows whose `key` is one of `of`."""
    for one in of:
        row = connection.execute(
            select(*(table.c[name] for name in columns)).where(table.c[key] == one)
        ).one_or_none()
        if row is not None:
            blank = {name: wiped(value) for name, value in zip(columns, row, strict=True) if value}
            if blank:
                connection.execute(update(table).where(table.c[key] == one).values(**blank))


def _call_data(connection: Connection, of: list[str]) -> None:
    """Asterisk's names and ids go, others' files, and of each time all but the day: a count is left."""
    wipe_text(connection, calls, "id", of, "channel", "linkedid")
    for one in of:
        others = connection.execute(select(recorders.c.id).where(recorders.c.call == one)).scalars().all()
        wipe_bytes(connection, recorders, "id", others, "sealed")
        through = connection.execute(select(call_queues.c.number).where(call_queues.c.call == one))
        wipe_text(connection, call_queues, "number", through.scalars().all(), "queue")
    times = ("arrived_at", "chosen_at", "ended_at")
    for one in of:
        row = connection.execute(select(*(calls.c[name] for name in times)).where(calls.c.id == one)).one()
        days = {name: _day(value) for name, value in zip(times, row, strict=True) if value is not None}
        connection.execute(update(calls).where(calls.c.id == one).values(**days))


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _choices(connection: Connection, of: list[str]) -> None:
    """The evidence becomes an empty object of the same length; that there was a choice can be counted."""
    for one in of:
        rows = connection.execute(
            select(choices.c.number, type_coerce(choices.c.facts, Text), choices.c.at).where(
                choices.c.call == one
            )
        ).all()
        for number, facts, at in rows:
            blank = type_coerce("{" + " " * (len(facts.encode()) - 2) + "}", Text)
            connection.execute(
                update(choices).where(choices.c.number == number).values(facts=blank, at=_day(at))
            )


def _listening_log(connection: Connection, of: list[str]) -> None:
    """Payload and salt go: without the salt not even a short payload can be guessed from its commitment."""
    wipe_bytes(connection, ledger, "seq", [int(seq) for seq in of], "salt", "payload")


def _agents(connection: Connection, of: list[str]) -> None:
    wipe_text(connection, agents, "id", of, "endpoint", "version")


def _users(connection: Connection, of: list[str]) -> None:
    """A name is the row's key, so another one of its length that nobody bears takes its place."""
    for name in of:
        wipe_text(
            connection, users, "name", [name], "password", "roles", "lines", "second", "recovery", "agent"
        )
        taken = set(connection.execute(select(users.c.name)).scalars())
        if name in taken:
            connection.execute(update(users).where(users.c.name == name).values(name=_nobody(name, taken)))


def _nobody(name: str, taken: set[str]) -> str:
    """A name that nobody can bear (it begins with a tilde), as long as `name` if there is a free one."""
    digits = max(1, len(name.encode()) - 1)
    number = 0
    while (free := f"~{number:0{digits}d}") in taken:
        number += 1
    return free


def _alarms(connection: Connection, of: list[str]) -> None:
    wipe_text(connection, alarms, "number", [int(number) for number in of], "about", "message", "seen_to_by")


def _holds(connection: Connection, of: list[str]) -> None:
    wipe_text(connection, holds, "id", of, "case", "why", "by", "ended_by")


def _recipients(connection: Connection, of: list[str]) -> None:
    wipe_text(connection, handovers, "id", of, "by", "recipient")


def _requests(connection: Connection, of: list[str]) -> None:
    wipe_text(connection, requests, "id", of, "opened_by", "identified_by", "assigned_to", "closed_by")
    wipe_words(connection, of)


def wipe_words(connection: Connection, of: Iterable[str]) -> None:
    """What a person said in their requests, why they had to wait, and the index of their number."""
    ids = list(of)
    wipe_text(connection, requests, "id", ids, "extension")
    wipe_text(connection, request_words, "request", ids, "contact", "asked")
    wipe_bytes(connection, request_words, "request", ids, "subject")


def _receipts(connection: Connection, of: list[str]) -> None:
    wipe_bytes(connection, receipts, "call", of, "code")


def _references(connection: Connection, of: list[str]) -> None:
    wipe_bytes(connection, call_references, "call", of, "code")


def _evaluations(connection: Connection, of: list[str]) -> None:
    """Points, words and names go; the score stays, of nobody, to be counted."""
    wipe_text(connection, evaluations, "id", of, "user", "agent")
    wipe_bytes(connection, evaluations, "id", of, "words")


def _never_list(connection: Connection, of: list[str]) -> None:
    """The number goes, and with it the mark: from now on its calls are asked like any other."""
    wipe_bytes(connection, nevers, "id", of, "sealed", "blind_index")
    for one in of:
        ended = select(deadlines.c.ends_at).where(deadlines.c.kind == "never_list", deadlines.c.of == one)
        gone = update(nevers).where(nevers.c.id == one, nevers.c.removed_at.is_(None))
        connection.execute(gone.values(removed_at=ended.scalar_subquery()))


KINDS: Mapping[str, Overwrite] = {
    "call_data": _call_data,
    "choices": _choices,
    "listening_log": _listening_log,
    "agents": _agents,
    "users": _users,
    "alarms": _alarms,
    "holds": _holds,
    "requests": _requests,
    "recipients": _recipients,
    "receipts": _receipts,
    "references": _references,
    "never_list": _never_list,
    "evaluations": _evaluations,
}
