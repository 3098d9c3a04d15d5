"""Who comes by a poster: apart from the sample in every number, and never faster than people come by."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from forms.faults import Faults
from survey import closing, invitations, issuing, mixing, responses, seals, walk_ins
from survey.commands.rates import rates
from survey.plan import wave_file
from survey.responses import Outcome
from survey.walk_ins import Full, Pace
from tests.conftest import WAVE, Scene

pytestmark = pytest.mark.both_engines


def begin(scene: Scene, unit: str = "so_a") -> str:
    code = walk_ins.begin(scene.store, scene.keyring, scene.clock, scene.wave, "quay", unit)
    assert code is not None
    return code


def answer(scene: Scene, code: str, unit: str = "so_a") -> str:
    page = {(unit, "used"): "yes", (unit, "q1"): "v3", (unit, "q2"): "v2", (unit, "visits"): 1, ("", "sex"): "no"}
    stores = (scene.store, scene.drafts, scene.keyring, scene.clock, scene.wave, code)
    responses.save_page(*stores, page, seen=0)
    receipt, tag = responses.fresh_receipt(scene.keys, code)
    assert responses.submit(*stores, receipt, tag).outcome is Outcome.RECEIVED
    return receipt


def bodies(scene: Scene) -> list[dict]:
    with scene.store.read() as tx:
        return [json.loads(row["body"]) for row in tx.seal_all(wave="nho")]


def test_an_invitation_of_its_own_cell(scene):
    # Given a wave whose cells are those of the draw
    drawn = {row[1] for row in scene.rows("cell")}
    # When three people begin at the poster, about two offices
    first, second, third = begin(scene), begin(scene), begin(scene, "so_b")
    # Then each has an invitation in a cell that is none of the sample's
    found = [invitations.resolve(scene.store, scene.keyring, code) for code in (first, second, third)]
    assert [one.mode for one in found] == ["open"] * 3
    assert [one.units for one in found] == [(("so_a", 1.0),), (("so_a", 1.0),), (("so_b", 1.0),)]
    assert found[0].cell == found[1].cell != found[2].cell
    assert not {found[0].cell, found[2].cell} & drawn
    assert [one.serial for one in found] == [17, 18, 19]
    assert [(one.group, one.stratum, one.place, dict(one.margins)) for one in found[:1]] == [
        ("dan", "open", "quay", {"channel": "*"})
    ]


def test_no_code_of_theirs_is_exported(scene):
    begin(scene)
    rows = issuing.export_rows(scene.store, scene.keyring, scene.settings, scene.clock, scene.wave, who="t", reason="t")
    assert [row.serial for row in rows] == list(range(1, 17))


def test_a_single_walk_in_is_no_small_cell_of_a_later_issue(scene):
    begin(scene)
    assert issuing.issue(scene.store, scene.keyring, scene.clock, scene.wave, who="test") == 0
    with scene.store.read() as tx:
        assert list(tx.invitation_small_cells(wave="nho", k=5)) == []
        assert tx.draw_issued(wave="nho", grp="dan") == 11
        assert [row["id"] for row in tx.draw_cells(wave="nho", grp="dan")] == [1, 2]


@pytest.mark.parametrize("by", ["", "unit", "group,mode", "day", "unit,day"])
def test_they_are_in_no_rate(scene, by):
    def told() -> dict:
        ran = CliRunner().invoke(
            rates, ["--wave", "nho", "--by", by, "--format", "json"], obj=scene.settings.instance
        )  # fmt: skip
        assert ran.exit_code == 0, ran.output
        return json.loads(ran.stdout)

    answer(scene, scene.code(6))
    before = told()
    answer(scene, begin(scene))
    begin(scene, "so_b")
    after = told()
    assert after["rows"] == before["rows"]
    assert before["open"] == {}
    assert after["open"] == {"complete": 1, "issued": 1}
    assert "2 forms were begun from posters and 1 of them sent: they are in no rate" in after["notes"]


def test_their_boxes_and_receipts_are_sealed_apart(scene):
    # Given answers of the sample and of walk-ins, mixed
    for serial in range(6, 11):
        answer(scene, scene.code(serial))
    receipts = [answer(scene, begin(scene)) for _ in range(5)]
    assert mixing.mix(scene.store, "nho", 5) == 10
    # When they are sealed
    seals.seal(scene.store, scene.clock, scene.wave)
    # Then there are two trees, and counts apart
    body = bodies(scene)[-1]
    assert (body["responses"], body["open"]["responses"]) == (5, 5)
    assert body["boxes"] != body["open"]["boxes"] and body["receipts"] != body["open"]["receipts"]
    assert (body["counts"]["dan"]["issued"], body["counts"]["dan"]["spent"]) == (11, 5)
    assert body["open"]["counts"] == {"dan": {"issued": 5, "reissued": 0, "revoked": 0, "spent": 5}}
    assert seals.verify(scene.store, "nho") == []
    # And a walk-in's receipt is found like any other
    assert responses.counted(scene.store, receipts[0]) == "sealed"


@pytest.mark.parametrize(
    ("cheat", "said"),
    [
        ("DELETE FROM box WHERE walk_in = 1", "boxes covered by seal 1"),
        ("UPDATE receipt SET walk_in = 0", "receipts covered by seal 1"),
        ("UPDATE box SET walk_in = 1", "boxes covered by seal 1"),
    ],
)
def test_moving_answers_between_the_poster_and_the_sample_is_found(scene, cheat, said):
    for serial in range(6, 11):
        answer(scene, scene.code(serial))
    for _ in range(5):
        answer(scene, begin(scene))
    mixing.mix(scene.store, "nho", 5)
    seals.seal(scene.store, scene.clock, scene.wave)
    scene.store.connection.execute(cheat)
    assert any(fault.startswith(said) for fault in seals.verify(scene.store, "nho"))


def test_seals_whose_poster_counts_shrink_are_found(scene):
    for _ in range(5):
        answer(scene, begin(scene))
    mixing.mix(scene.store, "nho", 5)
    seals.seal(scene.store, scene.clock, scene.wave)
    scene.store.connection.execute("DELETE FROM box WHERE walk_in = 1")
    scene.store.connection.execute("DELETE FROM receipt WHERE walk_in = 1")
    scene.store.connection.execute("DELETE FROM invitation WHERE serial > 16")
    seals.seal(scene.store, scene.clock, scene.wave)
    with scene.store.read() as tx:
        faults = seals.verify_chain((row["body"], row["hash"]) for row in tx.seal_all(wave="nho"))
    assert faults == [
        "seal 2: issued of group “dan” by posters shrank",
        "seal 2: spent of group “dan” by posters shrank",
        "seal 2: the number of responses by posters shrank",
    ]


def test_fewer_than_k_wait_until_the_close(scene):
    answer(scene, begin(scene))
    assert mixing.mix(scene.store, "nho", 5) == 0
    closing.close(scene.store, scene.drafts, scene.clock, scene.wave, who="test")
    assert len(scene.rows("box")) == 1


def test_a_wave_that_takes_no_answers_makes_none(drawn):
    assert walk_ins.begin(drawn.store, drawn.keyring, drawn.clock, drawn.wave, "quay", "so_a") is None
    issuing.issue(drawn.store, drawn.keyring, drawn.clock, drawn.wave, who="test")
    stale = drawn.wave
    closing.close(drawn.store, drawn.drafts, drawn.clock, drawn.wave, who="test")
    assert walk_ins.begin(drawn.store, drawn.keyring, drawn.clock, drawn.wave, "quay", "so_a") is None
    assert walk_ins.begin(drawn.store, drawn.keyring, drawn.clock, stale, "quay", "so_a") is None
    with drawn.store.read() as tx:
        assert tx.invitation_last_serial(wave="nho") == 16


@pytest.mark.parametrize(("place", "unit"), [("quay", "so_c"), ("khac", "so_a")])
def test_only_declared_posters_and_offices(scene, place, unit):
    with pytest.raises(KeyError):
        walk_ins.begin(scene.store, scene.keyring, scene.clock, scene.wave, place, unit)


def test_no_more_than_the_wave_file_allows(scene):
    for _ in range(8):
        begin(scene)
    with pytest.raises(Full):
        begin(scene)


# How fast


class Watch:
    """A watch that tests set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_one_address_begins_so_many_and_then_waits():
    watch = Watch()
    pace = Pace(watch)
    assert [pace.take("10.0.0.1") for _ in range(walk_ins.PER_ADDRESS + 1)] == [True] * walk_ins.PER_ADDRESS + [False]
    assert pace.take("10.0.0.2")
    watch.now = walk_ins.WINDOW
    assert pace.take("10.0.0.1")


def test_all_addresses_together_too():
    watch = Watch()
    pace = Pace(watch)
    took = [pace.take(f"10.0.{n // 200}.{n % 200}") for n in range(walk_ins.PER_PROCESS + 3)]
    assert sum(took) == walk_ins.PER_PROCESS
    watch.now = walk_ins.WINDOW
    assert pace.take("10.9.9.9")


def test_the_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(walk_ins, "MEMORY", 3)
    pace = Pace(Watch())
    for n in range(9):
        pace.take(f"10.0.0.{n}")
    assert list(pace._addresses) == ["10.0.0.6", "10.0.0.7", "10.0.0.8"]


# What the wave file says


def read(**changed: str) -> wave_file.WaveSpec:
    text = WAVE
    for old, new in changed.values():
        assert old in text
        text = text.replace(old, new)
    return wave_file.load(text, "w.toml")


def test_the_table_is_read():
    channel = read().open
    assert channel is not None
    assert (channel.group, channel.most) == ("dan", 8)
    assert channel.poster("quay").units == ("so_a", "so_b")
    assert channel.poster("khac") is None


def test_all_offices_where_none_is_named():
    channel = read(units=('units = ["so_a", "so_b"]\n', "")).open
    assert channel.poster("quay").units == ("so_a", "so_b", "so_c")


def test_a_wave_without_the_table_has_no_channel():
    assert wave_file.load(WAVE[: WAVE.index("[open]")], "w.toml").open is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('group = "dan"\nmost', 'group = "ai"\nmost', "“ai” is not a group of this wave"),
        ('group = "dan"\nmost', 'group = "can_bo"\nmost', "does not assess by dossier"),
        ('place = "quay"', 'place = "cho"', "“cho” is not a place of this wave"),
        ('units = ["so_a", "so_b"]', 'units = ["so_a", "so_d"]', "“so_d” is not a unit of this wave"),
        ('units = ["so_a", "so_b"]', 'units = ["so_a", "so_a"]', "“so_a” stands twice"),
        ('units = ["so_a", "so_b"]', "units = []", "“units” is empty"),
        ("most = 8", "most = 0", "must be at least 1"),
        ("[[open.poster]]", '[[open.poster]]\nplace = "quay"\n[[open.poster]]', "the place “quay” has two posters"),
        ("[[open.poster]]", '[open.sign]\nplace = "quay"\n[[open.sign2]]', "unknown key"),
    ],
)
def test_every_fault_of_the_table_is_said(old, new, said):
    with pytest.raises(Faults, match=said):
        read(it=(old, new))
