"""What the optional script is told: conditions on the page's own questions, nothing of another page's answers."""

from __future__ import annotations

import json

from forms import questionnaire
from survey.citizen.mirroring import mirror

ASKED = """
id = "asked"
version = 1
minutes = 1
title.vi = "Phiếu"
[[section]]
id = "one"
title.vi = "Một"
[[section.item]]
id = "secret"
type = "single"
text.vi = "Bí mật"
choices = [{ id = "a", vi = "A" }, { id = "b", vi = "B" }]
[[section]]
id = "two"
title.vi = "Hai"
[[section.item]]
id = "n"
type = "number"
text.vi = "Số"
[[section.item]]
id = "elsewhere"
type = "number"
text.vi = "Chỉ hỏi về trang khác"
show_if = "secret == 'a'"
[[section.item]]
id = "both"
type = "number"
text.vi = "Cả hai"
show_if = "(n > 3 or answered(n)) and not secret in ['a', 'b']"
"""


def test_conditions_as_data() -> None:
    asked = questionnaire.load(ASKED, "asked.toml")
    page = asked.pages(1)[1]
    found = mirror(asked, page, {"secret": "a"})
    assert list(found) == ["both"]
    assert json.loads(found["both"]) == [
        "and", ["or", [">", "n", 3], ["answered", "n"]], ["not", ["known", True]],
    ]  # fmt: skip
    assert "secret" not in found["both"]
    assert json.loads(mirror(asked, page, {})["both"])[2] == ["not", ["known", False]]


def test_being_screened_out_by_a_page_is_mirrored_on_it() -> None:
    text = ASKED.replace('title.vi = "Phiếu"', 'title.vi = "Phiếu"\nscreen_out = "n > 3 and secret == \'a\'"')
    asked = questionnaire.load(text, "asked.toml")
    pages = asked.pages(1)
    # The page before only asks a part of it, and hides nothing of its own
    assert mirror(asked, pages[0], {}) == {}
    found = mirror(asked, pages[1], {"secret": "a"})
    assert list(found) == ["elsewhere", "both"]
    screened = ["not", ["and", [">", "n", 3], ["known", True]]]
    assert json.loads(found["elsewhere"]) == ["and", screened, ["known", True]]
    assert json.loads(found["both"])[1] == screened
