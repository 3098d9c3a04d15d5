"""Languages: what is missing is listed, and a language is added by adding files, also one that Babel does not know."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import flask_babel
import pytest
from babel.messages.pofile import read_po
from click.testing import CliRunner

from forms import languages
from forms import questionnaire as questionnaires
from forms.catalogue import QUESTIONNAIRES, questionnaire
from forms.faults import Faults
from survey import create_app, interface, language
from survey.commands.translations import translations as command
from tests.conftest import QUESTIONNAIRE, WAVE
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent


def run(*arguments: str, instance: Path | None = None) -> str:
    result = CliRunner().invoke(command, arguments, obj=instance or Path("none"))
    if result.exception is not None:
        raise result.exception
    return result.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Translations that tests may add to."""
    return Path(shutil.copytree(language.TRANSLATIONS, tmp_path / "translations"))


@pytest.fixture
def ede(folder: Path) -> Path:
    """Ê Đê, by the commands: a template, its words filled in (marked), compiled."""
    file = folder / "rad" / "LC_MESSAGES" / "messages.po"
    file.parent.mkdir(parents=True)
    text = interface.template("rad", folder).decode()
    head, _, entries = text.partition("\n\n")
    filled = re.sub(r'msgid "(.*)"\nmsgstr ""', r'msgid "\1"\nmsgstr "ê̆ \1"', entries)
    filled = re.sub(r'msgid_plural "(.*)"\nmsgstr\[0\] ""', r'msgid_plural "\1"\nmsgstr[0] "ê̆ \1"', filled)
    file.write_text(f"{head}\n\n{filled}".replace("ê̆ Tiếng Việt", "Klei Êđê"), "utf-8")
    assert interface.compile_po(file) == len(interface.sentences(folder))
    return folder


# What is missing


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_bundled_questionnaires_are_whole_in_english(name: str) -> None:
    assert languages.missing(questionnaire(name), "en") == []
    assert len(languages.missing(questionnaire(name), "rad")) == len(list(languages.texts(questionnaire(name))))


def test_each_missing_text_is_told_once_with_its_place() -> None:
    asked = questionnaires.load(QUESTIONNAIRE.replace('title.vi = "Về cơ quan"', 'title = {vi = "Về", en = "A"}'), "q")
    told = languages.missing(asked, "en")
    assert "title" in told
    assert "section self, title" in told and "section office, title" not in told
    assert "section office, item q1, text" in told
    assert "section office, item q1, choice v1, text" in told
    assert "section office, item q2, choice v1, text" not in told  # of the same scale
    assert languages.missing(asked, "vi") == []


def test_the_command_counts_what_is_missing(tmp_path: Path) -> None:
    lines = {tuple(line.split()[:2]): line.split()[2:] for line in run("list").splitlines()[1:]}
    assert lines["en", "pages"] == ["0", str(len(interface.sentences()))]
    assert {where for _, where in lines} >= {*QUESTIONNAIRES, "pages"}
    own = tmp_path / "own.toml"
    own.write_text(QUESTIONNAIRE, "utf-8")
    (line,) = [line for line in run("list", "--lang", "en", str(own)).splitlines() if "own.toml" in line]
    assert line.split()[2:] == ["17", "17"]
    assert f'en,{own},"section office, item said, text"' in run("list", "--each", str(own))


def test_the_texts_of_a_wave_too(scene) -> None:  # type: ignore[no-untyped-def]
    told = run("list", "--wave", "nho", "--each", instance=scene.settings.instance)
    assert 'en,wave nho,"unit so_a, name"' in told and "en,wave nho,title" in told
    assert WAVE.count("name.vi") + WAVE.count("title.vi") == told.count("wave nho")


def test_a_language_not_begun_misses_everything() -> None:
    assert interface.missing("jra") == interface.sentences()
    assert interface.missing("vi") == []


# Adding one


def test_the_command_writes_a_template_and_never_over_another(tmp_path: Path) -> None:
    file = tmp_path / "jra.po"
    assert "sentences to translate" in run("template", "jra", "-o", str(file))
    with file.open("rb") as content:
        found = read_po(content)
    with (language.TRANSLATIONS / "en/LC_MESSAGES/messages.po").open("rb") as content:
        asked = read_po(content)
    assert {message.id for message in found} == {message.id for message in asked}
    with pytest.raises(Faults, match="exists already"):
        run("template", "jra", "-o", str(file))


def test_a_template_keeps_what_is_translated(ede: Path) -> None:
    again = interface.template("rad", ede).decode()
    assert 'msgstr "ê̆ Sửa"' in again and 'msgstr[0] "ê̆ Còn' in again
    assert interface.missing("rad", ede) == []


def test_a_lost_placeholder_is_said_before_anything_is_written(ede: Path) -> None:
    file = ede / "rad/LC_MESSAGES/messages.po"
    compiled = file.with_suffix(".mo").read_bytes()
    text = file.read_text("utf-8").replace("ê̆ Quay lại phần %(number)s", "ê̆ Quay lại phần %(so)s")
    file.write_text(text, "utf-8")
    with pytest.raises(Faults, match=r"must keep %\(number\)s"):
        run("compile", str(file))
    assert file.with_suffix(".mo").read_bytes() == compiled


def test_what_is_no_gettext_file_is_said(tmp_path: Path) -> None:
    file = tmp_path / "x.po"
    file.write_text('msgid "a"\nmsgstr "b\nnonsense', "utf-8")
    with pytest.raises(Faults, match="is no gettext file"):
        run("compile", str(file))


def test_a_half_done_language_is_compiled_as_far_as_it_goes(tmp_path: Path) -> None:
    file = tmp_path / "messages.po"
    file.write_text('msgid "Sửa"\nmsgstr "M\'lih"\n\nmsgid "Tiếng Việt"\nmsgstr ""\n', "utf-8")
    assert "1 sentences" in run("compile", str(file))
    assert file.with_suffix(".mo").exists()


def test_a_language_with_files_is_served(
    ede: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    # Given a language that Babel has no data for, its files added
    found = language.languages(ede)
    assert found == {"vi": "Tiếng Việt", "en": "English", "rad": "Klei Êđê"}
    monkeypatch.setattr(language, "LANGUAGES", found)
    monkeypatch.setattr(language, "TRANSLATIONS", ede)
    (tmp_path / "instance").mkdir()
    world = worlds.build(tmp_path / "instance")
    # When a respondent asks for it
    person = Respondent(create_app(world.settings, world.clock), world.take(), "rad")
    start = person.open()
    # Then pages are in it, say so, and fall back to Vietnamese for what a questionnaire lacks
    assert start.lang == "rad" and "ê̆ Bắt đầu trả lời" in start.text
    assert "31/03/2026" in start.text
    assert person.fill_to_check().status == 200
    assert "ê̆ Gửi phiếu trả lời" in person.page.text
    assert person.fill().element("receipt")
    # And the switch goes round all languages
    person.lang = "vi"
    assert person.open(f"/P/{world.take()}").links["English"].endswith("lang=en")


@pytest.mark.parametrize(("code", "written"), [("vi", "vi"), ("en", "en"), ("rad", "rad"), ("jra", "jra")])
def test_every_language_has_a_locale(code: str, written: str) -> None:
    assert str(language.locale(code)) == written


def test_dates_of_an_unlisted_language_are_written_the_vietnamese_way(
    app: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language, "LANGUAGES", {"vi": "", "en": "", "rad": ""})
    for code, said in (("rad", "05/03/2026"), ("en", "5 March 2026")):
        with app.test_request_context(f"/?lang={code}"):  # type: ignore[attr-defined]
            assert language.day(date(2026, 3, 5)) == said
            assert str(flask_babel.get_locale()) == code


@pytest.fixture
def app(tmp_path: Path) -> object:
    world = worlds.build(tmp_path)
    return create_app(world.settings, world.clock)
