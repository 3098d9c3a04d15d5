"""Respondent groups: taken from presets, changed one by one, taken out."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from forms import catalogue
from survey.desk.blueprint import blueprint
from survey.desk.setup.offices import kind_name
from survey.desk.setup.page import Shown, StepForm, keep, load, show, typed
from survey.language import chosen
from survey.language import gettext as _
from survey.setup import groups, presets
from survey.setup.checking import Step
from survey.setup.preparation import Data


class Ticks(SelectMultipleField):  # type: ignore[misc]  # WTForms publishes no types
    """Several of a few, as tick boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class GroupForm(StepForm):
    """The fields of ``survey.setup.groups``."""

    name_vi = StringField(validators=[InputRequired()])
    name_en = StringField()
    questionnaire = SelectField(validate_choice=False, validators=[InputRequired()])
    assesses = RadioField(validate_choice=False)
    kinds = Ticks(validate_choice=False)
    mode = SelectField(validate_choice=False, validators=[InputRequired()])
    population = TextAreaField(validators=[InputRequired()])
    frame = TextAreaField(validators=[InputRequired()])
    period = StringField(validators=[InputRequired()])
    gaps = TextAreaField()
    method = RadioField(validate_choice=False)
    by_1 = SelectField(validate_choice=False)
    by_2 = SelectField(validate_choice=False)
    sort = SelectField(validate_choice=False)
    zones = BooleanField()
    psu = SelectField(validate_choice=False)
    psus = StringField()
    first = RadioField(validate_choice=False)
    size = RadioField(validate_choice=False)
    n = StringField()
    error = StringField()
    p = StringField()
    deff = StringField()
    confidence = StringField()
    each = BooleanField()
    allocation = RadioField(validate_choice=False)
    power = StringField()
    deviation = TextAreaField()
    min = StringField()
    max = StringField()
    response = StringField()
    reserve = StringField()
    share = StringField()
    shares = TextAreaField()
    margins = Ticks(validate_choice=False)
    merge = StringField()
    too_few = RadioField(validate_choice=False)
    max_units = StringField()
    unit_min = StringField()


def column_name(column: str) -> str:
    """A column of a list as people say it."""
    return {
        "unit": _("Cơ quan"), "channel": _("Kênh nộp"), "level": _("Mức độ dịch vụ công"), "field": _("Lĩnh vực"),
        "overdue": _("Trễ hẹn hay không"), "position": _("Chức vụ"), "place": _("Nơi tiếp nhận"),
    }.get(column, column)  # fmt: skip


def method_name(method: str) -> str:
    """A way of drawing as people say it."""
    return {
        "census": _("Hỏi tất cả (điều tra toàn bộ)"),
        "simple": _("Ngẫu nhiên đơn giản"),
        "stratified": _("Phân tầng"),
        "systematic": _("Hệ thống (theo thứ tự)"),
        "two_stage": _("Hai giai đoạn (ví dụ: chọn xã trước, rồi chọn người trong xã)"),
        "counter": _("Tại quầy, từng hồ sơ một (không cần danh sách trước)"),
    }.get(method, method)


def mode_name(mode: str) -> str:
    """How an invitation travels."""
    return {
        "qr": _("Phiếu in có mã QR, phát tay"), "email": _("Thư điện tử"), "sms": _("Tin nhắn SMS"), "zalo": _("Zalo"),
        "paper": _("Phiếu giấy, gửi lại"), "interview": _("Phỏng vấn trực tiếp"),
        "phone": _("Phỏng vấn qua điện thoại"),
    }.get(mode, mode)  # fmt: skip


@blueprint.route("/w/<wave>/setup/groups", methods=["GET", "POST"], endpoint="setup_groups")
def setup_groups(wave: str) -> ResponseReturnValue:
    """The groups there are; a POST adds a preset or takes one out."""
    shown = load(wave)
    form = StepForm() if request.method == "POST" else StepForm(None, revision=shown.now.revision)
    if request.method == "POST" and keep(form, shown, _added_or_gone):
        gone = request.form.get("gone")
        made = "" if gone else _groups_of(load(wave))[-1]["id"]
        flash(_("Đã xóa nhóm.") if gone else _("Đã thêm nhóm. Xin xem lại các ô bên dưới."))
        return redirect(url_for("desk.setup_group", wave=wave, group=made) if made else request.path, 303)
    there = {group.get("id") for group in _groups_of(shown)}
    offers = [(preset, presets.name_of(preset, chosen()), preset in there) for preset in presets.PRESETS]
    lines = [_line(shown, position, group) for position, group in enumerate(_groups_of(shown))]
    return show("groups.html", shown, Step.GROUPS, status=422 if form.errors else 200, form=form, offers=offers,
                groups=lines)  # fmt: skip


def _groups_of(shown: Shown) -> list[dict[str, Any]]:
    return list(shown.now.data.get("group", []))


def _added_or_gone(data: Data) -> None:
    gone, preset = request.form.get("gone"), request.form.get("preset")
    if gone:
        data["group"] = [group for group in data.get("group", []) if group.get("id") != gone]
        if not data["group"]:
            del data["group"]
    elif preset in presets.PRESETS:
        data.setdefault("group", []).append(presets.group(preset, data))
    else:
        abort(400)


def _line(shown: Shown, position: int, group: dict[str, Any]) -> dict[str, Any]:
    fields = groups.shown(group)
    faults = [each.fault for each in shown.now.problems if each.step is Step.GROUPS and each.position == position]
    return {
        "id": group.get("id"),
        "name": fields["name_vi"],
        "questionnaire": _questionnaire_name(fields["questionnaire"]),
        "method": method_name(fields["method"]) if "counter" not in group else _("Chọn tại quầy"),
        "number": fields["n"] if fields["size"] == "n" else f"±{fields['error']}%",
        "faults": faults,
    }


@blueprint.route("/w/<wave>/setup/groups/<group>", methods=["GET", "POST"], endpoint="setup_group")
def setup_group(wave: str, group: str) -> ResponseReturnValue:
    """One group's fields."""
    shown = load(wave)
    table = next((each for each in _groups_of(shown) if each.get("id") == group), None)
    if table is None:
        abort(404)
    if request.method == "GET":
        told = groups.shown(table)
        lists = {name: told[name].split(",") if told[name] else [] for name in ("kinds", "margins")}
        ticks = {name: bool(told[name]) for name in ("each", "zones")}
        form = GroupForm(None, **{**told, **lists, **ticks, "revision": shown.now.revision})
        _offer(form, shown, table)
        return _show(shown, table, form)
    form = GroupForm()
    _offer(form, shown, table)

    def change(data: Data) -> None:
        here = next((each for each in data.get("group", []) if each.get("id") == group), None)
        if here is None:
            abort(404)
        groups.change(here, typed(form))

    if keep(form, shown, change):
        flash(_("Đã lưu."))
        return redirect(url_for("desk.setup_groups", wave=wave), 303)
    return _show(shown, table, form, status=422)


def _show(shown: Shown, table: dict[str, Any], form: GroupForm, status: int = 200) -> ResponseReturnValue:
    position = [each.get("id") for each in _groups_of(shown)].index(table.get("id"))
    faults = [each for each in shown.now.problems if each.step is Step.GROUPS and each.position == position]
    return show("group.html", shown, Step.GROUPS, status=status, form=form,
                group_id=table.get("id"), name=groups.shown(table)["name_vi"],
                faults=[] if form.errors else [each.fault for each in faults])  # fmt: skip


def _offer(form: GroupForm, shown: Shown, table: dict[str, Any]) -> None:
    """What may be chosen."""
    columns = [(name, column_name(name)) for name in groups.columns_of(table)]
    nothing = [("", _("Không"))]
    method = groups.shown(table)["method"]
    own = [name for name in shown.now.documents if name != shown.now.data.get("framework")]
    named = [*catalogue.QUESTIONNAIRES, *dict.fromkeys([*own, table.get("questionnaire", "")])]
    form.questionnaire.choices = [(name, _questionnaire_name(name)) for name in dict.fromkeys(named) if name]
    form.assesses.choices = [
        ("dossier", _("Cơ quan đã giải quyết hồ sơ của họ")),
        ("kind", _("Mọi cơ quan thuộc các loại chọn dưới đây")),
        ("own", _("Cơ quan nơi họ làm việc (tự đánh giá)")),
        ("list", _("Các cơ quan ghi ở từng dòng của danh sách")),
    ]
    kinds = dict.fromkeys(str(each.get("kind")) for each in shown.now.data.get("unit", []))
    form.kinds.choices = [(kind, kind_name(kind)) for kind in kinds]
    form.mode.choices = [(mode, mode_name(mode)) for mode in groups.MODES]
    form.method.choices = [(each, method_name(each)) for each in dict.fromkeys((*groups.METHODS, method))]
    form.by_1.choices = form.by_2.choices = form.sort.choices = form.psu.choices = [*nothing, *columns]
    form.first.choices = [
        ("simple", _("Ngẫu nhiên đơn giản")),
        ("pps", _("Xác suất tỷ lệ với số người trong danh sách (PPS)")),
    ]
    form.allocation.choices = [
        ("proportional", _("Tỷ lệ với danh sách")),
        ("equal", _("Bằng nhau")),
        ("neyman", _("Neyman: nhiều hơn nơi câu trả lời khác nhau nhiều")),
        ("power", _("Lũy thừa: giữa tỷ lệ và bằng nhau")),
    ]
    form.size.choices = [
        ("n", _("Số phiếu")), ("slovin", _("Sai số mong muốn, công thức Slovin")),
        ("cochran", _("Sai số mong muốn, công thức Cochran (độ tin cậy 95%)")),
    ]  # fmt: skip
    form.margins.choices = [(name, told) for name, told in columns if name != "unit"]
    form.too_few.choices = [
        ("stop", _("Dừng lại và cho biết ô nào")),
        ("leave_out", _("Bỏ các ô đó khỏi mẫu, ghi lại bao nhiêu phiếu")),
    ]


def _questionnaire_name(name: str) -> str:
    if name in catalogue.QUESTIONNAIRES:
        return catalogue.questionnaire(name).title.of(chosen())
    return name
