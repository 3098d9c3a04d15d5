"""The named queries as PostgreSQL runs them."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from typing import Any

import aiosql
from aiosql.adapters.generic import GenericAdapter
from aiosql.queries import Queries

from survey.store.base import QUERIES
from survey.store.dialect import translated
from survey.store.sessions import Session

# Read row by row, by the hundred thousand: they come in pieces. SQLite hands out every result so.
LARGE = frozenset({
    "audit_all", "contact_values", "counter_known", "counter_list", "draw_rows", "frame_contacts", "frame_references",
    "frame_rows", "freeze_boxes", "invitation_all", "invitation_to_issue", "message_addressed", "message_contacts",
    "seal_boxes", "seal_lookups", "seal_receipts",
})  # fmt: skip

_MANY = re.compile(r"INSERT INTO (\w+)\s*\(([^()]*)\)\s*VALUES \(([^()]*)\)", re.DOTALL)


class _Adapter(GenericAdapter):
    """aiosql's way to a driver; the connection is a Session, which has no cursors to ask for."""

    def process_sql(self, query_name: str, op_type: Any, sql: str) -> str:
        """Once, when the queries are loaded."""
        return translated(sql)

    def select(
        self, conn: Session, query_name: str, sql: str, parameters: Any, record_class: Any = None
    ) -> Generator[Any, None, None]:
        yield from conn.stream(sql, parameters) if query_name in LARGE else conn.run(sql, parameters)

    def select_one(self, conn: Session, query_name: str, sql: str, parameters: Any, record_class: Any = None) -> Any:
        return conn.run(sql, parameters).fetchone()

    def select_value(self, conn: Session, query_name: str, sql: str, parameters: Any) -> Any:
        row = conn.run(sql, parameters).fetchone()
        return None if row is None else row[0]

    def insert_update_delete(self, conn: Session, query_name: str, sql: str, parameters: Any) -> int:
        return int(conn.run(sql, parameters).rowcount)

    def insert_update_delete_many(self, conn: Session, query_name: str, sql: str, parameters: Any) -> int:
        plain = _MANY.fullmatch(sql)
        if plain is None:
            return conn.many(sql, parameters)
        table, columns, values = plain.groups()
        return conn.copy(f"COPY {table} ({columns}) FROM STDIN", map(_picked(values), parameters))


def _picked(values: str) -> Callable[[Any], Sequence[Any]]:
    """What takes a row's values out of one set of parameters, in the order of the columns."""
    wanted = [each.strip() for each in values.split(",")]
    if all(each == "%s" for each in wanted):
        return tuple
    names = [(each[2:-2], None) if each.startswith("%(") else ("", each.strip("'")) for each in wanted]
    return lambda row: [row[name] if name else text for name, text in names]


NAMED: Queries = aiosql.from_path(QUERIES, _Adapter)
