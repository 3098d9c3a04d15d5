"""The samples of the oracle, as tests of the same numbers read them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from analysis.sheet import Sheet, read_sheet

ORACLE = Path(__file__).parents[1] / "oracle"


def api(design: str) -> Sheet:
    """The sample of a design, with ``hi`` = api00 >= 700 as the oracle has it."""
    sheet = read_sheet(ORACLE / f"{design.removesuffix('_nofpc')}.csv")
    hi = pa.chunked_array([pa.array((sheet.numbers("api00") >= 700).astype(np.int64))])
    return replace(sheet, columns={**sheet.columns, "hi": hi})
