"""A wave file written at the desk: revisions, registering, and what is refused once lists are there."""

from __future__ import annotations

import threading
import tomllib
from datetime import date

import pytest

from forms import catalogue
from forms.faults import Faults
from survey import audit, issuing, sealing
from survey import wave as waves
from survey.plan import wave_file
from survey.sample import draws
from survey.setup import copying, preparation, presets, trial
from survey.setup.preparation import Stale
from survey.store import Store
from tests.survey.setup.conftest import WHO, Coordinator, dossiers


def test_from_nothing_to_a_registered_plan(coordinator: Coordinator) -> None:
    begun = coordinator.begin()
    assert (begun.revision, begun.known, begun.fixed, begun.spec) == (1, False, "", None)
    assert {problem.step for problem in begun.problems} == {"about", "units", "groups"}

    whole = coordinator.whole(*presets.PRESETS)
    assert whole.problems == ()

    registered = coordinator.register()
    assert registered.registered and registered.known and registered.fixed == ""
    plan = coordinator.registered
    assert [group.id for group in plan.spec.groups] == list(presets.PRESETS)
    assert plan.key_origin == "server"
    assert [unit.kind for unit in plan.spec.units] == ["department", "department", "commune"]


def test_the_presets_fit_the_framework_of_a_province(coordinator: Coordinator) -> None:
    coordinator.whole(*presets.PRESETS)
    coordinator.change(lambda data: data.update(framework="province_2026"))

    assert coordinator.now.problems == ()
    coordinator.change(lambda data: data["group"].pop())
    assert {problem.step for problem in coordinator.now.problems} == {"groups"}


def test_a_stale_revision_changes_nothing(coordinator: Coordinator) -> None:
    coordinator.begin()
    coordinator.change(lambda data: data.update(hotline="1"))
    before = coordinator.dump()

    with pytest.raises(Stale) as caught:
        preparation.save(coordinator.store, coordinator.keyring, coordinator.clock, "moi", 1, {"hotline": "2"}, who="x")

    assert (caught.value.who, caught.value.at) == (WHO, coordinator.now.at)
    assert coordinator.dump() == before


def test_of_many_who_saw_one_revision_one_saves(coordinator: Coordinator) -> None:
    coordinator.begin()
    data, done = coordinator.now.data, []
    barrier = threading.Barrier(6)

    def save(number: int) -> None:
        store = Store(coordinator.settings.database)
        barrier.wait()
        try:
            preparation.save(store, coordinator.keyring, coordinator.clock, "moi", 1, data | {"hotline": str(number)},
                             who=f"desk:{number}")  # fmt: skip
            done.append(number)
        except Stale:
            pass
        finally:
            store.close()

    threads = [threading.Thread(target=save, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(done) == 1
    assert (coordinator.now.revision, coordinator.now.data["hotline"]) == (2, str(done[0]))


def test_an_id_is_refused_when_it_is_none_or_taken(coordinator: Coordinator) -> None:
    for identity in ("", "2026", "Đợt", "a b", "../x"):
        with pytest.raises(Faults, match="is not an id"):
            preparation.begin(coordinator.store, coordinator.clock, identity, {}, who=WHO)
    coordinator.begin()
    with pytest.raises(Faults, match="already"):
        coordinator.begin()


def test_once_registered_a_change_is_registered_with_it(coordinator: Coordinator) -> None:
    coordinator.whole()
    coordinator.register()

    coordinator.change(lambda data: data.update(hotline="0262"))
    assert coordinator.registered.spec.hotline == "0262"

    lagging = coordinator.change(lambda data: data.pop("opens"))
    assert lagging.known and not lagging.registered
    assert coordinator.registered.spec.hotline == "0262"

    coordinator.change(lambda data: data.update(opens=date(2026, 3, 2)))
    assert coordinator.now.registered
    assert coordinator.registered.spec.opens == date(2026, 3, 2)


def test_a_unit_that_a_list_names_stays(coordinator: Coordinator) -> None:
    coordinator.whole()
    coordinator.register()
    coordinator.send(dossiers())
    coordinator.look()
    coordinator.take()
    before = coordinator.dump()

    with pytest.raises(Faults, match="names the unit “so_y_te”"):
        coordinator.change(lambda data: data["unit"].pop(1))

    assert coordinator.dump() == before
    with pytest.raises(Faults, match="has a list of 120 rows"):
        coordinator.change(lambda data: data["group"][0].update(id="khac"))


def test_a_recorded_list_fixes_the_plan(coordinator: Coordinator) -> None:
    coordinator.whole()
    coordinator.register()
    coordinator.send(dossiers())
    coordinator.take()
    draws.record_lists(coordinator.store, coordinator.clock, coordinator.registered, [presets.CITIZENS], who=WHO)

    assert coordinator.now.fixed == "listed"
    with pytest.raises(Faults, match="recorded lists"):
        coordinator.change(lambda data: data.update(hotline="1"))
    with pytest.raises(Faults, match="recorded lists"):
        waves.change_key(coordinator.store, coordinator.keyring, coordinator.clock, "moi", None)
    draws.draw(coordinator.store, coordinator.clock, coordinator.registered, [presets.CITIZENS], "0123", who=WHO)
    issuing.issue(coordinator.store, coordinator.keyring, coordinator.clock, coordinator.registered, who=WHO)
    assert coordinator.now.fixed == "open"
    with pytest.raises(Faults, match="is open"):
        coordinator.change(lambda data: data.update(hotline="1"))


def test_the_key_may_be_another_until_lists_are_recorded(coordinator: Coordinator) -> None:
    coordinator.whole()
    coordinator.register()
    made_here = coordinator.keyring.private_file("moi")
    assert made_here is not None
    outside = sealing.generate_key_pair().public
    store, keyring, clock = coordinator.store, coordinator.keyring, coordinator.clock

    waves.change_key(store, keyring, clock, "moi", outside, who=WHO)
    assert (coordinator.registered.public_key, coordinator.registered.key_origin) == (outside, "outside")
    assert keyring.private_file("moi") is None
    assert (keyring.folder / "moi.public").read_bytes() == sealing.public_pem(outside)

    coordinator.change(lambda data: data.update(hotline="1"))
    assert coordinator.registered.public_key == outside

    waves.change_key(store, keyring, clock, "moi", None, who=WHO)
    file = keyring.private_file("moi")
    assert file is not None
    assert sealing.read_private_pem(file.read_bytes()).public == coordinator.registered.public_key
    assert audit.verify(store) == []


def test_a_wave_registered_elsewhere_can_be_changed_here(coordinator: Coordinator) -> None:
    text = wave_file_text()
    spec = wave_file.load(text, "w")
    own = catalogue.questionnaire("citizen").text
    documents = waves.documents_of(spec, {"q.toml": own}.__getitem__)
    waves.register(coordinator.store, coordinator.keyring, coordinator.clock, spec, *documents)

    assert coordinator.now.revision == 0
    assert coordinator.now.registered
    coordinator.change(lambda data: data.update(hotline="9"))

    assert coordinator.registered.spec.hotline == "9"
    assert dict(coordinator.now.documents) == {"q.toml": own}


def wave_file_text() -> str:
    return (
        'id = "moi"  # a remark\ntitle.vi = "X"\nopens = 2026-03-01\ncloses = 2026-03-31\n'
        '[[unit]]\nid = "a"\nname = "Sở A"\nkind = "department"\n'
        '[[group]]\nid = "dan"\nname.vi = "Dân"\nquestionnaire = "q.toml"\nassesses = "dossier"\n'
    )


def test_registering_names_what_is_lacking(coordinator: Coordinator) -> None:
    coordinator.begin()

    with pytest.raises(Faults, match="“opens” is missing"):
        coordinator.register()

    coordinator.whole()
    coordinator.change(lambda data: data["group"][0].update(questionnaire="q.toml"))
    with pytest.raises(Faults, match="was not sent in"):
        coordinator.register()


def test_what_was_never_registered_can_be_given_up(coordinator: Coordinator) -> None:
    coordinator.whole()
    assert [each.id for each in preparation.unregistered(coordinator.store)] == ["moi"]
    coordinator.register()
    assert preparation.unregistered(coordinator.store) == []

    with pytest.raises(Faults, match="stays"):
        preparation.forget(coordinator.store, coordinator.clock, "moi", coordinator.now.revision, who=WHO)
    with pytest.raises(Faults, match="no wave “khac”"):
        preparation.get(coordinator.store, "khac")


def test_last_years_wave_moved(coordinator: Coordinator) -> None:
    coordinator.whole()
    coordinator.change(
        lambda data: data.update(
            authority={"name": {"vi": "UBND"}, "plan": "1/KH", "date": date(2026, 1, 1)},
            purge_on=date(2026, 6, 1),
            counter={
                "number": "xổ số",
                "date": date(2026, 2, 1),
                "period": [{"id": "a", "opens": date(2026, 3, 1), "closes": date(2026, 3, 9)}],
            },
            simulated=True,
        )
    )
    coordinator.register()

    data = copying.moved(coordinator.registered, date(2027, 3, 3))

    assert (data["opens"], data["closes"], data["purge_on"]) == (date(2027, 3, 3), date(2027, 4, 2), date(2027, 6, 3))
    assert data["counter"]["date"] == date(2027, 2, 3)
    assert data["counter"]["period"][0]["closes"] == date(2027, 3, 11)
    assert "simulated" not in data
    preparation.begin(coordinator.store, coordinator.clock, "sau", data, who=WHO, source="moi")
    paths = {problem.path for problem in preparation.get(coordinator.store, "sau").problems}
    assert paths == {("authority", "plan"), ("authority", "date"), ("group", 0, "target", "period")}


def test_a_pilot_asks_a_handful_in_the_same_words(coordinator: Coordinator) -> None:
    coordinator.whole(*presets.PRESETS)
    coordinator.register()

    data = copying.pilot(coordinator.registered, date(2026, 2, 10))
    made = preparation.begin(coordinator.store, coordinator.clock, "thu", data, who=WHO, source="moi", pilot=True)

    assert made.pilot and made.problems == ()
    assert (data["opens"], data["closes"]) == (date(2026, 2, 10), date(2026, 2, 23))
    asked = [
        (group["id"], group["questionnaire"], group["target"]) for group in tomllib.loads(coordinator.now.text)["group"]
    ]
    assert [(group["id"], group["questionnaire"], group["target"]) for group in data["group"]] == asked

    coordinator.wave = "thu"
    coordinator.register()
    wave = coordinator.registered
    for group in presets.PRESETS:
        trial.make_list(coordinator.store, coordinator.keyring, coordinator.settings, coordinator.clock, wave, group,
                        who=WHO)  # fmt: skip
    draws.record_lists(coordinator.store, coordinator.clock, wave, presets.PRESETS, who=WHO)
    made = draws.draw(coordinator.store, coordinator.clock, wave, presets.PRESETS, "7", who=WHO)
    assert [each.drawn for each in made] == [5] * 5
    assert issuing.issue(coordinator.store, coordinator.keyring, coordinator.clock, wave, who=WHO) == 25


def test_a_real_wave_has_no_made_up_people(coordinator: Coordinator) -> None:
    coordinator.whole()
    coordinator.register()

    with pytest.raises(Faults, match="is real"):
        trial.make_list(coordinator.store, coordinator.keyring, coordinator.settings, coordinator.clock,
                        coordinator.registered, presets.CITIZENS, who=WHO)  # fmt: skip
