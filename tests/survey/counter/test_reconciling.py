"""After the close: the list against the questions, and what is published of each office."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forms.faults import Faults
from survey import closing, freeze, purging, responses, sealing, seals
from survey.counter import reconciling as counter_close
from survey.counter import secret as counter_draw
from survey.counter.desk import Answer
from survey.drafts import Draft
from survey.responses import Outcome
from tests.survey.counter.conftest import NUMBER, Counter, dossier


def answers(counter: Counter, number: str) -> None:
    """Asked, selected, printed and answered."""
    assert counter.asks(number) in (Answer.SELECTED, Answer.NOT_SELECTED)
    if not counter.selects(number):
        return
    code = counter.hands(number).row.code.replace("-", "")
    args = counter.store, counter.drafts, counter.keyring, counter.clock, counter.wave, code
    page = {("so_a", "used"): "yes", ("so_a", "q1"): "v1", ("so_a", "q2"): "v2", ("so_a", "visits"): 1}
    assert isinstance(responses.save_page(*args, page, seen=0), Draft)
    done = responses.submit(*args, *responses.fresh_receipt(counter.keyring.wave_keys("quay"), code))
    assert done.outcome is Outcome.RECEIVED


def close(counter: Counter) -> None:
    closing.close(counter.store, counter.drafts, counter.clock, counter.wave, who="điều phối")


def reconcile(counter: Counter, *, dry: bool = False) -> counter_close.Reconciled:
    return counter_close.reconcile(
        counter.store, counter.keyring, counter.clock, counter.wave, dry=dry, who="điều phối"
    )


def test_who_was_selected_and_never_asked_is_a_non_contact(counter: Counter, tmp_path: Path):
    for n in range(1, 151):
        answers(counter, f"HS-{n}")
    chosen = sum(counter.selects(f"HS-{n}") for n in range(1, 201))
    asked = sum(counter.selects(f"HS-{n}") for n in range(1, 151))
    with pytest.raises(Faults, match="reconcile after `phieu close`"):
        reconcile(counter)
    close(counter)
    keys = sealing.read_private_pem(counter.keyring.private_file("quay").read_bytes())  # type: ignore[union-attr]
    with pytest.raises(Faults, match="counter reconcile"):
        freeze.freeze(counter.store, counter.clock, counter.wave, keys, tmp_path / "d", who="x")
    with pytest.raises(Faults, match="counter reconcile"):
        purging.look(counter.store, counter.drafts, counter.settings, counter.clock, counter.wave, destroy_key=False)
    before = list(counter.store.connection.iterdump())
    assert reconcile(counter, dry=True).unreached == chosen - asked > 0
    assert list(counter.store.connection.iterdump()) == before
    done = reconcile(counter)
    assert done.unreached == chosen - asked
    (office,) = done.conduct
    assert (office.listed, office.asked, office.selected, office.handed) == (200, 150, chosen, asked)
    assert office.marks == ("under 90% asked",)
    assert reconcile(counter).unreached == 0  # again: nothing is counted twice
    assert seals.verify(counter.store, "quay") == []
    dataset = freeze.freeze(counter.store, counter.clock, counter.wave, keys, tmp_path / "d", who="x")
    assert dataset.manifest["counts"]["issued"] == chosen
    assert dataset.manifest["counts"]["respondents"] == asked
    assert dataset.manifest["counter"] == [json.loads(json.dumps(office.document()))]
    (cell,) = counter.store.connection.execute("SELECT stratum, population, drawn, method FROM design_cell").fetchall()
    assert tuple(cell) == ("so_a/dau", 200, chosen, "counter")


def test_a_cell_under_k_is_left_out_by_the_freeze_and_counted(counter: Counter, tmp_path: Path):
    counter.lists(*(dossier(f"IT-{n}", "so_b") for n in range(3)))
    for n in range(1, 101):
        answers(counter, f"HS-{n}")
    for n in range(3):
        counter.asks(f"IT-{n}")
        code = counter.hands(f"IT-{n}", mode="kiosk").row.code.replace("-", "")
        args = counter.store, counter.drafts, counter.keyring, counter.clock, counter.wave, code
        page = {("so_b", "used"): "yes", ("so_b", "q1"): "v1", ("so_b", "q2"): "v2", ("so_b", "visits"): 1}
        responses.save_page(*args, page, seen=0)
        responses.submit(*args, *responses.fresh_receipt(counter.keyring.wave_keys("quay"), code))
    close(counter)
    reconcile(counter)
    keys = sealing.read_private_pem(counter.keyring.private_file("quay").read_bytes())  # type: ignore[union-attr]
    dataset = freeze.freeze(counter.store, counter.clock, counter.wave, keys, tmp_path / "d", who="x")
    assert dataset.manifest["counts"]["too_few"] == 3


def test_hand_overs_that_the_list_does_not_confirm_count_as_early(counter: Counter):
    outs = [n for n in (f"X-{n}" for n in range(40)) if not counter.selects(n, due="2026-03-14")][:3]
    counter.lists(*(dossier(n, due="2026-03-14") for n in outs))
    for n in outs:
        assert counter.asks(n, handed_over=True) is Answer.NOT_SELECTED
    counter.lists(dossier(outs[0], due="2026-03-14", returned="2026-03-10"),
                  dossier(outs[1], due="2026-03-14", returned="2026-03-12"))  # fmt: skip
    assert counter.count("early") == 0
    close(counter)
    (office,) = reconcile(counter).conduct
    assert office.early == 2
    left = counter.store.connection.execute("SELECT count(declared_on) FROM counter_dossier").fetchone()[0]
    assert left == 0


def test_numbers_that_were_purged_cannot_be_reconciled(counter: Counter):
    counter.store.connection.execute("UPDATE contact SET reference = NULL")
    close(counter)
    with pytest.raises(Faults, match="were purged"):
        reconcile(counter)


def test_the_key_goes_to_witnesses_after_the_close_and_is_logged(counter: Counter):
    def key() -> str:
        return counter_close.reveal(
            counter.store, counter.keyring, counter.clock, counter.wave, who="x", reason="tổ giám sát"
        )

    with pytest.raises(Faults, match="the key leaves after the close"):
        key()
    close(counter)
    told = bytes.fromhex(key())
    # A witness repeats the draw with the key, the plan and the list alone.
    from survey.counter import selection as draw

    for n in range(1, 60):
        assert draw.selected(told, "dan", "so_a", f"HS-{n}", 0.3) is counter.selects(f"HS-{n}")
    assert counter.logged("counter draw key given to witnesses") == ['{"reason": "tổ giám sát"}']


def test_a_wave_without_a_counter_draw_needs_none(scene):
    counter_draw.require_reconciled(scene.store, scene.wave)
    with pytest.raises(Faults, match="asks nobody at counters"):
        counter_close.conduct(scene.store, scene.keyring, scene.wave)


def test_the_commands_from_list_to_key(sealed: Counter, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("survey.clock.now", sealed.clock)
    sealed.clock.at = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
    assert "Questions can be asked" in sealed.run("counter", "number", "--wave", "quay", NUMBER)
    rows = ["Số hồ sơ,Cơ quan giải quyết,Nơi tiếp nhận,Ngày hẹn trả,Ngày trả kết quả,Số điện thoại"]
    rows += [f"HS-{n},Sở A,Trung tâm,10/03/2026,{'10/03/2026' if n % 2 else ''},0900" for n in range(1, 21)]
    file = sealed.folder / "quay.csv"
    file.write_text("\n".join([*rows, "HS-99,Sở A,Trung tâm,30/03/2026,,"]) + "\n", "utf-8")
    asked = ("counter", "import", "--wave", "quay", "--group", "dan", str(file))
    assert "nothing changed (dry run)" in sealed.run(*asked, "--dry-run")
    said = sealed.run(*asked)
    assert "21 rows, 21 new, 0 known." in said and "1 fall due in no period" in said
    assert "0 new, 21 known" in sealed.run(*asked)
    slip = sealed.folder / "phieu.pdf"
    number = sealed.first(selected=True)
    said = sealed.run("counter", "ask", "--wave", "quay", "-o", str(slip), number)
    assert said.startswith(f"{number}: selected")
    assert slip.stat().st_mode & 0o077 == 0
    assert "so_a" in sealed.run("counter", "conduct", "--wave", "quay")
    assert json.loads(sealed.run("counter", "conduct", "--wave", "quay", "--format", "json"))[0]["questions"] == 1
    sealed.run("close", "--wave", "quay")
    assert sealed.run("counter", "reconcile", "--wave", "quay", "--format", "csv").startswith("group,unit,listed")
    assert len(sealed.run("counter", "key", "--wave", "quay", "--reason", "tổ giám sát").strip()) == 64


def test_the_dataset_of_a_counter_draw_is_counted_like_any_other(counter: Counter, tmp_path: Path):
    from analysis import dataset, weights

    for n in range(1, 201):
        answers(counter, f"HS-{n}")
    close(counter)
    chosen = len([n for n in range(1, 201) if counter.selects(f"HS-{n}")])
    reconcile(counter)
    keys = sealing.read_private_pem(counter.keyring.private_file("quay").read_bytes())  # type: ignore[union-attr]
    freeze.freeze(counter.store, counter.clock, counter.wave, keys, tmp_path / "d", who="x")
    made = weights.wave_design(dataset.open_dataset(tmp_path / "d"), "dan")
    # Conditional on its size: a simple random sample of the office's dossiers of the period.
    assert made.design.fraction.tolist() == [chosen / 200]
    assert len(made.table) == chosen
