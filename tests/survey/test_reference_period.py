"""The reference period that a group declares is what its respondents read, and what the codebook says."""

from __future__ import annotations

from dataclasses import replace

from forms import catalogue
from forms.questionnaire import USUAL_PERIOD, Item
from forms.text import Text
from survey import codebook
from survey.plan.wave_spec import Group, Target
from survey.wave import RegisteredWave

YEAR = Text({"vi": "từ 01/01/2025 đến 31/12/2025", "en": "1 January to 31 December 2025"})


def used(wave: RegisteredWave, group: str) -> Item:
    return wave.questionnaire_of(group).items["used"]


def with_citizens(wave: RegisteredWave, **periods: Text | None) -> RegisteredWave:
    """The wave with a group of citizens for each period."""
    groups = tuple(
        Group(id, Text({"vi": id}), "citizen", "dossier", target=period and Target(period, period, period, period))
        for id, period in periods.items()
    )
    questionnaires = {"citizen": catalogue.questionnaire("citizen")}
    return replace(wave, spec=replace(wave.spec, groups=groups), questionnaires=questionnaires)


def test_each_group_reads_its_own_period(scene) -> None:
    wave = with_citizens(scene.wave, dan=YEAR, khac=None)
    assert used(wave, "dan").text.of("vi").startswith("Trong thời gian từ 01/01/2025 đến 31/12/2025, Ông/Bà có làm")
    assert used(wave, "dan").text.of("en").startswith("During 1 January to 31 December 2025, did you")
    assert used(wave, "khac").text.of("vi").startswith(f"Trong thời gian {USUAL_PERIOD.of('vi')}, Ông/Bà")
    asked = wave.questionnaire_of("dan")
    assert asked is wave.questionnaire_of("dan")  # made once
    assert asked.hash == wave.questionnaires["citizen"].hash
    assert asked.pages(1)[0].section is asked.sections[0]


def test_the_codebook_names_the_periods(scene) -> None:
    def told(wave: RegisteredWave) -> str:
        items = codebook.document(list(wave.questionnaires_as_read().values()), [])["items"]
        return str(next(item["text"]["vi"] for item in items if item["id"] == "used"))

    assert "Trong thời gian từ 01/01/2025 đến 31/12/2025, Ông/Bà" in told(with_citizens(scene.wave, dan=YEAR))
    both = told(with_citizens(scene.wave, dan=YEAR, khac=None))
    assert "Trong thời gian từ 01/01/2025 đến 31/12/2025; 12 tháng qua, Ông/Bà" in both
    unasked = replace(with_citizens(scene.wave), questionnaires={"citizen": catalogue.questionnaire("citizen")})
    assert "Trong thời gian 12 tháng qua, Ông/Bà" in told(unasked)
