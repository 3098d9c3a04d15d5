"""Read a wave file: everything wrong with it at once, each fault with its line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from forms.faults import Fault, Faults
from forms.text import Text
from forms.toml import ID, Document, Table
from survey.wave_spec import (
    Allocation,
    Authority,
    Design,
    Estimation,
    Group,
    Method,
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


def load(source: str, name: str) -> WaveSpec:
    """Read the text of a wave file; ``name`` is what faults call it. Raises Faults, all at once."""
    document = Document(source, name)
    root = document.root
    root.only(*"id title opens closes timezone framework k hotline simulated unit place group".split(),
              *"authority estimation thresholds".split())  # fmt: skip
    units = tuple(_unit(table) for table in root.tables("unit", required=True))
    _no_doubles(document, "unit", [unit.id for unit in units])
    places = tuple(_place(table, units) for table in root.tables("place"))
    _no_doubles(document, "place", [place.id for place in places])
    groups = tuple(_group(table, units) for table in root.tables("group", required=True))
    _no_doubles(document, "group", [group.id for group in groups])
    spec = WaveSpec(
        id=root.id(),
        title=root.words("title"),
        opens=_date(root, "opens"),
        closes=_date(root, "closes"),
        timezone=_timezone(root),
        framework=root.string("framework", "") or None,
        k=root.integer("k", 5, low=2) or 5,
        units=units,
        places=places,
        groups=groups,
        hotline=root.string("hotline", ""),
        authority=_authority(root.table("authority")),
        estimation=_estimation(root.table("estimation"), groups),
        thresholds=_thresholds(root.table("thresholds")),
        simulated=root.boolean("simulated", False),
        text=source,
    )
    if _NEVER not in (spec.opens, spec.closes) and spec.closes < spec.opens:
        root.fault("closes", f"the wave closes on {spec.closes} before it opens on {spec.opens}")
    document.finish()
    return spec


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


def _date(table: Table, key: str) -> date:
    value = table.data.get(key)
    if value is None:
        table.fault(None, f"“{key}” is missing")
        return _NEVER
    if isinstance(value, datetime) or not isinstance(value, date):
        table.fault(key, f"“{key}” must be a date such as 2026-03-01, without quotation marks")
        return _NEVER
    return value


def _timezone(root: Table) -> str:
    name = root.string("timezone", "Asia/Ho_Chi_Minh")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        root.fault("timezone", f"“{name}” is not a known time zone; write for example Asia/Ho_Chi_Minh")
    return name


def _unit(table: Table) -> Unit:
    table.only("id", "name", "kind")
    kind = table.string("kind")
    if kind and not ID.fullmatch(kind):
        table.fault("kind", f"“{kind}” is not an id: use a–z, 0–9 and _, beginning with a letter")
    return Unit(table.id(), table.words("name"), kind)


def _place(table: Table, units: tuple[Unit, ...]) -> Place:
    table.only("id", "name", "unit")
    unit = table.string("unit", "")
    if unit and unit not in {each.id for each in units}:
        table.fault("unit", f"“{unit}” is not a unit of this wave")
    return Place(table.id(), table.words("name"), unit or None)


def _group(table: Table, units: tuple[Unit, ...]) -> Group:
    table.only(*"id name questionnaire assesses design margins classes merge too_few max_units".split(),
               *"multiplicity_cap mode resume target".split())  # fmt: skip
    design = _design(table.table("design"))
    margins = _columns(table, "margins")
    classes = _columns(table, "classes") if "classes" in table else None
    merge = table.strings("merge") if "merge" in table else (MULTIPLICITY, *reversed(margins), *(classes or ()))
    known = {*margins, *(classes or ()), *(STRATUM_PREFIX + column for column in design.by), MULTIPLICITY}
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
        multiplicity_cap=table.integer("multiplicity_cap", 4, low=1) or 4,
        mode=mode,
        resume=table.option("resume", Resume, usual) or usual,
        target=_target(table.table("target")),
    )


def _columns(table: Table, key: str) -> tuple[str, ...]:
    names = table.strings(key)
    for position, name in enumerate(names):
        if not ID.fullmatch(name):
            table.fault(key, f"“{name}” in “{key}” is not the id of a frame column")
        elif name in names[:position]:
            table.fault(key, f"“{name}” stands twice in “{key}”")
    return names


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


def _design(table: Table | None) -> Design:
    if table is None:
        return Design()
    table.only("method", "by", "n", "allocation", "min", "hold", "response")
    method = table.option("method", Method)
    if method is None:
        return Design()
    n = table.integer("n", low=1)
    minimum = table.integer("min", 0, low=0) or 0
    if method is Method.CENSUS and "n" in table:
        table.fault("n", "a census takes everybody and has no n")
    if method is not Method.CENSUS and "n" not in table:
        table.fault(None, f"the method “{method}” needs n, the number to draw")
    if n is not None and minimum > n:
        table.fault("min", f"“min” is {minimum}, more than the n of {n}")
    by = _columns(table, "by")
    if method is Method.SIMPLE and by:
        table.fault("by", 'simple random sampling has no strata; write method = "stratified"')
    if method is Method.STRATIFIED and not by:
        table.fault(None, "the method “stratified” needs by, the frame columns that make the strata")
    return Design(
        method, by, n,
        table.option("allocation", Allocation, Allocation.PROPORTIONAL) or Allocation.PROPORTIONAL,
        minimum,
        table.integer("hold", 8, low=1) or 8,
        (table.number("response", 0.01, 1.0) or 1.0) if "response" in table else 1.0,
    )  # fmt: skip


def _target(table: Table | None) -> Target | None:
    if table is None:
        return None
    table.only("population", "frame", "period", "gaps")
    empty = Text({"vi": ""})
    return Target(table.words("population"), table.words("frame"), table.words("period"),
                  table.optional_words("gaps") or empty)  # fmt: skip


def _authority(table: Table | None) -> Authority | None:
    if table is None:
        return None
    table.only("name", "plan", "date")
    return Authority(table.words("name"), table.string("plan"), _date(table, "date"))


def _estimation(table: Table | None, groups: Iterable[Group]) -> Estimation:
    if table is None:
        return Estimation()
    table.only("lonely", "collapse", "valid", "n_min")
    collapse = table.strings("collapse")
    strata = {column for group in groups for column in group.design.by}
    for column in collapse:
        if column not in strata:
            table.fault("collapse", f"“{column}” makes strata in no group")
    valid = table.strings("valid") if "valid" in table else Estimation().valid
    for state in valid:
        if state not in tuple(_Valid):
            table.fault("valid", f"“{state}” in “valid” must be complete or partial")
    lonely = table.option("lonely", _Lonely, _Lonely.ADJUST) or _Lonely.ADJUST
    return Estimation(str(lonely), collapse, valid, table.integer("n_min", 5, low=2) or 5)


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
