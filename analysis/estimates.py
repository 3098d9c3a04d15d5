"""Moments → means, totals, ratios, proportions over domains, with full covariance, df and design effects."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.design import Bools, Codes, Design, Df, Floats, Lonely


@dataclass(frozen=True, slots=True, eq=False)
class Ratios:
    """Q estimated ratios with their covariance.

    ``value`` (Q,) nan where a domain has no rows; ``covariance`` (Q, Q), zero rows there and for degenerate ones;
    ``n`` (Q,) rows of positive weight with a usable value; ``psus`` (Q,) PSUs that have one; ``df`` (Q,);
    ``deff`` (Q,) nan where not defined; ``degenerate`` (Q,) every score equal although something was left unsampled.
    """

    value: Floats
    covariance: Floats
    n: Codes
    psus: Codes
    df: Codes
    deff: Floats
    degenerate: Bools


def ratios(
    design: Design,
    numerators: Floats,
    denominators: Floats,
    *,
    domain: Codes | None = None,
    domains: int = 1,
    lonely: Lonely = Lonely.FAIL,
    df: Df = Df.DOMAIN,
) -> Ratios:
    """Σ w·numerator / Σ w·denominator of each of K columns in each of D domains: Q = D·K, domain by domain.

    ``numerators`` and ``denominators`` (n, K), a row usable for column k where its denominator is not 0;
    ``domain`` (n,) codes from 0 to D − 1, −1 for none. Column d·K + k is ratio k in domain d.
    """
    raise NotImplementedError
