"""What ships: complete, consistent, and in careful Vietnamese."""

from __future__ import annotations

import re
import tomllib
from itertools import combinations

import pytest

from forms import catalogue
from forms.answers import visible
from forms.catalogue import FOLDER, FRAMEWORKS, QUESTIONNAIRES
from forms.faults import Faults
from forms.framework import Framework, RuleKind
from forms.questionnaire import Item, ItemType

QUESTIONNAIRE_OF = {
    "nguoi_dan": "citizen",
    "to_chuc": "organisation",
    "cong_chuc": "self",
    **dict.fromkeys(("hdnd", "huyen", "xa", "lanh_dao_so", "lanh_dao_xa"), "official"),
}
DOSSIER = {"nguoi_dan", "to_chuc"}
PUBLISHED = {
    "steering": 10,
    "institutions": 10,
    "procedures": 14.5,
    "organisation": 11,
    "civil_servants": 16,
    "public_finance": 7,
    "modernisation": 16,
    "impact": 15.5,
}


def scales(name: str) -> list[Item]:
    return [item for item in catalogue.questionnaire(name).items.values() if item.type is ItemType.SCALE]


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_bundled_ids_are_their_file_names_and_texts_are_in_both_languages(name: str) -> None:
    questionnaire = catalogue.questionnaire(name)
    assert questionnaire.id == name
    texts = [questionnaire.title, *questionnaire.factors.values()]
    for section in questionnaire.sections:
        texts += [text for text in (section.title, section.intro) if text]
        for item in section.items:
            texts += [text for text in (item.text, item.hint, *(choice.text for choice in item.choices)) if text]
    for text in texts:
        assert set(text) == {"vi", "en"}
        assert text["vi"] != text["en"]
        assert not text["vi"].isupper() and "  " not in text["vi"] and text["vi"] == text["vi"].strip()
        assert not re.search(r"ông bà|Ông bà|ông/bà|CCHC|TTHC|CBCC|UBND\b", text["vi"]), text["vi"]


def test_bundled_frameworks_are_their_file_names() -> None:
    assert [catalogue.framework(id).id for id in FRAMEWORKS] == list(FRAMEWORKS)
    files = {file.stem for file in (FOLDER / "frameworks").glob("*.toml")}
    assert files == set(FRAMEWORKS)
    with pytest.raises(Faults, match="no bundled framework “pci”; bundled: daklak_2019"):
        catalogue.framework("pci")
    with pytest.raises(Faults, match="no bundled questionnaire “pci”; bundled: citizen"):
        catalogue.questionnaire("pci")


@pytest.mark.parametrize("name", ["citizen", "organisation"])
def test_dossier_questionnaires_ask_what_the_real_ones_ask(name: str) -> None:
    questionnaire = catalogue.questionnaire(name)
    assert list(questionnaire.factors) == ["access", "procedures", "staff", "result", "feedback"]
    by_factor = [item for item in scales(name) if item.factor]
    assert len(by_factor) >= 22 and all(len(item.choices) == 5 and item.allow_na for item in by_factor)
    assert {item.factor for item in by_factor} == set(questionnaire.factors)
    assert {"used", "channel", "overdue", "apology", "overall", "wait", "visits", "extra_payment", "comment"} <= set(
        questionnaire.items
    )
    assert questionnaire.items["used"].required
    assert visible(questionnaire, {"used": "no"}) == {"used"}
    assert "apology" not in visible(questionnaire, {"used": "yes", "overdue": "no"})
    assert "apology" in visible(questionnaire, {"used": "yes", "overdue": "yes"})
    first, second = questionnaire.sections[0], questionnaire.sections[1]
    assert [item.id for item in first.items] == ["used"]  # alone, so that nobody screened out sees more
    assert "apology" not in {item.id for item in second.items}  # on its own page: works without a script


def test_citizens_tell_age_sex_and_area_once() -> None:
    about = catalogue.questionnaire("citizen").sections[-1]
    assert about.each == "respondent" and [item.id for item in about.items] == ["age", "sex", "area"]


def test_officials_get_one_page_a_unit_and_end_with_who_answered() -> None:
    official = catalogue.questionnaire("official")
    assert [page.unit for page in official.pages(6)] == [0, 1, 2, 3, 4, 5, None]
    assert 12 <= len(scales("official")) <= 16
    assert {item.factor for item in scales("official")} == set(official.factors) and len(official.factors) == 8
    for name in ("official", "self"):
        last = catalogue.questionnaire(name).sections[-1]
        assert last.each == "respondent"
        assert [choice.id for choice in last.items[0].choices] == ["myself", "together", "delegated"]
        assert last.items[1].type is ItemType.TEXT
    assert {item.id for item in scales("official")} < {item.id for item in scales("self")}


@pytest.mark.parametrize(("one", "other"), list(combinations(QUESTIONNAIRES, 2)))
def test_an_id_in_two_questionnaires_means_the_same(one: str, other: str) -> None:
    first, second = catalogue.questionnaire(one).items, catalogue.questionnaire(other).items
    for id in set(first) & set(second):
        a, b = first[id], second[id]
        assert (a.type, a.factor, a.choices, a.allow_na) == (b.type, b.factor, b.choices, b.allow_na)
        if a.type is ItemType.SCALE:
            assert a.text == b.text


@pytest.mark.parametrize("id", ["daklak_2019", "province_2026"])
def test_shipped_frameworks_have_the_published_shape(id: str) -> None:
    framework = catalogue.framework(id)
    assert framework.illustrative
    department, other = framework.kinds.values()
    for kind in (department, other):
        assert {domain.id: domain.points for domain in kind.domains} == pytest.approx(PUBLISHED)
        assert all(set(domain.name) == {"vi", "en"} for domain in kind.domains)
        assert {s.rule.kind for s in kind.survey_subcriteria if s.rule} == {RuleKind.MEAN, RuleKind.SHARE}
    assert (len(department.survey_subcriteria), len(other.survey_subcriteria)) == (26, 22)


def test_groups_rate_the_kinds_they_rated() -> None:
    groups = {
        (id, kind.id): set(kind.groups)
        for id in ("daklak_2019", "province_2026")
        for kind in catalogue.framework(id).kinds.values()
    }
    assert groups == {
        ("daklak_2019", "department"): {"hdnd", "huyen", "xa", "nguoi_dan", "to_chuc", "cong_chuc"},
        ("daklak_2019", "district"): {"hdnd", "xa", "nguoi_dan", "to_chuc", "cong_chuc"},
        ("province_2026", "department"): {"lanh_dao_so", "lanh_dao_xa", "nguoi_dan", "to_chuc", "cong_chuc"},
        ("province_2026", "commune"): {"lanh_dao_so", "nguoi_dan", "to_chuc", "cong_chuc"},
    }


@pytest.mark.parametrize("id", ["daklak_2019", "province_2026"])
def test_every_group_is_asked_what_it_has_a_share_in_and_has_a_share_in_what_it_is_asked(id: str) -> None:
    for kind in catalogue.framework(id).kinds.values():
        for subcriterion in kind.survey_subcriteria:
            for group in kind.groups:
                asked = set(subcriterion.items) & set(catalogue.questionnaire(QUESTIONNAIRE_OF[group]).items)
                assert bool(asked) == (group in subcriterion.shares), (kind.id, subcriterion.id, group)


def test_no_subcriterion_hangs_on_one_group() -> None:
    """One group below its minimum would leave the unit unranked."""
    for id in ("daklak_2019", "province_2026"):
        for kind in catalogue.framework(id).kinds.values():
            assert all(len(subcriterion.shares) >= 2 for subcriterion in kind.survey_subcriteria)


@pytest.mark.parametrize("unit", ["thanh_tra_tinh", "so_ngoai_vu"])
def test_offices_without_dossiers_are_excused_from_what_only_applicants_can_answer(unit: str) -> None:
    framework: Framework = catalogue.framework("daklak_2019")
    department = framework.kinds["department"]
    only_applicants = {s.id for s in department.survey_subcriteria if set(s.shares) <= DOSSIER}
    assert framework.excluded(unit) == only_applicants != set()


def test_the_province_of_2017_has_the_published_points() -> None:
    facts = tomllib.loads((FOLDER / "daklak_facts.toml").read_text("utf-8"))["province_2017"]
    framework = catalogue.framework("province_2017")
    assert not framework.illustrative and framework.years == (2017,)
    province = framework.kinds["province"]
    assert {domain.id: domain.points for domain in province.domains} == facts["points"]
    assert len(province.appraised_subcriteria) == 8 and not province.survey_subcriteria
    assert sum(domain.points - facts["lost"][domain.id] for domain in province.domains) == pytest.approx(facts["index"])
