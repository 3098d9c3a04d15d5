"""Where a report stands on its way to the public, and what every page of it says of that."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum

from analysis import numbers


class State(StrEnum):
    """From the analyst's desk to the public, and what may become of it there."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


NAMES = {
    State.DRAFT: "DỰ THẢO",
    State.SUBMITTED: "DỰ THẢO TRÌNH DUYỆT",
    State.APPROVED: "",
    State.PUBLISHED: "",
    State.CORRECTED: "ĐÃ ĐÍNH CHÍNH",
    State.WITHDRAWN: "ĐÃ RÚT",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision that approves the results: its number, date and signer."""

    number: str
    date: datetime.date
    signer: str

    def __str__(self) -> str:
        return f"Quyết định số {self.number} ngày {numbers.day(self.date)}, người ký: {self.signer}"


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of one version; ``corrects`` the number of the version that it replaces, and why."""

    state: State = State.DRAFT
    decision: Decision | None = None
    with_ranks: bool = True
    version: int = 0
    corrects: int = 0
    reason: str = ""

    @property
    def stamp(self) -> str:
        """What stands on every page; '' where it is simply published."""
        return NAMES[self.state]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the first page says of it."""
        said = [f"Phê duyệt tại {self.decision}."] if self.decision else []
        if self.state in (State.DRAFT, State.SUBMITTED):
            said.append("Báo cáo này là dự thảo, chưa được phê duyệt; số liệu có thể thay đổi.")
        if self.corrects:
            said.append(f"Bản đính chính, thay cho bản số {self.corrects}. Nội dung đính chính: {self.reason}")
        if not self.with_ranks:
            said.append("Công bố kết quả, không xếp hạng.")
        return tuple(said)


DRAFT = Standing()
