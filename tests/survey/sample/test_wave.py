"""Registering waves: documents, keys, and what reading one back gives."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from forms.faults import Faults
from survey import sealing, wave
from survey.plan import wave_file
from tests.survey.sample.conftest import DOSSIERS, QUESTIONNAIRE, Office, wave_text

TEXT = wave_text(DOSSIERS)


def test_a_registered_wave_reads_back_whole(office: Office) -> None:
    made = office.register(TEXT)
    again = wave.get(office.store, "w")
    assert again == made
    assert (again.state, again.pilot, again.key_origin, again.framework) == ("draft", False, "server", None)
    assert again.spec.text == TEXT
    assert again.questionnaire_of("dan").text == QUESTIONNAIRE
    assert again.box_bytes % 512 == 0
    assert len(bytes.fromhex(again.plan_hash)) == 32


def test_a_key_made_on_the_server_is_kept_closed(office: Office) -> None:
    made = office.register(TEXT)
    private = office.instance / "keys" / "w.private"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert sealing.read_private_pem(private.read_bytes()).public == made.public_key
    assert sealing.read_public_pem((office.instance / "keys" / "w.public").read_bytes()) == made.public_key


def test_a_key_made_elsewhere_leaves_no_private_half_here(office: Office) -> None:
    office.write("ngan.toml", QUESTIONNAIRE)
    office.write("wave.toml", TEXT)
    key = office.folder / "outside.key"
    said = office.run("keygen", "-o", str(key))
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    office.run("wave", "create", str(office.folder / "wave.toml"), "--public-key", f"{key}.pub", "--pilot")
    made = wave.get(office.store, "w")
    assert (made.key_origin, made.pilot) == ("outside", True)
    assert sealing.fingerprint(made.public_key) in said
    assert sealing.read_private_pem(key.read_bytes()).public == made.public_key
    assert not (office.instance / "keys" / "w.private").exists()
    assert "2026-03-31" in office.run("wave", "list")
    assert office.run("wave", "list", "--format", "csv").startswith("wave,title,opens,closes,state,pilot,key\nw,")
    assert '"pilot": "yes"' in office.run("wave", "list", "--format", "json")


def test_a_pair_left_by_a_failed_attempt_is_used(office: Office) -> None:
    pair = sealing.generate_key_pair()
    office.keyring.save_private("w", sealing.private_pem(pair.private))
    assert office.register(TEXT).public_key == pair.public


def test_keys_are_never_written_over(office: Office) -> None:
    key = office.folder / "w.key"
    office.run("keygen", "-o", str(key))
    before = key.read_bytes()
    with pytest.raises(Faults, match="exists already"):
        office.run("keygen", "-o", str(key))
    (office.folder / "w.key.pub").unlink()
    with pytest.raises(Faults, match="exists already"):
        office.run("keygen", "-o", str(key))
    assert key.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read"), (b"no key", "is no PEM public key")],
)
def test_what_is_no_public_key_is_refused(office: Office, content: bytes | None, said: str) -> None:
    office.write("ngan.toml", QUESTIONNAIRE)
    office.write("wave.toml", TEXT)
    file = office.folder / "some.pub"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Faults, match=said):
        office.run("wave", "create", str(office.folder / "wave.toml"), "--public-key", str(file))
    with pytest.raises(Faults, match="none is registered"):
        wave.get(office.store, "w")


def test_a_plan_cannot_be_changed_under_its_name(office: Office) -> None:
    made = office.register(TEXT)
    before = office.dump()
    with pytest.raises(Faults, match="there is a wave “w” already"):
        office.register(TEXT.replace("n = 60", "n = 61"))
    assert office.dump() == before
    assert office.register(TEXT.replace('id = "w"', 'id = "w2"')).plan_hash != made.plan_hash
    with pytest.raises(Faults, match="there is no wave “v”; registered: w, w2"):
        wave.get(office.store, "v")


def test_a_bundled_framework_that_could_not_count_the_wave_is_refused(tmp_path: Path) -> None:
    text = TEXT.replace('"ngan.toml"', '"citizen"').replace("id", 'framework = "daklak_2019"\nid', 1)
    with pytest.raises(Faults) as caught:
        wave.documents_of(wave_file.load(text, "w"), tmp_path)
    said = {str(fault) for fault in caught.value.faults}
    assert "daklak_2019: the wave has no group “hdnd”" in said
    assert ("daklak_2019: “institutions_text_quality” is scored by “institutions_consult”, which no questionnaire of "
            "the wave asks") in said  # fmt: skip


def test_a_framework_for_other_kinds_of_unit_is_refused(tmp_path: Path) -> None:
    text = TEXT.replace('"ngan.toml"', '"citizen"').replace("id", 'framework = "daklak_2019"\nid', 1)
    text = text.replace('kind = "department"', 'kind = "ward"')
    with pytest.raises(Faults, match=r"the framework knows none of the wave's kinds of unit \(ward\)"):
        wave.documents_of(wave_file.load(text, "w"), tmp_path)


def test_every_document_that_is_missing_is_told(tmp_path: Path) -> None:
    two = TEXT + DOSSIERS.replace('id = "dan"', 'id = "khac"').replace("ngan.toml", "citizens")
    with pytest.raises(Faults) as caught:
        wave.documents_of(wave_file.load(two, "w"), tmp_path)
    said = [str(fault) for fault in caught.value.faults]
    assert len(said) == 2
    assert "ngan.toml: cannot be read" in said[0]
    assert "“citizens” is neither bundled (citizen, organisation, official, self) nor the name" in said[1]


def test_a_framework_of_ones_own_is_checked_with_the_items_asked(tmp_path: Path) -> None:
    (tmp_path / "ngan.toml").write_text(QUESTIONNAIRE, "utf-8")
    (tmp_path / "khung.toml").write_text('id = "khung"\n', "utf-8")
    spec = wave_file.load(TEXT.replace("id", 'framework = "khung.toml"\nid', 1), "w")
    with pytest.raises(Faults, match=r"khung\.toml"):
        wave.documents_of(spec, tmp_path)
