"""``phieu framework``: check how points are given, and take frameworks to and from workbooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from forms import catalogue, framework_workbook
from forms import framework as frameworks
from forms import questionnaire as questionnaires
from survey.commands.questionnaire import check_each

_FILE = click.Path(dir_okay=False, path_type=Path)
_asked = click.option(
    "--questionnaire",
    "asked",
    multiple=True,
    metavar="FILE",
    help="A questionnaire in use (file or bundled id); may be repeated. Default: the bundled ones.",
)


@click.group()
def framework() -> None:
    """Frameworks: how points are given."""


@framework.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@_asked
def check_frameworks(files: Sequence[str], asked: Sequence[str]) -> None:
    """Check frameworks (TOML files, workbooks, or ids of bundled ones) and name every fault with its line."""
    items = _items(asked)

    def load_file(path: Path) -> frameworks.Framework:
        if path.suffix.lower() in framework_workbook.SUFFIXES:
            return framework_workbook.read(path, items)
        return frameworks.load_file(path, items)

    def read(name: str) -> str:
        found = catalogue.opened(name, catalogue.FRAMEWORKS, catalogue.framework, load_file)
        kinds = "; ".join(_counts(kind) for kind in found.kinds.values())
        illustrative = ", illustrative" if found.illustrative else ""
        return f"{name}: good. Framework {found.id}{illustrative}. {kinds}"

    check_each(files, read)


def _counts(kind: frameworks.Kind) -> str:
    survey = kind.survey_subcriteria
    points = sum(subcriterion.survey_points for subcriterion in survey)
    return (
        f"{kind.id}: {len(kind.domains)} domains, {len(kind.subcriteria)} subcriteria, "
        f"{len(survey)} of them scored by the survey ({points:g} of {kind.points:g} points)"
    )


@framework.command("export")
@click.argument("name", metavar="FILE")
@click.option("-o", "target", required=True, metavar="FILE.xlsx", type=_FILE, help="Workbook to write.")
def export_framework(name: str, target: Path) -> None:
    """Write a framework (TOML file or bundled id) as a workbook, where offices keep it."""
    found = catalogue.opened(name, catalogue.FRAMEWORKS, catalogue.framework, frameworks.load_file)
    framework_workbook.write(found, target)
    click.echo(f"{target}: framework {found.id}, {', '.join(map(_counts, found.kinds.values()))}", err=True)


@framework.command("import")
@click.argument("file", metavar="FILE.xlsx", type=_FILE)
@click.option("-o", "target", required=True, metavar="FILE.toml", type=_FILE, help="Where to write the framework.")
@_asked
def import_framework(file: Path, target: Path, asked: Sequence[str]) -> None:
    """Make a framework of a workbook as `export` writes it; every fault is named by its sheet and row."""
    found = framework_workbook.read(file, _items(asked))
    target.write_text(found.text, "utf-8")
    click.echo(f"{target}: framework {found.id}, {', '.join(map(_counts, found.kinds.values()))}", err=True)


def _items(asked: Sequence[str]) -> dict[str, questionnaires.Item]:
    """The items of the questionnaires in use, by id."""
    items: dict[str, questionnaires.Item] = {}
    for name in asked or catalogue.QUESTIONNAIRES:
        found = catalogue.opened(name, catalogue.QUESTIONNAIRES, catalogue.questionnaire, questionnaires.load_file)
        items.update(found.items)
    return items
