"""What the doctor says of a PostgreSQL server: each setting under which a promise does not hold, and how to mend it."""

from __future__ import annotations

import json
from pathlib import Path

from survey import health
from survey.commands.instance import make_instance
from survey.store import Address, Store
from tests.postgresql import Server

HASTY = {"server: fsync", "server: full_page_writes"}  # the tests' own server


def told(instance: Path) -> dict[str, tuple[str, str]]:
    """Faults of the server, with what to do."""
    settings = make_instance(instance)
    found = {each.what: (each.fault, each.mend) for each in health.examine(settings) if each.fault}
    return {what: said for what, said in found.items() if what.startswith("server: ")}


def test_each_setting_that_breaks_a_promise_is_said_with_what_to_do(server: Server, tmp_path: Path) -> None:
    address = server.empty()
    name = address.url.partition("@/")[2].partition("?")[0]
    make_instance(tmp_path / "instance", address.url)
    found = told(tmp_path / "instance")
    assert found.keys() == HASTY
    assert "power cut" in found["server: fsync"][0] and "fsync = on" in found["server: fsync"][1]
    server.run(f"ALTER DATABASE {name} SET log_statement = 'all'")
    server.run(f"ALTER DATABASE {name} SET log_min_duration_statement = 100")
    server.run(f"ALTER DATABASE {name} SET log_duration = on")
    server.run(f"ALTER DATABASE {name} SET log_min_duration_sample = 0")
    server.run(f"ALTER DATABASE {name} SET log_transaction_sample_rate = 0.5")
    server.run(f"ALTER DATABASE {name} SET session_preload_libraries = 'auto_explain'")
    server.run("SELECT pg_create_physical_replication_slot('copy')")
    try:
        found = told(tmp_path / "instance")
    finally:
        server.run("SELECT pg_drop_replication_slot('copy')")
    more = {"server: log_statement", "server: log_min_duration_statement", "server: replicas",
            "server: log_duration", "server: log_min_duration_sample", "server: log_transaction_sample_rate",
            "server: shared_preload_libraries"}  # fmt: skip
    assert found.keys() == HASTY | more
    watching = found["server: shared_preload_libraries"]
    assert (
        watching[0].startswith("auto_explain writes slow statements") and "auto_explain out of shared_" in watching[1]
    )
    assert "1 slots or replicas" in found["server: replicas"][0]
    assert all(mend for _, mend in found.values())


def test_a_role_that_may_not_cut_the_log_is_said(server: Server, tmp_path: Path) -> None:
    address = server.empty()
    server.run("DROP ROLE IF EXISTS plain")
    server.run("CREATE ROLE plain LOGIN")
    name = address.url.partition("@/")[2].partition("?")[0]
    server.run(f"ALTER DATABASE {name} OWNER TO plain")
    plain = address.url.replace("phieu@", "plain@")
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "phieu.toml").write_text(f"database = {json.dumps(plain)}\n", "utf-8")
    store = Store(Address(plain))
    store.connection.run("SET ROLE plain")
    said = {what: (fault, mend) for what, fault, mend in store.check_server(1)}
    store.close()
    assert "this role may not" in said["cutting the log"][0] and "pg_checkpoint" in said["cutting the log"][1]
