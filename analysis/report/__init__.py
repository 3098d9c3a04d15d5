"""The publication pack: one page, one workbook, one JSON document, made from one result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.report import data, html, xlsx
from analysis.report.html import Source
from analysis.result import IndexResult
from forms.framework import Framework

__all__ = ["Source", "write"]


def write(
    target: Path,
    result: IndexResult,
    framework: Framework,
    manifest: Mapping[str, Any],
    sources: Sequence[tuple[str, Source]] = (),
) -> tuple[Path, ...]:
    """Write index.html, index.xlsx and result.json into ``target`` and return their paths.

    ``manifest`` is that of the dataset; ``sources`` are labelled files that went in besides it. Same arguments, same
    bytes.
    """
    target.mkdir(parents=True, exist_ok=True)
    page, workbook, document = (target / name for name in ("index.html", "index.xlsx", "result.json"))
    page.write_text(html.page(result, framework, manifest, sources), "utf-8")
    xlsx.write(workbook, result, framework, manifest, sources)
    document.write_text(data.text(result), "utf-8")
    return page, workbook, document
