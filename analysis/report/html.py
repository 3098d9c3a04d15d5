"""``index.html``: one file that opens anywhere, without network and without JavaScript."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from analysis import charts, numbers
from analysis.charts import Chart
from analysis.conduct import conduct_rows
from analysis.look import DARK, HEAT_EDGES, LIGHT, declarations, heat_level
from analysis.notes import NoteKind
from analysis.report import figures, noted, view, wording
from analysis.report.view import KindView
from analysis.result import IndexResult, UnitIndex
from forms.framework import Framework

HIDDEN = "•"
DEPARTURES = (NoteKind.OTHER_FRAMEWORK, NoteKind.DRAWN_AGAIN, NoteKind.RESERVE_RELEASED, NoteKind.EXTENDED,
              NoteKind.LATE_ADMITTED)  # fmt: skip
METHODS = {
    "census": "toàn bộ danh sách",
    "stratified": "ngẫu nhiên phân tầng",
    "srs": "ngẫu nhiên đơn giản",
    "systematic": "ngẫu nhiên hệ thống",
}
ASSESSES = {
    "dossier": "cơ quan giải quyết hồ sơ",
    "own": "cơ quan mình",
    "list": "các cơ quan ghi trong danh sách",
    "kind": "các cơ quan cùng loại",
}
KEY_ORIGINS = {
    "outside": "Khóa được tạo ngoài máy chủ; máy chủ chỉ giữ khóa công khai.",
    "server": "Khóa được tạo trên máy chủ, nên coi như đơn vị vận hành biết khóa này.",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file that went into the report besides the dataset."""

    file: str
    hash: str


def page(
    result: IndexResult,
    framework: Framework,
    manifest: Mapping[str, Any],
    sources: Sequence[tuple[str, Source]] = (),
) -> str:
    """Return the whole page; ``sources`` are labelled files (appraised points, previous year)."""
    kinds = view.kind_views(result, framework)
    return (
        _environment()
        .get_template("index.html")
        .render(
            result=result,
            wave=result.wave,
            title=result.wave.title["vi"],
            simulated=result.wave.simulated,
            notices=notices(result, manifest),
            kinds=kinds,
            index_charts={kind.id: _two_sizes(figures.index_charts, kind) for kind in kinds},
            rank_charts={kind.id: _two_sizes(figures.rank_charts, kind) for kind in kinds},
            domain_charts={kind.id: _two_sizes(figures.domain_charts, kind) for kind in kinds},
            return_charts=[(figures.return_chart(result), figures.return_chart(result, charts.PHONE))]
            if result.rates_by_group
            else [],
            heat_key=heat_key(),
            assessments=assessment_tables(result, kinds),
            unit_rates=unit_rate_tables(result, kinds),
            conduct=conduct_rows(manifest),
            unit_names={unit: names["vi"] for unit, names in result.wave.unit_names.items()},
            group_names={group: names["vi"] for group, names in result.wave.group_names.items()},
            without_framework=[view.unit_name(result, unit) for unit in result.units_without_framework],
            groups=group_rows(manifest),
            notes=noted.sentences((each for each in result.notes if each.kind not in DEPARTURES), result.wave),
            departures=noted.sentences((each for each in result.notes if each.kind in DEPARTURES), result.wave),
            n_min=manifest.get("estimation", {}).get("n_min", 5),
            quality=result.quality,
            framework_title=framework.title.of("vi"),
            manifest=manifest,
            sources=sources,
            key_origin=KEY_ORIGINS.get(str(manifest.get("key_origin")), "Bộ dữ liệu không ghi."),
            style=_style(result),
            hidden=HIDDEN,
        )
    )


def _two_sizes(make: Callable[[KindView, float], list[Chart]], kind: KindView) -> list[tuple[Chart, Chart]]:
    """Each chart for a desk and for a phone; the page shows the one that fits."""
    return list(zip(make(kind, charts.WIDTH), make(kind, charts.PHONE), strict=True))


def notices(result: IndexResult, manifest: Mapping[str, Any]) -> list[str]:
    """What must be known before any number is read."""
    told = [
        (result.wave.simulated, wording.SIMULATED),
        (result.framework.illustrative, wording.ILLUSTRATIVE),
        (result.wave.interim, wording.INTERIM),
        (bool(manifest.get("pilot")), wording.PILOT),
    ]
    return [text for holds, text in told if holds]


def heat_key() -> list[str]:
    """What the five colours mean."""
    edges = [numbers.percent(edge, 0) for edge in HEAT_EDGES]
    between = [f"từ {low} đến dưới {high}" for low, high in pairwise(edges)]
    return [f"dưới {edges[0]}", *between, f"từ {edges[-1]} trở lên"]


def assessment_tables(result: IndexResult, kinds: Sequence[KindView]) -> list[dict[str, Any]]:
    """Valid assessments by unit and group, one table a kind; only groups that assess it."""
    shown = {(row.unit, row.group): row.n for row in result.assessments}
    tables = []
    for kind in kinds:
        units = [unit.unit for unit in (*kind.result.units, *kind.result.unranked)]
        groups = [group for group in result.wave.group_names if any((unit, group) in shown for unit in units)]
        rows = [(view.unit_name(result, unit), [_cell(shown, unit, group) for group in groups]) for unit in units]
        if groups:
            tables.append({"title": kind.title, "one": kind.one, "groups": groups, "rows": rows})
    return tables


def unit_rate_tables(result: IndexResult, kinds: Sequence[KindView]) -> list[dict[str, Any]]:
    """Return figures by unit, one table a kind, in the order of the ranking."""
    rates = {rate.by["unit"]: rate for rate in result.rates_by_unit}
    tables = []
    for kind in kinds:
        units = [unit.unit for unit in (*kind.result.units, *kind.result.unranked) if unit.unit in rates]
        if units:
            rows = [(view.unit_name(result, unit), rates[unit]) for unit in units]
            tables.append({"title": kind.title, "one": kind.one, "rows": rows})
    return tables


def _cell(shown: Mapping[tuple[str, str], int | None], unit: str, group: str) -> str:
    if (unit, group) not in shown:
        return numbers.DASH
    n = shown[unit, group]
    return HIDDEN if n is None else numbers.count(n)


def group_rows(manifest: Mapping[str, Any]) -> list[dict[str, str]]:
    """Who was asked, as the manifest declares it; what it does not declare is said."""
    rows = []
    for group in manifest.get("groups", []):
        target = group.get("target") or {}
        frame = [target.get("frame"), target.get("period"), target.get("gaps")]
        method = METHODS.get(group.get("method", ""), group.get("method", ""))
        rows.append(
            {
                "name": group["name"]["vi"],
                "assesses": _assesses(group.get("assesses", "")),
                "method": f"{method}, theo khối cơ quan cố định" if group.get("blocks") else method,
                "population": _text(target.get("population")) or "chưa khai báo",
                "frame": "; ".join(_text(part) for part in frame if part) or "chưa khai báo",
            }
        )
    return rows


def _assesses(declared: str) -> str:
    what, _, kinds = declared.partition(":")
    if what == "kind" and kinds:
        return "các " + " và các ".join(wording.kind_words(kind).title for kind in kinds.split(","))
    return ASSESSES.get(what, declared)


def _text(value: Any) -> str:
    return str(value["vi"] if isinstance(value, Mapping) else value or "")


def _style(result: IndexResult) -> Markup:
    file = Path(__file__).parent / "templates" / "style.css"
    colours = (
        f":root {{ color-scheme: light dark; {declarations(LIGHT)} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {declarations(DARK)} }} }}\n"
    )
    footer = f"Bộ dữ liệu {numbers.fold(result.dataset_hash)}"
    if result.wave.simulated:
        footer = f"Số liệu mô phỏng · {footer}"
    # Our own text: nothing of it comes from a file that a user gives.
    return Markup(colours + file.read_text("utf-8").replace("{{ footer }}", footer))  # noqa: S704


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=numbers.number,
        count=numbers.count,
        percent=numbers.percent,
        signed=numbers.signed,
        fold=numbers.fold,
        day=lambda text: numbers.day(datetime.date.fromisoformat(text)),
        heat=heat_level,
        holders=view.holders,
        capital=wording.capital,
        uncapital=lambda text: text[:1].lower() + text[1:],
        rank_set=_rank_set,
        limit=wording.limit,
        place=_place,
    )
    return environment


def _rank_set(figure: UnitIndex) -> str:
    if figure.rank_lower is None or figure.rank_upper is None:
        return numbers.NOTHING
    return numbers.ranks(figure.rank_lower, figure.rank_upper)


def _place(value: float, scale: tuple[float, float]) -> str:
    """Where a value lies on the drawn scale, 6 to 174 user units."""
    low, high = scale
    return f"{6 + 168 * (value - low) / max(high - low, 1e-9):.1f}"
