"""The questionnaires and the framework that a wave file names: bundled, in a folder, or where a reader finds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from forms import catalogue, fitting
from forms import framework as frameworks
from forms import questionnaire as questionnaires
from forms.faults import Fault, Faults
from forms.framework import Framework
from forms.questionnaire import Questionnaire
from survey import codebook
from survey.plan.wave_spec import WaveSpec

Reader = Callable[[str], str]  # the text of a document that a wave file names; raises Faults when there is none


def documents_of(spec: WaveSpec, source: Path | Reader) -> tuple[dict[str, Questionnaire], Framework | None]:
    """The questionnaires and the framework a wave file names: bundled ids, or files in a folder or from a reader.

    Questionnaires that could not share the columns of one dataset are refused here, as is a framework that could not
    count the wave: at the freeze it would be too late.
    Raises Faults, those of all files at once.
    """
    read = _reader(source) if isinstance(source, Path) else source
    faults: list[Fault] = []
    asked: dict[str, Questionnaire] = {}
    for name in dict.fromkeys(group.questionnaire for group in spec.groups):
        try:
            asked[name] = (
                catalogue.questionnaire(name)
                if name in catalogue.QUESTIONNAIRES
                else questionnaires.load(read(_named(name, catalogue.QUESTIONNAIRES)), name)
            )
        except Faults as found:
            faults += found.faults
    if not faults:
        try:
            codebook.items(asked.values())
        except Faults as found:
            faults += found.faults
    framework = None
    if spec.framework is not None and not faults:
        try:
            framework = _fitting(spec, read, asked)
        except Faults as found:
            faults += found.faults
    if faults:
        raise Faults(faults)
    return asked, framework


def _fitting(spec: WaveSpec, read: Reader, asked: Mapping[str, Questionnaire]) -> Framework:
    """The framework that a wave names. Raises Faults when it cannot count what the wave asks."""
    name = spec.framework or ""
    items = {id: item for each in asked.values() for id, item in each.items.items()}
    kinds = {unit.kind for unit in spec.units}
    if name in catalogue.FRAMEWORKS:
        found = catalogue.framework(name)
        faults = fitting.unasked(found, kinds, items)
    else:
        found, faults = frameworks.load(read(_named(name, catalogue.FRAMEWORKS)), name, items), []
    faults += fitting.unfit(found, kinds, {group.id: asked[group.questionnaire].items for group in spec.groups})
    if faults:
        raise Faults(faults)
    return found


def _reader(folder: Path) -> Reader:
    return lambda name: questionnaires.read_text(folder / name)


def _named(name: str, bundled: Sequence[str]) -> str:
    if not name.endswith(".toml"):
        known = ", ".join(bundled)
        raise Faults(f"“{name}” is neither bundled ({known}) nor the name of a .toml file beside the wave file")
    return name
