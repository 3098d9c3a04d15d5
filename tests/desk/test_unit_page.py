"""A unit's own page: who sees it when, and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from survey.accounts.roles import Role
from survey.commands.publish import publish
from survey.desk import unit_page, unit_view
from survey.publishing import register, withdrawal
from tests.desk import results_scene as scene
from tests.desk.staff import Staff

pytestmark = pytest.mark.usefixtures("drawn_once")  # none of it judges a chart

OWN, OTHER = "/desk/w/w/unit/so_a", "/desk/w/w/unit/so_b"
NOT_YET = "chưa được công bố"


@pytest.fixture
def team(tmp_path: Path) -> Staff:
    """A frozen wave with a draft."""
    team = scene.frozen(tmp_path)
    scene.drafted(team)
    return team


def give_out(team: Staff, *more: str) -> None:
    draft = team.app.settings.instance / "reports/w/1"
    scene.run(team, publish, draft, "--decision", "12/QĐ-UBND", "--date", "2026-06-25", "--signer", "A", *more)


def test_before_publication_only_analysts_see_it_and_a_viewer_never_another_unit(team: Staff) -> None:
    viewer, analyst = team.as_("xem_a"), team.as_(Role.ANALYST)
    assert NOT_YET in viewer.get(OWN).text and "Chỉ số" not in viewer.page.text
    viewer.get(OTHER, 403)
    viewer.get("/desk/w/w/unit/so_khong_co", 403)
    assert "Dự thảo bản số 1, chưa công bố" in analyst.get(OTHER).text and "Chỉ số" in analyst.page.text
    analyst.get("/desk/w/w/unit/so_khong_co", 404)
    for role in (Role.COORDINATOR, Role.ADMINISTRATOR, Role.CLERK, Role.KEYER, Role.DISPATCHER):
        team.as_(role).get(OWN, 403)


def test_once_published_the_viewer_sees_the_own_unit_until_it_is_withdrawn(team: Staff) -> None:
    give_out(team)
    viewer = team.as_("xem_a")
    assert viewer.get("/desk/").links["Xem kết quả của cơ quan"] == OWN
    text = viewer.get(OWN).text
    assert "Đã công bố" in text and "12/QĐ-UBND" in text and "Hạng" not in text and "Thứ hạng2/3" in text
    assert "Phục vụ" in text and "Người dân" in text and "không có số liệu năm trước" in text
    assert "chưa vẽ được biểu đồ" in text and "không kèm ý kiến" in text
    viewer.get(OTHER, 403)
    instance = team.app.settings.instance
    house = withdrawal.House(instance, team.app.store, team.app.clock, "t")
    withdrawal.withdraw(house, "w", "all", "sai")
    assert NOT_YET in viewer.get(OWN).text


def test_results_without_ranks_show_none(team: Staff) -> None:
    give_out(team, "--without-ranks")
    assert "Thứ hạng" not in team.as_("xem_a").get(OWN).text


def test_an_altered_result_is_not_shown(team: Staff) -> None:
    give_out(team)
    file = register.place(team.app.settings.instance, "w", "all", 1) / "result.json"
    file.write_text(file.read_text("utf-8").replace("so_a", "so_b"), "utf-8")
    assert NOT_YET in team.as_("xem_a").get(OWN).text


def found(**own: Any) -> unit_page.Found:
    figures = {"unit": "a", "index": 50.0, "groups": [], "domains": [], "change": None, "gains": []} | own
    kind = {"kind": "department", "units": [figures], "unranked": [], "scheme": []}
    return unit_page.Found(figures, kind, {"framework": {"hash": "0"}}, {}, "", "", 1)


def test_what_changed_is_said_with_its_verdict(team: Staff) -> None:
    with team.app.test_request_context():
        assert unit_page._change(found()) == ""
        assert unit_page._change(found(change={"verdict": "more"})) == "vượt sai số"
        assert unit_page._change(found(change={"verdict": "noise"})) == "trong phạm vi sai số"
        assert (unit_page.signed(1.25), unit_page.signed(-0.5), unit_page.signed(0.0)) == ("+1,2", "−0,5", "0,0")


def test_hidden_figures_take_no_part_in_the_mean_of_a_kind() -> None:
    scores = [0.5, None, 0.7]
    units = [{"groups": [{"group": "dan", "score": score}]} for score in scores]
    kind: dict[str, Any] = {"units": units[:2], "unranked": units[2:]}
    [line] = unit_view.groups(units[1], kind, {"dan": "Người dân"})
    assert (line.own, line.apart) == (None, None) and line.mean == pytest.approx(0.6)
    [line] = unit_view.groups(units[0], kind, {})
    assert line.name == "dan" and line.apart == pytest.approx(-0.1)


def test_factors_without_a_figure_keep_their_line() -> None:
    annexes: dict[str, Any] = {
        "factors": [{"id": "access", "text": {"vi": "Tiếp cận"}}], "mean": {}, "shares": {"a": {"access": None}},
    }  # fmt: skip
    assert unit_view.factors(None, "a") == []
    [line] = unit_view.factors(annexes, "a")
    assert (line.own, line.mean, line.apart, line.n) == (None, None, None, None)
    assert unit_view.scale([line]) == (0.0, 1.0)
    assert unit_view.scale([unit_view.Line("x", 0.93, 0.88, 0.97, 0.9)]) == (0.8, 1.0)


def test_what_weighs_much_and_fares_badly_comes_first() -> None:
    chart = unit_view.priorities(["a", "b", "c", "d"], [0.5, 0.3, 0.1, 0.1], [0.6, 0.9, 0.5, None])
    assert chart is not None
    assert [(spot.number, spot.name, spot.first) for spot in chart.spots] == [
        (1, "a", True), (2, "b", False), (3, "c", False),
    ]  # fmt: skip
    assert all(40 < spot.x < 600 and 40 < spot.y < 360 for spot in chart.spots)
    assert chart.spots[0].y < chart.down < chart.spots[2].y and chart.spots[0].x < chart.across < chart.spots[1].x
    assert unit_view.priorities(["a", "b"], [0.5, 0.5], [0.6, None]) is None


def test_the_chart_of_a_result_with_drivers_is_drawn_with_its_table(team: Staff) -> None:
    scene.with_drivers(team.app.settings.instance / "reports/w/1")
    page = team.as_(Role.ANALYST).get(OWN)
    assert "làm trước" in page.text and "60,0%" in page.text and "Thái độ: 7 ý kiến" in page.text
    assert len([one for one in page.tree.all("circle") if "spot" in one.attributes["class"]]) == 2
