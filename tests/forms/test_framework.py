"""Loading frameworks: what they become, and every fault with its line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.faults import Faults
from forms.framework import Framework, Missing, Rule, RuleKind, Source, load, load_file

Break = Callable[..., list[tuple[int | None, str]]]
Where = Callable[[str, str], int]


def test_a_framework_is_read_as_written(small_framework: Framework, framework_text: str) -> None:
    assert small_framework.illustrative and small_framework.years == ()
    assert small_framework.hash == hashlib.sha256(framework_text.encode()).hexdigest()
    kind = small_framework.kinds["department"]
    assert kind.points == 100 and kind.groups == ("nguoi_dan", "to_chuc")
    assert [domain.points for domain in kind.domains] == [60, 40]
    assert [criterion.points for domain in kind.domains for criterion in domain.criteria] == [60, 40]
    attitude, rules, quality = kind.subcriteria
    assert (attitude.source, attitude.points, attitude.survey_points, attitude.appraised_points) == (
        Source.SURVEY,
        40,
        40,
        0,
    )
    assert (attitude.rule, attitude.missing) == (Rule(RuleKind.MEAN), Missing.REWEIGHT)
    assert (rules.rule, rules.survey_points, rules.appraised_points, dict(rules.shares)) == (None, 0, 20, {})
    assert (quality.points, quality.survey_points, quality.appraised_points) == (40, 15, 25)
    assert quality.rule == Rule(RuleKind.SHARE, favourable=("v2", "v3"))
    assert kind.survey_subcriteria == (attitude, quality) and kind.appraised_subcriteria == (rules, quality)
    assert small_framework.excluded("thanh_tra") == {"service_attitude"}
    assert small_framework.excluded("so_y_te") == frozenset()


RULES = [
    ('{ kind = "mean" }', Rule()),
    ('{ kind = "target", favourable = ["v3"], target = 0.9 }', Rule(RuleKind.TARGET, ("v3",), 0.9)),
    (
        '{ kind = "bands", of = "share", favourable = ["v3"], table = [[0.9, 1.0], [0.8, 0.5], [0, 0]] }',
        Rule(RuleKind.BANDS, ("v3",), None, "share", ((0.9, 1.0), (0.8, 0.5), (0.0, 0.0))),
    ),
    (
        '{ kind = "bands", of = "mean", table = [[0.5, 1], [0, 0]] }',
        Rule(RuleKind.BANDS, (), None, "mean", ((0.5, 1.0), (0.0, 0.0))),
    ),
]
SHARE = '{ kind = "share", favourable = ["v2", "v3"] }'


@pytest.mark.parametrize(("text", "rule"), RULES)
def test_every_rule_is_read(framework_text: str, text: str, rule: Rule) -> None:
    framework = load(framework_text.replace(SHARE, text), "x")
    assert framework.kinds["department"].subcriteria[2].rule == rule


def test_bands_and_targets_are_checked(break_framework: Break, where: Where, framework_text: str) -> None:
    bands = '{{ kind = "bands", of = "mean", table = {} }}'
    for rule, message in [
        ('{ kind = "median" }', "must be one of: mean, share, target, bands"),
        ("{ }", "“kind” is missing"),
        ('"mean"', "“rule” must be a table, not “mean”"),
        ('{ kind = "mean", target = 1 }', "unknown key “target”"),
        ('{ kind = "share" }', "needs “favourable”"),
        ('{ kind = "share", favourable = "v3" }', "“favourable” must be a list, not “v3”"),
        ('{ kind = "share", favourable = [3] }', "“favourable” must be a list of texts"),
        (
            '{ kind = "share", favourable = ["v8"] }',
            "“v8” counts as favourable, but the item “staff_1” has no such choice",
        ),
        ('{ kind = "target", favourable = ["v3"] }', "“target” is missing"),
        ('{ kind = "target", favourable = ["v3"], target = 0 }', "“target” must be more than 0"),
        ('{ kind = "target", favourable = ["v3"], target = 1.1 }', "“target” is 1.1, but must be from 0 to 1"),
        ('{ kind = "bands", of = "median", table = [[0, 0]] }', "“of” is “median”, but must be share or mean"),
        ('{ kind = "bands", table = [[0, 0]] }', "needs “favourable”"),
        (bands.format("[]"), "must be a list of pairs"),
        (bands.format("[[0.5, 1], [0]]"), "must be a list of pairs"),
        (bands.format('[["a", 1], [0, 0]]'), "“table” must be a number, not “a”"),
        (bands.format("[[0.5, 1], [0.5, 0.5], [0, 0]]"), "the steps of “table” must fall"),
        (bands.format("[[0.5, 0.1], [0, 0.2]]"), "must not score more than a higher one"),
        (bands.format("[[0.5, 1]]"), "the last step of “table” must begin at 0"),
    ]:
        faults = break_framework((SHARE, rule))
        line = where(framework_text, SHARE)
        assert any(row == line and message in said for row, said in faults), (rule, faults)


# part to replace, replacement, part on the expected line afterwards ("^": the line above it), message
FAULTS = [
    ("points = 40\n", "points = 39\n", "[[kind.department.domain]]\n", "the points of kind “department” sum to 99"),
    (
        "points = 60\n",
        "points = 61\n",
        "points = 61",
        "domain “service” declares 61 points, but its subcriteria sum to 60",
    ),
    ("points = 40\n", "points = 0\n", "points = 0", "“points” must be more than 0"),
    ("points = 40\n", "points = -5\n", "points = -5", "“points” is -5, but must be from 0 to 100"),
    ("points = 40\n", "", '^id = "service_attitude"', "“points” is missing"),
    ("points = 40\n", 'points = "40"\n', 'points = "40"', "“points” must be a number, not “40”"),
    ("points = 40\n", "points = 40\nsurvey_points = 3\n", "survey_points = 3", 'is only for source = "both"'),
    ("survey_points = 15", "survey_points = 15\npoints = 41", "points = 41", "declares 41 points"),
    ("to_chuc = 0.4", "to_chuc = 0.5", "to_chuc", "the shares of “service_attitude” sum to 1.1, but must sum to 1"),
    ("to_chuc = 0.4", "to_chuc = 0.3", "to_chuc", "sum to 0.9, but must sum to 1"),
    ("to_chuc = 0.4", "to_chuc = 1.4", "to_chuc", "“to_chuc” is 1.4, but must be from 0 to 1"),
    ("to_chuc = 0.4", "to_chuc = 0.4, xa = 0", "to_chuc", "the share of “xa” is 0; leave the group out"),
    ("to_chuc = 0.4", "To-chuc = 0.4", "To-chuc", "“To-chuc” is not the id of a group"),
    ("shares = { nguoi_dan = 0.6, to_chuc = 0.4 }\n", "", '^id = "service_attitude"', "no group “shares”"),
    ("shares = { nguoi_dan = 1 }", "shares = { }", "shares = { }", "no group “shares”"),
    (
        "shares = { nguoi_dan = 1 }",
        'shares = { nguoi_dan = 1 }\nmissing = "zero"',
        "missing",
        "one of: reweight, withhold",
    ),
    (
        'items = ["staff_1"]\nshares = { nguoi_dan = 0.6',
        "shares = { nguoi_dan = 0.6",
        '^id = "service_attitude"',
        "no “items”",
    ),
    (
        '["staff_1"]\nshares = { nguoi_dan = 1',
        '["staff_9"]\nshares = { nguoi_dan = 1',
        "staff_9",
        "has the item “staff_9”",
    ),
    ('["staff_1"]\nshares = { nguoi_dan = 1', '["visits"]\nshares = { nguoi_dan = 1', "visits", "is of type number"),
    ('["staff_1"]\nshares = { nguoi_dan = 0.6', '["used"]\nshares = { nguoi_dan = 0.6', "used", "has no mean"),
    (
        '["staff_1"]\nshares = { nguoi_dan = 1',
        '["staff_1", "staff_1"]\nshares = { nguoi_dan = 1',
        ', "staff_1"',
        "twice",
    ),
    ('id = "service_rules"', 'id = "service_attitude" # two', "# two", "“service_attitude” is used twice in this kind"),
    ('id = "service_staff"', 'id = "service" # two', "# two", "“service” is used twice in this kind"),
    ('id = "service_rules"', 'id = "service__rules"', "service__rules", "columns such as service__self"),
    ('source = "appraised"', 'source = "documents"', "documents", "must be one of: survey, appraised, both"),
    ('source = "appraised"', 'source = "appraised"\nitems = ["staff_1"] # a', "# a", "“items” is for survey points"),
    ('name.vi = "Quy chế"\n', "", '^id = "service_rules"', "“name” is missing"),
    (
        'subcriteria = ["service_attitude"]',
        'subcriteria = ["service"]',
        'subcriteria = ["service"]',
        "no subcriterion “service”",
    ),
    ('subcriteria = ["service_attitude"]', "subcriteria = []", "subcriteria = []", "names no subcriterion"),
    ('unit = "thanh_tra"\n', "", '^subcriteria = ["service_attitude"]', "“unit” is missing"),
    ("illustrative = true", 'illustrative = "yes"', "illustrative", "“illustrative” must be true or false"),
    ("illustrative = true", "years = 2019", "years = 2019", "“years” must be a list of whole numbers"),
    ("illustrative = true", "year = [2019]", "year = [2019]", "unknown key “year”"),
    ('id = "steering"\n', 'id = "steering"\nweight = 1\n', "weight = 1", "unknown key “weight”"),
]


@pytest.mark.parametrize(("old", "new", "stands", "message"), FAULTS, ids=[fault[3][:40] for fault in FAULTS])
def test_a_fault_is_named_with_its_line(
    break_framework: Break, framework_text: str, where: Where, old: str, new: str, stands: str, message: str
) -> None:
    broken = framework_text
    if old.startswith("points"):  # the first line that is exactly this: "appraised_points" ends alike
        old, new = f"\n{old}", f"\n{new}"
    faults = break_framework((old, new))
    broken = framework_text.replace(old, new)
    if stands.startswith("[["):
        line = broken.split("\n").index(stands.strip()) + 1
    else:
        stands_alone = [n for n, row in enumerate(broken.split("\n"), 1) if row.startswith(stands.removeprefix("^"))]
        line = (stands_alone or [where(broken, stands.removeprefix("^"))])[0] - stands.startswith("^")
    assert (line, message) in [(row, message if message in said else said) for row, said in faults], faults


def test_all_faults_are_said_at_once(break_framework: Break) -> None:
    faults = break_framework(
        ("to_chuc = 0.4", "to_chuc = 0.5"),
        ("appraised_points = 25", "appraised_points = 26"),
        ('id = "service_rules"', 'id = "service_attitude"'),
    )
    said = "\n".join(message for _, message in faults)
    assert len(faults) == 3
    assert "sum to 101" in said and "sum to 1.1" in said and "used twice" in said


def test_kinds_domains_criteria_and_subcriteria_are_needed() -> None:
    for below, message in [
        ("", "has no unit kind"),
        ("[kind.Department]\n", "“Department” is not an id"),
        ("[kind.department]\n", "“domain” is missing"),
        ("[kind]\ndepartment = 5\n", "“department” must be a table"),
        ('[[kind.department.domain]]\nid = "a"\nname = "A"\n', "“criterion” is missing"),
        (
            '[[kind.department.domain]]\nid = "a"\nname = "A"\n[[kind.department.domain.criterion]]\n',
            "“subcriterion” is missing",
        ),
    ]:
        with pytest.raises(Faults) as caught:
            load(f'id = "x"\ntitle = "X"\n{below}', "x.toml")
        assert message in str(caught.value)


def test_a_kind_may_repeat_the_ids_of_another(framework_text: str) -> None:
    start = framework_text.index("[[kind"), framework_text.index("[[not_applicable")
    both = framework_text + framework_text[start[0] : start[1]].replace("kind.department", "kind.district")
    kinds = load(both, "x").kinds
    assert [s.id for s in kinds["district"].subcriteria] == [s.id for s in kinds["department"].subcriteria]


def test_items_are_checked_only_against_known_questionnaires(framework_text: str, tmp_path: Path) -> None:
    file = tmp_path / "f.toml"
    file.write_text(framework_text.replace("staff_1", "elsewhere"), "utf-8")
    assert load_file(file).id == "small"
    with pytest.raises(Faults, match="no questionnaire has the item “elsewhere”"):
        load_file(file, {})


@given(st.lists(st.integers(1, 400), min_size=1, max_size=8), st.lists(st.integers(1, 20), min_size=1, max_size=6))
def test_points_and_shares_that_sum_in_decimals_pass(parts: list[int], shares: list[int]) -> None:
    """Decimal figures that sum exactly must not fail for binary noise; any cent more must."""
    hundredths = [1 + 9000 * part // sum(parts) for part in parts]
    hundredths[0] += 10_000 - sum(hundredths)
    thousandths = [1 + 900 * share // sum(shares) for share in shares]
    thousandths[0] += 1000 - sum(thousandths)
    groups = ", ".join(f"g{n} = {share / 1000}" for n, share in enumerate(thousandths))

    def source(first: int) -> str:
        subcriteria = "".join(
            f'[[kind.k.domain.criterion.subcriterion]]\nid = "s{n}"\nname = "S"\npoints = {points / 100}\n'
            f'source = "survey"\nitems = ["i"]\nshares = {{ {groups} }}\n'
            for n, points in enumerate([first, *hundredths[1:]])
        )
        head = 'id = "x"\ntitle = "X"\n[[kind.k.domain]]\nid = "d"\nname = "D"\n'
        return head + '[[kind.k.domain.criterion]]\nid = "c"\nname = "C"\n' + subcriteria

    assert len(load(source(hundredths[0]), "x").kinds["k"].subcriteria) == len(parts)
    with pytest.raises(Faults, match="must sum to 100"):
        load(source(hundredths[0] - 1), "x")
