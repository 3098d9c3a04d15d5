"""How often intervals hold the truth: exactly for shares of simple samples, by simulation for the designs of a wave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from analysis.calibration import calibrate
from analysis.design import Codes, Design, Df, Floats, Lonely, SecondStage
from analysis.estimates import Estimates, estimates
from analysis.intervals import Interval, beta_limits, share_limits, t_limits
from analysis.scoring import Block

LEVEL = 0.95
SIZES = (20, 30, 50, 100, 200, 500)
SHARES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)


def share_coverage(n: int, p: float, interval: Interval) -> float:
    """Chance (exact, binomial) that the interval of a share holds p: simple random sampling of n from many."""
    k = np.arange(n + 1)
    chance = np.exp(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1) + k * np.log(p) + (n - k) * np.log1p(-p))
    held = [low <= p <= high for low, high in (_limits(int(count), n, interval) for count in k)]
    return float(chance[held].sum())


def _limits(count: int, n: int, interval: Interval) -> tuple[float, float]:
    if count in (0, n):  # everybody agrees: beta, whatever was asked for
        return beta_limits(count / n, n, LEVEL)
    share = count / n
    return share_limits(share, share * (1 - share) / (n - 1), n - 1, n, LEVEL, interval)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of intervals that held the truth, its Monte Carlo error, mean standard error over the true one."""

    share: float
    error: float
    ratio: float


Draw = Callable[[np.random.Generator], tuple[float, Estimates]]


def simulated(draw: Draw, times: int, seed: int) -> Coverage:
    """Draw so many samples; the t interval of the first estimate of each against the truth it says."""
    rng = np.random.default_rng(seed)
    held, values, errors = [], [], []
    for _ in range(times):
        truth, found = draw(rng)
        value, variance = float(found.value[0]), float(found.covariance[0, 0])
        low, high = t_limits(value, variance, float(found.df[0]), LEVEL)
        held.append(low <= truth <= high), values.append(value - truth), errors.append(variance**0.5)
    share = float(np.mean(held))
    return Coverage(share, (share * (1 - share) / times) ** 0.5, float(np.mean(errors) / np.std(values)))


def _mean(design: Design, y: Floats, domain: Codes | None = None, **options: object) -> Estimates:
    present = np.ones((design.n, 1), np.bool_)
    where = np.zeros(design.n, np.int64) if domain is None else domain
    block = Block(y[:, None], present, present, where, 1)
    return estimates(design, [block], lonely=Lonely.FAIL, df=Df.DOMAIN, **options)  # type: ignore[arg-type]


def _scores(rng: np.random.Generator, chance: Floats) -> Floats:
    """Answers from 0 to 1 in quarters, with these means."""
    return rng.binomial(4, chance) / 4


def stratified() -> Draw:
    """Four strata of other sizes and means, drawn at other rates."""
    rng = np.random.default_rng(1)
    home = np.repeat(np.arange(4), [300, 800, 200, 1500])
    y = _scores(rng, np.array([0.3, 0.5, 0.65, 0.8])[home])
    drawn = np.array([25, 20, 30, 25])
    sizes = np.bincount(home)

    def draw(rng: np.random.Generator) -> tuple[float, Estimates]:
        rows = np.concatenate([rng.choice(np.flatnonzero(home == h), drawn[h], replace=False) for h in range(4)])
        weight = (sizes / drawn)[home[rows]]
        return float(y.mean()), _mean(Design(home[rows], np.arange(100), weight, drawn / sizes, tuple("abcd")), y[rows])

    return draw


def clustered() -> Draw:
    """Forty of two hundred clusters, all of each."""
    rng = np.random.default_rng(2)
    cluster = np.repeat(np.arange(200), rng.integers(3, 9, 200))
    y = _scores(rng, np.clip(rng.normal(0.55, 0.12, 200), 0.2, 0.9)[cluster])

    def draw(rng: np.random.Generator) -> tuple[float, Estimates]:
        rows = np.flatnonzero(np.isin(cluster, rng.choice(200, 40, replace=False)))
        psu = np.unique(cluster[rows], return_inverse=True)[1]
        design = Design(np.zeros(len(rows), np.int64), psu, np.full(len(rows), 5.0), np.array([0.2]), ("all",))
        return float(y.mean()), _mean(design, y[rows])

    return draw


def two_stages() -> Draw:
    """Thirty-six of ninety communes, five of the people of each; both stages count."""
    rng = np.random.default_rng(3)
    commune = np.repeat(np.arange(90), rng.integers(8, 20, 90))
    y = _scores(rng, np.clip(rng.normal(0.6, 0.1, 90), 0.2, 0.9)[commune])
    sizes = np.bincount(commune)

    def draw(rng: np.random.Generator) -> tuple[float, Estimates]:
        drawn = rng.choice(90, 36, replace=False)
        rows = np.concatenate([rng.choice(np.flatnonzero(commune == one), 5, replace=False) for one in drawn])
        psu = np.repeat(np.arange(36), 5)
        second = SecondStage(np.arange(180), 5 / sizes[drawn])
        weight = 90 / 36 * sizes[commune[rows]] / 5
        design = Design(np.zeros(180, np.int64), psu, weight, np.array([0.4]), ("all",), second)
        return float(y.mean()), _mean(design, y[rows])

    return draw


def census_with_nonresponse() -> Draw:
    """Everybody is asked; in three classes other shares answer, and each class is its own stratum."""
    rng = np.random.default_rng(4)
    home = np.repeat(np.arange(3), [90, 140, 70])
    y = _scores(rng, np.array([0.4, 0.55, 0.75])[home])
    sizes = np.bincount(home)

    def draw(rng: np.random.Generator) -> tuple[float, Estimates]:
        rows = np.flatnonzero(rng.random(300) < np.array([0.5, 0.7, 0.4])[home])
        number = np.bincount(home[rows], minlength=3)
        design = Design(home[rows], np.arange(len(rows)), (sizes / number)[home[rows]], number / sizes, tuple("abc"))
        return float(y.mean()), _mean(design, y[rows])

    return draw


def blocks_of_units() -> Draw:
    """Officials assess four of twelve offices each; one office's mean, persons as clusters, no correction."""
    rng = np.random.default_rng(5)
    people, units = 900, 12
    y = _scores(rng, np.clip(rng.normal(0.6, 0.12, (people, 1)) + np.linspace(-0.1, 0.1, units), 0.1, 0.95))
    blocks = np.array([[(start + step) % units for step in (0, 1, 3, 7)] for start in range(units)])

    def draw(rng: np.random.Generator) -> tuple[float, Estimates]:
        person = rng.choice(people, 150, replace=False)
        block = rng.permutation(150) % units
        rows, unit = np.repeat(person, 4), blocks[block].ravel()
        psu = np.repeat(np.arange(150), 4)
        design = Design(np.zeros(600, np.int64), psu, np.full(600, 18.0), np.zeros(1), ("all",))
        return float(y[:, 0].mean()), _mean(design, y[rows, unit], np.where(unit == 0, 0, -1))

    return draw


def calibration() -> Draw:
    """A simple sample, raked to two margins that go with the answer."""
    rng = np.random.default_rng(6)
    a, b = rng.integers(0, 3, 2000), rng.integers(0, 2, 2000)
    y = _scores(rng, 0.3 + 0.15 * a + 0.1 * b)
    columns = np.column_stack([a == 0, a == 1, a == 2, b == 1]).astype(np.float64)
    totals = columns.sum(axis=0)

    def draw(rng: np.random.Generator) -> tuple[float, Estimates]:
        rows = rng.choice(2000, 120, replace=False)
        done = calibrate(columns[rows], np.full(120, 2000 / 120), totals, ["a0", "a1", "a2", "b"])
        design = Design(np.zeros(120, np.int64), np.arange(120), done.weight, np.array([0.06]), ("all",))
        return float(y.mean()), _mean(design, y[rows], calibration=done)

    return draw


DESIGNS: dict[str, Callable[[], Draw]] = {
    "stratified": stratified,
    "clustered": clustered,
    "two stages": two_stages,
    "census with nonresponse": census_with_nonresponse,
    "blocks of units": blocks_of_units,
    "calibration": calibration,
}


def table() -> Iterator[str]:
    """The map of coverage, in percent, as lines of Markdown."""
    for interval in Interval:
        yield f"\n**{interval.value}**\n"
        yield "| n | " + " | ".join(f"{share:g}" for share in SHARES) + " |"
        yield "|---" * (1 + len(SHARES)) + "|"
        for n in SIZES:
            yield f"| {n} | " + " | ".join(f"{100 * share_coverage(n, p, interval):.1f}" for p in SHARES) + " |"


def clustered_share(p: float, interval: Interval, times: int, seed: int) -> float:
    """Share of intervals that hold a share of about p: forty of two hundred clusters of six, rho about 0.1."""
    rng = np.random.default_rng(seed)
    chance = rng.beta(9 * p, 9 * (1 - p), 200)
    y = (rng.random((200, 6)) < chance[:, None]).astype(np.float64)
    truth, held = float(y.mean()), 0
    for _ in range(times):
        drawn = y[rng.choice(200, 40, replace=False)]
        share = float(drawn.mean())
        variance = 0.8 * float(drawn.mean(axis=1).var(ddof=1)) / 40
        if share in (0, 1) or variance == 0:
            low, high = beta_limits(share, 240, LEVEL)
        else:
            low, high = share_limits(share, variance, 39, 240, LEVEL, interval)
        held += low <= truth <= high
    return held / times
