"""A result as a wave would give it, made from a seed: departments with everything, communes with few answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis import numbers, report
from analysis.notes import NoteKind, note
from analysis.report import content
from analysis.report.blocks import Pack
from analysis.report.content import Material, Source
from analysis.result import (
    AssessmentRow,
    Change,
    DomainFigure,
    FrameworkFacts,
    GroupScore,
    IndexResult,
    KindResult,
    Mark,
    Quality,
    RateRow,
    SubcriterionFigure,
    UnitIndex,
    Verdict,
    WaveFacts,
)
from forms import framework
from forms.framework import Framework

DOMAINS = {
    "steering": ("Công tác chỉ đạo, điều hành cải cách hành chính", 10),
    "institutions": ("Cải cách thể chế", 10),
    "procedures": ("Cải cách thủ tục hành chính", 14.5),
    "organisation": ("Cải cách tổ chức bộ máy", 11),
    "civil_servants": ("Cải cách chế độ công vụ", 16),
    "public_finance": ("Cải cách tài chính công", 7),
    "modernisation": ("Xây dựng và phát triển chính quyền điện tử, chính quyền số", 16),
    "impact": ("Tác động của cải cách hành chính", 15.5),
}
GROUPS = {
    "lanh_dao": "Lãnh đạo sở, ban, ngành",
    "nguoi_dan": "Người dân có sử dụng dịch vụ hành chính công trong năm",
    "to_chuc": "Doanh nghiệp, tổ chức có sử dụng dịch vụ hành chính công trong năm",
    "cong_chuc": "Công chức tự đánh giá cơ quan, địa phương mình",
}
DEPARTMENTS = (
    "Sở Tư pháp", "Sở Nông nghiệp và Phát triển nông thôn", "Sở Nội vụ", "Sở Kế hoạch và Đầu tư",
    "Sở Giáo dục và Đào tạo", "Ban Dân tộc", "Sở Công Thương", "Sở Y tế", "Sở Tài chính", "Sở Xây dựng",
    "Sở Giao thông vận tải", "Sở Tài nguyên và Môi trường", "Sở Thông tin và Truyền thông",
    "Sở Khoa học và Công nghệ", "Sở Lao động - Thương binh và Xã hội", "Sở Văn hóa, Thể thao và Du lịch",
    "Thanh tra tỉnh", "Sở Ngoại vụ",
)  # fmt: skip

HIGHLANDS = "Xã Čư Êwi ê̆ ô̆ ơ̆ ư̆ ĕ ƀ"
"""A name with letters of the languages of the highlands."""


def framework_text() -> str:
    lines = ['id = "mau"', 'title.vi = "Bộ tiêu chí mẫu"', "illustrative = true"]
    for kind in ("department", "commune"):
        for domain, (name, points) in DOMAINS.items():
            lines += [f"[[kind.{kind}.domain]]", f'id = "{domain}"', f'name.vi = "{name}"']
            lines += [f"[[kind.{kind}.domain.criterion]]", f'id = "{domain}_c"', f'name.vi = "{name}"']
            lines += [f"[[kind.{kind}.domain.criterion.subcriterion]]", f'id = "{domain}_s"', f'name.vi = "{name}"']
            lines += [f"points = {points}", 'source = "both"', f"survey_points = {points / 2}"]
            lines += [f"appraised_points = {points / 2}", 'rule = { kind = "mean" }', 'items = ["a_1"]']
            lines += ["shares = { lanh_dao = 0.4, nguoi_dan = 0.3, to_chuc = 0.2, cong_chuc = 0.1 }"]
    return "\n".join(lines)


def _unit(rng: np.random.Generator, number: int, name: str, kind: str, marks: frozenset[Mark]) -> UnitIndex:
    quality = rng.normal(0.85, 0.06)
    domains, subs = [], []
    for domain, (_, points) in DOMAINS.items():
        share = float(np.clip(quality + rng.normal(0, 0.09), 0.2, 1))
        if domain == "procedures" and rng.random() < 0.2:
            share = 1.0
        mine = share * points
        domains.append(DomainFigure(domain, mine, points, share * 100, points - mine, 1.0))
        groups = tuple(
            GroupScore(group, None, 0.25, 0.25, None, None, hidden=True)
            if number == 1 and group in ("to_chuc", "cong_chuc")
            else GroupScore(group, 12, 0.25, 0.25, share, 0.03, hidden=False)
            for group in GROUPS
        )
        half = points / 2
        figure = (f"{domain}_s", mine, points, mine / 2, half, mine / 2, half, 0.1, tuple(GROUPS), groups)
        subs.append(SubcriterionFigure(*figure))
    index = sum(figure.points or 0 for figure in domains)
    respondents = int(rng.integers(18, 34)) if kind == "commune" else 74
    if respondents < Quality().few:
        marks |= {Mark.SMALL}
    return UnitIndex(
        unit=f"{kind}_{number}", kind=kind, index=index, published=float(numbers.rounded(index)), se=0.6,
        ci_low=index - 1.2, ci_high=min(index + 1.2, 100), rank=None, rank_lower=None, rank_upper=None,
        appraised_points=index / 2, survey_points=index / 2, maximum=100, domains=tuple(domains),
        subcriteria=tuple(subs), respondents=respondents, marks=marks,
    )  # fmt: skip


def _ranked(units: list[UnitIndex], spread: int, changes: Callable[[int], Change | None]) -> tuple[UnitIndex, ...]:
    ordered = sorted(units, key=lambda unit: -(unit.published or 0))
    made = []
    for rank, unit in enumerate(ordered, 1):
        lower, upper = max(1, rank - spread), min(len(units), rank + spread)
        best = rank <= 3
        change = changes(rank)
        made.append(replace(unit, rank=rank, rank_lower=lower, rank_upper=upper, possible_best=best, change=change))
    return tuple(made)


def _change(rank: int) -> Change | None:
    if rank % 3 == 0:
        return None
    verdict = (Verdict.NOISE, Verdict.MORE, Verdict.NOT_ASSESSABLE)[rank % 3 if rank < 15 else 2]
    return Change(previous=88.0, change=2.1 if rank % 2 else -0.9, verdict=verdict)


def make_result(communes_of: int = 102, **wave: Any) -> IndexResult:
    """``communes_of`` communes, the last unranked; ``wave`` replaces facts of the wave."""
    rng = np.random.default_rng(7)
    names = {f"department_{i}": {"vi": name} for i, name in enumerate(DEPARTMENTS)}
    names |= {f"commune_{i}": {"vi": f"Xã số {i + 1}"} for i in range(communes_of)} | {"thue": {"vi": "Thuế tỉnh"}}
    marks = [frozenset({Mark.CONSERVATIVE} | ({Mark.RESCALED} if i > 15 else set())) for i in range(18)]
    departments = [_unit(rng, i, name, "department", marks[i]) for i, name in enumerate(DEPARTMENTS)]
    pooled = [frozenset({Mark.POOLED} if i % 9 == 0 else ()) for i in range(communes_of)]
    communes = [_unit(rng, i, "", "commune", pooled[i]) for i in range(communes_of)]
    unranked = replace(communes.pop(), index=None, published=None, se=None, ci_low=None, ci_high=None, reason="missing")
    kinds = (
        KindResult(
            "department", _ranked(departments, 2, _change), (), np.eye(18) * 0.36, tuple(GROUPS)[:2], ranks_moved=3
        ),
        KindResult("commune", _ranked(communes, 25, lambda rank: None), (unranked,), np.eye(communes_of - 1) * 0.9),
    )
    assessments = tuple(
        AssessmentRow(unit, group, None if unit == "department_1" and group in ("to_chuc", "cong_chuc") else 12)
        for unit in names
        for group in GROUPS
        if unit != "thue" and not (unit == "department_17" and group == "nguoi_dan")
    )
    rates = [(560, 468, 440), (320, 231, 214), (120, 117, 115), (264, 250, 247)]
    return IndexResult(
        kinds=kinds,
        dataset_hash="9f2c" + "0123456789abcdef" * 3 + "0" * 8 + "41ab",
        framework=FrameworkFacts("mau", "ab" * 32, {"vi": "Bộ tiêu chí mẫu"}, illustrative=True),
        wave=WaveFacts(
            **{
                "id": "demo", "title": {"vi": "Đợt điều tra mẫu"}, "opens": "2026-03-01", "closes": "2026-03-31",
                "simulated": True, "interim": False, "k": 5, "unit_names": names,
                "group_names": {group: {"vi": name} for group, name in GROUPS.items()},
            }
            | wave
        ),
        rates_by_group=tuple(
            RateRow({"group": group}, *rate, hidden=group == "lanh_dao")
            for group, rate in zip(GROUPS, rates, strict=True)
        ),
        rates_total=RateRow({}, 1264, 1066, 1016),
        rates_by_unit=tuple(
            RateRow({"unit": unit}, 613, 547, 539, hidden=unit in ("department_1", "department_2")) for unit in names
        ),
        assessments=assessments,
        units_without_framework=("thue",),
        notes=(
            note(NoteKind.INDEPENDENT),
            note(NoteKind.CLASSES_MERGED, group="nguoi_dan", labels=("department_1/online",), column="channel",
                 into=("department_1/*",)),
        ),
    )  # fmt: skip


MANIFEST: dict[str, Any] = {
    "product": "phieu 0.1.0",
    "pilot": False,
    "estimation": {"n_min": 5},
    "groups": [
        {
            "id": "nguoi_dan", "name": {"vi": GROUPS["nguoi_dan"]}, "assesses": "dossier", "method": "stratified",
            "blocks": False, "target": {"population": {"vi": "Người có hồ sơ đã giải quyết"}, "frame": "iGate",
                                        "period": "2025", "gaps": {"vi": "hồ sơ nộp ngoài hệ thống"}},
        },
        {"id": "lanh_dao", "name": {"vi": GROUPS["lanh_dao"]}, "assesses": "kind:department,commune",
         "method": "census", "blocks": True},
        {"id": "cong_chuc", "name": {"vi": GROUPS["cong_chuc"]}, "assesses": "own", "method": "srs"},
    ],
    "questionnaires": {"citizen": "c1" * 32, "self": "5e" * 32},
    "questionnaire_titles": {"citizen": {"vi": "Phiếu hỏi người dân"}},
    "plan_sha256": "d4" * 32,
    "draws": [
        {"group": "nguoi_dan", "number": 1, "list_sha256": "aa" * 32, "public_number": "48213",
         "effective_seed": "bb" * 32, "algorithm": "sha256-rank/1"},
        {"group": "khac", "number": 2, "list_sha256": "aa" * 32, "public_number": "48213",
         "effective_seed": "bb" * 32, "algorithm": "sha256-rank/1"},
    ],
    "key_origin": "server",
    "seals": [{"number": 0, "hash": "01" * 32}],
    "departures": [],
    "versions": {"python": "3.13", "numpy": "2.4"},
}  # fmt: skip


@pytest.fixture(scope="session")
def result() -> IndexResult:
    return make_result()


@pytest.fixture(scope="session")
def small() -> IndexResult:
    """Quick to draw: six communes."""
    return make_result(6)


@pytest.fixture(scope="session")
def material(small: IndexResult, rules: Framework, manifest: dict[str, Any]) -> Material:
    names = {**small.wave.unit_names, "commune_0": {"vi": HIGHLANDS}}
    result = replace(small, wave=replace(small.wave, unit_names=names))
    return Material(result, rules, manifest, (("Điểm thẩm định", Source("diem.xlsx", "ee" * 32)),))


@pytest.fixture(scope="session")
def pack(material: Material) -> Pack:
    return content.pack(material)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, material: Material) -> Path:
    """The whole pack, written once for all who read it back: they leave it as it is."""
    target = tmp_path_factory.mktemp("pack")
    report.write(target, material.result, material.framework, material.manifest, material.sources)
    return target


@pytest.fixture(scope="session")
def another() -> Callable[..., IndexResult]:
    return make_result


@pytest.fixture(scope="session")
def rules() -> Framework:
    return framework.load(framework_text(), "mau.toml")


@pytest.fixture(scope="session")
def manifest() -> dict[str, Any]:
    return MANIFEST
