"""The poster channel: a page that anybody may open; *Begin* makes an invitation, and then all is as for others."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, request
from flask.typing import ResponseReturnValue

from survey import invitations, walk_ins
from survey.citizen import messages
from survey.citizen.rendering import page as render
from survey.invitations import Door
from survey.language import chosen, day, go, home
from survey.language import gettext as _
from survey.plan.wave_spec import Poster
from survey.proxy import address
from survey.wave import RegisteredWave
from survey.web import web

blueprint = Blueprint("walking_in", __name__)


@blueprint.route("/open/<wave>/<place>", methods=["GET", "POST"])
def start(wave: str, place: str) -> ResponseReturnValue:
    """What this is, and about which office; nothing is made before *Begin*."""
    registered, poster = _poster(wave.lower(), place.lower())
    closed = _closed(registered)
    if closed is not None:
        return _say(closed, registered)
    if request.method == "GET":
        return _show(registered, poster)
    unit = poster.units[0] if len(poster.units) == 1 else request.form.get("unit", "")
    if unit not in poster.units:
        return _show(registered, poster, fault=_("Xin chọn cơ quan đã giải quyết hồ sơ của Ông/Bà."))
    if not web().pace.take(address(request)):
        return _say(messages.too_many_walk_ins(), registered)
    try:
        code = walk_ins.begin(web().store, web().keyring, web().clock, registered, poster.place, unit)
    except walk_ins.Full:
        return _say(messages.closed(), registered)
    return redirect(go(f"{home()}P/{code}/1"), 303) if code else _say(messages.closed(), registered)


def _poster(wave: str, place: str) -> tuple[RegisteredWave, Poster]:
    """The poster of this address; 404 where there is none."""
    with web().store.read() as tx:
        known = tx.invitation_wave_state(wave=wave) is not None
    registered = web().wave(wave) if known else None
    channel = registered.spec.open if registered else None
    poster = channel.poster(place) if channel else None
    if registered is None or poster is None:
        abort(404)
    return registered, poster


def _closed(wave: RegisteredWave) -> messages.Message | None:
    door = invitations.door(wave, web().clock)
    if door is Door.NOT_YET:
        return messages.not_yet(wave.spec.opens)
    return messages.closed() if door is Door.OVER else None


def _hotlines(wave: RegisteredWave) -> tuple[str, ...]:
    return (wave.spec.hotline,) if wave.spec.hotline else ()


def _say(message: messages.Message, wave: RegisteredWave) -> Response:
    switchable = request.method == "GET"
    return render(
        "message.html", status=message.status, hotlines=_hotlines(wave), switchable=switchable, message=message
    )


def _show(wave: RegisteredWave, poster: Poster, fault: str = "") -> Response:
    spec, language = wave.spec, chosen()
    channel = spec.open
    if channel is None:
        abort(404)
    units = [spec.unit(unit) for unit in poster.units]
    about = _("Xin ý kiến Ông/Bà về cơ quan đã giải quyết hồ sơ")
    if len(units) == 1:
        about = _("Xin ý kiến Ông/Bà về %(unit)s", unit=units[0].name.of(language))
    return render(
        "open.html",
        status=422 if fault else 200,
        hotlines=_hotlines(wave),
        switchable=not fault,
        title=spec.title.of(language),
        heading=about,
        place=spec.place(poster.place).name.of(language),
        action=go(poster.place),
        units=units if len(units) > 1 else [],
        fault=fault,
        authority=spec.authority,
        minutes=wave.questionnaire_of(channel.group).minutes,
        closes=day(spec.closes),
        k=spec.k,
        simulated=spec.simulated,
        pilot=wave.pilot,
    )
