"""A framework as the TOML that it would be read from, and where each line comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from forms.framework import Domain, Framework, Kind, Rule, RuleKind, Source, Subcriterion
from forms.text import Text


def text(framework: Framework) -> str:
    """The framework in TOML; reading it gives the same framework."""
    return "\n".join(_lines(framework)) + "\n"


def quoted(value: str) -> str:
    """A TOML text; JSON's escapes are TOML's, but for one character that TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def number(value: float) -> str:
    """The shortest decimal that reads as this number."""
    return repr(value).removesuffix(".0")


def words(key: str, told: Mapping[str, str]) -> Iterator[str]:
    """A text in its languages."""
    for language, each in told.items():
        yield f"{key}.{_key(language)} = {quoted(each)}"


def listed(values: Iterator[str] | tuple[str, ...]) -> str:
    """A list of texts."""
    return "[" + ", ".join(quoted(each) for each in values) + "]"


def rule(told: Rule) -> str:
    """A scoring rule as an inline table."""
    parts = [f'kind = "{told.kind}"']
    if told.kind is RuleKind.BANDS:
        parts.append(f"of = {quoted(told.of or 'share')}")
    if told.favourable:
        parts.append(f"favourable = {listed(told.favourable)}")
    if told.target is not None:
        parts.append(f"target = {number(told.target)}")
    if told.kind is RuleKind.BANDS:
        steps = ", ".join(f"[{number(least)}, {number(score)}]" for least, score in told.table)
        parts.append(f"table = [{steps}]")
    return "{ " + ", ".join(parts) + " }"


def shares(told: Mapping[str, float]) -> str:
    """Group shares as an inline table."""
    return "{ " + ", ".join(f"{group} = {number(share)}" for group, share in told.items()) + " }"


def _key(language: str) -> str:
    return language if language.replace("-", "").isalnum() else quoted(language)


def _lines(framework: Framework) -> Iterator[str]:
    yield f"id = {quoted(framework.id)}"
    yield from words("title", framework.title)
    if framework.illustrative:
        yield "illustrative = true"
    if framework.years:
        yield f"years = [{', '.join(map(str, framework.years))}]"
    for kind in framework.kinds.values():
        for domain in kind.domains:
            yield from _domain(kind, domain)
    for entry in framework.not_applicable:
        yield from ("", "[[not_applicable]]", f"unit = {quoted(entry.unit)}")
        yield f"subcriteria = {listed(entry.subcriteria)}"
        yield from words("reason", entry.reason)


def _domain(kind: Kind, domain: Domain) -> Iterator[str]:
    yield from _head(f"kind.{kind.id}.domain", domain.id, domain.name)
    for criterion in domain.criteria:
        yield from _head(f"kind.{kind.id}.domain.criterion", criterion.id, criterion.name)
        for sub in criterion.subcriteria:
            yield from _head(f"kind.{kind.id}.domain.criterion.subcriterion", sub.id, sub.name)
            yield from _subcriterion(sub)


def _head(table: str, id: str, name: Text) -> Iterator[str]:
    yield from ("", f"[[{table}]]", f"id = {quoted(id)}")
    yield from words("name", name)


def _subcriterion(sub: Subcriterion) -> Iterator[str]:
    if sub.source is Source.BOTH:
        yield f"survey_points = {number(sub.survey_points)}"
        yield f"appraised_points = {number(sub.appraised_points)}"
    else:
        yield f"points = {number(sub.points)}"
    yield f'source = "{sub.source}"'
    if sub.rule is not None:
        yield f"rule = {rule(sub.rule)}"
        yield f"items = {listed(sub.items)}"
        yield f"shares = {shares(sub.shares)}"
        yield f'missing = "{sub.missing}"'
