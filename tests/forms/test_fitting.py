"""Framework and wave: what the one wants counted and the other does not ask."""

from __future__ import annotations

from forms import catalogue
from forms.fitting import unasked, unfit


def test_a_share_of_a_group_that_is_asked_none_of_its_items_is_a_fault() -> None:
    framework = catalogue.framework("daklak_2019")
    kind = framework.kinds["department"]
    everything = {item for sub in kind.survey_subcriteria for item in sub.items}
    asked = dict.fromkeys(kind.groups, everything)
    assert unfit(framework, {"department"}, asked) == []
    assert unasked(framework, {"department"}, everything) == []
    sub = kind.survey_subcriteria[0]
    group = next(iter(sub.shares))
    asked[group] = everything - set(sub.items)
    said = [str(fault) for fault in unfit(framework, {"department"}, asked)]
    assert any(f"“{sub.id}” gives group “{group}” a share, but its questionnaire asks none of" in each for each in said)
    assert not any("has no group" in each for each in said)


def test_kinds_that_the_wave_has_not_need_no_groups_or_items() -> None:
    framework = catalogue.framework("daklak_2019")
    assert unasked(framework, {"ward"}, ()) == []
    assert [str(fault) for fault in unfit(framework, {"ward"}, {})] == [
        "daklak_2019: the framework knows none of the wave's kinds of unit (ward)"
    ]
