"""Wording is corrected while a wave is open: seen at once, chained, sealed, told; nothing else changes."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from forms import questionnaire as questionnaires
from forms.catalogue import questionnaire
from forms.faults import Faults
from forms.questionnaire import Questionnaire
from forms.versions import Aspect
from survey import audit, closing, corrections, create_app, replanning, seals, wave
from survey.cli import phieu
from survey.corrections import RULES
from survey.store import DRAFT_MIGRATIONS, Store
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent
from tests.journeys.world import World

DOCS = Path(__file__).parents[2] / "docs/reference/corrections.md"
ASKED = "Hồ sơ được nộp bằng cách nào?"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return worlds.build(tmp_path)


def changed(*edits: tuple[str, str], version: int = 2, name: str = "citizen") -> Questionnaire:
    """A bundled questionnaire with other words."""
    text = questionnaire(name).text.replace("version = 1", f"version = {version}", 1)
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return questionnaires.load(text, "new.toml")


def correct(world: World, new: Questionnaire, reason: str = "chữ sai") -> corrections.Correction:
    return corrections.correct(
        world.store, world.clock, wave.get(world.store, "demo"), new, reason=reason, who="desk:an", file="new.toml"
    )  # fmt: skip


def refusal(world: World, new: Questionnaire, reason: str = "chữ sai") -> str:
    before = world.rows()
    with pytest.raises(Faults) as caught:
        correct(world, new, reason)
    assert world.rows() == before
    return str(caught.value)


BETTER = (ASKED, "Ông/Bà nộp hồ sơ bằng cách nào?")


def test_the_table_rules_over_every_aspect_and_the_docs_print_it() -> None:
    assert set(RULES) == set(Aspect)
    rows = [f"| {aspect} | {'yes' if rule.may else 'no'} | {rule.why} |" for aspect, rule in RULES.items()]
    assert DOCS.read_text("utf-8").strip().endswith("\n".join(rows))


def test_respondents_read_it_at_once_and_lose_nothing(world: World) -> None:
    # Given somebody in the middle of a form, on a server that has read the wave
    app = create_app(world.settings, world.clock)
    person = Respondent(app, world.take())
    person.begin()
    assert ASKED in person.fill({"used": "yes"}).text
    person.fill({"channel": "online", "visits": "2"})
    plan = wave.get(world.store, "demo").plan_hash
    # When the wording is corrected
    made = correct(world, changed(BETTER))
    # Then the next page has it, the answers are there, and the form can be sent
    page = person.open(f"/P/{person.code}/2")
    assert BETTER[1] in page.text and page.form.standing()["channel"] == ["online"]
    person.fill_to_end()
    assert person.page.element("receipt")
    # The plan is what it was; both versions are kept
    now = wave.get(world.store, "demo")
    assert now.plan_hash == plan and now.planned["citizen"] == questionnaire("citizen").hash == made.before
    assert now.questionnaires["citizen"].hash == made.after
    with world.store.read() as tx:
        assert tx.wave_document(hash=made.before) and tx.wave_document(hash=made.after)
        # A seal names it, and still the questionnaire of the plan
        last = json.loads(tx.seal_last(wave="demo")["body"])
        first = json.loads(tx.seal_body(wave="demo", number=0))
    assert last["corrections"] == {"number": 1, "head": made.hash}
    assert first["questionnaires"]["citizen"] == made.before
    assert seals.verify(world.store, "demo") == [] and audit.verify(world.store) == []
    assert (made.who, made.reason, made.spent) == ("desk:an", "chữ sai", 0)
    assert {
        "aspect": "text",
        "where": "channel",
        "language": "vi",
        "before": BETTER[0],
        "after": BETTER[1],
    } in made.changes


REFUSED = [
    ('id = "visits"', 'id = "trips"', "items of “visit”: “trips” added: some would be asked what others were not"),
    ("required = true", "required = false", "required of “used”"),
    ('{ id = "post", ', '{ id = "mail", ', "choices of “channel”: “mail” added: answers before and after"),
    ("value = 0.25", "value = 0.3", "value of “access_1/v2”: “0.25” → “0.3”: an answer given before would mean"),
    ("screen_out = \"used == 'no'\"", "", "screen_out: “used == 'no'” removed"),
    ("minutes = 6", 'minutes = 6\nlayout = "page"', "forms begun before would lose their pages"),
]


@pytest.mark.parametrize(("old", "new", "said"), REFUSED)
def test_what_an_answer_means_stays(world: World, old: str, new: str, said: str) -> None:
    assert f"new.toml: {said}" in refusal(world, changed((old, new), BETTER)) or said in refusal(
        world, changed((old, new))
    )


def test_what_is_no_correction(world: World) -> None:
    assert "says the same as the questionnaire that is asked now" in refusal(world, changed())
    assert "has version 1: a correction of version 1 needs a higher one" in refusal(world, changed(BETTER, version=1))
    assert "needs a reason" in refusal(world, changed(BETTER), reason=" ")
    assert "is questionnaire “organisation”; wave “demo” asks citizen, official, self" in refusal(
        world, changed(name="organisation")
    )
    correct(world, changed(BETTER))
    # Of two people who correct the same version, the second is told
    assert "a correction of version 2 needs a higher one" in refusal(world, changed((ASKED, "Nộp thế nào?")))


@pytest.mark.parametrize("state", ["draft", "closed"])
def test_only_what_an_open_wave_says_is_corrected(world: World, state: str) -> None:
    if state == "closed":
        drafts = Store(world.settings.drafts, DRAFT_MIGRATIONS)
        closing.close(world.store, drafts, world.clock, wave.get(world.store, "demo"), who="t")
    else:
        with world.store.write() as tx:
            tx.connection.execute("UPDATE wave SET state = 'draft'")
    said = refusal(world, changed(BETTER))
    assert f"is {state}, and only what an open wave says" in said
    assert ("wave create --replace" in said) is (state == "draft")


def test_another_hotline_is_on_every_page_at_once(world: World) -> None:
    app = create_app(world.settings, world.clock)
    person = Respondent(app, world.take())
    assert "0262 000 000" in person.open().text
    registered = wave.get(world.store, "demo")
    with pytest.raises(Faults, match="is empty, or the one"):
        corrections.correct_hotline(world.store, world.clock, registered, " ", reason="r", who="t")
    corrections.correct_hotline(world.store, world.clock, registered, "1022", reason="đổi số", who="t")
    for path in (None, f"/P/{person.code}/1", "/P/000000000000", "/nothing"):
        text = person.open(path).text
        assert "gọi: 1022" in text and "0262" not in text
    # and a wave copied from this one has both
    correct(world, changed(BETTER))
    source = wave.get(world.store, "demo")
    assert replanning.copied(source, "x", None, None).hotline == "1022"
    plain = replace(source, spec=replace(source.spec, text=source.spec.text.replace("hotline", "# hotline")))
    assert replanning.copied(plain, "x", None, None).hotline == "1022"


def test_the_chain_can_be_neither_changed_nor_cut(world: World) -> None:
    correct(world, changed(BETTER))
    correct(world, changed(BETTER, ("Trực tuyến", "Qua mạng"), version=3))
    for statement in ("UPDATE correction SET body = '{}'", "DELETE FROM correction WHERE number = 2"):
        with pytest.raises(sqlite3.IntegrityError), world.store.write() as tx:
            tx.connection.execute(statement)
    assert seals.verify(world.store, "demo") == []
    # Whoever goes round that leaves traces
    with world.store.write() as tx:
        tx.connection.execute("DROP TRIGGER correction_never_goes")
        tx.connection.execute("DELETE FROM correction WHERE number = 2")
    assert "correction 2 is not the one that a seal names" in seals.verify(world.store, "demo")
    with world.store.write() as tx:
        tx.connection.execute("DROP TRIGGER correction_stays")
        tx.connection.execute("UPDATE correction SET body = replace(body, 'chữ sai', 'lý do khác')")
    assert "correction 1 was altered" in seals.verify(world.store, "demo")


def test_a_forged_chain() -> None:
    def link(number: int, previous: str) -> tuple[str, str]:
        body = json.dumps({"number": number, "previous": previous})
        return body, hashlib.sha256(body.encode()).hexdigest()

    one = link(1, "")
    two = link(2, one[1])
    assert seals.correction_faults([one, two], {1: one[1], 2: two[1]}) == []
    assert seals.correction_faults([one, link(3, one[1])], {}) == ["correction 2 does not follow the one before it"]
    assert seals.correction_faults([one], {1: two[1]}) == ["correction 1 is not the one that a seal names"]
    bodies = [json.dumps({"corrections": {"number": 1, "head": "x"}}), json.dumps({})]
    assert seals.corrected(bodies) == {1: "x"}


def test_the_command(world: World, tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text(changed(BETTER).text, "utf-8")

    def run(*more: str) -> tuple[int, str, str]:
        told = ["--instance", str(world.settings.instance), "questionnaire", "correct", "--wave", "demo"]
        done = CliRunner().invoke(phieu, [*told, "--reason", "r", *more])
        return done.exit_code, done.stdout, done.stderr or str(done.exception)

    before = world.rows()
    said = f"version: “1” → “2”\ntext of “channel” (vi): “{ASKED}” → “{BETTER[1]}”\n"
    assert run(str(file), "--dry-run")[:2] == (0, said)
    assert run("--hotline", "1022", "--dry-run")[0] == 0
    assert world.rows() == before
    assert "Correction 1 of wave demo" in run(str(file))[2]
    assert "Correction 2 of wave demo" in run("--hotline", "1022")[2]
    assert "give either FILE" in run()[2]
