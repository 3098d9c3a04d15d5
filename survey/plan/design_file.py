"""Read a group's sample design from its wave file, every fault with its line."""

from __future__ import annotations

from forms.toml import ID, Table
from survey.plan.design_spec import Allocation, Design, FirstStage, Method, Rule, Size

_KEYS = "method by n size allocation min max hold response deviation power sort zones psu psus first reserve"
# what only one method understands
_OWN = {"sort": Method.SYSTEMATIC, "zones": Method.SYSTEMATIC, "psu": Method.TWO_STAGE, "psus": Method.TWO_STAGE,
        "first": Method.TWO_STAGE}  # fmt: skip


def columns(table: Table, key: str) -> tuple[str, ...]:
    """A list of frame columns, each once."""
    names = table.strings(key)
    for position, name in enumerate(names):
        if not ID.fullmatch(name):
            table.fault(key, f"“{name}” in “{key}” is not the id of a frame column")
        elif name in names[:position]:
            table.fault(key, f"“{name}” stands twice in “{key}”")
    return names


def read(table: Table | None) -> Design:
    """The design of a group; a census without one."""
    if table is None:
        return Design()
    table.only(*_KEYS.split())
    method = table.option("method", Method)
    if method is Method.COUNTER:
        table.fault("method", "a group asked at counters has a table “counter” in place of “design”")
    if method is None or method is Method.COUNTER:
        return Design()
    by = columns(table, "by")
    size = _size(table.table("size"), by)
    n = table.integer("n", low=1)
    _right_keys(table, method, by, n)
    minimum, maximum = table.integer("min", 0, low=0) or 0, table.integer("max", low=1)
    if maximum is not None and maximum < minimum:
        table.fault("max", f"“max” is {maximum}, less than the “min” of {minimum}")
    if n is not None and minimum > n:
        table.fault("min", f"“min” is {minimum}, more than the n of {n}")
    allocation = table.option("allocation", Allocation, Allocation.PROPORTIONAL) or Allocation.PROPORTIONAL
    deviation, deviations = _deviation(table, allocation, by)
    if "power" in table and allocation is not Allocation.POWER:
        table.fault("power", '“power” belongs to allocation = "power"')
    return Design(
        method, by, n, allocation, minimum,
        table.integer("hold", 8, low=1) or 8,
        _response(table),
        maximum, size, deviation, deviations,
        table.number("power", 0.0, 1.0, 0.5) or 0.0,
        columns(table, "sort"),
        table.boolean("zones", False),
        _column(table, "psu"),
        table.integer("psus", low=2),
        table.option("first", FirstStage, FirstStage.SIMPLE) or FirstStage.SIMPLE,
        table.number("reserve", 0.0, 5.0, 0.0) or 0.0,
    )  # fmt: skip


def _right_keys(table: Table, method: Method, by: tuple[str, ...], n: int | None) -> None:
    """What each method must and must not have."""
    _number(table, method)
    if method is Method.TWO_STAGE:
        _stages(table, n)
    for key, owner in _OWN.items():
        if key in table and method is not owner:
            table.fault(key, f"“{key}” belongs to the method “{owner}”")
    if method is Method.SIMPLE and by:
        table.fault("by", 'simple random sampling has no strata; write method = "stratified"')
    if method is Method.STRATIFIED and not by:
        table.fault(None, "the method “stratified” needs by, the frame columns that make the strata")
    if method is Method.SYSTEMATIC and "sort" not in table:
        table.fault(None, "the method “systematic” needs sort, the frame columns whose order the list is walked in")
    if table.boolean("zones", False) and "reserve" in table:
        table.fault("zones", "zones pair neighbours of the sample; a reserve would part them: declare one of the two")


def _number(table: Table, method: Method) -> None:
    if method is Method.CENSUS:
        for key in ("n", "size", "reserve"):
            if key in table:
                table.fault(key, f"a census takes everybody and has no {key}")
    elif "n" in table and "size" in table:
        table.fault("size", "n, the number to draw, is declared beside size, the rule that gives it: leave one out")
    elif "n" not in table and "size" not in table:
        table.fault(None, f"the method “{method}” needs n, the number to draw, or size, the rule that gives it")


def _stages(table: Table, n: int | None) -> None:
    for key, what in (("psu", "the column"), ("psus", "the number")):
        if key not in table:
            table.fault(None, f"the method “two_stage” needs {key}, {what} of what the first stage draws")
    psus = table.data.get("psus")
    if isinstance(psus, int) and n is not None and n < psus:
        table.fault("n", f"n is {n}, fewer than one for each of the {psus} that the first stage draws")


def _column(table: Table, key: str) -> str | None:
    name = table.string(key, "")
    if name and not ID.fullmatch(name):
        table.fault(key, f"“{name}” in “{key}” is not the id of a frame column")
    return name or None


def _response(table: Table) -> float:
    """The expected response, declared in the design or with its size."""
    size = table.table("size")
    place = size if size is not None and "response" in size else table
    if place is not table and "response" in table:
        table.fault("response", "“response” is declared twice, here and in “size”")
    return (place.number("response", 0.01, 1.0) or 1.0) if "response" in place else 1.0


def _size(table: Table | None, by: tuple[str, ...]) -> Size | None:
    if table is None:
        return None
    table.only("rule", "e", "p", "deff", "confidence", "response", "each")
    rule = table.option("rule", Rule)
    if rule is Rule.SLOVIN:
        for key in ("p", "deff", "confidence"):
            if key in table:
                table.fault(key, f"Slovin's rule takes z = 2, p = ½ and simple random sampling for granted: no {key}")
    each = table.string("each", "")
    if each and each not in by[:1]:
        table.fault("each", f"“{each}” is not the first column of “by”")
    e = table.number("e", 0.001, 0.5)
    return Size(
        rule or Rule.SLOVIN, e or 0.05, table.number("p", 0.01, 0.99, 0.5) or 0.5,
        table.number("deff", 0.1, 100.0, 1.0) or 1.0, table.number("confidence", 0.5, 0.9999, 0.95) or 0.95, bool(each),
    )  # fmt: skip


def _deviation(table: Table, allocation: Allocation, by: tuple[str, ...]
               ) -> tuple[str | None, tuple[tuple[str, float], ...]]:  # fmt: skip
    """Neyman's standard deviations: a frame column, or a table by level of the first column."""
    if allocation is not Allocation.NEYMAN:
        if "deviation" in table:
            table.fault("deviation", '“deviation” belongs to allocation = "neyman"')
        return None, ()
    if isinstance(table.data.get("deviation"), str):
        return _column(table, "deviation"), ()
    declared = table.table("deviation")
    if declared is None or not declared.data:
        levels = f"a table by levels of “{by[0]}”" if by else "a table by level"
        table.fault(None, f"Neyman's allocation needs deviation: the name of a frame column, or {levels}")
        return None, ()
    found = [(level, declared.checked(level, value, 0.0, 1e9) or 0.0) for level, value in declared.data.items()]
    if not any(value for _, value in found):
        table.fault("deviation", "every standard deviation is 0: nothing could be drawn")
    return None, tuple(sorted(found))
