"""A draft's plan is replaced, a wave copied, its closing day moved: never silently, never once it is fixed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forms.faults import Faults
from survey import create_app, replanning
from survey.config import load as load_settings
from survey.invitations import Door, door
from survey.sample import draws
from survey.wave import get
from tests.survey.sample.conftest import DOSSIERS, HEAD, QUESTIONNAIRE, Office, dossier, group_text, wave_text

PLAN = wave_text(DOSSIERS)


@pytest.fixture
def file(office: Office) -> Path:
    """A wave file beside its questionnaire; the wave is registered and has a list of 60 dossiers."""
    office.write("ngan.toml", QUESTIONNAIRE)
    written = office.write("w.toml", PLAN)
    office.run("wave", "create", str(written))
    rows = [dossier(number, ("Sở Tư pháp", "Sở Y tế", "Huyện Lắk")[number % 3]) for number in range(60)]
    office.load(get(office.store, "w"), "dan", office.csv("hs.csv", rows))
    return written


def last(office: Office) -> tuple[str, dict[str, object]]:
    row = office.store.connection.execute("SELECT action, detail FROM audit ORDER BY number DESC").fetchone()
    return row["action"], json.loads(row["detail"])


def test_a_drafts_plan_is_replaced_and_its_keys_and_lists_stay(office: Office, file: Path) -> None:
    before = get(office.store, "w")
    file.write_text(PLAN.replace("n = 60", "n = 45"), "utf-8")
    with pytest.raises(Faults, match="there is a wave “w” already; a changed plan needs another id, or --replace"):
        office.run("wave", "create", str(file))
    assert "Wave w replaced: units: 3, groups: 1." in office.run("wave", "create", "--replace", str(file))
    after = get(office.store, "w")
    assert after.spec.group("dan").design.n == 45
    assert after.plan_hash != before.plan_hash
    assert (after.public_key, after.key_origin, after.state) == (before.public_key, "server", "draft")
    assert last(office)[0] == "wave replaced"
    assert office.store.connection.execute("SELECT count(*) FROM frame_row").fetchone()[0] == 60
    draws.record_lists(office.store, office.clock, after, ["dan"])


def test_a_new_wave_may_be_created_with_replace(office: Office) -> None:
    office.write("ngan.toml", QUESTIONNAIRE)
    office.run("wave", "create", "--replace", str(office.write("w.toml", PLAN)))
    assert last(office)[0] == "wave created"


def test_a_plan_with_a_recorded_list_or_an_open_one_stays(office: Office, file: Path) -> None:
    draws.record_lists(office.store, office.clock, get(office.store, "w"), ["dan"])
    before = office.dump()
    with pytest.raises(Faults, match="wave “w” has recorded lists: its plan can no longer be replaced"):
        office.run("wave", "create", "--replace", str(file))
    office.store.connection.execute("UPDATE wave SET state = 'open'")
    with pytest.raises(Faults, match="wave “w” is open: its plan is sealed"):
        office.run("wave", "create", "--replace", str(file))
    office.store.connection.execute("UPDATE wave SET state = 'draft'")
    assert office.dump() == before


def test_a_plan_that_does_not_fit_the_lists_is_refused_with_everything_it_lacks(office: Office, file: Path) -> None:
    units = {"so_tu_phap": "Sở Tư pháp", "so_y_te": "Sở Y tế"}
    file.write_text(wave_text(DOSSIERS, units=units), "utf-8")
    with pytest.raises(Faults, match="the list of group dan names the unit “huyen_lak”, which the new plan has not"):
        office.run("wave", "create", "--replace", str(file))
    file.write_text(wave_text(group_text("khac", "own", '{ method = "census" }')), "utf-8")
    with pytest.raises(Faults, match="group dan has a list of 60 rows, but the new plan has no such group"):
        office.run("wave", "create", "--replace", str(file))


def test_another_key_needs_another_wave(office: Office, file: Path) -> None:
    office.run("keygen", "-o", str(office.folder / "k"))
    with pytest.raises(Faults, match="wave “w” keeps its key pair"):
        office.run("wave", "create", "--replace", "--public-key", str(office.folder / "k.pub"), str(file))


def test_a_copy_has_the_plan_and_nothing_else(office: Office, file: Path) -> None:
    said = office.run("wave", "copy", "w", "w_2027", "--opens", "2027-03-01", "--closes", "2027-03-31",
                      "-o", str(office.folder / "new.toml"))  # fmt: skip
    assert "Wave w_2027 copied from w: units: 3, groups: 1." in said
    old, new = get(office.store, "w"), get(office.store, "w_2027")
    assert (new.spec.id, f"{new.spec.opens}", f"{new.spec.closes}") == ("w_2027", "2027-03-01", "2027-03-31")
    assert (new.spec.groups, new.spec.units) == (old.spec.groups, old.spec.units)
    assert new.questionnaires == old.questionnaires
    assert new.public_key != old.public_key
    assert (office.folder / "new.toml").read_text("utf-8") == new.spec.text
    assert office.store.connection.execute("SELECT count(*) FROM frame_row WHERE wave = 'w_2027'").fetchone()[0] == 0
    with pytest.raises(Faults, match="exists already"):
        office.run("wave", "copy", "w", "w3", "-o", str(office.folder / "new.toml"))
    with pytest.raises(Faults, match="there is a wave “w_2027” already"):
        office.run("wave", "copy", "w", "w_2027")
    with pytest.raises(Faults, match="“W 3” is not an id"):
        office.run("wave", "copy", "w", "W 3")


def test_only_the_waves_own_keys_change_in_a_copy(office: Office) -> None:
    head = HEAD.replace('id = "w"', 'id   = "w"   # năm 2026')
    wave = office.register(wave_text(DOSSIERS, head=head))
    spec = replanning.copied(wave, "x", None, None)
    assert spec.text == wave.spec.text.replace('"w"   # năm', '"x"   # năm', 1)
    odd = wave_text(DOSSIERS, head=HEAD.replace('id = "w"', '"id" = "y"'))
    with pytest.raises(Faults, match="the plan's “id” could not be found"):
        replanning.copied(office.register(odd), "z", None, None)


def test_a_running_server_learns_of_a_new_plan_and_a_new_day(office: Office, file: Path) -> None:
    app = create_app(load_settings(office.instance), office.clock)
    assert app.wave("w").spec.group("dan").design.n == 60
    file.write_text(PLAN.replace("n = 60", "n = 45"), "utf-8")
    office.run("wave", "create", "--replace", str(file))
    assert app.wave("w").spec.group("dan").design.n == 45
    with office.store.write() as tx:
        tx.wave_extend(wave="w", number=1, closes="2026-04-09", at="now", reason="x")
    assert f"{app.wave('w').spec.closes}" == "2026-04-09"
    assert app.wave("w").state == "draft"


def test_an_extension_moves_the_door_and_is_sealed(office: Office, file: Path) -> None:
    wave = get(office.store, "w")
    draws.record_lists(office.store, office.clock, wave, ["dan"])
    with pytest.raises(Faults, match="wave “w” is draft: only an open wave can be extended"):
        office.run("invitations", "extend", "--wave", "w", "--until", "2026-04-10", "--reason", "lũ lụt")
    draws.draw(office.store, office.clock, wave, ["dan"], "7")
    office.run("invitations", "issue", "--wave", "w")
    after = lambda: datetime(2026, 4, 5, 2, 0, tzinfo=UTC)  # noqa: E731
    assert door(get(office.store, "w"), after) is Door.OVER
    plan = get(office.store, "w").plan_hash
    replanning.extend(office.store, office.clock, get(office.store, "w"), datetime(2026, 4, 10).date(),
                      reason="lũ lụt", who="lan")  # fmt: skip
    extended = get(office.store, "w")
    assert door(extended, after) is Door.OPEN
    assert extended.plan_hash == plan
    assert last(office) == ("wave extended", {"from": "2026-03-31", "until": "2026-04-10", "reason": "lũ lụt"})
    seals = [json.loads(row[0]) for row in office.store.connection.execute("SELECT body FROM seal ORDER BY number")]
    assert len(seals) == 2
    for day, said in (("2026-04-10", "closes on 2026-04-10: 2026-04-10 is no later day"), ("2026-01-01", "no later")):
        with pytest.raises(Faults, match=said):
            office.run("invitations", "extend", "--wave", "w", "--until", day, "--reason", "x")
    with pytest.raises(Faults, match="an extension needs a reason"):
        office.run("invitations", "extend", "--wave", "w", "--until", "2026-05-10", "--reason", " ")
    late = lambda: datetime(2026, 6, 5, 2, 0, tzinfo=UTC)  # noqa: E731
    with pytest.raises(Faults, match="2026-05-10 is past"):
        replanning.extend(office.store, late, extended, datetime(2026, 5, 10).date(), reason="x", who="lan")
