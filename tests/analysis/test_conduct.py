"""How each counter asked: from the manifest into the report."""

from __future__ import annotations

from typing import Any

from analysis.conduct import ConductRow, conduct_rows
from survey.counter.selection import Conduct

HONEST = Conduct("dan", "so_tu_phap", 1200, 1190, 120, 118, 3, 1, 2, 1196)
SLACK = Conduct("dan", "so_y_te", 400, 301, 40, 20, 30, 1, 2, 330, again=3)
NOBODY = Conduct("dan", "so_la", 0, 0, 0, 0, 0, 0, 0, 0)


def manifest(*offices: Conduct) -> dict[str, Any]:
    return {"counter": [each.document() for each in offices]}


def test_what_was_counted_at_the_counters_is_read_from_the_manifest() -> None:
    honest, slack, nobody = conduct_rows(manifest(HONEST, SLACK, NOBODY))
    assert isinstance(honest, ConductRow)
    assert (honest.listed, honest.asked, honest.again, honest.marks) == (1200, 1190, 0, frozenset())
    assert not (honest.too_few_asked or honest.too_irregular or honest.too_often_again)
    assert slack.too_few_asked and slack.too_irregular and slack.too_often_again
    assert (nobody.share_asked, nobody.irregular, nobody.marks) == (None, None, frozenset())


def test_a_wave_without_counters_and_an_older_manifest() -> None:
    assert conduct_rows({}) == ()
    older = {name: value for name, value in HONEST.document().items() if name not in ("again", "share_again")}
    assert conduct_rows({"counter": [older]})[0].again == 0
