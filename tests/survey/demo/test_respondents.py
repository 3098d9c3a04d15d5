"""Simulated people: who they are, and what they do with the real pages."""

from __future__ import annotations

import csv
import io
import json
import random
import statistics
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from forms.catalogue import questionnaire
from survey import create_app, responses
from survey.demo import behaviour, respondents
from survey.demo.behaviour import Conduct, Person
from survey.demo.browser import Browser, Field, Form, Page, Unexpected
from survey.demo.respondents import Slip, World
from survey.invitations import by_lookup
from tests.journeys import world as worlds

UNITS = {"so_tu_phap": ("Sở Tư pháp", 90.0), "so_y_te": ("Sở Y tế", 80.0), "so_tai_chinh": ("Sở Tài chính", 75.0)}


def willing(conduct: Conduct = Conduct.ANSWER, **changed) -> Person:
    made = Person("nguoi_dan", random.Random(1), conduct, 0.0, 0.0, None)  # noqa: S311
    return replace(made, **changed)


# Who they are


def test_a_person_depends_on_seed_group_units_and_place_only():
    one, same = (behaviour.person(3, "xa", "a;b", 7) for _ in range(2))
    assert (one.conduct, one.kindness, one.always) == (same.conduct, same.kindness, same.always)
    assert one.kindness != behaviour.person(3, "xa", "a;b", 8).kindness


def test_about_a_quarter_do_not_answer_each_in_some_way():
    conducts = Counter(behaviour.person(5, "nguoi_dan", "a", n).conduct for n in range(3000))
    assert set(conducts) == set(Conduct)
    assert 0.62 < conducts[Conduct.ANSWER] / 3000 < 0.70
    officials = Counter(behaviour.person(5, "xa", "a", n).conduct for n in range(3000))
    assert 0.80 < officials[Conduct.ANSWER] / 3000 < 0.88


SCALE = Field("access_1", "radio", ["v1", "v2", "v3", "v4", "v5", "na"])


def answers(field: Field, quality: float = 85.0, n: int = 600, **changed) -> list[str]:
    who = willing(**changed)
    form = Form("", "post", {field.name: field})
    return [value for _ in range(n) for _, value in behaviour.fill(who, form, quality, 1, "a")]


def test_better_offices_get_better_answers():
    means = [
        statistics.mean(int(value[1]) for value in answers(SCALE, quality) if value != "na") for quality in (72, 82, 92)
    ]
    assert means[0] + 0.3 < means[1] < means[2] - 0.3


def test_straight_liners_say_the_same_always():
    assert set(answers(SCALE, always=3)) <= {"v4", "na"}


def test_careless_people_skip_items():
    assert len(answers(SCALE, skipping=0.33)) < 450


@pytest.mark.parametrize(
    ("field", "allowed"),
    [
        (Field("revision", "hidden", [], ["3"]), set()),
        (Field("declined", "checkbox", ["1"]), {"1"}),
        (Field("overdue", "radio", ["no", "yes"]), {"no", "yes"}),
        (Field("age", "radio", ["under_25", "from_25"]), {"under_25", "from_25"}),
        (Field("channel", "radio", ["other_a", "other_b"]), {"other_a", "other_b"}),
        (Field("why", "checkbox", ["slow", "rude"]), {"slow", "rude"}),
        (Field("visits", "text"), {str(n) for n in range(10)}),
        (Field("used", "radio", ["yes", "no"]), {"yes", "no"}),
    ],
)
def test_what_is_typed_into_each_kind_of_field(field, allowed):
    assert set(answers(field)) <= allowed


def test_comments_are_ours():
    assert set(answers(Field("comment", "textarea"))) <= set(behaviour._COMMENTS)


# What they do


class InProcess(Browser):
    """The same browser on an application in this process."""

    app = None

    def _ask(self, method, url, body):
        response = self.app.test_client().open(
            url.removeprefix(self._base), method=method, data=body, base_url=self._base,
            content_type="application/x-www-form-urlencoded" if body is not None else None,
        )  # fmt: skip
        return response.status_code, response.headers.get("Location"), response.data


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An instance with an open wave, and a way to open browsers on it."""

    def build(asked: dict[str, str] | None = None):
        made = worlds.build(tmp_path, asked)
        monkeypatch.setattr(InProcess, "app", create_app(made.settings, made.clock))
        return made, InProcess("http://phieu.test"), World("http://phieu.test", UNITS, 1)

    return build


def state(made, code: str) -> str:
    from survey import codes
    from survey.keys import Keyring

    keys = Keyring(made.settings).wave_keys(made.wave)
    with made.store.read() as tx:
        return str(by_lookup(tx, codes.lookup(keys.lookup, code)).state)


@pytest.mark.parametrize(("group", "units"), [("nguoi_dan", ("so_tu_phap",)), ("lanh_dao", tuple(UNITS))])
def test_who_answers_leaves_with_a_receipt_that_counts(place, group, units):
    made, someone, world = place()
    code = made.take(group)
    receipt = respondents.answer(someone, world, Slip("1", code, units, willing(group=group)))
    assert responses.counted(made.store, receipt) == "received"
    assert respondents.ask_after(someone, receipt)
    assert not respondents.ask_after(someone, "0000-0000-0000-0000")
    assert state(made, code) == "answered"


@pytest.mark.parametrize(
    ("conduct", "left"),
    [(Conduct.REFUSE, "refused"), (Conduct.BREAK_OFF, "started"), (Conduct.SILENT, "issued"), (Conduct.LATE, "issued")],
)
def test_who_does_not_answer_leaves_what_they_should(place, conduct, left):
    made, someone, world = place()
    code = made.take()
    assert respondents.answer(someone, world, Slip("1", code, ("so_tu_phap",), willing(conduct))) is None
    assert state(made, code) == left


def test_who_would_break_off_after_more_pages_than_there_are_does_not_submit(place):
    made, someone, world = place()
    code = made.take("cong_chuc")
    chance = random.Random(2)  # noqa: S311
    chance.randrange = lambda *_: 50  # type: ignore[method-assign]
    who = willing(Conduct.BREAK_OFF, chance=chance)
    assert respondents.answer(someone, world, Slip("1", code, ("so_tu_phap",), who)) is None
    assert state(made, code) == "started"


def test_a_required_item_left_empty_is_passed_at_the_second_try(place):
    source = questionnaire("citizen").text.replace('id = "visits"', 'id = "visits"\nrequired = true')
    made, someone, world = place({"citizen": source})
    who = willing(skipping=1.0)
    assert respondents.answer(someone, world, Slip("1", made.take(), ("so_tu_phap",), who))


def test_after_the_last_day_nobody_can_begin(place):
    made, someone, _ = place()
    slip = Slip("1", made.take(), ("so_tu_phap",), willing(Conduct.LATE))
    with pytest.raises(Unexpected, match="could still begin"):
        respondents.too_late(someone, slip)
    made.now += timedelta(days=60)
    respondents.too_late(someone, slip)


def test_pages_that_nobody_should_meet_are_said(place):
    made, someone, world = place()
    with pytest.raises(Unexpected, match="instead of 200"):
        respondents.answer(someone, world, Slip("1", "0" * 12, ("so_tu_phap",), willing()))
    spent = made.take()
    respondents.answer(someone, world, Slip("1", spent, ("so_tu_phap",), willing()))
    with pytest.raises(Unexpected, match="no way to begin"):
        respondents.answer(someone, world, Slip("1", spent, ("so_tu_phap",), willing()))
    with pytest.raises(Unexpected, match="no form to refuse"):
        respondents.answer(someone, world, Slip("1", spent, ("so_tu_phap",), willing(Conduct.REFUSE)))


def test_a_submit_without_a_receipt_is_said(place, monkeypatch):
    made, someone, world = place()
    monkeypatch.setattr(respondents, "_next", lambda *_: Page(200, "x/check", (Form("", "post"),), {}, ""))
    monkeypatch.setattr(someone, "submit", lambda page, form, values=(): Page(200, page.url, (), {}, "none"))
    with pytest.raises(Unexpected, match="no receipt"):
        respondents.answer(someone, world, Slip("1", made.take(), ("so_tu_phap",), willing()))


def test_the_unit_of_a_page_is_the_longest_name_on_it():
    world = World("", {"a": ("Sở Y", 1.0), "b": ("Sở Y tế", 2.0)}, 1)
    slip = Slip("1", "", ("a", "b"), willing())
    assert respondents._unit(world, slip, Page(200, "", (), {}, "Đánh giá Sở Y tế")) == "b"
    assert respondents._unit(world, slip, Page(200, "", (), {}, "Thông tin chung")) == "a"


# The process


def test_the_whole_process(place, tmp_path, monkeypatch, capsys):
    made, _, _ = place()
    file = tmp_path / "invitations.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(("serial", "group", "units", "place", "code", "url"))
        groups = {"nguoi_dan": "so_tu_phap", "lanh_dao": ";".join(UNITS), "cong_chuc": "so_tu_phap"}
        for group, units in groups.items():
            for serial, code in enumerate(made.codes[group]):
                writer.writerow((serial, group, units, "trung_tam", f"{code[:4]}-{code[4:8]}-{code[8:]}", ""))
        writer.writerow((99, "nguoi_dan", "so_tu_phap", "trung_tam", "0000-0000-0000", ""))
    units = tmp_path / "units.json"
    units.write_text(json.dumps(UNITS), "utf-8")
    cast = iter([*Conduct, *[Conduct.ANSWER] * 12])
    monkeypatch.setattr(behaviour, "person", lambda *_: willing(next(cast)))
    monkeypatch.setattr(respondents, "Browser", InProcess)
    monkeypatch.setattr(respondents, "THREADS", 1)

    class Closing(io.StringIO):
        def readline(self, *_: object) -> str:
            made.now += timedelta(days=60)
            return "closed\n"

    monkeypatch.setattr("sys.stdin", Closing())
    asked = [str(file), "--base-url", "http://phieu.test", "--units", str(units), "--seed", "1"]
    assert respondents.main(asked) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    first, second = (each["result"] for each in said if "result" in each)
    assert first["receipts"] == 12
    assert len(first["faults"]) == 1 and "instead of 200" in first["faults"][0]
    assert {state: len(serials) for state, serials in first["paper"].items()} == {"late": 1, "damaged": 1}
    assert second == {"turned_away": 1, "counted": 12, "faults": []}
    assert any("done" in each for each in said)


def test_without_a_word_about_the_close_it_just_ends(tmp_path, monkeypatch, capsys):
    file = tmp_path / "invitations.csv"
    file.write_text("serial,group,units,place,code,url\n", "utf-8")
    Path(tmp_path / "units.json").write_text("{}", "utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    asked = [str(file), "--base-url", "http://x", "--units", str(tmp_path / "units.json"), "--seed", "1"]
    assert respondents.main(asked) == 0
    assert capsys.readouterr().out.count("result") == 1
