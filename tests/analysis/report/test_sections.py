"""What a result's ranking stands on and how good its data are: every section, from figures that are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from analysis.drivers import Priority, Quadrant
from analysis.evidence import Apart, Evenness, Evidence, Flagged, Weighting
from analysis.factors import Driver, FactorReliability, ItemReliability, KindDrivers
from analysis.findings import (
    Choice,
    Common,
    LikeForLike,
    Pairs,
    RankRange,
    Scenario,
    Sensitivity,
    Side,
    Target,
    Verdict,
    Weighty,
)
from analysis.report.annexes import Annexes
from analysis.report.blocks import Heading, Items, Picture, Table, Text, plain
from analysis.report.cells import HIDDEN
from analysis.report.content import Material, appraisal, checked, unit
from analysis.report.content.collected import collected
from analysis.report.content.compared import compared
from analysis.report.content.satisfied import satisfied
from analysis.report.standing import DRAFT
from analysis.result import IndexResult, KindResult
from analysis.satisfaction import Question, Satisfaction, Share, Spread
from analysis.told_rounds import CellChange, Round, Rounds
from forms.framework import Framework


def told(blocks: Any) -> str:
    """Everything that stands in blocks, as one text."""
    said: list[str] = []
    for block in blocks:
        match block:
            case Heading(text):
                said.append(text)
            case Text(text):
                said.append(plain(text))
            case Items(items):
                said += [plain(item) for item in items]
            case Table():
                said += [cell.plain for line in block.lines for cell in line]
            case Picture():
                said.append(block.wide.alternative)
    return "\n".join(said)


@pytest.fixture(scope="module")
def enriched(result: IndexResult) -> IndexResult:
    """The departments with all that may be compared."""
    [first, *others] = result.kinds
    units = []
    for at, figure in enumerate(first.units):
        change = 0.8 - 0.1 * at
        verdict = Verdict.MORE if at < 3 else Verdict.NOISE
        alike = LikeForLike(80.0, 80.0 + change, change, 0.3, 40.0, change - 0.6, change + 0.6, 0.01, verdict, 88.5)
        gap = -0.5 if at == 0 else 1.25
        target = Target(90.0, gap, gap < 0, Side.ABOVE if gap < 0 else Side.NOISE, "Nghị quyết 01" if at == 0 else "")
        units.append(replace(figure, like_for_like=alike, target=target))
    names = [figure.unit for figure in first.units]
    ranks = {name: at for at, name in enumerate(reversed(names), start=1)}
    found = Sensitivity(
        (Scenario(Choice.DOMAIN, "steering", ranks, (), 4, 1.5, 3),), (),
        {name: RankRange(at, min(at + 2, len(names))) for at, name in enumerate(names[:-1], start=1)},
        (Weighty(Choice.DOMAIN, "steering", 1.5, 3), Weighty(Choice.SELF, "cong_chuc", 0.5, 1),
         Weighty(Choice.MODE, "paper", 0.2, 1), Weighty(Choice.SHARES, "50", 0.1, None)),
        {"flagged": "unknown"},
    )  # fmt: skip
    pairs = Pairs(first.pairs.p_values if first.pairs else first.covariance, (tuple(names[:3]),))
    common = Common(("steering_s",), ("lanh_dao",), {"impact_s": "rule"}, "ab" * 32)
    kind: KindResult = replace(first, units=tuple(units), sensitivity=found, pairs=pairs, common=common)
    changes = (
        CellChange("explained", names[0], "steering_s", 4.0, 4.5, "bổ sung tài liệu", "CV 12", "x", "2026-12-01"),
    )
    rounds = Rounds((Round("appraised", "2026-11-01T08:00:00", "x", "a.xlsx", "cc" * 32, 40),), changes, "dd" * 32)
    return replace(result, kinds=(kind, *others), rounds=rounds)


@pytest.fixture(scope="module")
def annexes(enriched: IndexResult) -> Annexes:
    kind = enriched.kinds[0]
    names = [figure.unit for figure in kind.units]
    factors = (Question("access", {"vi": "Tiếp cận"}, ("a_1",)), Question("staff", {"vi": "Công chức"}, ("s_1",)))
    items = (Question("a_1", {"vi": "Dễ tìm nơi nộp"}, ("access",)), Question("s_1", {"vi": "Thái độ"}, ("staff",)))
    share = Share(0.8, 0.02, 0.75, 0.85, 40)
    shares = {name: {each.id: share for each in (*factors, *items)} for name in names}
    spreads = (
        Spread("a_1", "access", (0.05, 0.1, 0.2, 0.4, 0.25), 200),
        Spread("s_1", "staff", (0, 0, 0, 0.5, 0.5), 180),
    )
    found = Satisfaction(
        kind.kind, ("nguoi_dan",), factors, items, ("Rất kém", "Kém", "Vừa", "Tốt", "Rất tốt"), shares,
        {"access": 0.7, "staff": 0.9, "a_1": 0.7, "s_1": 0.9}, spreads,
    )  # fmt: skip
    first = Priority("access", 0.7, 0.6, Quadrant.IMPROVE_FIRST, False)
    second = Priority("staff", 0.3, 0.9, Quadrant.MAINTAIN, True)
    driven = KindDrivers(
        kind.kind, ("nguoi_dan",), 190, 10, 0.42,
        (Driver("access", 0.294, 0.7, 0.5, 0.9), Driver("staff", 0.126, 0.3, None, None)),
        {names[0]: (second, first)}, 0.5, {names[0]: 0.75},
    )  # fmt: skip
    reliability = (
        FactorReliability("nguoi_dan", "access", {"vi": "Tiếp cận"}, (ItemReliability("a_1", 0.5, None),) * 3, 150, 5,
                          0.81, 0.76, 0.85, "feldt", 0.8, 0.82),
        FactorReliability("nguoi_dan", "staff", {"vi": "Công chức"}, (), 0, reason="few"),
    )  # fmt: skip
    evidence = Evidence(
        (Flagged("straight", "nguoi_dan", 12, 200), Flagged("copied", "nguoi_dan", None, 200)),
        (Apart("copied", "nguoi_dan", names[1]),), ("to_chuc",),
        (Evenness("nguoi_dan", 0.91, 0.02, "m_channel", 0.04), Evenness("to_chuc", reason="everybody answered")),
        (Weighting("nguoi_dan", "base", 1.0, 4.0, 900.0, 1.08),),
    )  # fmt: skip
    comments = {names[0]: [{"id": "x", "theme": "Thời gian", "count": 7}]}
    return Annexes({kind.kind: found}, {kind.kind: driven}, reliability, comments, evidence)


@pytest.fixture(scope="module")
def material(enriched: IndexResult, annexes: Annexes, rules: Framework) -> Material:
    return Material(enriched, rules, {}, (), DRAFT, annexes)


@pytest.mark.parametrize(("high", "alike"), [(4.0, False), (4.0 + 1e-12, False), (1.0, True), (1.0 + 1e-12, True)])
def test_weights_that_are_all_alike_are_said_not_drawn(high: float, alike: bool, material: Material) -> None:
    last = Weighting("nguoi_dan", "calibrated", 1.0, high, 900.0, 1.0, (1.0, 1.0, high))
    evidence = replace(material.annexes.evidence, weights=(Weighting("nguoi_dan", "base", 1.0, 9.0, 900.0, 1.5), last))
    found = checked.section(replace(material, annexes=replace(material.annexes, evidence=evidence)))
    assert found is not None
    blocks = found.blocks
    drawn = [block for block in blocks if isinstance(block, Picture) and "Trọng số" in block.caption]
    assert ("mọi phiếu có trọng số bằng nhau" in told(blocks)) is alike
    assert bool(drawn) is not alike


def test_weights_of_a_group_with_something_hidden_are_marked_and_neither_drawn_nor_called_alike(
    material: Material,
) -> None:
    steps = tuple(Weighting("nguoi_dan", name, None, None, None, 1.08) for name in ("base", "nonresponse"))
    evidence = replace(material.annexes.evidence, weights=steps)
    found = checked.section(replace(material, annexes=replace(material.annexes, evidence=evidence)))
    assert found is not None
    [table] = [block for block in found.blocks if isinstance(block, Table) and block.id == "trong-so"]
    assert [[cell.text for cell in row[2:]] for row in table.rows] == [["•", "•", "•", "1,08"]] * 2
    assert not any(isinstance(block, Picture) and "Trọng số" in block.caption for block in found.blocks)
    said = told(found.blocks)
    assert "bằng nhau" not in said and "•: không công bố" in said


def test_what_the_ranking_stands_on(material: Material) -> None:
    kind = material.kinds[0]
    said = told(compared(material, kind))
    names = [row.name for row in kind.rows]
    assert "; ".join(names[:3]) + "." in said  # a tied run
    assert "1 tiêu chí thành phần giống nhau" in said and "+0,80 vượt sai số" in said
    assert "Công tác chỉ đạo" in said and "1,5 bậc" in said and "phiếu giấy" in said
    assert "Công chức tự đánh giá cơ quan" in said and "bỏ phiếu có dấu hiệu bất thường (chưa kiểm tra)" in said
    assert "1 trong 18 cơ quan có mục tiêu đạt mục tiêu" in said and "Nghị quyết 01" in said
    tables = {block.id for block in compared(material, kind) if isinstance(block, Table)}
    assert {f"{name}-{kind.id}" for name in ("phan-chung", "lua-chon", "do-nhay", "muc-tieu")} == tables


def test_how_forms_came_and_were_checked_by_calls(material: Material) -> None:
    said = dict(drawn=6, called=5, declined=1, not_reached=0, open=0, not_received=1, not_self=0, told_how=2)
    few = said | dict(called=1, not_received=None, not_self=None, told_how=None)
    [first, second, *_] = [figure.unit for figure in material.result.kinds[0].units]
    arrivals = [
        {"group": "nguoi_dan", "unit": first, "forms": 60, "busiest_hour": 22, "busiest_day": 30, "crowded": 21,
         "marks": ["hour", "network"]},
        {"group": "to_chuc", "unit": first, "forms": 12, "busiest_hour": None, "busiest_day": 6, "crowded": 0,
         "marks": []},
        {"group": "nguoi_dan", "unit": second, "forms": None, "busiest_hour": None, "busiest_day": None,
         "crowded": None, "marks": []},
    ]  # fmt: skip
    fieldwork = {
        "arrivals": arrivals,
        "keyed": [{"group": "nguoi_dan", "unit": first, "forms": 30, "busiest_day": 12, "compared": 20, "differed": 15,
                   "marked": True}],
        "keyers": [{"keyer": 1, "forms": 40, "busiest_day": 30, "compared": 10, "differed": 8, "marked": True},
                   {"keyer": 2, "forms": 50, "busiest_day": 9, "compared": 12, "differed": 1, "marked": False}],
        "control": {"all": said | {"open": 3}, "by_unit": [{"unit": first, **said}, {"unit": second, **few}],
                    "by_mode": [{"mode": "qr", **said}], "by_interviewer": [{"interviewer": 1, **few}],
                    "by_cell": [{"unit": first, "mode": "qr", "interviewer": 1, **said},
                                {"unit": first, "mode": "qr", "interviewer": None, **few}]},
    }  # fmt: skip
    made = list(collected(replace(material, manifest={"fieldwork": fieldwork})))
    text, tables = told(made), {block.id: block for block in made if isinstance(block, Table)}
    rows = [[cell.plain for cell in line] for line in tables["luc-gui"].lines]
    assert rows[0][1:] == ["72", "30", HIDDEN, "21"] and rows[1][1:] == [HIDDEN] * 4
    assert "nhiều phiếu gửi trong cùng một giờ; nhiều phiếu gửi từ cùng một mạng" in text
    assert "hơn hẳn những người nhập khác: số 1." in text and "còn 3 cuộc chưa gọi" in text
    calls = [[cell.plain for cell in line] for line in tables["phuc-tra-co-quan"].lines]
    assert [row[1:] for row in calls] == [["6", "5", "1", "0", "1", "0", "2"], ["6", "1", "1", "0"] + [HIDDEN] * 3]
    assert next(iter(tables["phuc-tra-dieu-tra-vien"].lines))[0].plain == "số 1"
    assert [cell.plain for cell in next(iter(tables["phuc-tra-tung-o"].lines))][2:5] == ["số 1", "6", "5"]
    assert len(list(tables["phuc-tra-tung-o"].lines)) == 1 and "1 ô khác có quá ít cuộc gọi" in text
    fieldwork["control"]["by_cell"] = [{"unit": first, "mode": "qr", "interviewer": None, **few}]
    assert "đều có quá ít cuộc gọi" in told(collected(replace(material, manifest={"fieldwork": fieldwork})))
    assert [cell.plain for cell in next(iter(tables["phieu-giay-co-quan"].lines))][2:] == ["30", "12", "20", "15"]
    assert "Phiếu bị nhập khác nhau nhiều hơn hẳn ở các cơ quan khác:" in text
    calm = {"arrivals": [row | {"marks": []} for row in arrivals]}
    quiet = told(collected(replace(material, manifest={"fieldwork": calm})))
    assert "dồn vào một giờ, một ngày hay một mạng" in quiet and "chưa có cuộc gọi phúc tra nào" in quiet


def test_without_ranks_nothing_tells_them(material: Material) -> None:
    quiet = replace(material, standing=replace(DRAFT, with_ranks=False))
    said = told(compared(quiet, quiet.kinds[0]))
    assert "bậc" not in said and "không phân biệt" not in said and "phần chung" in said


def test_a_kind_without_anything_to_compare_says_nothing(result: IndexResult, rules: Framework) -> None:
    bare = Material(result, rules, {})
    kind = bare.kinds[0]
    plainly = replace(kind, result=replace(kind.result, pairs=None, sensitivity=None, common=None))
    assert list(compared(bare, plainly)) == [] and list(satisfied(bare, kind)) == []
    apart = replace(kind, result=replace(kind.result, pairs=Pairs(kind.result.covariance, ()), sensitivity=None))
    assert "khác nhau vượt sai số" in told(compared(bare, apart))


def test_how_people_answered_and_what_goes_with_it(material: Material) -> None:
    blocks = list(satisfied(material, material.kinds[0]))
    said = told(blocks)
    assert "Hài lòng nhiều nhất: Thái độ (100,0%); ít nhất: Dễ tìm nơi nộp (65,0%)" in said
    assert "70,0%" in said and "50,0%–90,0%" in said and "42,0% sự khác nhau" in said
    assert "không phải nguyên nhân" in said
    pictures = [block for block in blocks if isinstance(block, Picture)]
    assert len(pictures) == 2 and "Tiếp cận" in pictures[1].wide.alternative  # weighs much, fares below the mean
    assert all(picture.narrow is not None for picture in pictures)


def test_a_units_page_says_where_to_begin(material: Material) -> None:
    kind = material.kinds[0]
    first, second, *_ = unit.sheets(material, kind)
    said = told(first.more)
    assert said.index("cải thiện trước") < said.index("duy trì (chưa chắc)")
    assert "+0,80 điểm, vượt sai số" in said and "đã đạt" in said and "Thời gian (7)" in said
    assert "còn thiếu 1,25 điểm" in told(second.more) and "Nên bắt đầu" not in told(second.more)


def test_the_annex_of_quality(material: Material) -> None:
    made = checked.section(material)
    assert made is not None and made.appendix
    said = told(made.blocks)
    assert "6,0%" in said and "•" in said and "nhiều phiếu gần như chép lại của nhau" in said
    assert (
        "0,91" in said and "kênh nộp hồ sơ" in said and "1,08" in said and "0,810" in said and "0,760 – 0,850" in said
    )
    assert "Công chức" not in said.split("Alpha")[-1].split("nhất quán")[-1]  # a factor without numbers has no line
    assert checked.section(Material(material.result, material.framework, {})) is None
    nothing = replace(material.annexes, evidence=replace(material.annexes.evidence, apart=(), unchecked=()))
    assert "Không cơ quan nào khác hẳn" in told(checked.section(replace(material, annexes=nothing)).blocks)  # type: ignore[union-attr]


def test_the_rounds_of_appraisal(material: Material, result: IndexResult, rules: Framework) -> None:
    made = appraisal.section(material)
    assert made is not None
    said = told(made.blocks)
    assert "thẩm định" in said and "2026-11-01" in said and "bổ sung tài liệu" in said and "4,50" in said
    assert appraisal.section(Material(result, rules, {})) is None
    quiet = replace(material.result, rounds=replace(material.result.rounds, changes=()))  # type: ignore[type-var]
    again = appraisal.section(replace(material, result=quiet))
    assert again is not None and "Không điểm nào thay đổi" in told(again.blocks)
