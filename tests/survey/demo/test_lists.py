"""The simulated lists, qualities and appraised points: seeded, marked, and importable."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from dataclasses import replace

import pytest
from python_calamine import CalamineWorkbook

from analysis import appraised, previous
from forms import catalogue
from survey.demo import appraisal, population, quality
from survey.demo.scene import Size, scene

TODAY = dt.date(2026, 3, 1)


def rows(file) -> list[list[object]]:
    return CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()


@pytest.fixture(scope="module")
def files(small, qualities, tmp_path_factory):
    return population.write(small, qualities, 7, TODAY, tmp_path_factory.mktemp("lists"))


def test_every_file_says_on_top_that_nobody_in_it_exists(files):
    for file in files.values():
        assert "MÔ PHỎNG" in str(rows(file)[1][0])


def test_about_six_thousand_dossiers_of_units_that_have_any(files, small):
    told = rows(files["nguoi_dan"])
    assert tuple(told[2]) == population.DOSSIER_HEADINGS
    dossiers = told[3:] + rows(files["to_chuc"])[3:]
    assert len(dossiers) == 6000
    per_unit = Counter(row[3] for row in dossiers)
    assert set(per_unit) == {unit.name for unit in small.units if unit.dossiers}
    assert len({row[0] for row in dossiers}) == 6000


def test_dossiers_lie_in_the_year_before_and_some_are_late(files):
    late = 0
    for row in rows(files["nguoi_dan"])[3:]:
        received, due, returned = (
            dt.datetime.strptime(day, "%d/%m/%Y").date() if isinstance(day, str) else day for day in row[7:10]
        )
        assert TODAY - dt.timedelta(days=365) <= received < due
        assert received < returned < TODAY
        late += returned > due
    assert 0.05 < late / 4300 < 0.2


def test_some_people_have_several_dossiers_and_a_few_numbers_are_shared(files):
    told = rows(files["nguoi_dan"])[3:]
    persons = Counter(row[10] for row in told)
    places = Counter(person for person, _ in {(row[10], row[3]) for row in told})
    assert sum(number > 1 for number in persons.values()) > 200
    assert sum(number > 1 for number in places.values()) > 50
    assert all(str(row[12]).startswith("000") for row in told)
    assert max(Counter(row[12] for row in told).values()) > 3


def test_the_same_seed_gives_the_same_dossiers_and_another_another(small, qualities):
    def dossiers(seed: int) -> list[object]:
        return list(population._dossiers(small, small.groups[1], qualities, seed, TODAY))

    assert dossiers(7) == dossiers(7)
    assert dossiers(7) != dossiers(8)


def test_lists_of_posts_name_units_places_and_what_is_rated(files, small):
    told = rows(files["hdnd"])
    assert tuple(told[2]) == population.POST_HEADINGS
    names = {unit.name for unit in small.units}
    assert all(row[2] in names and set(str(row[4]).split("; ")) <= names for row in told[3:])
    assert len(told) - 3 == 120


def test_published_indices_are_the_quality_of_their_units(small, facts, qualities):
    assert len(quality.published(facts)) == 14
    assert qualities["so_tu_phap"] == 91.40
    unpublished = [
        qualities[unit.id]
        for unit in small.units
        if unit.kind == "district" and unit.name not in quality.published(facts)
    ]
    assert all(71.4 <= each <= 85.0 for each in unpublished)
    assert quality.qualities(small.units, facts, 1) != quality.qualities(small.units, facts, 2)
    communes = [unit for unit in scene(Size.PROVINCE, facts).units if unit.kind == "commune"]
    assert statistics.pstdev(quality.qualities(communes, facts, 1).values()) > 2


def test_appraised_points_are_read_back_without_fault_and_follow_quality(small, qualities, tmp_path):
    framework = catalogue.framework(small.framework)
    appraisal.write_appraised(small, framework, qualities, 3, tmp_path / "a.xlsx")
    units = [appraised.Unit(unit.id, unit.name, unit.kind) for unit in small.units]
    read = appraised.read(tmp_path / "a.xlsx", appraised.wanted(framework, units))
    assert set(read.points) == {unit.id for unit in small.units}
    total = {unit: sum(points.values()) for unit, points in read.points.items()}
    assert total["so_tu_phap"] > total["so_y_te"]
    assert total["thanh_pho_buon_ma_thuot"] > total["huyen_buon_don"]
    assert "MINH HỌA" in str(rows(tmp_path / "a.xlsx")[0][0])


def test_points_never_leave_their_limits(small, facts):
    framework = catalogue.framework(small.framework)
    maxima = {each.id: each.appraised_points for each in framework.kinds["department"].subcriteria}
    for wanted in (0.0, 100.0):
        points = appraisal._points(replace(small.units[0]), framework, wanted, 1)
        assert all(0 <= points[id] <= maxima[id] for id in points)


def test_the_previous_year_is_read_back(small, facts, tmp_path):
    assert appraisal.write_previous(small.units, facts, tmp_path / "p.csv") == 14
    read = previous.read(tmp_path / "p.csv", {unit.id: unit.name for unit in small.units}, [])
    assert read is not None
