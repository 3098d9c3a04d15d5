"""Units, groups, posts and wave files of every size."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from forms import catalogue
from survey import wave as waves
from survey.demo import tryout, wave
from survey.demo.scene import Size, scene, slug
from survey.plan import wave_file

TODAY = dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("name", "id"),
    [("Sở Tư pháp", "so_tu_phap"), ("Huyện Ea H'leo", "huyen_ea_hleo"), ("Huyện M'Đrắk", "huyen_mdrak"),
     ("Sở Lao động - Thương binh và Xã hội", "so_lao_dong_thuong_binh_va_xa_hoi")],
)  # fmt: skip
def test_slug(name, id):
    assert slug(name) == id


@pytest.mark.parametrize(("size", "least", "most"), [("small", 1590, 1610), ("province", 5900, 6100),
                                                     ("national", 85_000, 87_500)])  # fmt: skip
def test_each_size_has_the_invitations_it_promises(facts, size, least, most):
    here = scene(Size(size), facts)
    drawn = sum(group.design["n"] if "n" in group.design else len(group.posts) for group in here.groups)
    assert least <= drawn <= most


@pytest.mark.parametrize("size", list(Size))
def test_the_wave_file_of_each_size_is_without_fault(facts, size):
    here = scene(size, facts)
    spec = wave_file.load(wave.toml(here, TODAY), "wave.toml")
    assert (spec.id, spec.simulated, spec.opens, (spec.closes - spec.opens).days) == ("demo", True, TODAY, 30)
    assert [unit.id for unit in spec.units] == [unit.id for unit in here.units]
    assert all(group.target is not None for group in spec.groups)
    framework = catalogue.framework(here.framework)
    assert {unit.kind for unit in spec.units} == set(framework.kinds)
    for kind in framework.kinds.values():
        assert set(kind.groups) <= {group.id for group in spec.groups}


@pytest.mark.parametrize("size", list(Size))
def test_the_wave_to_try_is_without_fault_too(facts, size):
    spec = wave_file.load(wave.toml(tryout.scene_to_try(scene(size, facts)), TODAY, tryout.WAVE), "thu.toml")
    assert (spec.id, len(spec.units), [group.id for group in spec.groups]) == ("thu", 2, ["nguoi_dan", "can_bo"])


def test_units_without_dossiers_are_those_the_framework_excludes(small, facts):
    for here in (small, scene(Size.PROVINCE, facts)):
        declared = {entry.unit for entry in catalogue.framework(here.framework).not_applicable}
        assert {unit.id for unit in here.units if not unit.dossiers} == declared


def test_the_small_scene_is_dak_lak_of_2019(small):
    assert Counter(unit.kind for unit in small.units) == {"department": 18, "district": 15}
    posts = {group.id: len(group.posts) for group in small.groups}
    assert posts == {"nguoi_dan": 0, "to_chuc": 0, "hdnd": 120, "huyen": 150, "xa": 184, "cong_chuc": 264}


@pytest.mark.parametrize("group", ["hdnd", "xa"])
def test_lists_hold_the_home_district_and_every_department_is_in_some(small, group):
    posts = next(each for each in small.groups if each.id == group).posts
    departments = {unit.id for unit in small.units if unit.kind == "department"}
    assert all(len(post.rated) == 6 and post.rated[0] == post.office for post in posts)
    assert departments <= {unit for post in posts for unit in post.rated}
    homes = Counter((post.office, post.rated) for post in posts)
    assert len(homes) == 15 and min(homes.values()) >= 5, "each set of units is shared by k or more"


def test_no_unit_and_no_post_stands_twice(facts):
    for size in Size:
        here = scene(size, facts)
        for ids in (
            [unit.id for unit in here.units],
            [place for place, _ in here.places],
            [post.id for group in here.groups for post in group.posts],
        ):
            assert len(ids) == len(set(ids))


def test_a_unit_is_found_by_its_name(small):
    assert small.unit("Ban Dân tộc").id == "ban_dan_toc"


@pytest.mark.parametrize("size", list(Size))
def test_the_bundled_framework_can_count_each_demonstration(size, facts, tmp_path):
    made = scene(size, facts)
    spec = waves.load(wave.toml(made, TODAY), "demo")
    asked, framework = waves.documents_of(spec, tmp_path)
    assert set(asked) == {group.questionnaire for group in spec.groups}
    assert framework is not None
    assert framework.id == made.framework
