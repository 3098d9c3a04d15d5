"""Results at the desk: freezing without a key, figures, a report and its way to the public."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from forms.faults import Faults
from survey import health, job_record, jobs, placed_key
from survey.accounts.roles import Role
from survey.commands.publish import publish
from survey.desk import jobs_page
from survey.publishing import register, shelf
from tests.desk import results_scene as scene
from tests.desk.desk import Desk
from tests.desk.staff import Staff

pytestmark = pytest.mark.usefixtures("drawn_once")  # none of it judges a chart

HOME = "/desk/w/w/results"
DECISION = {"number": "12/QĐ-UBND", "date": "2026-06-25", "signer": "Nguyễn Văn A", "sure": "y"}


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """A frozen wave with figures and a draft; tests leave it as it was."""
    team = scene.frozen(tmp_path_factory.mktemp("results"))
    scene.analysed(team)
    scene.drafted(team)
    return team


@pytest.fixture
def own(tmp_path: Path) -> Staff:
    """The same without figures or draft, for one test."""
    return scene.frozen(tmp_path)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The jobs that pages started; none of them runs."""
    kept: list[tuple[str, ...]] = []
    monkeypatch.setattr(jobs, "start", lambda settings, *arguments, **more: kept.append(arguments))
    return kept


def test_home_leads_an_analyst_of_a_closed_wave_to_the_freeze(tmp_path: Path) -> None:
    analyst = scene.settle(tmp_path, "closed").as_(Role.ANALYST)
    assert analyst.get("/desk/").links["Chốt số liệu"] == HOME
    text = analyst.get(HOME).text
    assert "phieu --instance" in text and "freeze --wave w --key KHOA_RIENG.pem -o" in text
    assert str(placed_key.place(tmp_path, "w")) in text and "chưa có" in text and "Lập báo cáo mới" not in text
    assert not analyst.page.tree.all("main")[0].all("form"), "nothing to press before the key is in its place"
    assert "chưa nằm đúng chỗ" in analyst.post(f"{HOME}/freeze", 422, sure="y").text


def test_a_freeze_is_started_with_the_placed_key_that_no_page_reads(
    tmp_path: Path, started: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    team = scene.settle(tmp_path, "closed")
    file = put(team, 0o644)
    analyst = team.as_(Role.ANALYST)
    assert "có, nhưng không nhận" in analyst.get(HOME).text and not analyst.page.tree.all("main")[0].all("form")
    file.chmod(0o600)
    monkeypatch.setattr(Path, "read_bytes", _forbidden(file, Path.read_bytes))
    monkeypatch.setattr(os, "open", _forbidden(file, os.open))
    analyst.get(HOME)
    assert analyst.submit("freeze", 422).faults == ["Xin đánh dấu ô này."]
    analyst.submit("freeze", 303, sure="y")
    assert started == [("freeze", "--wave", "w", "--placed", "-o", str(tmp_path / "datasets/w/1"))]
    assert team.log()[-1]["action"] == "job started"


def put(team: Staff, mode: int) -> Path:
    file = placed_key.place(team.app.settings.instance, "w")
    file.parent.mkdir()
    file.write_text("-----BEGIN PRIVATE KEY-----", "utf-8")
    file.chmod(mode)
    return file


def _forbidden(file: Path, real: Any) -> Any:
    def call(path: Any, *more: Any, **named: Any) -> Any:
        assert str(path) != str(file), "a web worker read the private key"
        return real(path, *more, **named)

    return call


@pytest.mark.parametrize("spoiled", ["mode", "link", "folder", "absent"])
def test_the_job_takes_nothing_but_a_private_file(tmp_path: Path, spoiled: str) -> None:
    file = placed_key.place(tmp_path, "w")
    file.parent.mkdir()
    elsewhere = tmp_path / "else.pem"
    elsewhere.write_bytes(b"key")
    elsewhere.chmod(0o600)
    match spoiled:
        case "mode":
            file.write_bytes(b"key")
            file.chmod(0o640)
        case "link":
            file.symlink_to(elsewhere)
        case "folder":
            file.mkdir(mode=0o600)
    assert placed_key.look(tmp_path, "w") is (
        placed_key.Placed.ABSENT if spoiled == "absent" else placed_key.Placed.UNSAFE
    )
    with pytest.raises(Faults, match=r"mode 0640|as a private key|no regular file|no private key"):
        placed_key.read(tmp_path, "w")


def test_a_private_file_is_read_and_one_of_another_account_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = placed_key.place(tmp_path, "w")
    file.parent.mkdir()
    file.write_bytes(b"key")
    file.chmod(0o600)
    assert placed_key.look(tmp_path, "w") is placed_key.Placed.READY and placed_key.read(tmp_path, "w") == b"key"
    monkeypatch.setattr(os, "geteuid", lambda: file.stat().st_uid + 1)
    with pytest.raises(Faults, match="another account"):
        placed_key.read(tmp_path, "w")


def test_an_interim_freeze_needs_seal_0_to_declare_it(tmp_path: Path, started: list[tuple[str, ...]]) -> None:
    team = scene.settle(tmp_path, "open", "interim = true")
    put(team, 0o600)
    analyst = team.as_(Role.ANALYST)
    assert "Niêm phong số 0 không khai báo chốt tạm" in analyst.get(HOME).text
    assert analyst.post(f"{HOME}/freeze", 422, sure="y").status == 422 and not started
    with team.app.store.write() as tx:
        tx.seal_add(wave="w", number=0, body=json.dumps({"interim": True}), hash="0" * 64)
    assert "chỉ cho xem số lượng" in analyst.get(HOME).text
    analyst.submit("freeze", 303, sure="y")
    assert started == [
        ("freeze", "--wave", "w", "--interim", "--placed", "-o", str(tmp_path / "datasets/w/interim-1"))
    ]  # fmt: skip


def test_the_doctor_tells_of_a_key_that_was_left(own: Staff) -> None:
    def told() -> dict[str, str]:
        return {each.what: each.fault for each in health.examine(own.app.settings)}

    assert "placed key of w" not in told()
    file = put(own, 0o644)
    found = told()
    assert "still lies on the server" in found["placed key of w"] and "others can read it" in found[f"mode of {file}"]
    assert "lấy tệp khóa ra khỏi máy chủ" in own.as_(Role.ANALYST).get(HOME).text


def test_what_is_typed_reaches_the_command_as_one_line(team: Staff, started: list[tuple[str, ...]]) -> None:
    analyst = team.as_(Role.ANALYST)
    analyst.get(f"{HOME}/report/1/approve")
    analyst.submit("approve", 303, **{**DECISION, "signer": "--withdraw\0\nNguyễn  Văn A"})
    assert started[0][-1] == "--signer=--withdraw Nguyễn Văn A"


def test_datasets_are_shown_with_the_facts_of_their_manifest(team: Staff) -> None:
    analyst = team.as_(Role.ANALYST)
    name = scene.name(team)
    row = analyst.get(HOME).table()[1]
    assert row[1:5] == [f"{name}…", "22", "22", "22"]
    text = analyst.get(f"{HOME}/data/{name}").text
    assert "assessments.parquet" in text and "cli:test" in text
    analyst.get(f"{HOME}/data/{'0' * 16}", 404)


def test_figures_by_unit_and_by_item_hide_small_cells(team: Staff) -> None:
    analyst, name = team.as_(Role.ANALYST), scene.name(team)
    page = analyst.get(f"{HOME}/data/{name}?unit=so_a")
    assert page.table()[1][1].startswith("50,0%") and "n = 8" in page.table()[1][1]
    page = analyst.get(f"{HOME}/data/{name}?item=access_1&statistic=mean")
    assert [row[0] for row in page.table()[1:]] == ["Sở A", "Sở B", "Sở C"] and page.table()[3][1].startswith("0,21")
    rows = shelf.document(shelf.figures(team.app.settings.instance, "w", name) / "unit-so_a.json")
    assert {row["statistic"] for row in rows} == {"mean", "favourable", "choice"}
    table = analyst.client.get(f"{HOME}/data/{name}/figures.csv?item=access_1").text
    assert "Sở A,Người dân,favourable,8,0.5" in table
    assert analyst.client.get(f"{HOME}/data/{name}/figures.xlsx?item=access_1").data[:2] == b"PK"
    assert "so_a,dan,access_1,mean,,8" in analyst.client.get(f"{HOME}/data/{name}/all.csv").text
    analyst.get(f"{HOME}/data/{name}/figures.ods", 404)


def test_figures_are_a_job_and_there_are_none_of_an_interim_dataset(
    own: Staff, tmp_path: Path, started: list[tuple[str, ...]]
) -> None:
    analyst, name = own.as_(Role.ANALYST), scene.name(own)
    for missing in ("figures.csv", "all.csv", "quality", "quality.csv"):
        analyst.get(f"{HOME}/data/{name}/{missing}", 404)
    analyst.get(f"{HOME}/data/{name}")
    analyst.submit("analyse", 303)
    assert started[0][:3] == ("analyse", "--dataset", str(tmp_path / "datasets/w/1"))
    home = tmp_path / "interim"
    scene.make_inputs(tmp_path / "more", interim=True) if (tmp_path / "more").mkdir() is None else None
    (tmp_path / "more/dataset").rename(home)
    other = scene.log_freeze(own, home, interim=True)
    assert "không được xem trước khi đợt kết thúc" in analyst.get(f"{HOME}/data/{other}").text
    assert "chỉ cho xem số lượng" in analyst.post(f"{HOME}/data/{other}/analyse", 422).text
    with pytest.raises(Faults, match="interim dataset"):
        scene.run(own, scene.analyse, "--dataset", home, "-o", tmp_path / "figures")


def test_an_altered_dataset_is_shown_as_such_and_opens_no_page(own: Staff, tmp_path: Path) -> None:
    name = scene.name(own)
    manifest = tmp_path / "datasets/w/1/manifest.json"
    manifest.write_text(manifest.read_text("utf-8") + " ", "utf-8")
    analyst = own.as_(Role.ANALYST)
    assert "không còn, hoặc đã bị sửa" in analyst.get(HOME).text
    analyst.get(f"{HOME}/data/{name}", 404)
    assert "việc tiếp theo" in analyst.get(HOME).text


def test_the_quality_annex_counts_flags_and_calls(team: Staff) -> None:
    analyst, name = team.as_(Role.ANALYST), scene.name(team)
    with team.app.store.write() as tx:
        tx.control_add_up([{"wave": "w", "unit": unit, "mode": "qr", "interviewer": "", "outcome": outcome, "n": n}
                           for unit in ("", "so_a") for outcome, n in (("drawn", 3), ("called", 2))])  # fmt: skip
        tx.control_add_up([{"wave": "w", "unit": "", "mode": "interview", "interviewer": "Trần Thị Lan",
                            "outcome": outcome, "n": n} for outcome, n in (("drawn", 3), ("called", 2))])  # fmt: skip
        tx.arrival_count([{"wave": "w", "day": "2026-03-02", "grp": "dan", "unit": unit, "kind": kind, "n": n}
                          for unit, n in (("so_a", 40), ("so_b", 3), ("", 43)) for kind in ("forms", "busiest")
                          ])  # fmt: skip
        tx.arrival_count([{"wave": "w", "day": "2026-03-02", "grp": "dan", "unit": "so_a", "kind": "keyed", "n": 12}])
        tx.keyer_count_add([{"wave": "w", "keyer": "Lê Văn Bình", "day": "2026-03-02", "kind": "keyed", "n": 12}])
    text = analyst.get(f"{HOME}/data/{name}/quality").text
    assert "Gọi kiểm tra" in text and "lý do để xem lại" in text
    tables = [analyst.page.table(at) for at in range(len(analyst.page.tree.all("table")))]
    cross = next(table for table in tables if {"Cơ quan", "Hình thức", "Điều tra viên"} <= set(table[0]))
    assert [row[1:] for row in cross[1:]] == [["phiếu có mã QR", "", "3", "2", "…", "…", "…", "0", "0", "1"]]
    by_mode = next(table for table in tables if table[0][0] == "Hình thức")
    assert [row[:3] for row in by_mode[1:]] == [["phỏng vấn trực tiếp", "3", "2"], ["phiếu có mã QR", "3", "2"],
                                                ["Tất cả", "6", "4"]]  # fmt: skip
    by_interviewer = next(table for table in tables if table[0][0] == "Điều tra viên")
    assert by_interviewer[1] == ["Trần Thị Lan", "3", "2", "…", "…", "…", "0", "0", "1"]
    arrivals = next(table for table in tables if "Giờ nhiều nhất" in table[0])
    assert [row[3:] for row in arrivals[1:]] == [["40", "40", "40", "0"], ["…"] * 4]
    keyed = next(table for table in tables if "Người nhập" in table[0])
    assert keyed[1] == ["Lê Văn Bình", "", "12", "12", "0", "0"]
    about = next(table for table in tables if "Hai người cùng nhập" in table[0] and "Cơ quan" in table[0])
    assert about[1][2:] == ["", "12", "12", "0", "0"]
    assert analyst.client.get(f"{HOME}/data/{name}/quality.csv").status_code == 200
    analyst.get(f"{HOME}/data/{name}/quality.ods", 404)


def test_a_report_is_made_from_tables_that_are_sent_up(
    own: Staff, tmp_path: Path, started: list[tuple[str, ...]]
) -> None:
    analyst = own.as_(Role.ANALYST)
    assert analyst.get(HOME).links["Lập báo cáo mới"] == f"{HOME}/report/new"
    labels = [label.text for label in analyst.get(f"{HOME}/report/new").tree.all("label")]
    assert "Bảng điểm thẩm định" in labels, "nothing was sent up before: it is needed, and not said to be left out"
    assert analyst.submit(status=422).faults == ["Mục này chưa điền."]
    for bad, word in (((io.BytesIO(b"%PDF"), "bang.pdf"), "đuôi"), ((io.BytesIO(b"x"), "bang.xlsx"), "XLSX"),
                      ((io.BytesIO(b"a\0b"), "bang.csv"), "văn bản")):  # fmt: skip
        analyst.get(f"{HOME}/report/new")
        assert word in analyst.submit(status=422, appraised=bad).faults[0]
    analyst.get(f"{HOME}/report/new")
    assert analyst.submit(status=422, last="sent", appraised=points()).faults == ["Mục này chưa điền."]
    analyst.get(f"{HOME}/report/new")
    analyst.submit(status=303, appraised=points(), points=" plan ", step="submitted", last="sent",
                   before=(io.BytesIO(b"unit,index\n"), "2025.csv"))  # fmt: skip
    [job] = started
    given = tmp_path / "reports/w/1-given"
    assert job == (
        "report", f"--dataset={tmp_path / 'datasets/w/1'}", f"--framework={given / 'framework.toml'}",
        f"--appraised={given / 'appraised.csv'}", f"--previous={given / 'before.csv'}", "--points=plan",
        "--round=submitted", "-o", str(tmp_path / "reports/w/1"),
    )  # fmt: skip
    assert stat.S_IMODE(given.stat().st_mode) == 0o700
    analyst.get(f"{HOME}/report/new")
    assert "Bảng đã gửi lên: điểm.csv" in analyst.page.text
    analyst.submit(status=303)
    assert f"--appraised={tmp_path / 'reports/w/2-given/appraised.csv'}" in started[1]
    assert (tmp_path / "reports/w/2-given/appraised.csv").read_bytes() == points()[0].read()


def points() -> tuple[io.BytesIO, str]:
    return io.BytesIO("unit,plan\nSở A,30\n".encode()), "điểm.csv"


def test_a_second_job_is_refused_with_what_runs(own: Staff) -> None:
    analyst, name = own.as_(Role.ANALYST), scene.name(own)
    with jobs._alone(own.app.settings.instance, ("freeze",)):
        assert "đang chạy" in analyst.post(f"{HOME}/data/{name}/analyse", 422).faults[0]
        analyst.get(f"{HOME}/report/new")
        assert "đang chạy" in analyst.submit(status=422, appraised=points()).faults[0]


def test_the_files_of_a_report_are_those_of_its_manifest(team: Staff, tmp_path: Path) -> None:
    analyst = team.as_(Role.ANALYST)
    page = analyst.get(f"{HOME}/report/1")
    assert "Dự thảo" in page.text and page.links["Báo cáo để in"] == f"{HOME}/report/1/file/bao-cao.pdf"
    shown = analyst.client.get(f"{HOME}/report/1/file/index.html")
    assert "DỰ THẢO" in shown.text and "'sha256-" in shown.headers["Content-Security-Policy"]
    saved = analyst.client.get(f"{HOME}/report/1/file/bao-cao.pdf")
    assert saved.headers["Content-Disposition"].startswith("attachment") and saved.data.startswith(b"%PDF")
    for name in ("pack.json", "inputs.json", "../1-given/names.json", "%2e%2e/2/index.html", "nothing.html"):
        assert analyst.client.get(f"{HOME}/report/1/file/{name}").status_code == 404, name
    analyst.get(f"{HOME}/report/9", 404)


@pytest.mark.parametrize(
    ("deed", "typed", "options"),
    [
        ("submit", {"sure": "y"}, ("--submit",)),
        ("approve", DECISION, ("--approve", "--decision=12/QĐ-UBND", "--date=2026-06-25", "--signer=Nguyễn Văn A")),
        ("publish", DECISION, ("--decision=12/QĐ-UBND", "--date=2026-06-25", "--signer=Nguyễn Văn A")),
        ("publish", {**DECISION, "ranks": None},
         ("--decision=12/QĐ-UBND", "--date=2026-06-25", "--signer=Nguyễn Văn A", "--without-ranks")),
    ],
)  # fmt: skip
def test_each_deed_is_asked_about_and_then_a_job(
    team: Staff, started: list[tuple[str, ...]], deed: str, typed: dict[str, str], options: tuple[str, ...]
) -> None:
    analyst = team.as_(Role.ANALYST)
    analyst.get(f"{HOME}/report/1/{deed}")
    assert "Xin đánh dấu ô này." in analyst.submit(deed, 422).faults
    analyst.get(f"{HOME}/report/1/{deed}")
    assert analyst.submit(deed, 303, **typed).location == f"{HOME}/report/1"
    assert started == [("publish", str(team.app.settings.instance / "reports/w/1"), *options)]


def test_no_kind_at_all_is_not_published_and_a_report_seen_before_it_changed_neither(
    team: Staff, started: list[tuple[str, ...]]
) -> None:
    analyst = team.as_(Role.ANALYST)
    analyst.get(f"{HOME}/report/1/publish")
    assert analyst.submit("publish", 422, **DECISION, kinds=[]).faults == ["Chọn ít nhất một loại cơ quan."]
    analyst.get(f"{HOME}/report/1/submit")
    page = analyst.submit("submit", 422, sure="y", seen="0" * 64)
    assert "đã được người khác sửa lúc" in page.faults[0] and not started
    analyst.submit("submit", 303, sure="y")  # looked at again, it is what it is


def test_published_results_are_corrected_and_withdrawn(own: Staff, started: list[tuple[str, ...]]) -> None:
    analyst, draft = own.as_(Role.ANALYST), scene.drafted(own)
    given = ("--decision", "12/QĐ-UBND", "--date", "2026-06-25", "--signer", "Nguyễn Văn A")
    scene.run(own, publish, draft, *given)
    page = analyst.get(HOME)
    assert "Đang công bố" in page.text and "12/QĐ-UBND" in page.text
    assert analyst.get("/desk/").links["Xem kết quả"] == HOME
    analyst.get(f"{HOME}/report/1/publish")
    assert "ghi rõ bản mới đính chính điều gì" in analyst.submit("publish", 422, **DECISION).faults[0]
    analyst.submit("publish", 303, **DECISION, correction="Điểm của Sở A")
    assert "--correction=Điểm của Sở A" in started[0]
    analyst.get(f"{HOME}/withdraw/all")
    assert len(analyst.submit(status=422).faults) == 2
    analyst.submit(status=303, reason="Sai điểm", sure="y")
    assert "Đã rút" in analyst.arrive().text and "Sai điểm" in analyst.page.text
    assert register.read(own.app.settings.instance, "w")[0].current is None
    last = own.log()[-1]
    assert (last["action"], last["who"]) == ("results withdrawn", "desk:analyst")
    analyst.get(f"{HOME}/withdraw/all", 404)


def test_a_report_of_an_earlier_wave_can_be_compared_with(
    own: Staff, started: list[tuple[str, ...]], tmp_path: Path
) -> None:
    draft = scene.drafted(own)
    scene.run(own, publish, draft, "--decision", "1", "--date", "2026-06-25", "--signer", "A")
    with own.app.store.write() as tx:
        tx.connection.execute("UPDATE wave SET state = 'frozen' WHERE id = 'demo'")
    home = tmp_path / "datasets/w/1"
    detail = {
        "dataset": shelf.datasets(own.app.store, "w", own.app.settings.instance)[0].hash,
        "folder": str(home),
        "interim": False,
    }
    with own.app.store.write() as tx:
        scene.audit.append(tx, own.app.clock, "t", scene.audit.FROZEN, "demo", detail)
    analyst = own.as_(Role.ANALYST)
    analyst.get("/desk/w/demo/results/report/new")
    assert "Đợt có kết quả" in analyst.page.text
    known = {option.text: option.attributes["value"] for option in analyst.page.tree.all("option")}
    analyst.submit(status=303, last="w/all", framework=known["Khung thử"], appraised=points())
    assert f"--previous={tmp_path / 'reports/demo/1-given/before.json'}" in started[0]


def test_a_job_runs_to_its_end_and_the_page_follows(own: Staff) -> None:
    analyst, draft = own.as_(Role.ANALYST), scene.drafted(own)
    analyst.get(f"{HOME}/report/1/submit")
    analyst.submit("submit", 303, sure="y")
    assert "Trình duyệt báo cáo" in analyst.arrive().text
    deadline = time.monotonic() + 60
    while (told := jobs.status(own.app.settings)) and told.running and time.monotonic() < deadline:
        time.sleep(0.05)
    for watcher in jobs._STARTED:
        watcher.wait(30)
    assert told is not None and (told.state, told.who) == ("done", "desk:analyst")
    assert "Đã trình" in analyst.get(f"{HOME}/report/1").text
    assert json.loads((draft / "pack.json").read_text("utf-8"))["standing"]["state"] == "submitted"
    assert any(row["action"] == "report submitted" and str(row["who"]).startswith("desk:analyst") for row in own.log())
    assert analyst.get("/desk/jobs?wave=w").links["Về trang kết quả"] == HOME


def test_a_job_of_another_wave_is_not_shown_here(own: Staff) -> None:
    analyst = own.as_(Role.ANALYST)
    job_record.begin(own.app.settings.instance, ("report", "-o", "/x/reports/other/1"), "desk:analyst", own.app.clock)
    assert "Bị ngắt" not in analyst.get(HOME).text
    job_record.begin(own.app.settings.instance, ("report", "-o", "/x/reports/w/1"), "desk:analyst", own.app.clock)
    assert "Bị ngắt giữa chừng" in analyst.get(HOME).text
    with own.app.test_request_context():
        assert jobs_page.name_of(("publish", "d", "--approve")) == "Ghi quyết định phê duyệt"


def test_web_workers_show_results_without_the_statistics(own: Staff) -> None:
    scene.analysed(own)
    scene.drafted(own)
    settings, name = own.app.settings, scene.name(own)
    program = f"""
import sys
from datetime import datetime
from pathlib import Path
from survey import create_app
from survey.config import load
from tests.desk.desk import Desk
from tests.desk.staff import CHEAP
at = datetime.fromisoformat({own.app.clock().isoformat()!r})
app = create_app(load(Path({str(settings.instance)!r})), lambda: at)
app.hasher = CHEAP
desk = Desk(app).sign_in("analyst")
for path in ("", "/data/{name}", "/data/{name}?item=access_1", "/data/{name}/quality", "/report/new", "/report/1"):
    desk.get("{HOME}" + path)
desk.get("/desk/w/w/unit/so_a")
print([m for m in ('numpy', 'scipy', 'pyarrow', 'matplotlib') if m in sys.modules])
"""
    made = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert made.stdout.strip() == "[]"


def test_a_browser_of_no_analyst_sees_none_of_it(team: Staff) -> None:
    for role in set(Role) - {Role.ANALYST}:
        desk: Desk = team.as_(role)
        desk.get(HOME, 403)
        desk.get(f"{HOME}/report/1/file/result.json", 403)
