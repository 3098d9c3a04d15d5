"""The result as the pages and the workbook show it: names put in, rows ordered, remarks lettered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from analysis import numbers
from analysis.report import wording
from analysis.report.conclusions import Conclusions, conclude
from analysis.result import IndexResult, KindResult, Mark, UnitIndex, Verdict
from forms.framework import Framework

MOST_EXCEPTED = 3  # named, where all others rest on few answers
LETTERS = "abcdefghijklmnopqrstuvwxyz"
VERDICTS = {
    Verdict.MORE: "vượt sai số",
    Verdict.NOISE: "trong phạm vi sai số",
    Verdict.NOT_ASSESSABLE: "chưa thể kết luận có vượt sai số hay không",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One ranked unit; ``letters`` point to the remarks under the table."""

    name: str
    figure: UnitIndex
    letters: str
    accent: bool
    small: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class DomainColumn:
    """One domain over the units of a kind: shares of the attainable points in [0, 1], None where there are none."""

    id: str
    name: str
    maximum: float
    shares: tuple[float | None, ...]
    mean: float | None
    highest: tuple[str, ...]
    highest_share: float | None
    lowest: tuple[str, ...]
    lowest_share: float | None


@dataclass(frozen=True, slots=True)
class KindView:
    """Everything shown of one kind."""

    id: str
    title: str
    one: str
    result: KindResult
    facts: Conclusions
    lead: tuple[Markup, ...]
    rows: tuple[Row, ...]
    unranked: tuple[tuple[str, str], ...]
    """Unit and why it is not ranked."""
    remarks: tuple[tuple[str, str], ...]
    """Letter and what it means."""
    shared: tuple[str, ...]
    """Remarks that hold for every unit, and so carry no letter."""
    quality: str
    """One sentence on how many units carry the mark of few answers; '' for none."""
    domains: tuple[DomainColumn, ...]
    change_summary: str
    one_verdict: str
    """The verdict that all changes share, said once in the heading; ''."""

    @property
    def compared(self) -> bool:
        """Some unit has a figure of the previous year."""
        return any(row.figure.change for row in self.rows)

    @property
    def scale(self) -> tuple[float, float]:
        """What the drawn intervals span."""
        ends = [end for row in self.rows for end in _ends(row.figure)]
        return (min(ends), max(ends)) if ends else (0.0, 100.0)


def _ends(figure: UnitIndex) -> list[float]:
    return [end for end in (figure.index, figure.ci_low, figure.ci_high) if end is not None]


def kind_views(result: IndexResult, framework: Framework) -> tuple[KindView, ...]:
    """A view of each kind, in the framework's order."""
    return tuple(_kind(kind, result, framework) for kind in result.kinds)


def unit_name(result: IndexResult, unit: str) -> str:
    """The unit's Vietnamese name."""
    return result.wave.unit_names[unit]["vi"]


def group_name(result: IndexResult, group: str) -> str:
    """The group's Vietnamese name."""
    return result.wave.group_names[group]["vi"]


def _kind(kind: KindResult, result: IndexResult, framework: Framework) -> KindView:
    words = wording.kind_words(kind.kind)
    names = {unit: texts["vi"] for unit, texts in result.wave.unit_names.items()}
    facts = conclude(kind, names, result.level)
    signs = _signs(kind)
    verdicts = {unit.change.verdict for unit in kind.units if unit.change}
    one_verdict = VERDICTS[next(iter(verdicts))] if len(verdicts) == 1 else ""
    rows = tuple(_row(unit, names[unit.unit], signs, facts, one_verdict) for unit in kind.units)
    return KindView(
        id=kind.kind,
        title=words.title,
        one=words.one,
        result=kind,
        facts=facts,
        lead=() if kind.units and kind.units[0].rank is None else wording.lead(facts, words.one),
        rows=rows,
        unranked=tuple((names[unit.unit], wording.reason(unit.reason or "", result.quality)) for unit in kind.unranked),
        remarks=tuple((letter, wording.mark(mark, result.quality)) for mark, letter in signs.letters.items()),
        shared=tuple(wording.mark(mark, result.quality) for mark in signs.everywhere if mark != Mark.SMALL),
        quality=_quality(kind, [row.name for row in rows], words.one, signs.letters.get(Mark.SMALL), result),
        domains=_domains(kind, framework, [row.name for row in rows]),
        change_summary=_change_summary(kind.units, words.one),
        one_verdict=one_verdict,
    )


@dataclass(frozen=True, slots=True)
class _Signs:
    """How the remarks of a kind are given: by letter, for all units at once, or (few answers at most) in words."""

    letters: Mapping[str, str]
    everywhere: tuple[str, ...]
    mostly_small: bool


def _signs(kind: KindResult) -> _Signs:
    marks = [unit.marks for unit in kind.units]
    # A sign on nearly every line tells nothing: then it is said once in words.
    mostly = 2 * sum(Mark.SMALL in own for own in marks) > len(marks)
    everywhere = tuple(mark for mark in wording.MARKS if len(marks) > 1 and all(mark in own for own in marks))
    lettered = [
        mark
        for mark in wording.MARKS
        if mark not in everywhere and any(mark in own for own in marks) and not (mostly and mark == Mark.SMALL)
    ]
    return _Signs(dict(zip(lettered, LETTERS, strict=False)), everywhere, mostly)


def _row(unit: UnitIndex, name: str, signs: _Signs, facts: Conclusions, one_verdict: str) -> Row:
    return Row(
        name=name,
        figure=unit,
        letters="".join(letter for mark, letter in signs.letters.items() if mark in unit.marks),
        accent=name in facts.bottom,
        small=Mark.SMALL in unit.marks and not signs.mostly_small,
        verdict=VERDICTS[unit.change.verdict] if unit.change and not one_verdict else "",
    )


def _quality(kind: KindResult, ranked: Sequence[str], one: str, letter: str | None, result: IndexResult) -> str:
    """How many indices rest in part on few answers; where they are most, which ones do not."""
    enough = [name for name, unit in zip(ranked, kind.units, strict=True) if Mark.SMALL not in unit.marks]
    few = len(ranked) - len(enough)
    if not few:
        return ""
    who = f"{numbers.count(few)} trong {numbers.count(len(ranked))}" if enough else f"Cả {numbers.count(few)}"
    rest = "có" if enough else "đều có"
    sign = f" (ghi chú {letter})" if letter else ""
    if not letter and 0 < len(enough) <= MOST_EXCEPTED:
        sign = f" (trừ {wording.listing(enough)})"
    return (
        f"{who} {one}{sign} {rest} tiêu chí thành phần dựa trên dưới {numbers.count(result.quality.few)} câu trả lời. "
        f"Với các {one} này, thứ hạng chỉ có ý nghĩa khi đọc cùng khoảng thứ hạng; chênh lệch nhỏ giữa hai dòng liền "
        "nhau không nói lên điều gì."
    )


def _change_summary(units: Sequence[UnitIndex], one: str) -> str:
    changes = [unit.change for unit in units if unit.change]
    more = [change.change for change in changes if change.verdict is Verdict.MORE]
    up = sum(change > 0 for change in more)
    noise = sum(change.verdict is Verdict.NOISE for change in changes)
    return wording.change_summary(up, len(more) - up, noise, len(changes) - len(more) - noise, one)


def _domains(kind: KindResult, framework: Framework, names: Sequence[str]) -> tuple[DomainColumn, ...]:
    figures = [{figure.id: figure for figure in unit.domains} for unit in kind.units]
    columns = []
    for domain in framework.kinds[kind.kind].domains:
        percents = [own[domain.id].percent if domain.id in own else None for own in figures]
        shares = tuple(None if percent is None else percent / 100 for percent in percents)
        known = [share for share in shares if share is not None]
        top, low = (max(known), min(known)) if known else (None, None)
        columns.append(
            DomainColumn(
                id=domain.id,
                name=domain.name.of("vi"),
                maximum=domain.points,
                shares=shares,
                mean=sum(known) / len(known) if known else None,
                highest=_holders(shares, top, names),
                highest_share=top,
                lowest=_holders(shares, low, names),
                lowest_share=low,
            )
        )
    return tuple(columns)


def _holders(shares: Sequence[float | None], wanted: float | None, names: Sequence[str]) -> tuple[str, ...]:
    """The units whose printed share is the wanted one: a shared place names all that hold it."""
    if wanted is None:
        return ()
    shown = numbers.percent(wanted)
    return tuple(name for name, share in zip(names, shares, strict=True) if numbers.percent(share) == shown)
