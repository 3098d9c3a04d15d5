"""The page of one unit: where it stands, its domains against its kind, criteria, factors, groups, change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from analysis import numbers
from analysis.look import heat_level
from analysis.report import cells, wording
from analysis.report.blocks import Block, Column, Heading, Items, Kind, Role, Table, Text, UnitSheet
from analysis.report.cells import HIDDEN, Cell, Strip, Style
from analysis.report.content.compared import SIDES
from analysis.report.content.compared import VERDICTS as VERDICTS_OF_YEARS
from analysis.report.content.material import Material
from analysis.report.content.satisfied import priorities
from analysis.report.view import VERDICTS, KindView
from analysis.result import Mark, SubcriterionFigure, UnitIndex
from forms.framework import Kind as Rules

MOST_TO_GAIN = 3


@dataclass(frozen=True, slots=True)
class _Span:
    """What the units of a kind reach in one part: lowest, highest, plain mean; shares in [0, 1] or points."""

    low: float
    high: float
    mean: float

    @classmethod
    def of(cls, values: Sequence[float | None]) -> _Span | None:
        known = [value for value in values if value is not None]
        return cls(min(known), max(known), sum(known) / len(known)) if known else None


@dataclass(frozen=True, slots=True)
class _Peers:
    """The units of a kind together: spans of domain shares and of subcriterion points."""

    domains: Mapping[str, _Span | None]
    subcriteria: Mapping[str, _Span | None]


def sheets(material: Material, kind: KindView) -> Iterator[UnitSheet]:
    """The pages of all units of one kind, ranked first."""
    units = (*kind.result.units, *kind.result.unranked)
    peers = _peers(units)
    rules = material.framework.kinds[kind.id]
    for unit in units:
        blocks = tuple(_sheet(material, kind, unit, peers, rules))
        more = tuple(_more(material, kind, unit, peers, rules))
        yield UnitSheet(unit.unit, material.unit(unit.unit), kind.id, blocks, more)


def _peers(units: Sequence[UnitIndex]) -> _Peers:
    first = units[0] if units else None
    domains = [figure.id for figure in first.domains] if first else []
    subs = [figure.id for figure in first.subcriteria] if first else []
    shares = [{figure.id: figure.percent for figure in unit.domains} for unit in units]
    points = [{figure.id: figure.points for figure in unit.subcriteria if figure.maximum} for unit in units]
    return _Peers(
        {id: _Span.of([None if (p := own.get(id)) is None else p / 100 for own in shares]) for id in domains},
        {id: _Span.of([own.get(id) for own in points]) for id in subs},
    )


def _sheet(material: Material, kind: KindView, unit: UnitIndex, peers: _Peers, rules: Rules) -> Iterator[Block]:
    yield Text(_lead(material, kind, unit), Role.LEAD)
    said = _change(unit)
    if said:
        yield Text(said)
    yield from _profile(kind, unit, peers, rules)
    yield from _to_gain(unit, rules)
    yield from _factors(material, kind, unit)
    yield from _groups(material, unit, rules)


def _more(material: Material, kind: KindView, unit: UnitIndex, peers: _Peers, rules: Rules) -> Iterator[Block]:
    yield from priorities(material, kind, unit.unit)
    yield from _standing(material, unit)
    yield from _criteria(material, kind, unit, peers, rules)
    marks = [wording.mark(mark, material.result.quality) for mark in wording.MARKS if mark in unit.marks]
    if marks:
        yield Heading("Ghi chú")
        yield Items(tuple(marks), quiet=True)


def _standing(material: Material, unit: UnitIndex) -> Iterator[Block]:
    """Like for like, the target, and what people wrote about, in sentences."""
    told = []
    if (found := unit.like_for_like) is not None:
        told.append(
            f"Trên phần chung của hai năm: {numbers.signed(found.change)} điểm, {VERDICTS_OF_YEARS[found.verdict]}."
        )
    if (target := unit.target) is not None:
        said = "đã đạt" if target.reached else f"còn thiếu {numbers.number(target.gap)} điểm"
        told.append(f"Mục tiêu {numbers.number(target.target)}: {said}; {SIDES[target.side]}.")
    themes = [f"{each['theme']} ({each['count']})" for each in material.annexes.comments.get(unit.unit, ())
              if "theme" in each and "count" in each]  # fmt: skip
    if themes:
        told.append(f"Ý kiến viết thêm, theo chủ đề: {'; '.join(themes)}.")
    if told:
        yield Heading("Thay đổi, mục tiêu, ý kiến")
        yield Items(tuple(told))


def _lead(material: Material, kind: KindView, unit: UnitIndex) -> Markup:
    if unit.published is None:
        return Markup("Chưa có chỉ số: {}.").format(wording.reason(unit.reason or "", material.result.quality))
    level = numbers.percent(material.result.level, 0)
    said = Markup("Chỉ số <b>{}</b> trên 100").format(numbers.number(unit.published))
    if unit.ci_low is not None:
        said += f" (khoảng tin cậy {level}: {cells.written((unit.ci_low, unit.ci_high), Style.INTERVAL)})"
    if material.standing.with_ranks and unit.rank is not None:
        said += Markup("; hạng <b>{}</b> trong {} {}").format(
            numbers.count(unit.rank), numbers.count(len(kind.rows)), kind.one
        )
        if unit.rank_lower is not None and unit.rank_upper is not None:
            said += f", khoảng thứ hạng {numbers.ranks(unit.rank_lower, unit.rank_upper)}"
    mean = _Span.of([row.figure.index for row in kind.rows])
    if mean:
        said += f". Trung bình các {kind.title}: {numbers.number(mean.mean)}"
    return said + "."


def _change(unit: UnitIndex) -> str:
    if not unit.change:
        return ""
    change = unit.change
    return (
        f"So với năm trước ({numbers.number(change.previous)}): {numbers.signed(change.change)} điểm, "
        f"{VERDICTS[change.verdict]}."
    )


def _profile(kind: KindView, unit: UnitIndex, peers: _Peers, rules: Rules) -> Iterator[Block]:
    before = unit.change.domains if unit.change else {}
    columns = [
        Column("Lĩnh vực", Kind.TEXT), Column("Điểm"), Column("Điểm tối đa"), Column("Tỷ lệ đạt"),
        Column("Trung bình cùng loại"), Column("Thấp nhất – cao nhất cùng loại"), Column("Chưa đạt"),
    ]  # fmt: skip
    columns += [Column("So với năm trước (điểm phần trăm)")] if before else []
    names = {domain.id: domain.name.of("vi") for domain in rules.domains}
    rows = []
    for figure in unit.domains:
        span = peers.domains.get(figure.id)
        own = None if figure.percent is None else figure.percent / 100
        line = [
            cells.words(names[figure.id]), cells.points(figure.points), cells.points(figure.maximum),
            cells.share(own, 0 if own is None else heat_level(own)), cells.share(span.mean if span else None),
            _strip(span, own), cells.points(figure.lost),
        ]  # fmt: skip
        if before:
            moved = before.get(figure.id)
            line.append(Cell(None if moved is None else moved / 100, Style.SIGNED_SHARE))
        rows.append(tuple(line))
    yield Heading(f"Kết quả theo lĩnh vực, so với các {kind.title}")
    yield Table(
        f"linh-vuc-{unit.unit}", "Kết quả theo lĩnh vực", tuple(columns), tuple(rows),
        scale=_scale([span for span in peers.domains.values() if span]), sortable=False,
    )  # fmt: skip
    yield Text(
        "Vạch ngang: từ thấp nhất đến cao nhất trong các cơ quan cùng loại; vạch đứng: trung bình; chấm: đơn vị này.",
        Role.QUIET,
    )


def _strip(span: _Span | None, own: float | None) -> Cell:
    if span is None:
        return Cell(None, Style.SHARES)
    drawn = Strip(span.low, span.high, own, tick=span.mean) if own is not None else None
    return Cell((span.low, span.high), Style.SHARES, strip=drawn)


def _scale(spans: Sequence[_Span]) -> tuple[float, float]:
    return (min(span.low for span in spans), max(span.high for span in spans)) if spans else (0.0, 1.0)


def _to_gain(unit: UnitIndex, rules: Rules) -> Iterator[Block]:
    names = {sub.id: sub.name.of("vi") for sub in rules.subcriteria}
    gaps = [(sub.maximum - sub.points, sub) for sub in unit.subcriteria if sub.points is not None and sub.maximum]
    most = sorted(gaps, key=lambda pair: -pair[0])[:MOST_TO_GAIN]
    told = [
        f"{names[sub.id]}: đạt {numbers.number(sub.points)} trên {numbers.number(sub.maximum)} điểm, còn "
        f"{numbers.number(gap)} điểm"
        for gap, sub in most
        if gap > 0
    ]
    if told:
        yield Heading("Còn có thể tăng nhiều nhất")
        yield Items(tuple(told))


def _factors(material: Material, kind: KindView, unit: UnitIndex) -> Iterator[Block]:
    found = material.annexes.satisfaction.get(kind.id)
    if found is None:
        return
    own = found.shares[unit.unit]
    questions = [*found.factors, *(item for item in found.items if not item.items[0])]
    rows = []
    for question in questions:
        mine, mean = own[question.id], found.mean.get(question.id)
        limits = None if mine.low is None else (mine.low, mine.high)
        apart = None if mine.value is None or mean is None else mine.value - mean
        rows.append(
            (
                cells.words(question.text.get("vi", question.id)), cells.share(mine.value),
                Cell(limits, Style.SHARES), cells.share(mean), Cell(apart, Style.SIGNED_SHARE),
                Cell(HIDDEN if mine.n is None else mine.n, Style.COUNT),
            )
        )  # fmt: skip
    yield Heading("Mức độ hài lòng theo yếu tố")
    level = numbers.percent(material.result.level, 0)
    yield Table(
        f"yeu-to-{unit.unit}", "Tỷ lệ hài lòng và rất hài lòng theo yếu tố",
        (
            Column("Yếu tố", Kind.TEXT), Column("Tỷ lệ hài lòng"), Column(f"Khoảng tin cậy {level}"),
            Column("Trung bình cùng loại"), Column("Chênh lệch (điểm phần trăm)"), Column("Người trả lời"),
        ),
        tuple(rows), sortable=False,
    )  # fmt: skip
    groups = "; ".join(material.group(group)[:1].lower() + material.group(group)[1:] for group in found.groups)
    yield Text(
        f"Tỷ lệ trả lời ở hai mức cao nhất của thang năm mức, của {groups}. Dấu {HIDDEN}: dưới "
        f"{material.result.wave.k} người trả lời nên không công bố.", Role.QUIET,
    )  # fmt: skip


def _groups(material: Material, unit: UnitIndex, rules: Rules) -> Iterator[Block]:
    """Each group's average score over the subcriteria that it answers, by the points at stake."""
    numbers_of = {row.group: row.n for row in material.result.assessments if row.unit == unit.unit}
    rows = []
    for group in rules.groups:
        if group not in numbers_of:
            continue
        scored = [(sub, own) for sub in unit.subcriteria for own in sub.groups if own.group == group]
        at_stake = sum(sub.survey_maximum * own.share for sub, own in scored)
        withheld = any(own.hidden or (own.score is None and own.n) for _, own in scored)
        whole = [(sub, own.share, own.score) for sub, own in scored if own.score is not None]
        mean = sum(sub.survey_maximum * part * value for sub, part, value in whole)
        base = sum(sub.survey_maximum * part for sub, part, _ in whole)
        score: Cell = cells.share(mean / base if base and not withheld else None)
        rows.append(
            (cells.words(material.group(group)), cells.count(numbers_of[group]), cells.points(at_stake),
             Cell(HIDDEN, Style.SHARE) if withheld else score)
        )  # fmt: skip
    if not rows:
        return
    yield Heading("Theo nhóm đối tượng")
    yield Table(
        f"nhom-{unit.unit}", "Kết quả theo nhóm đối tượng",
        (
            Column("Nhóm đối tượng", Kind.TEXT), Column("Lượt đánh giá"), Column("Điểm do nhóm quyết định"),
            Column("Tỷ lệ điểm nhóm cho"),
        ),
        tuple(rows), sortable=False,
    )  # fmt: skip


def _criteria(material: Material, kind: KindView, unit: UnitIndex, peers: _Peers, rules: Rules) -> Iterator[Block]:
    figures = {figure.id: figure for figure in unit.subcriteria}
    rows = []
    for domain in rules.domains:
        for criterion in domain.criteria:
            for sub in criterion.subcriteria:
                rows.append(_criterion(figures[sub.id], sub.name.of("vi"), criterion.name.of("vi"), peers))
    yield Heading("Điểm theo tiêu chí thành phần")
    yield Table(
        f"tieu-chi-{unit.unit}", "Điểm theo tiêu chí thành phần",
        (
            Column("Tiêu chí thành phần", Kind.TEXT), Column("Điểm"), Column("Điểm tối đa"), Column("Thẩm định"),
            Column("Điều tra"), Column("Sai số chuẩn"), Column("Trung bình cùng loại"),
        ),
        tuple(rows),
    )  # fmt: skip
    yield Text(
        f"Sai số chuẩn chỉ có ở phần điểm điều tra. “Không áp dụng”: tiêu chí không dành cho {kind.one} này, đã công "
        "bố trước khi điều tra.", Role.QUIET,
    )  # fmt: skip


def _criterion(figure: SubcriterionFigure, name: str, criterion: str, peers: _Peers) -> tuple[Cell, ...]:
    label = Cell(name, note=criterion if criterion != name else "")
    if Mark.NOT_APPLICABLE in figure.marks:
        return (label, cells.words("không áp dụng"), *[Cell()] * 5)
    span = peers.subcriteria.get(figure.id)
    earned = Cell(wording.WITHHELD) if Mark.WITHHELD in figure.marks else cells.points(figure.points)
    return (
        label, earned, cells.points(figure.maximum),
        cells.points(figure.appraised_points if figure.appraised_maximum else None),
        cells.points(figure.survey_points if figure.survey_maximum else None), cells.error(figure.se),
        cells.points(span.mean if span else None),
    )  # fmt: skip
