"""A wave of three offices that was closed or frozen, with a dataset, its figures and a draft of its report."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from forms import framework as frameworks
from survey import audit
from survey import wave as waves
from survey.accounts.roles import Role
from survey.commands.analyse import analyse
from survey.commands.publication import report
from survey.publishing import comment_themes, shelf
from survey.sealing import generate_key_pair
from tests.desk.staff import Staff, build, hire
from tests.survey.small_dataset import FRAMEWORK, make_inputs

ID = "w"
WAVE = """
id = "w"
title.vi = "Đợt có kết quả"
opens = 2026-02-01
closes = 2026-02-20
k = 5
{more}
[[unit]]
id = "so_a"
name.vi = "Sở A"
kind = "department"
[[unit]]
id = "so_b"
name.vi = "Sở B"
kind = "department"
[[unit]]
id = "so_c"
name.vi = "Sở C"
kind = "department"
[[place]]
id = "trung_tam"
name.vi = "Trung tâm"
[[group]]
id = "dan"
name.vi = "Người dân"
questionnaire = "citizen"
assesses = "dossier"
"""


def settle(folder: Path, state: str, more: str = "") -> Staff:
    """The instance, with the wave in this state and an own viewer for office A."""
    team = build(folder)
    app = team.app
    spec = waves.load(WAVE.format(more=more), "w.toml")
    asked, _none = waves.documents_of(spec, folder)
    counted = frameworks.load(FRAMEWORK, "tiny.toml")
    waves.register(app.store, app.keyring, app.clock, spec, asked, counted, public_key=generate_key_pair().public)
    hire(app, "xem_a", Role.VIEWER, unit="so_a")
    with app.store.write() as tx:
        tx.connection.execute("UPDATE wave SET state = ? WHERE id = ?", (state, ID))
    return team


def frozen(folder: Path, **facts: Any) -> Staff:
    """The same with a frozen dataset, as its freeze would have logged it."""
    team = settle(folder, "frozen")
    instance = team.app.settings.instance
    home = instance / "datasets" / ID / "1"
    home.parent.mkdir(parents=True)
    make_inputs(home.parent, **facts)
    (home.parent / "dataset").rename(home)
    log_freeze(team, home, interim=bool(facts.get("interim")))
    return team


def log_freeze(team: Staff, home: Path, *, interim: bool = False) -> str:
    """The entry that a freeze writes; returns the name of the dataset."""
    from analysis.dataset import open_dataset

    digest = open_dataset(home).hash
    counts = {"issued": 30, "spent": 22, "boxes": 22, "respondents": 22, "assessments": 22}
    detail = {"dataset": digest, "folder": str(home), "interim": interim, **counts}
    with team.app.store.write() as tx:
        audit.append(tx, team.app.clock, "cli:test", audit.FROZEN, ID, detail)
    return digest[:16]


def name(team: Staff) -> str:
    """The name of the only dataset."""
    return shelf.datasets(team.app.store, ID, team.app.settings.instance)[0].name


def analysed(team: Staff) -> None:
    """Make the figures, as the job does."""
    one = shelf.datasets(team.app.store, ID, team.app.settings.instance)[0]
    target = shelf.figures(team.app.settings.instance, ID, one.name)
    themes = comment_themes.place(team.app.settings.instance, ID)
    run(team, analyse, "--dataset", one.folder, *(("--themes", themes) if themes.is_file() else ()), "-o", target)


def drafted(team: Staff) -> Path:
    """Make a draft of the report, as the job does."""
    instance, one = team.app.settings.instance, shelf.datasets(team.app.store, ID, team.app.settings.instance)[0]
    target, tables = shelf.next_report(instance, ID), one.folder.parent
    run(team, report, "--dataset", one.folder, "--framework", tables / "tiny.toml", "--appraised",
        tables / "points.csv", "-o", target)  # fmt: skip
    return target


def run(team: Staff, command: Any, *words: str | Path) -> str:
    """A command on the instance; raises Faults."""
    done = CliRunner().invoke(command, list(map(str, words)), obj=team.app.settings.instance, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def sha(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def with_drivers(draft: Path) -> None:
    """Put drivers and comments into a draft, as a report that has them."""
    factors = [{"id": id, "text": {"vi": name}, "items": []} for id, name in (("x", "Tiếp cận"), ("y", "Thủ tục"))]
    share = {"value": 0.7, "se": 0.1, "low": 0.6, "high": 0.8, "n": 9}
    annexes = {
        "satisfaction": {"department": {"factors": factors, "mean": {"x": 0.8, "y": 0.9}, "shares": {
            "so_a": {"x": share, "y": {**share, "value": 0.9}}}}},
        "drivers": {"department": {"factors": [{"factor": "x", "share": 0.6}, {"factor": "y", "share": 0.4}]}},
        "comments": {"so_a": [{"id": "conduct", "theme": "Thái độ", "count": 7}]},
    }  # fmt: skip
    text = json.dumps(annexes)
    (draft / "annexes.json").write_text(text, "utf-8")
    pack = json.loads((draft / "pack.json").read_text("utf-8"))
    pack["files"]["annexes.json"] = sha(text)
    (draft / "pack.json").write_text(json.dumps(pack), "utf-8")
