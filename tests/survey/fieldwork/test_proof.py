"""Proof of fieldwork: what somebody who was not there can read, and nothing that the store does not hold."""

from __future__ import annotations

import io
import json

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from survey import audit, control, invitations, replanning, seals
from survey.cli import phieu
from survey.dispositions import State
from survey.fieldwork import proof
from survey.fieldwork.papers import moment
from tests.survey.fieldwork.answered import answer, mix


def text_of(made) -> str:
    return json.dumps(made.document(), ensure_ascii=False)


@pytest.fixture
def held(planned):
    """A wave with all that a proof can tell."""
    scene = planned("[fieldwork]\ntarget_rate = 0.8\n[paper]\nagain = 0.1\n")
    run = scene.store.connection.execute
    for serial in range(1, 12):
        answer(scene, serial, "complete" if serial % 4 else "broke_off")
    mix(scene)
    invitations.record(scene.store, scene.clock, scene.wave, 12, State.REFUSED, who="lan", reason="không muốn")
    invitations.revoke(
        scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, [13], who="lan", reason="trùng người"
    )
    wave = scene.wave
    replanning.extend(
        scene.store, scene.clock, wave, wave.spec.closes.replace(month=4, day=5), reason="mưa lũ", who="lan"
    )
    run("INSERT INTO draw SELECT wave, grp, 2, salt, 'list2', design, listed_at, public_number, effective_seed,"
        " algorithm, drawn_at, 'danh sách thiếu một xã' FROM draw WHERE grp = 'dan'")  # fmt: skip
    run("INSERT INTO paper_batch VALUES ('nho', 1, 'quay', '2026-03-05', 0, 4, 3, 1, 0, 0)")
    run("INSERT INTO paper_again VALUES ('nho', 'q1', 20, 1), ('nho', '', 3, 1)")
    run("INSERT INTO counter_draw (wave, secret_hash, conduct) VALUES ('nho', 'x', ?)", (json.dumps([{
        "group": "dan", "unit": "so_a", "listed": 10, "asked": 8, "selected": 4, "handed": 3, "early": 1, "lapsed": 0,
        "repeated": 0, "questions": 8, "marks": ["under 90% asked"]}]),))  # fmt: skip
    for serial in range(6, 12):
        run("INSERT INTO contact (frame_row, wave, name, phone) SELECT frame_row, 'nho', 'Người', '09' FROM invitation"
            " WHERE serial = ?", (serial,))  # fmt: skip
    run("UPDATE wave SET state = 'closed' WHERE id = 'nho'")
    control.record_list(scene.store, scene.clock, scene.wave, who="lan")
    control.draw(scene.store, scene.clock, scene.wave, "00417", who="lan")
    return scene


def test_it_says_draw_seals_rates_calls_paper_counters_and_departures(held):
    made = proof.gather(held.store, held.clock, held.wave)
    assert [part.title for part in made.parts] == [
        "Chọn mẫu", "Niêm phong", "Số phiếu và các tỷ lệ", "Theo cơ quan, địa phương", "Phúc tra",
        "Phiếu giấy và việc nhập phiếu", "Việc phát phiếu tại quầy", "Những điểm khác phương án", "Nhật ký",
    ]  # fmt: skip
    said = text_of(made)
    for fact in ("list2", "danh sách thiếu một xã", "liền mạch, không có sai lệch", "mưa lũ", "00417", "80,0% (8/10)",
                 "5,0% (1/20)", "68,8%", held.wave.plan_hash, "Sở C", "điều tra toàn bộ"):  # fmt: skip
        assert fact in said, fact
    departures = made.parts[-2]
    assert dict(departures.facts)["Phiếu thu hồi"] == "1"
    assert [row[0] for row in departures.grids[0].rows] == [
        "Chọn mẫu lại, lần 2: Người dân",
        "Gia hạn đến hết ngày 05/4/2026",
    ]


def test_a_proof_names_no_respondent_and_no_code(held):
    said = text_of(proof.gather(held.store, held.clock, held.wave))
    assert "Người dân" in said and '"Người"' not in said
    assert not any(held.code(serial) in said.replace("-", "") for serial in range(1, 17))


def test_a_wave_that_has_only_begun_says_what_is_not_there_yet(planned, drawn=None):
    scene = planned()
    said = text_of(proof.gather(scene.store, scene.clock, scene.wave))
    assert "Chưa chọn phiếu để phúc tra." in said
    assert "Không có điểm nào khác phương án." in said
    assert "Việc nhập phiếu" not in said


def test_a_wave_that_never_opened(drawn):
    said = text_of(proof.gather(drawn.store, drawn.clock, drawn.wave))
    assert "Đợt điều tra chưa mở nên chưa có niêm phong nào." in said


def test_a_broken_chain_is_said(held):
    held.store.connection.execute("UPDATE seal SET body = replace(body, '\"responses\":0', '\"responses\":1')")
    assert "CÓ SAI LỆCH: seal 0 was altered" in text_of(proof.gather(held.store, held.clock, held.wave))


def test_answers_that_wait_are_said_to_wait(planned):
    scene = planned()
    answer(scene, 1, "complete")
    assert "1 phiếu đã thu về còn chờ trộn" in text_of(proof.gather(scene.store, scene.clock, scene.wave))


def test_late_forms_and_released_reserves_are_departures(held):
    with held.store.write() as tx:
        tx.paper_decide(wave="nho", admitted=1, reason="bưu điện chậm", who="lan", at="2026-03-20T00:00:00+00:00")
        audit.append(tx, held.clock, "lan", "late forms admitted", "nho", {"forms": 2, "reason": "bưu điện chậm"})
        audit.append(
            tx, held.clock, "lan", "reserve released", "nho", {"group": "dan", "n": 3, "reason": "thiếu phiếu"}
        )
    departures = proof.gather(held.store, held.clock, held.wave).parts[-2]
    assert dict(departures.facts)["Phiếu giấy đến muộn"] == "nhận tất cả; lý do: bưu điện chậm"
    whats = [row[0] for row in departures.grids[0].rows]
    assert "Nhận phiếu giấy đến muộn" in whats and "Bổ sung 3 người từ mẫu dự phòng: Người dân" in whats
    held.store.connection.execute("UPDATE paper_decision SET admitted = 0")
    departures = proof.gather(held.store, held.clock, held.wave).parts[-2]
    assert dict(departures.facts)["Phiếu giấy đến muộn"].startswith("không nhận")


def test_many_seals_are_shown_by_their_ends(planned):
    scene = planned()
    registered = scene.wave
    for _ in range(9):
        with scene.store.write() as tx:
            seals.write(tx, scene.clock, registered)
    (grid,) = proof.gather(scene.store, scene.clock, scene.wave).parts[1].grids
    assert [row[0] for row in grid.rows] == ["0", "5", "6", "7", "8", "9"]


def test_the_pdf_is_tagged_and_says_the_same(held, tmp_path):
    file = tmp_path / "ho_so.pdf"
    told = CliRunner().invoke(
        phieu, ["--instance", str(held.settings.instance), "proof", "--wave", "nho", "-o", str(file)],
        catch_exceptions=False,
    )  # fmt: skip
    assert "9 sections" in told.output and (file.stat().st_mode & 0o777) == 0o600
    reader = PdfReader(io.BytesIO(file.read_bytes()))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] and reader.trailer["/Root"]["/Lang"] == "vi"
    for fact in ("Hồ sơ chứng minh việc tổ chức điều tra", "mưa lũ", "Sở A", "BẢN THỬ", "NGƯỜI LẬP"):
        assert fact in text


def test_moments():
    assert moment("2026-03-10T20:05:00+00:00", "Asia/Ho_Chi_Minh") == "03:05 ngày 11/3/2026"
    assert moment("", "Asia/Ho_Chi_Minh") == ""
