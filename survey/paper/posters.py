"""A poster for a place: whoever comes by may answer; what is said so is counted apart."""

from __future__ import annotations

from typing import Any

from forms.faults import Faults
from survey.config import Settings
from survey.paper import marks as paper_marks
from survey.paper import qr, typesetting
from survey.paper.slips import qr_text
from survey.wave import RegisteredWave


def pdf(settings: Settings, wave: RegisteredWave, place: str) -> bytes:
    """The poster of a place as PDF, A4. Raises Faults where the wave has no poster there."""
    spec = wave.spec
    poster = spec.open.poster(place) if spec.open else None
    if poster is None:
        known = ", ".join(each.place for each in spec.open.posters) if spec.open else ""
        raise Faults(f"wave “{spec.id}” has no poster at “{place}”" + (f"; it has: {known}" if known else ""))
    url = f"{settings.base_url}/open/{spec.id}/{place}"
    data: dict[str, Any] = {
        "title": spec.title.of("vi"),
        "place": spec.place(place).name.of("vi"),
        "unit": spec.unit(poster.units[0]).name.of("vi") if len(poster.units) == 1 else "",
        "issuer": paper_marks.issuer(wave),
        "marks": list(paper_marks.marks(wave)),
        "minutes": wave.questionnaire_of(spec.open.group).minutes if spec.open else 0,
        "closes": f"{spec.closes:%d/%m/%Y}",
        "hotline": spec.hotline,
        "link": url.removeprefix("https://").removeprefix("http://"),
        "qr": qr.svg(qr_text(url)),
    }
    return typesetting.pdf("poster", data)
