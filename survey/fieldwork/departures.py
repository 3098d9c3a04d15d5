"""What was done otherwise than the plan said, or by staff's hand, each with its reason from the log."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from analysis import numbers
from survey.fieldwork.papers import Grid, Part, moment
from survey.keying import late_forms
from survey.store import Store

if TYPE_CHECKING:
    from survey.wave import RegisteredWave


def part(store: Store, wave: RegisteredWave) -> Part:
    """The section of the proof."""
    identity, zone = wave.spec.id, wave.spec.timezone
    with store.read() as tx:
        deeds = [dict(row) for row in tx.proof_deeds(wave=identity)]
        draws = [dict(row) for row in tx.draw_all(wave=identity)]
        taken = {row["action"]: row["n"] for row in tx.proof_taken_out(wave=identity)}
    names = {group.id: group.name.of("vi") for group in wave.spec.groups}
    rows = [*_again(draws, names, zone), *_deeds(deeds, names, zone)]
    decision = late_forms.decision(store, identity)
    said = "Không có điểm nào khác phương án." if not rows else "Mỗi điểm khác phương án và lý do ghi lúc đó:"
    grid = Grid("Điểm khác phương án", ("Việc", "Lúc", "Người làm", "Lý do"), tuple(rows), widths=(5, 3, 3, 5))
    facts = (
        ("Phiếu cấp lại", numbers.count(taken.get("invitation reissued", 0))),
        ("Phiếu thu hồi", numbers.count(taken.get("invitation revoked", 0))),
        ("Kết quả do cán bộ ghi (từ chối, không gặp, hỏng …)", numbers.count(taken.get("disposition recorded", 0))),
        ("Phiếu giấy đến muộn", _late(decision)),
    )
    return Part("khac-phuong-an", "Những điểm khác phương án", (said,), facts, (grid,) if rows else ())


def _late(decision: Mapping[str, Any] | None) -> str:
    if decision is None:
        return "không có quyết định nào"
    done = "nhận tất cả" if decision["admitted"] else "không nhận"
    return f"{done}; lý do: {decision['reason']}"


def _again(draws: list[dict[str, Any]], names: Mapping[str, str], zone: str) -> Iterator[tuple[str, ...]]:
    for row in draws:
        if row["reason"]:
            what = f"Chọn mẫu lại, lần {row['number']}: {names.get(row['grp'], row['grp'])}"
            yield what, moment(row["listed_at"], zone), "", row["reason"]


def _deeds(deeds: list[dict[str, Any]], names: Mapping[str, str], zone: str) -> Iterator[tuple[str, ...]]:
    for row in deeds:
        detail = json.loads(row["detail"])
        group = names.get(detail.get("group", ""), "")
        what = {
            "reserve released": f"Bổ sung {detail.get('n')} người từ mẫu dự phòng: {group}",
            "wave extended": f"Gia hạn đến hết ngày {_day(detail.get('until', ''))}",
            "wording corrected": f"Sửa câu chữ: {detail.get('questionnaire') or 'số điện thoại hỗ trợ'}",
            "late forms admitted": "Nhận phiếu giấy đến muộn",
        }.get(row["action"])
        if what is not None:
            yield what, moment(row["at"], zone), row["who"], detail.get("reason", "")


def _day(text: str) -> str:
    return numbers.day(date.fromisoformat(text)) if text else numbers.NOTHING
