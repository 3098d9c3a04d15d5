"""Somebody who runs the server and has time: every usual way to join a person to an answer, and what it yields.

Each attack is tried on what is really there and must find nothing, and on a planted leak and must find it.
docs/anonymity.md names these tests beside what they show.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from survey import codes, drafts
from survey.store import DRAFT_MIGRATIONS, Store
from tests.anonymity import attacks as here
from tests.anonymity import attacks_over_time as over_time
from tests.anonymity import plants, postgresql_kind
from tests.anonymity.conftest import Attacked
from tests.anonymity.evidence import HIDDEN, Claim, Evidence, joined

# attack → leaks that it must find
ATTACKS = {
    here.record_linkage_on_shared_identifiers: [plants.a_dossier_number_beside_the_box],
    here.dictionary_attack_on_hashes: [plants.ids_made_of_codes],
    here.rank_matching_by_key_order: [plants.ids_that_count_upwards, plants.comments_in_the_order_of_coming],
    here.rank_matching_by_rowid: [plants.a_table_with_rowids],
    here.rank_matching_by_page_position: [plants.rows_laid_down_as_they_came],
    here.timestamp_correlation: [plants.a_column_of_times, plants.ids_with_a_clock_in_them],
    here.length_side_channel: [plants.boxes_without_padding],
    here.uniqueness_of_unit_sets: [plants.a_set_of_offices_of_ones_own],
    here.uniqueness_of_weights: [plants.a_weight_of_ones_own],
    here.record_linkage_on_everything_known: [plants.a_word_of_the_list_in_the_box],
    over_time.replay_of_the_transaction_log: [plants.a_log_that_was_not_cut],
    over_time.carving_of_free_pages: [],  # planted by the engine itself, below
    over_time.rank_matching_by_transaction: [plants.boxes_stored_by_a_transaction_each],
    over_time.differencing_of_backups: [plants.a_backup_every_few_minutes],
    over_time.differencing_of_disk_images: [plants.an_image_between_two_mixings],
    over_time.differencing_of_releases: [plants.a_dataset_every_evening, plants.numbers_kept_over_releases],
    over_time.uniqueness_in_the_dataset: [plants.a_rare_kind_of_respondent],
    over_time.differencing_of_metrics: [plants.a_counter_by_office],
    over_time.counting_of_requests: [
        plants.a_counter_of_submits,
        plants.a_gauge_of_the_inbox,
        plants.a_sum_of_seconds,
        plants.limits_rounded_one_by_one,
    ],
    over_time.scraping_of_logs: [plants.an_access_log],
}
pytestmark = pytest.mark.torture  # at full size there, reduced in the daily run
PLANTED = [(attack, plant) for attack, leaks in ATTACKS.items() for plant in leaks]
DOCS = Path(__file__).parents[2] / "docs/anonymity.md"


def name(function: object) -> str:
    return getattr(function, "__name__", str(function))


def test_the_play_is_what_it_claims_to_be(attacked: Attacked) -> None:
    """Over a hundred people on two days, in cells of k or more; the test knows whose every box and receipt is."""
    evidence, truth = attacked.evidence, attacked.truth
    answered = evidence.images["closed"].answered
    assert len(answered) == len(evidence.order) == len(evidence.opened) >= 100
    assert all(len(truth.tokens[row["serial"]]) == 3 for row in answered)
    assert len(evidence.images["mixed"].answered) < len(answered) - evidence.k
    assert evidence.drafts.tables["draft"] and evidence.images["waiting"].log
    looks = [text for text in evidence.metrics if 'route="/P/<code>/submit"' in text]
    assert len(looks) > 2 and len(set(evidence.metrics)) > 5  # the figures were there, and moved
    assert len({len(box) for box in evidence.images["closed"].boxes.values()}) == 1


@pytest.mark.parametrize("attack", ATTACKS, ids=name)
@pytest.mark.parametrize("with_key", [True, False], ids=["with the private key", "without"])
def test_nobody_is_joined_by(attacked: Attacked, attack: object, with_key: bool) -> None:
    evidence = attacked.evidence if with_key else replace(attacked.evidence, private=None)
    assert joined(attack(evidence), attacked.truth) == []  # type: ignore[operator]


@pytest.mark.parametrize(("attack", "plant"), PLANTED, ids=name)
def test_the_attack_finds_a_planted_leak(attacked: Attacked, attack: object, plant: plants.Plant) -> None:
    assert joined(attack(plant(attacked.evidence, attacked.truth)), attacked.truth)  # type: ignore[operator]


def test_carving_finds_what_a_careless_store_leaves(attacked: Attacked, tmp_path: Path) -> None:
    images = attacked.evidence.images
    careless = {**images, "second": attacked.kind.carelessly_emptied(tmp_path, images["waiting"])}
    assert joined(over_time.carving_of_free_pages(replace(attacked.evidence, images=careless)), attacked.truth)


# What is not protected, and said so


def test_a_log_copied_before_the_mixing_joins_invitations_to_boxes(attacked: Attacked) -> None:
    found = list(over_time.replay_of_the_transaction_log(attacked.evidence, "waiting"))
    assert joined(found, attacked.truth) and len(joined(found, attacked.truth)) == len(found)


def test_two_backups_close_together_and_the_private_key_narrow_the_circle(attacked: Attacked) -> None:
    close = plants.a_backup_every_few_minutes(attacked.evidence, attacked.truth)
    found = [each for each in over_time.differencing_of_backups(close) if isinstance(each, Claim)]
    assert {len(each.among) for each in found} == {2}
    assert joined(over_time.differencing_of_backups(replace(close, private=None)), attacked.truth)  # of sealed boxes


def test_an_unsent_draft_is_read_by_whoever_has_the_servers_keys(attacked: Attacked) -> None:
    evidence = attacked.evidence
    store = Store(attacked.wave.settings.drafts, DRAFT_MIGRATIONS)
    row = next(row for row in evidence.images["closed"].tables["invitation"] if row["state"] == "issued")
    code = codes.derive(evidence.keys.code, row["serial"], row["generation"])
    drafts.merge(store, evidence.keys, "demo", code, {("", "comment"): "chưa gửi"}, seen=0)
    assert drafts.load(store, evidence.keys, code).answers() == {"comment": "chưa gửi"}
    drafts.discard(store, evidence.keys, code)
    store.close()


def test_who_answers_as_all_others_of_a_cell_is_known_without_any_attack(attacked: Attacked) -> None:
    """Homogeneity: where all of a cell say the same of an item, the private key tells what each of them said."""
    told: dict[tuple[str, str], set[object]] = {}
    people: dict[str, int] = {}
    for id, document in attacked.evidence.opened.items():
        cell = attacked.evidence.label(id)
        people[cell] = people.get(cell, 0) + 1
        for item, value in (document["units"][0]["answers"] or {}).items():
            told.setdefault((cell, item), set()).add(str(value))
    assert [key for key, values in told.items() if len(values) == 1 and people[key[0]] >= attacked.evidence.k]


def test_what_waits_in_postgresql_is_joined_by_its_transaction_until_it_is_put_in_again(attacked: Attacked) -> None:
    """The commit that spends an invitation stores its box; an image before the next look of the mixer has both."""
    if attacked.kind is not postgresql_kind:
        pytest.skip("rows of SQLite do not say which transaction wrote them")
    waiting, second = (attacked.evidence.images[moment] for moment in ("waiting", "mixed"))
    found = [Claim("one transaction", row["serial"], frozenset({box["id"]})) for row in waiting.answered
             for box in waiting.tables["inbox_box"] if row[f"{HIDDEN}_xmin"] == box[f"{HIDDEN}_xmin"]]  # fmt: skip
    assert len(joined(found, attacked.truth)) == len(found) == len(waiting.answered)
    mixed = {row[f"{HIDDEN}_xmin"] for row in second.tables["box"]}
    assert len(mixed) == 1 and not mixed & {row[f"{HIDDEN}_xmin"] for row in second.answered}


# The page for citizens and experts


def test_docs_name_every_attack_and_no_test_that_is_not_there() -> None:
    text = DOCS.read_text("utf-8")
    named = set(re.findall(r"`([a-z][a-z_]+)`", text.partition("## Which test shows it")[2].partition("\n## ")[0]))
    defined = {
        found for file in Path(__file__).parents[1].rglob("test_*.py")
        for found in re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
    }  # fmt: skip
    known = {name(attack) for attack in ATTACKS}
    assert known <= named, known - named
    assert named <= known | defined, named - known - defined


def test_evidence_without_a_key_opens_nothing(attacked: Attacked) -> None:
    blind: Evidence = replace(attacked.evidence, private=None)
    assert blind.opened == {} and {blind.label(id) for id in blind.images["closed"].boxes} == {""}
