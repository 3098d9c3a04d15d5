"""The small language of ``show_if`` and ``screen_out``.

::

    condition  = all { "or" all }
    all        = one { "and" one }
    one        = "not" one | "(" condition ")" | "answered" "(" item ")" | comparison
    comparison = item ("==" | "!=" | "<" | "<=" | ">" | ">=") value
               | item ["not"] "in" "[" value { "," value } "]"
               | value ["not"] "in" item          (multiple choice)
    value      = 'text' | "text" | whole number

An item that is not answered satisfies no comparison, ``!=`` included; ``not`` turns that round as usual.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = str | int | tuple[str, ...]
"""One answer: a choice's id or a text; a number or a month as yyyymm; the ids of several choices."""

NA = "na"  # don't know, or does not apply: an answer, but not usable in an estimate
DECLINED = "declined"  # "I would rather not answer"

LONGEST = 500  # characters
DEEPEST = 20  # brackets in brackets, far from Python's own limit

_TOKEN = re.compile(
    r"""\s*(?:(?P<word>[A-Za-z_]\w*)|(?P<number>-?\d+)|(?P<text>'[^']*'|"[^"]*")|(?P<sign>[=!<>]=|[<>()\[\],]))"""
)
_ORDER: Mapping[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_WORDS = {"and", "or", "not", "in", "answered"}


class ConditionError(ValueError):
    """A condition that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """``name`` against literal values; ``sign`` is an operator, ``in``, ``has`` (several choices) or ``answered``."""

    name: str
    sign: str
    values: tuple[str | int, ...] = ()

    def holds(self, values: Mapping[str, Value | None]) -> bool:
        """Whether these answers satisfy it."""
        value = values.get(self.name)
        if value is None:
            return False
        if self.sign == "answered":
            return value != DECLINED
        if self.sign == "has":
            return isinstance(value, tuple) and self.values[0] in value
        if self.sign in _ORDER:
            limit = self.values[0]
            return isinstance(value, int) and isinstance(limit, int) and _ORDER[self.sign](value, limit)
        return (value in self.values) != (self.sign == "!=")


@dataclass(frozen=True, slots=True)
class Junction:
    """Several conditions joined by ``and`` or ``or``, or one turned round by ``not``."""

    sign: str
    parts: tuple[Comparison | Junction, ...]

    def holds(self, values: Mapping[str, Value | None]) -> bool:
        """Whether these answers satisfy it."""
        if self.sign == "not":
            return not self.parts[0].holds(values)
        return (all if self.sign == "and" else any)(part.holds(values) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on answers, as written in ``text``."""

    text: str
    root: Comparison | Junction

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Every comparison in it, from left to right."""
        return _leaves(self.root)

    @property
    def names(self) -> frozenset[str]:
        """The items it asks about."""
        return frozenset(comparison.name for comparison in self.comparisons)

    def holds(self, values: Mapping[str, Value | None]) -> bool:
        """Whether these answers satisfy it."""
        return self.root.holds(values)


def _leaves(node: Comparison | Junction) -> tuple[Comparison, ...]:
    if isinstance(node, Comparison):
        return (node,)
    return tuple(leaf for part in node.parts for leaf in _leaves(part))


def write(node: Comparison | Junction) -> str:
    """A condition as it is written; ``parse`` reads it back."""
    if isinstance(node, Junction):
        parts = [f"({write(part)})" if isinstance(part, Junction) else write(part) for part in node.parts]
        return f"not {parts[0]}" if node.sign == "not" else f" {node.sign} ".join(parts)
    said = [str(value) if isinstance(value, int) else f"'{value}'" for value in node.values]
    match node.sign:
        case "answered":
            return f"answered({node.name})"
        case "has":
            return f"{said[0]} in {node.name}"
        case "in":
            return f"{node.name} in [{', '.join(said)}]"
        case _:
            return f"{node.name} {node.sign} {said[0]}"


def parse(text: str) -> Condition:
    """Read a condition; raises ConditionError."""
    if len(text) > LONGEST:
        raise ConditionError(f"is longer than {LONGEST} characters")
    return Condition(text, _Parser(_tokens(text)).whole())


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise ConditionError(f"cannot be read from “{text[at:].strip()[:20]}” on")
        kind = str(match.lastgroup)
        tokens.append((kind, match[kind]))
        at = match.end()
    return [*tokens, ("end", "")]


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def whole(self) -> Comparison | Junction:
        node = self.junction("or")
        if self.tokens[self.at][0] != "end":
            raise self.expected("and, or, or the end")
        return node

    def expected(self, what: str) -> ConditionError:
        kind, token = self.tokens[self.at]
        return ConditionError(f"expects {what} " + ("at its end" if kind == "end" else f"where “{token}” stands"))

    def take(self, *wanted: str) -> str:
        """Step over one of these words or signs if it comes next."""
        kind, token = self.tokens[self.at]
        if kind in ("word", "sign") and token in wanted:
            self.at += 1
            return token
        return ""

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise self.expected(f"“{sign}”")

    def junction(self, sign: str) -> Comparison | Junction:
        parts = [self.junction("and") if sign == "or" else self.one()]
        while self.take(sign):
            parts.append(self.junction("and") if sign == "or" else self.one())
        return parts[0] if len(parts) == 1 else Junction(sign, tuple(parts))

    def one(self) -> Comparison | Junction:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ConditionError(f"nests more than {DEEPEST} deep")
        node: Comparison | Junction
        if self.take("not"):
            node = Junction("not", (self.one(),))
        elif self.take("("):
            node = self.junction("or")
            self.need(")")
        elif self.take("answered"):
            self.need("(")
            node = Comparison(self.name(), "answered")
            self.need(")")
        else:
            node = self.comparison()
        self.depth -= 1
        return node

    def comparison(self) -> Comparison | Junction:
        if self.tokens[self.at][0] in ("text", "number"):
            value = self.value()
            turned = self.take("not")
            self.need("in")
            return _turned(Comparison(self.name(), "has", (value,)), turned)
        name = self.name()
        sign = self.take("==", "!=", *_ORDER)
        if sign:
            return Comparison(name, sign, (self.value(),))
        turned = self.take("not")
        if not self.take("in"):
            raise self.expected("a comparison")
        return _turned(Comparison(name, "in", self.values()), turned)

    def values(self) -> tuple[str | int, ...]:
        self.need("[")
        values = [self.value()]
        while self.take(","):
            values.append(self.value())
        self.need("]")
        return tuple(values)

    def name(self) -> str:
        kind, token = self.tokens[self.at]
        if kind != "word" or token in _WORDS:
            raise self.expected("an item's id")
        self.at += 1
        return token

    def value(self) -> str | int:
        kind, token = self.tokens[self.at]
        if kind not in ("text", "number"):
            raise self.expected("a value in quotes or a number")
        self.at += 1
        return int(token) if kind == "number" else token[1:-1]


def _turned(comparison: Comparison, turned: str) -> Comparison | Junction:
    return Junction("not", (comparison,)) if turned else comparison
