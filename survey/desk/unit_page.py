"""A unit's own page after publication: its results, its factors against its kind, where to begin, what changed.

A viewer sees the own unit and only what is published; analysts see every unit, before publication from the draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, abort
from flask.typing import ResponseReturnValue

from survey import library
from survey.desk import downloads, faces, unit_view
from survey.desk.blueprint import blueprint
from survey.desk.gate import allowed, wave_here
from survey.desk.item_view import words
from survey.desk.navigation import every_wave
from survey.desk.rendering import page
from survey.language import chosen
from survey.language import gettext as _
from survey.publishing import register, released, shelf
from survey.wave import RegisteredWave
from survey.web import web

RESULT, ANNEXES = "result.json", "annexes.json"
FEW = 15  # comments of each theme on the page


@dataclass(frozen=True, slots=True)
class Found:
    """Where a unit's figures are: a published version, or a draft (its number) that only analysts see."""

    own: Mapping[str, Any]
    kind: Mapping[str, Any]
    result: Mapping[str, Any]
    annexes: Mapping[str, Any]
    decision: str
    day: str
    version: int
    draft: int = 0


@blueprint.get("/w/<wave>/unit/<unit>", endpoint="unit")
def unit(wave: str, unit: str) -> ResponseReturnValue:
    """The page; before publication a viewer is told that there is nothing yet."""
    here = wave_here()
    named = next((each for each in here.spec.units if each.id == unit), None) or abort(404)
    found = _published(here, unit) or (_drafted(here, unit) if allowed("results") else None)
    name = named.name.of(chosen())
    if found is None:
        return page("unit.html", name=name, found=None, early=allowed("results"))
    satisfied = found.annexes.get("satisfaction", {}).get(found.kind["kind"])
    factors = unit_view.factors(satisfied, unit)
    return page(
        "unit.html", name=name, found=found, own=found.own, units=len(found.kind["units"]),
        mean=unit_view.mean_index(found.kind), domains=unit_view.domains(found.own, found.kind, _domains(found)),
        factors=factors, chart=_chart(found, satisfied, factors), groups=_groups(here, found),
        gains=_gains(found), comments=_comments(found, unit), change=_change(found),
        whole=faces.whole, decimal=faces.decimal, percent=faces.percent, date_of=faces.date_of, signed=signed,
        scale=unit_view.scale,
    )  # fmt: skip


def _published(here: RegisteredWave, unit: str) -> Found | None:
    """The latest version that stands and holds the unit."""
    instance, wave = web().settings.instance, here.spec.id
    for each in register.read(instance, wave):
        version = each.current
        if version is None:
            continue
        folder = register.place(instance, wave, each.name, version.number)
        result = shelf.sound_document(folder, RESULT, version.files.get(RESULT, ""))
        annexes = shelf.sound_document(folder, ANNEXES, version.files.get(ANNEXES, ""))
        if result is not None and (pair := unit_view.unit_of(result, unit)):
            return Found(*pair, result, annexes or {}, version.decision, version.date, version.number)
    return None


def _drafted(here: RegisteredWave, unit: str) -> Found | None:
    """The latest report that is not out yet."""
    for draft in shelf.drafts(web().settings.instance, here.spec.id):
        result = shelf.sound_document(draft.folder, RESULT, draft.files.get(RESULT, ""))
        annexes = shelf.sound_document(draft.folder, ANNEXES, draft.files.get(ANNEXES, ""))
        if not draft.interim and result is not None and (pair := unit_view.unit_of(result, unit)):
            return Found(*pair, result, annexes or {}, "", "", 0, draft.number)
    return None


def _domains(found: Found) -> dict[str, str]:
    """Names of the domains, from the framework that the result was counted by."""
    wanted = found.result["framework"]
    known = [each.document for each in library.counted(web().store, every_wave())]
    same = next((each for each in known if each.hash == wanted["hash"]), None)
    kinds = getattr(same, "kinds", {})
    rules = kinds.get(found.kind["kind"])
    return {domain.id: domain.name.of(chosen()) for domain in rules.domains} if rules else {}


def _groups(here: RegisteredWave, found: Found) -> list[unit_view.Line]:
    return unit_view.groups(found.own, found.kind, {each.id: each.name.of(chosen()) for each in here.spec.groups})


def _gains(found: Found) -> list[tuple[str, float, float | None]]:
    names = {row["id"]: words(row["name"]) for row in found.kind["scheme"]}
    return [
        (names.get(each["subcriterion"], each["subcriterion"]), each["lost"], each["behind"])
        for each in found.own["gains"]
    ]


def _chart(found: Found, satisfied: Mapping[str, Any] | None, factors: list[unit_view.Line]) -> unit_view.Chart | None:
    """Importance from the drivers that the report was made with; None without them."""
    told = (found.annexes.get("drivers") or {}).get(found.kind["kind"])
    if not told or not satisfied:
        return None
    weights = {row["factor"]: row["share"] for row in told["factors"]}
    pairs = [(line, weights.get(question["id"])) for line, question in zip(factors, satisfied["factors"], strict=True)]
    known = [(line, weight) for line, weight in pairs if weight is not None]
    return unit_view.priorities(
        [line.name for line, _weight in known],
        [weight for _line, weight in known],
        [line.own for line, _weight in known],
    )


def _comments(found: Found, unit: str) -> list[Mapping[str, Any]]:
    """Masked comments that an analyst released to the office, else how many there are under each theme."""
    wave, instance = wave_here().spec.id, web().settings.instance
    folder = shelf.figures(instance, wave, found.result["dataset_hash"][:16])
    told = (shelf.document(folder / shelf.COMMENTS) or {}).get(unit)
    if told and released.read(instance, wave).get(unit) == released.fingerprint(told):
        return [{"theme": words(each["theme"]), "texts": each["texts"][:FEW], "count": len(each["texts"])}
                for each in told]  # fmt: skip
    return list((found.annexes.get("comments") or {}).get(unit) or [])


@blueprint.get("/w/<wave>/unit/<unit>/comments.<kind>", endpoint="unit_comments")
def comments(wave: str, unit: str, kind: str) -> Response:
    """All comments that the office may see, as a file."""
    here, instance = wave_here(), web().settings.instance
    found = _published(here, unit)
    if found is None or kind not in ("csv", "xlsx"):
        abort(404)
    folder = shelf.figures(instance, wave, found.result["dataset_hash"][:16])
    told = (shelf.document(folder / shelf.COMMENTS) or {}).get(unit) or abort(404)
    if released.read(instance, wave).get(unit) != released.fingerprint(told):
        abort(404)
    rows = [(words(each["theme"]), text) for each in told for text in each["texts"]]
    return downloads.table(f"{wave}-{unit}-y-kien.{kind}", (_("Chủ đề"), _("Ý kiến")), rows)


def _change(found: Found) -> str:
    """What the verdict on the change means."""
    change = found.own["change"]
    if not change:
        return ""
    return {
        "more": _("vượt sai số"), "noise": _("trong phạm vi sai số"),
        "not assessable": _("chưa thể kết luận có vượt sai số hay không"),
    }.get(change["verdict"], "")  # fmt: skip


def signed(value: float, digits: int = 1) -> str:
    """A difference with its sign."""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{faces.decimal(abs(value), digits)}"
