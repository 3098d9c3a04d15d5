"""A respondent takes away the proof that the answers are sealed, and a stranger checks it without Phiếu."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from survey import inclusion, mixing, sealed, seals
from survey.web import Web
from tests.journeys.respondent import Respondent
from tests.journeys.world import World

NOW = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)


def bare(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-I", "-S", str(sealed.SCRIPT), *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.fixture
def receipts(respondent: Callable[..., Respondent], world: World, app: Web) -> list[str]:
    """Two answered and were sealed, a third answered after the seal."""
    found = []
    for number, group in enumerate(("nguoi_dan", "lanh_dao", "cong_chuc")):
        person = respondent(group)
        person.fill_to_check()
        receipt = person.fill().element("receipt")
        assert receipt is not None
        found.append(receipt.text)
        mixing.mix(app.store, world.wave, 5, final=True)
        if number == 1:
            seals.seal(app.store, lambda: NOW, app.wave(world.wave))
    return found


def test_a_proof_can_be_checked_by_anybody(receipts, respondent, app: Web, world: World, tmp_path: Path) -> None:
    person = respondent()
    # Given a receipt under a seal, when /check is asked, then it offers the proof in the same form
    person.open("/check")
    page = person.fill({"receipt": receipts[0]})
    assert page.element("counted") is not None and len(page.forms) == 1
    for wanted, kind in (("text", "text/plain"), ("file", "application/json")):
        answer = person.client.post("/check", data={"receipt": receipts[0], "as": wanted})
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert receipts[0] not in answer.text and receipts[0].replace("-", "") not in answer.text
        assert "Set-Cookie" not in answer.headers
        assert ("attachment" in answer.headers.get("Content-Disposition", "")) == (wanted == "file")
        file = tmp_path / f"proof.{wanted}"
        file.write_text(answer.text, "utf-8")
        # Then a stranger's interpreter follows it, to the seal that witnesses hold
        with app.store.read() as tx:
            hash, first = tx.seal_last(wave=world.wave)["hash"], "0" * 64
        done = bare(str(file), "--seal", hash, "--receipt", receipts[0].lower())
        assert (done.returncode, done.stderr) == (0, "")
        assert hash in done.stdout
        assert "proof is of another receipt" in bare(str(file), "--receipt", receipts[1]).stderr
        assert "another than the one" in bare(str(file), "--seal", "f" * 64).stderr
        earlier = bare(str(file), "--seal", f"0:{first}").stderr
        assert "a proof holds seal 1 alone" in earlier and "another" not in earlier


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda proof: proof.update(leaf="00" * 32), "does not lead to the root"),
        (lambda proof: proof.update(path=[["left", "00" * 32]]), "does not lead to the root"),
        (lambda proof: proof.update(door=1), "does not lead to the root"),
        (lambda proof: proof["seal"].update(body=proof["seal"]["body"].replace("receipts", "receipt5")), "was altered"),
        (lambda proof: proof.pop("path"), "is not whole"),
    ],
)
def test_a_forged_proof_is_found(receipts, respondent, tmp_path: Path, change, said) -> None:
    proof = json.loads(respondent().client.post("/check", data={"receipt": receipts[1], "as": "file"}).text)
    change(proof)
    (tmp_path / "proof.json").write_text(json.dumps(proof), "utf-8")
    done = bare(str(tmp_path / "proof.json"))
    assert done.returncode == 1 and said in done.stderr


def test_what_no_seal_covers_has_no_proof_yet(receipts, respondent) -> None:
    person = respondent()
    for typed, shown in ((receipts[2], "counted"), ("0" * 16, "unknown")):
        page = person.post("/check", {"receipt": typed, "as": "text"})
        assert page.element(shown) is not None
        assert "bằng chứng" not in page.text


def test_the_page_shows_the_last_seal_of_every_wave(receipts, respondent, app: Web, world: World) -> None:
    with app.store.read() as tx:
        last = tx.seal_last(wave=world.wave)
    shown = respondent().open("/check").text
    assert last["hash"] in shown.replace(" ", "").replace("\n", "")
    assert "số 1, lúc 05/03/2026 09:30" in shown


def test_trees_are_kept_and_the_oldest_forgotten(receipts, app: Web, world: World) -> None:
    trees = inclusion.Trees()
    first = trees.prove(app.store, receipts[0])
    assert first is not None and first["seal"] == trees.prove(app.store, receipts[1])["seal"]  # type: ignore[index]
    for _ in range(inclusion.KEPT + 1):
        seals.seal(app.store, lambda: NOW, app.wave(world.wave))
        assert trees.prove(app.store, receipts[0]) is not None
    assert len(trees._known) == inclusion.KEPT


def test_a_tree_knows_only_its_leaves() -> None:
    for number in range(1, 20):
        values = [bytes([each]) for each in range(number)]
        tree = inclusion.grown(values)
        assert [tree.path(value) for value in values] == [seals.proof(values, value) for value in values]
        with pytest.raises(ValueError, match="not in the tree"):
            tree.path(b"\xff")
