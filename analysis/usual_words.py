"""Words for what is the same in every survey: ways of answering, usual margins and their levels."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]
MERGED: Words = {"vi": "đã gộp để đủ phiếu", "en": "merged to hold enough"}
MODES: Mapping[str, Words] = {
    "qr": {"vi": "quét mã QR", "en": "QR code"},
    "email": {"vi": "thư điện tử", "en": "e-mail"},
    "sms": {"vi": "tin nhắn SMS", "en": "SMS"},
    "zalo": {"vi": "Zalo", "en": "Zalo"},
    "counter": {"vi": "tại quầy, phiếu in", "en": "at the counter, printed form"},
    "kiosk": {"vi": "tại quầy, máy trả lời", "en": "at the counter, tablet"},
    "paper": {"vi": "phiếu giấy", "en": "paper"},
    "interview": {"vi": "phỏng vấn trực tiếp", "en": "interview"},
    "phone": {"vi": "phỏng vấn qua điện thoại", "en": "interview by telephone"},
    "open": {"vi": "áp phích, tự đến", "en": "poster, came unasked"},
}
PHASES: Mapping[str, Words] = {
    "before": {"vi": "trước lần nhắc đầu", "en": "before the first reminder"},
    "after": {"vi": "sau lần nhắc đầu", "en": "after the first reminder"},
}
CHANNELS: Mapping[str, Words] = {
    "counter": {"vi": "nộp trực tiếp", "en": "filed at the counter"},
    "online": {"vi": "nộp trực tuyến", "en": "filed online"},
    "post": {"vi": "nộp qua bưu chính", "en": "filed by post"},
}
OVERDUE: Mapping[str, Words] = {"yes": {"vi": "trễ hẹn", "en": "overdue"}, "no": {"vi": "đúng hẹn", "en": "on time"}}
LEVELS: Mapping[str, Mapping[str, Words]] = {
    "mode": MODES, "phase": PHASES, "m_channel": CHANNELS, "m_overdue": OVERDUE,
}  # fmt: skip
MARGINS: Mapping[str, Words] = {
    "m_channel": {"vi": "Kênh nộp hồ sơ", "en": "Channel of the dossier"},
    "m_level": {"vi": "Mức độ dịch vụ công", "en": "Level of the public service"},
    "m_field": {"vi": "Lĩnh vực", "en": "Field"},
    "m_overdue": {"vi": "Trễ hẹn", "en": "Overdue"},
    "m_position": {"vi": "Chức vụ", "en": "Post"},
}
