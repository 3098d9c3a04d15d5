"""What the pack says: a result and its circumstances, turned into blocks once for all writers."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace

from analysis import numbers
from analysis.report import wording
from analysis.report.blocks import Pack, Section, Table, Text
from analysis.report.content import appraisal, checked, kinds, method, returns, unit
from analysis.report.content.compared import compared
from analysis.report.content.front import front
from analysis.report.content.material import Material, Source
from analysis.report.content.satisfied import satisfied
from analysis.report.content.tables import long_tables

__all__ = ["Material", "Source", "long", "pack"]


def pack(material: Material) -> Pack:
    """The whole publication."""
    wave, shown = material.result.wave, material.kinds
    opens, closes = (numbers.day(datetime.date.fromisoformat(day)) for day in (wave.opens, wave.closes))
    about = [wave.title["vi"], f"thu phiếu từ {opens} đến {closes}"]
    about.insert(1, "số liệu mô phỏng") if wave.simulated else None
    return Pack(
        title=f"Chỉ số cải cách hành chính các {' và các '.join(kind.title for kind in shown)}",
        about=tuple(about),
        hash=material.result.dataset_hash,
        simulated=wave.simulated,
        stamp=material.standing.stamp,
        notices=tuple(notices(material)),
        status=material.standing.sentences,
        front=front(material),
        sections=tuple(_sections(material)),
        units=tuple(sheet for kind in shown for sheet in unit.sheets(material, kind)),
    )


def long(material: Material) -> tuple[Table, ...]:
    """Tables for the workbook and the open data alone."""
    return tuple(long_tables(material))


def notices(material: Material) -> Iterator[str]:
    """What must be known before any number is read."""
    result = material.result
    told = [
        (result.wave.simulated, wording.SIMULATED),
        (result.framework.illustrative, wording.ILLUSTRATIVE),
        (result.wave.interim, wording.INTERIM),
        (result.wave.non_probability, wording.NON_PROBABILITY),
        (bool(material.manifest.get("pilot")), wording.PILOT),
    ]
    return (text for holds, text in told if holds)


def _sections(material: Material) -> Iterator[Section]:
    for kind in material.kinds:
        whole = kinds.chapter(material, kind)
        yield replace(whole, blocks=(*whole.blocks, *compared(material, kind), *satisfied(material, kind)))
    without = [material.unit(each) for each in material.result.units_without_framework]
    if without:
        said = (
            "Bộ tiêu chí không có phần dành cho các cơ quan sau nên không tính chỉ số và không xếp hạng: "
            f"{'; '.join(without)}."
        )
        yield Section("khong-xep-hang", "Cơ quan không tính chỉ số", (Text(said),))
    yield returns.section(material)
    for found in (appraisal.section(material), checked.section(material)):
        if found is not None:
            yield found
    yield method.method(material)
    yield method.provenance(material)
