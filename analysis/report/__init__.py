"""The publication pack: pages, workbook and documents, laid out from one content that is computed once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.report import content, data, html, xlsx
from analysis.report.annexes import NO_ANNEXES, Annexes
from analysis.report.content import Material, Source
from analysis.report.standing import DRAFT, Standing
from analysis.result import IndexResult
from forms.framework import Framework

__all__ = ["Annexes", "Material", "Source", "write"]

UNITS = "don-vi"


def write(
    target: Path,
    result: IndexResult,
    framework: Framework,
    manifest: Mapping[str, Any],
    sources: Sequence[tuple[str, Source]] = (),
    *,
    annexes: Annexes = NO_ANNEXES,
    standing: Standing = DRAFT,
    heard: Callable[[int, int, str], None] = lambda done, total, what: None,
) -> tuple[Path, ...]:
    """Write the pack into ``target`` and return its files' paths, the province's page first.

    ``manifest`` is that of the dataset; ``sources`` are labelled files that went in besides it; ``annexes`` what was
    computed beside the index. ``heard`` is told how far it is. Same arguments, same bytes.
    """
    target.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    material = Material(result, framework, manifest, tuple(sources), standing, annexes)
    pack = content.pack(material)
    heard(1, 4, "pages")
    made.append(_text(target / "index.html", html.page(pack)))
    (target / UNITS).mkdir(exist_ok=True)
    made += [_text(target / UNITS / f"{sheet.id}.html", html.unit_page(pack, sheet)) for sheet in pack.units]
    heard(2, 4, "workbook")
    workbook = target / "index.xlsx"
    xlsx.write(workbook, pack, content.long(material))
    made += [workbook, _text(target / "result.json", data.text(result))]
    heard(4, 4, "done")
    return tuple(made)


def _text(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path
