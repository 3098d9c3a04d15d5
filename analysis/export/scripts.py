"""A script beside the data that reads them and says the design: for R `survey`, and for Stata."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

from analysis.export.rows import Rows
from analysis.export.variables import FPC, FPC2, STRATUM, WEIGHT

_READ = {
    ".csv": 'read.csv({file}, encoding = "UTF-8", check.names = FALSE, fileEncoding = "UTF-8-BOM")',
    ".xlsx": 'as.data.frame(readxl::read_excel({file}, sheet = "data"))',
    ".parquet": "as.data.frame(arrow::read_parquet({file}))",
    ".sav": "as.data.frame(haven::read_sav({file}, user_na = TRUE))",
    ".dta": "as.data.frame(haven::read_dta({file}))",
}


def r_script(rows: Rows, file: Path) -> str:
    """R: read the file beside it, take codes of no answer out, declare the design."""
    coded = textwrap.fill(
        ", ".join(json.dumps(each.name) for each in rows.variables if each.missing), 110,
        initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    staged = rows.fpc2 is not None
    ids, stages = ("~psu + respondent", (FPC, FPC2)) if staged else ("~psu", (FPC,))
    lines = [
        f"# {rows.dataset.manifest['wave']['id']}: dataset {rows.dataset.hash}",
        "# Weights are taken as they are; they already hold the adjustment for nonresponse.",
        "library(survey)",
        f"d <- {_READ[file.suffix].format(file=json.dumps(file.name))}",
        f"answers <- c(\n{coded}\n)",
        "for (item in answers) { d[[item]] <- as.numeric(d[[item]]); d[[item]][d[[item]] < 0] <- NA }",
        "# A column of ones alone would be read as counts of one.",
        f"for (name in c({', '.join(json.dumps(name) for name in stages)})) d[[name]] <- pmin(d[[name]], 1 - 1e-12)",
        'options(survey.lonely.psu = "adjust")',
        f"design <- svydesign(ids = {ids}, strata = ~{STRATUM}, weights = ~{WEIGHT}, fpc = ~{' + '.join(stages)},",
        "  data = d, nest = TRUE)",
        *_replicated(rows),
        "# One group of respondents is one survey: analyse it with subset(design, group == …).",
    ]
    return "\n".join(lines) + "\n"


def _replicated(rows: Rows) -> list[str]:
    """The same by replicate weights, where the file has them."""
    number = rows.replicates.shape[1]
    if not number:
        return []
    return [
        'replicated <- svrepdesign(weights = ~final_weight, repweights = "^rep_[0-9]+$", data = d, type = "other",',
        f"  combined.weights = TRUE, scale = 1 / {number}, rscales = rep(1, {number}), mse = TRUE)",
    ]


def stata_script(rows: Rows, file: Path, names: dict[str, str]) -> str:
    """Stata: use the file, make codes of no answer .a and .b, declare the design."""
    lines = [f"* {rows.dataset.manifest['wave']['id']}: dataset {rows.dataset.hash}", f'use "{file.name}", clear']
    for each in rows.variables:
        if each.missing:
            codes = " \\ ".join(f"{code}=.{letter}" for code, letter in zip(each.missing, "ab", strict=True))
            lines.append(f"mvdecode {names[each.name]}, mv({codes})")
    second = f" || {names['respondent']}, fpc({names[FPC2]})" if rows.fpc2 is not None else ""
    lines.append(
        f"svyset {names['psu']} [pweight={names[WEIGHT]}], strata({names[STRATUM]}) fpc({names[FPC]}){second} "
        "singleunit(centered)"
    )
    return "\n".join(lines) + "\n"
