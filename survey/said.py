"""Faults as a person at the desk reads them: the program says them in English, the desk in Vietnamese.

A fault is found by its sentence, whose names and numbers may be any. One that is not known stays as it is: said in
another language is better than not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from forms.faults import Fault

_FOLDER = Path(__file__).parent / "translations"
# keys of files as the screens call them
_KEYS = {
    "id": "mã", "title": "tên đợt", "name": "tên", "opens": "ngày bắt đầu", "closes": "ngày kết thúc",
    "timezone": "múi giờ", "framework": "bộ tiêu chí", "k": "số người ít nhất của một ô (k)",
    "hotline": "số điện thoại hỗ trợ", "authority": "cơ quan chủ trì", "plan": "số kế hoạch",
    "date": "ngày ban hành kế hoạch", "purge_on": "ngày xóa danh sách liên hệ", "unit": "cơ quan",
    "place": "nơi tiếp nhận", "group": "nhóm đối tượng", "kind": "loại cơ quan", "questionnaire": "phiếu hỏi",
    "assesses": "cơ quan được đánh giá", "design": "thiết kế mẫu", "method": "cách chọn mẫu", "by": "cột phân tầng",
    "n": "số phiếu cần rút", "size": "sai số mong muốn", "e": "sai số mong muốn", "min": "số ít nhất",
    "max": "số nhiều nhất", "response": "tỷ lệ trả lời dự kiến", "margins": "cột đặc điểm", "merge": "thứ tự gộp ô",
    "classes": "lớp trả lời", "mode": "cách phát phiếu", "max_units": "số cơ quan nhiều nhất mỗi người đánh giá",
    "unit_min": "số lượt đánh giá ít nhất mỗi cơ quan", "population": "tổng thể", "frame": "nguồn danh sách",
    "period": "kỳ khảo sát", "gaps": "phần không bao quát", "reserve": "mẫu dự phòng", "sort": "cột sắp xếp",
    "psu": "cột của giai đoạn một", "psus": "số đơn vị của giai đoạn một", "channel": "kênh nộp", "level": "mức độ",
    "field": "lĩnh vực", "target": "mô tả đối tượng",
}  # fmt: skip


class _Part(str):
    """What stood in a sentence's gap; «key» puts the screen's name of a key, «said» the sentence in Vietnamese."""

    __slots__ = ()

    def __format__(self, how: str) -> str:
        return _KEYS.get(self.strip("“”"), self) if how == "key" else vietnamese(self) if how == "said" else str(self)


def pairs(files: str = "faults*.vi.txt") -> list[tuple[str, str]]:
    """Every sentence with its Vietnamese, gaps as {}. Raises ValueError when one of them stands alone."""
    found: list[tuple[str, str]] = []
    for file in sorted(_FOLDER.glob(files)):
        lines = [line for line in file.read_text("utf-8").splitlines() if line and not line.startswith("#")]
        found += zip(lines[::2], lines[1::2], strict=True)
    return found


@lru_cache(maxsize=1)
def _sentences() -> tuple[tuple[re.Pattern[str], str], ...]:
    # Of two that fit, the one that says more itself is meant.
    known_pairs = sorted(pairs(), key=lambda pair: -len(pair[0].replace("{}", "")))
    return tuple(
        (re.compile("(.+?)".join(map(re.escape, known.split("{}"))), re.DOTALL), told) for known, told in known_pairs
    )


@lru_cache(maxsize=2048)
def vietnamese(message: str) -> str:
    """The sentence in Vietnamese, or as it is."""
    for known, told in _sentences():
        if match := known.fullmatch(message):
            return told.format(*(_Part(part) for part in match.groups()))
    return message


@lru_cache(maxsize=1)
def _deeds() -> dict[str, str]:
    return dict(pairs("log.vi.txt"))


@lru_cache(maxsize=1)
def _details() -> dict[str, str]:
    return dict(pairs("details.vi.txt"))


def detail(told: Mapping[str, Any], language: str) -> str:
    """What an entry of the log tells beside the deed, as one line; empty values are left out."""
    names = _details() if language == "vi" else {}
    shown = [(name, value) for name, value in told.items() if value not in ("", None)]
    return "; ".join(f"{names.get(name, name)}: {_value(value, language)}" for name, value in shown)


def _value(value: Any, language: str) -> str:
    if isinstance(value, bool) and language == "vi":
        return "có" if value else "không"
    if isinstance(value, list) and all(isinstance(each, str | int) for each in value):
        return " ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def deed(action: str, language: str) -> str:
    """What the log calls a deed, in the language of the page; as it is where no words are known."""
    return _deeds().get(action, action) if language == "vi" else action


def fault(found: Fault, language: str) -> str:
    """A fault with its place, in the language of the page."""
    if language != "vi":
        return str(found)
    told = vietnamese(found.message)
    place = ", ".join(
        part
        for part in (found.file, f"dòng {found.row}" if found.row is not None else "",
                     f"cột “{found.column}”" if found.column is not None else "")
        if part
    )  # fmt: skip
    return f"{place}: {told}" if place else told[:1].upper() + told[1:]


_PLACE = re.compile(r"(?P<file>.*?)(?::(?P<row>\d+))?(?:, column “(?P<column>[^”]*)”)?", re.DOTALL)


def line(text: str) -> str:
    """A fault as a command printed it, with its place, in Vietnamese; as it is where the sentence is not known."""
    if (told := vietnamese(text)) != text:
        return told[:1].upper() + told[1:]
    for cut in re.finditer(": ", text):
        message, place = text[cut.end() :], _PLACE.fullmatch(text[: cut.start()])
        if place is not None and vietnamese(message) != message:
            row = place["row"]
            return fault(Fault(message, place["file"], int(row) if row else None, place["column"]), "vi")
    return text
