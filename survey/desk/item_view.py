"""Figures by unit or by item as a table: groups across; one cell has the figure, its interval and its base."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from survey.desk import faces
from survey.language import SOURCE, chosen
from survey.language import gettext as _

MEAN, FAVOURABLE, CHOICE = "mean", "favourable", "choice"
Read = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure as it is shown; ``row`` as it was made, None where there is none."""

    text: str
    interval: str
    base: str
    row: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the address asks for: ``by`` unit or item; ``lines`` of (name, cells), ``columns`` the groups' names."""

    by: str
    name: str
    title: str
    statistic: str
    statistics: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    lines: tuple[tuple[str, tuple[Cell, ...]], ...]


def query(asked: Mapping[str, str]) -> str:
    """The part of the address that says what is seen, for links to the same as a file."""
    return urlencode({key: asked[key] for key in ("unit", "item", "statistic") if asked.get(key)})


def seen(about: Mapping[str, Any], asked: Mapping[str, str], read: Read) -> Seen:
    """The table of one item over all units where the address names an item, else of one unit over all items."""
    items = {each["id"]: each for each in about["items"]}
    if asked.get("item") in items:
        return _of_item(about, items[asked["item"]], asked.get("statistic", ""), read)
    units = {each["id"]: each for each in about["units"]}
    return _of_unit(about, units.get(asked.get("unit", "")) or about["units"][0], read)


def words(text: Mapping[str, str]) -> str:
    """A text in the language of the page."""
    return str(text.get(chosen()) or text.get(SOURCE) or next(iter(text.values()), ""))


def _of_unit(about: Mapping[str, Any], unit: Mapping[str, Any], read: Read) -> Seen:
    rows = read(f"unit-{unit['id']}.json") or []
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    kinds: dict[str, str] = {}
    for row in rows:
        first = _first(about, row["item"])
        if (row["statistic"], row["choice"]) == first:
            found[row["item"], row["group"]] = row
            kinds[row["item"]] = _statistic(about, row["item"], *first)
    groups = about["groups"]
    lines = tuple(
        (f"{words(item['text'])} ({kinds[item['id']]})", _cells(found, [(item["id"], group["id"]) for group in groups]))
        for item in about["items"]
        if item["id"] in kinds
    )
    return Seen("unit", unit["id"], words(unit["name"]), "", (), tuple(words(group["name"]) for group in groups), lines)


def _first(about: Mapping[str, Any], item: str) -> tuple[str, str]:
    """What stands for an item: the favourable share, the mean of a number, or the first choice's share."""
    entry = next(each for each in about["items"] if each["id"] == item)
    if entry["type"] == "scale":
        return FAVOURABLE, ""
    return (MEAN, "") if entry["type"] == "number" else (CHOICE, next(iter(entry["choices"]), ""))


def _of_item(about: Mapping[str, Any], item: Mapping[str, Any], wanted: str, read: Read) -> Seen:
    rows = read(f"item-{item['id']}.json") or []
    there = list(dict.fromkeys((row["statistic"], row["choice"]) for row in rows))
    named = {f"{statistic}:{choice}".rstrip(":"): (statistic, choice) for statistic, choice in there}
    usual = next((name for name, each in named.items() if each == _first(about, item["id"])), next(iter(named), ""))
    chosen_one = wanted if wanted in named else usual
    found = {
        (row["unit"], row["group"]): row for row in rows if (row["statistic"], row["choice"]) == named.get(chosen_one)
    }
    groups = about["groups"]
    lines = tuple(
        (words(unit["name"]), _cells(found, [(unit["id"], group["id"]) for group in groups])) for unit in about["units"]
    )
    statistics = tuple((name, _statistic(about, item["id"], *each)) for name, each in named.items())
    return Seen("item", item["id"], words(item["text"]), chosen_one, statistics,
                tuple(words(group["name"]) for group in groups), lines)  # fmt: skip


def _statistic(about: Mapping[str, Any], item: str, statistic: str, choice: str) -> str:
    entry = next(each for each in about["items"] if each["id"] == item)
    if statistic == MEAN:
        return _("bình quân") if entry["type"] == "number" else _("điểm bình quân, từ 0 đến 1")
    if statistic == FAVOURABLE:
        return _("tỷ lệ chọn hai mức tốt nhất")
    return _("tỷ lệ chọn “%(choice)s”", choice=words(entry["choices"].get(choice, {"vi": choice})))


def _cells(found: Mapping[tuple[str, str], Mapping[str, Any]], keys: Sequence[tuple[str, str]]) -> tuple[Cell, ...]:
    return tuple(_cell(found.get(key)) for key in keys)


def _cell(row: Mapping[str, Any] | None) -> Cell:
    if row is None:
        return Cell("", "", "", None)
    if row["n"] is None:
        return Cell("…", "", "", row)
    interval = "" if row["low"] is None else f"{_number(row, 'low')}–{_number(row, 'high')}"
    return Cell(_number(row, "value"), interval, _("n = %(n)s", n=faces.whole(row["n"])), row)


def _number(row: Mapping[str, Any], key: str) -> str:
    text = faces.decimal(row[key], 2) if row["statistic"] == MEAN else faces.percent(row[key])
    return text.replace("-", "−")


def table(what: Seen) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """The same for a spreadsheet: one line a figure, numbers as numbers; hidden figures say c."""
    headings = (_("Cơ quan") if what.by == "item" else _("Câu hỏi"), _("Nhóm"), _("Thống kê"), _("Số trả lời"),
                _("Giá trị"), _("Sai số chuẩn"), _("Cận dưới"), _("Cận trên"))  # fmt: skip
    rows: list[tuple[object, ...]] = []
    for name, cells in what.lines:
        for group, cell in zip(what.columns, cells, strict=True):
            if cell.row is not None:
                numbers = [cell.row[key] for key in ("n", "value", "se", "low", "high")]
                shown = ["c"] * 5 if cell.row["n"] is None else ["" if each is None else each for each in numbers]
                statistic = ":".join(filter(None, (cell.row["statistic"], cell.row["choice"])))
                rows.append((name, group, statistic, *shown))
    return headings, rows
