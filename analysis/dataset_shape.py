"""What the statistics and the report ask a dataset's manifest and codebook for."""

from __future__ import annotations

from typing import Any

from analysis.design import Lonely
from forms.shape import NUMBER, Day, Each, Maybe, OneOf

TEXT = {"vi": str}
ESTIMATION: dict[str, Any] = {
    "lonely": OneOf(tuple(Lonely)),
    "collapse": [str],
    "valid": [str],
    "n_min?": int,
    "pool_below?": int,
    "few?": int,
    "wide?": Maybe(NUMBER),
    "too_wide?": Maybe(NUMBER),
}
GROUP: dict[str, Any] = {
    "id": str,
    "name": TEXT,
    "questionnaire": str,
    "assesses?": str,
    "method?": str,
    "by?": [str],
    "classes?": Maybe([str]),
    "first_stage?": Maybe(str),
    "blocks?": bool,
    "target?": {"population?": TEXT, "frame?": TEXT, "period?": TEXT, "gaps?": TEXT},
}
DRAW = {"group": str, "number": int, "list_sha256": str, "public_number": str, "effective_seed": str, "algorithm": str}
_SAID: dict[str, Any] = {
    **dict.fromkeys("drawn called declined not_reached open".split(), int),
    **dict.fromkeys("not_received not_self told_how".split(), Maybe(int)),
}
FIELDWORK: dict[str, Any] = {
    "arrivals?": [
        {"group": str, "unit": str, "marks": [str],
         **dict.fromkeys("forms busiest_hour busiest_day crowded".split(), Maybe(int))}
    ],
    "keyers?": [
        {"keyer": int, "marked": bool, **dict.fromkeys("forms busiest_day compared differed".split(), Maybe(int))}
    ],
    "keyed?": [
        {"group": str, "unit": str, "marked": bool,
         **dict.fromkeys("forms busiest_day compared differed".split(), Maybe(int))}
    ],
    "control?": {
        "all": _SAID,
        "by_unit": [{"unit": str, **_SAID}],
        "by_mode": [{"mode": str, **_SAID}],
        "by_interviewer": [{"interviewer": int, **_SAID}],
        "by_cell?": [{"unit": str, "mode": str, "interviewer": Maybe(int), **_SAID}],
    },
}  # fmt: skip
MANIFEST: dict[str, Any] = {
    "simulated": bool,
    "interim": bool,
    "pilot?": bool,
    "non_probability?": bool,
    "wave": {"id": str, "title": TEXT, "opens": Day(), "closes": Day(), "k": int},
    "units": [{"id": str, "name": TEXT, "kind": str}],
    "groups": [GROUP],
    "estimation": ESTIMATION,
    "fieldwork?": FIELDWORK,
    "pace?": {"fast": NUMBER, "long": NUMBER},
    "framework?": Maybe({"sha256": str}),
    "merged_cells?": [{"kind": str}],
    "departures?": [{"kind": str}],
    "questionnaires?": Each(str),
    "questionnaire_titles?": Each(TEXT),
    "plan_sha256?": str,
    "draws?": [DRAW],
    "seals?": [{"number": int, "hash": str}],
    "key_origin?": str,
    "product?": str,
    "versions?": Each(str),
    "files": Each(str),
}
CODEBOOK: dict[str, Any] = {
    "contradictions?": [{"id": str, "questionnaire": str, "text": TEXT, "when": str}],
    "items": [
        {
            "id": str,
            "type": str,
            "questionnaires": [str],
            "choices": [{"id": str, "position": int, "value?": Maybe(NUMBER)}],
        }
    ],
}
