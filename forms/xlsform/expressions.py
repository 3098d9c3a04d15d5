"""The expressions of XLSForm (``relevant``, ``constraint``) that our conditions can say, and back.

Read: ``and``, ``or``, ``not()``, brackets, ``selected()``, comparisons of one question with a value,
``string-length()`` compared with a number, ``date('…')``. Everything else is refused with the reason, never guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 2_000  # characters
DEEPEST = 20

_TOKEN = re.compile(
    r"""\s*(?:\$\{\s*(?P<ref>[^}\s]+)\s*\}|(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'[^']*'|"[^"]*"|‘[^’]*’|“[^”]*”)"""
    r"""|(?P<sign>[!<>]=|[=<>(),.])|(?P<word>[A-Za-z_][\w-]*(?:\(\s*\))?))"""
)
_SIGNS = ("=", "!=", "<", "<=", ">", ">=")
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


class Unsayable(ValueError):
    """An expression that our conditions cannot say; the message says which part."""


@dataclass(frozen=True, slots=True)
class Ref:
    """``${name}``; the question itself, written as a full stop, is ''."""

    name: str


@dataclass(frozen=True, slots=True)
class Length:
    """``string-length(${name})``."""

    name: str


@dataclass(frozen=True, slots=True)
class Day:
    """``date('2026-01-31')``."""

    year: int
    month: int
    day: int


Operand = Ref | Length | Day | str | float


@dataclass(frozen=True, slots=True)
class Compared:
    """What stands left is never a plain value."""

    left: Ref | Length
    sign: str
    right: Operand


@dataclass(frozen=True, slots=True)
class Selected:
    """``selected(${name}, 'choice')``."""

    name: str
    choice: str


@dataclass(frozen=True, slots=True)
class Joined:
    """``and``, ``or`` or ``not`` of parts."""

    sign: str
    parts: tuple[Expression, ...]


Expression = Compared | Selected | Joined


def parse(text: str) -> Expression:
    """Read an expression. Raises Unsayable."""
    if len(text) > LONGEST:
        raise Unsayable(f"is longer than {LONGEST} characters")
    parser = _Parser([*_tokens(text), ("end", "")])
    found = parser.joined("or")
    if parser.kind != "end":
        raise Unsayable(f"cannot be read from “{parser.token}” on")
    return found


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Unsayable(f"cannot be read from “{text[at:].strip()[:20]}” on")
        kind = str(match.lastgroup)
        yield kind, match[kind]
        at = match.end()


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0]

    @property
    def token(self) -> str:
        return self.tokens[self.at][1]

    def take(self, kind: str, *wanted: str) -> str:
        """Step over the next token if it is one of these."""
        if self.kind == kind and (not wanted or self.token in wanted):
            self.at += 1
            return self.tokens[self.at - 1][1]
        return ""

    def need(self, sign: str) -> None:
        if not self.take("sign", sign):
            raise Unsayable(f"has “{self.token}” where “{sign}” should stand")

    def joined(self, sign: str) -> Expression:
        parts = [self.joined("and") if sign == "or" else self.one()]
        while self.take("word", sign, sign.upper()):
            parts.append(self.joined("and") if sign == "or" else self.one())
        return parts[0] if len(parts) == 1 else Joined(sign, tuple(parts))

    def one(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unsayable(f"nests more than {DEEPEST} deep")
        found: Expression
        if self.take("word", "not"):
            self.need("(")
            found = Joined("not", (self.joined("or"),))
            self.need(")")
        elif self.take("word", "selected"):
            found = self.selected()
        elif self.take("sign", "("):
            found = self.joined("or")
            self.need(")")
        else:
            found = self.comparison()
        self.depth -= 1
        return found

    def selected(self) -> Selected:
        self.need("(")
        subject = self.operand()
        self.need(",")
        choice = self.operand()
        self.need(")")
        if not isinstance(subject, Ref) or not isinstance(choice, str):
            raise Unsayable("asks selected() of something else than a question and a choice")
        return Selected(subject.name, choice)

    def comparison(self) -> Compared:
        left = self.operand()
        sign = self.take("sign", *_SIGNS)
        if not sign:
            raise Unsayable(f"has “{self.token}” where a comparison should stand" if self.token else "ends too soon")
        right = self.operand()
        if isinstance(left, Ref | Length) and not isinstance(right, Ref | Length):
            return Compared(left, sign, right)
        if isinstance(right, Ref | Length) and not isinstance(left, Ref | Length):
            return Compared(right, TURNED[sign], left)
        raise Unsayable("compares something else than one question with one value")

    def operand(self) -> Operand:
        if name := self.take("ref"):
            return Ref(name)
        if self.take("sign", "."):
            return Ref("")
        if number := self.take("number"):
            return float(number)
        if self.kind == "text":
            return self.take("text")[1:-1]
        if self.take("word", "string-length"):
            inside = self._argument()
            if isinstance(inside, Ref):
                return Length(inside.name)
        elif self.take("word", "date"):
            inside = self._argument()
            match = re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)", inside) if isinstance(inside, str) else None
            if match and 1 <= int(match[2]) <= 12:
                return Day(int(match[1]), int(match[2]), int(match[3]))
        raise Unsayable(f"uses “{self.token}”, which cannot be asked here" if self.token else "ends too soon")

    def _argument(self) -> Operand:
        self.need("(")
        inside = self.operand()
        self.need(")")
        return inside


def limits(expression: Expression) -> tuple[int | None, int | None]:
    """The smallest and largest whole number that a constraint lets through. Raises Unsayable where it says more."""
    low: list[int] = []
    high: list[int] = []
    for part in expression.parts if isinstance(expression, Joined) and expression.sign == "and" else (expression,):
        match part:
            case Compared(Ref(""), ">=", float(value)):
                low.append(-int(-value // 1))
            case Compared(Ref(""), ">", float(value)):
                low.append(int(value // 1) + 1)
            case Compared(Ref(""), "<=", float(value)):
                high.append(int(value // 1))
            case Compared(Ref(""), "<", float(value)):
                high.append(-int(-value // 1) - 1)
            case _:
                raise Unsayable("says more than a smallest and a largest value")
    return max(low, default=None), min(high, default=None)


def longest(expression: Expression) -> int:
    """The longest text that a constraint lets through, in characters. Raises Unsayable where it says anything else."""
    match expression:
        case Compared(Length(""), "<=", float(value)) if value >= 1:
            return int(value)
        case Compared(Length(""), "<", float(value)) if value >= 2:
            return -int(-value // 1) - 1
        case _:
            raise Unsayable("says more than a greatest length")
