"""The pages: ``index.html`` of the province and one of each unit; each one file, without network or JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from analysis import numbers
from analysis.look import DARK, LIGHT, declarations
from analysis.report.blocks import Pack, UnitSheet

_TEMPLATES = Path(__file__).parent / "templates"


def page(pack: Pack) -> str:
    """The province's page."""
    return _rendered("index.html", pack, title=pack.title)


def unit_page(pack: Pack, sheet: UnitSheet) -> str:
    """A unit's page, to lie in a folder beside the province's."""
    return _rendered("unit.html", pack, title=sheet.name, sheet=sheet)


def _rendered(template: str, pack: Pack, **values: Any) -> str:
    script = "\n".join(line.strip() for line in (_TEMPLATES / "sort.js").read_text("utf-8").splitlines())
    return (
        _environment()
        .get_template(template)
        # Our own sheet and script: nothing of them comes from a file that a user gives.
        .render(pack=pack, style=_style(pack), script=Markup(script), **values)  # noqa: S704
    )


def _style(pack: Pack) -> Markup:
    colours = (
        f":root {{ color-scheme: light dark; {declarations(LIGHT)} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {declarations(DARK)} }} }}\n"
    )
    return Markup(colours + (_TEMPLATES / "style.css").read_text("utf-8").replace("{{ footer }}", footer(pack)))  # noqa: S704


def footer(pack: Pack) -> str:
    """What stands at the foot of every page."""
    told = [pack.stamp, "Số liệu mô phỏng" if pack.simulated else "", f"Bộ dữ liệu {numbers.fold(pack.hash)}"]
    return " · ".join(filter(None, told))


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        fold=numbers.fold,
        place=_place,
        spoken=lambda text: text.replace(numbers.DASH, " đến "),
        what=lambda block: type(block).__name__,
    )
    return environment


def _place(value: float, scale: tuple[float, float]) -> str:
    """Where a value lies on the drawn scale, 6 to 174 user units."""
    low, high = scale
    return f"{6 + 168 * (value - low) / max(high - low, 1e-9):.1f}"
