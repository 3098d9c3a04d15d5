"""A question to a file as a script for R `survey`, so that anyone can check the numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from analysis.assembly import Layout
from analysis.calibration import Distance
from analysis.design import Df
from analysis.intervals import Interval
from analysis.labelled import SUFFIXES
from analysis.margins import INTERCEPT, Margins
from analysis.question import Asked, Question, Statistic
from analysis.sheet import MISSING

Named = Callable[[str, str], str]
"""The level of a column that a value stands for."""


def r_script(
    file: Path, layout: Layout, question: Question, margins: Margins, named: Named = lambda _, value: value
) -> str:
    """R code that asks the same. Wilson intervals have no counterpart there; a comment says so."""
    question = _by_label(question, named)
    lines = [
        "library(survey)",
        f'options(survey.lonely.psu = "{question.lonely.value}")',
        f"d <- {_reading(file)}",
        *(_labels(question, margins) if file.suffix.lower() in SUFFIXES else []),
        f"design <- svydesign({', '.join(_design(layout))}, data = d)",
        *_weighting(margins),
    ]
    lines.append("whole <- design")
    if question.where is not None:
        column, value = question.where
        lines.append(f"design <- subset(design, {_name(column)} == {_text(value)})")
    if question.df is Df.DOMAIN and question.by:
        lines.append("# --df domain: R's svyby takes one df for all domains; use degf(subset(design, …)) for each")
    for asked in question.asked:
        lines += _statistic(asked, question)
    lines += [f"# --contrast {one.text}: svycontrast() of the figures above, made with covmat = TRUE where by domain"
              for one in question.contrasts]  # fmt: skip
    return "\n".join(lines) + "\n"


def _by_label(question: Question, named: Named) -> Question:
    """Values as labels, which is what R has after ``_labels``."""
    asked = [one if one.value is None else replace(one, value=named(one.column, one.value)) for one in question.asked]
    where = None if question.where is None else (question.where[0], named(*question.where))
    return replace(question, asked=tuple(asked), where=where)


def _labels(question: Question, margins: Margins) -> list[str]:
    """Lines that turn labelled columns whose levels are looked at into texts, and the others into numbers."""
    columns = [*question.by, *(question.where or ())[:1], *(column for column, _ in margins.rake)]
    columns += [] if margins.poststratify is None else [margins.poststratify[0]]
    for one in question.asked:
        if one.statistic in (Statistic.PROPORTION, Statistic.CHISQ):
            columns += [one.column, *([one.other] if one.other else [])]
    named = ", ".join(_text(column) for column in dict.fromkeys(columns))
    return [
        f"for (v in c({named})) d[[v]] <- as.character(haven::as_factor(d[[v]]))",
        "d <- as.data.frame(haven::zap_labels(d))",
    ]


def _reading(file: Path) -> str:
    if file.suffix.lower() in SUFFIXES:
        return f"haven::{'read_dta' if file.suffix.lower() == '.dta' else 'read_sav'}({_text(str(file))})"
    missing = "na.strings = c(" + ", ".join(_text(token) for token in MISSING) + ")"
    if file.suffix.lower() == ".parquet":
        return f"as.data.frame(arrow::read_parquet({_text(str(file))}))"
    if file.suffix.lower() in (".xlsx", ".xls", ".xlsm"):
        return f"as.data.frame(readxl::read_excel({_text(str(file))}))"
    return f'read.csv({_text(str(file))}, check.names = FALSE, encoding = "UTF-8", {missing})'


def _design(layout: Layout) -> list[str]:
    parts = [f"id = {_formula(layout.clusters) if layout.clusters else '~1'}"]
    if layout.stratum is not None:
        parts.append(f"strata = {_formula((layout.stratum,))}")
    if layout.weight is not None:
        parts.append(f"weights = {_formula((layout.weight,))}")
    elif not layout.fpc:
        parts.append("weights = rep(1, nrow(d))")
    if layout.fpc:
        parts.append(f"fpc = {_formula(layout.fpc)}")
    return parts + (["nest = TRUE"] if layout.nested else [])


def _weighting(margins: Margins) -> list[str]:
    if margins.poststratify is not None:
        column, file = margins.poststratify
        return [*_counts("margin", column, file), f"design <- postStratify(design, {_formula((column,))}, margin)"]
    if margins.rake:
        lines, margin_names = [], []
        for number, (column, file) in enumerate(margins.rake, 1):
            lines += _counts(f"margin{number}", column, file)
            margin_names.append(f"margin{number}")
        formulas = ", ".join(_formula((column,)) for column, _ in margins.rake)
        asked = f'list({formulas}), list({", ".join(margin_names)}), calfun = "raking", epsilon = 1e-10'
        return [*lines, f"design <- calibrate(design, {asked})"]
    if margins.totals is None:
        return []
    bounds = "" if margins.bounds is None else f", bounds = c({margins.bounds[0]:g}, {margins.bounds[1]:g})"
    return [
        f"totals <- read.csv({_text(str(margins.totals))})",
        "# one column a term: the intercept, a numeric column, or the indicator of column=level",
        f'term <- function(t) if (t == "{INTERCEPT}") 1 + 0 * seq_len(nrow(d)) else if (t %in% names(d)) d[[t]] else',
        '  as.numeric(d[[sub("=.*", "", t)]] == sub("[^=]*=", "", t))',
        'for (i in seq_along(totals$term)) design$variables[[paste0("term", i)]] <- term(totals$term[i])',
        'terms <- paste0("term", seq_along(totals$term))',
        "design <- calibrate(design, reformulate(terms, intercept = FALSE), setNames(totals$total, terms),",
        f'  calfun = "{margins.distance.value}"{bounds}{_precision(margins)})',
    ]


def _precision(margins: Margins) -> str:
    return "" if margins.distance is Distance.LINEAR and margins.bounds is None else ", epsilon = 1e-10"


def _counts(name: str, column: str, file: Path) -> list[str]:
    return [f'{name} <- setNames(read.csv({_text(str(file))})[c("level", "count")], c({_text(column)}, "Freq"))']


def _statistic(asked: Asked, question: Question) -> list[str]:
    there = " & ".join(f"!is.na({_name(column)})" for column in (asked.column, asked.denominator) if column)
    df = f"degf(subset({'whole' if question.df is Df.DESIGN else 'design'}, {there}))"
    level = f"level = {question.level:g}, df = {df}"
    by = _formula(question.by) if question.by else ""
    if asked.statistic is Statistic.CHISQ:
        call = f'svychisq({_formula((asked.column, asked.other or ""))}, design, statistic = "F", na.rm = TRUE)'
        return [call if not by else f"# in each domain of {by}: subset the design, then {call}"]
    if asked.statistic is Statistic.QUANTILE:
        rest = f'quantiles = {asked.p:g}, qrule = "math", alpha = {1 - question.level:g}, df = {df}, na.rm = TRUE'
        formula = _formula((asked.column,))
        if by:
            return [f"print(svyby({formula}, {by}, design, svyquantile, ci = TRUE, {rest}))"]
        return [f"print(svyquantile({formula}, design, {rest}))"]
    if asked.statistic is Statistic.RATIO:
        above, below = _formula((asked.column,)), _formula((asked.denominator or "",))
        call = f"svyby({above}, {by}, design, svyratio, denominator = {below}, na.rm = TRUE)" if by else (
            f"svyratio({above}, {below}, design, na.rm = TRUE)"
        )  # fmt: skip
        return [f"print(e <- {call}); print(confint(e, {level}))"]
    function = "svytotal" if asked.statistic is Statistic.TOTAL else "svymean"
    formula = _formula((asked.column,))
    if asked.statistic is Statistic.PROPORTION:
        formula = f"~as.numeric({_name(asked.column)} == {_text(asked.value or '')})"
    head = f"svyby({formula}, {by}, design, {function}" if by else f"{function}({formula}, design"
    lines = [f"print(e <- {head}, na.rm = TRUE, deff = TRUE)); print(confint(e, {level}))"]
    if asked.statistic is Statistic.PROPORTION and question.interval is not Interval.T:
        lines.append(_share_interval(asked, question, by))
    return lines


def _share_interval(asked: Asked, question: Question, by: str) -> str:
    if question.interval is Interval.WILSON:
        return "# Wilson intervals at the effective size have no counterpart in R survey"
    method = {Interval.BETA: "beta", Interval.LOGIT: "xlogit"}[question.interval]
    formula = f"~I({_name(asked.column)} == {_text(asked.value or '')})"
    there = f"subset(design, !is.na({_name(asked.column)}))"
    call = f'svyciprop({formula}, {there}, method = "{method}", level = {question.level:g})'
    return f'print(attr({call}, "ci"))' if not by else f"# in each domain of {by}: subset the design, then {call}"


def _formula(columns: tuple[str, ...]) -> str:
    return "~" + " + ".join(_name(column) for column in columns)


def _name(column: str) -> str:
    return "`" + column.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
