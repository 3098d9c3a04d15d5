"""The one transaction, attacked: races, repeats, wrong tags, moved receipts, crashes between the steps."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections import Counter
from datetime import UTC, datetime

import pytest

from survey import boxes, closing, codes, drafts, invitations, issuing, mixing, responses, sealing, seals
from survey.drafts import Draft
from survey.responses import Outcome, Submission
from survey.store import DRAFT_MIGRATIONS, Store, StoreError
from survey.store.sqlite import SQLiteStore

pytestmark = pytest.mark.both_engines

FULL = {("so_a", "used"): "yes", ("so_a", "q1"): "v3", ("so_a", "q2"): "v2", ("", "sex"): "no"}
SENTENCE = "một câu chỉ mình tôi viết"


def save(scene, serial: int = 6, page=FULL, seen: int = 0) -> Draft | Outcome:
    return responses.save_page(
        scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, scene.code(serial), page, seen=seen
    )


def check_page(scene, serial: int = 6) -> tuple[str, str]:
    return responses.fresh_receipt(scene.keys, scene.code(serial))


def submit(scene, receipt: str, tag: str, serial: int = 6, *, code: str = "", seen: int = 0) -> Submission:
    return responses.submit(
        scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, code or scene.code(serial), receipt, tag,
        seen=seen,
    )  # fmt: skip


def answered(scene, serial: int = 6, page=FULL) -> str:
    """Answer and submit; the receipt."""
    assert isinstance(save(scene, serial, page), Draft)
    result = submit(scene, *check_page(scene, serial), serial)
    assert result.outcome is Outcome.RECEIVED
    return result.receipt


def stored(scene) -> tuple[int, int]:
    """Boxes and receipts, wherever they are."""
    return (
        len(scene.rows("inbox_box")) + len(scene.rows("box")),
        len(scene.rows("inbox_receipt")) + len(scene.rows("receipt")),
    )


def opened(scene) -> list[dict]:
    """What the boxes say to the holder of the private key."""
    wave = scene.wave
    private = sealing.read_private_pem(scene.keyring.private_file("nho").read_bytes()).private
    info = sealing.box_info("nho", wave.plan_hash)
    rows = [row[3] for row in scene.rows("inbox_box")] + [row[2] for row in scene.rows("box")]
    return [boxes.read(sealing.open_box(box, private, info)) for box in rows]


def test_a_submit_spends_the_invitation_stores_a_box_and_deletes_the_draft(scene):
    receipt = answered(scene)
    assert len(receipt) == 16 and set(receipt) <= set(codes.ALPHABET)
    assert scene.state(6) == "answered"
    (document,) = opened(scene)
    assert document["disposition"] == "complete"
    assert document["units"] == [{"unit": "so_a", "weight": 2.0, "answers": {"used": "yes", "q1": "v3", "q2": "v2"}}]
    assert scene.rows("draft", scene.drafts) == []
    assert responses.counted(scene.store, receipt) == "received"
    n = {(row[2], row[5]): row[6] for row in scene.rows("day_count")}
    assert n["so_a", "answered"] == n["", "answered"] == 1


def test_the_same_post_eight_times_shows_the_same_receipt_eight_times(scene):
    save(scene)
    receipt, tag = check_page(scene)
    shown = [submit(scene, receipt, tag) for _ in range(8)]
    assert shown == [Submission(Outcome.RECEIVED, receipt)] * 8
    assert stored(scene) == (1, 1)


def test_the_receipt_may_come_back_as_it_is_printed(scene):
    save(scene)
    receipt, tag = check_page(scene)
    assert submit(scene, codes.grouped(receipt).lower(), tag).receipt == receipt
    assert responses.counted(scene.store, f" {codes.grouped(receipt)} ") == "received"
    assert responses.counted(scene.store, "0" * 16) is None
    assert responses.counted(scene.store, "") is None


def test_the_same_post_shows_its_receipt_after_mixing_after_sealing_and_after_the_close(scene):
    save(scene)
    receipt, tag = check_page(scene)
    submit(scene, receipt, tag)
    mixing.mix(scene.store, "nho", 1)
    assert submit(scene, receipt, tag) == Submission(Outcome.RECEIVED, receipt)
    seals.seal(scene.store, scene.clock, scene.wave)
    assert responses.counted(scene.store, receipt) == "sealed"
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="lan")
    assert submit(scene, receipt, tag) == Submission(Outcome.RECEIVED, receipt)
    assert stored(scene) == (1, 1)


def racer(settings, wave, clock, keyring, code, receipt, tag, barrier, results) -> None:
    store, draft_store = Store(settings.database), Store(settings.drafts, DRAFT_MIGRATIONS)
    barrier.wait()
    try:
        results.put(responses.submit(store, draft_store, keyring, clock, wave, code, receipt, tag))
    except BaseException as error:  # seen by the parent, whatever it is
        results.put(error)


def race(scene, posts: list[tuple[str, str]], serial: int = 6) -> list[Submission]:
    """Each post from a process of its own, all at once."""
    fork = multiprocessing.get_context("fork")
    barrier, results = fork.Barrier(len(posts)), fork.Queue()
    fixed = (scene.settings, scene.wave, scene.clock, scene.keyring, scene.code(serial))
    runners = [fork.Process(target=racer, args=(*fixed, *post, barrier, results)) for post in posts]
    for runner in runners:
        runner.start()
    outcomes = [results.get(timeout=60) for _ in posts]
    for runner in runners:
        runner.join()
    assert [one for one in outcomes if not isinstance(one, Submission)] == []
    return outcomes


def test_eight_processes_with_eight_check_pages_make_exactly_one_response(scene):
    save(scene)
    outcomes = race(scene, [check_page(scene) for _ in range(8)])
    said = Counter(one.outcome for one in outcomes)
    assert said[Outcome.RECEIVED] == 1
    assert set(said) <= {Outcome.RECEIVED, Outcome.ALREADY}
    assert stored(scene) == (1, 1)
    winner = next(one.receipt for one in outcomes if one.receipt)
    assert responses.counted(scene.store, winner) == "received"
    assert {(row[2], row[5]): row[6] for row in scene.rows("day_count")}["", "answered"] == 1


def test_eight_processes_with_the_same_post_all_get_its_receipt(scene):
    save(scene)
    receipt, tag = check_page(scene)
    assert race(scene, [(receipt, tag)] * 8) == [Submission(Outcome.RECEIVED, receipt)] * 8
    assert stored(scene) == (1, 1)


@pytest.mark.parametrize("tag", ["", "0" * 32, "ý" * 32, "\udcff"])
def test_a_wrong_tag_gets_a_fresh_check_page_and_changes_nothing(scene, tag: str):
    save(scene)
    receipt, _ = check_page(scene)
    assert submit(scene, receipt, tag) == Submission(Outcome.FRESH)
    assert scene.state(6) == "started"
    assert stored(scene) == (0, 0)
    assert drafts.load(scene.drafts, scene.keys, scene.code(6)).entries


def test_a_receipt_of_ones_own_choice_is_not_taken(scene):
    save(scene)
    _, tag = check_page(scene)
    assert submit(scene, "A" * 16, tag).outcome is Outcome.FRESH
    assert stored(scene) == (0, 0)


def test_a_receipt_moved_to_another_code_gets_a_fresh_check_page(scene):
    save(scene, 6)
    save(scene, 7)
    receipt, tag = check_page(scene, 6)
    assert submit(scene, receipt, tag, 7) == Submission(Outcome.FRESH)
    submit(scene, receipt, tag, 6)
    # Known by now, and still nobody else's.
    assert submit(scene, receipt, tag, 7) == Submission(Outcome.FRESH)
    assert (scene.state(6), scene.state(7)) == ("answered", "started")


@pytest.mark.parametrize("mixed", [False, True])
def test_a_known_receipt_with_an_unspent_invitation_is_never_a_success(scene, mixed: bool):
    # Even with its right tag: the receipt is in the store, the invitation is open, so this is no repeat.
    save(scene, 6)
    save(scene, 7)
    receipt, tag = check_page(scene, 7)
    with scene.store.write() as tx:
        tx.response_add_receipt(hash=responses.receipt_hash(receipt), wave="nho", cell=1)
        tx.response_add_box(id=b"x" * 16, wave="nho", cell=1, state="complete", box=b"x")
    if mixed:
        assert mixing.mix(scene.store, "nho", 1) == 1
    before = stored(scene)
    assert submit(scene, receipt, tag, 7) == Submission(Outcome.FRESH)
    assert scene.state(7) == "started"
    assert stored(scene) == before
    assert drafts.load(scene.drafts, scene.keys, scene.code(7)).entries


def test_another_check_page_of_a_spent_invitation_is_told_received_without_a_receipt(scene):
    save(scene)
    late = check_page(scene)
    receipt = answered(scene)
    assert submit(scene, *late) == Submission(Outcome.ALREADY)
    assert submit(scene, receipt, "0" * 32) == Submission(Outcome.ALREADY)
    assert stored(scene) == (1, 1)


def test_one_persons_receipt_shows_nothing_at_anothers_spent_code(scene):
    mine, theirs = answered(scene, 6), answered(scene, 7)
    _, tag = check_page(scene, 7)
    assert submit(scene, mine, tag, 7) == Submission(Outcome.ALREADY)
    assert mine != theirs


def test_a_draft_never_begun_lost_or_older_than_its_check_page_is_not_submitted(scene):
    assert submit(scene, *check_page(scene)).outcome is Outcome.FRESH
    saved = save(scene)
    assert submit(scene, *check_page(scene), seen=saved.revision + 1).outcome is Outcome.FRESH
    drafts.discard(scene.drafts, scene.keys, scene.code(6))
    assert submit(scene, *check_page(scene), seen=saved.revision).outcome is Outcome.FRESH
    assert stored(scene) == (0, 0)
    saved = save(scene)
    assert submit(scene, *check_page(scene), seen=saved.revision).outcome is Outcome.RECEIVED


def test_a_form_gone_through_without_an_answer_is_a_break_off(scene):
    save(scene, page={("so_a", "q1"): None})
    assert submit(scene, *check_page(scene)).outcome is Outcome.RECEIVED
    assert scene.state(6) == "answered"
    assert opened(scene)[0]["disposition"] == "broke_off"


@pytest.mark.sqlite_only
def test_the_response_is_durable_before_the_draft_goes_and_the_draft_goes_before_the_receipt(scene, monkeypatch):
    steps: list[str] = []
    write, change, discard = SQLiteStore.write, SQLiteStore.change, drafts.discard

    def seen_write(store, *, durable=True, on=None):
        steps.append(f"{store.path.name} {'full' if durable else 'normal'}")
        return write(store, durable=durable, on=on)

    def seen_change(store, *, on):
        steps.append(f"{store.path.name} normal")
        return change(store, on=on)

    def seen_discard(*args) -> None:
        assert stored(scene) == (1, 1)
        steps.append("discard")
        discard(*args)

    save(scene)
    monkeypatch.setattr(SQLiteStore, "write", seen_write)
    monkeypatch.setattr(SQLiteStore, "change", seen_change)
    monkeypatch.setattr(drafts, "discard", seen_discard)
    assert submit(scene, *check_page(scene)).outcome is Outcome.RECEIVED
    assert steps == ["phieu.db full", "discard", "drafts.db normal"]


def test_killed_between_commit_and_discard_the_repeat_shows_the_receipt_and_sweeps(scene, monkeypatch):
    save(scene)
    receipt, tag = check_page(scene)
    with monkeypatch.context() as patch:
        patch.setattr(drafts, "discard", _killed)
        with pytest.raises(KeyboardInterrupt):
            submit(scene, receipt, tag)
    assert scene.state(6) == "answered"
    assert len(scene.rows("draft", scene.drafts)) == 1
    assert submit(scene, receipt, tag) == Submission(Outcome.RECEIVED, receipt)
    assert scene.rows("draft", scene.drafts) == []
    assert stored(scene) == (1, 1)


def test_a_drafts_file_that_fails_does_not_hide_the_receipt(scene, monkeypatch):
    save(scene)
    receipt, tag = check_page(scene)

    def full(*_: object) -> None:
        raise StoreError("database or disk is full")

    monkeypatch.setattr(drafts, "discard", full)
    assert submit(scene, receipt, tag) == Submission(Outcome.RECEIVED, receipt)


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("query", ["response_add_box", "response_add_receipt", "invitation_count_days"])
def test_killed_inside_the_transaction_nothing_happened_and_the_draft_is_whole(scene, monkeypatch, query: str):
    save(scene)
    receipt, tag = check_page(scene)
    with monkeypatch.context() as patch:
        patch.setattr(scene.store.queries, query, _killed_query)
        with pytest.raises(KeyboardInterrupt):
            submit(scene, receipt, tag)
    assert scene.state(6) == "started"
    assert stored(scene) == (0, 0)
    assert submit(scene, receipt, tag) == Submission(Outcome.RECEIVED, receipt)


def _killed_query(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("point", "spent"),
    [("response_add_box", False), ("response_add_receipt", False), ("invitation_count_days", False), ("", True)],
)
def test_a_process_killed_9_at_any_point_leaves_all_or_nothing(scene, monkeypatch, point: str, spent: bool):
    save(scene)
    receipt, tag = check_page(scene)

    def killed(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(scene.store.queries if point else drafts, point or "discard", killed)
        submit(scene, receipt, tag)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert (scene.state(6) == "answered") is spent
    assert stored(scene) == ((1, 1) if spent else (0, 0))
    assert submit(scene, receipt, tag) == Submission(Outcome.RECEIVED, receipt)
    assert stored(scene) == (1, 1)


def test_a_seal_0_that_was_exchanged_after_it_was_read_takes_no_answers(scene):
    save(scene)
    assert submit(scene, *check_page(scene)).outcome is Outcome.RECEIVED
    save(scene, 7)
    other = sealing.fingerprint(sealing.generate_key_pair().public)
    with scene.store.write() as tx:
        body = json.loads(tx.seal_body(wave=scene.wave.spec.id, number=0)) | {"public_key": other}
        tx.connection.execute("UPDATE seal SET body = ? WHERE number = 0", (json.dumps(body),))
    with pytest.raises(seals.KeyReplaced):
        submit(scene, *check_page(scene, 7), 7)
    assert scene.state(7) == "started"


def test_a_public_key_or_plan_that_seal_0_does_not_name_takes_no_answers(scene):
    save(scene)
    other = sealing.generate_key_pair().public
    with scene.store.write() as tx:
        tx.connection.execute("UPDATE wave SET public_key = ?", (other,))
    with pytest.raises(seals.KeyReplaced, match="names another public key"):
        submit(scene, *check_page(scene))
    with scene.store.write() as tx:
        tx.connection.execute("DELETE FROM seal")
    with pytest.raises(seals.KeyReplaced):
        submit(scene, *check_page(scene))
    assert scene.state(6) == "started"
    assert drafts.load(scene.drafts, scene.keys, scene.code(6)).entries


def test_the_holder_of_another_private_key_opens_nothing(scene):
    answered(scene)
    box = scene.rows("inbox_box")[0][3]
    with pytest.raises(sealing.SealBroken):
        sealing.open_box(box, sealing.generate_key_pair().private, sealing.box_info("nho", scene.wave.plan_hash))


def test_every_box_of_the_wave_has_one_size(scene):
    answered(scene, 6, {**FULL, ("so_a", "said"): "ạ" * 60})
    answered(scene, 7, {("so_a", "used"): "no"})
    official = {(unit, item): value for unit in ("so_a", "so_b", "so_c") for (_, item), value in FULL.items() if _}
    answered(scene, 1, official)
    assert {len(row[3]) for row in scene.rows("inbox_box")} == {scene.wave.box_bytes + sealing.OVERHEAD}
    assert sorted(document["disposition"] for document in opened(scene)) == ["complete", "complete", "screened_out"]
    assert {scene.state(serial) for serial in (1, 6, 7)} == {"answered"}


@pytest.mark.parametrize(
    ("moment", "state"),
    [("2026-02-20", "open"), ("2026-04-02", "open"), ("2026-03-10", "closed"), ("2026-03-10", "frozen")],
)
def test_outside_the_wave_nothing_is_taken_and_the_draft_stays(scene, moment: str, state: str):
    save(scene)
    page = check_page(scene)
    scene.clock.at = datetime.fromisoformat(f"{moment}T12:00:00").replace(tzinfo=UTC)
    with scene.store.write() as tx:
        tx.connection.execute("UPDATE wave SET state = ?", (state,))
    assert submit(scene, *page) == Submission(Outcome.CLOSED)
    assert save(scene) is Outcome.CLOSED
    assert stored(scene) == (0, 0)
    assert drafts.load(scene.drafts, scene.keys, scene.code(6)).entries


def test_a_wave_that_closes_between_the_look_and_the_write_takes_nothing(scene):
    save(scene)
    stale = scene.wave
    with scene.store.write() as tx:
        tx.collection_close(wave="nho")
    result = responses.submit(
        scene.store, scene.drafts, scene.keyring, scene.clock, stale, scene.code(6), *check_page(scene)
    )
    assert result == Submission(Outcome.CLOSED)
    assert stored(scene) == (0, 0)


def test_nothing_that_began_before_the_close_leaves_anything_after_it(scene, monkeypatch):
    """A worker read the wave, then the wave was closed, mixed and sealed, then the worker goes on."""
    save(scene, 6)
    save(scene, 7)
    stale = scene.wave
    refused = invitations.resolve(scene.store, scene.keyring, scene.code(8))
    invitations.refuse(scene.store, scene.clock, stale, refused)
    begun = invitations.resolve(scene.store, scene.keyring, scene.code(7))
    fresh = invitations.resolve(scene.store, scene.keyring, scene.code(9))
    old = drafts.load(scene.drafts, scene.keys, scene.code(6))
    page = check_page(scene)
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="lan")
    before = scene.rows("invitation"), scene.rows("day_count"), scene.rows("answered_count")
    args = scene.store, scene.drafts, scene.keyring, scene.clock, stale
    for serial in (6, 7, 9):
        assert responses.save_page(*args, scene.code(serial), FULL, seen=0) is Outcome.CLOSED
    monkeypatch.setattr(drafts, "load", lambda *_: old)  # read just before the close swept it
    assert responses.submit(*args, scene.code(6), *page) == Submission(Outcome.CLOSED)
    assert not invitations.start(scene.store, scene.clock, stale, fresh)
    for invitation in (begun, fresh):
        assert not invitations.refuse(scene.store, scene.clock, stale, invitation)
    assert not invitations.refuse(scene.store, scene.clock, stale, refused)
    assert not invitations.undo_refusal(scene.store, scene.clock, stale, refused, begun=False)
    assert scene.rows("draft", scene.drafts) == []
    assert stored(scene) == (0, 0)
    assert (scene.rows("invitation"), scene.rows("day_count"), scene.rows("answered_count")) == before


def test_a_page_that_the_close_overtakes_while_it_is_saved_leaves_no_draft(scene, monkeypatch):
    save(scene)
    merge = drafts.merge

    def overtaken(*args, **named):
        closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="lan")
        return merge(*args, **named)

    monkeypatch.setattr(drafts, "merge", overtaken)
    assert save(scene, page={("so_a", "q1"): "v1"}) is Outcome.CLOSED
    assert scene.rows("draft", scene.drafts) == []


def test_a_submit_that_the_close_overtakes_is_not_stored_after_the_last_seal(scene, monkeypatch):
    save(scene)
    contents = boxes.contents

    def overtaken(*args, **named):
        closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="lan")
        return contents(*args, **named)

    monkeypatch.setattr(boxes, "contents", overtaken)
    assert submit(scene, *check_page(scene)) == Submission(Outcome.CLOSED)
    assert stored(scene) == (0, 0)
    assert scene.state(6) == "started"


def test_codes_revoked_unknown_and_out_of_play_each_get_their_word(scene):
    page = check_page(scene)
    save(scene)
    with scene.store.write() as tx:
        tx.connection.execute("UPDATE invitation SET state = 'ineligible' WHERE serial = 6")
    assert submit(scene, *page).outcome is save(scene) is Outcome.CLOSED
    invitations.revoke(scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, [6], who="lan", reason="x")
    assert submit(scene, *page).outcome is save(scene) is Outcome.REVOKED
    issuing.reissue(scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, 7, who="lan", reason="x")
    assert submit(scene, *check_page(scene, 7), 7).outcome is save(scene, 7) is Outcome.REVOKED
    assert submit(scene, *page, code=scene.code(99)).outcome is save(scene, 99) is Outcome.UNKNOWN
    (scene.settings.keys / "nho.code").unlink()
    args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, "0" * 12
    assert responses.submit(*args, *page).outcome is Outcome.CLOSED
    assert responses.save_page(*args, FULL, seen=0) is Outcome.CLOSED


def test_saving_starts_the_invitation_and_keeps_the_answers(scene):
    first = save(scene)
    assert isinstance(first, Draft)
    assert scene.state(6) == "started"
    second = save(scene, page={("so_a", "q1"): None}, seen=first.revision)
    assert isinstance(second, Draft)
    assert "q1" not in second.answers("so_a")


def test_a_page_posted_over_a_refusal_undoes_it_and_so_does_a_submit(scene):
    save(scene)
    invitation = invitations.resolve(scene.store, scene.keyring, scene.code(6))
    invitations.refuse(scene.store, scene.clock, scene.wave, invitation)
    save(scene)
    assert scene.state(6) == "started"
    invitations.refuse(scene.store, scene.clock, scene.wave, invitation)
    assert submit(scene, *check_page(scene)).outcome is Outcome.RECEIVED
    assert scene.state(6) == "answered"


def test_a_page_posted_after_the_submit_is_told_so_and_leaves_no_draft(scene):
    answered(scene)
    assert save(scene) is Outcome.ALREADY
    assert scene.rows("draft", scene.drafts) == []


def test_a_submit_that_comes_while_a_page_is_saved_leaves_no_draft_behind(scene, monkeypatch):
    save(scene)
    page = check_page(scene)
    merge = drafts.merge

    def overtaken(*args, **named):
        with monkeypatch.context() as patch:
            patch.setattr(drafts, "merge", merge)
            assert submit(scene, *page).outcome is Outcome.RECEIVED
        return merge(*args, **named)

    monkeypatch.setattr(drafts, "merge", overtaken)
    assert save(scene, page={("so_a", "q1"): "v1"}) is Outcome.ALREADY
    assert scene.rows("draft", scene.drafts) == []
    assert opened(scene)[0]["units"][0]["answers"]["q1"] == "v3"


@pytest.mark.sqlite_only
def test_looking_changes_no_row(scene):
    answered(scene)
    save(scene, 7)
    before = (scene.store.connection.total_changes, scene.drafts.connection.total_changes)
    invitations.resolve(scene.store, scene.keyring, scene.code(7))
    drafts.load(scene.drafts, scene.keys, scene.code(7))
    check_page(scene, 7)
    responses.counted(scene.store, "0" * 16)
    assert (scene.store.connection.total_changes, scene.drafts.connection.total_changes) == before


@pytest.mark.sqlite_only
def test_no_code_receipt_or_answer_is_anywhere_in_the_files(scene):
    receipt = answered(scene, 6, {**FULL, ("so_a", "said"): SENTENCE})
    save(scene, 7, {("so_a", "said"): SENTENCE})
    content = b"".join(file.read_bytes() for file in scene.settings.instance.glob("*.db*"))
    dump = "\n".join([*scene.store.connection.iterdump(), *scene.drafts.connection.iterdump()])
    for secret in (SENTENCE, receipt, codes.grouped(receipt), scene.code(6), scene.code(7)):
        assert secret not in dump
        assert secret.encode().hex() not in dump.lower()
        assert secret.encode() not in content
    tables = {row[0] for row in scene.store.connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert {"box", "receipt", "inbox_box", "inbox_receipt", "invitation"} <= tables
    assert json.dumps("q1") not in "".join(line for line in dump.splitlines() if "inbox" in line)
