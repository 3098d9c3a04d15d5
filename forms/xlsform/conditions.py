"""Our conditions as expressions of XLSForm, and expressions as conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from forms.conditions import DECLINED, NA, Comparison, Junction
from forms.questionnaire import Item, ItemType
from forms.xlsform.expressions import (
    Compared,
    Day,
    Expression,
    Joined,
    Length,
    Ref,
    Selected,
    Unsayable,
)

Node = Comparison | Junction
Known = Mapping[str, tuple[Item, Mapping[str, str]]]
"""A question by its name in the form: our item, and the ids of its choices by their names there."""

_OURS = {"=": "==", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def condition(expression: Expression, known: Known) -> Node:
    """An expression about earlier questions as our condition. Raises Unsayable."""
    match expression:
        case Joined(sign, parts):
            return Junction(sign, tuple(condition(part, known) for part in parts))
        case Selected(name, choice):
            item, choices = _known(name, known)
            if item.type is ItemType.MULTIPLE:
                return Comparison(item.id, "has", (_choice(name, choice, choices),))
            if item.closed:
                return Comparison(item.id, "==", (_choice(name, choice, choices),))
            raise Unsayable(f"asks selected() of “{name}”, which has no choices")
        case Compared(Length(name), sign, right):
            if (sign, right) in ((">", 0.0), (">=", 1.0)):
                return Comparison(_known(name, known)[0].id, "answered")
            raise Unsayable(f"asks how long “{name}” is")
        case Compared(Ref(name), sign, right):
            return _compared(name, sign, right, known)
    raise Unsayable("cannot be said")


def _known(name: str, known: Known) -> tuple[Item, Mapping[str, str]]:
    if name not in known:
        raise Unsayable(f"asks about “{name}”, which is no earlier question here")
    return known[name]


def _choice(name: str, choice: str, choices: Mapping[str, str]) -> str:
    if choice in (NA, DECLINED):
        return choice
    if choice not in choices:
        raise Unsayable(f"compares “{name}” with “{choice}”, which is none of its choices")
    return choices[choice]


def _compared(name: str, sign: str, right: object, known: Known) -> Node:
    item, choices = _known(name, known)
    if right == "":
        answered = Comparison(item.id, "answered")
        if sign in ("=", "!="):
            return answered if sign == "!=" else Junction("not", (answered,))
    elif sign == "!=":  # an empty answer is unequal there, and satisfies nothing here
        return Junction("not", (_compared(name, "=", right, known),))
    elif item.type is ItemType.NUMBER:
        return Comparison(item.id, _OURS[sign], (_number(name, right),))
    elif item.type is ItemType.DATE:
        return _month(item.id, sign, right)
    elif item.type in (ItemType.SCALE, ItemType.SINGLE) and sign == "=":
        text = f"{right:g}" if isinstance(right, float) else right
        if isinstance(text, str):
            return Comparison(item.id, "==", (_choice(name, text, choices),))
    raise Unsayable(f"compares “{name}” by “{sign}” in a way that cannot be said")


def _number(name: str, right: object) -> int | str:
    if right in (NA, DECLINED):
        return str(right)
    try:
        value = float(right) if isinstance(right, str | float) else float("nan")
    except ValueError:
        value = float("nan")
    if not value.is_integer() or abs(value) > 10**9:
        raise Unsayable(f"compares “{name}” with something else than a whole number")
    return int(value)


def _month(id: str, sign: str, right: object) -> Comparison:
    """Answers carry months: only the first day of one parts them exactly."""
    if right in (NA, DECLINED) and sign == "=":
        return Comparison(id, "==", (str(right),))
    if isinstance(right, Day) and right.day == 1 and sign in (">=", "<"):
        return Comparison(id, sign, (right.year * 100 + right.month,))
    raise Unsayable("compares a day; answers carry a month only")


def expression(node: Node, items: Mapping[str, Item]) -> str:
    """Our condition as XLSForm writes it."""
    if isinstance(node, Junction):
        if node.sign == "not":
            return f"not({expression(node.parts[0], items)})"
        return "(" + f" {node.sign} ".join(expression(part, items) for part in node.parts) + ")"
    ref = f"${{{node.name}}}"
    if node.sign == "answered":
        return f"{ref} != ''"
    if node.sign == "has":
        return f"selected({ref}, '{node.values[0]}')"
    if items[node.name].type is ItemType.DATE and isinstance(node.values[0], int):
        return _dates(ref, node)
    said = [_value(value) for value in node.values]
    if node.sign == "!=":
        return f"({ref} != {said[0]} and {ref} != '')"
    if node.sign == "in":
        return "(" + " or ".join(f"{ref} = {value}" for value in said) + ")"
    return f"{ref} {'=' if node.sign == '==' else node.sign} {said[0]}"


def _value(value: str | int) -> str:
    return str(value) if isinstance(value, int) else f"'{value}'"


def _dates(ref: str, node: Comparison) -> str:
    """A comparison of months by the first days of the month and of the next."""

    def within(month: int | str) -> str:
        if isinstance(month, str):
            return f"{ref} = '{month}'"
        return f"({ref} >= {_first(month)} and {ref} < {_first(_next(month))})"

    if node.sign == "!=":
        return f"(not({within(node.values[0])}) and {ref} != '')"
    if node.sign in ("==", "in"):
        return "(" + " or ".join(within(month) for month in node.values) + ")"
    month = int(node.values[0])
    said: Mapping[str, Callable[[], str]] = {
        ">=": lambda: f"{ref} >= {_first(month)}",
        "<": lambda: f"{ref} < {_first(month)}",
        ">": lambda: f"{ref} >= {_first(_next(month))}",
        "<=": lambda: f"{ref} < {_first(_next(month))}",
    }
    return said[node.sign]()


def _next(month: int) -> int:
    return month + 89 if month % 100 == 12 else month + 1


def _first(month: int) -> str:
    return f"date('{month // 100:04d}-{month % 100:02d}-01')"
