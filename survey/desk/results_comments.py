"""Comments for analysts: masked, by unit and theme, searched; and which of them the office itself may see.

Masking finds forms, not meanings: an office sees words only after somebody has read them here, and only once its
results are published.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField

from survey.desk.blueprint import blueprint
from survey.desk.fields import DeskForm, Needed
from survey.desk.gate import account_here, wave_here
from survey.desk.item_view import words
from survey.desk.rendering import page
from survey.desk.results_data import dataset_here, figures_of
from survey.language import gettext as _
from survey.publishing import released, shelf
from survey.publishing.withdrawal import House
from survey.web import web

FEW, MOST = 10, 150  # texts of each theme on the first page, and of one theme


class Releasing(DeskForm):
    """That everything was read; ``seen``: what was."""

    unit = HiddenField(validators=[Needed()])
    seen = HiddenField()
    sure = BooleanField(validators=[Needed()])


class Withholding(DeskForm):
    """Whose comments go back."""

    unit = HiddenField(validators=[Needed()])


@blueprint.get("/w/<wave>/results/data/<name>/comments", endpoint="results_comments")
def comments(wave: str, name: str) -> ResponseReturnValue:
    """Comments on the unit that the address names, all or those with the words that are sought."""
    return _page(name, request.args.get("unit", ""), Releasing(None))


def house() -> House:
    """The instance, for whoever is signed in."""
    return House(web().settings.instance, web().store, web().clock, account_here().who)


def _page(name: str, unit: str, form: Releasing, status: int = 200) -> ResponseReturnValue:
    # Pure, and needed by nobody else at the desk.
    from analysis.comments import searching

    one = dataset_here(name)
    about, every = figures_of(one, shelf.ABOUT), figures_of(one, shelf.COMMENTS)
    if about is None or every is None:
        abort(404)
    units = [(each["id"], words(each["name"])) for each in about["units"] if each["id"] in every]
    chosen = unit if unit in every else (units[0][0] if units else "")
    told, asked = every.get(chosen, []), request.args.get("q", "").strip()
    themes = [
        (words(each["theme"]), [each["texts"][at] for at in searching.search(each["texts"], asked)] if asked
         else each["texts"])
        for each in told
    ]  # fmt: skip
    form.unit.data, form.seen.data = chosen, released.fingerprint(told)
    there = released.read(web().settings.instance, wave_here().spec.id)
    return page(
        "results_comments.html", status=status, one=one, units=units, unit=chosen, asked=asked, form=form,
        themes=_parts(themes), k=about["k"], out=there.get(chosen) == form.seen.data, most=MOST,
    )  # fmt: skip


def _parts(themes: Sequence[tuple[str, Sequence[str]]]) -> list[tuple[int, str, int, int, Sequence[str]]]:
    """Number, name, size, first and texts of each theme: some of every one, or a long stretch of the one asked for."""
    number, start = (_whole(request.args.get(name, "")) for name in ("theme", "from"))
    if 1 <= number <= len(themes):
        name, texts = themes[number - 1]
        return [(number, name, len(texts), start, texts[start : start + MOST])]
    return [(at, name, len(texts), 0, texts[:FEW]) for at, (name, texts) in enumerate(themes, start=1) if texts]


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


@blueprint.post("/w/<wave>/results/data/<name>/comments/release", endpoint="results_release")
def release(wave: str, name: str) -> ResponseReturnValue:
    """Let the office see what was just read."""
    one, form = dataset_here(name), Releasing(request.form)
    told = (figures_of(one, shelf.COMMENTS) or {}).get(form.unit.data) or abort(404)
    if not form.validate():
        return _page(name, form.unit.data, form, 422)
    if form.seen.data != released.fingerprint(told):
        form.form_errors.append(_("Ý kiến đã đổi từ lúc mở trang này. Xin đọc lại rồi gửi lần nữa."))
        return _page(name, form.unit.data, form, 422)
    released.release(house(), wave_here().spec.id, form.unit.data, told)
    flash(_("Cơ quan xem được các ý kiến này khi kết quả đang được công bố."))
    return redirect(url_for("desk.results_comments", wave=wave, name=name, unit=form.unit.data), 303)


@blueprint.post("/w/<wave>/results/data/<name>/comments/withhold", endpoint="results_withhold")
def withhold(wave: str, name: str) -> ResponseReturnValue:
    """Take that back."""
    dataset_here(name)
    form = Withholding(request.form)
    if not form.validate():
        abort(404)
    released.withhold(house(), wave_here().spec.id, form.unit.data)
    flash(_("Cơ quan không còn xem được ý kiến."))
    return redirect(url_for("desk.results_comments", wave=wave, name=name, unit=form.unit.data), 303)
