"""Words for what is the same in every survey: ways of answering, usual margins and their levels, parts of strata."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from analysis.dataset import Dataset

Words = Mapping[str, str]
_MERGED: Words = {"vi": "đã gộp để đủ phiếu", "en": "merged to hold enough"}
_MODES: Mapping[str, Words] = {
    "qr": {"vi": "quét mã QR", "en": "QR code"},
    "email": {"vi": "thư điện tử", "en": "e-mail"},
    "sms": {"vi": "tin nhắn SMS", "en": "SMS"},
    "zalo": {"vi": "Zalo", "en": "Zalo"},
    "counter": {"vi": "tại quầy, phiếu in", "en": "at the counter, printed form"},
    "kiosk": {"vi": "tại quầy, máy trả lời", "en": "at the counter, tablet"},
    "paper": {"vi": "phiếu giấy", "en": "paper"},
    "interview": {"vi": "phỏng vấn trực tiếp", "en": "interview"},
    "phone": {"vi": "phỏng vấn qua điện thoại", "en": "interview by telephone"},
}
_PHASES: Mapping[str, Words] = {
    "before": {"vi": "trước lần nhắc đầu", "en": "before the first reminder"},
    "after": {"vi": "sau lần nhắc đầu", "en": "after the first reminder"},
}
_CHANNELS: Mapping[str, Words] = {
    "counter": {"vi": "nộp trực tiếp", "en": "filed at the counter"},
    "online": {"vi": "nộp trực tuyến", "en": "filed online"},
    "post": {"vi": "nộp qua bưu chính", "en": "filed by post"},
}
_OVERDUE: Mapping[str, Words] = {"yes": {"vi": "trễ hẹn", "en": "overdue"}, "no": {"vi": "đúng hẹn", "en": "on time"}}
_LEVELS: Mapping[str, Mapping[str, Words]] = {
    "mode": _MODES, "phase": _PHASES, "m_channel": _CHANNELS, "m_overdue": _OVERDUE,
}  # fmt: skip
MARGINS: Mapping[str, Words] = {
    "m_channel": {"vi": "Kênh nộp hồ sơ", "en": "Channel of the dossier"},
    "m_level": {"vi": "Mức độ dịch vụ công", "en": "Level of the public service"},
    "m_field": {"vi": "Lĩnh vực", "en": "Field"},
    "m_overdue": {"vi": "Trễ hẹn", "en": "Overdue"},
    "m_position": {"vi": "Chức vụ", "en": "Post"},
}
_STRATA = ("stratum", "wclass")


def levels(dataset: Dataset, column: str, language: str, strata: Iterable[str]) -> dict[str, str]:
    """What the words of a column that is no answer stand for; those that say it themselves are not among them.

    ``strata``: those of the estimates, as ``group/stratum``.
    """
    manifest = dataset.manifest
    named = {each["id"]: _in(each["name"], language) for each in (*manifest["units"], *manifest["groups"])}
    if column in ("unit", "group"):
        return {each["id"]: named[each["id"]] for each in manifest[f"{column}s"]}
    if column in _STRATA or column == "final_stratum":
        there = strata if column == "final_stratum" else _there(dataset, column)
        parts = named | {level: _in(words, language) for level, words in _CHANNELS.items()}
        parts |= {"*": _in(_MERGED, language), "all": {"vi": "tất cả", "en": "all"}.get(language, "tất cả")}
        found = {word: [parts.get(part, part) for part in word.split("/")] for word in there}
        if column == "final_stratum":
            # The group last: where a format cuts, what sets a stratum apart in its group stays.
            found = {word: [*within, of] for word, (of, *within) in found.items()}
        return {word: " / ".join(each) for word, each in found.items()}
    known = _LEVELS.get(column)
    return {} if known is None else {level: _in(words, language) for level, words in {**known, "*": _MERGED}.items()}


def _there(dataset: Dataset, column: str) -> list[str]:
    return sorted(word for word in set(dataset.design_table()[column].to_pylist()) if word is not None)


def _in(words: Words, language: str) -> str:
    return words.get(language) or words["vi"]
