"""Who runs a wave from the command line, and a respondent who leaves nothing out."""

from __future__ import annotations

import json
from pathlib import Path

import xlsxwriter
from click.testing import CliRunner

from survey.cli import phieu
from survey.demo.population import DOSSIER_HEADINGS
from tests.journeys.respondent import Respondent

SITE = "http://phieu.test"


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
