"""The fieldwork board: is the wave on schedule, where is it late, what will it come to."""

from __future__ import annotations

from flask import Response, request, url_for

from survey.desk import board_view, downloads, gate, rendering
from survey.desk.blueprint import blueprint
from survey.fieldwork.projection import CERTAINTY, LEAST_RETURNS
from survey.web import web


@blueprint.get("/w/<wave>/board")
def board(wave: str) -> Response:
    """The board as its address says."""
    at, store = web().clock(), web().store
    seen = board_view.looked(store, gate.wave_here(), at, request.args, url_for("desk.board", wave=wave))

    def address(endpoint: str) -> str:
        return url_for("desk.definitions") if endpoint == "definitions" else url_for(f"desk.{endpoint}", wave=wave)

    return rendering.page("board.html", **board_view.page(seen, store, at, address))


@blueprint.get("/w/<wave>/board.csv", endpoint="board_csv")
def board_csv(wave: str) -> Response:
    """The rows that are looked at, as CSV."""
    return _file("csv")


@blueprint.get("/w/<wave>/board.xlsx", endpoint="board_xlsx")
def board_xlsx(wave: str) -> Response:
    """The same as a workbook."""
    return _file("xlsx")


@blueprint.get("/definitions")
def definitions() -> Response:
    """What every number means."""
    least, most = min(CERTAINTY.values()), max(CERTAINTY.values())
    return rendering.page("definitions.html", usual=int(least), seen=int(most), least=LEAST_RETURNS)


def _file(form: str) -> Response:
    here = gate.wave_here()
    seen = board_view.looked(web().store, here, web().clock(), request.args)
    return downloads.table(f"{here.spec.id}-tien-do.{form}", *board_view.table(seen))
