"""Who may key: nobody of a rated office, whatever it is called; and the setup says when nobody is there."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import health
from survey.cli import phieu
from survey.keying import keyers
from survey.plan import wave_file
from tests.conftest import WAVE

UNITS = """
[[unit]]
id = "so_noi_vu"
name.vi = "Sở Nội vụ"
kind = "department"
[[unit]]
id = "xa_ea_kar"
name.vi = "Xã Ea Kar"
kind = "commune"
"""


@pytest.mark.parametrize(
    "office",
    ["Sở A", "sở  a", "so a", "so_a", "SO_B", "Phòng Tổng hợp - Sở A", "Văn phòng, so a", "Sở A, tỉnh Đắk Lắk", ""],
)
def test_people_of_rated_offices_and_their_parts_are_refused(keyer_of, keyed_once, office):
    with pytest.raises(Faults, match="cannot key forms of wave “nho”"):
        keyer_of("Bình", office)
    assert keyers.of_wave(keyed_once.scene.store, "nho") == ()
    assert keyed_once.log("keyer added") == []


@pytest.mark.parametrize("office", ["Trường Đại học Tây Nguyên", "Bưu điện tỉnh", "Sở An ninh", "Hội Luật gia"])
def test_others_may_key(keyer_of, keyed_once, office):
    keyer_of(" Trần  Bình ", office)
    assert keyers.of_wave(keyed_once.scene.store, "nho") == (keyers.Keyer("Trần Bình", office),)
    assert keyers.get(keyed_once.scene.store, keyed_once.scene.wave, "Trần Bình").office == office
    assert office in keyed_once.log("keyer added")[0]


def test_a_place_that_a_rated_office_runs_is_that_office():
    source = WAVE.replace('name.vi = "Quầy tiếp nhận"', 'name.vi = "Quầy tiếp nhận"\nunit = "so_a"') + UNITS
    spec = wave_file.load(source, "wave.toml")
    for office in ("quầy tiếp nhận", "quay", "UBND xã Ea Kar", "Ea Kar", "Phòng CCHC Sở Nội vụ"):
        with pytest.raises(Faults, match="an office that it rates"):
            keyers.require_unrated(spec, office, "no")
    keyers.require_unrated(wave_file.load(WAVE, "wave.toml"), "quầy tiếp nhận", "no")


def test_names_are_told_apart_and_leave_with_a_reason(keyer_of, keyed_once):
    scene = keyed_once.scene
    keyer_of("Bình", "Trường")
    with pytest.raises(Faults, match="keys forms of this wave already"):
        keyer_of("Bình", "Bưu điện")
    with pytest.raises(Faults, match="name the person"):
        keyer_of("  ", "Trường")
    with pytest.raises(Faults, match="“Cúc” keys no forms"):
        keyers.get(scene.store, scene.wave, "Cúc")
    with pytest.raises(Faults, match="a reason is needed"):
        keyers.remove(scene.store, scene.clock, scene.wave, "Bình", who="lan", reason="")
    keyers.remove(scene.store, scene.clock, scene.wave, "Bình", who="lan", reason="chuyển công tác")
    with pytest.raises(Faults, match="nobody called"):
        keyers.remove(scene.store, scene.clock, scene.wave, "Bình", who="lan", reason="chuyển công tác")


def test_the_setup_says_that_nobody_can_key(keyer_of, keyed_once, settings):
    def found() -> dict[str, str]:
        return {finding.what: finding.fault for finding in health.examine(settings)}

    assert "nobody is there to key them" in found()["keyers of nho"]
    issued = CliRunner().invoke(phieu, ["--instance", str(settings.instance), "invitations", "issue", "--wave", "nho"])
    assert "warning: wave “nho” takes forms on paper, and nobody is there to key them" in issued.stderr
    keyer_of("Bình", "Trường")
    assert found()["keyers of nho"] == ""
    issued = CliRunner().invoke(phieu, ["--instance", str(settings.instance), "invitations", "issue", "--wave", "nho"])
    assert "warning" not in issued.stderr


def test_a_wave_without_paper_needs_nobody(scene, settings):
    assert keyers.missing(scene.store, scene.wave) == ""
    assert "keyers of nho" not in {finding.what for finding in health.examine(settings)}


@pytest.mark.parametrize(("mode", "paper"), [("qr", False), ("paper", True), ("interview", True), ("phone", True)])
def test_paper_is_expected_where_a_group_is_asked_on_it(mode, paper):
    source = WAVE.replace('questionnaire = "nho.toml"', f'questionnaire = "nho.toml"\nmode = "{mode}"', 1)
    assert wave_file.load(source, "wave.toml").on_paper is paper


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('keying = "triple"', "must be one of: single, double"),
        ('keying = "double"\nagain = 0.1', "leave “again” out"),
        ("again = 2", "from 0 to 1"),
        ("share = 1", "unknown key “share”"),
    ],
)
def test_a_wrong_plan_for_paper_is_a_fault_with_its_line(table, said):
    with pytest.raises(Faults, match=said):
        wave_file.load(f"{WAVE}[paper]\n{table}\n", "wave.toml")


def test_the_usual_plan_is_a_tenth():
    spec = wave_file.load(WAVE + "[paper]\n", "wave.toml")
    assert spec.paper is not None and (spec.paper.share, spec.paper.keying) == (0.1, "single")
    assert wave_file.load(WAVE, "wave.toml").paper is None
