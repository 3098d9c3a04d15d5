"""The questionnaires and frameworks that ship with Phiếu."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

from forms import framework as frameworks
from forms import questionnaire as questionnaires
from forms.faults import Fault, Faults

FOLDER = Path(__file__).parent
QUESTIONNAIRES = ("citizen", "organisation", "official", "self")
FRAMEWORKS = ("daklak_2019", "province_2017", "province_2026", "sipas")
_Form = TypeVar("_Form")


@cache
def questionnaire(id: str) -> questionnaires.Questionnaire:
    """A bundled questionnaire; raises Faults for an id that is none."""
    if id not in QUESTIONNAIRES:
        raise Faults(f"there is no bundled questionnaire “{id}”; bundled: {', '.join(QUESTIONNAIRES)}")
    return questionnaires.load_file(FOLDER / f"{id}.toml")


@cache
def framework(id: str) -> frameworks.Framework:
    """A bundled framework; raises Faults for an id that is none."""
    if id not in FRAMEWORKS:
        raise Faults(f"there is no bundled framework “{id}”; bundled: {', '.join(FRAMEWORKS)}")
    return frameworks.load_file(FOLDER / "frameworks" / f"{id}.toml", items())


def opened(name: str, bundled: Sequence[str], by_id: Callable[[str], _Form], by_file: Callable[[Path], _Form]) -> _Form:
    """The file ``name``, else the bundled form of that id. Raises Faults, which name the bundled ids."""
    if name in bundled and not Path(name).is_file():
        return by_id(name)
    if not Path(name).is_file():
        raise Faults([Fault(f"there is no such file, and none bundled of that id ({', '.join(bundled)})", name)])
    return by_file(Path(name))


@cache
def items() -> Mapping[str, questionnaires.Item]:
    """Every item of the bundled questionnaires; an id that several have means the same in each."""
    return {id: item for name in QUESTIONNAIRES for id, item in questionnaire(name).items.items()}
