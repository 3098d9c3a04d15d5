"""Charts: the same bytes for the same numbers, colours of the page, a text alternative, nothing fetched."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

from analysis import charts
from analysis.canvas import Chart
from analysis.charts import Interval, Share
from analysis.look import DARK, LIGHT, declarations, heat_level

ROWS = (
    Interval("Sở Tư pháp", 91.4, 90.6, 92.2),
    Interval("Sở Lao động - Thương binh và Xã hội và một phần tên rất dài", 90.0, None, None, weak=True),
    Interval("Sở <Y tế> & con", 81.17, 79.9, 82.4, accent=True),
)


def all_charts() -> list[Chart]:
    places = [Interval(row.label, rank, rank, 3) for rank, row in enumerate(ROWS, 1)]
    shares = [Share("Người dân", 1234, 1600), Share("Tổ chức", None, 30), Share("Không phát", 0, 0)]
    grid = [[0.3, 0.55], [0.7, 0.85], [0.95, None]]
    labels = [row.label for row in ROWS]
    return [
        charts.caterpillar("caterpillar", ROWS, scale=(79.9, 92.2), axis="Chỉ số", alternative='Cao nhất "Sở Tư pháp"'),
        charts.rank_sets("ranks", places, places=3, axis="Hạng", alternative="Hạng"),
        charts.bars("bars", shares, axis="Tỷ lệ thu hồi", alternative="Thu hồi"),
        charts.heat("heat", labels, ["Thể chế", "Thủ tục hành chính"], grid, alternative="Lĩnh vực"),
    ]


@pytest.mark.parametrize("number", range(4))
def test_a_chart_is_the_same_bytes_twice(number: int) -> None:
    assert all_charts()[number] == all_charts()[number]


@pytest.mark.parametrize("chart", all_charts(), ids=lambda chart: chart.name)
def test_an_inline_chart_is_well_formed_accessible_and_closed(chart: Chart) -> None:
    root = ElementTree.fromstring(chart.inline)  # noqa: S314 - our own text
    assert root.get("role") == "img"
    assert root.get("aria-label") == chart.alternative
    assert root.get("viewBox") is not None
    assert "style=" not in chart.inline
    assert "http" not in chart.inline
    for colour in set(LIGHT.values()):
        assert f'"{colour}"' not in chart.inline
    ids = re.findall(r' id="([^"]+)"', chart.inline)
    assert len(ids) == len(set(ids))
    assert all(one.startswith(chart.name) for one in ids)
    used = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', chart.inline))
    assert {one or other for one, other in used} <= set(ids)


def test_a_chart_of_its_own_is_a_whole_svg_without_a_date() -> None:
    text = all_charts()[0].svg
    assert text.startswith("<?xml")
    assert "dc:date" not in text
    assert LIGHT["brand"] in text


def test_numbers_in_charts_have_a_decimal_comma() -> None:
    caterpillar, ranks, bars, heat = (chart.inline for chart in all_charts())
    assert ">91,40<" in caterpillar
    assert ">1–3<" in ranks
    assert ">77,1% (1.234/1.600)<" in bars
    assert ">không công bố<" in bars
    assert ">95,0<" in heat
    assert ">—<" in heat


def test_what_is_marked_looks_different_and_what_has_no_interval_has_no_line() -> None:
    inline = all_charts()[0].inline
    assert inline.count('stroke-width="4.5"') == 2  # three units, one without interval
    assert 'fill="var(--card)"' in inline
    assert 'stroke="var(--accent)"' in inline


def test_a_share_without_base_or_hidden_has_no_value() -> None:
    assert Share("a", 1, 4).value == 0.25
    assert Share("a", None, 4).value is None
    assert Share("a", 0, 0).value is None


def test_the_five_steps_of_the_heat_table() -> None:
    assert [heat_level(share) for share in (0, 0.4999, 0.5, 0.65, 0.8, 0.9, 1)] == [1, 1, 2, 3, 4, 5, 5]


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground(colours: dict[str, str]) -> None:
    grounds = ["paper", "card", "brand-soft", "accent-soft", *(f"heat-{level}" for level in range(1, 6))]
    for ground in grounds:
        for text in ("ink", "ink-soft") if not ground.startswith("heat") else ("ink",):
            light, dark = sorted((_luminance(colours[text]), _luminance(colours[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)


def test_both_schemes_declare_the_same_colours() -> None:
    assert LIGHT.keys() == DARK.keys()
    assert declarations(LIGHT).startswith("--ink: #1b2422;")
