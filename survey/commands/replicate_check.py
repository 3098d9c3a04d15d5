"""``phieu replicate-check``: standard errors of the index by repeating the whole chain on resampled respondents."""

from __future__ import annotations

from pathlib import Path

import click

from survey import output


@click.command()
@click.option("--dataset", required=True, type=click.Path(path_type=Path), metavar="DIR", help="A frozen dataset.")
@click.option("--framework", "named", required=True, metavar="F", help="A framework file, or the id of a bundled one.")
@click.option("--draws", type=click.IntRange(10, 10_000), default=200, show_default=True, help="How many replicates.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def replicate_check(dataset: Path, named: str, draws: int, seed: int, form: str) -> None:
    """Standard errors of the index, linearised and by a bootstrap of nonresponse, scores and points together."""
    from analysis.dataset import open_dataset
    from analysis.replicate_check import replicate_check as checked
    from survey.commands.counting import framework

    found = checked(open_dataset(dataset), framework(named), draws=draws, seed=seed)
    if form == "json":
        rows = [
            {"kind": one.kind, "unit": unit, "linearised": float(linear), "replicate": float(replicate)}
            for one in found
            for unit, linear, replicate in zip(one.units, one.linearised, one.replicate, strict=True)
        ]
        ratios = {one.kind: one.ratio for one in found}
        click.echo(output.json_text({"rows": rows, "median_ratio": ratios, "draws": draws, "seed": seed}))
        return
    tables = []
    for one in found:
        lines = [[unit, f"{linear:.4f}", f"{replicate:.4f}"] for unit, linear, replicate in
                 zip(one.units, one.linearised, one.replicate, strict=True)]  # fmt: skip
        tables.append(output.table_text([one.kind, "linearised se", "replicate se"], lines))
        tables.append(f"median of replicate / linearised: {one.ratio:.3f} ({draws} draws)")
    click.echo("\n\n".join(tables))
