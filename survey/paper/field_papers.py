"""Paper around the questionnaire: letters, return envelopes, records of batches, interviewers' lists and cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from forms.faults import Faults
from forms.questionnaire import ItemType, Questionnaire
from survey.delivery.handover import Batch, Kind
from survey.delivery.recipients import Recipient
from survey.issuing import ExportRow
from survey.paper import marks as paper_marks
from survey.paper import qr, slips, typesetting

if TYPE_CHECKING:
    from survey.wave import RegisteredWave

_KINDS = {Kind.INTERVIEWER: "điều tra viên", Kind.POST: "bưu điện", Kind.PLACE: "nơi tiếp nhận"}
LETTERS_A_FILE = 2000  # a page each: more is no file to print from


def letters(wave: RegisteredWave, rows: Sequence[ExportRow], to: Mapping[int, Recipient], base_url: str) -> bytes:
    """A letter for each row, every one of which has a recipient. Raises Faults when there are too many."""
    if len(rows) > LETTERS_A_FILE:
        raise Faults(f"{len(rows)} letters are too many for one file: choose with --unit, --place or --group")
    unit = wave.spec.unit
    made = [
        {
            "serial": row.serial,
            "name": to[row.serial].name,
            "address": _lines(to[row.serial].address),
            "units": [unit(each).name.of("vi") for each in row.units],
            "code": row.code,
            "qr": qr.svg(slips.qr_text(row.url)),
        }
        for row in rows
    ]
    site = base_url.partition("://")[2] + "/"
    return typesetting.pdf("letters", _head(wave) | {"letters": made, "site": site})


def envelopes(wave: RegisteredWave, number: int) -> bytes:
    """So many return envelopes, all alike. Raises Faults when the wave file has no [return]."""
    told = wave.spec.return_to
    if told is None:
        raise Faults(f"the file of wave “{wave.spec.id}” has no [return]: name and address are needed")
    address = {"name": told.name, "address": told.address, "prepaid": told.prepaid, "number": number}
    return typesetting.pdf("envelopes", _head(wave) | address)


def handover(wave: RegisteredWave, batch: Batch) -> bytes:
    """The record of a batch: with blanks while it is out, with numbers once it was taken back."""
    spec = wave.spec
    names = {each.id: each.name.of("vi") for each in spec.units} | {each.id: each.name.of("vi") for each in spec.places}
    day = datetime.fromisoformat(batch.made_at).astimezone(ZoneInfo(spec.timezone))
    totals = [len(batch.rows), batch.back, batch.came("spoiled"), batch.came("unused"), batch.missing]
    known = [str(total) if batch.back is not None or place == 0 else "" for place, total in enumerate(totals)]
    holder = names.get(batch.holder, batch.holder)
    rows = [
        [str(at), str(row["serial"]), spec.group(row["grp"]).name.of("vi"), names.get(row["place"], ""),
         "×" if row["came"] == "spoiled" else "", "×" if row["came"] == "unused" else ""]
        for at, row in enumerate(batch.rows, start=1)
    ]  # fmt: skip
    data = {"number": batch.number, "kind": _KINDS[batch.kind], "holder": holder, "day": f"{day:%d/%m/%Y}",
            "totals": known, "rows": rows}  # fmt: skip
    return typesetting.pdf("handover", _head(wave) | data)


def assignment(wave: RegisteredWave, batch: Batch, contacts: Mapping[int, Mapping[str, str]]) -> bytes:
    """An interviewer's list with three visits a person."""
    empty = {"name": "", "phone": "", "address": ""}
    told = [(serial, contacts.get(serial, empty)) for serial in batch.serials]
    rows = [[str(serial), each["name"], each["phone"], each["address"]] for serial, each in told]
    return typesetting.pdf("assignment", _head(wave) | {"number": batch.number, "holder": batch.holder, "rows": rows})


def interview(wave: RegisteredWave, group: str) -> bytes:
    """The words an interviewer begins with, and a card for every list of answers in the group's questionnaire."""
    asked = wave.questionnaire_of(group)
    about = "cơ quan nơi Ông/Bà làm việc" if wave.spec.group(group).assesses == "own" else "cơ quan được đánh giá"
    data = {"minutes": asked.minutes, "about": about, "cards": cards(asked)}
    return typesetting.pdf("interview", _head(wave) | data)


def cards(asked: Questionnaire) -> list[dict[str, Any]]:
    """Each list of three answers or more once, with the sections that use it, in the questionnaire's order."""
    found: dict[tuple[str, ...], list[str]] = {}
    for section in asked.sections:
        for item in section.items:
            choices = tuple(choice.text.of("vi") for choice in item.choices)
            if item.type in (ItemType.SCALE, ItemType.SINGLE, ItemType.MULTIPLE) and len(choices) >= 3:
                sections = found.setdefault(choices, [])
                title = section.title.of("vi")
                if title not in sections:
                    sections.append(title)
    return [{"choices": list(choices), "sections": sections} for choices, sections in found.items()]


def _lines(address: str) -> list[str]:
    """An address in at most three lines, broken at its commas where it is long."""
    parts = [part.strip() for part in address.split(",") if part.strip()]
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]}, {part}" if lines[-1] else part
        if len(longer) <= 46 or not lines[-1] or len(lines) == 3:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _head(wave: RegisteredWave) -> dict[str, Any]:
    spec = wave.spec
    told = spec.authority
    return {
        "title": spec.title.of("vi"),
        "issuer": told.name.of("vi") if told else "Cơ quan chủ trì",
        "plan": paper_marks.plan(wave),
        "closes": f"{spec.closes:%d/%m/%Y}",
        "hotline": spec.hotline,
        "marks": list(paper_marks.marks(wave)),
    }
