"""How much a form's answers differ from each other: intra-individual response variability, the standard deviation of a
person's answers (Dunn, Heggestad, Shanock and Theilgard, Journal of Business and Psychology 33, 2018).

Too little is a page filled in without a look; too much is answers that nobody's opinion holds together. Who is nearly
always satisfied cannot vary much, so it is told as part of the most that the form's mean allows (Brown and Hauenstein,
Organizational Research Methods 8, 2005). The limits come from forms drawn as of independent people of the office,
``FALSE`` of which lie beyond each.
"""

from __future__ import annotations

import numpy as np

from analysis.design import Bools, Floats
from analysis.quality.answers import NONE, Positions
from analysis.quality.independent import Office

FALSE = 0.005  # of honest forms are flagged at the most, on either side


def spread(table: Positions, levels: int) -> Floats:
    """Standard deviation (n,) of a row's answers as part of the most that their mean allows; 0 where all are alike."""
    given = table != NONE
    n = np.maximum(given.sum(axis=1), 1)
    mean = np.where(given, table, 0).sum(axis=1) / n
    squares = np.where(given, (table - mean[:, None]) ** 2, 0.0).sum(axis=1) / n
    most = mean * (levels - 1 - mean)
    return np.asarray(np.sqrt(np.where(most > 0, squares / np.where(most > 0, most, 1.0), 0.0)))


def unusual(office: Office) -> tuple[Bools, Bools]:
    """The office's own forms (m,) whose answers differ less, and more, than those of its people."""
    levels = office.share.shape[1]
    low, high = np.quantile(
        np.concatenate([spread(forms, levels) for forms in office.drawn]), [FALSE, 1 - FALSE]
    )  # fmt: skip
    own = spread(office.own, levels)
    return np.asarray(own < low), np.asarray(own > high)
