"""What hangs on the choices of method: each way of counting against the same wave counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import ranking, recount, sensitivity
from analysis.beside import Beside, completed
from analysis.compose import index_result, points_of
from analysis.findings import Choice, Sensitivity
from analysis.kinds import Options, kind_result
from analysis.points import Points
from analysis.result import KindResult
from forms.framework import Framework
from tests.analysis.index.conftest import Answers, Build
from tests.analysis.index.test_index import UNITS, group

Appraised = dict[str, dict[str, float]]


def found(build: Build, usual: Answers, small: Framework, appraised: Appraised, **options: object) -> KindResult:
    return index_result(build(usual), small, appraised, draws=2000, **options).kinds[0]  # type: ignore[arg-type]


def told(result: KindResult) -> Sensitivity:
    assert result.sensitivity is not None
    return result.sensitivity


def by_hand(small: Framework, appraised: Appraised, score: float = 0.5) -> Points:
    citizens = group("nguoi_dan", small, [[score + i / 10, 0.9 - i / 5] for i in range(4)], [[30, 30]] * 4)
    servants = group("cong_chuc", small, [[0.9 - i / 5] for i in range(4)], [[30]] * 4)
    kind = small.kinds["department"]
    return points_of(small, kind, UNITS, {"nguoi_dan": citizens, "cong_chuc": servants}, appraised, Options())


def test_every_choice_that_can_be_varied_is_and_the_others_say_why(
    build: Build, usual: Answers, small: Framework, appraised: Appraised
) -> None:
    sure = told(found(build, usual, small, appraised))
    assert {each.choice for each in sure.scenarios} == {Choice.DOMAIN, Choice.WEIGHTS}
    assert [each.concentration for each in sure.drawn] == [50, 20, 200] * 2
    assert {each.choice for each in sure.drawn} == {Choice.SHARES, Choice.POINTS}
    assert sure.skipped == {"self": "none", "mode": "one", "flagged": "unknown"}
    assert [each.shift for each in sure.weighty] == sorted((each.shift for each in sure.weighty), reverse=True)


def test_leaving_out_a_domain_ranks_by_the_others(
    build: Build, usual: Answers, small: Framework, appraised: Appraised
) -> None:
    result = found(build, usual, small, appraised)
    without = {each.subject: each for each in told(result).scenarios if each.choice is Choice.DOMAIN}
    share = {unit.unit: unit.domain("steering").percent for unit in result.units}
    by_other = sorted(share, key=lambda unit: -(share[unit] or 0))
    assert without["service"].ranks == {unit: place for place, unit in enumerate(by_other, 1)}
    own = {unit.unit: unit.rank or 0 for unit in result.units}
    moves = [abs(without["service"].ranks[unit] - own[unit]) for unit in own]
    assert without["service"].shift == pytest.approx(np.mean(moves))
    assert (without["service"].moved, without["service"].largest) == (sum(m > 0 for m in moves), max(moves))


def test_counting_again_with_everybody_gives_the_index_itself(
    build: Build, usual: Answers, small: Framework, appraised: Appraised
) -> None:
    dataset = build(usual)
    result = index_result(dataset, small, appraised, draws=200).kinds[0]
    kind = small.kinds["department"]
    rows = recount.rows_of(dataset, kind, UNITS, kind.groups)
    everyone = {each.group: recount.scores(each, UNITS, each.weight > 0) for each in rows}
    points = by_hand(small, appraised)
    index = recount.index_of(points.scale, everyone, points.appraised, n_min=5, k=5)
    by_unit = {unit.unit: unit.index for unit in result.units}
    assert index == pytest.approx([by_unit[unit] for unit in UNITS])


def test_modes_flags_and_the_own_office_are_left_out_one_at_a_time(
    build: Build, usual: Answers, small: Framework, appraised: Appraised
) -> None:
    dataset = build(usual, groups=[
        {"id": "nguoi_dan", "name": {"vi": "…"}, "questionnaire": "citizen", "assesses": "dossier", "by": ["unit"]},
        {"id": "cong_chuc", "name": {"vi": "…"}, "questionnaire": "self", "assesses": "own", "by": ["unit"]},
    ])  # fmt: skip
    kind = small.kinds["department"]
    rows = recount.rows_of(dataset, kind, UNITS, kind.groups)
    people = rows[0].respondent[rows[0].unit == 0]
    flagged = frozenset(people[:17].tolist())  # only three are left at the first unit: its score is missing
    sure = told(index_result(dataset, small, appraised, draws=200, beside=Beside(flagged=flagged)).kinds[0])
    scenarios = {each.choice: each for each in sure.scenarios}
    assert scenarios[Choice.FLAGGED].lost == ("so_a",) and "so_a" not in scenarios[Choice.FLAGGED].ranks
    assert scenarios[Choice.SELF].subject == "cong_chuc" and len(scenarios[Choice.SELF].ranks) == 4
    assert "flagged" not in sure.skipped and "self" not in sure.skipped
    nobody = told(index_result(dataset, small, appraised, draws=200, beside=Beside(flagged=frozenset())).kinds[0])
    assert nobody.skipped["flagged"] == "none"


def test_each_mode_is_left_out_where_there_are_several(
    build: Build, usual: Answers, small: Framework, appraised: Appraised, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = build(usual)
    points = by_hand(small, appraised)
    options = Options(draws=200)
    real = recount.rows_of

    def mixed(*given: object) -> object:
        return tuple(
            replace(each, mode=np.where(np.arange(len(each.mode)) % 2 == 0, "qr", "paper"))
            for each in real(*given)  # type: ignore[arg-type]
        )

    monkeypatch.setattr(recount, "rows_of", mixed)
    result = completed(dataset, kind_result(points, options), points, options, Beside())
    assert [each.subject for each in told(result).scenarios if each.choice is Choice.MODE] == ["paper", "qr"]


def test_without_a_group_the_scale_lacks_what_only_it_decides(small: Framework, appraised: Appraised) -> None:
    scale = by_hand(small, appraised).scale
    without = recount.without_groups(scale, ["nguoi_dan"])
    assert without.shares.tolist() == [[0, 0, 0], [1, 0, 0]]
    assert without.survey[0].tolist() == [20, 0, 0]


def test_drawn_shares_and_points_agree_with_drawing_one_by_one(small: Framework, appraised: Appraised) -> None:
    """A slow reference: Dirichlet shares and points, one draw after another, in another order of random numbers."""
    points = by_hand(small, appraised)
    published = {unit.unit: unit.rank or 0 for unit in kind_result(points, Options(draws=100)).units}
    sure = sensitivity.assessed(points, published, seed=3, draws=4000)
    assert sure is not None
    random = np.random.default_rng(8)
    order = list(published)
    place = [UNITS.index(unit) for unit in order]
    first = {choice: np.zeros(4) for choice in (Choice.SHARES, Choice.POINTS)}
    for _ in range(4000):
        share = random.dirichlet([50 * 0.6, 50 * 0.4])
        index = points.total.sum(axis=1) - points.survey[:, 0] + 20 * share @ points.given.score[:, :, 0]
        first[Choice.SHARES] += ranking.ranks(np.round(index[place], 2)) == 1
        weight = random.dirichlet([50 * 0.5, 50 * 0.5])
        percent = np.stack([points.total[:, :2].sum(axis=1) / 50, points.total[:, 2] / 50])
        first[Choice.POINTS] += ranking.ranks(np.round((weight @ percent)[place] * 100, 2)) == 1
    for choice, times in first.items():
        drawn = next(each for each in sure.drawn if each.choice is choice and each.concentration == 50)
        assert [drawn.first[unit] for unit in order] == pytest.approx(times / 4000, abs=0.04)
    wide, narrow = (
        next(each.shift for each in sure.drawn if (each.choice, each.concentration) == (Choice.POINTS, value))
        for value in (20.0, 200.0)
    )
    assert wide >= narrow


def test_one_unit_or_one_domain_or_one_group_leaves_nothing_to_vary(small: Framework, appraised: Appraised) -> None:
    points = by_hand(small, appraised)
    assert sensitivity.assessed(points, {"so_a": 1}) is None
    kind = replace(points.scale.kind, domains=points.scale.kind.domains[:1])
    shares = np.array([[1.0, 1.0], [0.0, 0.0]])
    scale = replace(points.scale, kind=kind, shares=shares, survey=points.scale.survey[:, :2],
                    appraised=points.scale.appraised[:, :2], applies=points.scale.applies[:, :2])  # fmt: skip
    alone = replace(points, scale=scale, survey=points.survey[:, :2], appraised=points.appraised[:, :2])
    sure = sensitivity.assessed(alone, {"so_a": 1, "so_b": 2}, draws=100)
    assert sure is not None and sure.drawn == () and sure.scenarios == ()
    assert sure.skipped == {"domain": "one", "points": "one", "shares": "one"}


@given(st.lists(st.integers(0, 10_000_000), min_size=1, max_size=20))
def test_what_is_ranked_is_what_would_be_printed(hundred_thousandths: list[int]) -> None:
    index = np.array(hundred_thousandths) / 100_000
    shown, rank = ranking.published(index.tolist())
    assert sensitivity.printed(index).tolist() == shown.tolist()
    assert sensitivity.ranks(index).tolist() == rank.tolist()


def test_the_same_seed_draws_the_same(small: Framework, appraised: Appraised) -> None:
    points = by_hand(small, appraised)
    published = dict(zip(UNITS, (4, 3, 2, 1), strict=True))
    one, two, other = (sensitivity.assessed(points, published, seed=seed, draws=600) for seed in (1, 1, 2))
    assert one == two != other
