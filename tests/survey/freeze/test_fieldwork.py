"""What a dataset says of arrivals, keyers and control calls: counts of k or more, nothing that leads to an answer."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from survey import freeze, sealing
from survey.freeze.fieldwork import Kept, control, document
from survey.verify import verify

K = 5


def calls(**told: dict[tuple[str, str], tuple[int, int]]) -> list[dict[str, Any]]:
    """Rows of the store: unit → (mode, interviewer) → (called, of them not themselves); everybody's rows are added."""
    rows = []
    for unit, cells in told.items():
        for (mode, who), (called, denied) in cells.items():
            for outcome, n in (("drawn", called + 1), ("called", called), ("not_reached", 1), ("not_self", denied)):
                rows += [
                    {"unit": at, "mode": mode, "interviewer": who, "outcome": outcome, "n": n} for at in (unit, "")
                ]
    return rows


def test_what_few_said_is_hidden_and_a_second_row_with_it() -> None:
    told = control(calls(so_a={("qr", ""): (3, 1)}, so_b={("paper", "lan"): (7, 2)}, so_c={("qr", ""): (20, 0)}), K)
    by_unit = {row["unit"]: (row["called"], row["not_self"]) for row in told["by_unit"]}
    assert by_unit == {"so_a": (3, None), "so_b": (7, None), "so_c": (20, 0)}
    assert told["all"] == {
        "drawn": 33, "called": 30, "declined": 0, "not_reached": 3, "not_received": 0, "not_self": 3, "told_how": 0,
        "open": 0,
    }  # fmt: skip
    assert told["by_interviewer"] == [{"interviewer": 1, **{**told["all"], "drawn": 8, "called": 7, "not_reached": 1,
                                                            "not_self": 2}}]  # fmt: skip
    assert "lan" not in repr(told)


def test_no_base_under_k_follows_from_rows_and_totals() -> None:
    """For every hidden row, a linear programme looks for the denials that the shown numbers allow."""
    rng = np.random.default_rng(3)
    for _ in range(40):
        units = {f"u{at}": {("qr", ""): (int(n), int(rng.integers(0, n + 1)))}
                 for at, n in enumerate(rng.choice([0, 1, 2, 4, 6, 9, 30], 6))}  # fmt: skip
        told = control(calls(**units), K)
        rows = told["by_unit"]
        hidden = [row for row in rows if row["not_self"] is None]
        for row in rows:
            assert row["not_self"] is None or row["called"] == 0 or row["called"] >= K
        if hidden and told["all"]["not_self"] is not None:
            left = told["all"]["not_self"] - sum(row["not_self"] or 0 for row in rows)
            for at, row in enumerate(hidden):
                goal = np.zeros(len(hidden))
                goal[at] = 1
                ends = [
                    linprog(sign * goal, A_eq=[np.ones(len(hidden))], b_eq=[left],
                            bounds=[(0, other["called"]) for other in hidden]).fun * sign
                    for sign in (1, -1)
                ]  # fmt: skip
                # Everybody or nobody denied: that alone may follow, as in any unanimous base of k and more.
                whole = sum(other["called"] for other in hidden)
                assert left in (0, whole) or ends[1] - ends[0] > 0.5 or row["called"] == 0
            assert sum(row["called"] for row in hidden) >= K


def test_of_few_forms_no_arrival_is_told() -> None:
    rows = [
        {"day": "2026-03-02", "grp": "dan", "unit": unit, "kind": kind, "n": n}
        for (unit, n), kind in product((("so_a", 3), ("so_b", 9), ("", 12)), ("forms", "busiest", "crowded", "h09"))
    ]
    told = document(Kept(rows, [], []), K)
    assert told["arrivals"] == [
        {"group": "dan", "unit": "so_a", "forms": None, "busiest_hour": None, "busiest_day": None, "crowded": None,
         "marks": []},
        {"group": "dan", "unit": "so_b", "forms": 9, "busiest_hour": 9, "busiest_day": 9, "crowded": 9, "marks": []},
    ]  # fmt: skip
    assert document(Kept([], [], []), K) == {}


def test_a_keyer_whose_forms_others_key_differently_is_marked_and_has_no_name() -> None:
    rows = [
        {"keyer": who, "day": f"2026-03-0{day}", "kind": kind, "n": n}
        for who, kinds in {"an": (40, 20, 15), "binh": (60, 40, 1), "chi": (3, 2, 0)}.items()
        for day, kind, n in ((1, "keyed", kinds[0]), (2, "compared", kinds[1]), (2, "differed", kinds[2]))
    ]
    told = document(Kept([], rows, []), K)["keyers"]
    assert [(row["keyer"], row["marked"], row["differed"]) for row in told] == [
        (1, True, 15), (2, False, 1), (3, False, None),
    ]  # fmt: skip
    assert "binh" not in repr(told)


@pytest.mark.usefixtures("closed")
def test_the_manifest_holds_the_fieldwork(scene: Any, tmp_path: Path) -> None:
    with scene.store.write() as tx:
        tx.control_add_up([{"wave": "nho", "unit": unit, "mode": "qr", "interviewer": "", "outcome": outcome, "n": 6}
                           for unit in ("", "so_a") for outcome in ("drawn", "called")])  # fmt: skip
        tx.arrival_count([{"wave": "nho", "day": "2026-03-10", "grp": "dan", "unit": "so_a", "kind": "forms", "n": 6}])
        tx.keyer_count_add([{"wave": "nho", "keyer": "lan", "day": "2026-03-10", "kind": "keyed", "n": 8}])
    keys = sealing.read_private_pem(scene.keyring.private_file("nho").read_bytes())
    made = freeze.freeze(scene.store, scene.clock, scene.wave, keys, tmp_path / "dataset", who="test")
    told = made.manifest["fieldwork"]
    assert told["arrivals"][0]["forms"] == 6 and told["keyers"][0]["forms"] == 8
    assert told["control"]["all"]["called"] == 6 and told["control"]["by_interviewer"] == []
    verify(made.folder)
