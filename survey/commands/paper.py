"""``phieu questionnaire print``: the paper twin."""

from __future__ import annotations

from pathlib import Path

import click

from forms import catalogue
from forms import questionnaire as questionnaires
from forms.faults import Faults
from survey.language import LANGUAGES, SOURCE


@click.command("print")
@click.argument("name", metavar="ID")
@click.option("--wave", "identity", metavar="W", help="Print it for invitations of this wave, each with its code.")
@click.option("--serial", "serials", type=click.IntRange(1), multiple=True, metavar="N",
              help="Only this invitation; may be repeated.")  # fmt: skip
@click.option("--unit", metavar="U", help="Only invitations that assess this unit.")
@click.option("--place", metavar="P", help="Only invitations that this place hands over.")
@click.option("--group", metavar="G", help="Only this respondent group.")
@click.option("--lang", type=click.Choice(list(LANGUAGES)), default=SOURCE, show_default=True)
@click.option("-o", "--output", "file", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.pass_obj
def print_questionnaire(
    instance: Path, name: str, identity: str | None, serials: tuple[int, ...], unit: str | None, place: str | None,
    group: str | None, lang: str, file: Path,
) -> None:  # fmt: skip
    """Write the paper twin of a questionnaire (TOML file or bundled id) as tagged PDF (PDF/UA-1).

    Without --wave a blank form. With it one form an invitation, whose code is on a strip to tear off; it is logged.
    """
    # Imported here: the typesetter is needed by this command alone.
    from survey import exports
    from survey.paper import twin as paper_twin

    if identity is None:
        if serials or unit or place or group:
            raise Faults("--serial, --unit, --place and --group choose invitations: name their --wave")
        asked = catalogue.opened(name, catalogue.QUESTIONNAIRES, catalogue.questionnaire, questionnaires.load_file)
        exports.private(file, paper_twin.blank(asked, lang))
        click.echo(f"{file}: a blank form.")
        return
    number, content = _of_wave(instance, identity, name, serials, unit, place, group, lang)
    exports.private(file, content)
    click.echo(f"{file}: {number} forms. The export is logged.")


def _of_wave(
    instance: Path, identity: str, name: str, serials: tuple[int, ...], unit: str | None, place: str | None,
    group: str | None, lang: str,
) -> tuple[int, bytes]:  # fmt: skip
    from survey import audit, clock, issuing, wave
    from survey.config import load
    from survey.keys import Keyring
    from survey.paper import twin as paper_twin
    from survey.store import Store

    settings = load(instance)
    store = Store(settings.database)
    registered = wave.get(store, identity)
    spec = registered.spec
    asking = [
        each.id
        for each in spec.groups
        if name in (each.questionnaire, registered.questionnaires[each.questionnaire].id)
    ]  # fmt: skip
    if group is not None:
        asking = [each for each in asking if each == group]
    if not asking:
        raise Faults(f"no group of wave “{identity}” is asked “{name}”" + (f" and called “{group}”" if group else ""))
    if unit is not None and unit not in [each.id for each in spec.units]:
        raise Faults(f"wave “{identity}” has no unit “{unit}”")
    if place is not None and place not in {*(each.id for each in spec.places), *(each.id for each in spec.units)}:
        raise Faults(f"wave “{identity}” has no place “{place}”")
    rows = [
        row
        for each in ([None] if len(asking) == len(spec.groups) else asking)
        for row in issuing.export_rows(
            store, Keyring(settings), settings, clock.now, registered, who=audit.operator(), reason="paper forms",
            unit=unit, place=place, group=each, serials=serials or None,
        )
    ]  # fmt: skip
    if not rows:
        raise Faults("no invitation is asked for: nothing to print")
    return len(rows), paper_twin.of_invitations(registered, registered.questionnaire_of(asking[0]), rows, lang)
