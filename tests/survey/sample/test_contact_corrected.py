"""A wrong telephone is put right after issue: contacts alone change, the log does not say what they were or are."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import audit, closing
from survey.cli import phieu
from survey.frames import correcting
from tests.conftest import Scene
from tests.survey.test_purge import contacts


def correct(scene: Scene, serial: int = 2, reason: str = "gọi nhầm người", **told: str) -> tuple[str, ...]:
    return correcting.correct(scene.store, scene.clock, scene.wave, serial, told, reason=reason, who="test")


def kept(scene: Scene, serial: int) -> dict[str, Any]:
    with scene.store.read() as tx:
        return dict(tx.contact_of_serial(wave="nho", serial=serial))


@pytest.fixture
def reached(scene: Scene) -> Scene:
    contacts(scene, 3)
    return scene


def test_what_is_told_is_replaced_and_the_rest_stays(reached: Scene) -> None:
    others = kept(reached, 1), kept(reached, 3)
    invitations = reached.rows("invitation")
    assert correct(reached, phone="+84 912 345 678", email="Bưởi@Example.vn ") == ("phone", "email")
    now = kept(reached, 2)
    assert (now["name"], now["phone"], now["email"]) == ("Nguyễn Thị Bưởi", "0912345678", "bưởi@example.vn")
    assert (kept(reached, 1), kept(reached, 3)) == others and reached.rows("invitation") == invitations
    assert correct(reached, phone="") == ("phone",) and kept(reached, 2)["phone"] is None


def test_the_log_tells_which_parts_and_why_and_nothing_of_either_value(reached: Scene) -> None:
    correct(reached, phone="0912345678", address="Số 1 Lê Duẩn")
    with reached.store.read() as tx:
        (entry,) = [dict(row) for row in tx.audit_all() if row["action"] == "contact corrected"]
    assert '"parts": ["phone", "address"]' in entry["detail"] and "gọi nhầm người" in entry["detail"]
    for value in ("0912345678", "0900000001", "Lê Duẩn", "Bưởi"):
        assert value not in str(reached.rows("audit"))
    assert audit.verify(reached.store) == []
    assert b"0900000001" not in reached.settings.database.read_bytes(), "the wrong number stays in a freed page"


def test_a_number_of_the_staff_is_flagged_and_one_that_is_put_right_is_not(reached: Scene) -> None:
    assert [row[0] for row in reached.rows("contact_flag")] == [kept(reached, 1)["frame_row"]]
    correct(reached, phone="0900000000")
    assert {row[0] for row in reached.rows("contact_flag")} == {kept(reached, n)["frame_row"] for n in (1, 2)}
    for serial in (1, 2):
        correct(reached, serial, phone=f"091234567{serial}")
    assert reached.rows("contact_flag") == []


@pytest.mark.parametrize(
    ("serial", "reason", "told", "said"),
    [
        (9, "x", {"phone": "1"}, "no contact under serial 9"),
        (2, " ", {"phone": "1"}, "reason"),
        (2, "x", {}, "say what is to be put right"),
        (2, "x", {"phone": "0900000001"}, "says so already"),
        (2, "x", {"email": "nobody"}, "is no e-mail address"),
        (2, "x", {"name": "=1+1"}, "formula"),
        (2, "x", {"address": "a" * 100_000}, "long|characters"),
    ],
)
def test_what_cannot_be_changes_nothing(
    reached: Scene, serial: int, reason: str, told: dict[str, str], said: str
) -> None:
    before = reached.rows("contact"), reached.rows("audit")
    with pytest.raises(Faults, match=said):
        correct(reached, serial, reason, **told)
    assert (reached.rows("contact"), reached.rows("audit")) == before


def test_after_the_close_nobody_chooses_who_is_called_for_control(reached: Scene) -> None:
    closing.close(reached.store, reached.drafts, reached.clock, reached.wave, who="test")
    with pytest.raises(Faults, match="contacts stay as they are"):
        correct(reached, phone="0912345678")


def test_the_command(reached: Scene) -> None:
    words = ["--instance", str(reached.settings.instance), "frame", "correct-contact", "--wave", "nho", "--serial", "2"]
    done = CliRunner().invoke(phieu, [*words, "--phone", "0912 345 678", "--reason", "sai số"], catch_exceptions=False)
    assert done.exit_code == 0 and "phone put right" in done.output and "reissue" in done.output
    assert kept(reached, 2)["phone"] == "0912345678"
    refused = CliRunner().invoke(phieu, [*words, "--reason", "x"])
    assert "say what is to be put right" in str(refused.exception)
