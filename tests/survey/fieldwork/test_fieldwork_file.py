"""The tables [fieldwork] and [payment] of a wave file."""

from __future__ import annotations

from datetime import date

import pytest

from forms.faults import Faults
from survey.fieldwork.counting import target_rate
from survey.plan import wave_file
from survey.plan.fieldwork_file import Fieldwork
from tests.conftest import WAVE


def read(more: str):
    return wave_file.load(WAVE + more, "wave.toml")


def faults(more: str) -> list[str]:
    with pytest.raises(Faults) as caught:
        read(more)
    return [str(fault) for fault in caught.value.faults]


def test_a_wave_without_the_table_declares_nothing():
    spec = read("")
    assert spec.fieldwork == Fieldwork()
    assert spec.payment is None
    assert target_rate(spec, "dan") is None


def test_what_is_declared_is_read():
    spec = read(
        "[fieldwork]\ntarget_rate = 0.7\nskip_weekends = true\ncurve = [0.5, 0.9, 1]\n"
        "holidays = [2026-03-08, { from = 2026-03-20, to = 2026-03-22 }]\n"
        "[payment]\nbasis = 'QĐ 1'\ninterviewer = 30000\nrespondent = { can_bo = 50000 }\ncolumns = ['Tài khoản']\n"
    )
    assert spec.fieldwork.holidays == {date(2026, 3, day) for day in (8, 20, 21, 22)}
    assert (spec.fieldwork.target_rate, spec.fieldwork.curve) == (0.7, (0.5, 0.9, 1.0))
    assert spec.fieldwork.skip_weekends
    assert spec.payment is not None
    assert (spec.payment.interviewer, spec.payment.respondent) == (30000, (("can_bo", 50000),))


def test_a_group_goes_before_the_wave_and_the_design_after_it():
    own = WAVE.replace('assesses = "dossier"', 'assesses = "dossier"\ntarget_rate = 0.9', 1)
    planned = own.replace('design = { method = "census" }', 'design = { method = "census", response = 0.6 }')
    spec = wave_file.load(planned, "wave.toml")
    assert (target_rate(spec, "dan"), target_rate(spec, "can_bo")) == (0.9, 0.6)
    spec = wave_file.load(planned + "[fieldwork]\ntarget_rate = 0.5\n", "wave.toml")
    assert (target_rate(spec, "dan"), target_rate(spec, "can_bo")) == (0.9, 0.5)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("target_rate = 1.5", "“target_rate” is 1.5, but must be from 0.01 to 1"),
        ("colour = 1", "unknown key “colour”"),
        ("holidays = 3", "“holidays” must be a list of days"),
        ("holidays = ['Tết']", "must be a day such as 2027-02-05"),
        ("holidays = [2026-03-08T10:00:00]", "must be a day such as 2027-02-05"),
        ("holidays = [{ from = 2026-03-08 }]", "must be a day such as 2027-02-05"),
        ("holidays = [{ from = 2026-03-08, to = 2026-03-01 }]", "is no span of days within a year"),
        ("holidays = [{ from = 2026-03-01, to = 2026-03-31 }]", "no working day is left between 2026-03-01 and"),
        ("curve = 1", "“curve” must be a list of 2 to 400 shares"),
        ("curve = [1]", "“curve” must be a list of 2 to 400 shares"),
        ("curve = [0.1, 'x']", "must be a number"),
        ("curve = [0.5, 0.4, 1]", "“curve” is cumulative: it cannot fall"),
        ("curve = [0.5, 0.9]", "“curve” ends with 0.9"),
        ("like = 'Năm ngoái'", "is not the id of a wave"),
        ("like = 'nho'", "a wave cannot be measured against its own days"),
        ("like = 'nho_2025'\ncurve = [0.5, 1]", "“curve” and “like” say the same thing twice"),
    ],
)
def test_faults_of_the_fieldwork_table(told, said):
    (found,) = faults(f"[fieldwork]\n{told}\n")
    assert said in found and found.startswith("wave.toml")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("basis = 'QĐ 1'", "nobody is paid"),
        ("interviewer = 0", "“interviewer” is 0, but must be at least 1"),
        ("respondent = { khach = 5 }", "“khach” is not a group of this wave"),
        ("respondent = { dan = 0 }", "“dan” is 0, but must be at least 1"),
        ("interviewer = 1\ncolumns = ['a', 'b', 'c', 'd', 'e']", "5 further columns do not fit a page"),
        ("interviewer = 1\ncolumns = ['a', 'a']", "is empty or stands twice"),
    ],
)
def test_faults_of_the_payment_table(told, said):
    assert any(said in found for found in faults(f"[payment]\n{told}\n"))
