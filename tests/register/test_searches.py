"""How SQLite finds what is looked for: along which index, and that nobody reads a whole table."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import Select
from sqlalchemy.dialects import sqlite

from asterisk_gdpr.adapters.register import SqlRegister, narrowing
from asterisk_gdpr.adapters.register.erasures import due_query
from asterisk_gdpr.adapters.register.narrowing import lead_of, narrowings
from asterisk_gdpr.adapters.register.searches import by_line, page_query
from asterisk_gdpr.core.recording import State
from asterisk_gdpr.ports import Agent, Search
from tests.register.samples import day, noon, number_index, prepare, progress, recording


def plan(sql: SqlRegister, query: Select[Any]) -> list[str]:
    """How SQLite would find the rows of a query."""
    text = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    with sql._database.reading() as connection:
        return [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]


def test_due_is_found_along_an_index(sql: SqlRegister) -> None:
    """What is due is found along an index of dates, in its order: as fast among a million as among few."""
    steps = plan(sql, due_query(noon, 100))

    first, *asked_of_each = steps
    assert first == "SEARCH recordings USING INDEX ix_recordings_state_due_at (state=? AND due_at<?)"
    assert not any("SCAN" in step or "TEMP B-TREE" in step for step in asked_of_each)


@pytest.mark.parametrize(
    "search",
    [
        Search(),
        Search(line="sales"),
        Search(since=noon, until=noon + day),
        Search(before=(noon, "r1")),
        Search(line="sales", before=(noon, "r1"), purposes=frozenset({"quality"}), living_at=noon),
        Search(choice="agreed"),
        Search(choice="agreed", line="sales", before=(noon, "r1")),
        Search(lines=frozenset({"sales", "support"})),
        Search(lines=frozenset({"sales"}), line="support", purposes=frozenset({"quality"})),
        Search(restricted=True),
        Search(restricted=True, line="sales", lines=frozenset({"sales", "support"})),
        Search(restricted=False),
        Search(queue="sales", agent="a1", shortest=60, longest=600, purposes=frozenset({"quality"})),
    ],
)
@pytest.mark.parametrize("state", State)
def test_searches_run_along_indexes(sql: SqlRegister, search: Search, state: State) -> None:
    """Where nothing leaves few, a page is read along an index in the order of time, and nothing is sorted."""
    for one in by_line(search, None):
        steps = plan(sql, page_query(one, state))

        assert not [step for step in steps if "TEMP B-TREE" in step]
        # the index of restrictions holds what is restricted and nothing else
        assert not [step for step in steps if "SCAN" in step and "ix_recordings_restricted" not in step]
        assert re.search(r"USING INDEX ix_recordings_(state_.*created_at|restricted)", steps[0])


ids = frozenset({"r1", "r2"})


@pytest.mark.parametrize(
    "more", [{}, {"line": "sales"}, {"lines": frozenset({"sales"}), "restricted": False}]
)
@pytest.mark.parametrize(
    ("narrowed", "index"),
    [
        ({"queue": "sales"}, "ix_call_queues_queue_call"),
        ({"agent": "a1"}, "ix_participants_agent_recording"),
        (
            {"purposes": frozenset({"quality", "disputes"}), "living_at": noon},
            "ix_terms_purpose_ended_at_recording",
        ),
        ({"shortest": 60}, "ix_recordings_state_seconds_id"),
        ({"longest": 60}, "ix_recordings_state_seconds_id"),
        ({"shortest": 60, "longest": 600}, "ix_recordings_state_seconds_id"),
        ({"caller_index": number_index}, "ix_callers_blind_index"),
        ({"recordings": ids}, "sqlite_autoindex_recordings_1"),
    ],
)
def test_what_leaves_few_leads(
    sql: SqlRegister, narrowed: dict[str, Any], more: dict[str, Any], index: str
) -> None:
    """What few recordings fit is looked up along its own index, and no recording beside those is read."""
    search = Search(**narrowed, **more)
    with sql._database.reading() as connection:
        lead = lead_of(connection, search)
    assert (lead is None) == (not narrowed.keys() & {"queue", "agent", "purposes", "shortest", "longest"})
    assert by_line(search, lead) == [search]
    steps = plan(sql, page_query(search, State.SEALED, lead))

    assert not [step for step in steps if step.startswith("SCAN") and "SUBQUERY" not in step]
    assert index in " ".join(steps)
    assert not re.search(
        "recordings USING (COVERING )?INDEX ix_recordings_state_(?!seconds)", " ".join(steps)
    )
    for each in narrowings(search):
        counted = plan(sql, each.among.limit(1))
        assert not [step for step in counted if step.startswith("SCAN")]


@pytest.mark.parametrize("few", [0, 2, 100])
def test_a_lead_finds_what_reading_along_finds(
    sql: SqlRegister, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Whichever way of narrowing leads, or none, the same recordings are found, in the same order."""
    monkeypatch.setattr(narrowing, "FEW", few)
    sql.put_agent(Agent("a1", "PJSIP/anna", "consented", "v1", noon))
    for number in range(6):
        made = prepare(sql, str(number))
        length = progress(made, 60 * recording().rate * number)
        sql.commit_progress([(length, noon)])
        sql.seal_recording(length, noon)
        if number % 2:
            sql.add_queue(f"c{number}", "sales")
        if number % 3 == 0:
            sql.note_participants(made, ["PJSIP/anna"], noon)

    def found(**narrowed: Any) -> list[str]:
        return [each.recording.id for each in sql.search(Search(**narrowed))]

    assert found(queue="sales") == ["r5", "r3", "r1"]
    assert found(agent="a1") == ["r3", "r0"]
    assert found(agent="a1", queue="sales") == ["r3"]
    assert found(shortest=120) == ["r5", "r4", "r3", "r2"]
    assert found(longest=60) == ["r1", "r0"]
    assert found(shortest=60, longest=180, queue="sales", purposes=frozenset({"quality"})) == ["r3", "r1"]
    assert found(purposes=frozenset({"nothing"})) == found(agent="a2") == found(queue="nobody") == []
