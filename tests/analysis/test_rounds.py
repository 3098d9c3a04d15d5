"""Rounds of appraisal: what may follow what, what a change needs, and that nothing can be altered later unseen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from analysis import appraised, reply_sheet, rounds
from analysis.appraised import Appraised, Unit, Wanted
from analysis.rounds import Import, Round
from forms import framework
from forms.faults import Faults
from tests.analysis.office_table import FRAMEWORK

UNITS = (Unit("so_tu_phap", "Sở Tư pháp", "department"), Unit("so_y_te", "Sở Y tế", "department"))
NAMES = {unit.id: unit.name for unit in UNITS}
FULL = {"plan_issue": 8.0, "plan_done": 15.0, "report_time": 7.0, "onestop_time": 25.0}
DAY = "2026-12-05T08:00:00+07:00"


@pytest.fixture(scope="module")
def wanted() -> Wanted:
    return appraised.wanted(framework.load(FRAMEWORK, "t"), UNITS)


def add(folder: Path, turn: Round, points: Mapping[str, Mapping[str, float]], **options: object) -> rounds.Kept:
    kept = rounds.opened(folder)
    read = Appraised(points, file=f"{turn}.xlsx", hash="ab", reasons=options.pop("reasons", {}))  # type: ignore[arg-type]
    given = Import(turn, read, "tổ thẩm định", str(options.pop("at", DAY)), **options)  # type: ignore[arg-type]
    return rounds.append(kept, rounds.planned(kept, given, NAMES))


def begun(folder: Path) -> rounds.Kept:
    add(folder, Round.SELF, {"so_tu_phap": dict.fromkeys(FULL, 10.0)})
    return add(folder, Round.APPRAISED, {unit.id: FULL for unit in UNITS})


def test_each_changed_cell_keeps_old_new_reason_document_and_who(tmp_path: Path, wanted: Wanted) -> None:
    begun(tmp_path)
    kept = rounds.opened(tmp_path)
    rounds.append(kept, rounds.window("so_y_te", "2026-12-01", "2026-12-10", by="a", at=DAY))
    after = {"so_y_te": {"plan_issue": 9.0, "plan_done": 15.0}}
    kept = add(tmp_path, Round.EXPLAINED, after, reason="Bổ sung tài liệu", document="QĐ 12")
    (change,) = rounds.changes(kept)
    assert (change.round, change.unit, change.subcriterion) == ("explained", "so_y_te", "plan_issue")
    assert (change.old, change.new, change.reason, change.document) == (8.0, 9.0, "Bổ sung tài liệu", "QĐ 12")
    assert (change.by, change.at) == ("tổ thẩm định", DAY)
    standing = rounds.standing(kept, wanted)
    assert standing.points["so_y_te"] == FULL | {"plan_issue": 9.0} and standing.points["so_tu_phap"] == FULL
    assert standing.own == {"so_tu_phap": dict.fromkeys(FULL, 10.0)} and standing.hash == kept.head
    told = rounds.facts(kept)
    assert [(each.round, each.cells) for each in told.rounds] == [("self", 4), ("appraised", 8), ("explained", 1)]
    assert told.changes == (change,) and rounds.changes(kept, "so_tu_phap") == []


def faults(folder: Path, turn: Round, points: Mapping[str, Mapping[str, float]], **options: object) -> list[str]:
    with pytest.raises(Faults) as caught:
        add(folder, turn, points, **options)
    return [fault.message for fault in caught.value.faults]


def test_a_change_without_reason_or_document_and_a_round_out_of_turn_are_refused(tmp_path: Path) -> None:
    one = {"so_y_te": {"plan_issue": 9.0}}
    assert faults(tmp_path, Round.SUBMITTED, one) == [
        "there are no appraised points yet: import the round “appraised” first"
    ]
    begun(tmp_path)
    assert faults(tmp_path, Round.APPRAISED, one) == ["“plan_issue” of “Sở Y tế” changes from 8 to 9 without reason"]
    assert faults(tmp_path, Round.SELF, one) == ["the round “self” is over: “appraised” has begun"]
    (told,) = faults(tmp_path, Round.EXPLAINED, one, reason="vì", document="QĐ")
    assert told.startswith("“Sở Y tế” has no request window")
    rounds.append(rounds.opened(tmp_path), rounds.window("so_y_te", "2026-12-06", "2026-12-10", by="a", at=DAY))
    assert faults(tmp_path, Round.EXPLAINED, one, reason="vì", document="QĐ") == [
        "the request window of “Sở Y tế” is 2026-12-06 to 2026-12-10, and this is 2026-12-05"
    ]
    late = "2026-12-07T08:00:00+07:00"
    assert faults(tmp_path, Round.EXPLAINED, one, at=late) == [
        "“plan_issue” of “Sở Y tế” changes from 8 to 9 without reason or document"
    ]
    lines = len((tmp_path / rounds.FILE).read_text("utf-8").splitlines())
    assert lines == 3  # what was refused left nothing
    with pytest.raises(Faults, match="cannot close"):
        rounds.window("so_y_te", "2026-12-10", "2026-12-01", by="a", at=DAY)


def test_points_that_are_missing_are_named(tmp_path: Path, wanted: Wanted) -> None:
    kept = add(tmp_path, Round.APPRAISED, {"so_y_te": FULL})
    with pytest.raises(Faults) as caught:
        rounds.standing(kept, wanted)
    assert len(caught.value.faults) == 4
    assert "“Sở Tư pháp” has no appraised points of “Ban hành kế hoạch" in str(caught.value.faults[0])


@pytest.mark.parametrize("how", ["altered", "removed", "broken", "odd", "window"])
def test_a_line_that_was_touched_is_found(tmp_path: Path, how: str) -> None:
    begun(tmp_path)
    rounds.append(rounds.opened(tmp_path), rounds.window("so_y_te", "2026-12-01", "2026-12-10", by="a", at=DAY))
    file = tmp_path / rounds.FILE
    lines = file.read_text("utf-8").splitlines()
    if how == "altered":
        lines[1] = lines[1].replace("15.0", "16.0")
    elif how == "removed":
        del lines[1]
    elif how == "broken":
        lines[1] = lines[1][:-5]
    elif how == "odd":
        record = json.loads(lines[1])
        record["round"] = "thẩm định"
        lines[1] = json.dumps(record)
    else:
        lines[2] = lines[2].replace("2026-12-10", "10/12/2026")
    file.write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(Faults):
        rounds.opened(tmp_path)


def test_two_who_add_at_once_do_not_overwrite_each_other(tmp_path: Path) -> None:
    one = begun(tmp_path)
    record = rounds.window("so_y_te", "2026-12-01", "2026-12-10", by="a", at=DAY)
    rounds.append(one, record)
    with pytest.raises(Faults, match="somebody else added"):
        rounds.append(one, record)
    assert len(rounds.opened(tmp_path).records) == 3


def test_a_reply_sheet_goes_out_is_filled_and_comes_back(tmp_path: Path, wanted: Wanted) -> None:
    kept = begun(tmp_path / "kept")
    path = tmp_path / "reply.xlsx"
    reply_sheet.write(kept, wanted, "so_tu_phap", path, "10/12/2026")
    again = path.read_bytes()
    reply_sheet.write(kept, wanted, "so_tu_phap", path, "10/12/2026")
    assert path.read_bytes() == again
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None and [cell.value for cell in sheet[4]] == list(reply_sheet.HEADINGS)
    assert [cell.value for cell in sheet[5]][:6] == ["plan_issue", 1, "Ban hành kế hoạch đúng thời hạn", 10, 10, 8]
    sheet["G5"], sheet["H5"], sheet["I5"], sheet["J5"] = 10, "Đã ban hành đúng hạn", "QĐ 12/QĐ-STP", "9,5"
    book.save(path)
    read = appraised.read(path, wanted, chosen=reply_sheet.AFTER, partial=True)
    assert read.points == {"so_tu_phap": {"plan_issue": 9.5}}
    assert read.reasons["so_tu_phap"]["plan_issue"] == "Đã ban hành đúng hạn"
    assert read.documents["so_tu_phap"]["plan_issue"] == "QĐ 12/QĐ-STP"
