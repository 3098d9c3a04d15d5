"""Seals: each cheat is played, and the seal that catches it is named."""

from __future__ import annotations

import ast
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.faults import Faults
from survey import audit, closing, drafts, mixing, responses, sealing, seals
from survey.drafts import Draft
from survey.responses import Outcome
from tests.survey import replanned

pytestmark = pytest.mark.both_engines


def answer(scene, *serials: int) -> None:
    for serial in serials:
        code = scene.code(serial)
        unit = "so_a" if serial < 12 else "so_b"
        args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, code
        assert isinstance(responses.save_page(*args, {(unit, "used"): "yes", (unit, "q1"): "v1"}, seen=0), Draft)
        result = responses.submit(*args, *responses.fresh_receipt(scene.keys, code))
        assert result.outcome is Outcome.RECEIVED


def sealed(scene, *serials: int) -> int:
    answer(scene, *serials)
    mixing.mix(scene.store, "nho", 5, final=True)
    return seals.seal(scene.store, scene.clock, scene.wave)


def execute(scene, statement: str, *values: object) -> None:
    with scene.store.write() as tx:
        tx.connection.execute(statement, values)


def chain(scene) -> list[tuple[str, str]]:
    with scene.store.read() as tx:
        return [(row["body"], row["hash"]) for row in tx.seal_all(wave="nho")]


VALUES = st.lists(st.binary(min_size=1, max_size=8), min_size=1, max_size=40, unique=True)


@given(VALUES)
def test_every_value_has_a_proof_and_no_other_value_has_one(values: list[bytes]):
    root = seals.merkle(values)
    assert root == seals.merkle(reversed(values))
    for value in values:
        path = seals.proof(values, value)
        assert len(path) <= 6
        assert seals.follows(value, path, root)
        assert not seals.follows(value + b"x", path, root)
    if len(values) > 1:
        assert seals.merkle(values[1:]) != root


def test_the_tree_is_that_of_rfc_6962():
    # Three leaves: the last is promoted. https://www.rfc-editor.org/rfc/rfc6962#section-2.1
    def h(data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    a, b, c = (h(b"\0" + value) for value in (b"a", b"b", b"c"))
    assert seals.merkle([b"c", b"a", b"b"]) == h(b"\1" + h(b"\1" + a + b) + c).hex()
    assert seals.merkle([]) == h(b"").hex()
    assert seals.merkle([b"a"]) == a.hex()
    with pytest.raises(ValueError, match="not in list"):
        seals.proof([b"a"], b"b")


def test_a_node_can_not_be_passed_off_as_a_leaf():
    left, right = seals.leaf(b"a"), seals.leaf(b"b")
    assert seals.merkle([b"a", b"b"]) != seals.merkle([left + right])


def test_honest_seals_verify_and_grow(scene):
    assert sealed(scene, 6, 7) == 1
    assert sealed(scene, 8, 12) == 2
    assert sealed(scene) == 3
    assert seals.verify(scene.store, "nho") == []
    bodies = [json.loads(body) for body, _ in chain(scene)]
    assert [body["responses"] for body in bodies] == [0, 2, 4, 4]
    assert [body["counts"]["dan"]["spent"] for body in bodies] == [0, 2, 4, 4]
    assert bodies[2]["boxes"] == bodies[3]["boxes"] != bodies[1]["boxes"]
    assert bodies[3]["audit"] == scene.rows("audit")[-1][7]


def test_what_was_not_mixed_is_not_sealed(scene):
    answer(scene, 6)
    seals.seal(scene.store, scene.clock, scene.wave)
    body = json.loads(chain(scene)[-1][0])
    assert (body["responses"], body["counts"]["dan"]["spent"]) == (0, 1)


def test_no_seal_before_seal_0(drawn):
    with pytest.raises(Faults, match="has no seal 0 yet"):
        seals.seal(drawn.store, drawn.clock, drawn.wave)
    assert seals.verify(drawn.store, "nho") == ["wave “nho” has no seal 0"]


@pytest.mark.parametrize(
    "cheat",
    [
        "UPDATE box SET box = x'00' WHERE id = (SELECT id FROM box ORDER BY id LIMIT 1)",
        "DELETE FROM box WHERE id = (SELECT id FROM box ORDER BY id LIMIT 1)",
        "INSERT INTO box VALUES (x'00', 'nho', x'01', 1, 0)",
        "UPDATE box SET seal = 2 WHERE id = (SELECT id FROM box WHERE seal = 1 ORDER BY id LIMIT 1)",
        "DELETE FROM receipt WHERE hash = (SELECT hash FROM receipt ORDER BY hash LIMIT 1)",
        "UPDATE receipt SET hash = x'01' WHERE hash = (SELECT hash FROM receipt ORDER BY hash LIMIT 1)",
    ],
)
def test_changing_what_a_seal_covers_is_found(scene, cheat: str):
    sealed(scene, 6, 7)
    sealed(scene, 8, 12)
    execute(scene, cheat)
    assert any("were altered, added or removed" in fault for fault in seals.verify(scene.store, "nho"))


def test_a_seal_rewritten_to_fit_is_found_by_its_hash_or_by_the_next_one(scene):
    sealed(scene, 6, 7)
    sealed(scene, 8, 12)
    body, _ = chain(scene)[1]
    forged = body.replace('"responses":2', '"responses":3')
    execute(scene, "UPDATE seal SET body = ? WHERE number = 1", forged)
    assert seals.verify_chain(chain(scene)) == ["seal 1 was altered"]
    execute(scene, "UPDATE seal SET hash = ? WHERE number = 1", hashlib.sha256(forged.encode()).hexdigest())
    assert seals.verify_chain(chain(scene)) == ["seal 2 does not follow the one before it"]


def test_a_seal_left_out_is_found(scene):
    sealed(scene, 6)
    sealed(scene, 7)
    execute(scene, "DELETE FROM seal WHERE number = 1")
    assert "seal 1 does not follow the one before it" in seals.verify_chain(chain(scene))


def test_counts_that_shrink_are_found(scene):
    sealed(scene, 6, 7)
    execute(scene, "UPDATE invitation SET state = 'issued' WHERE serial = 6")
    seals.seal(scene.store, scene.clock, scene.wave)
    assert seals.verify_chain(chain(scene)) == ["seal 2: spent of group “dan” shrank"]
    execute(scene, "DELETE FROM invitation WHERE cell = 3")
    seals.seal(scene.store, scene.clock, scene.wave)
    assert "seal 3: issued of group “can_bo” shrank" in seals.verify_chain(chain(scene))


def test_responses_that_shrink_are_found(scene):
    sealed(scene, 6, 7)
    execute(scene, "DELETE FROM box WHERE id = (SELECT id FROM box ORDER BY id LIMIT 1)")
    execute(scene, "DELETE FROM receipt WHERE hash = (SELECT hash FROM receipt ORDER BY hash LIMIT 1)")
    seals.seal(scene.store, scene.clock, scene.wave)
    assert "seal 2: the number of responses shrank" in seals.verify_chain(chain(scene))


def test_boxes_and_receipts_must_be_equal_in_number_and_share_nothing(scene):
    answer(scene, 6, 7)
    mixing.mix(scene.store, "nho", 5, final=True)
    execute(scene, "INSERT INTO box VALUES (x'00', 'nho', x'01', NULL, 0)")
    with pytest.raises(RuntimeError, match="3 mixed boxes and 2 receipts"):
        seals.seal(scene.store, scene.clock, scene.wave)
    execute(scene, "INSERT INTO receipt VALUES (?, 'nho', NULL, 0)", hashlib.sha256(b"\1").digest())
    with pytest.raises(RuntimeError, match="3 mixed boxes and 3 receipts"):
        seals.seal(scene.store, scene.clock, scene.wave)


def test_closing_takes_no_more_mixes_all_drops_drafts_and_seals(scene, engine: str):
    answer(scene, 6, 12)
    args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave
    assert isinstance(responses.save_page(*args, scene.code(7), {("so_a", "q1"): "v1"}, seen=0), Draft)
    number = closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="lan")
    assert number == 1
    assert scene.wave.state == "closed"
    assert scene.rows("inbox_box") == scene.rows("inbox_receipt") == []
    assert {row[3] for row in scene.rows("box")} == {1}
    assert drafts.load(scene.drafts, scene.keys, scene.code(7)).revision == 0
    assert scene.state(7) == "started"
    for store in (scene.store, scene.drafts) if engine == "sqlite" else ():
        assert store.path.with_name(f"{store.path.name}-wal").stat().st_size == 0
    last, proof = scene.rows("audit")[-2:]
    assert last[3] == "wave closed" and (proof[3], json.loads(str(proof[5]))) == ("drafts deleted", {"drafts": 1})
    assert seals.verify(scene.store, "nho") == audit.verify(scene.store) == []


def test_closing_again_finishes_what_was_interrupted(scene, monkeypatch: pytest.MonkeyPatch):
    answer(scene, 6)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(mixing, "mix", killed)
        with pytest.raises(KeyboardInterrupt):
            closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="lan")
    assert scene.wave.state == "closed"
    assert len(scene.rows("inbox_box")) == 1
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="lan")
    assert scene.rows("inbox_box") == []
    assert [row[3] for row in scene.rows("audit")].count("wave closed") == 1


def test_only_an_open_wave_is_closed(drawn):
    with pytest.raises(Faults, match="is draft: only an open wave"):
        closing.close(drawn.store, drawn.drafts, drawn.clock, drawn.wave, who="lan")


def test_the_key_check_wants_fingerprint_and_plan(scene):
    registered = scene.wave
    with scene.store.read() as tx:
        seals.require_public_key(tx, registered)
    body = json.loads(chain(scene)[0][0])
    assert body["public_key"] == sealing.fingerprint(scene.wave.public_key)
    with scene.store.write() as tx:
        replanned.put(tx.connection, registered.spec.text.replace("Sở A", "Sở B"), "nho")
    changed = scene.wave
    assert "seal 0 of wave “nho” names another public key or plan" in seals.verify(scene.store, "nho")
    with scene.store.read() as tx, pytest.raises(seals.KeyReplaced):
        seals.require_public_key(tx, changed)


def test_nobody_writes_a_seal_beside_another_who_does():
    """On PostgreSQL what only writes is not kept apart from a seal: both would take the same number."""
    found = []
    for file in Path(seals.__file__).parent.rglob("*.py"):
        for block in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(block, ast.With) and "seals.write(" in ast.unparse(block.body):
                found.append((file.name, ast.unparse(block.items[0].context_expr)))
    kept_apart = {name for name, opened in found if ".moving(" in opened or ".sealing(" in opened}
    assert {name for name, _ in found} - kept_apart == {"preview.py"}, "which has a store of its own"
    assert "issuing.py" in kept_apart
