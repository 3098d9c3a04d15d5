"""What every step's page has: the file as it stands, where the wave is on its way, and how a change is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, flash, g, redirect, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from wtforms import Field, HiddenField

from forms.faults import Faults
from survey.desk import faces
from survey.desk.fault_words import told
from survey.desk.fields import DeskForm
from survey.desk.gate import account_here
from survey.desk.rendering import page
from survey.language import chosen
from survey.language import gettext as _
from survey.setup import preparation, standing
from survey.setup.checking import Step
from survey.setup.preparation import Preparation, Stale
from survey.setup.standing import STEPS, Standing, State
from survey.wave import RegisteredWave
from survey.web import web

_WORD = re.compile(r"\b[a-z]\w*")


def step_name(step: Step) -> str:
    """A step as the pages call it."""
    return {
        Step.ABOUT: _("Thông tin chung"),
        Step.UNITS: _("Cơ quan được đánh giá"),
        Step.PLACES: _("Nơi tiếp nhận"),
        Step.GROUPS: _("Nhóm đối tượng và phiếu hỏi"),
        Step.FIELDWORK: _("Tiến độ và chi trả"),
        Step.PLAN: _("Kiểm tra và ghi nhận kế hoạch"),
        Step.LISTS: _("Danh sách điều tra"),
        Step.SAMPLE: _("Kế hoạch mẫu"),
        Step.DRAW: _("Chốt danh sách và rút mẫu"),
        Step.OPEN: _("Mở đợt điều tra"),
    }[step]


def state_name(state: State) -> str:
    """A step's state in words."""
    return {
        State.DONE: _("xong"),
        State.LACKING: _("còn thiếu"),
        State.LATER: _("chưa tới"),
        State.OPTIONAL: _("không bắt buộc"),
    }[state]


def fixed_why(fixed: str) -> str:
    """Why nothing can be changed any more; '' while it can."""
    match fixed:
        case "":
            return ""
        case "listed":
            return _(
                "Danh sách của đợt này đã chốt nên kế hoạch không sửa được nữa, chỉ xem. "
                "Muốn đổi kế hoạch, hãy lập đợt mới bằng cách sao chép đợt này."
            )
        case _:
            return _("Đợt điều tra đã mở, kế hoạch đã niêm phong: chỉ xem, không sửa được nữa.")


@dataclass(frozen=True, slots=True)
class Way:
    """A step in the list of steps."""

    number: int
    name: str
    state: str
    state_name: str
    href: str
    here: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows: the file, the registered plan where there is one, and how the steps stand."""

    now: Preparation
    wave: RegisteredWave | None
    standing: Standing

    @property
    def id(self) -> str:
        """The wave's."""
        return self.now.id

    @property
    def registered(self) -> RegisteredWave:
        """The registered plan. Without one, or beside a file that says something else, the check comes first."""
        if self.wave is None or not (self.now.registered or self.now.fixed):
            flash(_("Kế hoạch chưa được ghi nhận. Xin kiểm tra và ghi nhận trước."))
            abort(redirect(url_for("desk.setup_plan", wave=self.id), 303))
        return self.wave


class StepForm(DeskForm):
    """A form that carries the revision it saw."""

    revision = HiddenField()


def load(identity: str) -> Shown:
    """The wave that the address names; 404 when nothing of this name is prepared."""
    try:
        now = preparation.get(web().store, identity)
    except Faults:
        abort(404)
    wave = web().wave(identity) if now.known else None
    g.wave = wave
    return Shown(now, wave, standing.of(web().store, now, wave))


def href(step: Step, identity: str) -> str:
    """The address of a step."""
    return url_for(f"desk.setup_{step}", wave=identity)


def ways(shown: Shown, here: Step | None) -> list[Way]:
    """Every step with its state."""
    states: Mapping[Step, State] = shown.standing.states
    return [
        Way(number, step_name(step), str(states[step]), state_name(states[step]), href(step, shown.id), step is here)
        for number, step in enumerate(STEPS, start=1)
    ]


def show(template: str, shown: Shown, here: Step | None, *, status: int = 200, **context: Any) -> Response:
    """Render a step's page."""
    return page(
        f"setup/{template}",
        status=status,
        shown=shown,
        title=shown.now.title or shown.id,
        ways=ways(shown, here),
        number=STEPS.index(here) + 1 if here else 0,
        total=len(STEPS),
        step_title=step_name(here) if here else "",
        before=ways(shown, here)[STEPS.index(here) - 1] if here and here is not STEPS[0] else None,
        fixed=fixed_why(shown.now.fixed),
        moment=faces.moment,
        whole=faces.whole,
        decimal=faces.decimal,
        percent=faces.percent,
        told=told,
        named=_naming(shown),
        **context,
    )


def _naming(shown: Shown) -> Callable[[str], Markup]:
    """Says a note of the program with the names of units in the place of their ids."""
    units = {unit.id: unit.name.of(chosen()) for unit in shown.wave.spec.units} if shown.wave else {}

    def named(note: str) -> Markup:
        # S704: the sentence is escaped by `told`, the names here
        return Markup(_WORD.sub(lambda word: str(escape(units.get(word[0], word[0]))), str(told(note))))  # noqa: S704

    return named


def typed(form: DeskForm) -> dict[str, str]:
    """What a form holds, as plain text; several values are parted by commas."""
    return {field.name: _plain(field) for field in form if field.name not in ("csrf_token", "revision")}


def _plain(field: Field) -> str:
    if isinstance(field.data, list):
        return ",".join(map(str, field.data))
    if isinstance(field.data, bool):
        return "yes" if field.data else ""
    return "" if field.data is None else str(field.data)


def keep(
    form: StepForm, shown: Shown, change: Callable[[dict[str, Any]], None],
    documents: Mapping[str, str] | None = None,
) -> bool:  # fmt: skip
    """Change the file as it stands now and keep it; False when it was refused, which the form then says."""
    data = shown.now.data
    try:
        change(data)
        preparation.save(web().store, web().keyring, web().clock, shown.id, revision_of(form), data,
                         who=account_here().who, documents=documents)  # fmt: skip
    except Faults as faults:
        form.refuse(faults)
    except Stale as stale:
        say_stale(form, shown, stale)
    else:
        return True
    return False


def revision_of(form: StepForm) -> int:
    """The revision that a form saw; none that there is where it says nothing of the kind."""
    text = str(form.revision.data)
    return int(text) if text.isdecimal() else -1


def say_stale(form: StepForm, shown: Shown, stale: Stale) -> None:
    """Say who changed it when. What was typed stays; sent again, it goes over what the other saved, knowingly."""
    at = faces.moment(stale.at) if stale.at else ""
    form.form_errors.append(
        _(
            "Nội dung này đã được người khác sửa lúc %(at)s (%(who)s). Nội dung Ông/Bà vừa nhập còn nguyên, chưa lưu. "
            "Xin mở bản mới nhất ở thẻ khác để so; bấm lưu lần nữa là ghi đè phần này.",
            at=at,
            who=stale.who.removeprefix("desk:"),
        )
    )
    form.revision.data = str(shown.now.revision)
    form.revision.raw_data = None


def onward(shown: Shown, step: Step) -> ResponseReturnValue:
    """On to the step after this one."""
    flash(_("Đã lưu."))
    following = STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]
    return redirect(href(following, shown.id), 303)
