"""Drafts: nothing typed is lost between tabs, phones and the Back button; nothing can be read without the code."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey import drafts, sealing
from survey.drafts import DECLINED_UNIT, Draft
from survey.keys import WaveKeys, subkeys
from survey.store import DRAFT_MIGRATIONS, Store

pytestmark = pytest.mark.both_engines

CODE = "VWGCSHPG7MZ2"
OTHER = "000000000000"
Q1, Q2, SEX = ("so_a", "q1"), ("so_a", "q2"), ("", "sex")


@pytest.fixture
def keys(keyring) -> WaveKeys:
    return keyring.create_wave("w")


def save(store: Store, keys: WaveKeys, page, *, seen: int = 0, sitting: str = "", code: str = CODE) -> Draft:
    return drafts.merge(store, keys, "w", code, page, seen=seen, sitting=sitting)


def test_what_is_saved_comes_back_with_its_types(draft_store: Store, keys: WaveKeys):
    about = {"q1": "v3", "why": ("slow", "rude"), "visits": 0, "said": "Cảm ơn “nhiều”\n"}
    page = {**{("so_a", item): value for item, value in about.items()}, SEX: "yes"}
    assert drafts.load(draft_store, keys, CODE) == Draft()
    saved = save(draft_store, keys, page)
    loaded = drafts.load(draft_store, keys, CODE)
    assert loaded == saved
    assert loaded.revision == 1
    assert loaded.answers("so_a") == about
    assert loaded.answers() == {"sex": "yes"}
    assert drafts.load(draft_store, keys, OTHER) == Draft()


def test_a_later_value_wins_and_an_empty_one_clears_what_its_page_had_seen(draft_store: Store, keys: WaveKeys):
    first = save(draft_store, keys, {Q1: "v1", Q2: "v1"})
    second = save(draft_store, keys, {Q1: "v2", Q2: None}, seen=first.revision)
    assert second.answers("so_a") == {"q1": "v2"}


def test_an_old_page_cannot_clear_what_it_never_saw(draft_store: Store, keys: WaveKeys):
    # Tab A opened the empty page; tab B answered; A posts its page with the item empty.
    save(draft_store, keys, {Q1: "v1"}, seen=0)
    assert save(draft_store, keys, {Q1: None, Q2: "v3"}, seen=0).answers("so_a") == {"q1": "v1", "q2": "v3"}


@pytest.mark.parametrize("begun", [False, True])
def test_two_tabs_that_read_the_same_draft_lose_nothing_to_each_other(draft_store: Store, keys: WaveKeys, begun: bool):
    if begun:
        save(draft_store, keys, {SEX: "yes"})
    read = drafts.load(draft_store, keys, CODE)
    for page in ({Q1: "v1"}, {Q2: "v2"}):
        drafts.merge(draft_store, keys, "w", CODE, page, seen=read.revision, read=read)
    found = drafts.load(draft_store, keys, CODE)
    assert found.answers("so_a") == {"q1": "v1", "q2": "v2"} and found.answers() == ({"sex": "yes"} if begun else {})
    assert found.revision == read.revision + 2


def test_what_was_read_and_then_discarded_does_not_come_back_with_the_next_page(draft_store: Store, keys: WaveKeys):
    save(draft_store, keys, {Q1: "v1"})
    read = drafts.load(draft_store, keys, CODE)
    drafts.discard(draft_store, keys, CODE)
    drafts.merge(draft_store, keys, "w", CODE, {Q2: "v2"}, seen=1, read=read)
    assert drafts.load(draft_store, keys, CODE).answers("so_a") == {"q2": "v2"}


def test_a_draft_of_usual_length_takes_one_page_of_the_file(tmp_path: Path, keys: WaveKeys):
    (tmp_path / "drafts.db").touch()
    store, page = Store(tmp_path / "drafts.db", DRAFT_MIGRATIONS), {("so_abc", f"q{n}"): "v1" for n in range(25)}
    store.migrate()
    (before,) = store.connection.execute("PRAGMA page_count").fetchone()
    drafts.merge(store, keys, "w" * 35, CODE, page, seen=0)
    assert store.connection.execute("PRAGMA page_count").fetchone()[0] == before
    store.close()


def test_a_page_reached_by_back_may_still_clear_an_answer_it_posted_unchanged(draft_store: Store, keys: WaveKeys):
    shown = save(draft_store, keys, {Q1: "v1"}).revision
    save(draft_store, keys, {Q1: "v1"}, seen=shown)
    assert save(draft_store, keys, {Q1: None}, seen=shown).answers("so_a") == {}


@pytest.mark.parametrize("empty", [None, "", ()])
def test_no_kind_of_empty_value_is_stored(draft_store: Store, keys: WaveKeys, empty):
    assert save(draft_store, keys, {Q1: empty}).entries == {}


def test_a_unit_is_declined_and_undeclined_by_the_same_rule(draft_store: Store, keys: WaveKeys):
    declined = ("so_b", DECLINED_UNIT)
    first = save(draft_store, keys, {declined: "declined", ("so_b", "q1"): "v1"})
    assert first.declined == {"so_b"}
    assert first.answers("so_b") == {"q1": "v1"}  # kept, in case the mind changes again
    assert save(draft_store, keys, {declined: None}, seen=0).declined == {"so_b"}
    assert save(draft_store, keys, {declined: None}, seen=2).declined == frozenset()


def test_another_sitting_sees_nothing_and_clears_nothing(draft_store: Store, keys: WaveKeys):
    mine, theirs = drafts.new_sitting(), drafts.new_sitting()
    assert mine != theirs
    save(draft_store, keys, {Q1: "v1", Q2: "v2"}, sitting=mine)
    draft = save(draft_store, keys, {Q1: None, Q2: "v3"}, seen=1, sitting=theirs)
    assert draft.answers("so_a") == {"q1": "v1", "q2": "v3"}
    assert draft.answers("so_a", sitting=mine) == {"q1": "v1"}
    assert draft.answers("so_a", sitting=theirs) == {"q2": "v3"}
    # Typing the very same value makes it this sitting's own.
    again = save(draft_store, keys, {Q1: "v1"}, seen=2, sitting=theirs)
    assert again.answers("so_a", sitting=theirs) == {"q1": "v1", "q2": "v3"}


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.dictionaries(st.sampled_from([Q1, Q2]), st.sampled_from(["a", "b", None]))),
        max_size=12,
    )
)
def test_a_value_vanishes_only_by_an_empty_post_that_had_seen_it(posts):
    draft = Draft()
    for late, page in posts:
        seen = max(0, draft.revision - late)
        after = draft.merged(page, seen=seen)
        assert after.revision == draft.revision + 1
        for key, entry in draft.entries.items():
            if key not in after.entries:
                assert page[key] is None and entry.revision <= seen
        for key, value in page.items():
            assert value is None or after.entries[key].value == value
        draft = after


def test_pages_saved_at_once_are_all_kept(draft_store: Store, keys: WaveKeys):
    def one(number: int) -> None:
        save(draft_store, keys, {("so_a", f"i{number}"): "v1"})
        draft_store.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(24)))
    draft = drafts.load(draft_store, keys, CODE)
    assert draft.revision == 24
    assert len(draft.entries) == 24


@pytest.mark.sqlite_only
def test_the_file_shows_neither_answers_nor_code_nor_whose_it_is(draft_store: Store, keys: WaveKeys):
    save(draft_store, keys, {("so_a", "said"): "tiếng thở dài"})
    save(draft_store, keys, {("so_a", "said"): "tiếng thở dài"}, code=OTHER)
    content = b"".join(path.read_bytes() for path in Path(draft_store.path.parent).glob("drafts.db*"))
    for secret in ("thở dài", "so_a", "said", CODE, OTHER):
        assert secret.encode() not in content
    rows = draft_store.connection.execute("SELECT * FROM draft").fetchall()
    assert len({bytes(row["salt"]) for row in rows}) == 2
    assert len({len(row["sealed"]) for row in rows}) == 1


def test_the_code_without_the_waves_key_opens_nothing_nor_the_key_without_the_code(draft_store: Store, keys, keyring):
    save(draft_store, keys, {Q1: "v1"})
    row = draft_store.connection.execute("SELECT * FROM draft").fetchone()
    other_wave = keyring.create_wave("v")
    for code, key in ((CODE, other_wave.draft), (OTHER, keys.draft)):
        with pytest.raises(sealing.SealBroken):
            sealing.open_draft(row["sealed"], sealing.draft_key(code, key, row["salt"]), row["id"])


def test_a_draft_moved_to_another_row_does_not_open(draft_store: Store, keys: WaveKeys):
    save(draft_store, keys, {Q1: "v1"})
    save(draft_store, keys, {Q1: "v2"}, code=OTHER)
    with draft_store.write() as tx:
        mine, theirs = tx.connection.execute("SELECT * FROM draft").fetchall()
        for row, other in ((mine, theirs), (theirs, mine)):
            tx.connection.execute(
                "UPDATE draft SET salt = ?, sealed = ? WHERE id = ?", (other["salt"], other["sealed"], row["id"])
            )
    for code in (CODE, OTHER):
        with pytest.raises(sealing.SealBroken):
            drafts.load(draft_store, keys, code)


@pytest.mark.sqlite_only
def test_discarding_leaves_no_trace_once_the_log_is_cut(draft_store: Store, keys: WaveKeys):
    save(draft_store, keys, {Q1: "v1"})
    row = draft_store.connection.execute("SELECT * FROM draft").fetchone()
    drafts.discard(draft_store, keys, CODE)
    drafts.discard(draft_store, keys, CODE)  # nothing there: nothing to do
    assert drafts.load(draft_store, keys, CODE) == Draft()
    assert draft_store.truncate_log()
    content = b"".join(path.read_bytes() for path in Path(draft_store.path.parent).glob("drafts.db*"))
    assert bytes(row["salt"]) not in content
    assert bytes(row["sealed"])[:64] not in content


def test_a_waves_drafts_go_with_it_and_others_stay(draft_store: Store, keys: WaveKeys, keyring):
    other = keyring.create_wave("v")
    save(draft_store, keys, {Q1: "v1"})
    drafts.merge(draft_store, other, "v", CODE, {Q1: "v2"}, seen=0)
    assert drafts.discard_wave(draft_store, "w") == 1
    assert drafts.load(draft_store, keys, CODE) == Draft()
    assert drafts.load(draft_store, other, CODE).answers("so_a") == {"q1": "v2"}


def test_units_come_in_an_order_of_each_persons_own_that_never_changes():
    keys = subkeys(bytes(range(32)))
    units = [f"u{number}" for number in range(6)]
    mine = drafts.unit_order(keys, CODE, units)
    assert mine == drafts.unit_order(keys, CODE, units[::-1])
    assert sorted(mine) == units
    orders = [drafts.unit_order(keys, f"CODE{number}", units) for number in range(600)]
    for place in range(6):
        firsts = [order[place] for order in orders]
        assert all(60 < firsts.count(unit) < 145 for unit in units)  # 100 expected, 4.9 standard deviations


def test_a_draft_that_an_earlier_version_sealed_is_read():
    entries = [["so_a", "q1", "v1", 1, ""], ["", "q2", ["a", "b"], 2, "s"], ["", "q3", 7, 2, ""]]
    draft = drafts._parse(json.dumps({"revision": 2, "entries": entries}).encode(), b"")
    assert (draft.revision, draft.begun) == (2, 0)
    assert draft.answers("so_a") == {"q1": "v1"} and draft.answers() == {"q2": ("a", "b"), "q3": 7}
    assert drafts._parse(drafts._dump(draft), b"") == draft
