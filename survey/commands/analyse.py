"""``phieu analyse``: what analysts look at of a dataset, ready to be shown."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from survey import jobs, output
from survey.publishing import shelf

if TYPE_CHECKING:
    from analysis.dataset import Dataset
    from analysis.item_figures import Figure

HEADINGS = ("unit", "group", "item", "statistic", "choice", "n", "value", "se", "low", "high")


@click.command()
@click.option("--dataset", "folder", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="The frozen dataset.")  # fmt: skip
@click.option("--themes", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.toml",
              help="Themes of comments and their keywords (default: those that ship).")  # fmt: skip
@click.option("-o", "target", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="Folder for the figures; written over.")  # fmt: skip
def analyse(folder: Path, file: Path | None, target: Path) -> None:
    """Every unit's figures item by item with their intervals, small cells hidden, the signs of `phieu quality`, and
    comments, masked, by unit and theme.

    Made for the desk, which shows them; figures.csv is for a spreadsheet. Interim datasets are refused.
    """
    # Imported here: `phieu analyse --help` needs no arrays.
    from analysis.dataset import open_dataset
    from analysis.item_figures import figures
    from analysis.quality.examined import examine
    from forms.faults import Fault, Faults

    dataset = open_dataset(folder)
    if dataset.manifest["interim"]:
        raise Faults([Fault("is an interim dataset: its figures are shown to nobody", str(folder))])
    made = figures(dataset, told=jobs.tell)
    found = examine(dataset, 0, lambda done, total: jobs.tell(done, total, "groups checked"))
    quality = {"dataset_hash": dataset.hash, **found.document(by_unit=True)}
    _write(target, dataset, made, {shelf.QUALITY: quality, shelf.COMMENTS: _comments(dataset, file)})
    click.echo(f"{target}: {len(made)} figures of dataset {dataset.hash}")


def _comments(dataset: Dataset, file: Path | None) -> dict[str, list[dict[str, Any]]]:
    """Unit → themes with their masked texts; a unit or theme of fewer than k people is not there."""
    from analysis.comments import themes, units

    told = units.by_unit(units.comments(dataset), themes.read(file), int(dataset.manifest["wave"]["k"]))
    return {
        unit: [{"theme": dict(each.theme.name), "texts": list(each.texts)} for each in own]
        for unit, own in told.items()
    }


def _write(target: Path, dataset: Dataset, made: Sequence[Figure], more: Mapping[str, Any]) -> None:
    """All files, then the folder under its name: a page sees all of them or none. For this account alone."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    scratch.mkdir(mode=0o700)
    rows = [asdict(figure) for figure in made]
    for key in ("unit", "item"):
        for name in dict.fromkeys(row[key] for row in rows):
            _json(scratch / f"{key}-{name}.json", [row for row in rows if row[key] == name])
    for name, document in more.items():
        _json(scratch / name, document)
    text = output.csv_text(HEADINGS, [["" if row[name] is None else row[name] for name in HEADINGS] for row in rows])
    (scratch / shelf.FIGURES).write_text("\ufeff" + text + "\n", "utf-8")
    _json(scratch / shelf.ABOUT, _about(dataset, made))
    for file in scratch.iterdir():
        file.chmod(0o600)
    if target.exists():
        old = scratch.with_name(scratch.name + ".old")
        target.rename(old)
        shutil.rmtree(old, ignore_errors=True)
    os.rename(scratch, target)


def _about(dataset: Dataset, made: Sequence[Figure]) -> dict[str, Any]:
    """Names of what the figures speak of."""
    manifest, told = dataset.manifest, {figure.item for figure in made}
    items = [
        {
            "id": entry["id"], "text": entry["text"], "factor": entry.get("factor") or "", "type": entry["type"],
            "choices": {choice["id"]: choice["text"] for choice in entry.get("choices", [])},
        }
        for entry in dataset.codebook["items"]
        if entry["id"] in told
    ]  # fmt: skip
    return {
        "dataset": dataset.hash, "units": manifest["units"],
        "groups": [{"id": group["id"], "name": group["name"]} for group in manifest["groups"]],
        "items": items, "factors": dataset.codebook["factors"], "k": manifest["wave"]["k"],
        "notes": _notes(dataset),
    }  # fmt: skip


def _notes(dataset: Dataset) -> list[dict[str, str]]:
    """What the freeze says of departures and merged cells, in both languages."""
    from analysis import compose, notes
    from analysis.report import noted

    told = [notes.read(each) for each in (*dataset.manifest["departures"], *dataset.manifest.get("merged_cells", ()))]
    facts = compose.wave_facts(dataset.manifest)
    vietnamese = [noted.sentences([each], facts) for each in told]
    return [{"vi": each[0], "en": str(note)} for each, note in zip(vietnamese, told, strict=True) if each]


def _json(file: Path, document: Any) -> None:
    file.write_text(
        json.dumps(json.loads(output.json_text(document)), ensure_ascii=False, separators=(",", ":")), "utf-8"
    )
