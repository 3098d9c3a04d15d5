"""Items by unit and group: the figures are those of the estimator, small cells and what covers them are hidden."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.dataset import Dataset
from analysis.item_figures import Figure, Statistic, figures

CHOICES = [{"id": f"v{at}", "position": at, "value": at / 4, "text": {"vi": "…"}} for at in range(5)]
PLAIN = [{"id": id, "position": at, "value": None, "text": {"vi": id}} for at, id in enumerate(("yes", "no"))]
ITEMS = [
    {"id": "good", "type": "scale", "choices": [*CHOICES, {"id": "na", "position": -1, "value": None, "text": {}}]},
    {"id": "used", "type": "single", "choices": PLAIN},
    {"id": "ways", "type": "multiple", "choices": PLAIN},
    {"id": "times", "type": "number", "choices": []},
    {"id": "said", "type": "text", "choices": []},
]


def dataset(folder: Path, people: list[tuple[str, str, dict[str, int | None]]]) -> Dataset:
    """Rows (unit, group, answers) of a census that everybody was drawn for."""
    folder.mkdir(exist_ok=True)
    names = ["good", "used", "ways__yes", "ways__no", "times"]
    n = len(people)
    group = pa.array([row[1] for row in people]).dictionary_encode()
    table = {
        "respondent": pa.array(range(n), pa.int64()), "psu": pa.array(range(n), pa.int32()),
        "unit": pa.array([row[0] for row in people]).dictionary_encode(), "group": group, "stratum": group,
        "wclass": group, "base_weight": pa.array([2.0] * n),
        **{name: pa.array([row[2].get(name) for row in people], pa.int32()) for name in names},
    }  # fmt: skip
    pq.write_table(pa.table(table), folder / "assessments.parquet")
    groups = list(dict.fromkeys(row[1] for row in people))
    size = [sum(row[1] == each for row in people) for each in groups]
    design = {
        "group": groups, "stratum": groups, "wclass": groups, "method": ["census"] * len(groups),
        "population": [2 * each for each in size], "eligible_estimate": [2.0 * each for each in size], "drawn": size,
        "n_complete": size, "w_complete": [2.0 * each for each in size],
    }  # fmt: skip
    pq.write_table(pa.table(design), folder / "design.parquet")
    units = list(dict.fromkeys(row[0] for row in people))
    manifest = {
        "wave": {"k": 5}, "units": [{"id": unit, "kind": "department"} for unit in units],
        "groups": [{"id": each, "questionnaire": "q", "by": [], "blocks": False, "method": "census",
                    "assesses": "dossier"} for each in groups],
        "estimation": {"lonely": "adjust", "collapse": [], "valid": ["complete"], "n_min": 5}, "files": {},
    }  # fmt: skip
    items = [{**each, "questionnaires": ["q"], "text": {"vi": each["id"]}} for each in ITEMS]
    return Dataset(folder, manifest, {"items": items, "factors": {}}, "0" * 64)


def of(found: tuple[Figure, ...], **wanted: object) -> Figure:
    [one] = [each for each in found if all(getattr(each, name) == value for name, value in wanted.items())]
    return one


def answers(position: int) -> dict[str, int | None]:
    return {"good": position, "used": position % 2, "ways__yes": 1, "ways__no": position % 2, "times": position}


def test_means_and_shares_are_weighted_ratios_with_their_intervals(tmp_path: Path) -> None:
    found = figures(dataset(tmp_path, [("a", "dan", answers(at % 5)) for at in range(10)]))
    mean = of(found, item="good", statistic=Statistic.MEAN)
    assert (mean.n, mean.value) == (10, pytest.approx(0.5)) and mean.low is not None and mean.high is not None
    # Simple random sampling of half of twenty: (1 − f) s²/n.
    s2 = np.var([at % 5 / 4 for at in range(10)], ddof=1)
    assert mean.se == pytest.approx(np.sqrt(0.5 * s2 / 10)) and mean.high - 0.5 == pytest.approx(0.5 - mean.low)
    share = of(found, item="good", statistic=Statistic.FAVOURABLE)
    assert share.value == pytest.approx(0.4) and 0 < share.low < 0.4 < share.high < 1
    assert of(found, item="good", choice="v4").value == pytest.approx(0.2)
    assert of(found, item="times").value == pytest.approx(2.0)
    assert of(found, item="used", choice="no").value == pytest.approx(0.4)
    everybody = of(found, item="ways", choice="yes")
    assert (everybody.value, everybody.se, everybody.high) == (1.0, None, 1.0) and everybody.low < 1.0
    assert not [each for each in found if each.item == "said" or each.choice == "na"]


def test_limits_of_a_mean_stay_on_its_scale(tmp_path: Path) -> None:
    """Nearly everybody gave the best answer, or never came: a t interval alone would pass the end."""
    people = [("a", "dan", {**answers(4), "times": 0}) for _ in range(9)]
    people.append(("a", "dan", {**answers(0), "times": 3}))
    found = figures(dataset(tmp_path, people))
    good, times = (of(found, item=item, statistic=Statistic.MEAN) for item in ("good", "times"))
    assert good.high == 1.0 and good.low is not None and 0 < good.low < 0.9
    assert times.low == 0.0 and times.high is not None and times.high > 0.3


def test_what_is_not_usable_does_not_count(tmp_path: Path) -> None:
    people = [("a", "dan", answers(4)) for _ in range(5)] + [("a", "dan", {"good": -1}), ("a", "dan", {"good": None})]
    found = figures(dataset(tmp_path, people))
    assert of(found, item="good", statistic=Statistic.MEAN).n == 5
    mean = of(found, item="good", statistic=Statistic.MEAN)
    assert (mean.value, mean.se, mean.low) == (1.0, None, None)


def test_a_small_cell_and_its_cover_are_hidden(tmp_path: Path) -> None:
    cells = {("a", "dan"): 9, ("a", "quan"): 3, ("b", "dan"): 8, ("b", "quan"): 7}
    people = [(unit, group, answers(at % 5)) for (unit, group), n in cells.items() for at in range(n)]
    found = figures(dataset(tmp_path, people))
    hidden = {(each.unit, each.group) for each in found if each.n is None}
    assert ("a", "quan") in hidden and len(hidden) >= 4, "with both margins known, one cell hides behind three"
    for each in found:
        if each.n is None:
            assert (each.value, each.se, each.low, each.high) == (None, None, None, None)


def test_an_item_with_few_answers_is_hidden_where_others_are_shown(tmp_path: Path) -> None:
    people = [("a", "dan", {**answers(at % 5), "good": at % 5 if at < 4 else -1}) for at in range(12)]
    found = figures(dataset(tmp_path, people))
    assert of(found, item="good", statistic=Statistic.MEAN).n is None
    assert of(found, item="times").n == 12
    json.dumps([each.item for each in found])


def test_a_group_that_nobody_answered_is_left_out(tmp_path: Path) -> None:
    made = dataset(tmp_path, [("a", "dan", answers(at % 5)) for at in range(6)])
    made.manifest["groups"].append({**made.manifest["groups"][0], "id": "quan"})  # type: ignore[attr-defined]
    assert {each.group for each in figures(made)} == {"dan"}
