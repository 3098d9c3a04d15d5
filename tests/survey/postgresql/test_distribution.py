"""The keys of the live schema against the table of docs/scale.md: what can be divided by wave and among machines.

Citus: “unique constraints on distributed tables must include the distribution column”; references go to tables that
every machine has whole. PostgreSQL itself asks the same of the column that a table is partitioned by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey.store import Store
from survey.store.sessions import Session
from tests.postgresql import Server

DOCS = Path(__file__).parents[3] / "docs/scale.md"
ANSWERS = ("inbox_box", "inbox_receipt", "box", "receipt")
WHO = {"lookup", "serial", "frame_row", "generation", "place"}  # columns of an invitation
UNIQUE = """
SELECT t.relname, array_agg(a.attname::text) FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY (i.indkey)
WHERE i.indisunique AND t.relnamespace = 'public'::regnamespace GROUP BY t.relname, i.indexrelid
"""
REFERENCES = """
SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""


@pytest.fixture(scope="module")
def session(server: Server) -> Iterator[Session]:
    """Of a database with the schema."""
    address = server.made()
    store = Store(address)
    yield store.connection
    store.close()
    server.give_back(address)


def documented() -> dict[str, str]:
    """Table → the column it is divided by, '' for what every machine has whole."""
    part = DOCS.read_text("utf-8").partition("## Which table is divided by what")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+`) \| (?:`(\w+)`|[^|]*) \|", part, re.MULTILINE)
    return {name: column for names, column in rows for name in re.findall(r"`(\w+)`", names)}


def test_every_table_of_the_schema_is_documented_and_no_other(session: Session) -> None:
    tables = {row[0] for row in session.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert documented().keys() == tables


def test_every_unique_constraint_of_a_divided_table_has_its_column(session: Session) -> None:
    said = documented()
    rows = session.run(UNIQUE).fetchall()
    assert len(rows) > 60
    wrong = [(table, columns) for table, columns in rows if said[table] and said[table] not in columns]
    assert wrong == []


def test_what_is_divided_refers_only_to_what_every_machine_has(session: Session) -> None:
    said = documented()
    rows = session.run(REFERENCES).fetchall()
    assert [pair for pair in rows if said[pair[1]]] == [] and len(rows) > 20


def test_what_grows_can_be_partitioned_by_wave(session: Session) -> None:
    grows = [table for table, column in documented().items() if column in ("lookup", "id", "hash", "wave")]
    session.run("BEGIN")
    for table in grows:
        columns = {row[0] for row in session.run(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0", (table,))}  # fmt: skip
        if "wave" in columns and table not in ("draft", "keyed_form"):  # those go when the wave closes
            session.run(f"CREATE TABLE divided_{table} (LIKE {table} INCLUDING ALL) PARTITION BY LIST (wave)")
            session.run(f"CREATE TABLE one_{table} PARTITION OF divided_{table} FOR VALUES IN ('w')")
    made = session.run("SELECT count(*) FROM pg_class WHERE relname LIKE 'divided_%' AND relkind = 'p'").fetchone()[0]
    session.run("ROLLBACK")
    assert made >= 9


def test_no_answer_has_a_column_of_its_invitation(session: Session) -> None:
    rows = session.run(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_name = ANY (%s)", (list(ANSWERS),)
    ).fetchall()
    assert len(rows) >= 12
    assert [pair for pair in rows if pair[1] in WHO] == []
