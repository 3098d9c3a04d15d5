"""Two versions side by side."""

from __future__ import annotations

import pytest

from forms.catalogue import QUESTIONNAIRES, questionnaire
from forms.questionnaire import load
from forms.versions import Aspect, Difference, differences


@pytest.mark.parametrize("name", QUESTIONNAIRES)
def test_a_questionnaire_does_not_differ_from_itself_however_it_is_written(name: str) -> None:
    asked = questionnaire(name)
    assert differences(asked, load("# anders\n" + asked.text.replace("\n\n", "\n\n\n"), "x")) == ()


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('title.vi = "Phiếu nhỏ"', 'title.vi = "Phiếu bé"', [
            Difference(Aspect.TITLE, "", "Phiếu nhỏ", "Phiếu bé", "vi"),
        ]),
        ('title.en = "Small form"\n', "", [Difference(Aspect.TITLE, "", "Small form", "", "en")]),
        ('id = "small"', 'id = "small"\nversion = 2\nminutes = 9\nlayout = "page"', [
            Difference(Aspect.VERSION, "", "1", "2"), Difference(Aspect.MINUTES, "", "5", "9"),
            Difference(Aspect.LAYOUT, "", "sections", "page"),
        ]),
        ('screen_out = "used == \'no\'"', "", [Difference(Aspect.SCREEN_OUT, "", "used == 'no'", "")]),
        ('name.vi = "Công chức"', 'name.vi = "Cán bộ"', [
            Difference(Aspect.FACTOR_NAME, "staff", "Công chức", "Cán bộ", "vi"),
        ]),
        ('text = "Thái độ"', 'text = "Thái độ?"\nhint = "Gần nhất"', [
            Difference(Aspect.TEXT, "staff_1", "Thái độ", "Thái độ?", "vi"),
            Difference(Aspect.HINT, "staff_1", "", "Gần nhất", "vi"),
        ]),
        ('vi = "Hài lòng", en = "Satisfied"', 'vi = "Vừa ý", en = "Satisfied"', [
            Difference(Aspect.CHOICE_TEXT, "staff_1/v3", "Hài lòng", "Vừa ý", "vi"),
        ]),
        ("value = 0.5", "value = 0.4", [Difference(Aspect.VALUE, "staff_1/v2", "0.5", "0.4")]),
        ("max = 50", "max = 60", [Difference(Aspect.LIMITS, "visits", "min 0, max 50, max_length 1000",
                                             "min 0, max 60, max_length 1000")]),
        ("required = true", "required = false", [Difference(Aspect.REQUIRED, "used", "True", "False")]),
        ("show_if = \"many == 'papers'\"", "", [Difference(Aspect.SHOW_IF, "papers", "many == 'papers'", "")]),
        ('id = "after"\ntitle = "Sau"', 'id = "after"\ntitle = "Cuối"\nintro = "Gần xong"', [
            Difference(Aspect.SECTION_TITLE, "after", "Sau", "Cuối", "vi"),
            Difference(Aspect.SECTION_INTRO, "after", "", "Gần xong", "vi"),
        ]),
        ('text = "Tháng nộp"', 'text = "Tháng nộp"\n[[section.item]]\nid = "more"\ntype = "text"\ntext = "Thêm"', [
            Difference(Aspect.ITEMS, "service", "", "more"),
        ]),
        ('{ id = "counter", vi = "Trực tiếp" }',
         '{ id = "counter", vi = "Trực tiếp" }, { id = "post", vi = "Bưu điện" }', [
            Difference(Aspect.CHOICES, "ways", "", "post"),
        ]),
        ('choices = [{ id = "head", vi = "Trưởng" }, { id = "deputy", vi = "Phó" }]',
         'choices = [{ id = "deputy", vi = "Phó" }, { id = "head", vi = "Trưởng" }]', [
            Difference(Aspect.CHOICES, "role", "head, deputy", "deputy, head"),
        ]),
    ],
)  # fmt: skip
def test_what_differs(small_text: str, old: str, new: str, found: list[Difference]) -> None:
    assert small_text.count(old) == 1
    small, other = load(small_text, "a"), load(small_text.replace(old, new), "b")
    assert list(differences(small, other)) == found
    # and seen from the other side the same, turned round
    turned = [(each.aspect, each.where, each.after, each.before) for each in differences(other, small)]
    assert turned == [(each.aspect, each.where, each.before, each.after) for each in found]
