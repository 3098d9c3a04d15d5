"""What the board's page shows, made ready for its template: columns, rows, filters, charts, in the right language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from survey.desk import words_of_fieldwork as words
from survey.desk.faces import decimal, percent, whole
from survey.fieldwork import charts, counting, pace, rows
from survey.fieldwork.counting import Board, Tally
from survey.fieldwork.pace import Source
from survey.fieldwork.rows import By, Look, Row
from survey.fieldwork.standing import Standing, Verdict, days, standing
from survey.language import chosen, day
from survey.language import gettext as _
from survey.store import Store

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

NOTHING = "—"
_LEVELS = 5
_COLUMNS = ("issued", "returned", "rate", "difference", "valid", "refused", "broke_off", "ineligible", "lost",
            "outstanding")  # fmt: skip
_DEFINED = {
    "issued": "phat-ra", "returned": "thu-ve", "rate": "ty-le-thu-hoi", "difference": "du-kien", "valid": "hop-le",
    "refused": "tu-choi", "broke_off": "bo-do", "ineligible": "ngoai-doi-tuong", "lost": "khong-toi",
    "outstanding": "chua-tra-loi",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Looked:
    """A wave's board as somebody looks at it now. ``told``: the address's parameters, kept by every link."""

    wave: RegisteredWave
    board: Board
    here: Standing
    what: Look
    told: Mapping[str, str]
    rows: list[Row]
    base: str


def looked(store: Store, wave: RegisteredWave, at: datetime, told: Mapping[str, str], base: str = "") -> Looked:
    """Count, and keep what is asked for. ``base``: the page's address without its parameters."""
    what = rows.look(told)
    board, here = counting.count(store, wave), standing(store, wave, at)
    kept = {name: value for name, value in told.items() if value and name in _KEPT}
    return Looked(wave, board, here, what, kept, rows.rows(board, here, what, names(wave, what.by)), base)


_KEPT = ("by", "sort", "unit", "group", "mode", "kind", "late")


def names(wave: RegisteredWave, by: By) -> dict[str, str]:
    """Ids and names in the wave file's order."""
    if by is By.UNIT:
        return {unit.id: unit.name.of(chosen()) for unit in wave.spec.units}
    if by is By.GROUP:
        return {group.id: group.name.of(chosen()) for group in wave.spec.groups}
    return words.modes()


def headings() -> dict[str, str]:
    """The columns' names, by id."""
    return {
        "issued": _("Phát ra"),
        "returned": _("Thu về"),
        "rate": _("Tỷ lệ thu hồi"),
        "difference": _("Tiến độ"),
        "valid": _("Hợp lệ"),
        "refused": _("Từ chối"),
        "broke_off": _("Bỏ dở"),
        "ineligible": _("Ngoài đối tượng"),
        "lost": _("Không tới được"),
        "outstanding": _("Chưa trả lời"),
    }


def first_heading(by: By) -> str:
    """What the rows are."""
    return {By.UNIT: _("Cơ quan, địa phương"), By.GROUP: _("Nhóm đối tượng"), By.MODE: _("Hình thức")}[by]


def page(seen: Looked, store: Store, at: datetime, address: Callable[[str], str]) -> dict[str, Any]:
    """Everything that the template needs. ``address``: of a page of this wave, or of the definitions."""
    total, here = seen.board.total(seen.what.choice), seen.here
    projected, difference = here.projection(total), here.difference(total)
    by_day = days(here, pace.returns_by_day(store, seen.wave, seen.what.choice), total.target)
    return {
        "here": here, "issued": bool(seen.board.once), "total": total, "columns": _columns(seen),
        "rows": [_row(seen, row) for row in seen.rows],
        "projected": projected, "difference": None if difference is None else 100 * difference,
        "expected": here.expected(total), "verdict": here.verdict(total), "days": by_day, "fields": fields(seen),
        "drawn": charts.curve(by_day, total.issued, total.target, projected), "daily": charts.bars(by_day),
        "dates": charts.dates(by_day), "crossed": _heat(seen), "views": _views(seen), "frame": _FRAME,
        "told": _told(seen, total, at, address) | _said(seen, by_day),
        "number": number, "percent": share, "signed": signed, "date": day, "short": lambda on: f"{on:%d/%m}",
    }  # fmt: skip


def _told(seen: Looked, total: Tally, at: datetime, address: Callable[[str], str]) -> dict[str, Any]:
    """Words and links around the numbers."""
    spec, query, over = seen.wave.spec, "?" + urlencode(seen.told), seen.here.over
    return {
        "again": seen.base + query, "unfiltered": f"{seen.base}?by={seen.what.by}", "by": str(seen.what.by),
        "unit": seen.what.choice.unit if seen.what.by is By.UNIT else "", "sort": seen.told.get("sort", ""),
        "csv": address("board_csv") + query, "xlsx": address("board_xlsx") + query,
        "filtered": any(seen.told.get(name) for name in ("unit", "group", "mode", "kind", "late")),
        "definitions": address("definitions"), "at": f"{at.astimezone(ZoneInfo(spec.timezone)):%H:%M}",
        "closes": day(spec.closes), "units": len(spec.units), "curve": _curve(seen.here),
        "verdict": words.verdicts().get(seen.here.verdict(total) or "", ""),
        "caption": next(view["name"] for view in _views(seen) if view["here"]),
        "mark": "" if total.target is None or over else _("vạch đứng là mức phải đạt lúc này"),
    }  # fmt: skip


_FRAME = {
    "width": charts.WIDTH, "height": charts.HEIGHT, "left": charts.LEFT, "right": charts.WIDTH - charts.RIGHT,
    "top": charts.TOP, "bars": charts.BARS_HEIGHT, "room": charts.BARS_HEIGHT - charts.TOP - charts.BOTTOM,
}  # fmt: skip


def _said(seen: Looked, by_day: Iterable[Any]) -> dict[str, str]:
    """The charts in a sentence each, for who does not see them."""
    back = [each for each in by_day if each.back is not None]
    last = back[-1].so_far if back else 0
    most = max(back, key=lambda each: each.back, default=None)
    busiest = _("Nhiều nhất: %(n)s phiếu ngày %(day)s.", n=most.back, day=day(most.day)) if most else ""
    return {
        "curve_said": _("Đến nay thu về %(n)s phiếu. Số liệu từng ngày ở bảng bên dưới.", n=last),
        "bars_said": _("Số phiếu thu về từng ngày.") + f" {busiest}",
    }


def _curve(here: Standing) -> str:
    if here.curve.source is Source.EARLIER:
        return _("dự kiến theo nhịp thu phiếu của đợt %(wave)s", wave=here.curve.wave)
    if here.curve.source is Source.DECLARED:
        return _("dự kiến theo phương án của đợt này")
    return _("dự kiến theo nhịp thường gặp: nhiều lúc đầu, thưa dần về sau")


def _views(seen: Looked) -> list[dict[str, Any]]:
    """The same by unit, group or mode."""
    said = {By.UNIT: _("Theo cơ quan, địa phương"), By.GROUP: _("Theo nhóm đối tượng"), By.MODE: _("Theo hình thức")}
    return [{"name": said[by], "link": link(seen, by=str(by), sort=""), "here": by is seen.what.by} for by in By]


def _columns(seen: Looked) -> list[dict[str, Any]]:
    told = [("name", first_heading(seen.what.by)), *headings().items()]
    found = []
    for name, said in told:
        sorted_here = seen.what.sort == name
        up = sorted_here and not seen.what.descending
        first = name if name == "name" else f"-{name}"
        other = (f"-{name}" if up else name) if sorted_here else first
        found.append({
            "id": name, "name": said, "definition": _DEFINED.get(name), "link": link(seen, sort=other),
            "sorted": ("ascending" if up else "descending") if sorted_here else "",
        })  # fmt: skip
    return found


def link(seen: Looked, **changed: str) -> str:
    """This page with some parameters changed; an empty value takes one out."""
    return f"{seen.base}?" + urlencode({name: value for name, value in (dict(seen.told) | changed).items() if value})


def _row(seen: Looked, row: Row) -> dict[str, Any]:
    tally, by = row.tally, seen.what.by
    deeper = {By.UNIT: {"unit": row.key, "by": "group"}, By.GROUP: {"group": row.key, "by": "unit"},
              By.MODE: {"mode": row.key, "by": "unit"}}[by]  # fmt: skip
    mark = row.expected_rate
    return {
        "name": row.name, "link": link(seen, sort="", late="", **deeper), "issued": number(tally.issued),
        "returned": number(tally.returned), "rate": share(tally.rate),
        "late": row.verdict is Verdict.LATE, "width": f"{100 * (tally.rate or 0):.4g}",
        "mark": None if mark is None else f"{100 * mark:.4g}",
        "rest": [number(n) for n in (tally.valid, tally.refused, tally.broke_off,
                 tally.ineligible + tally.screened_out, tally.lost, tally.outstanding)],
    }  # fmt: skip


def _heat(seen: Looked) -> dict[str, Any] | None:
    """Rates by unit and group; None where there is one group or one unit only."""
    units, groups = names(seen.wave, By.UNIT), names(seen.wave, By.GROUP)
    found = seen.board.heat(seen.what.choice)
    shown_units = [unit for unit in units if any(key[0] == unit for key in found)]
    shown = [group for group in groups if any(key[1] == group for key in found)]
    if len(shown_units) < 2 or len(shown) < 2:
        return None
    cells = {
        key: {
            "rate": share(tally.rate, 0),
            "level": min(_LEVELS, int((tally.rate or 0) * _LEVELS) + 1),
            "late": seen.here.verdict(tally) is Verdict.LATE,
        }
        for key, tally in found.items()
    }
    table = [(units[unit], [cells.get((unit, group)) for group in shown]) for unit in shown_units]
    return {"groups": [groups[group] for group in shown], "rows": table}


def fields(seen: Looked) -> list[dict[str, Any]]:
    """The filters."""
    everything = ("", _("tất cả"))
    spec, what = seen.wave.spec, seen.what
    kinds = list(dict.fromkeys(unit.kind for unit in spec.units))
    used = {key[1] for key in seen.board.once}
    told = [
        ("unit", _("Cơ quan"), [everything, *names(seen.wave, By.UNIT).items()], what.choice.unit),
        ("group", _("Nhóm"), [everything, *names(seen.wave, By.GROUP).items()], what.choice.group),
        ("mode", _("Hình thức"), [everything, *(x for x in words.modes().items() if x[0] in used)], what.choice.mode),
        ("kind", _("Loại"), [everything, *((kind, words.kinds().get(kind, kind)) for kind in kinds)], what.choice.kind),
        ("late", _("Tiến độ"), [everything, ("1", _("chỉ nơi chậm"))], "1" if what.late else ""),
    ]
    # By unit every row leads to its unit; a hundred offices once more would weigh as much as the figures.
    kept = [
        each for each in told
        if each[0] == "late" or (len(each[2]) > 2 and (each[0] != "unit" or what.by is not By.UNIT))
    ]  # fmt: skip
    return [dict(zip(("name", "label", "options", "chosen"), each, strict=True)) for each in kept]


def table(seen: Looked) -> tuple[list[str], list[list[object]]]:
    """The rows that are looked at, as a file has them: numbers, shares from 0 to 1, nothing where there is none."""
    told = [first_heading(seen.what.by), *headings().values(), _("Mức phải đạt lúc này"), _("Mục tiêu")]
    lines: list[list[object]] = []
    for row in seen.rows:
        tally = row.tally
        values = {name: getattr(tally, name) for name in _COLUMNS if name not in ("difference", "ineligible")}
        values |= {"difference": row.difference, "ineligible": tally.ineligible + tally.screened_out}
        lines.append([row.name, *(values[name] for name in headings()), row.expected, tally.target])
    return told, lines


def number(value: float | None) -> str:
    """A whole number, or a dash where there is none."""
    return NOTHING if value is None else whole(round(value))


def share(value: float | None, digits: int = 1) -> str:
    """A share as per cent, or a dash where there is none."""
    return NOTHING if value is None else percent(value, digits)


def signed(value: float) -> str:
    """Points with their sign; what rounds to nothing has none."""
    told = decimal(abs(value))
    return told if told in ("0,0", "0.0") else f"{'+' if value > 0 else '−'}{told}"
