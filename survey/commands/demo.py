"""``phieu demo``: the whole path on simulated data, from a list of dossiers to a report."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from survey import clock, jobs
from survey.commands.serve import address_from_outside

DEFAULT = Path("instance/demo")
PORT = 8000  # where `phieu serve` listens by default, hence where the slips lead


@click.command()
@click.option(
    "--size",
    type=click.Choice(["small", "province", "national"]),
    default="small",
    show_default=True,
    help="About 1,600, 6,000 or 86,000 invitations.",
)
@click.option("--seed", type=click.IntRange(0, 10**12), default=2019, show_default=True, help="Number behind it all.")
@click.option("--until", type=click.Choice(["issued"]), help="Stop with the wave open, ready for `phieu serve`.")
@click.pass_context
def demo(ctx: click.Context, size: str, seed: int, until: str | None) -> None:
    """Run the demonstration: nobody in it exists, and every file says so.

    It makes an instance (default instance/demo, made anew each time), draws a sample from simulated lists, has
    simulated respondents answer over HTTP from a process of their own, and ends with a report. The same seed gives
    the same lists and the same persons.
    """
    # Imported here: the statistics load slowly, and `phieu demo --help` does not need them.
    from survey.demo import run
    from survey.demo.scene import Size

    chosen = ctx.find_root().get_parameter_source("instance")
    told = chosen is not None and chosen.name == "COMMANDLINE"
    instance = ctx.obj if told or ctx.obj != Path("instance") else DEFAULT
    demonstration = run.Demonstration(
        instance,
        Size(size),
        seed,
        clock.now().astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date(),
        Console(stderr=True, highlight=False),
        f"http://{address_from_outside()}:{PORT}",
        run.facts(),
    )
    try:
        run.run(demonstration, until == "issued")
    except jobs.JobFailed as failure:
        raise click.ClickException(str(failure)) from failure
