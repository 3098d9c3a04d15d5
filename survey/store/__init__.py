"""The only place with SQL: named queries in ``*.sql``, ordered migrations, connections.

A :class:`Store` gives two kinds of transaction. ``read()`` sees one consistent state and cannot change anything;
``write()`` is alone, so that what it reads is what it changes, and is on the disk when it returns unless
``durable=False`` was asked for. Inside, ``tx.name(arg=…)`` runs the query called ``name`` in any ``*.sql`` file, the
same text on SQLite and on PostgreSQL. A store may be shared by threads and carried over a fork: no process uses a
connection that another one opened.
"""

from survey.store.base import (
    CONNECTIONS,
    DRAFT_MIGRATIONS,
    MIGRATIONS,
    Address,
    Occupied,
    Place,
    Store,
    StoreError,
    Transaction,
)

__all__ = [
    "CONNECTIONS",
    "DRAFT_MIGRATIONS",
    "MIGRATIONS",
    "Address",
    "Occupied",
    "Place",
    "Store",
    "StoreError",
    "Transaction",
]
