"""``phieu proof`` and ``phieu payments``: papers for the file, made from what the store holds."""

from __future__ import annotations

from pathlib import Path

import click

from forms.faults import Fault, Faults
from survey import audit, clock, exports, wave
from survey.config import load
from survey.store import Store

_WAVE = click.option("--wave", "identity", required=True, metavar="W", help="The wave's id.")
_FILE = click.option("-o", "--output", "file", type=click.Path(path_type=Path, dir_okay=False), required=True)


@click.command()
@_WAVE
@_FILE
@click.pass_obj
def proof(instance: Path, identity: str, file: Path) -> None:
    """Write the proof of fieldwork as PDF: draw, seals, rates, control calls, departures from the plan."""
    # Imported here: typesetting is needed by these commands alone.
    from survey.fieldwork import proof as proofs

    store = Store(load(instance).database)
    made = proofs.gather(store, clock.now, wave.get(store, identity))
    exports.private(file, proofs.pdf(made))
    click.echo(f"{file}: {len(made.parts)} sections. Counts in it are for the file, not for publication.")


@click.command()
@_WAVE
@click.option("--to", "payee", type=click.Choice(["interviewer", "respondent"]), required=True, help="Who is paid.")
@click.option("--reason", required=True, metavar="TEXT", help="Why the list is made; the log keeps it.")
@_FILE
@click.pass_obj
def payments(instance: Path, identity: str, payee: str, reason: str, file: Path) -> None:
    """Write a payment list (bảng kê chi trả) as XLSX or PDF, by the wave file's [payment]; it is logged.

    Interviewers are paid by form accepted; respondents of paid groups because they answered, whatever the answer was.
    """
    from survey.fieldwork import payments as lists

    writers = {".xlsx": lists.xlsx, ".pdf": lists.pdf}
    if file.suffix.casefold() not in writers:
        raise Faults([Fault("must end in .xlsx or .pdf", str(file))])
    store = Store(load(instance).database)
    made = lists.make(
        store, clock.now, wave.get(store, identity), lists.Payee(payee), who=audit.operator(), reason=reason
    )
    exports.private(file, writers[file.suffix.casefold()](made))
    click.echo(f"{file}: {len(made.lines)} lines, {made.total} đồng. The list is logged.")
