"""Issuing and exporting: one invitation a drawn row, seal 0, cells of k, a log of every code that left."""

from __future__ import annotations

import json

import pytest

from forms.faults import Faults
from survey import audit, codes, invitations, issuing, sealing, seals

pytestmark = pytest.mark.both_engines

DRAW_ROW = "INSERT INTO draw_row (wave, grp, number, row_id, frame_row, stratum, size, probability, cell)"


def issue(scene) -> int:
    return issuing.issue(scene.store, scene.keyring, scene.clock, scene.wave, who="lan")


def execute(scene, statement: str, *values: object) -> None:
    with scene.store.write() as tx:
        tx.connection.execute(statement, values)


def seal_bodies(scene) -> list[dict]:
    with scene.store.read() as tx:
        return [json.loads(row["body"]) for row in tx.seal_all(wave="nho")]


def test_every_drawn_row_gets_one_invitation_and_the_wave_opens(drawn):
    execute(drawn, f"{DRAW_ROW} VALUES ('nho', 'dan', 1, 'not drawn', x'00', 's', 1, 1, NULL)")
    assert drawn.wave.state == "draft"
    assert issue(drawn) == 16
    assert drawn.wave.state == "open"
    rows = drawn.rows("invitation")
    assert sorted(row[2] for row in rows) == list(range(1, 17))
    assert len({row[6] for row in rows}) == 16
    assert {row[7] for row in rows} == {"issued"}
    totals = {(row[2], row[3]): row[6] for row in drawn.rows("day_count")}
    assert totals["", "dan"] == 11 and totals["", "can_bo"] == 5
    assert totals["so_a", "dan"] == 6 and totals["so_c", "can_bo"] == 5


def test_issuing_again_adds_only_what_is_new_and_a_seal(scene):
    assert issue(scene) == 0
    assert len(seal_bodies(scene)) == 1
    execute(scene, "INSERT INTO frame_row VALUES (x'77', 'nho', 'dan', x'77', NULL, 'so_a', 'quay', NULL, '{}')")
    execute(scene, f"{DRAW_ROW} VALUES ('nho', 'dan', 1, 'later', x'77', 'so_a', 1, 1, 1)")
    assert issue(scene) == 1
    assert scene.state(17) == "issued"
    assert [body["counts"]["dan"]["issued"] for body in seal_bodies(scene)] == [11, 12]
    assert seals.verify(scene.store, "nho") == []


def test_seal_0_fixes_key_plan_documents_draws_cells_and_invitations(scene):
    (body,) = seal_bodies(scene)
    assert body["number"] == 0
    assert body["public_key"] == sealing.fingerprint(scene.wave.public_key)
    assert body["plan"] == scene.wave.plan_hash
    assert body["questionnaires"] == {"nho.toml": scene.wave.questionnaires["nho.toml"].hash}
    assert body["cells"] == {"1": 6, "2": 5, "3": 5}
    assert {draw["grp"]: draw["list_hash"] for draw in body["draws"]} == {"dan": "list", "can_bo": "list"}
    assert body["invitations"] == seals.merkle(row[0] for row in scene.rows("invitation"))
    assert body["audit"] == scene.rows("audit")[-1][7]


def test_a_cell_of_fewer_than_k_stops_everything_and_is_named(drawn):
    execute(drawn, "DELETE FROM draw_row WHERE cell = 2 AND row_id = (SELECT min(row_id) FROM draw_row WHERE cell = 2)")
    logged = drawn.rows("audit")
    with pytest.raises(Faults, match=r"cell 2 \(dan, so_b\) holds 4 invitations, fewer than 5"):
        issue(drawn)
    assert drawn.rows("invitation") == []
    assert drawn.rows("seal") == []
    assert drawn.wave.state == "draft"
    assert drawn.rows("audit") == logged


def test_a_cell_too_long_for_its_boxes_is_found_at_issuing_not_at_a_submit(drawn):
    execute(drawn, "UPDATE cell SET stratum = ? WHERE id = 1", "x" * 1100)
    with pytest.raises(Faults, match=r"cell 1 is described in \d+ bytes too many"):
        issue(drawn)


def test_nothing_drawn_and_a_wave_that_is_over_are_said(drawn):
    execute(drawn, "UPDATE wave SET state = 'closed'")
    with pytest.raises(Faults, match="is closed"):
        issue(drawn)
    execute(drawn, "UPDATE wave SET state = 'draft'")
    execute(drawn, "DELETE FROM draw_row")
    with pytest.raises(Faults, match="run `phieu sample draw` first"):
        issue(drawn)


def test_only_the_last_draw_of_a_group_counts(drawn):
    execute(drawn, "INSERT INTO draw SELECT wave, grp, 2, salt, list_hash, design, listed_at, public_number,"
                   " effective_seed, algorithm, drawn_at, 'again' FROM draw WHERE grp = 'dan'")  # fmt: skip
    execute(drawn, "UPDATE draw_row SET number = 2 WHERE cell = 1")
    assert issue(drawn) == 11


def test_two_serials_of_one_code_get_two_codes_all_the_same(drawn, monkeypatch: pytest.MonkeyPatch):
    derive = codes.derive
    monkeypatch.setattr(codes, "derive", lambda key, serial, generation: derive(key, min(serial, 15), generation))
    assert issue(drawn) == 16
    assert {row[2]: row[3] for row in drawn.rows("invitation")}[16] == 1
    assert len({row[0] for row in drawn.rows("invitation")}) == 16


def export(scene, **chosen):
    return issuing.export_rows(
        scene.store, scene.keyring, scene.settings, scene.clock, scene.wave, who="lan", reason="in phiếu", **chosen
    )


def test_an_export_has_the_codes_that_open_the_invitations(scene):
    rows = export(scene)
    assert [row.serial for row in rows] == list(range(1, 17))
    for row in rows:
        assert row.url == f"http://127.0.0.1:8000/P/{codes.normalise(row.code)}"
        invitation = invitations.resolve(scene.store, scene.keyring, codes.normalise(row.code))
        assert invitation.serial == row.serial
    assert rows[0].units == ("so_a", "so_b", "so_c")
    assert rows[0].place == "quay"


def test_an_export_by_unit_group_and_place_leaves_revoked_codes_out(scene):
    invitations.revoke(scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, [6], who="lan", reason="x")
    assert [row.serial for row in export(scene, unit="so_a", group="dan")] == [7, 8, 9, 10, 11]
    assert [row.serial for row in export(scene, unit="so_b")] == [1, 2, 3, 4, 5, 12, 13, 14, 15, 16]
    assert export(scene, place="nowhere") == []


def test_a_reissued_invitation_is_exported_with_its_new_code(scene):
    new = issuing.reissue(scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, 6, who="lan", reason="mất")
    assert next(row.code for row in export(scene) if row.serial == 6) == codes.grouped(new)


def test_every_export_is_logged_with_its_reason_and_none_leaves_without(scene):
    export(scene, unit="so_a")
    number, _, who, action, wave, detail, _, _ = scene.rows("audit")[-1]
    assert (who, action, wave) == ("lan", "codes exported", "nho")
    assert json.loads(detail) == {"n": 11, "unit": "so_a", "place": None, "group": None, "reason": "in phiếu"}
    with pytest.raises(Faults, match="a reason is needed"):
        issuing.export_rows(scene.store, scene.keyring, scene.settings, scene.clock, scene.wave, who="lan", reason="")
    assert scene.rows("audit")[-1][0] == number
    assert audit.verify(scene.store) == []
