"""The tablet at a counter: binding it, its first page, and the turn that keeps one person's pages from the next."""

from __future__ import annotations

import re

from flask import Blueprint, Response, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from survey import codes, kiosks
from survey.citizen import messages
from survey.citizen.rendering import page as render
from survey.citizen.views import typing_fault
from survey.counter import tablets
from survey.kiosks import Kiosk
from survey.language import chosen, go, home
from survey.proxy import on_tls
from survey.web import web

blueprint = Blueprint("kiosk", __name__)
_LONGEST = 200  # a scanner types the whole link


def enter() -> ResponseReturnValue | None:
    """On a bound tablet, respondents' pages belong to the turn under way; others lead to the first page."""
    value = _cookie() if "Cookie" in request.headers else None
    kiosk = kiosks.read(web().store, web().keyring, value) if value else None
    if kiosk is None:
        return None
    g.kiosk = kiosk
    elsewhere = request.blueprint == "citizen" and request.args.get("turn") != kiosk.turn
    if elsewhere or request.endpoint == "citizen.index":
        return redirect(f"{home()}kiosk/{kiosk.place}", 303)
    return None


@blueprint.route("/kiosk/<place>", methods=["GET", "POST"])
def first(place: str) -> ResponseReturnValue:
    """Type or scan a code. Showing this page ends the turn before."""
    kiosk: Kiosk | None = g.get("kiosk")
    if kiosk is None or kiosk.place != place:
        return _say(messages.unbound())
    if request.method == "GET":
        g.kiosk = Kiosk(kiosk.number, kiosk.place, kiosks.new_turn())
        return _with_cookie(_first(), g.kiosk)
    typed = request.form.get("code", "")[:_LONGEST]
    code = codes.normalise(_scanned(typed))
    if codes.is_valid(code):
        return redirect(go(f"{home()}P/{code}"), 303)
    return _first(fault=typing_fault(code))


@blueprint.get("/kiosk/<place>/waiting")
def waiting(place: str) -> ResponseReturnValue:
    """Asked by the first page's script: does the counter's draw want a questionnaire opened here? Changes nothing."""
    kiosk: Kiosk | None = g.get("kiosk")
    if kiosk is None or kiosk.place != place:
        return Response("", 403, mimetype="text/plain")
    return Response("1" if tablets.waits(web().store, web().clock, kiosk.number) else "", 200, mimetype="text/plain")


@blueprint.post("/kiosk/<place>/fetch")
def fetch(place: str) -> ResponseReturnValue:
    """Open the questionnaire that the counter's draw sent here: made now, once; a request sent twice finds it again."""
    kiosk: Kiosk | None = g.get("kiosk")
    if kiosk is None or kiosk.place != place:
        return _say(messages.unbound())
    code = tablets.fetch(web().store, web().keyring, web().clock, web().wave, kiosk)
    if code is None:
        return _first(nothing=True, action=f"../{place}")
    return redirect(go(f"{home()}P/{code}"), 303)


@blueprint.route("/kiosk/<place>/<token>", methods=["GET", "POST"])
def bind(place: str, token: str) -> ResponseReturnValue:
    """The one-time link: looking changes nothing, the button binds this tablet."""
    w = web()
    if request.method == "GET":
        if not kiosks.link_is_good(w.store, w.clock, place, token):
            return _say(messages.spent_link())
        return render("bind.html", hotlines=web().known_hotlines, place=place_name(place), action=go(token))
    kiosk = kiosks.bind(w.store, w.clock, place, token)
    if kiosk is None:
        return _say(messages.spent_link())
    answer = redirect(go(f"../{place}"), 303)
    return _with_cookie(answer, kiosk)


def place_name(place: str) -> str:
    """What people call a place; its id where no wave that is served has it."""
    web().read_waves()
    for wave in web().known_waves:
        for each in wave.spec.places:
            if each.id == place:
                return each.name.of(chosen())
    return place


def _first(fault: str = "", *, nothing: bool = False, action: str = "") -> Response:
    """``nothing``: a questionnaire was asked for and none waits."""
    place = g.kiosk.place
    return render(
        "kiosk.html",
        status=422 if fault or nothing else 200,
        hotlines=web().known_hotlines,
        switchable=not fault and not nothing,
        kiosk_home=True,
        place=place_name(place),
        action=go(action or place),
        fetch=go(f"{home()}kiosk/{place}/fetch") if _asks_here(place) else "",
        waiting=f"{home()}kiosk/{place}/waiting",
        nothing=nothing,
        fault=fault,
    )


def _asks_here(place: str) -> bool:
    """Whether a wave that is served selects at this place's counter."""
    return any(
        wave.spec.counter_groups and place in {each.id for each in wave.spec.places} for wave in web().known_waves
    )


def _scanned(typed: str) -> str:
    """The code in what was typed; a scanner types the link of the QR code."""
    found = re.search(r"/P/([^/?#]+)", typed, re.IGNORECASE)
    return found[1] if found else typed


def _cookie_name() -> str:
    """Behind TLS one that no other host and no plain connection can set; under a prefix that name is not allowed."""
    if not on_tls(request):
        return kiosks.COOKIE
    return f"{'__Secure-' if request.script_root else '__Host-'}{kiosks.COOKIE}"


def _cookie() -> str | None:
    """What this tablet carries; one that was bound before names were told apart goes on, and gets the new name."""
    return request.cookies.get(_cookie_name()) or request.cookies.get(kiosks.COOKIE)


def _with_cookie(answer: BaseResponse, kiosk: Kiosk) -> BaseResponse:
    answer.set_cookie(
        _cookie_name(), kiosks.cookie(web().keyring, kiosk), max_age=kiosks.COOKIE_DAYS * 86_400,
        path=f"{request.script_root}/", secure=on_tls(request), httponly=True, samesite="Strict",
    )  # fmt: skip
    return answer


def _say(message: messages.Message) -> Response:
    return render(
        "message.html", status=message.status, hotlines=web().known_hotlines, switchable=request.method == "GET",
        message=message,
    )  # fmt: skip
