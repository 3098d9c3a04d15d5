"""Read a wave file: everything wrong with it at once, each fault with its line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from forms.faults import Fault, Faults
from forms.text import Text
from forms.toml import Document, Table
from survey.counter.selection import CounterPlan
from survey.keying import plan as paper_plan
from survey.plan import delivery_file, fieldwork_file, open_table, units_file
from survey.plan.design_file import columns
from survey.plan.design_file import read as read_design
from survey.plan.wave_spec import (
    COUNTER_DESIGN,
    Authority,
    Estimation,
    Group,
    Pace,
    Place,
    Resume,
    Target,
    Thresholds,
    TooFew,
    Unit,
    WaveSpec,
)

MULTIPLICITY = "multiplicity"
STRATUM_PREFIX = "stratum:"  # in `merge`: a column of the strata, as against the margin of that name
_NEVER = date(1970, 1, 1)  # stands for a date that a fault has already been said about


class _Lonely(StrEnum):
    FAIL = "fail"
    ADJUST = "adjust"
    AVERAGE = "average"
    CERTAINTY = "certainty"


class _Valid(StrEnum):
    COMPLETE = "complete"
    PARTIAL = "partial"


class _Mode(StrEnum):
    QR = "qr"
    EMAIL = "email"
    SMS = "sms"
    ZALO = "zalo"
    PAPER = "paper"
    INTERVIEW = "interview"
    PHONE = "phone"


_SENT = (_Mode.EMAIL, _Mode.SMS, _Mode.ZALO)


_KEYS = (
    "id title opens closes timezone framework k hotline simulated unit place group paper "
    "authority estimation thresholds open counter message reminders return purge_on fieldwork payment "
    "interim pace"
).split()


def load(source: str, name: str) -> WaveSpec:
    """Read the text of a wave file; ``name`` is what faults call it. Raises Faults, all at once."""
    document = Document(source, name)
    root = document.root
    root.only(*_KEYS)
    opens, closes = delivery_file.a_date(root, "opens"), delivery_file.a_date(root, "closes")
    units, former = units_file.read(root.tables("unit", required=True), opens, closes)
    _no_doubles(document, "unit", [table.data.get("id", "") for table in root.tables("unit")])
    places = tuple(_place(table, units) for table in root.tables("place"))
    _no_doubles(document, "place", [place.id for place in places])
    counter = delivery_file.counter_plan(root.table("counter"), opens, closes)
    groups = tuple(_group(table, units, counter) for table in root.tables("group", required=True))
    _no_doubles(document, "group", [group.id for group in groups])
    k = root.integer("k", 5, low=2) or 5
    spec = WaveSpec(
        id=root.id(), title=root.words("title"), opens=opens, closes=closes, timezone=_timezone(root),
        framework=root.string("framework", "") or None, k=k, units=units, places=places, groups=groups,
        hotline=root.string("hotline", ""),
        authority=_authority(root.table("authority"), units),
        estimation=_estimation(root.table("estimation"), groups, k),
        thresholds=_thresholds(root.table("thresholds")),
        pace=_pace(root.table("pace")),
        simulated=root.boolean("simulated", False),
        interim=root.boolean("interim", False),
        open=open_table.read(root.table("open"), units, places, groups),
        text=source,
        counter=counter,
        messages=delivery_file.templates(root.tables("message"), [group.id for group in groups]),
        reminders=delivery_file.reminders(root.table("reminders")),
        return_to=delivery_file.return_address(root.table("return")),
        former=former,
        purge_on=delivery_file.a_date(root, "purge_on") if "purge_on" in root else None,
        paper=paper_plan.read(root.table("paper")),
        fieldwork=fieldwork_file.read(root.table("fieldwork"), _targets(root), root.string("id", ""), opens, closes),
        payment=fieldwork_file.payment(root.table("payment"), tuple(group.id for group in groups)),
    )  # fmt: skip
    _days_in_order(root, spec)
    document.finish()
    return spec


def _targets(root: Table) -> tuple[tuple[str, float | None], ...]:
    return tuple((str(table.data.get("id", "")), fieldwork_file.rate(table)) for table in root.tables("group"))


def _days_in_order(root: Table, spec: WaveSpec) -> None:
    if _NEVER not in (spec.opens, spec.closes) and spec.closes < spec.opens:
        root.fault("closes", f"the wave closes on {spec.closes} before it opens on {spec.opens}")
    if spec.purge_on is not None and spec.purge_on <= spec.closes:
        root.fault("purge_on", f"contacts are purged on {spec.purge_on}, but the wave closes on {spec.closes} only")


def load_file(path: Path) -> WaveSpec:
    """Read a wave file from the disk. Raises Faults."""
    try:
        return load(path.read_text("utf-8-sig"), path.name)
    except UnicodeDecodeError as error:
        raise Faults([Fault(f"is not a UTF-8 text file: {error.reason} at byte {error.start}", path.name)]) from error
    except OSError as error:
        raise Faults([Fault(f"cannot be read: {error.strerror}", str(path))]) from error


def _no_doubles(document: Document, key: str, identities: list[str]) -> None:
    for position, identity in enumerate(identities):
        if identity and identity in identities[:position]:
            document.fault((key, position, "id"), f"the {key} id “{identity}” is used twice")


def _timezone(root: Table) -> str:
    name = root.string("timezone", "Asia/Ho_Chi_Minh")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        root.fault("timezone", f"“{name}” is not a known time zone; write for example Asia/Ho_Chi_Minh")
    return name


def _place(table: Table, units: tuple[Unit, ...]) -> Place:
    table.only("id", "name", "unit")
    unit = table.string("unit", "")
    if unit and unit not in {each.id for each in units}:
        table.fault("unit", f"“{unit}” is not a unit of this wave")
    return Place(table.id(), table.words("name"), unit or None)


def _group(table: Table, units: tuple[Unit, ...], plan: CounterPlan | None) -> Group:
    table.only(*"id name questionnaire assesses design margins classes merge too_few max_units".split(),
               *"unit_min multiplicity_cap mode resume target target_rate counter".split())  # fmt: skip
    shares = delivery_file.shares(table.table("counter"), [unit.id for unit in units], plan)
    design = COUNTER_DESIGN if shares else read_design(table.table("design"))
    if shares:
        _counter_only(table)
    margins = columns(table, "margins")
    classes = columns(table, "classes") if "classes" in table else None
    merge = table.strings("merge") if "merge" in table else (MULTIPLICITY, *reversed(margins), *(classes or ()))
    known = {*margins, *(classes or ()), *(STRATUM_PREFIX + column for column in design.told), MULTIPLICITY}
    for name in merge:
        if name not in known:
            other = f"“{MULTIPLICITY}” or “{STRATUM_PREFIX}<column>”"
            table.fault("merge", f"“{name}” is no margin or class of this group, nor {other}")
    mode = table.option("mode", _Mode, _Mode.QR) or _Mode.QR
    usual = Resume.CONTINUE if mode in _SENT else Resume.SHOW
    return Group(
        id=table.id(),
        name=table.words("name"),
        questionnaire=table.string("questionnaire"),
        assesses=_assesses(table, units),
        design=design,
        margins=margins,
        classes=classes,
        merge=merge,
        too_few=table.option("too_few", TooFew, TooFew.STOP) or TooFew.STOP,
        max_units=table.integer("max_units", 8, low=1) or 8,
        unit_min=table.integer("unit_min", 1, low=1) or 1,
        multiplicity_cap=table.integer("multiplicity_cap", 4, low=1) or 4,
        mode=mode,
        resume=table.option("resume", Resume, usual) or usual,
        target=_target(table.table("target")),
        counter=shares,
    )


def _counter_only(table: Table) -> None:
    """What is selected dossier by dossier has no list to stratify, and is about the office of the dossier."""
    for key in ("design", "margins", "classes", "merge", "mode", "multiplicity_cap"):
        if key in table:
            table.fault(key, f"a group asked at counters has no “{key}”")
    if table.data.get("assesses") != "dossier":
        table.fault("assesses", "a group asked at counters assesses “dossier”")


def _assesses(table: Table, units: tuple[Unit, ...]) -> str:
    value = table.string("assesses")
    head, _, tail = value.partition(":")
    if head == "kind" and tail:
        kinds = [kind.strip() for kind in tail.split(",")]
        for kind in kinds:
            if kind not in {unit.kind for unit in units}:
                table.fault("assesses", f"no unit of this wave is of the kind “{kind}”")
        return "kind:" + ",".join(kinds)
    if value and value not in ("dossier", "own", "list"):
        table.fault("assesses", f"“assesses” is “{value}”, but must be dossier, own, list or kind:<kind>[,<kind>]")
    return value


def _target(table: Table | None) -> Target | None:
    if table is None:
        return None
    table.only("population", "frame", "period", "gaps")
    empty = Text({"vi": ""})
    return Target(table.words("population"), table.words("frame"), table.words("period"),
                  table.optional_words("gaps") or empty)  # fmt: skip


def _authority(table: Table | None, units: Iterable[Unit]) -> Authority | None:
    if table is None:
        return None
    table.only("name", "plan", "date", "unit")
    unit = table.string("unit", "") or None
    if unit is not None and unit not in {each.id for each in units}:
        table.fault("unit", f"no unit has the id “{unit}”")
    return Authority(table.words("name"), table.string("plan"), delivery_file.a_date(table, "date"), unit)


def _estimation(table: Table | None, groups: Iterable[Group], k: int) -> Estimation:
    if table is None:
        return Estimation(n_min=k)
    table.only("lonely", "collapse", "valid", "n_min", "pool_below", "few", "wide", "too_wide")
    collapse = table.strings("collapse")
    strata = {column for group in groups for column in group.design.told}
    for column in collapse:
        if column not in strata:
            table.fault("collapse", f"“{column}” makes strata in no group")
    valid = table.strings("valid") if "valid" in table else Estimation().valid
    for state in valid:
        if state not in tuple(_Valid):
            table.fault("valid", f"“{state}” in “valid” must be complete or partial")
    lonely = table.option("lonely", _Lonely, _Lonely.ADJUST) or _Lonely.ADJUST
    n_min = table.integer("n_min", k, low=2) or k
    if n_min < k:
        table.fault("n_min", f"“n_min” is {n_min}: a group of fewer than k = {k} may not count, its score would show")
    pool_below, few = table.integer("pool_below", 5, low=2) or 5, table.integer("few", 30, low=1) or 30
    return Estimation(str(lonely), collapse, valid, n_min, pool_below, few, *_widths(table))


def _widths(table: Table) -> tuple[float | None, float | None]:
    """The widths of an interval from which an estimate is marked, and withheld."""
    wide, too_wide = (table.number(key, 0.1, 100.0) if key in table else None for key in ("wide", "too_wide"))
    if wide is not None and too_wide is not None and too_wide < wide:
        table.fault("too_wide", f"“too_wide” is {too_wide:g}, less than the {wide:g} of “wide”")
    return wide, too_wide


def _thresholds(table: Table | None) -> Thresholds:
    if table is None:
        return Thresholds()
    table.only("complete", "partial")
    usual = Thresholds()
    complete = table.number("complete", 0.0, 1.0) if "complete" in table else usual.complete
    partial = table.number("partial", 0.0, 1.0) if "partial" in table else usual.partial
    if complete is None or partial is None:
        return usual
    if partial > complete:
        table.fault("partial", f"“partial” is {partial:g}, more than the {complete:g} of “complete”")
    return Thresholds(complete, partial)


def _pace(table: Table | None) -> Pace:
    if table is None:
        return Pace()
    table.only("measured", "fast", "long")
    usual = Pace()
    fast = table.number("fast", 0.1, 60.0) if "fast" in table else usual.fast
    long = table.number("long", 0.1, 3600.0) if "long" in table else usual.long
    if fast is None or long is None:
        return usual
    if long <= fast:
        table.fault("long", f"“long” is {long:g}, not more than the {fast:g} of “fast”")
    return Pace(table.boolean("measured", True), fast, long)
