"""The English words: every sentence has them, they say the same placeholders, and the compiled file is up to date."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from survey.interface import compile_po
from survey.language import LANGUAGES, SOURCE

SURVEY = Path(__file__).parents[2] / "survey"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
MEND = (
    "run: pybabel extract -F survey/translations/babel.cfg -o messages.pot survey && "
    "pybabel update -l {0} -i messages.pot -d survey/translations; translate; pybabel compile -d survey/translations"
)
LANGUAGES_TO_HOLD = [language for language in LANGUAGES if language != SOURCE]


def _folder(language: str) -> Path:
    return SURVEY / "translations" / language / "LC_MESSAGES"


def _sentences() -> set[str | tuple[str, ...]]:
    found = extract_from_dir(str(SURVEY), METHODS, {"**/templates/**.html": {"extensions": "jinja2.ext.do"}})
    return {message for _, _, message, _, _ in found}


@pytest.mark.parametrize("language", LANGUAGES_TO_HOLD)
def test_every_sentence_is_translated_and_none_is_left_over(language: str) -> None:
    with (_folder(language) / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    entries = {message.id: message for message in catalogue if message.id}
    asked = _sentences()
    assert len(asked) > 80
    assert set(entries) == asked, MEND.format(language)
    for source, message in entries.items():
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(texts) and not message.fuzzy, f"untranslated: {source}. {MEND.format(language)}"
        named = set(re.findall(r"%\(\w+\)s", source if isinstance(source, str) else source[0]))
        assert all(set(re.findall(r"%\(\w+\)s", text)) == named for text in texts), source


@pytest.mark.parametrize("language", LANGUAGES_TO_HOLD)
def test_the_compiled_file_matches(language: str) -> None:
    with (_folder(language) / "messages.po").open("rb") as file:
        written = _words(read_po(file, locale=language))
    with (_folder(language) / "messages.mo").open("rb") as file:
        assert _words(read_mo(file)) == written, MEND.format(language)


def _words(catalogue: Catalog) -> dict[str, list[str]]:
    return {
        message.id if isinstance(message.id, str) else message.id[0]: list(message.string)
        for message in catalogue
        if message.id
    }


def test_compiling_the_same_words_gives_the_same_file(tmp_path: Path) -> None:
    copy = tmp_path / "messages.po"
    copy.write_bytes((_folder("en") / "messages.po").read_bytes())

    compile_po(copy)

    assert copy.with_suffix(".mo").read_bytes() == (_folder("en") / "messages.mo").read_bytes(), MEND.format("en")


def test_the_compiled_file_is_what_gettext_reads() -> None:
    words = gettext.translation("messages", SURVEY / "translations", ["en"])
    assert words.gettext("Sửa") == "Change"
