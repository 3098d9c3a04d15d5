"""A clerk asks; what the office could try, and what it comes to."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from forms.faults import Faults
from survey import audit, codes, exports, invitations, issuing, seals
from survey.counter import desk as counter_desk
from survey.counter import due_list as counter_list
from survey.counter import secret as counter_draw
from survey.counter.desk import Answer
from survey.invitations import Invitation
from survey.paper import slips
from tests.survey.counter.conftest import NUMBER, Counter, dossier


def seal_0(counter: Counter) -> dict[str, object]:
    with counter.store.read() as tx:
        body: dict[str, object] = json.loads(tx.seal_body(wave="quay", number=0))
    return body


def test_seal_0_fixes_the_secret_the_name_of_the_number_and_every_share(sealed: Counter):
    told = seal_0(sealed)["counter"]
    assert isinstance(told, dict)
    assert told["exists"] == "2026-03-02"
    assert "xổ số" in told["public_number"]
    assert told["p"] == {"dan": {"so_a": {"dau": 0.3, "cuoi": 0.3}, "so_b": {"dau": 1.0, "cuoi": 1.0}}}
    assert len(told["secret"]) == 64
    secret = sealed.keyring.wave_keys("quay").counter
    assert secret.hex() not in "\n".join(sealed.store.connection.iterdump())


def test_the_public_number_comes_after_seal_0_on_its_day_and_once(sealed: Counter):
    def enter(number: str = NUMBER) -> None:
        counter_draw.enter_number(sealed.store, sealed.keyring, sealed.clock, sealed.wave, number, who="x")

    with pytest.raises(Faults, match="cannot be known yet"):
        enter()
    with pytest.raises(Faults, match="not entered yet"):
        sealed.asks("HS-1")
    sealed.clock.at = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    with pytest.raises(Faults, match="digits only"):
        enter("bảy")
    enter()
    with pytest.raises(Faults, match="was entered before"):
        enter("111111")
    assert json.loads(sealed.logged("public number of the counter draw")[0]) == {"number": NUMBER}


def test_a_secret_that_is_not_the_sealed_one_answers_nothing(counter: Counter):
    counter.store.connection.execute("UPDATE counter_draw SET secret_hash = 'x'")
    with pytest.raises(Faults, match="not the one whose hash seal 0 holds"):
        counter.asks("HS-1")


def test_asking_again_gives_the_same_answer_and_is_counted(counter: Counter):
    is_in, is_out = counter.first(selected=True), counter.first(selected=False)
    assert [counter.asks(is_in) for _ in range(3)] == [Answer.SELECTED] * 3
    assert [counter.asks(is_out.lower()) for _ in range(2)] == [Answer.NOT_SELECTED] * 2
    assert (counter.count("asked"), counter.count("repeated")) == (5, 3)


def test_the_slip_is_printed_once_and_opens_one_questionnaire(counter: Counter):
    number = counter.first(selected=True)
    assert counter.asks(number) is Answer.SELECTED
    handed = counter.hands(number)
    assert handed.row.units == ("so_a",)
    assert handed.row.serial >= 1_000_000
    found = invitations.resolve(counter.store, counter.keyring, codes.normalise(handed.row.code))
    assert isinstance(found, Invitation)
    assert (found.mode, found.stratum, found.group) == ("counter", "so_a/dau", "dan")
    assert found.units == (("so_a", 1 / 0.3),)
    with pytest.raises(Faults, match="a slip is printed once"):
        counter.hands(number)
    assert counter.asks(number) is Answer.DONE
    pdf = slips.single(counter.wave, handed.row)
    assert pdf.startswith(b"%PDF")


def test_a_kiosk_has_a_mode_of_its_own(counter: Counter):
    number = counter.first(selected=True)
    counter.asks(number)
    made = counter.hands(number, mode="kiosk", place="cho_a")
    found = invitations.resolve(counter.store, counter.keyring, codes.normalise(made.row.code))
    assert isinstance(found, Invitation) and found.mode == made.mode == "kiosk"
    with pytest.raises(ValueError, match="qr"):
        counter.hands(number, mode="qr")


def test_who_was_not_selected_gets_nothing(counter: Counter):
    number = counter.first(selected=False)
    assert counter.asks(number) is Answer.NOT_SELECTED
    for wrong in (number, "HS-999"):
        with pytest.raises(Faults, match="no selection is live"):
            counter.hands(wrong)
    assert counter.store.connection.execute("SELECT count(*) FROM invitation").fetchone()[0] == 0


def test_a_selection_lapses_after_15_minutes_is_logged_and_may_be_asked_again(counter: Counter):
    number = counter.first(selected=True)
    counter.asks(number)
    counter.clock.at += timedelta(minutes=15)
    assert counter.count("lapsed") == 0
    counter.clock.at += timedelta(seconds=1)
    with pytest.raises(Faults, match="no selection is live"):
        counter.hands(number)
    assert counter.count("lapsed") == 1
    (entry,) = counter.logged("counter selection lapsed")
    assert json.loads(entry) == {"unit": "so_a", "place": "cho_a"}
    assert counter.asks(number) is Answer.SELECTED
    counter.hands(number)
    assert (counter.count("lapsed"), counter.count("repeated")) == (1, 1)


def test_asking_again_does_not_lengthen_the_15_minutes(counter: Counter):
    number = counter.first(selected=True)
    counter.asks(number)
    counter.clock.at += timedelta(minutes=10)
    counter.asks(number)
    counter.clock.at += timedelta(minutes=6)
    with pytest.raises(Faults, match="no selection is live"):
        counter.hands(number)


def test_what_is_not_due_yet_is_not_told_and_counts_as_early(counter: Counter):
    counter.lists(dossier("SOM-1", "so_b", "2026-03-20"), dossier("SOM-2", "so_b", "2026-03-20", "2026-03-09"))
    assert counter.asks("SOM-1") is Answer.EARLY
    assert (counter.count("early"), counter.count("repeated")) == (1, 0)
    assert counter.asks("SOM-2") is Answer.SELECTED
    assert counter.asks("SOM-1", handed_over=True) is Answer.SELECTED
    counter.clock.at = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
    assert counter.asks("SOM-1") is Answer.SELECTED


def test_only_numbers_on_the_list_count(counter: Counter):
    counter.lists(dossier("NGOAI-KY", due="2026-03-30"))
    assert [counter.asks(one, place="cho_a") for one in ("BIA-1", "NGOAI-KY")] == [Answer.UNLISTED] * 2
    assert (counter.count("unlisted"), counter.count("asked")) == (2, 0)


def test_a_closed_day_answers_nothing(counter: Counter):
    number = counter.first(selected=True)
    counter.clock.at = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)
    with pytest.raises(Faults, match="takes no answers today"):
        counter.asks(number)


def test_ten_clerks_at_once_print_one_slip(counter: Counter):
    number = counter.first(selected=True)
    counter.asks(number)

    def try_it(_: int) -> bool:
        try:
            counter.hands(number)
        except Faults:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(try_it, range(10))) == 1


def test_no_day_stays_with_an_invitation(counter: Counter):
    number = counter.first(selected=True)
    counter.asks(number, handed_over=True)
    counter.hands(number)
    row = counter.store.connection.execute(
        "SELECT live_since, declared_on, handed FROM counter_dossier WHERE handed = 1"
    ).fetchone()
    assert tuple(row) == (None, None, 1)
    for action in ("counter slip printed", "counter selection lapsed"):
        assert all(number not in entry and "serial" not in entry for entry in counter.logged(action))


def test_codes_of_counter_invitations_leave_in_no_export(counter: Counter):
    number = counter.first(selected=True)
    counter.asks(number)
    counter.hands(number)
    args = counter.store, counter.keyring, counter.settings, counter.clock, counter.wave
    assert issuing.export_rows(*args, who="x", reason="in") == []
    assert exports.contacts(counter.store, counter.clock, counter.wave, [], who="x", reason="gọi") == {}
    assert audit.verify(counter.store) == []
    assert seals.verify(counter.store, "quay") == []


def test_a_listed_dossier_keeps_its_office_and_due_date(counter: Counter):
    before = list(counter.store.connection.iterdump())
    with pytest.raises(Faults, match="was listed with another unit and due"):
        counter.lists(dossier("HS-1", "so_b", "2026-03-11"))
    assert list(counter.store.connection.iterdump()) == before
    done = counter.lists(dossier("hs-1", returned="2026-03-09"), dossier("MOI", due="2026-04-20"), dry=True)
    assert (done.added, done.updated, done.outside) == (1, 1, 1)
    assert list(counter.store.connection.iterdump()) == before
    counter.lists(dossier("hs-1", returned="2026-03-09"))
    row = counter.store.connection.execute("SELECT count(*) FROM counter_dossier WHERE returned IS NOT NULL").fetchone()
    assert row[0] == 1


HEADING = "Số hồ sơ,Cơ quan giải quyết,Nơi tiếp nhận,Ngày hẹn trả"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((HEADING, "A-1,Sở A,Trung tâm,10/03/2026", "a-1,Sở A,Trung tâm,10/03/2026"), "“a-1” stands twice"),
        ((HEADING, "A-1,Sở A,Trung tâm,"), "is empty"),
        ((HEADING, "A-1,Sở Lạ,Trung tâm,10/03/2026"), "Sở Lạ"),
        (("Số hồ sơ,Cơ quan giải quyết", "A-1,Sở A"), "is missing"),
    ],
)
def test_a_list_with_faults_is_refused_whole(counter: Counter, lines: tuple[str, ...], said: str):
    file = counter.folder / "ds.csv"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(Faults, match=said):
        counter_list.read_file(counter.wave, "dan", file)


def test_lists_are_for_groups_asked_at_counters_and_not_after_the_freeze(counter: Counter, scene):
    with pytest.raises(Faults, match="asks no group “can_bo” at counters; it asks dan"):
        counter_list.add(counter.store, counter.keyring, counter.clock, counter.wave, "can_bo", [], who="x")
    with pytest.raises(Faults, match="it asks none"):
        counter_draw.group_of(scene.wave, "dan")
    with pytest.raises(Faults, match="--map takes COLUMN=FIELD"):
        counter.run("counter", "import", "--wave", "quay", "--group", "dan", "--map", "x", "ds.csv")
    counter.store.connection.execute("UPDATE wave SET state = 'frozen' WHERE id = 'quay'")
    with pytest.raises(Faults, match="is frozen"):
        counter.lists(dossier("MUON"))


def test_a_slip_is_not_printed_once_the_wave_is_closed(counter: Counter):
    number = counter.first(selected=True)
    counter.asks(number)
    counter.store.connection.execute("UPDATE wave SET state = 'closed' WHERE id = 'quay'")
    with pytest.raises(Faults, match="takes no answers today"):
        counter.hands(number)
    assert counter.store.connection.execute("SELECT sum(handed) FROM counter_dossier").fetchone()[0] == 0


def test_two_selections_lapse_together_and_once(counter: Counter):
    first, second = [n for n in (f"HS-{i}" for i in range(1, 60)) if counter.selects(n)][:2]
    counter.asks(first)
    counter.asks(second)
    counter.clock.at += timedelta(hours=1)
    assert counter_desk.lapse(counter.store, counter.clock, counter.wave, who="x") == 2
    assert counter_desk.lapse(counter.store, counter.clock, counter.wave, who="x") == 0
    assert counter.count("lapsed") == 2
