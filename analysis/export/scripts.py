"""A script beside the data that reads them and says the design: for R `survey`, and for Stata."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path

from analysis.export.marks import NON_PROBABILITY, marks
from analysis.export.rows import Rows
from analysis.export.variables import FPC, FPC2, RESPONDENT, STRATUM, WEIGHT, Kind

# Spelt out, since R would read a byte-order mark, and keys of 63 bits as rounded numbers.
_READ = {
    ".csv": 'read.csv({file}, encoding = "UTF-8", check.names = FALSE, na.strings = "", colClasses = kinds)',
    ".xlsx": 'as.data.frame(readxl::read_excel({file}, sheet = "data", guess_max = 1048576))',
    ".parquet": "as.data.frame(arrow::read_parquet({file}))",
    ".sav": "as.data.frame(haven::read_sav({file}, user_na = TRUE))",
    ".dta": "as.data.frame(haven::read_dta({file}))",
}
_PACKAGES = {".csv": (), ".xlsx": ("readxl",), ".parquet": ("arrow",), ".sav": ("haven",), ".dta": ("haven",)}
# What `lonely` of a wave is called by svyset. Its "centered" is R's "adjust", "scaled" its "average".
_SINGLE = {"fail": "missing", "certainty": "certainty", "average": "scaled", "adjust": "centered"}
_BOOK = {
    ".csv": 'read.csv({book}, encoding = "UTF-8", na.strings = "", colClasses = "character")',
    ".xlsx": 'as.data.frame(readxl::read_excel({file}, sheet = "codebook", col_types = "text"))',
}
_WORDED = """names(book)[1] <- "variable"
for (item in answers) {
  words <- book[book$variable %in% item & !is.na(book$value), ]
  unknown <- setdiff(d[[item]], c(words$value_label, NA))
  if (length(unknown)) stop(item, " holds words that are not in the codebook: ", toString(unknown))
  d[[item]] <- factor(d[[item]], levels = words$value_label[is.na(words$missing)])
}"""


def r_script(rows: Rows, file: Path, book: Path | None = None, names: Mapping[str, str] | None = None) -> str:
    """R: read the file beside it, take out what is no answer, declare the design.

    ``book``: the codebook where the file holds words in place of codes; ``names``: variable → its name in the file.
    """
    drawn = NON_PROBABILITY not in marks(rows.dataset.manifest)
    called = names or {each.name: each.name for each in rows.variables}
    staged = rows.fpc2 is not None
    stages = (FPC, FPC2) if staged else (FPC,)
    ids = f"~{called['psu']} + {called[RESPONDENT]}" if staged else f"~{called['psu']}"
    fractions = " + ".join(called[name] for name in stages)
    lines = [
        f"# {rows.dataset.manifest['wave']['id']}: dataset {rows.dataset.hash}",
        *(f"# {sentence}" for sentence in rows.warnings),
        "# Weights are taken as they are; they already hold the adjustment for nonresponse."
        if drawn
        else "# The design below is what standard errors need: as if those who answered had been drawn at random.",
        f"# Needs: install.packages({_vector(('survey', *_PACKAGES[file.suffix]))})",
        "library(survey)",
        *(f"message({json.dumps(sentence)})" for sentence in rows.warnings),
        *_reading(rows, file, worded=book is not None),
        *_answers(rows, called, file, book),
        "# A column of ones alone would be read as counts of one.",
        f"for (name in {_vector(called[name] for name in stages)}) d[[name]] <- pmin(d[[name]], 1 - 1e-12)",
        f'options(survey.lonely.psu = "{rows.dataset.manifest["estimation"]["lonely"]}")',
        f"design <- svydesign(ids = {ids}, strata = ~{called[STRATUM]}, weights = ~{called[WEIGHT]},",
        f"  fpc = ~{fractions}, data = d, nest = TRUE)",
        *_replicated(rows, called),
        "# One group of respondents is one survey: analyse it with subset(design, group == …).",
    ]
    return "\n".join(lines) + "\n"


def _reading(rows: Rows, file: Path, worded: bool) -> list[str]:
    read = f"d <- {_READ[file.suffix].format(file=json.dumps(file.name, ensure_ascii=False))}"
    if file.suffix == ".parquet":
        return [read, "d$respondent <- as.character(d$respondent)"]
    if file.suffix != ".csv":
        return [read]
    text = (Kind.WORD, Kind.CODE) if worded else (Kind.WORD,)
    words = [str(at) for at, each in enumerate(rows.variables, 1) if each.kind in text or each.name == RESPONDENT]
    return [
        f"kinds <- rep(NA, {len(rows.variables)})",
        f'kinds[{_wide(words)}] <- "character"',
        read,
        f"names(d)[1] <- {json.dumps(rows.variables[0].name)} # without the byte-order mark",
    ]


def _answers(rows: Rows, called: Mapping[str, str], file: Path, book: Path | None) -> list[str]:
    """Codes that are no answer become NA, words factors of the answers there may be."""
    if book is None:
        coded = [json.dumps(called[each.name]) for each in rows.variables if each.missing]
        taken = "for (item in answers) { d[[item]] <- as.numeric(d[[item]]); d[[item]][d[[item]] < 0] <- NA }"
        return [f"answers <- {_wide(coded)}", taken]
    coded = [json.dumps(each.name) for each in rows.variables if each.kind is Kind.CODE]
    names = {"file": file.name, "book": book.name}
    read = _BOOK[file.suffix].format(**{key: json.dumps(name, ensure_ascii=False) for key, name in names.items()})
    said = "# Words become factors in the order of the codes: as.integer(d$…) - 1 is the code."
    return [f"answers <- {_wide(coded)}", said, f"book <- {read}", _WORDED]


def _vector(names: Iterable[str]) -> str:
    return f"c({', '.join(map(json.dumps, names))})"


def _wide(cells: Iterable[str]) -> str:
    """A vector that may be long, over several lines."""
    wrapped = textwrap.fill(
        ", ".join(cells), 110, initial_indent="  ", subsequent_indent="  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
    return f"c(\n{wrapped}\n)"


def _replicated(rows: Rows, called: Mapping[str, str]) -> list[str]:
    """The same by replicate weights, where the file has them."""
    number = rows.replicates.shape[1]
    if not number:
        return []
    return [
        f'replicated <- svrepdesign(weights = ~{called[WEIGHT]}, repweights = "^rep_[0-9]{{4}}$", data = d,',
        f'  type = "other", combined.weights = TRUE, scale = 1 / {number}, rscales = rep(1, {number}), mse = TRUE)',
    ]


def stata_script(rows: Rows, file: Path, names: Mapping[str, str]) -> str:
    """Stata: use the file, make codes of no answer .a and .b, declare the design."""
    lines = [f"* {rows.dataset.manifest['wave']['id']}: dataset {rows.dataset.hash}", f'use "{file.name}", clear']
    lines += [f"note: {sentence}" for sentence in rows.warnings]
    for each in rows.variables:
        if each.missing:
            codes = " \\ ".join(f"{code}=.{letter}" for code, letter in zip(each.missing, "ab", strict=True))
            lines.append(f"mvdecode {names[each.name]}, mv({codes})")
    second = f" || {names[RESPONDENT]}, fpc({names[FPC2]})" if rows.fpc2 is not None else ""
    lines.append(
        f"svyset {names['psu']} [pweight={names[WEIGHT]}], strata({names[STRATUM]}) fpc({names[FPC]}){second} "
        f"singleunit({_SINGLE[rows.dataset.manifest['estimation']['lonely']]})"
    )
    return "\n".join(lines) + "\n"
