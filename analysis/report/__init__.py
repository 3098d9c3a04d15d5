"""The publication pack: pages, workbook and documents, laid out from one content that is computed once."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.canvas import Chart
from analysis.report import content, data, docx, drafts, html, opendata, pdf, xlsx
from analysis.report.annexes import NO_ANNEXES, Annexes
from analysis.report.blocks import Pack
from analysis.report.content import Material, Source
from analysis.report.standing import DRAFT, Standing
from analysis.result import IndexResult
from forms.framework import Framework

__all__ = ["Annexes", "Material", "Source", "Standing", "write"]

UNITS, CHARTS, OPEN = "don-vi", "bieu-do", "du-lieu-mo"
Heard = Callable[[int, int, str], None]


def write(
    target: Path,
    result: IndexResult,
    framework: Framework,
    manifest: Mapping[str, Any],
    sources: Sequence[tuple[str, Source]] = (),
    *,
    annexes: Annexes = NO_ANNEXES,
    standing: Standing = DRAFT,
    heard: Heard = lambda done, total, what: None,
) -> tuple[Path, ...]:
    """Write the pack into ``target`` and return its files' paths, the province's page first.

    ``manifest`` is that of the dataset; ``sources`` are labelled files that went in besides it; ``annexes`` what was
    computed beside the index. ``heard`` is told how far it is. Same arguments, same bytes.
    """
    target.mkdir(parents=True, exist_ok=True)
    material = Material(result, framework, manifest, tuple(sources), standing, annexes)
    pack = content.pack(material)
    return tuple(_written(target, material, pack, heard))


def _written(target: Path, material: Material, pack: Pack, heard: Heard) -> Iterator[Path]:
    png = functools.lru_cache(maxsize=None)(_png)
    longer = content.long(material)
    yield _text(target / "index.html", html.page(pack))
    heard(10, 20, "pages")
    (target / UNITS).mkdir(exist_ok=True)
    for sheet in pack.units:
        yield _text(target / UNITS / f"{sheet.id}.html", html.unit_page(pack, sheet))
    heard(11, 20, "workbook")
    xlsx.write(target / "index.xlsx", pack, longer)
    yield target / "index.xlsx"
    yield _text(target / "result.json", data.text(material.result))
    yield _text(target / "annexes.json", data.text(material.annexes))
    yield from opendata.write(target / OPEN, pack, longer)
    heard(12, 20, "PDF")
    yield _bytes(target / "bao-cao.pdf", pdf.report(pack))
    yield _bytes(target / "phieu-don-vi.pdf", pdf.fact_sheets(pack))
    heard(15, 20, "documents")
    yield _bytes(target / "bao-cao.docx", docx.report(pack, png))
    yield _bytes(target / "to-trinh.docx", drafts.submission(pack, material))
    yield _bytes(target / "quyet-dinh.docx", drafts.decision(pack, material))
    heard(17, 20, "charts")
    (target / CHARTS).mkdir(exist_ok=True)
    for picture in pack.pictures:
        yield _text(target / CHARTS / f"{picture.wide.name}.svg", picture.wide.svg)
        yield _bytes(target / CHARTS / f"{picture.wide.name}.png", png(picture.wide))
    heard(20, 20, "done")


def _png(chart: Chart) -> bytes:
    return chart.png


def _text(path: Path, text: str) -> Path:
    return _bytes(path, text.encode("utf-8"))


def _bytes(path: Path, made: bytes) -> Path:
    path.write_bytes(made)
    return path
