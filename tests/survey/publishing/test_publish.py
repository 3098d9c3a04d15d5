"""From a draft to the public address and back: states, versions, refusals, and what a visitor gets."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from forms.faults import Faults
from survey import audit, create_app
from survey.commands.instance import init
from survey.commands.publication import report
from survey.commands.publish import publish
from survey.commands.verify import verify
from survey.config import load
from survey.headers import fingerprint
from survey.publishing import packs, register
from survey.store import Store
from tests.survey.small_dataset import make_inputs

pytestmark = pytest.mark.usefixtures("drawn_once")  # none of it judges a chart

APPROVED = ("--decision", "123/QĐ-UBND", "--date", "25/6/2026", "--signer", "Nguyễn Văn A")


class Office:
    """An instance, a draft beside it, and a visitor's browser."""

    def __init__(self, folder: Path, **facts: Any) -> None:
        self.settle(folder)
        self.run(init)
        make_inputs(folder, **facts)
        self.run(report, "--dataset", self.dataset, "--framework", self.framework, "--appraised", self.points, "-o",
                 self.draft)  # fmt: skip

    def settle(self, folder: Path) -> None:
        self.instance, self.draft, self.dataset = folder / "instance", folder / "report", folder / "dataset"
        self.framework, self.points = folder / "tiny.toml", folder / "points.csv"

    def run(self, command: Any, *words: str | Path) -> str:
        done = CliRunner().invoke(command, list(map(str, words)), obj=self.instance, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    def publish(self, *words: str | Path) -> str:
        return self.run(publish, self.draft, *words)

    @property
    def visitor(self) -> FlaskClient:
        return create_app(load(self.instance)).test_client()

    @property
    def log(self) -> list[tuple[str, dict[str, Any]]]:
        with Store(load(self.instance).database).read() as tx:
            return [(row["action"], json.loads(row["detail"])) for row in tx.audit_all()]


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance and a draft, made once."""
    folder = tmp_path_factory.mktemp("drafted")
    Office(folder)
    return folder


@pytest.fixture(scope="module")
def out(drafted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a version published."""
    folder = tmp_path_factory.mktemp("out") / "house"
    moved_in(drafted, folder).publish(*APPROVED)
    return folder


def moved_in(there: Path, folder: Path) -> Office:
    """An office of its own, as it was in another folder."""
    shutil.copytree(there, folder)
    office = Office.__new__(Office)
    office.settle(folder)
    return office


@pytest.fixture
def office(drafted: Path, tmp_path: Path) -> Office:
    return moved_in(drafted, tmp_path / "house")


@pytest.fixture
def published(out: Path, tmp_path: Path) -> Office:
    return moved_in(out, tmp_path / "house")


def test_nothing_is_public_before_a_decision(office: Office) -> None:
    assert office.visitor.get("/results/w/").status_code == 404
    assert "DỰ THẢO" in (office.draft / "index.html").read_text("utf-8")
    with pytest.raises(Faults, match="--decision NUMBER --date D --signer S"):
        office.publish()
    with pytest.raises(Faults, match="--date, --signer is missing"):
        office.publish("--decision", "1/QĐ")
    assert office.visitor.get("/results/w/").status_code == 404
    assert not (office.instance / "published").exists()


def test_a_published_report_is_served_with_its_decision_and_without_draft_marks(published: Office) -> None:
    page = published.visitor.get("/results/w/")
    text = page.get_data(as_text=True)
    assert page.status_code == 200 and "Set-Cookie" not in page.headers
    assert "DỰ THẢO" not in text and "Quyết định số 123/QĐ-UBND ngày 25/6/2026, người ký: Nguyễn Văn A" in text
    style, script = (re.search(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL) for tag in ("style", "script"))
    assert style and script
    for part in (style.group(1), script.group(1)):
        assert fingerprint(part) in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    unit = published.visitor.get("/results/w/don-vi/so_a.html")
    assert unit.status_code == 200 and fingerprint(style.group(1)) in unit.headers["Content-Security-Policy"]
    book = published.visitor.get("/results/w/index.xlsx")
    assert book.headers["Content-Disposition"] == "attachment"
    assert published.visitor.get("/results/w/bao-cao.pdf").mimetype == "application/pdf"
    assert audit.verify(Store(load(published.instance).database)) == []
    [(action, detail)] = [entry for entry in published.log if entry[0].startswith("results")]
    assert action == "results published" and detail["version"] == 1 and "123/QĐ-UBND" in detail["decision"]


def test_what_the_register_does_not_name_is_not_served(published: Office) -> None:
    for name in ("to-trinh.docx", "quyet-dinh.docx", "pack.json", "inputs.json", "../register.json", "all/v2/", "khac/",
                 "%2e%2e/register.json", "all/v1/../../register.json", "all/v1x/", "all/vx/"):  # fmt: skip
        assert published.visitor.get(f"/results/w/{name}").status_code == 404, name
    assert published.visitor.get("/results/..%2f../").status_code == 404


def test_altered_files_are_not_served(published: Office) -> None:
    file = register.place(published.instance, "w", "all", 1) / "index.html"
    file.write_text(file.read_text("utf-8") + "x", "utf-8")
    assert published.visitor.get("/results/w/").status_code == 404


def test_a_correction_says_what_and_the_old_version_stays(published: Office) -> None:
    old = published.visitor.get("/results/w/").get_data()
    with pytest.raises(Faults, match="--correction TEXT"):
        published.publish(*APPROVED)
    published.points.write_text("unit,plan\nSở A,31.5\nSở B,38\nSở C,20.25\n", "utf-8")
    given = ("--dataset", published.dataset, "--framework", published.framework, "--appraised", published.points)
    published.run(report, *given, "-o", published.draft)
    published.publish(*APPROVED, "--correction", "Điểm thẩm định của <Sở A>.")
    new = published.visitor.get("/results/w/").get_data(as_text=True)
    assert "thay cho bản số 1. Nội dung đính chính: Điểm thẩm định của &lt;Sở A&gt;." in new
    assert 'href="/results/w/all/v1/"' in new
    before = published.visitor.get("/results/w/all/v1/").get_data(as_text=True)
    assert "Bản số 1 này đã được đính chính" in before and 'href="/results/w/all/"' in before
    assert before.split("</div>", 1)[1] in old.decode("utf-8")  # but for the notice it is what it was
    assert [version.state for version in register.read(published.instance, "w")[0].versions] == [
        "corrected",
        "published",
    ]


def test_a_withdrawn_report_is_gone_and_says_so(published: Office) -> None:
    published.publish("--withdraw", "--reason", "Sai điểm thẩm định.")
    for address in ("/results/w/", "/results/w/all/", "/results/w/all/v1/"):
        page = published.visitor.get(address)
        assert page.status_code == 410, address
        assert "Kết quả đã được rút" in page.get_data(as_text=True)
        assert "Sai điểm thẩm định." in page.get_data(as_text=True)
    assert published.visitor.get("/results/w/index.html").status_code == 404
    assert published.log[-1][0] == "results withdrawn"
    with pytest.raises(Faults, match="published is: nothing"):
        published.publish("--withdraw")
    assert "/results/w/ : all, version 2" in published.publish(*APPROVED)
    assert "bản số" not in published.visitor.get("/results/w/").get_data(as_text=True)


def test_kinds_are_published_apart_and_without_ranks(office: Office) -> None:
    with pytest.raises(Faults, match="no units of kind “commune”; its kinds are department"):
        office.publish(*APPROVED, "--kind", "commune")
    office.publish(*APPROVED, "--kind", "department", "--without-ranks")
    page = office.visitor.get("/results/w/").get_data(as_text=True)
    assert "Công bố kết quả, không xếp hạng." in page and ">Hạng<" not in page and "Khoảng thứ hạng" not in page
    assert "Sở A" in page and "đứng đầu" not in page
    result = office.visitor.get("/results/w/result.json").get_json()
    assert [unit["rank"] for unit in result["kinds"][0]["units"]] == [None] * 3
    assert [unit["unit"] for unit in result["kinds"][0]["units"]] == ["so_a", "so_b", "so_c"]
    office.publish(*APPROVED)
    both = office.visitor.get("/results/w/").get_data(as_text=True)
    assert 'href="department/"' in both and 'href="all/"' in both
    assert office.visitor.get("/results/w/department/").status_code == 200
    assert office.visitor.get("/results/w/department/don-vi/so_a.html").status_code == 200
    assert office.visitor.get("/results/w/index.html").status_code == 404


@pytest.mark.parametrize(("facts", "said"), [({"interim": True}, "interim"), ({"pilot": True}, "pilot")])
def test_interim_and_pilot_results_stay_inside(tmp_path: Path, facts: dict[str, Any], said: str) -> None:
    office = Office(tmp_path, **facts)
    with pytest.raises(Faults, match=said):
        office.publish(*APPROVED)


def test_a_draft_is_submitted_approved_and_published_with_the_decision_it_has(office: Office) -> None:
    office.publish("--submit")
    assert "DỰ THẢO TRÌNH DUYỆT" in (office.draft / "index.html").read_text("utf-8")
    with pytest.raises(Faults, match="approved by a decision"):
        office.publish("--approve")
    office.publish("--approve", *APPROVED)
    assert "DỰ THẢO" not in (office.draft / "index.html").read_text("utf-8")
    assert office.visitor.get("/results/w/").status_code == 404
    office.publish()
    assert "123/QĐ-UBND" in office.visitor.get("/results/w/").get_data(as_text=True)
    assert [action for action, _ in office.log][-3:] == ["report submitted", "report approved", "results published"]
    with pytest.raises(Faults, match="exclude each other"):
        office.publish("--submit", "--withdraw")


def test_a_report_is_counted_again_and_compared(office: Office) -> None:
    told = office.run(verify, office.draft)
    assert "counted again from its dataset and tables, every one is the same" in told and "State: draft" in told
    page = office.draft / "index.html"
    whole = page.read_bytes()
    page.write_bytes(whole.replace(b"90", b"91"))
    (office.draft / "extra.txt").write_text("x")
    with pytest.raises(Faults) as said:
        office.run(verify, office.draft)
    assert [fault.message.split(":")[0] for fault in said.value.faults] == [
        "index.html was altered", "extra.txt is not named by the manifest",
    ]  # fmt: skip
    with pytest.raises(Faults, match=r"index\.html was altered"):
        office.publish(*APPROVED)
    page.write_bytes(whole)
    (office.draft / "extra.txt").unlink()
    (office.draft / "index.xlsx").unlink()
    with pytest.raises(Faults, match=r"index\.xlsx is missing"):
        office.run(verify, office.draft)


def test_a_report_of_another_version_is_not_taken_for_an_altered_one(office: Office) -> None:
    file = office.draft / "pack.json"
    told = json.loads(file.read_text("utf-8"))
    assert told["made_by"].keys() >= {"phieu", "numpy", "typst", "python", "code"}
    told["made_by"]["numpy"] = "1.0"
    told["files"] |= {name: "0" * 64 for name in ("index.html", "index.xlsx")}
    file.write_text(json.dumps(told), "utf-8")
    known = packs.manifest(office.draft)
    made = replace(known, files=known.files | {f"more-{at}": "1" for at in range(9)})
    with pytest.raises(Faults) as said:
        packs.raise_differences(office.draft, known, made)
    sentences = [fault.message for fault in said.value.faults]
    assert sentences[0].startswith("was made by numpy 1.0 (here ") and "no figure does" in sentences[0]
    assert len(sentences) == 1 + packs.NAMED + 1 and sentences[-1] == "1 more files are not what the inputs give"


def test_inputs_that_changed_since_are_named(office: Office) -> None:
    office.points.write_text("unit,plan\nSở A,31.5\nSở B,38\nSở C,20.25\n", "utf-8")
    with pytest.raises(Faults) as said:
        office.run(verify, office.draft)
    told = [fault.message for fault in said.value.faults]
    assert "the appraised points are not those of the report: their SHA-256 differs" in told
    assert any("index.html is not what the inputs give" in each for each in told)
    with pytest.raises(Faults, match="appraised points are not those"):
        office.publish(*APPROVED)
    office.points.unlink()
    with pytest.raises(Faults, match="the table of appraised points that the report was made of is no more at"):
        office.run(verify, office.draft)


def test_a_folder_that_is_no_report_is_said_to_be_none(office: Office, tmp_path: Path) -> None:
    with pytest.raises(Faults, match="this is no report"):
        office.run(publish, tmp_path / "nothing", *APPROVED)
    (office.draft / "pack.json").write_text("{}", "utf-8")
    with pytest.raises(Faults, match="no document of this version"):
        office.publish(*APPROVED)


def test_a_day_may_be_written_in_two_ways(office: Office) -> None:
    done = CliRunner().invoke(publish, [str(office.draft), "--decision", "1", "--date", "mai", "--signer", "A"],
                              obj=office.instance)  # fmt: skip
    assert done.exit_code == 2 and "write 2026-06-25 or 25/6/2026" in done.output
    office.publish("--decision", "1", "--date", "2026-06-25", "--signer", "A")
    assert "ngày 25/6/2026" in office.visitor.get("/results/w/").get_data(as_text=True)
