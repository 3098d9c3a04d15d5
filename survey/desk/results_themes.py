"""Themes by which comments are grouped: the analyst edits them, and has the figures made again."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from forms.faults import Faults
from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import wave_here
from survey.desk.rendering import page
from survey.desk.results_comments import house
from survey.desk.results_data import dataset_here
from survey.language import gettext as _
from survey.publishing import comment_themes
from survey.publishing.shelf import Shelved
from survey.web import web


class Themes(DeskForm):
    """A theme a line; ``seen``: what the form was made of."""

    themes = TextAreaField(validators=[Needed(), Length(max=comment_themes.LONGEST)])
    seen = HiddenField()


@blueprint.route("/w/<wave>/results/data/<name>/comments/themes", methods=["GET", "POST"], endpoint="results_themes")
def themes(wave: str, name: str) -> ResponseReturnValue:
    """The themes of the wave, and the form that changes them."""
    one = dataset_here(name)
    now = comment_themes.read(web().settings.instance, wave_here().spec.id)
    if request.method == "GET":
        return _page(one, Themes(None, data={"themes": now, "seen": comment_themes.revision(now)}))
    form = Themes(request.form)
    if not form.validate():
        return _page(one, form, 422)
    try:
        comment_themes.save(house(), wave_here().spec.id, form.themes.data, form.seen.data)
    except comment_themes.Outdated:
        form.form_errors.append(
            _(
                "Chủ đề đã được người khác sửa từ lúc mở trang này. Mở lại trang để xem bản mới; những "
                "gì vừa gõ vẫn còn ở dưới."
            )
        )
        return _page(one, form, 422)
    except Faults as faults:
        form.themes.errors = [
            _("Dòng %(n)s chưa đúng: viết tên chủ đề, dấu hai chấm, rồi các từ khóa cách nhau bằng dấu phẩy.",
              n=fault.row) if fault.row else _("Viết ít nhất một chủ đề.") for fault in faults.faults
        ]  # fmt: skip
        return _page(one, form, 422)
    flash(_("Đã lưu chủ đề. Bấm “Tính lại số liệu” để xếp lại ý kiến."))
    return redirect(url_for("desk.results_data", wave=wave, name=name), 303)


def _page(one: Shelved, form: Themes, status: int = 200) -> ResponseReturnValue:
    return page("results_themes.html", status=status, one=one, form=form)
