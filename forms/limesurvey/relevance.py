"""Simple relevance equations and conditions of LimeSurvey as expressions of XLSForm; Unsayable for the others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forms.limesurvey.document import Row
from forms.xlsform.expressions import Unsayable

LONGEST = 5_000
_TOKEN = re.compile(
    # 245554X1X2.NAOK: what LimeSurvey itself writes for conditions that were clicked together
    r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<word>(?:\d+X\d+X\d|[A-Za-z_])\w*(?:\.\w+)?)|(?P<number>\d+(?:\.\d+)?)"""
    r"""|(?P<sign>==|!=|<=|>=|&&|\|\||[<>!()]))"""
)
_EMPTY = re.compile(r"(\$\{\w+\}) = ''")
_SIGNS = {"==": "=", "eq": "=", "!=": "!=", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
          "<": "<", "<=": "<=", ">": ">", ">=": ">="}  # fmt: skip
_TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_METHODS = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", " ": "=="}


@dataclass(frozen=True, slots=True)
class Variable:
    """What a name in an equation means: the question ``name``, or one ``choice`` of a question with several."""

    name: str
    choice: str | None = None


Names = Mapping[str, Variable]


def equation(said: str, names: Names) -> str:
    """A relevance equation; '' where it always holds. Raises Unsayable."""
    text = said.strip()
    if text in ("", "1", "(1)"):
        return ""
    if len(text) > LONGEST:
        raise Unsayable(f"is longer than {LONGEST} characters")
    return _Equation(text, names).whole()


def conditions(rows: Sequence[Row], names: Names) -> str:
    """Old conditions: those of one scenario must all hold, of several scenarios any; about one question, any value."""
    scenarios: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        method = _METHODS.get(row.get("method", "=="))
        field = row.get("cfieldname", "").lstrip("+")
        if method is None or field not in names:
            raise Unsayable("compares in a way that cannot be said")
        told = equation(f'{_alias(field)} {method} "{_safe(row.get("value", ""))}"', {_alias(field): names[field]})
        scenarios.setdefault(row.get("scenario", "1"), {}).setdefault(field, []).append(told)
    each = [" and ".join(f"({' or '.join(values)})" for values in fields.values()) for fields in scenarios.values()]
    return each[0] if len(each) == 1 else " or ".join(f"({one})" for one in each)


def _alias(field: str) -> str:
    return "f" + re.sub(r"\W", "_", field)


def _safe(value: str) -> str:
    if '"' in value or "'" in value:
        raise Unsayable("compares with a quotation mark")
    return value


class _Equation:
    """Recursive descent over ``or``, ``and``, ``not``, brackets, comparisons and is_empty()."""

    def __init__(self, text: str, names: Names) -> None:
        self.names, self.tokens, self.at = names, list[tuple[str, str]](), 0
        place, end = 0, len(text.rstrip())
        while place < end:
            match = _TOKEN.match(text, place)
            if match is None:
                raise Unsayable(f"holds “{text[place : place + 20].strip()}”, which cannot be said")
            self.tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            place = match.end()

    def whole(self) -> str:
        made = self._any(0)
        if self.at < len(self.tokens):
            raise Unsayable(f"goes on with “{self.tokens[self.at][1]}”, which cannot be said")
        return made

    def _next(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def _take(self, *texts: str) -> str:
        kind, said = self._next()
        if kind not in ("text", "end") and said.casefold() in texts:
            self.at += 1
            return said
        return ""

    def _any(self, deep: int) -> str:
        parts = [self._all(deep)]
        while self._take("||", "or"):
            parts.append(self._all(deep))
        return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"

    def _all(self, deep: int) -> str:
        parts = [self._one(deep)]
        while self._take("&&", "and"):
            parts.append(self._one(deep))
        return parts[0] if len(parts) == 1 else f"({' and '.join(parts)})"

    def _one(self, deep: int) -> str:
        if deep > 20:
            raise Unsayable("has brackets in brackets too deeply")
        if self._take("!", "not"):
            made = self._one(deep + 1)
            empty = _EMPTY.fullmatch(made)
            return f"{empty[1]} != ''" if empty else f"not({made})"
        if self._take("("):
            made = self._any(deep + 1)
            self._close()
            return made
        if self._take("is_empty"):
            return self._empty()
        return self._comparison()

    def _close(self) -> None:
        if not self._take(")"):
            raise Unsayable("does not close a bracket")

    def _empty(self) -> str:
        if not self._take("("):
            raise Unsayable("asks is_empty of nothing")
        kind, said = self._next()
        self.at += 1
        self._close()
        return _compared(self._variable(kind, said), "=", "")

    def _comparison(self) -> str:
        left, self.at = self._next(), self.at + 1
        sign = _SIGNS.get(self._next()[1].casefold())
        if sign is None or self._next()[0] == "text":
            raise Unsayable("is more than a comparison of a question with a value")
        self.at += 1
        right, self.at = self._next(), self.at + 1
        if left[0] != "word":
            left, right, sign = right, left, _TURNED[sign]
        if right[0] not in ("text", "number"):
            raise Unsayable("compares with something that is no value")
        value = right[1][1:-1] if right[0] == "text" else right[1]
        return _compared(self._variable(*left), sign, value)

    def _variable(self, kind: str, said: str) -> Variable:
        name, _, suffix = said.partition(".")
        if kind != "word" or suffix not in ("", "NAOK", "code", "value") or name not in self.names:
            raise Unsayable(f"asks about “{said}”, which is no question here")
        return self.names[name]


def _compared(variable: Variable, sign: str, value: str) -> str:
    if "'" in value:
        raise Unsayable("compares with a quotation mark")
    if variable.choice is None:
        return f"${{{variable.name}}} {sign} '{value}'"
    chosen = f"selected(${{{variable.name}}}, '{variable.choice}')"
    if sign in ("=", "!=") and value in ("Y", ""):
        return chosen if (sign == "=") == (value == "Y") else f"not({chosen})"
    raise Unsayable("compares one of several choices with something else than Y")
