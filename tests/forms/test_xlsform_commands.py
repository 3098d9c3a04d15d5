"""``phieu questionnaire import`` and ``export``."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from forms import questionnaire as questionnaires
from forms.catalogue import questionnaire
from survey.cli import phieu
from tests.forms.workbooks import workbook


def run(*arguments: str) -> Result:
    return CliRunner().invoke(phieu, ["questionnaire", *arguments])


def test_out_and_in_again(tmp_path: Path) -> None:
    form, back = str(tmp_path / "official.xlsx"), tmp_path / "official.toml"
    done = run("export", "official", "-o", form)
    assert done.exit_code == 0 and "official.xlsx: " in done.stderr
    done = run("import", form, "-o", str(back))
    assert done.exit_code == 0 and done.stdout == "" and "0 things left out, 0 changed" in done.stderr
    assert questionnaires.load_file(back).sections == questionnaire("official").sections
    assert run("check", str(back)).exit_code == 0


def test_what_was_left_out_is_listed(tmp_path: Path) -> None:
    form = tmp_path / "form.xlsx"
    form.write_bytes(
        workbook(
            survey=[{"type": "text", "name": "a", "label": "A"}, {"type": "geopoint", "name": "where", "label": "B"}]
        )
    )
    done = run("import", str(form), "-o", str(tmp_path / "a.toml"))
    assert "survey:3: left out: “where” is of type “geopoint”" in done.stdout
    done = run("import", str(form), "-o", str(tmp_path / "a.toml"), "--format", "json")
    notes = json.loads(done.stdout)["notes"]
    assert [(note["row"], note["kind"]) for note in notes] == [
        (3, "left out"), (2, "changed"), (None, "changed"),
    ]  # fmt: skip


def test_a_file_that_is_no_form_writes_nothing(tmp_path: Path) -> None:
    form = tmp_path / "form.xlsx"
    form.write_bytes(b"PK")
    done = run("import", str(form), "-o", str(tmp_path / "a.toml"))
    assert "is not a workbook" in str(done.exception)
    assert not (tmp_path / "a.toml").exists()


def test_what_other_tools_will_not_know_is_said(tmp_path: Path) -> None:
    done = run("export", "citizen", "-o", str(tmp_path / "c.xlsx"))
    assert "{period}" in done.stderr


def test_a_limesurvey_file_becomes_a_questionnaire(tmp_path: Path) -> None:
    from tests.forms.lime_documents import SURVEY, lss

    (tmp_path / "s.lss").write_bytes(lss(**SURVEY))
    done = CliRunner().invoke(
        phieu, ["questionnaire", "import", str(tmp_path / "s.lss"), "-o", str(tmp_path / "q.toml")]
    )
    assert done.exit_code == 0 and "type ranking" in done.output
    assert CliRunner().invoke(phieu, ["questionnaire", "check", str(tmp_path / "q.toml")]).exit_code == 0
