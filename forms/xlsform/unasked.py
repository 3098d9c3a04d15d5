"""What of a form stands outside its questions, and is left out or changed with all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from forms.xlsform.lists import List
from forms.xlsform.notes import Notes
from forms.xlsform.sheets import Form

_SETTINGS = re.compile(r"form_title|form_id|version|default_language|phieu_(minutes|layout|screen_out|title_[a-z-]+)")


def whole_sheets(form: Form, lists: Mapping[str, List], notes: Notes) -> None:
    """What no single question is made of: settings, lists that nobody asks for, further sheets, cells out of place."""
    for heading, said in form.settings.items():
        if not _SETTINGS.fullmatch(heading):
            notes.left_out("settings", 2, heading, f"says “{said[:40]}”, which a questionnaire has no place for")
    version = form.settings.get("version", "1")
    if not (version.isascii() and version.isdecimal() and len(version) < 10 and int(version) > 0):
        notes.changed("settings", 2, "version", f"is “{version[:40]}”: versions are whole numbers here")
    asked = {word for row in form.survey for word in row.get("type").split()}
    for name in lists:
        if name not in asked:
            notes.left_out("choices", None, name, "is a list that no question asks for")
    for name in form.others:
        notes.left_out(name, None, "", "is a sheet that a questionnaire has no place for")
    for sheet, number, about, message in form.unread:
        notes.left_out(sheet, number, about, message)
    if form.plain:
        notes.changed("settings", None, "", "names no default_language: words are taken as Vietnamese")
    _uncounted(form, lists, notes)
    for sheet, heading in form.unnamed:
        notes.left_out(sheet, 1, heading, "is in a language without a code, such as English (en)")


def lists_of_what_was_lost(form: Form, lists: Mapping[str, List], kept: Iterable[int], notes: Notes) -> None:
    """Lists that only questions ask for which were left out; ``kept``: rows of those that were not."""
    there = set(kept)
    asked = [(row.number in there, word) for row in form.survey for word in row.get("type").split()]
    used = {word for here, word in asked if here}
    for name in {word for _here, word in asked if word in lists} - used:
        notes.left_out("choices", None, name, "is a list for which only questions ask that were left out")


def _uncounted(form: Form, lists: Mapping[str, List], notes: Notes) -> None:
    """Lists that look like a scale but say no values, so that no index can count them."""
    used: dict[str, int] = {}
    for row in form.survey:
        words = row.get("type").casefold().split()
        if (words and words[0] in ("select_one", "select1")) or words[:2] == ["select", "one"]:
            used[row.get("type").split()[-1]] = used.get(row.get("type").split()[-1], 0) + 1
    for name, found in lists.items():
        numbered = all(id.lstrip("vc").isdecimal() for id in found.ids.values())
        if not found.scored and len(found.choices) > 2 and (used.get(name, 0) > 1 or (numbered and name in used)):
            notes.changed(
                "choices", None, name,
                "gives its answers no values, so that no index counts them: add a column phieu_value (0 to 1)",
            )  # fmt: skip
