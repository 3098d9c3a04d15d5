"""Which of the assessed offices runs the survey itself."""

from __future__ import annotations

from survey.keying import keyers
from survey.plan.wave_spec import WaveSpec


def own_units(spec: WaveSpec) -> frozenset[str]:
    """The organiser's own units: the declared one, else those that its name names; empty when it is not rated."""
    if spec.authority is None:
        return frozenset()
    if spec.authority.unit is not None:
        return frozenset({spec.authority.unit})
    units = {unit.id for unit in spec.units}
    return frozenset(units.intersection(keyers.rated_as(spec, spec.authority.name.of("vi"))))
