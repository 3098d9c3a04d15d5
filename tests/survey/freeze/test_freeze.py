"""From sealed boxes to the dataset: what is in it, and what stops it."""

from __future__ import annotations

import dataclasses
import errno
import gc
import json
import os
import shutil
import signal
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import closing, freeze, placed_key, sealing, seals, walk_ins, wave
from survey.commands.freeze import freeze as command
from survey.drafts import DECLINED_UNIT
from survey.freeze import columns, held
from survey.store import StoreError

from .conftest import GOOD


def rows(frozen, name: str = "assessments") -> list[dict]:
    return pq.read_table(frozen.folder / f"{name}.parquet").to_pylist()


def test_every_answer_is_a_typed_column(frozen):
    told = [row for row in rows(frozen) if row["group"] == "can_bo"]
    assert len(told) == 15
    assert {row["unit"] for row in told} == {"so_a", "so_b", "so_c"}
    of_b = next(row for row in told if row["unit"] == "so_b")
    assert (of_b["used"], of_b["q1"], of_b["q2"], of_b["visits"], of_b["sex"]) == (0, 2, 0, 2, 0)
    assert (of_b["why__slow"], of_b["why__rude"]) == (0, 1)
    of_a = next(row for row in told if row["unit"] == "so_a")
    assert of_a["why__slow"] is None, "an item that was not shown is null"
    assert (of_a["base_weight"], of_a["mode"], of_a["m_channel"]) == (1.0, "qr", None)
    citizen = next(row for row in rows(frozen) if row["group"] == "dan")
    assert (citizen["m_channel"], citizen["base_weight"], citizen["stratum"]) == ("*", 2.0, "so_a")
    types = {field.name: str(field.type) for field in pq.read_schema(frozen.folder / "assessments.parquet")}
    assert (types["respondent"], types["psu"], types["q1"], types["visits"]) == ("int64", "int32", "int8", "int32")
    assert types["unit"].startswith("dictionary")


def test_respondents_are_their_own_psu_sorted_and_named_anew_each_time(closed, keys, frozen, tmp_path):
    told = rows(frozen)
    assert [(row["stratum"], row["respondent"]) for row in told] == sorted(
        (row["stratum"], row["respondent"]) for row in told
    )
    assert len({(row["respondent"], row["psu"]) for row in told}) == len({row["psu"] for row in told}) == 11
    collected = []
    again = freeze.freeze(closed.store, closed.clock, closed.wave, keys, tmp_path / "again", who="test",
                          told=lambda *_: collected.append(gc.isenabled()))  # fmt: skip
    assert collected and not any(collected) and gc.isenabled(), "no garbage is looked for until it is done"
    assert {row["respondent"] for row in rows(again)}.isdisjoint(row["respondent"] for row in told)


def test_while_boxes_are_opened_the_log_can_be_cut(closed, keys, tmp_path):
    cut = []

    def told(done: int, total: int, text: str) -> None:
        if text == "opening boxes":
            cut.append((done, total, closed.store.truncate_log()))

    freeze.freeze(closed.store, closed.clock, closed.wave, keys, tmp_path / "d", who="test", told=told)
    assert cut == [(0, 15, True)], "nobody reads the database for as long as that takes"


def test_what_ends_a_freeze_leaves_no_opened_answer_behind(closed, tmp_path, monkeypatch):
    asked = ["--wave", "nho", "-o", str(tmp_path / "out" / "d")]
    monkeypatch.setattr(freeze, "require_apart", lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM))
    before = signal.getsignal(signal.SIGTERM)
    assert CliRunner().invoke(command, asked, obj=closed.settings.instance).exit_code == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before
    assert list((tmp_path / "out").iterdir()) == []


def test_a_dataset_that_the_log_cannot_take_is_none(closed, keys, tmp_path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise StoreError("database or disk is full")

    monkeypatch.setattr(freeze.audit, "append", full)
    with pytest.raises(StoreError):
        freeze.freeze(closed.store, closed.clock, closed.wave, keys, tmp_path / "out" / "d", who="test")
    assert list((tmp_path / "out").iterdir()) == []


def test_where_no_copy_can_be_held_the_folder_is_named(closed, keys, tmp_path, monkeypatch):
    def full(dir: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(dir / "tmpabc"))

    monkeypatch.setattr(held.tempfile, "TemporaryFile", full)
    with pytest.raises(OSError, match="No space") as stopped:
        freeze.freeze(closed.store, closed.clock, closed.wave, keys, tmp_path / "d", who="test", interim=True)
    assert stopped.value.filename == str(tmp_path)


def test_closed_or_copied_the_same_boxes_are_opened(closed, monkeypatch, tmp_path):
    monkeypatch.setattr(held, "_PIECE", 4)  # the last piece is no whole one
    with held.beside(tmp_path / "d") as copied:
        freeze.read(closed.store, closed.wave.spec.id, copied)
        assert list(copied) == list(copied) == list(held.by_pieces(closed.store, closed.wave.spec.id))
        assert len(copied) == len(set(copied)) == 15


def test_a_cell_under_k_is_left_out_with_its_comments_and_counted(frozen):
    assert Counter(row["group"] for row in rows(frozen)) == {"can_bo": 15, "dan": 6}
    counts = frozen.manifest["counts"]
    assert counts == {
        "issued": 16, "spent": 15, "boxes": 15, "respondents": 11, "assessments": 21, "screened_out": 0,
        "broke_off": 0, "too_few": 4,
    }  # fmt: skip
    assert {"kind": "left_out", "group": "dan", "respondents": 5, "k": 5} in frozen.manifest["merged_cells"]
    assert {row["text"] for row in rows(frozen, "comments")} == {f"ý kiến {serial}" for serial in range(6, 12)}


def test_comments_are_linked_to_nothing(frozen):
    told = rows(frozen, "comments")
    assert set(told[0]) == {"unit", "group", "item", "text"}
    assert "said" not in pq.read_schema(frozen.folder / "assessments.parquet").names


def test_the_design_counts_every_disposition_once_and_by_weight(frozen):
    told = {row["stratum"]: row for row in rows(frozen, "design")}
    assert (told["so_b"]["n_partial"], told["so_b"]["n_issued"], told["so_b"]["w_partial"]) == (4, 1, 14.0)
    assert (told["so_a"]["population"], told["so_a"]["drawn"], told["so_a"]["eligible_estimate"]) == (6, 6, 6.0)
    assert told["all"]["w_complete"] == 5.0
    assert told["all"]["method"] == "census"


def test_the_manifest_names_files_seals_and_how_the_key_was_made(frozen):
    manifest = frozen.manifest
    assert manifest["simulated"] is True
    assert manifest["key_origin"] == "server"
    assert [seal["number"] for seal in manifest["seals"]] == [0, 1]
    assert set(manifest["files"]) == {
        "assessments.parquet", "codebook.json", "comments.parquet", "days.parquet", "design.parquet", "pairs.parquet",
        "seals.json",
    }  # fmt: skip
    assert manifest["groups"][1]["blocks"] is False
    assert json.loads((frozen.folder / "manifest.json").read_text("utf-8")) == manifest
    assert frozen.hash == freeze.manifest.sha256(frozen.folder / "manifest.json")


def test_the_codebook_explains_items_choices_and_columns(frozen):
    told = json.loads((frozen.folder / "codebook.json").read_text("utf-8"))
    items = {item["id"]: item for item in told["items"]}
    assert items["sex"]["each"] == "respondent"
    assert items["q1"]["each"] == "unit"
    assert [(choice["position"], choice["value"]) for choice in items["q1"]["choices"]] == [
        (0, 0.0),
        (1, 0.5),
        (2, 1.0),
    ]
    assert {"name": "why__slow", "type": "int8", "item": "why", "choice": "slow"} in told["columns"]


def test_a_declined_unit_keeps_its_row_and_says_declined(scene, answer, keys, tmp_path):
    for serial in range(1, 6):
        answer(serial, so_a=GOOD, so_b=GOOD, so_c={DECLINED_UNIT: "yes"} if serial == 1 else GOOD)
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")
    frozen = freeze.freeze(scene.store, scene.clock, scene.wave, keys, tmp_path / "dataset", who="test")
    declined = [row for row in rows(frozen) if row["q1"] == -2]
    assert [(row["unit"], row["used"], row["why__slow"], row["visits"]) for row in declined] == [("so_c", -2, -2, None)]


def test_screened_out_and_broken_off_are_counted_but_not_in_the_dataset(scene, answer, keys, tmp_path):
    for serial in range(6, 11):
        answer(serial, so_a=GOOD)
    answer(11, so_a={"used": "no"})
    answer(12, so_b={"visits": 1})
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")
    frozen = freeze.freeze(scene.store, scene.clock, scene.wave, keys, tmp_path / "dataset", who="test")
    counts = frozen.manifest["counts"]
    assert (counts["boxes"], counts["respondents"], counts["screened_out"], counts["broke_off"]) == (7, 5, 1, 1)
    of_a = next(row for row in rows(frozen, "design") if row["stratum"] == "so_a")
    assert of_a["n_screened_out"] == 1
    assert of_a["eligible_estimate"] == pytest.approx(6 * (1 - 1 / 6))


def test_the_wave_is_marked_and_the_freeze_logged(closed, frozen):
    assert closed.wave.state == "frozen"
    assert any("wave frozen" in map(str, row) for row in closed.rows("audit"))


def test_an_interim_dataset_leaves_the_wave_open_and_what_is_unmixed_out(scene, answer, keys, tmp_path):
    from survey import mixing

    for serial in (*range(6, 12), 12, 13):
        answer(serial, **{"so_a" if serial < 12 else "so_b": GOOD})
    mixing.mix(scene.store, scene.identity, 5)
    frozen = freeze.freeze(scene.store, scene.clock, scene.wave, keys, tmp_path / "interim", who="test", interim=True)
    assert (frozen.manifest["interim"], frozen.manifest["counts"]["boxes"], scene.wave.state) == (True, 6, "open")
    assert frozen.manifest["counts"]["spent"] == 8


def test_two_interim_datasets_are_never_so_near_that_their_difference_tells(scene, answer, keys, tmp_path):
    from survey import mixing

    def interim(name):
        return freeze.freeze(scene.store, scene.clock, scene.wave, keys, tmp_path / name, who="test", interim=True)

    for serial in range(6, 11):
        answer(serial, so_a=GOOD)
    mixing.mix(scene.store, scene.identity, 5)
    interim("first")
    interim("the same again")
    answer(11, so_a=GOOD)
    mixing.mix(scene.store, scene.identity, 1)
    with pytest.raises(Faults, match=r"so_a × dan.*by subtraction"):
        interim("too near")
    assert not (tmp_path / "too near").exists()


def test_the_final_dataset_is_never_so_near_an_interim_one_that_their_difference_tells(scene, answer, keys, tmp_path):
    """The attack: rows of the final dataset less those of the interim one, by what they say. It finds one person."""
    from survey import mixing

    for serial in range(6, 11):
        answer(serial, so_a=GOOD)
    mixing.mix(scene.store, scene.identity, 5)
    args = scene.store, scene.clock
    freeze.freeze(*args, scene.wave, keys, tmp_path / "interim", who="test", interim=True)
    answer(11, so_a={**GOOD, "q1": "v1"})
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")

    with pytest.raises(Faults, match=r"final state.*so_a × dan.*destroy the interim dataset"):
        freeze.freeze(*args, scene.wave, keys, tmp_path / "final", who="test")
    assert not (tmp_path / "final").exists() and scene.wave.state == "closed"

    shutil.move(tmp_path / "interim", tmp_path / "kept by somebody")
    freeze.freeze(*args, scene.wave, keys, tmp_path / "final", who="test")
    assert subtracted(tmp_path / "kept by somebody", tmp_path / "final").total() == 1, "why it was refused"


def test_a_final_dataset_far_from_the_interim_one_is_written(scene, answer, keys, tmp_path):
    from survey import mixing

    for serial in range(6, 12):
        answer(serial, so_a=GOOD)
    mixing.mix(scene.store, scene.identity, 5)
    freeze.freeze(scene.store, scene.clock, scene.wave, keys, tmp_path / "interim", who="test", interim=True)
    for serial in range(12, 17):
        answer(serial, so_b=GOOD)
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")
    freeze.freeze(scene.store, scene.clock, scene.wave, keys, tmp_path / "final", who="test")
    assert subtracted(tmp_path / "interim", tmp_path / "final").total() == 5


def subtracted(earlier, later):
    """Rows of the later dataset that the earlier one does not have, by unit, group and answers."""
    first, second = (pq.read_table(folder / "assessments.parquet").to_pylist() for folder in (earlier, later))
    counts = [Counter((row["unit"], row["group"], row["q1"], row["q2"]) for row in rows) for rows in (first, second)]
    return counts[1] - counts[0]


def test_a_group_drawn_again_is_a_departure_from_the_plan(closed, keys, tmp_path):
    closed.store.connection.execute("UPDATE draw SET reason = 'danh sách cũ thiếu' WHERE grp = 'dan'")
    frozen = freeze.freeze(closed.store, closed.clock, closed.wave, keys, tmp_path / "dataset", who="test")
    assert frozen.manifest["departures"] == [
        {"kind": "drawn_again", "group": "dan", "number": 1, "reason": "danh sách cũ thiếu"}
    ]
    draws = frozen.manifest["draws"]
    assert [(draw["group"], draw["public_number"]) for draw in draws] == [("can_bo", "42"), ("dan", "42")]


def test_walk_ins_are_counted_apart_and_in_no_estimate(scene, answer, keys, tmp_path):
    for serial in range(17, 23):
        code = walk_ins.begin(scene.store, scene.keyring, scene.clock, scene.wave, "quay", "so_a")
        assert code == scene.code(serial)
        answer(serial, so_a={**GOOD, "said": "qua bảng mã QR"})
    for serial in range(12, 17):
        answer(serial, so_b=GOOD)
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")
    frozen = freeze.freeze(scene.store, scene.clock, scene.wave, keys, tmp_path / "dataset", who="test")
    assert frozen.manifest["walk_ins"] == {"dan": 6}
    assert (frozen.manifest["counts"]["boxes"], frozen.manifest["counts"]["issued"]) == (5, 16)
    assert {row["unit"] for row in rows(frozen)} == {"so_b"}
    assert rows(frozen, "comments") == []
    assert next(row for row in rows(frozen, "design") if row["stratum"] == "so_a")["n_complete"] == 0


# What stops it


def refused(scene, keys, folder: Path, **asked) -> str:
    with pytest.raises(Faults) as stopped:
        freeze.freeze(scene.store, scene.clock, scene.wave, keys, folder, who="test", **asked)
    assert not [each for each in folder.parent.iterdir() if folder.name in each.name], "something was written"
    return str(stopped.value)


def test_an_open_wave_is_not_frozen(scene, keys, tmp_path):
    assert "is open: close it first" in refused(scene, keys, tmp_path / "dataset")


def test_a_wave_that_never_opened_has_nothing_to_freeze(drawn, keys, tmp_path):
    assert "never opened" in refused(drawn, keys, tmp_path / "dataset", interim=True)


def test_another_key_is_refused_before_anything_is_opened(closed, tmp_path):
    assert "does not belong to wave" in refused(closed, sealing.generate_key_pair(), tmp_path / "dataset")


def test_nothing_is_written_over(closed, keys, frozen):
    with pytest.raises(Faults, match="exists already"):
        freeze.freeze(closed.store, closed.clock, closed.wave, keys, frozen.folder, who="test")


def test_an_altered_box_stops_everything(closed, keys, tmp_path):
    closed.store.connection.execute("UPDATE box SET box = zeroblob(length(box)) WHERE id = (SELECT min(id) FROM box)")
    assert "1 of 15 boxes do not open" in refused(closed, keys, tmp_path / "dataset")


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM box WHERE id = (SELECT min(id) FROM box)",
        "UPDATE invitation SET state = 'issued' WHERE serial = 1",
        "INSERT INTO box (id, wave, box) SELECT x'00', wave, box FROM box LIMIT 1",
        "UPDATE cell SET units = '[[\"so_a\", 9.0]]' WHERE id = 1",
        "UPDATE answered_count SET state = 'partial' WHERE cell = 1",
        "UPDATE answered_count SET n = n - 1 WHERE cell = 2",
        "DELETE FROM answered_count WHERE cell = 3",
    ],
)
def test_boxes_and_invitations_that_differ_stop_everything(closed, keys, tmp_path, statement):
    closed.store.connection.execute(statement)
    said = refused(closed, keys, tmp_path / "dataset")
    assert "boxes and invitations differ" in said
    assert "cell “" in said


def test_boxes_that_wait_stop_a_final_freeze(closed, keys, tmp_path):
    closed.store.connection.execute(
        "INSERT INTO inbox_box (id, wave, cell, box) SELECT x'01', wave, 1, box FROM box LIMIT 1"
    )
    assert "still wait to be mixed" in refused(closed, keys, tmp_path / "dataset")


def test_a_power_cut_in_the_middle_leaves_nothing(closed, keys, tmp_path, monkeypatch):
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(columns, "comments", cut)
    with pytest.raises(KeyboardInterrupt):
        freeze.freeze(closed.store, closed.clock, closed.wave, keys, tmp_path / "dataset", who="test")
    assert [each.name for each in tmp_path.iterdir() if "dataset" in each.name] == []
    assert closed.wave.state == "closed"


# The command


def test_the_command_takes_the_servers_key_when_there_is_one(closed, tmp_path):
    done = CliRunner().invoke(command, ["--wave", "nho", "-o", str(tmp_path / "out")], obj=closed.settings.instance)
    assert done.exit_code == 0, done.output
    assert "dataset" in done.stdout
    assert "15 boxes opened" in done.stderr


def test_the_command_asks_for_a_key_that_is_elsewhere(closed, tmp_path):
    os.remove(closed.settings.keys / "nho.private")
    with pytest.raises(Faults, match="name its file with --key"):
        CliRunner().invoke(
            command,
            ["--wave", "nho", "-o", str(tmp_path / "out")],
            obj=closed.settings.instance,
            catch_exceptions=False,
        )


@pytest.mark.parametrize(("content", "said"), [(None, "cannot be read"), (b"no key", "no unencrypted PEM private key")])
def test_the_command_names_a_key_file_that_is_none(closed, tmp_path, content, said):
    file = tmp_path / "some.key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Faults, match=said):
        CliRunner().invoke(
            command,
            ["--wave", "nho", "--key", str(file), "-o", str(tmp_path / "out")],
            obj=closed.settings.instance,
            catch_exceptions=False,
        )


def test_an_unknown_wave_is_said(closed):
    with pytest.raises(Faults):
        wave.get(closed.store, "nowhere")


def placed(scene, *words: str) -> object:
    """The command with the key that lies in its place."""
    options = ["--wave", "nho", "--placed", *words]
    return CliRunner().invoke(command, options, obj=scene.settings.instance, catch_exceptions=False)


def put(scene) -> None:
    """Move the server's key to where an operator places one."""
    file = placed_key.place(scene.settings.instance, "nho")
    file.parent.mkdir()
    (scene.settings.keys / "nho.private").rename(file)


def test_the_command_takes_a_placed_key_of_mode_0600_alone(closed, tmp_path):
    put(closed)
    placed_key.place(closed.settings.instance, "nho").chmod(0o640)
    with pytest.raises(Faults, match="mode 0640"):
        placed(closed, "-o", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
    placed_key.place(closed.settings.instance, "nho").chmod(0o600)
    with pytest.raises(Faults, match="exclude each other"):
        placed(closed, "--key", "x", "-o", str(tmp_path / "out"))
    assert placed(closed, "-o", str(tmp_path / "out")).exit_code == 0


def test_a_placed_key_opens_nothing_in_the_interim_unless_seal_0_says_so(drawn, tmp_path):
    put(drawn)
    with pytest.raises(Faults, match="declares no interim datasets"):
        placed(drawn, "--interim", "-o", str(tmp_path / "out"))


def test_seal_0_declares_interim_datasets_where_the_plan_does(drawn):
    known = drawn.wave
    declared = dataclasses.replace(known, spec=dataclasses.replace(known.spec, interim=True))
    with drawn.store.read() as tx:
        assert "interim" not in seals._opening(tx, known)
        assert seals._opening(tx, declared)["interim"] is True
