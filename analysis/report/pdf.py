"""Bound report and fact sheets as tagged PDF (PDF/UA-1), typeset by Typst; the same pack gives the same bytes."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typst

from analysis.look import LIGHT, font_folder
from analysis.report.blocks import (
    Block,
    Heading,
    Items,
    Legend,
    Pack,
    Picture,
    Sentence,
    Table,
    Terms,
    Text,
    runs,
)
from analysis.report.cells import Cell
from analysis.report.html import footer

_TEMPLATES = Path(__file__).parent / "templates"


def report(pack: Pack) -> bytes:
    """The province's report: contents, list of figures, chapters, appendices."""
    sections = [
        {"title": section.title, "appendix": section.appendix, "blocks": _blocks(section.blocks)}
        for section in pack.sections
    ]
    return _set("report", {**_common(pack), "front": _blocks(pack.front), "sections": sections})


def fact_sheets(pack: Pack) -> bytes:
    """One page a unit."""
    sheets = [{"name": sheet.name, "blocks": _blocks(sheet.blocks)} for sheet in pack.units]
    return _set("fact_sheets", {**_common(pack), "sheets": sheets})


def _common(pack: Pack) -> dict[str, Any]:
    return {
        "title": pack.title,
        "about": pack.about,
        "hash": pack.hash,
        "foot": footer(pack),
        "stamp": pack.stamp,
        "status": pack.status,
        "notices": pack.notices,
        "colours": dict(LIGHT),
    }


def _blocks(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    return [_block(block) for block in blocks]


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading(text, level):
            return {"is": "heading", "text": text, "level": level}
        case Text(text, role, label):
            return {"is": "text", "runs": _runs(text), "role": str(role), "label": label}
        case Items(items, quiet):
            return {"is": "items", "items": [_runs(item) for item in items], "quiet": quiet}
        case Terms(terms, code):
            told = [[term, [_runs(text) for text in texts]] for term, texts in terms]
            return {"is": "terms", "terms": told, "code": code}
        case Legend(texts):
            return {"is": "legend", "texts": texts}
        case Picture(caption, wide, _):
            return {"is": "picture", "caption": caption, "svg": wide.outlined, "alt": wide.alternative}
        case Table():
            return _table(block)


def _runs(sentence: Sentence) -> list[list[Any]]:
    return [[text, strong] for text, strong in runs(sentence)]


def _table(table: Table) -> dict[str, Any]:
    return {
        "is": "table",
        "caption": table.caption,
        "columns": [[column.heading, str(column.kind), column.note] for column in table.columns],
        "head": table.head,
        "rows": [[_cell(cell, table) for cell in row] for row in table.rows],
        "foot": [_cell(cell, table) for cell in table.foot] if table.foot else [],
        "wide": table.wide,
    }


def _cell(cell: Cell, table: Table) -> dict[str, Any]:
    told: dict[str, Any] = {"text": cell.text, "note": cell.note, "sign": cell.sign, "tone": cell.tone}
    if cell.strip:
        low, high = table.scale
        breadth = max(high - low, 1e-9)
        strip = cell.strip
        ends = {"low": strip.low, "high": strip.high, "dot": strip.dot, "tick": strip.tick}
        places = {name: None if end is None else round((end - low) / breadth, 4) for name, end in ends.items()}
        told["strip"] = {**places, "accent": strip.accent, "weak": strip.weak}
    return told


def _set(template: str, data: dict[str, Any]) -> bytes:
    made = typst.compile(
        _TEMPLATES / f"{template}.typ",
        root=_TEMPLATES,
        font_paths=[font_folder()],
        ignore_system_fonts=True,
        sys_inputs={"data": unicodedata.normalize("NFC", json.dumps(data, ensure_ascii=False))},
        format="pdf",
        pdf_standards="ua-1",
        timestamp=0,
    )
    return bytes(made)
