"""A small pilot wave that stays open after the demonstration, so that a person can scan a slip and answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from survey.demo import population, wave
from survey.demo.scene import Group, Post, Scene

WAVE = "thu"
_DOSSIERS = 24  # of each of two offices
_POSTS = 8


def scene_to_try(whole: Scene) -> Scene:
    """Two offices of the whole scene: their citizens about one of them, officials about both."""
    units = tuple(unit for unit in whole.units if unit.dossiers)[:2]
    places = {whole.counters[unit.id] for unit in units}
    place = whole.counters[units[0].id]
    census = {"method": "census"}
    posts = tuple(
        Post(f"TH-{n}", f"Vị trí số {n}", units[0].id, place, tuple(unit.id for unit in units))
        for n in range(1, _POSTS + 1)
    )
    groups = (
        Group("nguoi_dan", "Người dân", "Citizens", "citizen", "dossier", {**census, "by": ["unit"]}),
        Group("can_bo", "Cán bộ, công chức", "Officials", "official", "list", census, posts=posts),
    )
    return replace(
        whole,
        framework="",  # two groups of two offices: nobody will count this
        title="Trả lời thử, số liệu mô phỏng",
        title_en="Try it yourself, simulated",
        units=units,
        places=tuple(each for each in whole.places if each[0] in places),
        groups=groups,
        dossiers={"nguoi_dan": _DOSSIERS * len(units)},
    )


def open_to_try(
    phieu: Callable[..., str], whole: Scene, qualities: Mapping[str, float], seed: int, today: dt.date, folder: Path
) -> None:
    """Register the pilot wave, draw everybody, and print slips into ``folder``."""
    small = scene_to_try(whole)
    folder.mkdir(exist_ok=True)
    files = population.write(small, qualities, seed, today, folder / "lists")
    (folder / "wave.toml").write_text(wave.toml(small, today, WAVE), "utf-8")
    phieu("wave", "create", str(folder / "wave.toml"), "--pilot")
    for group, file in files.items():
        phieu("frame", "import", "--wave", WAVE, "--group", group, str(file))
    phieu("sample", "draw", "--wave", WAVE, "--seed", str(seed))
    phieu("invitations", "issue", "--wave", WAVE)
    phieu("slips", "--wave", WAVE, "-o", str(folder / "slips.pdf"))
