"""The ways through the desk: what a role may open, the same page of another wave, and the one next thing to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from forms.faults import Faults
from survey.accounts.accounts import Account
from survey.approvals import approvals
from survey.clock import today
from survey.desk.gate import allowed
from survey.language import chosen
from survey.language import gettext as _
from survey.wave import RegisteredWave
from survey.web import web


@dataclass(frozen=True, slots=True)
class Link:
    """A way on; ``here``: the page being shown belongs to it; ``house``: it belongs to no wave."""

    href: str
    text: str
    here: bool = False
    house: bool = False


@dataclass(frozen=True, slots=True)
class _Area:
    endpoint: str
    text: Callable[[], str]
    of_wave: bool


def _areas() -> tuple[_Area, ...]:
    """Every area, in the order of the work. One without a page yet, or without the right to it, is not shown."""
    return (
        _Area("board", lambda: _("Tiến độ"), True),
        _Area("setup", lambda: _("Chuẩn bị"), True),
        _Area("slips", lambda: _("In phiếu"), True),
        _Area("follow_up", lambda: _("Đôn đốc trả lời"), True),
        _Area("counter", lambda: _("Quầy tiếp nhận"), True),
        _Area("counters", lambda: _("Chọn mẫu tại quầy"), True),
        _Area("paper", lambda: _("Phiếu giấy"), True),
        _Area("handover", lambda: _("Giao nhận phiếu"), True),
        _Area("keying", lambda: _("Nhập phiếu"), True),
        _Area("control", lambda: _("Gọi kiểm tra"), True),
        _Area("close", lambda: _("Đóng đợt"), True),
        _Area("proof", lambda: _("Hồ sơ thực hiện"), True),
        _Area("payments", lambda: _("Chi trả"), True),
        _Area("results", lambda: _("Kết quả"), True),
        _Area("unit", lambda: _("Kết quả của cơ quan"), True),
        _Area("home", lambda: _("Các đợt điều tra"), False),
        _Area("questionnaires", lambda: _("Bộ câu hỏi"), False),
        _Area("frameworks", lambda: _("Khung chỉ số"), False),
        _Area("kiosks", lambda: _("Máy trả lời"), False),
        _Area("approvals", _approvals, False),
        _Area("jobs", lambda: _("Việc đang chạy"), False),
        _Area("people", lambda: _("Tài khoản"), False),
        _Area("log", lambda: _("Nhật ký"), False),
    )


def _approvals() -> str:
    n = approvals.waiting(web())
    return _("Chờ duyệt (%(n)s)", n=n) if n else _("Chờ duyệt")


def entries(account: Account, wave: str | None) -> list[Link]:
    """The menu: inside a wave its areas, then the house's."""
    here = str(request.endpoint).removeprefix("desk.")
    shown = []
    for area in _areas():
        if area.of_wave and wave is None:
            continue
        if area.endpoint in _ONLY_WHERE and not _has(area.endpoint, str(wave)):
            continue
        values: dict[str, Any] = {"wave": wave} if area.of_wave else {}
        if area.endpoint == "unit":
            values |= {"unit": account.unit}
        if allowed(area.endpoint, account) and None not in values.values() and "" not in values.values():
            belongs = here == area.endpoint or here.startswith(area.endpoint + "_")
            shown.append(Link(url_for(f"desk.{area.endpoint}", **values), area.text(), belongs, not area.of_wave))
    return shown


def has(endpoint: str, wave: RegisteredWave) -> bool:
    """Whether a wave has anything to do in an area that not every wave has."""
    return bool(_ONLY_WHERE[endpoint](wave))


def _has(endpoint: str, wave: str) -> bool:
    """The same of a wave's id; one that is not registered yet has not."""
    try:
        return has(endpoint, web().wave(wave))
    except Faults:
        return False


def is_due(wave: RegisteredWave) -> bool:
    """Whether an open wave's last day has passed: an earlier end would break what slips and invitations say."""
    return wave.state == "open" and today(web().clock, wave.spec.timezone) > wave.spec.closes


_ONLY_WHERE: dict[str, Callable[[RegisteredWave], object]] = {
    "counters": lambda wave: wave.spec.counter_groups,
    "close": is_due,
    "payments": lambda wave: wave.spec.payment,
}


def is_of_wave(area: str) -> bool:
    """Whether a word of an address names an area that each wave has of its own."""
    return any(each.of_wave and each.endpoint == area for each in _areas())


def other_waves(wave: RegisteredWave) -> list[Link]:
    """The page being shown in the other waves, or their first pages where the address names more than a wave."""
    plain = set(request.view_args or {}) == {"wave"} and request.method == "GET"
    return [
        Link(
            url_for(str(request.endpoint), wave=other.spec.id) if plain else url_for("desk.home"),
            other.spec.title.of(chosen()),
        )
        for other in every_wave()
        if other.spec.id != wave.spec.id
    ]


def every_wave() -> list[RegisteredWave]:
    """All registered waves as they stand now, the latest first."""
    with web().store.read() as tx:
        names = [row["id"] for row in tx.wave_ids()]
    return sorted((web().wave(name) for name in names), key=lambda one: (one.spec.opens, one.spec.id), reverse=True)
