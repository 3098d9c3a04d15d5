"""Keyed forms: one response a strip, by whatever door; second persons; power cuts; two keyers at once."""

from __future__ import annotations

import multiprocessing
from collections import Counter

import pytest

from forms.faults import Faults
from survey import audit, closing, drafts, issuing, responses
from survey.keying import finishing, held_forms, keying
from survey.keying import record as paper_record
from survey.keying.keying import Result, Sitting
from survey.keys import Keyring
from survey.store import DRAFT_MIGRATIONS, Store
from tests.survey.paper.conftest import BINH, CUC, DUNG, GOOD

pytestmark = pytest.mark.both_engines

OTHER = {**GOOD, "q2": "1"}


def held(desk) -> list:
    return desk.scene.rows("keyed_form", desk.scene.drafts)


def finish(desk, **more):
    scene = desk.scene
    return finishing.finish(
        *desk.both, scene.keyring, scene.clock, scene.wave, who="lan", reason="hết thời gian", **more
    )


def test_a_keyed_form_is_a_response_of_mode_paper_in_the_cell_of_its_invitation(keyed_once):
    keyed_once.count(1)
    assert keyed_once.key(6, {**GOOD, "sex": "2", "said": "giấy"}) is Result.STORED
    assert keyed_once.scene.state(6) == "answered"
    (document,) = keyed_once.opened()
    assert document["answered"] == "paper"
    assert document["cell"]["mode"] == "qr"
    said = {"used": "yes", "q1": "v3", "q2": "v2", "visits": 4, "said": "giấy"}
    assert document["units"] == [{"unit": "so_a", "weight": 2.0, "answers": said}]
    assert document["respondent"] == {"sex": "no"}
    assert len(keyed_once.scene.rows("inbox_receipt")) == 1
    assert {row[4] for row in keyed_once.scene.rows("day_count")} == {"qr"}  # the store knows of no answer on paper


def test_boxes_of_both_doors_look_alike(keyed_once):
    keyed_once.count(1)
    keyed_once.key(6)
    keyed_once.online(7)
    boxes = keyed_once.scene.rows("inbox_box")
    assert len({len(row[3]) for row in boxes}) == len({row[2] for row in boxes}) == 1


def test_the_same_strip_keyed_twice_makes_one_response(keyed_once):
    keyed_once.count(2)
    assert [keyed_once.key(6), keyed_once.key(6), keyed_once.key(6, keyer=CUC)] == [
        Result.STORED, Result.ANSWERED, Result.ANSWERED,
    ]  # fmt: skip
    assert len(keyed_once.opened()) == keyed_once.batch().keyed == 1


def test_a_form_also_answered_online_is_refused_and_one_begun_online_is_taken(keyed_once):
    keyed_once.count(2)
    keyed_once.online(6)
    assert keyed_once.key(6) is Result.ANSWERED
    scene = keyed_once.scene
    args = scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, scene.code(7)
    responses.save_page(*args, {("so_a", "q1"): "v1"}, seen=0)
    assert keyed_once.key(7) is Result.STORED
    assert drafts.load(scene.drafts, scene.keys, scene.code(7)).revision == 0
    done = responses.submit(*args, *responses.fresh_receipt(scene.keys, scene.code(7)))
    assert done.outcome is responses.Outcome.ALREADY
    assert len(keyed_once.opened()) == 2


def test_revoked_strips_and_codes_of_no_invitation_are_refused_with_the_reason(keyed_once):
    keyed_once.count(3)
    scene = keyed_once.scene
    old = scene.code(6)
    issuing.reissue(scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, 6, who="lan", reason="mất phiếu")
    form = keyed_once.form(6, code=old)
    assert "revoked" in form.refused
    assert keying.key(keyed_once.sitting(), form) is Result.REFUSED
    assert "no invitation" in keyed_once.form(6, code="0000-0000-0000").refused


def test_nothing_is_keyed_before_the_wave_opens_and_the_log_says_who_keyed_how_many(keyed_once):
    keyed_once.count(2)
    at = keyed_once.sitting()
    keying.begin(at, 2, who="lan")
    results = [keyed_once.key(6), keyed_once.key(6)]
    keying.end(at, results, who="lan")
    assert '"forms": 2, "keyer": "Bình"' in keyed_once.log("paper keying begun")[0]
    assert keyed_once.log("paper keyed") == ['{"answered": 1, "batch": 1, "keyer": "Bình", "stored": 1}']
    assert audit.verify(keyed_once.scene.store) == []
    keyed_once.scene.clock.at = keyed_once.scene.clock.at.replace(month=2)
    with pytest.raises(Faults, match="is not open"):
        keying.begin(at, 1, who="lan")


def test_a_form_to_be_compared_waits_as_a_draft_and_is_stored_when_another_person_has_keyed_it(compared):
    compared.count(1)
    assert compared.key(6) is Result.AGAIN
    assert compared.opened() == []  # no response yet that anything could be joined with
    assert compared.scene.state(6) == "issued"
    assert (compared.batch().held, compared.batch().left) == (1, 0)
    assert compared.key(6) is Result.SAME_PERSON
    assert compared.key(7) is Result.FULL  # who waits counts
    assert compared.key(6, {**OTHER, "said": "khác"}, keyer=CUC) is Result.STORED
    with compared.scene.store.read() as tx:
        by_office = {(row["unit"], row["kind"], row["n"]) for row in tx.arrival_counts(wave="nho")}
    assert {(kind, n) for _unit, kind, n in by_office} == {("keyed", 1), ("compared", 1), ("differed", 1)}
    assert len({unit for unit, _kind, _n in by_office}) == 1
    assert held(compared) == []
    assert compared.opened()[0]["units"][0]["answers"]["q2"] == "v2"  # the first keying stands
    told = paper_record.of_store(compared.scene.store, compared.scene.wave)
    assert told["forms_compared"] == {"compared": 1, "differed": 1, "rate": 1.0}
    assert told["overall"] == {"compared": 4, "differed": 1, "rate": 0.25}
    assert told["items"] == {}  # fewer than k cells of each


def test_rates_are_given_by_item_once_k_cells_were_compared(compared):
    compared.count(6)
    for serial in range(6, 12):
        compared.key(serial, {**GOOD, "said": "Chậm  quá!"})
        told = {**(OTHER if serial < 8 else GOOD), "said": "chậm quá" if serial != 9 else "nhanh"}
        assert compared.key(serial, told, keyer=CUC) is Result.STORED
    told = paper_record.of_store(compared.scene.store, compared.scene.wave)
    assert told["items"]["q2"] == {"compared": 6, "differed": 2, "rate": 2 / 6, "words": False}
    assert told["items"]["said"] == {"compared": 6, "differed": 1, "rate": 1 / 6, "words": True}
    assert told["overall"] == {"compared": 24, "differed": 2, "rate": 2 / 24}
    assert told["forms_compared"]["differed"] == 2
    lines = paper_record.sentences(compared.scene.store, compared.scene.wave)
    assert lines[0].startswith("two persons keyed 6 forms: 2 of 24 cells differ (8.33 %), in 2 forms")
    assert "q2: 2 of 6 differ" in lines


def test_a_seeded_share_is_keyed_again_and_nobody_sees_which_before(planned):
    desk = planned("")
    keys = desk.scene.keys
    drawn = [keying.selected(keys, f"{number:012}", 0.1) for number in range(4000)]
    assert drawn == [keying.selected(keys, f"{number:012}", 0.1) for number in range(4000)]
    assert 330 < sum(drawn) < 470  # 400 ± 3.7 standard deviations
    assert not keying.selected(keys, "1", 0.0)
    assert keying.selected(keys, "1", 1.0)
    desk.count(16)
    for serial in range(6, 17):
        again = keying.selected(keys, desk.scene.code(serial), 0.1)
        assert desk.key(serial) is (Result.AGAIN if again else Result.STORED)


def test_double_keying_stores_what_two_agree_on(double):
    double.count(1)
    assert double.key(6, {**GOOD, "said": "một"}) is Result.AGAIN
    assert double.key(6, {**GOOD, "said": "Một."}, keyer=CUC) is Result.STORED
    assert double.opened()[0]["units"][0]["answers"]["said"] == "một"
    assert (double.batch().keyed, double.batch().held) == (1, 0)


def test_double_keying_lets_a_third_person_settle(double):
    double.count(1)
    double.key(6)
    assert double.key(6, OTHER, keyer=CUC) is Result.SETTLE
    assert (double.batch().held, double.batch().unsettled) == (1, 1)
    assert double.opened() == []
    assert double.key(6, OTHER, keyer=CUC) is Result.SAME_PERSON
    assert double.key(6, {**GOOD, "q1": "1"}, keyer=DUNG) is Result.STORED
    assert double.opened()[0]["units"][0]["answers"]["q1"] == "v1"
    told = paper_record.of_store(double.scene.store, double.scene.wave)
    assert told["forms_compared"]["differed"] == 1


def test_what_nobody_settles_came_back_and_is_invalid(double):
    double.count(2)
    double.key(6)
    double.key(6, OTHER, keyer=CUC)
    double.key(7)
    with pytest.raises(Faults, match="2 forms wait for another person"):
        closing.close(*double.both, double.scene.clock, double.scene.wave, who="lan")
    assert finish(double, dry_run=True) == finishing.Finished(invalid=2)
    assert len(held(double)) == 3
    assert finish(double) == finishing.Finished(invalid=2)
    assert [double.scene.state(serial) for serial in (6, 7)] == ["damaged", "damaged"]
    assert (double.batch().damaged, double.batch().left) == (2, 0)
    assert held(double) == []
    closing.close(*double.both, double.scene.clock, double.scene.wave, who="lan")
    with pytest.raises(Faults, match="no form waits"):
        finish(double)


def test_forms_only_compared_are_stored_when_nobody_keyed_them_again(compared):
    compared.count(3)
    for serial in (6, 7, 8):
        compared.key(serial)
    compared.online(7)
    scene = compared.scene
    issuing.reissue(scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, 8, who="lan", reason="mất phiếu")
    assert finish(compared, dry_run=True) == finishing.Finished(stored=1, stale=2)
    assert finish(compared) == finishing.Finished(stored=1, stale=2)
    assert (compared.batch().keyed, compared.batch().left) == (1, 2)
    assert held(compared) == []
    assert finish(compared) == finishing.Finished()
    assert "hết thời gian" in compared.log("paper keying finished")[0]


def test_a_form_held_and_answered_online_meanwhile_is_refused_and_its_draft_goes(compared):
    compared.count(1)
    compared.key(6)
    compared.online(6)
    assert compared.key(6, keyer=CUC) is Result.ANSWERED
    assert held(compared) == []
    assert len(compared.opened()) == compared.batch().left == 1


def test_a_power_cut_between_the_two_keyings_loses_none(double, monkeypatch):
    double.count(1)
    double.key(6)
    kept = held(double)

    def cut(*args):
        raise OSError("power")

    with monkeypatch.context() as patch:
        patch.setattr(held_forms, "add", cut)
        with pytest.raises(OSError, match="power"):
            double.key(6, OTHER, keyer=CUC)
    assert held(double) == kept
    assert double.key(6, OTHER, keyer=CUC) is Result.SETTLE


@pytest.mark.parametrize("then", ["key", "finish"])
def test_a_power_cut_between_the_response_and_the_end_of_its_drafts_never_makes_two(compared, monkeypatch, then):
    compared.count(2)
    compared.key(6)

    def cut(*args):
        raise OSError("power")

    with monkeypatch.context() as patch:
        patch.setattr(held_forms, "forget", cut)
        with pytest.raises(OSError, match="power"):
            compared.key(6, keyer=CUC)
    assert len(compared.opened()) == len(held(compared)) == 1
    if then == "key":
        assert compared.key(6, keyer=CUC) is Result.ANSWERED
    else:
        assert finish(compared) == finishing.Finished(stale=1)
    assert held(compared) == []
    assert (compared.batch().keyed, compared.batch().left) == (1, 1)
    assert len(compared.opened()) == 1


def test_a_response_that_fails_to_be_booked_is_not_stored(keyed_once, monkeypatch):
    keyed_once.count(1)

    def cut(*args, **named):
        raise OSError("power")

    with monkeypatch.context() as patch:
        patch.setattr(keying, "account", cut)
        with pytest.raises(OSError, match="power"):
            keyed_once.key(6)
    assert (keyed_once.opened(), keyed_once.scene.state(6), keyed_once.batch().keyed) == ([], "issued", 0)
    assert keyed_once.key(6) is Result.STORED


def racer(settings, wave, clock, form, keyer, barrier, results) -> None:
    store, draft_store = Store(settings.database), Store(settings.drafts, DRAFT_MIGRATIONS)
    at = Sitting(store, draft_store, Keyring(settings), clock, wave, 1, keyer)
    barrier.wait()
    try:
        results.put(keying.key(at, form))
    except BaseException as error:  # seen by the parent, whatever it is
        results.put(error)


def race(desk, entries) -> Counter:
    fork = multiprocessing.get_context("fork")
    barrier, results = fork.Barrier(len(entries)), fork.Queue()
    scene = desk.scene
    runners = [
        fork.Process(target=racer, args=(scene.settings, scene.wave, scene.clock, *entry, barrier, results))
        for entry in entries
    ]
    for runner in runners:
        runner.start()
    outcomes = [results.get(timeout=60) for _ in entries]
    for runner in runners:
        runner.join()
    return Counter(outcomes)


def test_two_keyers_at_once_with_one_strip_make_one_response(keyed_once):
    keyed_once.count(5)
    form = keyed_once.form(6)
    said = race(keyed_once, [(form, keyer) for keyer in (BINH, CUC, DUNG, BINH)])
    assert said == {Result.STORED: 1, Result.ANSWERED: 3}
    assert len(keyed_once.opened()) == keyed_once.batch().keyed == 1


def test_keyers_at_once_never_key_past_what_was_counted(planned):
    desk = planned("[paper]\nagain = 0.5\n")  # some are stored, some wait: both count
    desk.count(4)
    said = race(desk, [(desk.form(serial), BINH) for serial in range(6, 14)])
    assert said[Result.FULL] == 4
    assert said[Result.STORED] + said[Result.AGAIN] == desk.batch().keyed + desk.batch().held == 4


def test_two_keyers_at_once_with_one_form_that_waits_keep_one_first_and_one_second(double):
    double.count(1)
    said = race(double, [(double.form(6), BINH), (double.form(6, OTHER), CUC)])
    assert said == {Result.AGAIN: 1, Result.SETTLE: 1}
    assert [row[1] for row in held(double)] == [1, 2]


def test_a_held_form_cannot_be_moved_to_another_code(double):
    double.count(2)
    double.key(6)
    ours, other = (held_forms.row_id(double.scene.keys, double.scene.code(serial)) for serial in (6, 7))
    double.scene.drafts.connection.execute("UPDATE keyed_form SET id = ? WHERE id = ?", (other, ours))
    with pytest.raises(ValueError, match="altered"):
        double.key(7, keyer=CUC)


@pytest.mark.sqlite_only
def test_neither_database_knows_what_was_keyed_or_joins_it_with_an_invitation(compared):
    compared.count(1)
    compared.key(6, {**GOOD, "said": "một câu chỉ có ở đây"})
    for store in compared.both:
        dump = "\n".join(store.connection.iterdump())
        assert "một câu" not in dump
        assert "Bình" not in dump.replace("Bình Định", "") or store is compared.scene.store
    lookups = {row[0] for row in compared.scene.rows("invitation")}
    assert lookups.isdisjoint(row[0] for row in held(compared))
