"""What Phiếu asks of a PostgreSQL server beside its queries: that it sorts as we do, keeps what it says it kept, and
has no log that tells which answer came with which invitation.
"""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from forms.faults import Faults
from survey.store.sessions import ServerError, Session

_EXCHANGE = 5_734_982_104  # a lock: shared by whoever serves, held alone by whoever puts another state in its place
_JOINS = "such a copy joins who answered with what was answered, for whoever has the private key too"
_JOINS_TOO = "joins who answered with what was answered"
# A table of 64 KiB, for which files grow, is taken back; a commit of a note in the log waits for the disk as any other.
TRIED = (
    "SAVEPOINT tried; CREATE TABLE writable (x bytea); ALTER TABLE writable ALTER x SET STORAGE EXTERNAL;"
    " INSERT INTO writable VALUES (decode(repeat('00', 65536), 'hex')); ROLLBACK TO tried;"
    " SELECT pg_logical_emit_message(true, 'phieu', 'stored')"
)
_BYTEWISE = ("C", "POSIX", "C.UTF-8", "C.utf8")


def _version(session: Session) -> int:
    return int(session.run("SHOW server_version_num").fetchone()[0])


def require_usable(session: Session) -> None:
    """Raise Faults unless the database stores UTF-8 and sorts texts byte by byte, as SQLite does.

    A dataset is the same to the byte whatever engine kept the answers.
    """
    row = session.run(
        "SELECT pg_encoding_to_char(encoding), datcollate, current_setting('server_version_num')::int"
        " FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    if row[0] != "UTF8" or row[1] not in _BYTEWISE:
        raise Faults(
            f"the database has the encoding {row[0]} and sorts by {row[1]}: make one that has UTF8 and sorts by C: "
            "`createdb --template template0 --encoding UTF8 --locale C phieu`"
        )
    if row[2] < 140000:
        raise Faults("PostgreSQL 14 or later is needed")


class Concern(NamedTuple):
    """A setting of the server under which a promise of ours does not hold, and what to do about it."""

    what: str
    fault: str
    mend: str


_CONF = "in postgresql.conf, then reload the server"
# Setting → values under which all is well, what is wrong under others, what to do.
_SETTINGS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "fsync": (("on",), "the server does not wait for the disk: a power cut can take answers, and the database",
              f"fsync = on {_CONF}"),
    "full_page_writes": (("on",), "the server cannot mend pages that a power cut left half written",
                         f"full_page_writes = on {_CONF}"),
    "archive_mode": (("off",), f"the log is archived: {_JOINS}",
                     "archive_mode = off, and destroy the archive; back up with `phieu backup`"),
    "wal_recycle": (("off",), f"cut files of the log are kept and used again: what they hold {_JOINS_TOO}",
                    f"wal_recycle = off {_CONF}"),
    "track_commit_timestamp": (("off",), "the server keeps the time of each answer", "track_commit_timestamp = off"),
    "log_statement": (("none", "ddl"), "statements go to the server's log with their values, codes' hashes too",
                      f"log_statement = none {_CONF}"),
    "log_min_duration_statement": (("-1",), "slow statements go to the server's log with their values",
                                   f"log_min_duration_statement = -1 {_CONF}"),
    "log_duration": (("off",), "a line with its time goes to the server's log for each answer that is stored",
                     f"log_duration = off {_CONF}"),
    "log_min_duration_sample": (("-1",), "some of the slow statements go to the server's log with their values (how "
                                "many: log_statement_sample_rate)", f"log_min_duration_sample = -1 {_CONF}"),
    "log_transaction_sample_rate": (("0",), "statements of some transactions go to the server's log with their values",
                                    f"log_transaction_sample_rate = 0 {_CONF}"),
}  # fmt: skip
# What is loaded into the server and remembers or writes what was asked → what it does.
_WATCHERS = {
    "auto_explain": "writes slow statements to the server's log, with their values",
    "pgaudit": "writes statements to the server's log, with their values",
    "pg_qualstats": "keeps values that were looked for, codes' hashes too",
    "pg_stat_kcache": "counts each kind of statement: a clock of answers",
    "pg_stat_monitor": "keeps statements by the minute, with their values",
    "pg_stat_statements": "counts each kind of statement: a clock of answers",
    "pg_wait_sampling": "keeps what each connection waited for, with the time",
}
# A library that is loaded shows its settings to every role; the list of libraries itself is shown to few.
_LOADED = "SELECT DISTINCT split_part(name, '.', 1) FROM pg_settings WHERE name LIKE '%.%' ORDER BY 1"

_REPLICAS = "SELECT (SELECT count(*) FROM pg_replication_slots) + (SELECT count(*) FROM pg_stat_replication)"
_ELSEWHERE = "drop them while a wave is open, or keep its private key where they are not"
_IS_SUPER = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
_MAY_CUT = "SELECT has_function_privilege('pg_switch_wal()', 'EXECUTE') AND pg_has_role('pg_checkpoint', 'MEMBER')"
_ROOM = "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
_FEWER = "raise max_connections, lower “connections” or “workers” in phieu.toml, or put PgBouncer between"
_GRANTS = "GRANT pg_checkpoint TO phieu; GRANT EXECUTE ON FUNCTION pg_switch_wal() TO phieu (its role's name)"


def concerns(session: Session, needed: int) -> list[Concern]:
    """What of the server's settings breaks a promise: answers kept, and nobody joined to one (docs/anonymity.md).

    ``needed``: connections that this host may open at once.
    """
    found: list[Concern] = []
    for name, (well, fault, mend) in _SETTINGS.items():
        value = str(session.run(f"SHOW {name}").fetchone()[0])
        found.append(_concern(name, value not in well, f"is {value}: {fault}", mend))
    found.append(_watchers(session))
    replicas = int(session.run(_REPLICAS).fetchone()[0])
    found.append(_concern("replicas", replicas, f"{replicas} slots or replicas read the log: {_JOINS}", _ELSEWHERE))
    kept = not session.run(_MAY_CUT if _version(session) >= 150000 else _IS_SUPER).fetchone()[0]
    found.append(_concern("cutting the log", kept, "this role may not: it stays as long as the server likes", _GRANTS))
    room = int(session.run(_ROOM).fetchone()[0])
    few = f"{room} may connect at once, and this host alone opens up to {needed}; each further one as many"
    found.append(_concern("max_connections", room < needed, few, _FEWER))
    return found


def _watchers(session: Session) -> Concern:
    """Libraries in the server that look on, however they were loaded."""
    names = [name for row in session.run(_LOADED) if (name := str(row[0])) in _WATCHERS]
    told = "; ".join(f"{name} {_WATCHERS[name]}" for name in names)
    mend = (f"take {', '.join(names)} out of shared_preload_libraries (session_ and local_preload_libraries too) in "
            "postgresql.conf, then restart the server; drop its extension, destroy what it kept")  # fmt: skip
    return _concern("shared_preload_libraries", names, told, mend)


def _concern(what: str, wrong: object, fault: str, mend: str) -> Concern:
    return Concern(what, fault, mend) if wrong else Concern(what, "", "")


# Said without parameters: a statement with some keeps its snapshot until the next, and with it all that is deleted.
def may_serve(session: Session) -> bool:
    """Whether nobody exchanges the database; inside a transaction nobody does until its end."""
    return bool(session.run(f"SELECT pg_try_advisory_xact_lock_shared({_EXCHANGE})").fetchone()[0])


def may_exchange(session: Session) -> bool:
    """Whether nobody serves the database; inside a transaction nobody begins until its end."""
    return bool(session.run(f"SELECT pg_try_advisory_xact_lock({_EXCHANGE})").fetchone()[0])


def cut_log(session: Session) -> bool:
    """Have the server begin a new file of its log and drop those before; False where the role may not."""
    with suppress(ServerError):
        session.run("SELECT pg_switch_wal()")
        session.run("CHECKPOINT")
        return True
    return False
