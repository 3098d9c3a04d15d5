"""``phieu translations``: what is written in which language. Adding a language is adding files."""

from __future__ import annotations

from pathlib import Path

import click

from forms import catalogue, languages
from forms import questionnaire as questionnaires
from forms.faults import Fault, Faults
from survey import interface, output
from survey.language import LANGUAGES, SOURCE


@click.group()
def translations() -> None:
    """List what is missing in a language; begin one; compile it."""


@translations.command("list")
@click.argument("files", nargs=-1, metavar="[FILE…]")
@click.option("--lang", "codes", multiple=True, metavar="CODE", help="Only this language; may be repeated.")
@click.option("--wave", "waves", multiple=True, metavar="W", help="The texts of a wave of this instance too.")
@click.option("--each", is_flag=True, help="Every missing text by itself.")
@click.pass_obj
def list_missing(
    instance: Path, files: tuple[str, ...], codes: tuple[str, ...], waves: tuple[str, ...], each: bool
) -> None:  # fmt: skip
    """Count missing texts by language: of the pages, the bundled questionnaires, and questionnaire FILEs."""
    documents: dict[str, object] = {id: catalogue.questionnaire(id) for id in catalogue.QUESTIONNAIRES}
    documents |= {id: catalogue.framework(id) for id in catalogue.FRAMEWORKS}
    documents |= {name: questionnaires.load_file(Path(name)) for name in files}
    documents |= {f"wave {name}": _wave(instance, name) for name in waves}
    rows: list[list[str]] = []
    for code in codes or [code for code in LANGUAGES if code != SOURCE]:
        gaps = {
            where: (interface.missing(code, domain=domain), len(interface.sentences(domain=domain)))
            for where, domain in (("pages", interface.MESSAGES), ("desk", interface.DESK))
        }
        for name, document in documents.items():
            gaps[name] = (languages.missing(document, code), sum(1 for _ in languages.texts(document)))
        for name, (absent, total) in gaps.items():
            if each:
                rows += [[code, name, one] for one in absent]
            else:
                rows.append([code, name, str(len(absent)), str(total)])
    headings = ["language", "where", "missing"] if each else ["language", "where", "missing", "of"]
    click.echo(output.csv_text(headings, rows) if each else output.table_text(headings, rows))


def _wave(instance: Path, name: str) -> object:
    from survey import wave
    from survey.config import load
    from survey.store import Store

    return wave.get(Store(load(instance).database), name).spec


@translations.command()
@click.argument("code", metavar="CODE")
@click.option("-o", "--output", "file", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--desk", is_flag=True, help="The desk's sentences, which only staff read, in place of the pages'.")
def template(code: str, file: Path, desk: bool) -> None:
    """Write every sentence of the pages as a .po file for CODE, with the words it has already."""
    domain = interface.DESK if desk else interface.MESSAGES
    if file.exists():
        raise Faults([Fault("exists already: nothing is written over", str(file))])
    file.write_bytes(interface.template(code, domain=domain))
    absent, whole = interface.missing(code, domain=domain), interface.sentences(domain=domain)
    click.echo(f"{file}: {len(absent)} of {len(whole)} sentences to translate.")


@translations.command("compile")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def compile_file(file: Path) -> None:
    """Compile a .po file into the .mo file beside it, which the pages read."""
    done = interface.compile_po(file)
    click.echo(f"{file.with_suffix('.mo')}: {done} sentences.")
