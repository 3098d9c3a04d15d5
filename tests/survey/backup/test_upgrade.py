"""Instances of earlier schemas are brought to this one with everything in them, half-filled forms included."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import cli, create_app, health, mixing, responses
from survey.backup import restoring, upgrading
from survey.cli import phieu
from survey.commands import serve
from survey.config import load
from survey.store import DRAFT_MIGRATIONS, MIGRATIONS, Store
from survey.store.sqlite import SQLiteStore
from tests.conftest import SetClock
from tests.journeys.respondent import Respondent
from tests.survey.backup.earlier_schemas import LAST, earlier

EARLIER = [(1, 0), (1, 1), (1, 2), (1, 3), (5, 0), (6, 0), *((LAST, more) for more in range(len(MIGRATIONS) - LAST))]


@pytest.fixture(params=EARLIER, ids=[f"schema {schema + more}" for schema, more in EARLIER])
def instance(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return earlier(tmp_path / "instance", *request.param)


def said(instance: Path) -> Any:
    return json.loads((instance / "said.json").read_text("utf-8"))


def test_nothing_is_lost_and_a_half_filled_form_goes_on(instance: Path, clock: SetClock) -> None:
    settings = load(instance)
    done = upgrading.upgrade(settings, clock, who="test")

    assert done.after == len(MIGRATIONS) and done.before < done.after and done.backup is not None
    store = Store(settings.database)
    assert all(responses.counted(store, receipt) for receipt in said(instance)["receipts"].values())
    codes = said(instance)["codes"]
    app = create_app(settings, clock)
    half = Respondent(app, codes["8"])
    page = half.begin()
    assert page.url.rstrip("/").endswith("/2"), "it resumes on its second page"
    assert half.fill_to_end().element("receipt")
    fresh = Respondent(app, codes["9"])
    fresh.begin()
    assert fresh.fill_to_end().element("receipt")
    used = Respondent(app, codes["6"]).open()
    assert used.forms == []
    mixing.mix(store, "nho", 5)
    assert store.row_counts()["inbox_box"] + store.row_counts()["box"] == 6
    assert not [found for found in health.examine(settings) if found.fault]
    store.close()


def test_the_backup_made_before_is_the_instance_as_it_was(instance: Path, clock: SetClock, tmp_path: Path) -> None:
    rows, schema = _state(instance)
    done = upgrading.upgrade(load(instance), clock, who="test")
    assert done.backup is not None

    contents = restoring.look(tmp_path / "other", done.backup, None).contents

    assert (dict(contents.rows), contents.schema) == (rows, schema)


def test_a_migration_that_loses_rows_changes_nothing(
    instance: Path, clock: SetClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = tmp_path / f"{len(MIGRATIONS) + 1:04d}_bad.sql"
    bad.write_text("DELETE FROM inbox_receipt;", "utf-8")
    monkeypatch.setattr(upgrading, "MIGRATIONS", (*MIGRATIONS, bad))
    original = SQLiteStore.migrate

    def migrate(self: SQLiteStore, keeping: Any = ()) -> int:
        if self.path.name == "phieu.db":
            self._migrations = (*MIGRATIONS, bad)
        return original(self, keeping)

    monkeypatch.setattr(SQLiteStore, "migrate", migrate)
    before = _state(instance)

    with pytest.raises(Faults, match=r"inbox_receipt \(4 → 0\)"):
        upgrading.upgrade(load(instance), clock, who="test")

    rows, schema = _state(instance)
    assert (rows["inbox_receipt"], schema) == (before[0]["inbox_receipt"], before[1])


def test_the_command_says_what_it_did_and_then_that_there_is_nothing_to_do(tmp_path: Path) -> None:
    instance = earlier(tmp_path / "instance", 6, 0)
    asked = ["--instance", str(instance), "upgrade"]

    first = CliRunner().invoke(phieu, asked)
    second = CliRunner().invoke(phieu, asked)

    assert f"from schema 6 to {len(MIGRATIONS)}" in first.output and "backups/schema-6-" in first.output
    assert f"has schema {len(MIGRATIONS)} already" in second.output
    doctor = CliRunner().invoke(phieu, ["--instance", str(instance), "doctor"])
    assert doctor.exit_code == 0, doctor.output


def test_a_database_of_a_newer_version_is_said_to_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = earlier(tmp_path / "instance", 6, 0)
    CliRunner().invoke(phieu, ["--instance", str(instance), "upgrade"])
    for module in (upgrading, health, serve):
        monkeypatch.setattr(module, "DRAFT_MIGRATIONS", DRAFT_MIGRATIONS[:-1])

    with pytest.raises(Faults, match=r"drafts\.db: comes from a newer version of Phiếu \(schema \d+; this one knows"):
        upgrading.upgrade(load(instance), lambda: datetime.now(UTC), who="test")
    with pytest.raises(Faults, match=r"drafts\.db has schema .*: it comes from a newer one"):
        serve.require_schema(load(instance))
    doctor = CliRunner().invoke(phieu, ["--instance", str(instance), "doctor"])
    assert doctor.exit_code == 1 and "it comes from a newer version: use that one" in doctor.output


def test_a_database_that_cannot_be_opened_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    instance = earlier(tmp_path / "instance", 6, 0)
    (instance / "phieu.db").write_bytes(b"SQLite format 3\0" + bytes(4000))
    monkeypatch.setattr("sys.argv", ["phieu", "--instance", str(instance), "upgrade"])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    told = capsys.readouterr().err
    assert ended.value.code == 1 and told.startswith("phieu: the database cannot be used: ") and "doctor" in told
    with pytest.raises(ZeroDivisionError):
        monkeypatch.setattr(cli, "phieu", lambda **_: 1 // 0)
        cli.main()


def test_init_leaves_an_older_database_as_it_is_and_the_doctor_says_what_to_do(tmp_path: Path) -> None:
    instance = earlier(tmp_path / "instance", 6, 0)
    CliRunner().invoke(phieu, ["--instance", str(instance), "init"])

    doctor = CliRunner().invoke(phieu, ["--instance", str(instance), "doctor"])

    assert doctor.exit_code == 1
    assert f"phieu --instance {instance} upgrade" in doctor.output


def _state(instance: Path) -> tuple[dict[str, int], int]:
    store = Store(instance / "phieu.db")
    found = store.row_counts(), store.version()
    store.close()
    drafts = Store(instance / "drafts.db", DRAFT_MIGRATIONS)
    assert drafts.row_counts()["draft"] == 1
    drafts.close()
    return found
