"""``phieu publish``: a report goes to the public, is corrected, or is taken back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forms.faults import Faults
from survey import audit
from survey.clock import now
from survey.config import load
from survey.store import Store

if TYPE_CHECKING:
    from analysis.report.standing import Decision
    from survey.publishing.deeds import House


class Day(click.ParamType[datetime]):
    """A day: 2026-06-25 or 25/6/2026."""

    name = "day"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        from survey.publishing.deeds import day_of

        try:
            return day_of(value)
        except ValueError:
            self.fail(f"“{value}” is no day: write 2026-06-25 or 25/6/2026", param, ctx)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--kind", "kinds", multiple=True, metavar="K", help="Only units of this kind; may be repeated.")
@click.option("--without-ranks", is_flag=True, help="Figures without ranks.")
@click.option("--decision", "number", metavar="NUMBER", help="Number of the decision that approves the results.")
@click.option("--date", "day", type=Day(), help="Its date: 2026-06-25 or 25/6/2026.")
@click.option("--signer", metavar="NAME", help="Who signed it.")
@click.option("--correction", default="", metavar="TEXT", help="What is corrected, where a version is out already.")
@click.option("--submit", is_flag=True, help="Only submit the draft for approval: its pages say so.")
@click.option("--approve", is_flag=True, help="Only note the decision in the report, without publishing it.")
@click.option("--withdraw", is_flag=True, help="Take the results off the public address.")
@click.option("--reason", default="", metavar="TEXT", help="Why it is withdrawn.")
@click.pass_obj
def publish(
    instance: Path, folder: Path, kinds: tuple[str, ...], without_ranks: bool, number: str | None,
    day: datetime | None, signer: str | None, correction: str, submit: bool, approve: bool, withdraw: bool, reason: str,
) -> None:  # fmt: skip
    """Publish a report on /results/WAVE/, without DỰ THẢO, once a decision approves it.

    The report is counted again from its inputs. Earlier versions stay where they are; every deed is in the audit log.
    """
    from survey.commands.publication import counted, told
    from survey.publishing import deeds

    if submit + approve + withdraw > 1:
        raise Faults("--submit, --approve and --withdraw exclude each other")
    house = _house(instance)
    if withdraw:
        taken = deeds.withdraw(house, folder, reason, kinds)
        click.echo(f"Withdrawn: {taken.name}. /results/ says so from now on.")
        return
    wish = deeds.Wish(_decision(number, day, signer), kinds, not without_ranks, correction)
    with told("writing the version") as heard:
        if submit:
            deeds.submit(house, folder, counted, heard)
            click.echo(f"{folder}: submitted for approval")
        elif approve:
            deeds.approve(house, folder, counted, heard, wish)
            click.echo(f"{folder}: approved, not published yet")
        else:
            published, made = deeds.publish(house, folder, counted, heard, wish)
            click.echo(f"{load(instance).base_url}/results/{_wave(folder)}/ : {published.name}, version {made.number}")


def _house(instance: Path) -> House:
    from survey.publishing.deeds import House

    return House(instance, Store(load(instance).database), now, audit.operator())


def _decision(number: str | None, day: datetime | None, signer: str | None) -> Decision | None:
    """All three, or none. Raises Faults naming what is missing."""
    from analysis.report.standing import Decision

    told = {"--decision": (number or "").strip(), "--date": day, "--signer": (signer or "").strip()}
    if not any(told.values()):
        return None
    missing = [name for name, value in told.items() if not value]
    if missing or day is None:
        raise Faults(f"a decision has a number, a date and a signer: {', '.join(missing)} is missing")
    return Decision(str(told["--decision"]), day.date(), str(told["--signer"]))


def _wave(folder: Path) -> str:
    from survey.publishing import packs

    return packs.manifest(folder).wave
