"""A framework out as a workbook."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forms import framework_toml as toml
from forms.framework import Framework, Kind, Source, Subcriterion
from forms.framework_workbook.layout import ABOUT, COLUMNS, CRITERIA, EXCEPTION_COLUMNS, EXCEPTIONS, LEVELS

if TYPE_CHECKING:
    import xlsxwriter

CREATED = datetime.datetime(2000, 1, 1)  # fixed: the same bytes every day
_TEXT = 49  # the number format “as text”: a spreadsheet leaves 1.1 and 0=0 alone


def write(framework: Framework, path: Path) -> None:
    """Write the framework; reading it back gives the same one."""
    import xlsxwriter  # here: 10 MB that a web worker seldom needs

    languages = sorted({language for text in _texts(framework) for language in text} - {"vi"})
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": CREATED, "title": framework.title.of("vi"), "author": "phieu"})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        plain = book.add_format({"num_format": _TEXT})
        about = book.add_worksheet(ABOUT)
        for y, (key, value) in enumerate(_about(framework)):
            about.write_string(y, 0, key, head)
            about.write_string(y, 1, value, plain)
        about.set_column(0, 0, 16)
        about.set_column(1, 1, 100)
        keys = [*COLUMNS.values(), *(f"Tên ({language})" for language in languages)]
        _sheet(book, CRITERIA, keys, _rows(framework, languages), head, plain)
        keys = [*EXCEPTION_COLUMNS.values(), *(f"Lý do ({language})" for language in languages)]
        _sheet(book, EXCEPTIONS, keys, _exceptions(framework, languages), head, plain)


def _texts(framework: Framework) -> Iterator[Mapping[str, str]]:
    yield framework.title
    yield from (entry.reason for entry in framework.not_applicable)
    for kind in framework.kinds.values():
        for domain in kind.domains:
            yield domain.name
            for criterion in domain.criteria:
                yield criterion.name
                yield from (sub.name for sub in criterion.subcriteria)


def _about(framework: Framework) -> Iterator[tuple[str, str]]:
    yield "id", framework.id
    yield from ((f"title.{language}", words) for language, words in framework.title.items())
    yield "illustrative", "yes" if framework.illustrative else "no"
    yield "years", "; ".join(map(str, framework.years))


def _sheet(
    book: xlsxwriter.Workbook, name: str, keys: Sequence[str], rows: Iterator[Sequence[Any]], head: Any, plain: Any
) -> None:
    sheet = book.add_worksheet(name)
    for x, key in enumerate(keys):
        sheet.write_string(0, x, key, head)
    for y, row in enumerate(rows, 1):
        for x, value in enumerate(row):
            if isinstance(value, float):
                sheet.write_number(y, x, value)
            elif value:
                sheet.write_string(y, x, value, plain)
    sheet.freeze_panes(1, 4)
    sheet.set_column(0, len(keys), 16)
    sheet.set_column(3, 3, 60)


def _rows(framework: Framework, languages: Sequence[str]) -> Iterator[Sequence[Any]]:
    empty = [""] * (len(COLUMNS) - 5)

    def named(text: Mapping[str, str]) -> list[str]:
        return [text.get(language, "") for language in languages]

    for kind in framework.kinds.values():
        for domain in kind.domains:
            head = [kind.id, LEVELS["domain"], domain.id, domain.name.of("vi"), domain.points]
            yield [*head, *empty, *named(domain.name)]
            for criterion in domain.criteria:
                head = [kind.id, LEVELS["criterion"], criterion.id, criterion.name.of("vi"), criterion.points]
                yield [*head, *empty, *named(criterion.name)]
                for sub in criterion.subcriteria:
                    yield [*_subcriterion(kind, sub), *named(sub.name)]


def _subcriterion(kind: Kind, sub: Subcriterion) -> list[Any]:
    both = sub.source is Source.BOTH
    made = [
        kind.id, LEVELS["subcriterion"], sub.id, sub.name.of("vi"), sub.points, str(sub.source),
        sub.survey_points if both else "", sub.appraised_points if both else "",
    ]  # fmt: skip
    if sub.rule is None:
        return [*made, *[""] * (len(COLUMNS) - len(made))]
    steps = "; ".join(f"{toml.number(least)}:{toml.number(score)}" for least, score in sub.rule.table)
    return [
        *made, str(sub.rule.kind), "; ".join(sub.rule.favourable),
        "" if sub.rule.target is None else sub.rule.target, sub.rule.of or "", steps, "; ".join(sub.items),
        "; ".join(f"{group}={toml.number(share)}" for group, share in sub.shares.items()), str(sub.missing),
    ]  # fmt: skip


def _exceptions(framework: Framework, languages: Sequence[str]) -> Iterator[Sequence[Any]]:
    for entry in framework.not_applicable:
        others = [entry.reason.get(language, "") for language in languages]
        yield [entry.unit, "; ".join(entry.subcriteria), entry.reason.of("vi"), *others]
