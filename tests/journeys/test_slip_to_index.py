"""One citizen, from the slip in her hand to the index that counts her answer."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pypdfium2
import pytest
import xlsxwriter
from click.testing import CliRunner
from pyzbar import pyzbar

from survey import clock, config, create_app
from survey.cli import phieu
from survey.demo.population import DOSSIER_HEADINGS
from tests.journeys.respondent import Respondent

SITE = "http://phieu.test"
COMMENT = "Xin cảm ơn chị ở quầy số ba."

# Open from 2000 to 2199: the commands go by the system's clock, and this story must not.
WAVE = """
id = "mot"
title.vi = "Đợt điều tra của một người dân"
opens = 2000-01-01
closes = 2199-12-31
framework = "khung.toml"
simulated = true
[[unit]]
id = "so_tu_phap"
name.vi = "Sở Tư pháp"
kind = "department"
[[unit]]
id = "so_y_te"
name.vi = "Sở Y tế"
kind = "department"
[[place]]
id = "trung_tam"
name.vi = "Trung tâm Phục vụ hành chính công"
[[group]]
id = "nguoi_dan"
name.vi = "Người dân"
questionnaire = "citizen"
assesses = "dossier"
design = { method = "stratified", by = ["unit"], n = 12, min = 6 }
"""

FRAMEWORK = """
id = "khung"
title.vi = "Khung thử"
illustrative = true
[[kind.department.domain]]
id = "phuc_vu"
name.vi = "Phục vụ"
[[kind.department.domain.criterion]]
id = "phuc_vu_1"
name.vi = "Tiếp cận"
[[kind.department.domain.criterion.subcriterion]]
id = "tiep_can"
name.vi = "Mức độ hài lòng về tiếp cận dịch vụ"
points = 40
source = "survey"
rule = { kind = "mean" }
items = ["access_1", "access_2"]
shares = { nguoi_dan = 1.0 }
[[kind.department.domain]]
id = "ho_so"
name.vi = "Hồ sơ"
[[kind.department.domain.criterion]]
id = "ho_so_1"
name.vi = "Tài liệu"
[[kind.department.domain.criterion.subcriterion]]
id = "tai_lieu"
name.vi = "Điểm theo tài liệu kiểm chứng"
points = 60
source = "appraised"
"""


class Coordinator:
    """Runs the survey from the command line."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.folder, self.instance = folder, folder / "instance"
        self.database = database  # of PostgreSQL; none is files

    def file(self, name: str) -> str:
        return str(self.folder / name)

    def does(self, *arguments: str) -> str:
        done = CliRunner().invoke(
            phieu, ["--instance", str(self.instance), *arguments], catch_exceptions=False, prog_name="phieu"
        )
        assert done.exit_code == 0, done.output
        return done.stdout

    def writes(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, "utf-8")
        return self.file(name)

    def lists_dossiers(self, name: str) -> str:
        """Six people at each of two departments, as the dossier system exports them."""
        book = xlsxwriter.Workbook(self.file(name))
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["SỐ LIỆU MÔ PHỎNG"])
        sheet.write_row(1, 0, DOSSIER_HEADINGS)
        for number in range(12):
            unit = "Sở Tư pháp" if number < 6 else "Sở Y Tế"
            sheet.write_row(2 + number, 0, (
                f"HS-{number:03}", "Cấp phiếu lý lịch tư pháp", "Lý lịch tư pháp", unit,
                "Trung tâm Phục vụ hành chính công", "Trực tiếp", "2", "02/03/2025", "12/03/2025", "10/03/2025",
                f"MP{number:06}", f"Người dân số {number}", f"0001{number:06}",
            ))  # fmt: skip
        book.close()
        return self.file(name)

    def prepares_the_wave(self) -> None:
        kept = ("--database", self.database) if self.database else ()
        self.does("init", *kept)
        said = f"database = {json.dumps(self.database)}\n" if self.database else ""
        (self.instance / "phieu.toml").write_text(f'base_url = "{SITE}"\n{said}', "utf-8")
        self.writes("khung.toml", FRAMEWORK)
        self.does("keygen", "-o", self.file("wave.key"))
        self.does("wave", "create", self.writes("wave.toml", WAVE), "--public-key", self.file("wave.key.pub"))
        dossiers = self.lists_dossiers("ho_so.xlsx")
        self.does("frame", "import", "--wave", "mot", "--group", "nguoi_dan", dossiers)
        self.does("sample", "draw", "--wave", "mot", "--seed", "20260301")
        self.does("sample", "verify", "--wave", "mot")
        self.does("invitations", "issue", "--wave", "mot")
        self.does("slips", "--wave", "mot", "-o", self.file("slips.pdf"))
        self.does("invitations", "export", "--wave", "mot", "-o", self.file("invitations.csv"))


@pytest.fixture
def coordinator(tmp_path: Path) -> Coordinator:
    """A coordinator with a wave whose slips are printed."""
    someone = Coordinator(tmp_path)
    someone.prepares_the_wave()
    return someone


def scanned(pdf: str) -> list[str]:
    """What a phone reads from the printed slips."""
    with pypdfium2.PdfDocument(pdf) as document:
        images = [page.render(scale=3).to_pil() for page in document]
    return [code.data.decode() for image in images for code in pyzbar.decode(image, [pyzbar.ZBarSymbol.QRCODE])]


def answers_everything(someone: Respondent, choice: int, comment: str = "") -> str:
    """Go through every page, give the nth answer, and return the receipt."""
    someone.begin()
    while "receipt" not in someone.page.form.names:
        form = someone.page.form
        given: dict[str, str] = {}
        for name in form.names:
            if form.kind(name) == "radio":
                options = [option for option in form.options(name) if option not in ("na", "declined")]
                given[name] = options[choice] if len(options) == 5 else options[0]
        if "comment" in form.names and comment:
            given["comment"] = comment
        someone.fill(given)
    someone.fill()
    receipt = someone.page.element("receipt")
    assert receipt is not None
    return receipt.text


def test_one_citizen_from_slip_to_index(coordinator: Coordinator) -> None:
    # Given twelve printed slips, each with a code that a phone reads,
    links = scanned(coordinator.file("slips.pdf"))
    with open(coordinator.file("invitations.csv"), encoding="utf-8-sig", newline="") as lines:
        units = {row["url"].upper(): row["units"] for row in csv.DictReader(lines)}
    assert sorted(link.upper() for link in links) == sorted(units)
    # one of them hers, about the Department of Justice, and the server open,
    app = create_app(config.load(coordinator.instance), clock.now)
    hers, *others = sorted(units, key=lambda url: units[url] != "so_tu_phap")
    # when she scans it, is very satisfied with everything and says so,
    receipt = answers_everything(Respondent(app, hers.rpartition("/")[2]), 4, COMMENT)
    # and five neighbours are neither satisfied nor dissatisfied, and all six at the other department very satisfied,
    for url in others:
        answers_everything(Respondent(app, url.rpartition("/")[2]), 2 if units[url] == "so_tu_phap" else 4)
    # then the link she used says "received" and offers nothing more,
    again = Respondent(app, hers.rpartition("/")[2])
    assert "receipt" not in again.open().text.lower()
    assert not [form for form in again.page.forms if form.names]
    # her words are nowhere in the databases,
    for file in coordinator.instance.glob("*.db*"):
        assert COMMENT.encode() not in file.read_bytes()
    # and her receipt is counted, and sealed once the wave is closed.
    check = Respondent(app)
    check.open("/check")
    assert check.fill({"receipt": receipt}).element("counted") is not None
    coordinator.does("close", "--wave", "mot")
    assert "niêm phong" in check.open(f"/check?receipt={receipt}").element("counted").text

    # When the coordinator opens the boxes with the key that was kept elsewhere,
    dataset = coordinator.file("dataset")
    coordinator.does("freeze", "--wave", "mot", "--key", coordinator.file("wave.key"), "-o", dataset)
    assert "12 boxes for 12 invitations spent" in coordinator.does("verify", dataset)
    # then her answers are a row like five others of her cell, under a number that nothing else knows,
    rows = [row for row in pq.read_table(f"{dataset}/assessments.parquet").to_pylist() if row["unit"] == "so_tu_phap"]
    assert sorted(row["access_1"] for row in rows) == [2, 2, 2, 2, 2, 4]
    assert len({(row["stratum"], row["wclass"], row["mode"], row["base_weight"]) for row in rows}) == 1
    # and her words stand alone.
    said = pq.read_table(f"{dataset}/comments.parquet").to_pylist()
    assert said == [{"unit": "so_tu_phap", "group": "nguoi_dan", "item": "comment", "text": COMMENT}]

    # When the appraised points are added,
    appraised = coordinator.writes("tham_dinh.csv", "unit,tai_lieu\nSở Tư pháp,45\nSở Y tế,30\n")
    given = ["--dataset", dataset, "--framework", coordinator.file("khung.toml"), "--appraised", appraised]
    counted = json.loads(coordinator.does("index", *given, "--format", "json"))
    # then the index holds her sixth: 45 + 40 × (1 + 5 × 0.5) / 6, against 30 + 40 × 1,
    index = {row["unit"]: row for kind in counted["kinds"] for row in kind["units"]}
    assert index["so_tu_phap"]["index"] == pytest.approx(45 + 40 * (1 + 5 * 0.5) / 6)
    assert index["so_y_te"]["index"] == pytest.approx(70)
    assert (index["so_y_te"]["rank"], index["so_tu_phap"]["rank"]) == (1, 2)
    # and the report says it as a Vietnamese office writes it, with the hash of the dataset.
    coordinator.does("report", *given, "-o", coordinator.file("report"))
    page = Path(coordinator.file("report"), "index.html").read_text("utf-8")
    assert "68,33" in page
    manifest = json.loads(Path(dataset, "manifest.json").read_text("utf-8"))
    assert manifest["key_origin"] == "outside"
    assert tomllib.loads(WAVE)["title"]["vi"] in page


def test_an_answer_added_behind_the_servers_back_stops_the_freeze(coordinator: Coordinator) -> None:
    # Given a closed wave in which six people answered,
    from forms.faults import Faults
    from survey.store import Store

    settings = config.load(coordinator.instance)
    app = create_app(settings, clock.now)
    with open(coordinator.file("invitations.csv"), encoding="utf-8-sig", newline="") as lines:
        chosen = [row["code"] for row in csv.DictReader(lines) if row["units"] == "so_tu_phap"]
    for code in chosen:
        answers_everything(Respondent(app, code.replace("-", "")), 4)
    coordinator.does("close", "--wave", "mot")
    # when somebody copies a box to vote twice,
    store = Store(settings.database)
    store.connection.execute("INSERT INTO box (id, wave, box) SELECT x'00', wave, box FROM box LIMIT 1")
    # then the freeze stops, names the cell, and writes nothing.
    with pytest.raises(Faults, match="6 invitations answered, 7 boxes"):
        coordinator.does(
            "freeze", "--wave", "mot", "--key", coordinator.file("wave.key"), "-o", coordinator.file("dataset")
        )
    assert not Path(coordinator.file("dataset")).exists()
