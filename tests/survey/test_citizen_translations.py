"""The English words: every sentence has them, they say the same placeholders, and the compiled file is up to date."""

from __future__ import annotations

import gettext
import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po, write_po

from survey.interface import compile_po
from survey.language import DESK_LANGUAGES, LANGUAGES, SOURCE

SURVEY = Path(__file__).parents[2] / "survey"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
HEAD = (
    'msgid ""\nmsgstr ""\n"Language: {0}\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"'
)
MEND = (
    "run: python -m tests.survey.test_citizen_translations, which adds what is missing to {0}/LC_MESSAGES/{1}.po and "
    "drops what is left over; write the words; phieu translations compile"
)
DOMAINS = [("messages", language) for language in LANGUAGES if language != SOURCE]
DOMAINS += [("desk", language) for language in DESK_LANGUAGES if language != SOURCE]


def _file(language: str, domain: str) -> Path:
    return SURVEY / "translations" / language / "LC_MESSAGES" / f"{domain}.po"


def _sentences(domain: str) -> dict[str | tuple[str, ...], None]:
    """What code and templates of respondents' pages and paper say, or of the desk."""
    found = extract_from_dir(str(SURVEY), METHODS, {"**/templates/**.html": {"extensions": "jinja2.ext.do"}})
    return {message: None for file, _, message, _, _ in found if (Path(file).parts[0] == "desk") == (domain == "desk")}


@pytest.mark.parametrize(("domain", "language"), DOMAINS)
def test_every_sentence_is_translated_and_none_is_left_over(domain: str, language: str) -> None:
    with _file(language, domain).open("rb") as file:
        catalogue = read_po(file, locale=language)
    entries = {message.id: message for message in catalogue if message.id}
    asked = _sentences(domain)
    assert len(asked) > 40
    assert set(entries) == set(asked), MEND.format(language, domain)
    for source, message in entries.items():
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(texts) and not message.fuzzy, f"untranslated: {source}. {MEND.format(language, domain)}"
        named = set(re.findall(r"%\(\w+\)s", source if isinstance(source, str) else source[0]))
        assert all(set(re.findall(r"%\(\w+\)s", text)) == named for text in texts), source


@pytest.mark.parametrize(("domain", "language"), DOMAINS)
def test_the_compiled_file_matches(domain: str, language: str) -> None:
    with _file(language, domain).open("rb") as file:
        written = _words(read_po(file, locale=language))
    with _file(language, domain).with_suffix(".mo").open("rb") as file:
        assert _words(read_mo(file)) == written, MEND.format(language, domain)


def _words(catalogue: Catalog) -> dict[str, list[str]]:
    return {
        message.id if isinstance(message.id, str) else message.id[0]: list(message.string)
        for message in catalogue
        if message.id
    }


def test_compiling_the_same_words_gives_the_same_file(tmp_path: Path) -> None:
    copy = tmp_path / "messages.po"
    copy.write_bytes(_file("en", "messages").read_bytes())

    compile_po(copy)

    there = _file("en", "messages").with_suffix(".mo")
    assert copy.with_suffix(".mo").read_bytes() == there.read_bytes(), MEND.format("en", "messages")


def test_the_compiled_file_is_what_gettext_reads() -> None:
    words = gettext.translation("messages", SURVEY / "translations", ["en"])
    assert words.gettext("Sửa") == "Change"


def _follow(domain: str, language: str) -> None:
    """Make a file hold exactly the sentences there are, each once: new ones at its end, without words yet."""
    file, asked = _file(language, domain), _sentences(domain)
    text = file.read_text("utf-8") if file.exists() else HEAD.format(language)
    there = [message.id for message in read_po(BytesIO(text.encode())) if message.id]
    if set(there) == set(asked) and len(re.findall(r"(?m)^msgid ", text)) == 1 + len(there):
        return
    kept: dict[str | tuple[str, ...], str] = {}
    for message in [*read_po(BytesIO(text.encode())), *map(Message, asked)]:
        if message.id in asked and message.id not in kept:
            made = Catalog(fuzzy=False)
            made[message.id] = message
            out = BytesIO()
            write_po(out, made, width=0, omit_header=True)
            kept[message.id] = out.getvalue().decode().strip()
    file.write_text("\n\n".join([text.strip().split("\n\n")[0], *kept.values()]) + "\n", "utf-8")


if __name__ == "__main__":
    for _domain, _language in DOMAINS:
        _follow(_domain, _language)
