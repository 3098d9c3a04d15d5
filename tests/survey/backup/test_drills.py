"""A backup tried in a folder of its own, while the instance that it came from is in use."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import audit, running
from survey.backup import making, restoring, upgrading, whereto
from survey.cli import phieu
from survey.config import load
from survey.store import Address, Store
from tests.conftest import Scene
from tests.postgresql import Server

pytestmark = pytest.mark.both_engines
AFTER = "came after the backup"
HERE = Address("postgresql://phieu@db/phieu")


@pytest.fixture
def file(scene: Scene, tmp_path: Path) -> Path:
    """An unsealed backup of a wave that is open."""
    made = tmp_path / "copy.phieu"
    making.make(scene.settings, scene.clock, made, passphrase=None, with_keys=False, who="test")
    return made


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PHIEU_DATABASE", raising=False)


def said(*words: object) -> str:
    done = CliRunner().invoke(phieu, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def after_the_backup(scene: Scene) -> dict[str, int]:
    """Something comes that the backup does not hold."""
    with scene.store.write() as tx:
        audit.append(tx, scene.clock, "test", AFTER, None, {})
    return scene.store.row_counts()


def has_it(store: Store) -> bool:
    """Whether what came after the backup stands in a database."""
    with store.read() as tx:
        return any(row[0] == AFTER for row in tx.connection.execute("SELECT action FROM audit").fetchall())


@pytest.mark.parametrize("yes", [(), ("--yes",)])
def test_a_drill_leaves_the_database_alone_that_the_backup_came_from(
    scene: Scene, file: Path, tmp_path: Path, yes: tuple[str, ...]
) -> None:
    now, drill, server = after_the_backup(scene), tmp_path / "drill", scene.settings.server
    for words in (("--dry-run",), yes):
        told = said("--instance", drill, "restore", file, *words)
        assert "would lose" not in told
        left_out = f"It came from {server}, which stays as it is: this goes into {drill / 'phieu.db'}" in told
        assert left_out == (server is not None)
    assert scene.store.row_counts() == now
    restored = load(drill)
    assert restored.database == drill / "phieu.db" and restored.base_url == scene.settings.base_url
    tried = Store(restored.database)
    assert has_it(scene.store) and not has_it(tried)
    tried.close()


def test_in_its_own_folder_it_goes_where_it_came_from_and_the_dry_run_counts_there(scene: Scene, file: Path) -> None:
    now, instance = after_the_backup(scene), scene.settings.instance
    where = scene.settings.server or instance
    told = said("--instance", instance, "restore", file, "--dry-run")
    assert f"{where} has {sum(now[name] for name in restoring.ANSWERS)} answers now, and would lose" in told
    with pytest.raises(Faults, match="say --yes"):
        restoring.restore(instance, scene.clock, file, None, replace=False, who="test")
    assert scene.store.row_counts() == now
    assert restoring.restore(instance, scene.clock, file, None, replace=True, who="test").kept is not None
    again = Store(scene.settings.database)
    assert not has_it(again)
    again.close()


def test_a_folder_that_is_none_yet_is_given_another_database(
    scene: Scene, file: Path, tmp_path: Path, server: Server
) -> None:
    other, elsewhere = server.empty(), tmp_path / "elsewhere"
    said("--instance", elsewhere, "restore", file, "--database", other.url)
    assert load(elsewhere).database == other
    with pytest.raises(Faults, match="leave out --database"):
        restoring.look(elsewhere, file, None, "postgresql://phieu@/another")
    again = restoring.look(elsewhere, file, None, other.url)
    assert again.standing is not None and again.left_out is None
    with pytest.raises(Faults, match=r"made_|empty_.*say --yes"):
        restoring.restore(tmp_path / "third", scene.clock, file, None, replace=False, who="test", database=other.url)
    assert not (tmp_path / "third" / "phieu.toml").exists()


def test_whoever_serves_the_database_from_another_folder_is_noticed(scene: Scene, file: Path, tmp_path: Path) -> None:
    if scene.settings.server is None:  # a file is served from its folder, whose lock says so
        with scene.store.unserved() as free:
            assert free and scene.store.keep_serving() and scene.store.may_be_served()
        return
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy2(scene.settings.instance / "phieu.toml", other)
    serving = Store(scene.settings.database)
    assert serving.keep_serving() and serving.keep_serving()
    with scene.store.read() as tx:  # and keeps nothing that is deleted meanwhile from going
        row = tx.connection.run(
            "SELECT count(*), count(backend_xmin) FROM pg_stat_activity"
            " WHERE state = 'idle in transaction' AND datname = current_database()"
        ).fetchone()
        assert (row[0], row[1]) == (1, 0)
    with pytest.raises(Faults, match="stop every server first, restoring could lose"):
        restoring.restore(other, scene.clock, file, None, replace=True, who="test")
    with pytest.raises(Faults, match="stop every server first, upgrading could lose"):
        upgrading.upgrade(load(other), scene.clock, who="test")
    running.require_whole(scene.settings)  # servers do not keep each other out
    serving.close()
    with running.stopped(other, scene.settings.database, "restoring"):
        assert not serving.keep_serving()
        with pytest.raises(Faults, match="being restored or upgraded"):
            running.require_whole(scene.settings)
    assert serving.keep_serving()
    serving.close()


@pytest.mark.sqlite_only
def test_an_address_in_the_environment_is_not_followed_by_surprise(tmp_path: Path) -> None:
    environ = {"PHIEU_DATABASE": "postgresql://phieu:secret@db/phieu"}
    with pytest.raises(Faults, match=r"PHIEU_DATABASE names postgresql://phieu@db/phieu, and .*: unset it"):
        whereto.database_of(tmp_path, None, environ)
    named = whereto.database_of(tmp_path, environ["PHIEU_DATABASE"], environ)
    assert isinstance(named, Address) and named.url == environ["PHIEU_DATABASE"]
    assert b"secret" not in whereto.configuration_for(b"workers = 2\n", named, environ)
    with pytest.raises(Faults, match="has a password"):
        whereto.database_of(tmp_path, "postgresql://phieu:secret@db/phieu", {})
    with pytest.raises(Faults, match="must be postgresql://"):
        whereto.database_of(tmp_path, "mysql://db/phieu", {})


@pytest.mark.sqlite_only
@pytest.mark.parametrize("line", ['database = "{}"', "'database'='{}' # ours", '  "database" = "{}"'])
def test_one_line_of_the_configuration_is_left_out_or_exchanged(line: str, tmp_path: Path) -> None:
    was = f'base_url = "https://a.vn"\n{line.format(HERE.url)}\nworkers = 3\n\n[metrics]\n'.encode()
    assert whereto.told(was) == str(HERE)
    assert whereto.configuration_for(was, tmp_path / "phieu.db", {}) == (
        b'base_url = "https://a.vn"\nworkers = 3\n\n[metrics]\n'
    )
    other = Address("postgresql://phieu@other/phieu")
    assert whereto.told(whereto.configuration_for(was, other, {})) == str(other)


@pytest.mark.sqlite_only
def test_a_configuration_that_says_it_in_a_strange_way_is_refused(tmp_path: Path) -> None:
    for strange in ('"\\u0064atabase" = "postgresql://db/x"\n', 'database = """\npostgresql://db/x"""\n'):
        with pytest.raises(Faults, match=r"cannot be left out|valid"):
            whereto.configuration_for(strange.encode(), tmp_path / "phieu.db", {})
