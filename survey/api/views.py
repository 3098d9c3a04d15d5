"""The routes. A token comes in the header ``Authorization: Bearer …`` and nowhere else: addresses are logged."""

from __future__ import annotations

from typing import Any, NoReturn, cast

from flask import Blueprint, Response, abort, current_app, jsonify, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException, TooManyRequests, Unauthorized

from forms.faults import Faults
from survey.api import described, tokens
from survey.api.apart import Apart, NotComputed
from survey.api.limits import Limits
from survey.api.tokens import Scope, Token
from survey.guessing import network
from survey.proxy import address
from survey.publishing import register, shelf
from survey.wave import RegisteredWave
from survey.web import web

PATH = "/api/v1/"
RESULT = "result.json"
blueprint = Blueprint("api", __name__, url_prefix=PATH.rstrip("/"))
SAID = {
    401: "a token is needed: Authorization: Bearer <token>",
    403: "this token may not read this",
    404: "there is nothing here",
    405: "this can only be read (GET)",
    429: "asked too often; come again after the seconds in Retry-After",
    503: "the numbers cannot be computed now; come again in a minute",
}

REFUSED = "this token is not known here: mistyped, or revoked; send Authorization: Bearer <token>"


def failed(error: HTTPException) -> Response:
    """An error as JSON, with the headers that go with it."""
    code = error.code or 500
    usual = SAID.get(code, error.name.lower())
    # Whoever sends a token is told that it is not good, not that one is needed; never whether it once was.
    message = REFUSED if code == 401 and request.headers.get("Authorization") else usual
    answer = jsonify(error={"status": code, "message": message})
    answer.status_code = code
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            answer.headers[name] = value
    return answer


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """What there is, for programs; anyone may read it."""
    return jsonify(described.document())


@blueprint.get("/waves")
def waves() -> Response:
    """The waves that the token may read about."""
    token = _token()
    with web().store.read() as tx:
        found = [web().wave_by(tx, row["id"]) for row in tx.waves_to_serve()]
    return jsonify(waves=[_wave(each) for each in found if token.wave in (None, each.spec.id) and not each.pilot])


@blueprint.get("/waves/<wave>/results")
def results(wave: str) -> Response:
    """What is published now of a wave: each publication with its decision and its whole result.json."""
    _allowed(Scope.RESULTS, wave)
    instance = web().settings.instance
    told = []
    for each in register.read(instance, wave) if _plain(wave) else ():
        if each.current is None:
            continue
        folder = register.place(instance, wave, each.name, each.current.number)
        document = shelf.sound_document(folder, RESULT, each.current.files.get(RESULT, ""))
        if document is not None:
            current = each.current
            told.append({"name": each.name, "version": current.number, "decision": current.decision,
                         "date": current.date, "signer": current.signer, "result": document})  # fmt: skip
    if not told:
        abort(404)
    return jsonify(wave=wave, publications=told)


@blueprint.get("/waves/<wave>/fieldwork")
def fieldwork(wave: str) -> Response:
    """Forms out and back by group and unit, small numbers hidden, not older than a minute or a computation."""
    _allowed(Scope.FIELDWORK, wave)
    known = _known(wave)
    frozen = known.state == "frozen"
    dataset = _last_dataset(wave) if frozen else None
    apart = cast(Apart, current_app.extensions[Apart.NAME])
    try:
        found = apart.numbers(wave, (frozen, dataset and dataset.hash), lambda: _request(known, frozen, dataset))
    except NotComputed:
        abort(503)
    return jsonify({**_wave(known), "as_of": found.at.isoformat(), **found.document})


def _request(known: RegisteredWave, frozen: bool, dataset: shelf.Shelved | None) -> dict[str, Any]:
    """Once frozen those of the dataset, hidden as in its report; nothing that came back where it is not at hand."""
    spec = known.spec
    with web().store.read() as tx:
        cells = [dict(row) for row in tx.rates_cells(wave=spec.id)]
    names = {"group": {group.id: group.name["vi"] for group in spec.groups},
             "unit": {unit.id: unit.name["vi"] for unit in spec.units}}  # fmt: skip
    return {"cells": cells, "names": names, "k": spec.k, "silent": frozen,
            "folder": dataset and str(dataset.folder)}  # fmt: skip


def _last_dataset(wave: str) -> shelf.Shelved | None:
    found = shelf.datasets(web().store, wave, web().settings.instance)
    return next((each for each in found if not each.interim and each.manifest is not None), None)


def _wave(known: RegisteredWave) -> dict[str, Any]:
    spec = known.spec
    return {"wave": spec.id, "title": dict(spec.title), "opens": spec.opens.isoformat(),
            "closes": spec.closes.isoformat(), "state": known.state, "simulated": spec.simulated}  # fmt: skip


def _plain(wave: str) -> bool:
    return wave.isascii() and wave.replace("_", "").isalnum()


def _known(wave: str) -> RegisteredWave:
    try:
        found = web().wave(wave) if _plain(wave) else None
    except Faults:
        found = None
    if found is None or found.pilot:
        abort(404)
    return found


def _allowed(scope: Scope, wave: str) -> None:
    token = _token()
    if token.scope is not scope or token.wave not in (None, wave):
        abort(403)


def _token() -> Token:
    """The token of this request; 401 without a good one, 429 for who asks too often."""
    kind, _, said = request.headers.get("Authorization", "").partition(" ")
    found = tokens.known(web().store, said.strip()) if kind.casefold() == "bearer" else None
    _turn(f"token {found.id}" if found else f"address {network(address(request))}")
    if found is None:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
    return found


def _turn(asker: str) -> None:
    limits = cast(Limits, current_app.extensions[Limits.NAME])
    if seconds := limits.wait(asker):
        _too_often(seconds)


def _too_often(seconds: int) -> NoReturn:
    raise TooManyRequests(retry_after=seconds)
