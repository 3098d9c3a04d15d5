"""What a dataset says of arrivals, keyers and control calls: counts of k or more, nothing that leads to an answer."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from analysis import calls as control_calls
from survey import freeze, sealing
from survey.control_told import _secret, numbered
from survey.control_told import document as control
from survey.freeze.fieldwork import Kept, document
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


def told_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return numbered(control(rows, K))


def test_what_few_said_is_hidden_and_what_would_tell_it() -> None:
    told = told_of(calls(so_a={("qr", ""): (3, 1)}, so_b={("paper", "lan"): (7, 2)}, so_c={("qr", ""): (20, 0)}))
    by_unit = {row["unit"]: (row["called"], row["not_self"]) for row in told["by_unit"]}
    assert by_unit == {"so_a": (3, None), "so_b": (7, 2), "so_c": (20, None)}, "paper, all of it, is of so_b"
    assert [row["not_self"] for row in told["by_cell"]] == [None, 2, None]
    assert told["all"] == {
        "drawn": 33, "called": 30, "declined": 0, "not_reached": 3, "not_received": 0, "not_self": 3, "told_how": 0,
        "open": 0,
    }  # fmt: skip
    assert told["by_interviewer"] == [{"interviewer": 1, **{**told["all"], "drawn": 8, "called": 7, "not_reached": 1,
                                                            "not_self": 2}}]  # fmt: skip
    assert "lan" not in repr(told)


def test_large_cells_are_told_in_full_by_unit_mode_and_interviewer() -> None:
    told = told_of(calls(so_a={("qr", ""): (9, 4), ("interview", "lan"): (6, 0)}, so_b={("interview", "mai"): (8, 8)}))
    assert {(row["unit"], row["mode"], row["interviewer"]): row["not_self"] for row in told["by_cell"]} == {
        ("so_a", "qr", None): 4, ("so_a", "interview", 1): 0, ("so_b", "interview", 2): 8,
    }  # fmt: skip


def test_while_calls_are_open_nothing_that_was_said_is_told() -> None:
    rows = calls(so_a={("qr", ""): (30, 4)})
    rows += [{"unit": unit, "mode": "qr", "interviewer": "", "outcome": "drawn", "n": 1} for unit in ("so_a", "")]
    told = told_of(rows)
    parts = [told["all"], *told["by_unit"], *told["by_mode"], *told["by_cell"]]
    assert {row["not_self"] for row in parts} == {None} and {row["called"] for row in parts} == {30}
    assert told["all"]["open"] == 1


def test_a_usual_share_of_calls_tells_no_single_cell() -> None:
    """5 % of 60 forms an office, over two modes and four interviewers, are one or two calls a cell."""
    rng = np.random.default_rng(4)
    units = {
        f"so_{at:02}": {("qr", ""): (2, int(rng.integers(0, 3))), ("interview", f"nguoi {at % 4}"): (1, 0)}
        for at in range(20)
    }
    told = told_of(calls(**units))
    assert all(row["not_self"] is None for row in told["by_cell"])
    assert told["all"]["not_self"] is not None and any(row["not_self"] is not None for row in told["by_mode"])


PARTS = ("by_unit", "by_mode", "by_interviewer", "by_cell")


def attacked(told: dict[str, Any]) -> list[tuple[float, float, float]]:
    """For each hidden cell and margin, (called, least, most) that it can have said, by linear programming over all
    that is told: cells between 0 and those called, every margin that is shown, the whole."""
    cells = [row for row in told["by_cell"] if row["called"]]
    bounds = [(0, row["called"]) if row["not_self"] is None else (row["not_self"],) * 2 for row in cells]
    known, sums, goals = [], [], []
    for part in PARTS:
        name = part.removeprefix("by_")
        for row in told[part]:
            if name == "cell":
                continue
            line = np.array([float(cell[name] == row[name]) for cell in cells])
            if row["not_self"] is None:
                goals.append((row["called"], line))
            else:
                known.append(line)
                sums.append(row["not_self"])
    if told["all"]["not_self"] is not None:
        known.append(np.ones(len(cells)))
        sums.append(told["all"]["not_self"])
    goals += [(cell["called"], np.eye(len(cells))[at]) for at, cell in enumerate(cells) if cell["not_self"] is None]
    found = []
    for called, line in goals:
        ends = [
            sign * linprog(sign * line, A_eq=np.array(known) if known else None, b_eq=sums or None, bounds=bounds).fun
            for sign in (1, -1)
        ]
        found.append((called, *ends))
    return found


@pytest.mark.parametrize("largest", [40_000, 0])
def test_no_attacker_finds_what_fewer_than_k_said(largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of those called deny, so that no bound alone tells; the second round hides one after the other."""
    secret = control_calls.secret
    monkeypatch.setattr("analysis.calls.secret", lambda *found: secret(*found, largest=largest))
    _secret.cache_clear()
    rng = np.random.default_rng(3)
    tried = 0
    for _ in range(25):
        units = {
            f"u{at}": {cell: (int(n), int(n) // 2) for cell, n in zip(
                (("qr", ""), ("paper", ""), ("interview", "a"), ("interview", "b")),
                rng.choice([0, 2, 4, 6, 8, 12, 30], 4), strict=True) if n}
            for at in range(5)
        }  # fmt: skip
        told = told_of(calls(**units))
        for part in PARTS:
            assert all(row["not_self"] is None or not 0 < row["called"] < K for row in told[part])
        for called, least, most in (each for each in attacked(told) if each[0] < K):
            tried += 1
            assert most - least > 0.5, (called, told)
    assert tried > 100
    _secret.cache_clear()


def _came(**forms: int) -> list[dict[str, Any]]:
    return [
        {"day": "2026-03-02", "grp": "dan", "unit": unit, "kind": kind, "n": n}
        for (unit, n), kind in product((*forms.items(), ("", sum(forms.values()))),
                                       ("forms", "busiest", "crowded", "h09"))
    ]  # fmt: skip


def test_of_few_forms_no_arrival_is_told_nor_what_would_tell_it() -> None:
    told = document(Kept(_came(so_a=3, so_b=9, so_c=30), [], []), K)
    nothing = {"forms": None, "busiest_hour": None, "busiest_day": None, "crowded": None, "marks": []}
    assert told["arrivals"] == [
        {"group": "dan", "unit": "so_a", **nothing},
        {"group": "dan", "unit": "so_b", **nothing},  # else what the group's total leaves would be of so_a
        {"group": "dan", "unit": "so_c", "forms": 30, "busiest_hour": 30, "busiest_day": 30, "crowded": 30,
         "marks": []},
    ]  # fmt: skip
    alone = document(Kept(_came(so_b=9, so_c=30), [], []), K)["arrivals"]
    assert [each["forms"] for each in alone] == [9, 30]
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


def paper(unit: str, keyed: int, compared: int = 0, differed: int = 0) -> list[dict[str, Any]]:
    counts = {"keyed": keyed, "compared": compared, "differed": differed}
    return [{"day": "2026-03-02", "grp": "dan", "unit": unit, "kind": kind, "n": n} for kind, n in counts.items() if n]


def test_keying_is_told_by_office_too_and_no_few_follow_from_the_others() -> None:
    rows = [*paper("so_a", 40, 30, 20), *paper("so_b", 50, 40, 1), *paper("so_c", 60, 40, 2), *paper("so_d", 3, 2, 1)]
    told = {row["unit"]: row for row in document(Kept(rows, [], []), K)["keyed"]}
    assert [unit for unit, row in told.items() if row["marked"]] == ["so_a"]
    assert (told["so_c"]["forms"], told["so_c"]["busiest_day"], told["so_c"]["differed"]) == (60, 60, 2)
    assert [told["so_d"][name] for name in ("forms", "busiest_day", "compared", "differed")] == [None] * 4
    assert told["so_a"]["forms"] is None, "the smallest other covers it"
    assert "arrivals" not in document(Kept(rows, [], []), K), "forms on paper come by no network"


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
