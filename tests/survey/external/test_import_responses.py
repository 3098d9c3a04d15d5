"""A response table of another tool becomes a dataset that is counted here, and says that it is no sample."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import unicodedata
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from analysis.compose import index_result
from analysis.dataset import open_dataset
from analysis.report.content import method, notices
from analysis.report.content.material import Material
from analysis.weights import wave_design
from forms import framework
from forms.faults import Faults
from survey.cli import phieu

QUESTIONNAIRE = """
id = "ngoai"
version = 1
minutes = 2
title.vi = "Phiếu ngoài"
[scale.five]
choices = [
  { id = "v1", value = 0.0, vi = "Rất không hài lòng" }, { id = "v2", value = 0.25, vi = "Không hài lòng" },
  { id = "v3", value = 0.5, vi = "Bình thường" }, { id = "v4", value = 0.75, vi = "Hài lòng" },
  { id = "v5", value = 1.0, vi = "Rất hài lòng" },
]
[[section]]
id = "one"
title.vi = "Phần"
[[section.item]]
id = "access_1"
type = "scale"
scale = "five"
text.vi = "Nơi tiếp nhận có dễ tìm không?"
[[section.item]]
id = "why"
type = "multiple"
text.vi = "Vì sao?"
choices = [ { id = "slow", vi = "Chậm" }, { id = "far", vi = "Xa" } ]
[[section.item]]
id = "visits"
type = "number"
text.vi = "Mấy lần?"
[[section.item]]
id = "month"
type = "date"
text.vi = "Tháng nào?"
[[section.item]]
id = "more"
type = "text"
text.vi = "Góp ý"
"""
FRAMEWORK = """
id = "tiny"
title.vi = "Khung thử"
[[kind.department.domain]]
id = "service"
name.vi = "Phục vụ"
[[kind.department.domain.criterion]]
id = "service_all"
name.vi = "Phục vụ"
[[kind.department.domain.criterion.subcriterion]]
id = "access"
name.vi = "Tiếp cận"
points = 100
source = "survey"
rule = { kind = "mean" }
items = ["access_1"]
shares = { nguoi_dan = 1.0 }
"""
HEADING = "Dấu thời gian,Cơ quan,Nơi tiếp nhận có dễ tìm không?,Vì sao?,Mấy lần?,Tháng nào?,Góp ý"
WORDS = ("Hài lòng", "rất hài lòng", "BINH THUONG", "5 sao", "Không hài lòng")


def google(folder: Path, rows: int = 40, line: str = "") -> Path:
    """As Google Forms hands it out: words as answers, several choices in one cell."""
    lines = []
    for at in range(rows):
        unit = "Sở A" if at % 2 else "sở  b"
        lines.append(f'01/11/2024 08:00,{unit},{WORDS[at % 5]},"Chậm, Xa",{at % 3},{at % 28 + 1}/11/2024,\'=1+1')
    file = folder / "traloi.csv"
    file.write_text("\n".join([HEADING, *lines, ",,,,,,", *([line] if line else [])]), "utf-8-sig")
    (folder / "ngoai.toml").write_text(QUESTIONNAIRE, "utf-8")
    return file


def run(*arguments: object) -> Result:
    return CliRunner().invoke(phieu, ["import-responses", *map(str, arguments)])


def filled(template: str) -> str:
    """A suggested mapping with the wave's title and days, which no table tells."""
    text = template.replace('title.vi = "…"', 'title.vi = "Năm 2024"').replace('opens = "…"', "opens = 2024-11-01")
    return text.replace('closes = "…"', "closes = 2024-12-31").replace('name.vi = "…"', 'name.vi = "Một nơi"')


def mapped(folder: Path, **changes: str) -> Path:
    """The suggested mapping, with what it leaves to be filled in."""
    done = run(folder / "traloi.csv", "--template", folder / "ngoai.toml", "--unit-column", "Cơ quan")
    assert done.exit_code == 0, done.output
    text = filled(done.stdout).replace('"5 sao" = "…"', '"5 sao" = "v5"')
    text = text.replace('title.vi = "Năm 2024"', 'title.vi = "Năm 2024"\nignored = ["Dấu thời gian"]')
    for old, new in changes.items():
        text = text.replace(old, new)
    file = folder / "map.toml"
    file.write_text(text, "utf-8")
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    google(tmp_path)
    return tmp_path


def test_the_template_maps_what_is_sure_and_leaves_the_rest(folder: Path) -> None:
    text = mapped(folder).read_text("utf-8")
    assert all(f'item = "{item}"' in text for item in ("access_1", "why", "visits", "month", "more"))
    assert 'separator = ", "' in text and 'id = "so_a"' in text and 'id = "so_b"' in text
    assert "# heading" in text  # of the time stamp


def test_a_google_form_is_counted_and_marked(folder: Path) -> None:
    done = run(folder / "traloi.csv", "--mapping", mapped(folder), "-o", folder / "d")
    assert done.exit_code == 0, (done.output, done.exception)
    assert "40 rows taken over, 1 without an answer; 5 items; no probability sample" in done.stdout
    dataset = open_dataset(folder / "d")
    table = dataset.table(["unit", "access_1", "why__slow", "visits", "month"]).to_pylist()
    assert {row["unit"] for row in table} == {"so_a", "so_b"}
    assert sorted(row["access_1"] for row in table) == sorted([3, 4, 2, 4, 1] * 8)
    assert {(row["why__slow"], row["month"]) for row in table} == {(1, 202411)}
    assert set(pq.read_table(folder / "d" / "comments.parquet")["text"].to_pylist()) == {"=1+1"}
    result = index_result(dataset, framework.load(FRAMEWORK, "f"), {}, draws=200)
    assert result.wave.non_probability
    units = result.kinds[0].units
    assert all(unit.index is not None and unit.se is not None and unit.se > 0 for unit in units)
    said = " ".join(notices(Material(result, framework.load(FRAMEWORK, "f"), dataset.manifest, ())))
    assert "Không phải mẫu xác suất" in said


def another(folder: Path, **changes: str) -> tuple[Path, Path]:
    """A second table, of officials, with a mapping of its own."""
    first = mapped(folder)
    rows = (folder / "traloi.csv").read_text("utf-8-sig").splitlines()
    (folder / "canbo.csv").write_text("\n".join([f"{rows[0]},w", *(f"{row},2" for row in rows[1:16])]), "utf-8")
    text = first.read_text("utf-8")
    id = text.partition("[group]")[2].partition('id = "')[2].partition('"')[0]
    text = text.replace(f'[group]\nid = "{id}"', '[group]\nid = "can_bo"')
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "canbo.toml").write_text(text, "utf-8")
    return folder / "canbo.csv", folder / "canbo.toml"


def test_several_groups_each_with_a_table_are_one_wave(folder: Path) -> None:
    first, more = mapped(folder), another(folder)
    done = run(folder / "traloi.csv", "--mapping", first, "--and", *more, "-o", folder / "d")
    assert done.exit_code == 0, (done.output, done.exception)
    dataset = open_dataset(folder / "d")
    groups = [group["id"] for group in dataset.manifest["groups"]]
    assert len(groups) == 2 and groups[1] == "can_bo"
    assert [len(dataset.table(["unit"], group)) for group in groups] == [40, 15]
    assert dataset.manifest["external"]["file"] == "traloi.csv"
    assert [each["file"] for each in dataset.manifest["external_more"]] == ["canbo.csv"]
    people = dataset.table(["respondent"])["respondent"].to_pylist()
    assert len(set(people)) == 55
    assert index_result(dataset, framework.load(FRAMEWORK, "f"), {}, draws=200).wave.non_probability


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("opens = 2024-11-01", "opens = 2024-10-31", "another “opens”"),
        ('id = "can_bo"', 'id = "{first}"', "has a table already"),
        ('kind = "department"', 'kind = "district"', "another name or kind"),
        ("# [design]", '[design]\nweight = "w"\nstratum = "Cơ quan"', "has a design where"),
    ],
)
def test_tables_that_are_not_of_one_wave_are_refused(folder: Path, old: str, new: str, said: str) -> None:
    first = mapped(folder)
    id = first.read_text("utf-8").partition("[group]")[2].partition('id = "')[2].partition('"')[0]
    more = another(folder, **{old: new.format(first=id)})
    done = run(folder / "traloi.csv", "--mapping", first, "--and", *more, "-o", folder / "d")
    assert said in str(done.exception), (done.output, done.exception)
    assert not (folder / "d").exists() and not list(folder.glob(".d*"))


def test_one_questionnaire_has_one_content(folder: Path) -> None:
    first, (table, mapping) = mapped(folder), another(folder)
    (folder / "khac.toml").write_text(QUESTIONNAIRE.replace("minutes = ", "minutes = 1"), "utf-8")
    text = mapping.read_text("utf-8")
    line = next(each for each in text.splitlines() if each.startswith("questionnaire = "))
    mapping.write_text(text.replace(line, f'questionnaire = "{folder / "khac.toml"}"'), "utf-8")
    done = run(folder / "traloi.csv", "--mapping", first, "--and", table, mapping, "-o", folder / "d")
    assert "has another content than in a mapping before" in str(done.exception)


def test_with_a_design_weights_and_strata_are_kept(folder: Path) -> None:
    lines = (folder / "traloi.csv").read_text("utf-8-sig").splitlines()
    more = ["w,tầng", *(f"{2.5 if at % 2 else 4},{at % 2}" for at in range(1, len(lines)))]
    weighted = [f"{line},{own}" for line, own in zip(lines[:-1], more, strict=False)]
    (folder / "traloi.csv").write_text("\n".join(weighted), "utf-8")
    given = {"# [design]": "[design]", '# weight = "…"': 'weight = "w"', '# stratum = "…"': 'stratum = "tầng"'}
    mapping = mapped(folder, **given)
    assert run(folder / "traloi.csv", "--mapping", mapping, "-o", folder / "d").exit_code == 0
    dataset = open_dataset(folder / "d")
    assert dataset.manifest["non_probability"] is False
    design = {row["stratum"]: row["population"] for row in dataset.design_table().to_pylist()}
    assert design == {"0": 80, "1": 50}


def test_a_dry_run_writes_nothing_and_a_dataset_is_never_written_over(folder: Path) -> None:
    mapping = mapped(folder)
    assert run(folder / "traloi.csv", "--mapping", mapping, "--dry-run").exit_code == 0
    assert not (folder / "d").exists()
    (folder / "d").mkdir()
    assert "never written over" in str(run(folder / "traloi.csv", "--mapping", mapping, "-o", folder / "d").exception)
    assert run(folder / "traloi.csv").exit_code == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",Sở A,tuyệt vời,,,,", "is no answer to “access_1”"),
        (",Sở C,Hài lòng,,,,", "is not known"),
        (",Sở A,Hài lòng,Gần,,,", "is no answer to “why”"),
        (",Sở A,Hài lòng,,hai,,", "is no whole number"),
        (",Sở A,Hài lòng,,,31/31/2024,", "is no day or month"),
    ],
)
def test_what_cannot_be_read_is_named_by_row_and_nothing_is_written(tmp_path: Path, line: str, said: str) -> None:
    google(tmp_path)
    mapping = mapped(tmp_path)
    google(tmp_path, line=line)
    done = run(tmp_path / "traloi.csv", "--mapping", mapping, "-o", tmp_path / "d")
    assert said in str(done.exception) and "43" in str(done.exception)
    assert not (tmp_path / "d").exists() and not list(tmp_path.glob(".d*"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('item = "why"', 'item = "nothing"', "has no item “nothing”"),
        ('item = "why"', 'item = "access_1"', "mapped twice"),
        ('heading = "Vì sao?"', 'heading = "Tại sao?"', "no such column"),
        ('"5 sao" = "v5"', '"5 sao" = "v9"', "which is no answer to"),
        ('unit_column = "Cơ quan"', "", "“unit_column” is missing"),
        ("opens = 2024-11-01", 'opens = "hôm qua"', "must be a day"),
        ('[group]\nid = "nguoi_dan"\nname.vi = "Người dân"', "", "“[group]” is missing"),
        ("k = 5", "k = 5\nother = 1", "unknown key"),
    ],
)
def test_faults_of_a_mapping_are_named(folder: Path, old: str, new: str, said: str) -> None:
    done = run(folder / "traloi.csv", "--mapping", mapped(folder, **{old: new}), "--dry-run")
    assert said in str(done.exception)


def test_limesurvey_and_kobo_have_a_column_for_each_choice(folder: Path) -> None:
    (folder / "traloi.csv").write_text(
        "unit,access_1,why[slow],g/why/far,visits\n" + "\n".join(f"x,{at % 5 + 1},Y,0,1" for at in range(6)), "utf-8"
    )
    text = run(folder / "traloi.csv", "--template", folder / "ngoai.toml", "--unit-column", "unit").stdout
    assert 'choice = "slow"' in text and 'choice = "far"' in text and '"1" = "v1"' in text
    (folder / "map.toml").write_text(filled(text), "utf-8")
    done = run(folder / "traloi.csv", "--mapping", folder / "map.toml", "-o", folder / "d")
    assert done.exit_code == 0, done.exception
    row = open_dataset(folder / "d").table(["access_1", "why__slow", "why__far"]).to_pylist()[0]
    assert (row["why__slow"], row["why__far"]) == (1, 0)
    (folder / "traloi.csv").write_text("unit,access_1,why[slow],g/why/far,visits\nx,1,vâng,0,1", "utf-8")
    assert "neither chooses" in str(run(folder / "traloi.csv", "--mapping", folder / "map.toml", "--dry-run").exception)
    assert json.loads((folder / "d" / "manifest.json").read_text("utf-8"))["external"]["file"] == "traloi.csv"


def _zip(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>')
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.xlsx", b"PK\x03\x04 cut short"),
        ("t.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)),  # encrypted workbooks are in such a container
        ("t.xlsx", _zip("../../../etc/cron.d/x", "xl/workbook.xml")),
        ("t.xlsx", _zip("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml")),
        ("t.csv", b"\x00\x01\x02\xff\xfe" * 40),
        ("t.csv", b'unit,access_1\nx,"1\n'),
        ("t.sav", b"$FL2@(#) cut short"),
        ("t.parquet", b"PAR1 cut short"),
        ("t.csv", b""),
    ],
)
def test_what_is_broken_or_hostile_is_refused_with_its_name(folder: Path, name: str, content: bytes) -> None:
    before = {each.name for each in folder.iterdir()}
    (folder / name).write_bytes(content)
    mapping = mapped(folder)
    done = run(folder / name, "--mapping", mapping, "-o", folder / "d")
    assert isinstance(done.exception, Faults) and name in str(done.exception)
    assert {each.name for each in folder.iterdir()} == before | {name, "map.toml"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1258"])
def test_encodings_that_spreadsheets_write_are_found_or_named(folder: Path, encoding: str) -> None:
    mapping = mapped(folder)
    form = "NFD" if encoding == "cp1258" else "NFC"
    text = unicodedata.normalize(form, (folder / "traloi.csv").read_text("utf-8-sig"))
    (folder / "traloi.csv").write_bytes(text.encode(encoding, "replace"))
    done = run(folder / "traloi.csv", "--mapping", mapping, "--dry-run")
    assert done.exit_code == 0 or "traloi.csv" in str(done.exception)


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose ``d`` was imported."""
    folder = google(tmp_path_factory.mktemp("taken")).parent
    assert run(folder / "traloi.csv", "--mapping", mapped(folder), "-o", folder / "d").exit_code == 0
    return folder


def verified(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(phieu, ["verify", str(folder), *more])


def test_an_imported_dataset_is_whole_and_says_that_it_was_imported(taken: Path) -> None:
    done = verified(taken / "d")
    assert done.exit_code == 0, done.exception
    sha = hashlib.sha256((taken / "traloi.csv").read_bytes()).hexdigest()
    assert (
        "40 rows. It was imported: there are no seals" in done.stdout
        and f"Made of traloi.csv, SHA-256 {sha}" in done.stdout
    )
    assert "No probability sample" in done.stdout
    done = verified(taken / "d", "--sealed", str(taken / "traloi.csv"), "--key", str(taken / "map.toml"))
    assert "no box was ever sealed for it" in str(done.exception)


@pytest.mark.parametrize("how", ["count", "file", "column", "shape", "more"])
def test_one_that_was_altered_is_not(taken: Path, tmp_path: Path, how: str) -> None:
    folder = tmp_path / "d"
    shutil.copytree(taken / "d", folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    if how == "count":
        manifest["counts"]["respondents"] += 1
    elif how == "file":
        (folder / "comments.parquet").unlink()
    elif how == "shape":
        manifest["external"] = "traloi.csv"
    elif how == "more":
        (folder / "seals.json").write_text("[]", "utf-8")
    else:
        book = json.loads((folder / "codebook.json").read_text("utf-8"))
        book["columns"].pop()
        (folder / "codebook.json").write_text(json.dumps(book), "utf-8")
        manifest["files"]["codebook.json"] = hashlib.sha256((folder / "codebook.json").read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    done = verified(folder)
    said = {"count": "counts 41 respondents, the files hold 40", "file": "comments.parquet is missing",
            "column": "which codebook.json does not explain", "shape": "manifest.json: external",
            "more": "seals.json is not named"}  # fmt: skip
    assert done.exit_code and said[how] in str(done.exception)


def test_a_report_tells_no_probability_of_a_convenience_sample(taken: Path) -> None:
    dataset = open_dataset(taken / "d")
    result = index_result(dataset, framework.load(FRAMEWORK, "f"), {}, draws=200)
    material = Material(result, framework.load(FRAMEWORK, "f"), dataset.manifest, ())
    told = dict(method._counting(material))
    (weights,) = told["Trọng số"]
    assert "Mẫu thuận tiện" in str(weights) and "không đại diện cho danh sách" in str(weights)
    assert "nghịch đảo" not in str(weights) and "không nói gì về những người không trả lời" in str(told["Sai số"])
    assert method.group_rows(dataset.manifest)[0][2] == "không chọn mẫu: ai muốn thì trả lời"


def scaled(folder: Path, said: str = "") -> Path:
    """A table with weights that sum to its rows in one of two strata, and its mapping."""
    lines = google(folder).read_text("utf-8-sig").splitlines()
    more = ["w,tầng", *(f"{0.6 + at % 4 / 5 if at % 2 else 4},{at % 2}" for at in range(1, len(lines)))]
    weighted = [f"{line},{own}" for line, own in zip(lines[:-1], more, strict=False)]
    (folder / "traloi.csv").write_text("\n".join(weighted), "utf-8")
    given = {"# [design]": f"[design]\n{said}", '# weight = "…"': 'weight = "w"', '# stratum = "…"': 'stratum = "tầng"'}
    return mapped(folder, **given)


def test_weights_that_sum_to_the_rows_are_asked_about(tmp_path: Path) -> None:
    for more in (("--dry-run",), ("-o", str(tmp_path / "d"))):
        done = run(tmp_path / "traloi.csv", "--mapping", scaled(tmp_path), *more)
        said = str(done.exception)
        assert "column “w”: in “1” of “tầng” the weights sum to no more than the rows" in said and "normalised" in said
    assert not (tmp_path / "d").exists() and not list(tmp_path.glob(".d*"))


@pytest.mark.parametrize(("said", "sure"), [("normalised = true", False), ("normalised = false", True)])
def test_no_certainty_comes_of_weights_scaled_to_the_sample(tmp_path: Path, said: str, sure: bool) -> None:
    (tmp_path / ".d.part").mkdir()  # left of a killed run
    done = run(tmp_path / "traloi.csv", "--mapping", scaled(tmp_path, said), "-o", tmp_path / "d")
    assert done.exit_code == 0, done.exception
    assert ("weights scaled to it" in done.stdout) is not sure
    dataset = open_dataset(tmp_path / "d")
    design = wave_design(dataset, "nguoi_dan").design
    fractions = dict(zip(design.strata, design.fraction, strict=True))
    assert [fraction > 0.9 for _, fraction in sorted(fractions.items())] == [False, sure]
    assert method.group_rows(dataset.manifest)[0][2] == "theo thiết kế mẫu của nơi thu phiếu"


def test_a_dataset_is_made_in_a_folder_that_is_there(taken: Path) -> None:
    done = run(taken / "traloi.csv", "--mapping", taken / "map.toml", "-o", taken / "nowhere" / "d")
    assert "there is no such folder" in str(done.exception)
