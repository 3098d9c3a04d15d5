"""What arrivals say of an office: honest ones hardly ever stand apart, stuffed ones do."""

from __future__ import annotations

import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from survey.arrivals import signals
from survey.arrivals.folding import counted
from survey.arrivals.signals import Mark, arrived

K = 5
DAYS = [f"2026-03-{day:02}" for day in range(2, 22)]
HOURS = [0, 0, 0, 0, 0, 1, 2, 4, 8, 9, 8, 5, 4, 5, 8, 8, 7, 5, 4, 6, 8, 6, 3, 1]
Form = tuple[str, str, int, int]  # unit, day, hour, network


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - simulated people


def folded(forms: list[Form]) -> Iterator[dict[str, Any]]:
    """What the counters have of forms, as the fold leaves it."""
    for day in sorted({form[1] for form in forms}):
        hours: Counter[tuple[str, int]] = Counter()
        blocks: Counter[tuple[str, int]] = Counter()
        for unit, on, hour, network in forms:
            for place in (unit, "") if on == day else ():
                hours[place, hour] += 1
                blocks[place, network] += 1
        counts = counted(
            [{"grp": "dan", "unit": unit, "hour": hour, "n": n} for (unit, hour), n in hours.items()],
            [{"grp": "dan", "unit": unit, "n": n} for (unit, _), n in blocks.items()],
            K,
        )
        yield from (
            {"day": day, "grp": group, "unit": unit, "kind": kind, "n": n} for (group, unit, kind), n in counts.items()
        )


def honest(chance: random.Random, offices: int = 20, forms: int = 40) -> list[Form]:
    """Front-loaded days, a day's hours, a few carriers whose networks many share (1 in 3 of a district's phones)."""
    made = []
    for office in range(offices):
        carriers = [chance.randrange(10_000) for _ in range(6)]
        for _ in range(forms):
            day = DAYS[min(int(chance.expovariate(0.2)), len(DAYS) - 1)]
            hour = chance.choices(range(24), HOURS)[0]
            network = chance.choice(carriers) if chance.random() < 0.35 else chance.randrange(10_000)
            made.append((f"so_{office:02}", day, hour, network))
    return made


def marks(forms: list[Form]) -> dict[str, set[Mark]]:
    return {each.unit: set(each.marks) for each in arrived(folded(forms), K)}


def test_an_office_whose_forms_were_filled_in_at_one_desk_stands_apart_in_all_three() -> None:
    forms = honest(dice(1))
    forms += [("so_00", DAYS[9], 15, 4242)] * 25
    found = marks(forms)
    assert found["so_00"] == {Mark.HOUR, Mark.DAY, Mark.NETWORK}
    assert not any(found[unit] for unit in found if unit != "so_00")


def test_rates_of_detection_and_false_alarm() -> None:
    """20 offices of 40 forms; in one 10 of them, or 20, come within an hour from one network."""
    alarms = waves = 0
    found: dict[int, Counter[Mark]] = defaultdict(Counter)
    for seed in range(12):
        clean = honest(dice(seed))
        alarms += sum(bool(said) for said in marks(clean).values())
        waves += 1
        for stuffed in (10, 20):
            swapped = clean[: 40 - stuffed] + [("so_00", DAYS[8], 14, 77)] * stuffed + clean[40:]
            found[stuffed].update(marks(swapped)["so_00"])
    assert alarms <= 1, "of 240 honest offices"
    assert found[20][Mark.HOUR] == found[20][Mark.NETWORK] == waves
    assert found[10].total() > 0


def test_a_mail_that_all_offices_get_at_nine_is_no_burst() -> None:
    chance = dice(3)
    forms = [(f"so_{office:02}", DAYS[0], 9 if chance.random() < 0.8 else 10, chance.randrange(10_000))
             for office in range(10) for _ in range(30)]  # fmt: skip
    assert not any(marks(forms).values())


def test_slips_handed_out_on_another_day_are_told_as_that_and_nothing_else() -> None:
    forms = [form for form in honest(dice(4)) if form[0] != "so_00"]
    chance = dice(5)
    forms += [("so_00", DAYS[15], chance.choices(range(24), HOURS)[0], chance.randrange(10_000)) for _ in range(40)]
    assert marks(forms)["so_00"] == {Mark.DAY}


def test_few_forms_and_single_offices_are_never_marked() -> None:
    few = [("so_00", DAYS[0], 9, 1)] * (K - 1) + honest(dice(6), 3)
    assert not marks([form for form in few if form[0] != "so_00" or form[1:] == (DAYS[0], 9, 1)])["so_00"]
    assert marks([("so_00", DAYS[0], 9, 1)] * 50) == {"so_00": set()}
    assert arrived([], K) == []


@given(st.integers(0, 60), st.integers(1, 60), st.floats(0.01, 0.99))
def test_the_tail_is_the_binomial_one(n: int, of: int, share: float) -> None:
    assert signals.tail(n, of, share) == pytest.approx(binom.sf(n - 1, of, share), rel=1e-8, abs=1e-15)


def test_what_is_certain_is_no_surprise() -> None:
    assert signals.tail(3, 3, 1.0) == 1.0


def keyed(chance: random.Random, compared: int, slips: dict[str, float]) -> list[dict[str, Any]]:
    """Keyers whose forms a second person keys again; each form differs with the keyer's own chance."""
    rows = []
    for keyer, slip in slips.items():
        differed = sum(chance.random() < slip for _ in range(compared))
        kinds = {"keyed": compared * 5, "compared": compared, "differed": differed}
        rows += [{"keyer": keyer, "day": DAYS[0], "kind": kind, "n": n} for kind, n in kinds.items()]
    return rows


def keyer_rates(rounds: int, compared: int, worst: float) -> tuple[float, float]:
    """Shares marked: of a keyer whose forms differ with the chance ``worst``, of seven who are honest.

    Honest keyers differ: one form in 33 on the average, of some one in 100, of others one in 15.
    """
    found = alarms = 0
    for seed in range(rounds):
        chance = dice(seed)
        honest = {f"k{at}": chance.choice((0.01, 0.02, 0.03, 0.065)) for at in range(7)}
        told = signals.keyers(keyed(chance, compared, {**honest, "worst": worst}), K)
        found += sum(each.marked for each in told if each.keyer == "worst")
        alarms += sum(each.marked for each in told if each.keyer != "worst")
    return found / rounds, alarms / (7 * rounds)


def test_a_keyer_who_invents_is_told_from_those_who_slip() -> None:
    assert keyer_rates(60, 40, 0.5)[0] >= 0.95, "every second form differs, of 40 keyed twice"
    assert keyer_rates(60, 40, 0.04)[0] <= 0.02
    assert max(keyer_rates(60, compared, 0.5)[1] for compared in (10, 40)) <= 0.005


@pytest.mark.torture
@pytest.mark.skipif("PHIEU_TORTURE" not in os.environ, reason="make torture")
def test_rates_of_keyers_at_full_size(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        for compared, worst in product((10, 20, 40, 80), (0.2, 0.35, 0.5)):
            found, alarms = keyer_rates(2000, compared, worst)
            print(f"\n{compared} forms keyed twice, {worst:.0%} differ: marked {found:.1%}, honest keyers {alarms:.2%}")
            assert alarms <= 0.002
