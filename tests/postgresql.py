"""A PostgreSQL server of the tests' own, in a temporary folder, gone at the end."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg

from survey.store import DRAFT_MIGRATIONS, Address, Store

# What it keeps dies with the tests, so it need not wait for the disk.
HASTE = ("fsync=off", "full_page_writes=off", "max_connections=200", "listen_addresses=", "wal_recycle=off")
DURABLE = ("max_connections=200", "listen_addresses=", "wal_recycle=off")  # where what is measured is to count

EMPTYING = """DO $$ DECLARE one text; found boolean; filled text[]; BEGIN
  SET LOCAL lock_timeout = 5000;
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'phieu_migration' LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', one) INTO found;
    IF found THEN filled := filled || one; END IF;
  END LOOP;
  IF filled IS NOT NULL THEN
    EXECUTE 'TRUNCATE ' || array_to_string(filled, ', ') || ' RESTART IDENTITY CASCADE';
  END IF;
END $$"""

POOLER = """
[databases]
* = host={server} user=phieu
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
listen_port = 6432
auth_type = any
pool_mode = transaction
default_pool_size = {most}
max_client_conn = 500
logfile = {folder}/pgbouncer.log
pidfile = {folder}/pgbouncer.pid
"""


def binaries() -> Path | None:
    """Where Debian puts the server; elsewhere it is on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parent.parent.name))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@dataclass
class Server:
    """A server that runs; databases of it are made empty, or as copies of one that has the schema."""

    folder: Path
    begin: Callable[[], None]
    crash: Callable[[], None]  # all its processes at once, as nothing would stop them
    numbers: Iterator[int] = field(default_factory=itertools.count)
    free: list[Address] = field(default_factory=list)

    def address(self, name: str) -> Address:
        """A database's."""
        return Address(f"postgresql://phieu@/{name}?host={self.folder}")

    @property
    def pid(self) -> int:
        """Of the process that all others of the server come from."""
        return int((self.folder / "data/postmaster.pid").read_text("utf-8").split()[0])

    def run(self, statement: str) -> None:
        """One statement outside any database of ours."""
        with psycopg.connect(self.address("postgres").url, autocommit=True) as connection:
            connection.execute(statement)

    def empty(self, options: str = "TEMPLATE template0") -> Address:
        """A new database without anything in it."""
        name = f"empty_{next(self.numbers)}"
        self.run(f"CREATE DATABASE {name} {options}")
        return self.address(name)

    def made(self) -> Address:
        """A database with the schema of now and nothing in it."""
        if self.free:
            return self.free.pop()
        name = f"made_{next(self.numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE with_schema")
        return self.address(name)

    def give_back(self, address: Address) -> None:
        """Empty what ``made`` gave: quicker than another copy."""
        with psycopg.connect(address.url, autocommit=True) as connection:
            connection.execute(EMPTYING)
        self.free.append(address)

    def make_template(self) -> None:
        """What ``made`` copies."""
        self.run("CREATE DATABASE with_schema TEMPLATE template0")
        for migrations in ((), (DRAFT_MIGRATIONS,)):
            store = Store(self.address("with_schema"), *migrations)
            store.migrate()
            store.close()


def pooler() -> Path | None:
    """PgBouncer, which Debian puts where only root looks."""
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return Path(found) if found else None


@contextmanager
def pooled(server: Server, most: int) -> Iterator[Callable[[Address], Address]]:
    """PgBouncer in transaction mode before a server, ``most`` connections a database; gives addresses through it."""
    program = pooler()
    if program is None:
        raise FileNotFoundError("PgBouncer is not on this machine")
    folder = Path(tempfile.mkdtemp(prefix="phieu-pgbouncer-"))
    (folder / "pgbouncer.ini").write_text(POOLER.format(server=server.folder, folder=folder, most=most), "utf-8")
    account = owner(folder)
    process = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603
        [program, "-q", folder / "pgbouncer.ini"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **account
    )
    try:
        end = time.monotonic() + 30
        while not (folder / ".s.PGSQL.6432").exists() and time.monotonic() < end:
            time.sleep(0.02)  # a program that has nobody to tell that it listens
        yield lambda address: Address(address.url.replace(str(server.folder), f"{folder}&port=6432"))
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def owner(folder: Path) -> dict[str, int]:
    """Give a folder to the account that may run a server, where this one may not; what ``Popen`` is told of it."""
    if os.geteuid():
        return {}
    whom = pwd.getpwnam("postgres")
    os.chown(folder, whom.pw_uid, whom.pw_gid)
    return {"user": whom.pw_uid, "group": whom.pw_gid}


@contextmanager
def running(*settings: str) -> Iterator[Server]:
    """Start one, as the account that may run it, and stop it."""
    found = binaries()
    if found is None:
        raise FileNotFoundError("PostgreSQL is not on this machine")
    folder = Path(tempfile.mkdtemp(prefix="phieu-postgresql-"))
    account = owner(folder)
    control = [str(found / "pg_ctl"), "-D", str(folder / "data"), "-w", "-s"]

    def call(*command: str) -> None:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, **account)  # type: ignore[call-overload]  # noqa: S603
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")

    try:
        call(str(found / "initdb"), "-D", str(folder / "data"), "-U", "phieu", "-A", "trust", "--no-sync",
             "--locale=C", "--encoding=UTF8")  # fmt: skip
        said = " ".join(f"-c {each}" for each in (f"unix_socket_directories={folder}", *(settings or HASTE)))
        # The log goes to a file: whoever holds the pipe of a server would wait for it to end.
        begin = partial(call, *control, "-l", str(folder / "log"), "-o", said, "start")
        crash = partial(call, *control, "-m", "immediate", "stop")
        begin()
        try:
            yield Server(folder, begin, crash)
        finally:
            crash()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
