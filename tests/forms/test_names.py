"""Office names as different hands write them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.names import NameFault, Names, fold, match

OFFICES = {
    "so_tu_phap": "Sở Tư pháp",
    "so_ldtbxh": "Sở Lao động - Thương binh và Xã hội",
    "thanh_tra": "Thanh tra tỉnh",
    "buon_ma_thuot": "Thành phố Buôn Ma Thuột",
    "buon_ho": "Thị xã Buôn Hồ",
    "ea_hleo": "Huyện Ea H'leo",
    "mdrak": "Huyện M'Đrắk",
    "krong_buk": "Huyện Krông Búk",
    "xa_krong_buk": "Xã Krông Búk",
    "hoa_phu": "Xã Hòa Phú",
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("so_tu_phap", "so_tu_phap"),
        ("SỞ TƯ PHÁP", "so_tu_phap"),
        ("Tư pháp", "so_tu_phap"),
        ("So Tu phap", "so_tu_phap"),
        ("Sở Lao động, Thương binh và Xã hội", "so_ldtbxh"),
        ("Sở Lao động – Thương binh và Xã hội", "so_ldtbxh"),
        ("UBND TP. Buôn Ma Thuột", "buon_ma_thuot"),
        ("Ủy ban nhân dân thành phố Buôn Ma Thuột", "buon_ma_thuot"),
        ("Uỷ ban nhân dân thị xã Buôn Hồ", "buon_ho"),
        ("uy ban nhan dan thi xa Buon Ho", "buon_ho"),
        ("Ea H’leo", "ea_hleo"),
        ("EA HLEO", "ea_hleo"),
        ("UBND huyện M'Drắk", "mdrak"),
        ("MDrak", "mdrak"),
        ("Xã Hoà Phú", "hoa_phu"),
        ("Phường Hòa Phú", "hoa_phu"),
        ("huyện Krông Búk", "krong_buk"),
        ("xa krong buk", "xa_krong_buk"),
    ],
)
def test_a_name_is_found_however_it_was_typed(written: str, meant: str) -> None:
    assert match(written, OFFICES) == meant


def test_two_candidates_stop_with_both_names() -> None:
    with pytest.raises(NameFault, match="“Krông Búk” may mean “Huyện Krông Búk” or “Xã Krông Búk”") as caught:
        match("Krông Búk", OFFICES)
    assert caught.value.found == ("Huyện Krông Búk", "Xã Krông Búk")


@pytest.mark.parametrize("written", ["Sở Y tế", "Xã Ea H'leo", "Sở", "", "Huyện Hòa Phú", "Tư phạp"])
def test_a_stranger_is_not_guessed(written: str) -> None:
    with pytest.raises(NameFault, match="is not known") as caught:
        match(written, OFFICES)
    assert caught.value.found == ()


def test_the_prefix_that_both_carry_decides() -> None:
    assert match("xã Ea Na", {"a": "Ea Na", "b": "Xã Ea Na mới", "c": "Xã Ea Na"}) == "c"


def test_the_same_prefix_goes_before_a_missing_one() -> None:
    assert match("phường Tân Lợi", {"bare": "Tân Lợi", "commune": "Xã Tân Lợi"}) == "commune"


def test_marks_matter_where_they_are_written() -> None:
    candidates = {"ne": "Xã Cư Né", "ne_": "Xã Cư Ne"}
    assert match("Cư Né", candidates) == "ne"
    assert match("Cư Ne", candidates) == "ne_"
    with pytest.raises(NameFault, match="may mean"):
        match("Cu Ne", candidates)


def test_aliases_are_names_too() -> None:
    names = Names({"so_nnmt": ["Sở Nông nghiệp và Môi trường", "Sở NN&MT"], "empty": []})
    assert names.find("Sở NN & MT") == "so_nnmt"
    assert names.find("Sở NN & MT") == "so_nnmt"  # asked twice, answered from memory
    assert names.find("empty") == "empty"


@given(st.sampled_from(sorted(OFFICES)), st.sampled_from(["NFC", "NFD"]), st.booleans())
def test_spelling_never_changes_the_meaning(office: str, form: str, upper: bool) -> None:
    written = unicodedata.normalize(form, OFFICES[office])  # type: ignore[arg-type]
    assert match(written.upper() if upper else written, OFFICES) == office


@given(st.text())
def test_folding_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)
