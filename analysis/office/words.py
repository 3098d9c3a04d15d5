"""What a heading of an appraisal table means, however it is worded, cased or marked."""

from __future__ import annotations

import re
from enum import StrEnum

from forms.names import bare


class Role(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    ID = "id"
    UNIT = "unit"
    CRITERION = "criterion"
    MAXIMUM = "maximum"
    SELF = "self"
    APPRAISED = "appraised"
    POINTS = "points"
    """“Điểm” and no more: points of some kind, which the heading above or the absence of another column tells."""
    DOCUMENT = "document"
    REASON = "reason"
    OTHER = "other"
    """Known, and no points: gaps, survey results, remarks, who appraised."""


SCORES = frozenset({Role.SELF, Role.APPRAISED, Role.POINTS})

# In this order: the first that fits is meant. All are matched on words without marks.
_MEANINGS: tuple[tuple[Role, str], ...] = (
    (Role.OTHER, r"chenh lech|xa hoi hoc|\bxhh\b|khao sat|dieu tra|\bty le\b|\bxep (hang|loai)\b|\btong so phieu\b"),
    (Role.APPRAISED, r"\bdiem\b.*\bsau (khi )?(giai trinh|ra soat)|^sau (khi )?(giai trinh|ra soat)$"),
    (Role.REASON, r"ly do|nguyen nhan|giai trinh|y kien|nhan xet|thuyet minh"),
    (Role.DOCUMENT, r"tai lieu|minh chung|kiem chung|dan chung|bang chung|can cu|van ban|document|evidence"),
    (Role.OTHER, r"ghi chu|note|^(co quan|don vi|nguoi|can bo) (tham dinh|danh gia|theo doi|phu trach)$"),
    (Role.MAXIMUM, r"toi da|diem chuan|thang diem|diem quy dinh|cao nhat|\bmax(imum)?\b"),
    (Role.SELF, r"\btu (cham|danh gia|xac dinh|cho diem|tinh)\b|^(don vi|co quan) cham( diem)?$|\bself\b"),
    (Role.CRITERION, r"^(?!.*\b(diem|cham)\b).*(tieu chi|noi dung|linh vuc|chi so thanh phan|danh muc|chi tieu)"),
    (Role.CRITERION, r"^(ten )?(cac )?(tieu chi|linh vuc|noi dung|chi so|chi tieu)|^(sub)?criteri(on|a)$"),
    (Role.APPRAISED, r"tham dinh|tham tra|phuc tra|phuc tham|hoi dong|diem dat|dat duoc|duoc cham|diem cham"),
    (Role.APPRAISED, r"noi vu cham|ket qua (danh gia|cham)|diem danh gia|phe duyet|diem duyet|chinh thuc|apprais"),
    (Role.APPRAISED, r"trinh duyet|^diem thuc te$|^danh gia$"),
    (Role.ID, r"^(ma|ma so|id|ma (tieu chi|tctp|tieu chi thanh phan)|ma so tieu chi)$"),
    (Role.NUMBER, r"^(stt|tt|so tt|so thu tu|muc|so|no)$"),
    (Role.UNIT, r"^(unit|(ten )?(co quan|don vi|dia phuong)( (co quan|don vi|dia phuong))*( duoc (danh gia|cham))?)$"),
    (Role.POINTS, r"^((so )?diem( so)?|ket qua|points?|score)$"),
)  # fmt: skip
_CODES = re.compile(r"^ma (tieu chi|tctp)|^ma$")


def role_of(text: str) -> Role | None:
    """What one heading cell means; None when it says nothing that is known."""
    words = bare(text)
    if _CODES.search(words):
        return Role.ID
    for role, pattern in _MEANINGS:
        if re.search(pattern, words):
            return role
    return None


def role_of_all(texts: list[str]) -> Role | None:
    """What a column means by its headings from top to bottom; the lowest decides unless it says only “Điểm”."""
    below: Role | None = None
    for text in reversed(texts):
        role = role_of(text)
        if role is None:
            continue
        if below is None:
            below = role
        elif below is Role.POINTS and role in (Role.SELF, Role.APPRAISED, Role.MAXIMUM):
            return role
    return below
