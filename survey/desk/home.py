"""The first page: every wave with its state and the one next thing to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from forms.faults import Faults
from survey import control
from survey.accounts.accounts import Account
from survey.desk import faces, navigation
from survey.desk.blueprint import blueprint
from survey.desk.gate import account_here, allowed
from survey.desk.navigation import Link
from survey.desk.rendering import page
from survey.language import chosen, day
from survey.language import gettext as _
from survey.publishing import register
from survey.setup import preparation
from survey.wave import RegisteredWave
from survey.web import web


@dataclass(frozen=True, slots=True)
class Line:
    """A wave as the list shows it."""

    title: str
    pilot: bool
    state: str
    state_name: str
    dates: str
    next: Link | None
    others: tuple[Link, ...]


@blueprint.get("/", endpoint="home")
def home() -> ResponseReturnValue:
    """The waves, the latest first."""
    person = account_here()
    begun = preparation.unregistered(web().store) if allowed("setup_new") else []
    return page("home.html", lines=[_line(person, wave) for wave in navigation.every_wave()], begun=begun)


def _line(person: Account, wave: RegisteredWave) -> Line:
    spec, state = wave.spec, stage(wave)
    others = tuple(link for link in navigation.entries(person, spec.id) if f"/w/{spec.id}" in link.href)
    first = next_step(person, wave)
    return Line(
        spec.title.of(chosen()), wave.pilot, state, faces.state_name(state),
        _("%(opens)s đến %(closes)s", opens=day(spec.opens), closes=day(spec.closes)),
        first, tuple(link for link in others if first is None or link.href != first.href),
    )  # fmt: skip


def stage(wave: RegisteredWave) -> str:
    """draft, open, closed, frozen or published: a frozen wave of which a version stands in the register of results."""
    return "published" if wave.state == "frozen" and _is_published(wave.spec.id) else wave.state


def _is_published(wave: str) -> bool:
    """Whether the register of a wave's publications (``published/<wave>/register.json``) has one that stands."""
    try:
        return any(each.current is not None for each in register.read(web().settings.instance, wave))
    except (Faults, LookupError, TypeError):  # a register that cannot be read publishes nothing
        return False


# What comes next in a state, by who looks: the first page of these that exists and may be opened.
_NEXT = {
    "draft": ("setup", "counter"),
    "open": ("counter", "keying", "board", "follow_up", "paper"),
    "closed": ("results", "keying", "control", "proof", "board"),
    "frozen": ("results", "control", "payments", "proof", "board"),
    "published": ("unit", "results", "proof", "board"),
}


_LATE = ("close", "keying", "follow_up", "board")  # open, and its last day has passed


def next_step(person: Account, wave: RegisteredWave) -> Link | None:
    """The one next thing to do for somebody; None when nothing is theirs now."""
    state = stage(wave)
    for endpoint in _LATE if navigation.is_due(wave) else _NEXT[state]:
        values: dict[str, Any] = {"wave": wave.spec.id} | ({"unit": person.unit} if endpoint == "unit" else {})
        if allowed(endpoint, person) and "" not in values.values() and not _is_nothing(endpoint, state, wave):
            return Link(url_for(f"desk.{endpoint}", **values), _step(endpoint, state))
    return None


def _is_nothing(endpoint: str, state: str, wave: RegisteredWave) -> bool:
    """Whether a page, though it may be opened, has nothing to do in this wave: it is passed over."""
    if endpoint == "payments":
        return not navigation.has(endpoint, wave)
    return endpoint == "control" and state == "frozen" and not control.unfinished(web().store, wave.spec.id)


def _step(endpoint: str, state: str) -> str:
    return {
        "setup": _("Chuẩn bị đợt điều tra"),
        "counter": _("Vào quầy"),
        "keying": _("Nhập phiếu giấy"),
        "board": _("Xem tiến độ") if state == "open" else _("Xem lại tiến độ"),
        "follow_up": _("Đôn đốc trả lời"),
        "paper": _("Kiểm đếm phiếu giấy"),
        "control": _("Gọi kiểm tra"),
        "close": _("Đóng đợt điều tra"),
        "results": _("Chốt số liệu") if state == "closed" else _("Xem kết quả"),
        "proof": _("Lập hồ sơ thực hiện"),
        "payments": _("Lập bảng kê chi trả"),
        "unit": _("Xem kết quả của cơ quan"),
    }[endpoint]


@blueprint.route("/<path:rest>", methods=["GET", "POST"], endpoint="elsewhere")
def elsewhere(rest: str) -> ResponseReturnValue:
    """Where a page of a wave is asked for without the wave: which one? Else no page has this address."""
    area = rest.strip("/").removeprefix("w/")
    if request.method == "GET" and rest.endswith("/") and _is_page(rest.rstrip("/")):
        return redirect(url_for("desk.home") + rest.rstrip("/"), 303)
    if request.method == "GET" and navigation.is_of_wave(area.replace("-", "_")):
        person = account_here()
        ways = [(wave, navigation.entries(person, wave.spec.id)) for wave in navigation.every_wave()]
        found = [(wave, link) for wave, links in ways for link in links if link.href.endswith(f"/{area}")]
        if found:
            return page("which_wave.html", found=found, name=found[0][1].text)
    abort(404)


def _is_page(rest: str) -> bool:
    """Whether some page of the desk has this address."""
    ways = current_app.url_map.bind("")
    try:
        return bool(ways.match(f"{blueprint.url_prefix}/{rest}", "GET")[0] != "desk.elsewhere")
    except HTTPException:
        return False
