"""``phieu poster``: a poster for the wall of a place."""

from __future__ import annotations

from pathlib import Path

import click

from survey import exports, wave
from survey.commands import local_links
from survey.config import load
from survey.store import Store


@click.command()
@click.option("--wave", "identity", required=True, metavar="W", help="The wave's id.")
@click.option("--place", required=True, metavar="P", help="A place that has a poster in the wave file.")
@click.option("-o", "--output", "file", type=click.Path(path_type=Path, dir_okay=False), required=True)
@local_links.LOCAL
@click.pass_obj
def poster(instance: Path, identity: str, place: str, file: Path, local: bool) -> None:
    """Write the poster of a place as PDF, A4. It holds no code: whoever comes by begins a form of their own."""
    settings = load(instance)
    registered = wave.get(Store(settings.database), identity)
    local_links.say(settings, registered, local)
    # Imported here: the typesetter is needed by this command alone.
    from survey.paper import posters

    exports.private(file, posters.pdf(settings, registered, place))
    click.echo(f"{file}: the poster of {place}.")
