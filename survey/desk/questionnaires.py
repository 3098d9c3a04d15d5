"""Questionnaires at the desk: which there are, whether a file is sound, two side by side, and wording corrected."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField, ValidationError

from forms import limesurvey, tables, xlsform
from forms import questionnaire as questionnaires
from forms.faults import Faults
from forms.questionnaire import ItemType, Questionnaire
from forms.versions import Aspect, differences
from forms.xlsform import Note
from survey import corrections, exports, library
from survey.corrections import RULES
from survey.desk import downloads
from survey.desk.blueprint import blueprint
from survey.desk.fault_words import told
from survey.desk.fields import DeskForm, Needed, SentFile
from survey.desk.gate import account_here, allowed
from survey.desk.navigation import every_wave
from survey.desk.rendering import page
from survey.language import gettext as _
from survey.web import web

LARGEST_TEXT = 2 << 20  # bytes of a TOML file


class Sent(DeskForm):
    """A file to be looked at."""

    file = SentFile(validators=[Needed()])

    def validate_file(self, field: SentFile) -> None:
        """A browser sends a file without a name where none was chosen."""
        if not field.data:
            raise ValidationError(_("Mục này chưa điền."))


class Correction(DeskForm):
    """Why the wording of an open wave is corrected."""

    wave = SelectField(choices=[])
    reason = StringField(validators=[Needed()])


class Hotline(Correction):
    """Another number to call, for an open wave."""

    hotline = StringField(validators=[Needed()])


def type_name(type: ItemType) -> str:
    """What kind of answer an item takes, as people say it."""
    return {
        ItemType.SCALE: _("thang điểm"),
        ItemType.SINGLE: _("chọn một"),
        ItemType.MULTIPLE: _("chọn nhiều"),
        ItemType.NUMBER: _("số"),
        ItemType.TEXT: _("ý kiến"),
        ItemType.DATE: _("tháng, năm"),
        ItemType.NOTE: _("lời dẫn"),
    }[type]


def aspect_name(aspect: Aspect) -> str:
    """What differs, as people say it."""
    return {
        Aspect.ID: _("mã"),
        Aspect.VERSION: _("số phiên bản"),
        Aspect.MINUTES: _("số phút trả lời"),
        Aspect.TITLE: _("tên bộ câu hỏi"),
        Aspect.LAYOUT: _("cách chia trang"),
        Aspect.SCREEN_OUT: _("điều kiện dừng"),
        Aspect.CONTRADICTIONS: _("quy tắc mâu thuẫn"),
        Aspect.FACTOR_NAME: _("tên nhân tố"),
        Aspect.FACTORS: _("các nhân tố"),
        Aspect.SECTIONS: _("các phần"),
        Aspect.SECTION_TITLE: _("tên phần"),
        Aspect.SECTION_INTRO: _("lời dẫn của phần"),
        Aspect.EACH: _("hỏi một lần hay theo từng cơ quan"),
        Aspect.ITEMS: _("các câu hỏi và thứ tự"),
        Aspect.TEXT: _("câu hỏi"),
        Aspect.HINT: _("gợi ý"),
        Aspect.TYPE: _("kiểu câu hỏi"),
        Aspect.NA: _("ô “Không biết hoặc không áp dụng”"),
        Aspect.REQUIRED: _("có nhắc khi bỏ trống"),
        Aspect.SHOW_IF: _("điều kiện hiện câu hỏi"),
        Aspect.FACTOR: _("nhân tố"),
        Aspect.LIMITS: _("giới hạn câu trả lời"),
        Aspect.CHOICES: _("các lựa chọn và thứ tự"),
        Aspect.CHOICE_TEXT: _("chữ của lựa chọn"),
        Aspect.VALUE: _("điểm của lựa chọn"),
    }[aspect]


@blueprint.route("/questionnaires", methods=["GET", "POST"], endpoint="questionnaires")
def listed() -> ResponseReturnValue:
    """All that are known; a file sent up is checked, and if it is sound kept for a day to be looked at."""
    form = Sent()
    if request.method == "GET" or not form.validate():
        return _list(form, 200 if request.method == "GET" else 422)
    try:
        found, notes = _read(form.file.data)
    except Faults as faults:
        return _list(form, 422, faults)
    library.keep(web().settings.instance, found)
    return _one(found, notes)


def _list(form: Sent, status: int, faults: Faults | None = None, hotline: Hotline | None = None) -> Response:
    open_ = [wave for wave in every_wave() if wave.state == "open"]
    calling = hotline or Hotline(None)
    calling.wave.choices = [(wave.spec.id, wave.spec.title.of("vi")) for wave in open_]
    return page(
        "questionnaires.html",
        status=status,
        form=form,
        faults=faults.faults if faults else (),
        known=library.asked(web().store, every_wave()),
        hotline=calling,
        hotlines=[wave.spec.hotline for wave in open_ if wave.spec.hotline],
        correctable=bool(open_) and allowed("questionnaires_hotline"),
    )


@blueprint.post("/questionnaires/hotline", endpoint="questionnaires_hotline")
def correct_hotline() -> ResponseReturnValue:
    """Another number to call on every page of an open wave, for a reason."""
    form = Hotline()
    form.wave.choices = [(wave.spec.id, wave.spec.id) for wave in every_wave()]
    if not form.validate():
        return _list(Sent(None), 422, hotline=form)
    try:
        corrections.correct_hotline(
            web().store, web().clock, web().wave(form.wave.data), form.hotline.data,
            reason=form.reason.data, who=f"desk:{account_here().name}",
        )  # fmt: skip
    except Faults as faults:
        return _list(Sent(None), 422, faults, form)
    flash(_("Đã đổi số điện thoại hỗ trợ. Người trả lời thấy ngay. Xin gửi niêm phong mới cho người giữ."))
    return redirect(url_for("desk.questionnaires"), 303)


def _read(sent: object) -> tuple[Questionnaire, tuple[Note, ...]]:
    """The questionnaire in a file: TOML, or an XLSForm or .lss with what of it was left out. Raises Faults."""
    name = str(getattr(sent, "filename", "") or "")[-80:]
    content: bytes = sent.read(xlsform_limit() + 1)  # type: ignore[attr-defined]
    if content.startswith(tables.WORKBOOKS) or name.lower().endswith(".lss"):
        found = (limesurvey if name.lower().endswith(".lss") else xlsform).read(content, name)
        return found.questionnaire, found.notes
    return questionnaires.load(tables.decoded(content[:LARGEST_TEXT], name), name), ()


def xlsform_limit() -> int:
    """Bytes that are read of a file; the readers refuse what is larger."""
    return 10 << 20


@blueprint.get("/questionnaires/<name>", endpoint="questionnaires_one")
def one(name: str) -> ResponseReturnValue:
    """What one asks."""
    return _one(_found(name))


def _found(name: str) -> Questionnaire:
    found = library.find(web().store, web().settings.instance, name) if len(name) == library.SHORT else None
    return found or abort(404)


def _one(
    found: Questionnaire, notes: tuple[Note, ...] = (), form: Correction | None = None, faults: Faults | None = None
) -> Response:
    known = library.asked(web().store, every_wave())
    name = found.hash[: library.SHORT]
    here = next((each for each in known if each.name == name), None)
    open_ = [w for w in every_wave() if w.state == "open" and any(q.id == found.id for q in w.questionnaires.values())]
    correcting = form or Correction(None)
    correcting.wave.choices = [(wave.spec.id, wave.spec.title.of("vi")) for wave in open_]
    asked_now = any(found.hash == each.hash for wave in open_ for each in wave.questionnaires.values())
    return page(
        "questionnaire.html",
        status=422 if form else 200,
        found=found,
        name=name,
        here=here,
        notes=notes,
        others=[each for each in known if each.document.id == found.id and each.name != name],
        type_name=type_name,
        told=told,
        form=correcting,
        faults=faults.faults if faults else (),
        correctable=bool(open_) and not asked_now and allowed("questionnaires_correct"),
    )


@blueprint.get("/questionnaires/<name>/file.<kind>", endpoint="questionnaires_file")
def file(name: str, kind: str) -> ResponseReturnValue:
    """The questionnaire as TOML, or as an XLSForm."""
    found = _found(name)
    if kind == "toml":
        return downloads.file(f"{found.id}.toml", found.text.encode(), "application/toml")
    if kind == "xlsx":
        return downloads.file(f"{found.id}.xlsx", xlsform.write(found).content, exports.TABLES[".xlsx"])
    return abort(404)


@blueprint.get("/questionnaires/<name>/compare/<other>", endpoint="questionnaires_compare")
def compare(name: str, other: str) -> ResponseReturnValue:
    """Two versions side by side, and whether the one may take the place of the other in an open wave."""
    old, new = _found(name), _found(other)
    return page(
        "questionnaires_compare.html",
        old=old,
        new=new,
        found=differences(old, new),
        refused=corrections.refused(old, new),
        rules=RULES,
        aspect_name=aspect_name,
    )


@blueprint.post("/questionnaires/<name>/correct", endpoint="questionnaires_correct")
def correct(name: str) -> ResponseReturnValue:
    """Put a version in the place of the one that an open wave asks, for a reason."""
    found, form = _found(name), Correction()
    form.wave.choices = [(wave.spec.id, wave.spec.id) for wave in every_wave()]
    if not form.validate():
        return _one(found, form=form)
    try:
        made = corrections.correct(
            web().store, web().clock, web().wave(form.wave.data), found,
            reason=form.reason.data, who=f"desk:{account_here().name}",
        )  # fmt: skip
    except Faults as faults:
        return _one(found, form=form, faults=faults)
    flash(_("Đã sửa câu chữ (lần sửa %(number)s). Người trả lời thấy ngay. Xin gửi niêm phong mới cho người giữ.",
            number=made.number))  # fmt: skip
    return redirect(url_for("desk.questionnaires_one", name=name), 303)
