"""The pages: ``index.html`` of the province and one of each unit; each one file, without network or JavaScript."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from analysis import numbers
from analysis.look import DARK, LIGHT, declarations
from analysis.report.blocks import Pack, UnitSheet

_TEMPLATES = Path(__file__).parent / "templates"
# Files beside the page, for whoever reads it; the drafts for the decision are not for the public.
DOWNLOADS = (
    ("bao-cao.pdf", "Báo cáo đầy đủ (PDF)"),
    ("bao-cao.docx", "Báo cáo để chỉnh sửa, kèm theo quyết định (DOCX)"),
    ("phieu-don-vi.pdf", "Phiếu kết quả của từng đơn vị, mỗi đơn vị một trang (PDF)"),
    ("index.xlsx", "Mọi bảng số liệu (XLSX)"),
    ("du-lieu-mo/tu-dien-du-lieu.csv", "Dữ liệu mở: từ điển dữ liệu (CSV)"),
    ("du-lieu-mo/manifest.json", "Dữ liệu mở: danh mục tệp và mã băm (JSON)"),
)


def page(pack: Pack) -> str:
    """The province's page."""
    return _rendered("index.html", pack, title=pack.title, downloads=DOWNLOADS)


def unit_page(pack: Pack, sheet: UnitSheet) -> str:
    """A unit's page, to lie in a folder beside the province's."""
    return _rendered("unit.html", pack, title=sheet.name, sheet=sheet)


def _rendered(template: str, pack: Pack, **values: Any) -> str:
    return _environment().get_template(template).render(pack=pack, style=_style(pack), script=_script(), **values)


@cache
def _script() -> Markup:
    """The sheet that sorts tables, without indentation."""
    text = (_TEMPLATES / "sort.js").read_text("utf-8")
    return Markup("\n".join(line.strip() for line in text.splitlines()))  # noqa: S704 - our own script


def _style(pack: Pack) -> Markup:
    colours = (
        f":root {{ color-scheme: light dark; {declarations(LIGHT)} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {declarations(DARK)} }} }}\n"
    )
    # S704: our own sheet, and the footer is our own words
    return Markup(colours + (_TEMPLATES / "style.css").read_text("utf-8").replace("{{ footer }}", footer(pack)))  # noqa: S704


def footer(pack: Pack) -> str:
    """What stands at the foot of every page."""
    told = [pack.stamp, "Số liệu mô phỏng" if pack.simulated else "", f"Bộ dữ liệu {numbers.fold(pack.hash)}"]
    return " · ".join(filter(None, told))


@cache
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
