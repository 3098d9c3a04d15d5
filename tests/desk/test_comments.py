"""Comments at the desk: masked, read by an analyst first, then seen by the office they are about and by no other."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from survey.accounts.roles import Role
from survey.commands.publish import publish
from survey.publishing import released
from tests.desk import results_scene as scene
from tests.desk.staff import Staff
from tests.survey import small_dataset

pytestmark = pytest.mark.usefixtures("drawn_once")  # none of it judges a chart

OWN = "/desk/w/w/unit/so_a"
WORDS = ["Chờ lâu quá, gọi 0905123456", "Chờ quá lâu ở quầy", "Thái độ tốt", "Chờ lâu, không ai hướng dẫn", "chậm trễ",
         "Chờ lâu"]  # fmt: skip


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Staff:
    """A published wave whose people wrote six comments about office A and three about office B."""
    write = small_dataset.write_dataset

    def with_comments(folder: Path) -> None:
        write(folder)
        rows = [("so_a", text) for text in WORDS] + [("so_b", "Ít người viết")] * 3
        table = {"unit": [unit for unit, _ in rows], "group": ["dan"] * len(rows), "item": ["said"] * len(rows),
                 "text": [text for _, text in rows]}  # fmt: skip
        pq.write_table(pa.table(table), folder / "comments.parquet")

    monkeypatch.setattr(small_dataset, "write_dataset", with_comments)
    team = scene.frozen(tmp_path)
    draft = scene.drafted(team)
    scene.run(team, publish, draft, "--decision", "1", "--date", "2026-06-25", "--signer", "A")
    return team


def test_an_office_sees_words_only_after_somebody_has_read_them(team: Staff) -> None:
    analyst, viewer, home = team.as_(Role.ANALYST), team.as_("xem_a"), f"/desk/w/w/results/data/{scene.name(team)}"
    analyst.get(f"{home}/comments", 404)  # before the figures are made
    scene.analysed(team)
    page = analyst.get(f"{home}/comments")
    assert "Sở A" in page.text and "Sở B" not in page.text, "fewer than k people wrote about office B"
    assert "Chờ quá lâu ở quầy" in page.text and "0905123456" not in page.text
    assert "Chờ quá lâu" not in viewer.get(OWN).text
    assert "không ai hướng dẫn" in analyst.get(f"{home}/comments?q=huong dan").text
    assert "Chờ quá lâu ở quầy" not in analyst.page.text
    analyst.get(f"{home}/comments?unit=so_a")
    assert analyst.submit("release", 422).faults == ["Xin đánh dấu ô này."]
    assert "đã đổi từ lúc mở" in analyst.submit("release", 422, sure="y", seen="0").faults[0]
    analyst.submit("release", 303, sure="y")
    assert "Không cho xem nữa" in analyst.arrive().text
    assert team.log()[-1]["action"] == "comments released" and "so_a" in str(team.log()[-1]["detail"])
    assert "Chờ quá lâu ở quầy" in viewer.get(OWN).text and "0905123456" not in viewer.page.text
    assert "Chờ quá lâu ở quầy" in viewer.client.get(f"{OWN}/comments.csv").text
    viewer.get(f"{OWN}/comments.ods", 404)
    viewer.get("/desk/w/w/unit/so_b/comments.csv", 403)
    analyst.get(f"{home}/comments?unit=so_a")
    analyst.submit("withhold", 303)
    assert "Chờ quá lâu" not in viewer.get(OWN).text
    viewer.get(f"{OWN}/comments.csv", 404)


def test_other_words_than_those_that_were_read_are_not_seen(team: Staff) -> None:
    scene.analysed(team)
    instance = team.app.settings.instance
    digests = json.dumps({"so_a": released.fingerprint([])})
    (instance / "published/w" / released.NAME).write_text(digests, "utf-8")
    viewer = team.as_("xem_a")
    assert "Chờ quá lâu" not in viewer.get(OWN).text
    viewer.get(f"{OWN}/comments.csv", 404)
    analyst, home = team.as_(Role.ANALYST), f"/desk/w/w/results/data/{scene.name(team)}"
    analyst.post(f"{home}/comments/release", 404, unit="so_b", sure="y")
    analyst.post(f"{home}/comments/withhold", 404)


def test_a_long_theme_is_read_in_stretches(team: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    from survey.desk import results_comments

    scene.analysed(team)
    monkeypatch.setattr(results_comments, "FEW", 1)
    monkeypatch.setattr(results_comments, "MOST", 2)
    analyst, home = team.as_(Role.ANALYST), f"/desk/w/w/results/data/{scene.name(team)}"
    analyst.get(f"{home}/comments")
    seen: set[str] = set()
    for _ in range(9):
        seen |= {line.text for line in analyst.page.tree.all("li") if line.attributes.get("class") == "asked"}
        onward = [link for text, link in analyst.page.links.items() if text.startswith("Xem tiếp")]
        if not onward:
            break
        analyst.get(onward[0])
    assert len(seen) >= 3


def test_the_analyst_edits_the_themes_and_comments_are_grouped_anew(team: Staff) -> None:
    analyst, home = team.as_(Role.ANALYST), f"/desk/w/w/results/data/{scene.name(team)}"
    scene.analysed(team)
    page = analyst.get(f"{home}/comments/themes")
    first = page.tree.all("textarea")[0].text
    assert "Thời gian giải quyết: chậm, trễ" in first
    assert "Dòng 2 chưa đúng" in analyst.submit("themes", 422, themes="Quầy: quầy\nkhông có từ khóa").faults[0]
    assert analyst.page.tree.all("textarea")[0].text.strip() == "Quầy: quầy không có từ khóa", "nothing typed is lost"
    assert analyst.submit("themes", 422, themes="  ").faults and analyst.submit("themes", 422, themes=":").faults
    assert "người khác sửa" in analyst.submit("themes", 422, themes="Khác: khác", seen="0").faults[0]
    seen = analyst.get(f"{home}/comments/themes").tree.all("textarea")[0].text
    assert seen == first, "a refusal changes nothing"
    analyst.submit("themes", 303, themes='Chờ "lâu": chờ lâu, chờ quá lâu, chậm trễ\nQuầy: quầy\nQuầy: quay\n')
    assert "Tính lại số liệu" in analyst.arrive().text
    assert team.log()[-1]["action"] == "comment themes changed"
    again = analyst.get(f"{home}/comments/themes").tree.all("textarea")[0].text
    assert again.strip() == 'Chờ "lâu": chờ lâu, chờ quá lâu, chậm trễ Quầy: quầy Quầy: quay'
    analyst.get(f"{home}/comments")
    scene.analysed(team)
    assert "Chờ &#34;lâu&#34; (5)" in analyst.client.get(f"{home}/comments").text
