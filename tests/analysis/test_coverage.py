"""Intervals hold the truth as often as they say: designs of a wave by simulation, shares exactly, the map in docs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from analysis.intervals import Interval
from tests.analysis.coverage import DESIGNS, SHARES, SIZES, clustered_share, share_coverage, simulated, table

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "coverage.md"
FULL = 5000


@pytest.mark.parametrize("design", DESIGNS)
def test_means_are_held_about_as_often_as_said(design: str) -> None:
    found = simulated(DESIGNS[design](), 400, 1)
    assert abs(found.share - 0.95) < 0.02 + 3 * found.error
    assert found.ratio == pytest.approx(1, abs=0.12)


@pytest.mark.torture
@pytest.mark.skipif("PHIEU_TORTURE" not in os.environ, reason="make torture")
@pytest.mark.parametrize("design", DESIGNS)
def test_means_are_held_in_93_to_97_of_100(design: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = simulated(DESIGNS[design](), FULL, 7)
    with capsys.disabled():
        said = f"{100 * found.share:.1f}% ± {100 * found.error:.1f} (Monte Carlo), mean se / true se {found.ratio:.3f}"
        print(f"\ncoverage, {design}: {said}")
    assert 0.93 <= found.share <= 0.97


@pytest.mark.torture
@pytest.mark.skipif("PHIEU_TORTURE" not in os.environ, reason="make torture")
@pytest.mark.parametrize("p", [0.02, 0.1, 0.5, 0.9, 0.98])
def test_shares_of_clusters(p: float, capsys: pytest.CaptureFixture[str]) -> None:
    found = {interval: clustered_share(p, interval, FULL, 3) for interval in Interval}
    with capsys.disabled():
        error = (0.05 * 0.95 / FULL) ** 0.5
        said = ", ".join(f"{interval.value} {100 * share:.1f}%" for interval, share in found.items())
        print(f"\ncoverage, clustered share of {p:g}: {said} (± {100 * error:.1f} Monte Carlo)")
    assert 0.92 <= found[Interval.LOGIT] <= 0.99
    # Where hardly a cluster has any, share and variance fall together: the page says how far beta falls short.
    assert found[Interval.BETA] >= (0.93 if 0.05 <= p <= 0.95 else 0.88)


@pytest.mark.parametrize("n", SIZES)
def test_shares_of_simple_samples_exactly(n: int) -> None:
    for p in SHARES:
        assert share_coverage(n, p, Interval.BETA) >= 0.93
        assert 0.92 <= share_coverage(n, p, Interval.LOGIT) <= 0.99
        assert share_coverage(n, p, Interval.WILSON) >= 0.92


def test_the_map_in_the_docs_is_the_one_computed() -> None:
    assert "\n".join(table()).strip() in PAGE.read_text("utf-8")
