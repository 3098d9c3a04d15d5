"""What the checklist before the opening found, in sentences that say what follows from it."""

from __future__ import annotations

from survey.language import day
from survey.language import gettext as _
from survey.setup.checklist import Finding, Subject
from survey.wave import RegisteredWave


def sentence(finding: Finding, wave: RegisteredWave) -> str:
    """What was found, and what follows."""
    texts = _of_paper(finding.detail, wave) | _of_method(finding.detail)
    return texts.get((finding.subject, finding.case)) or texts[finding.subject, ""]


def _of_paper(detail: str, wave: RegisteredWave) -> dict[tuple[Subject, str], str]:
    return {
        (Subject.DRAWN, ""): _("Mọi nhóm đã rút mẫu."),
        (Subject.DRAWN, "lacking"): _("Chưa rút mẫu cho nhóm: %(groups)s.", groups=detail),
        (Subject.LINKS, ""): _("Phiếu dẫn tới %(url)s.", url=detail),
        (Subject.LINKS, "local"): _(
            "Liên kết trên phiếu dẫn tới %(url)s, chỉ mở được trên chính máy chủ. "
            "Người vận hành phải đặt base_url trong tệp phieu.toml trước khi in phiếu.",
            url=detail,
        ),
        (Subject.DAYS, ""): _(
            "Nhận câu trả lời từ %(opens)s đến hết %(closes)s.",
            opens=day(wave.spec.opens),
            closes=day(wave.spec.closes),
        ),
        (Subject.DAYS, "over"): _("Ngày cuối %(day)s đã qua: không còn nhận câu trả lời.", day=day(wave.spec.closes)),
        (Subject.AUTHORITY, ""): _("Cơ quan chủ trì: %(name)s.", name=detail),
        (Subject.AUTHORITY, "lacking"): _(
            "Chưa ghi cơ quan chủ trì và số kế hoạch: mọi tờ in sẽ mang dòng chữ BẢN THỬ."
        ),
        (Subject.HOTLINE, ""): _("Số điện thoại hỗ trợ: %(number)s.", number=detail),
        (Subject.HOTLINE, "lacking"): _("Chưa có số điện thoại hỗ trợ: người nhận phiếu không biết hỏi ai."),
        (Subject.KEYERS, ""): _("Đã có người nhập phiếu giấy."),
        (Subject.KEYERS, "unneeded"): _("Đợt không dùng phiếu giấy gửi trả lại."),
        (Subject.KEYERS, "lacking"): _(
            "Đợt có phiếu giấy nhưng chưa có người nhập phiếu. Người nhập không thuộc cơ quan nào được đánh giá."
        ),
    }


def _of_method(detail: str) -> dict[tuple[Subject, str], str]:
    return {
        (Subject.KEY, ""): _(
            "Khóa riêng tạo ở ngoài máy chủ: không ai ở đây mở được câu trả lời trước khi chốt số liệu."
        ),
        (Subject.KEY, "server"): _(
            "Cặp khóa do máy chủ tạo: người vận hành máy chủ có thể mở câu trả lời trước khi chốt số liệu. "
            "Báo cáo sẽ ghi rõ điều này."
        ),
        (Subject.FRAMEWORK, ""): _(
            "Bộ tiêu chí “%(title)s” tính được với các nhóm và phiếu hỏi của đợt.", title=detail
        ),
        (Subject.FRAMEWORK, "none"): _("Không tính chỉ số: chỉ có mức độ hài lòng."),
        (Subject.FRAMEWORK, "illustrative"): _(
            "Bộ tiêu chí “%(title)s” chỉ để minh họa; báo cáo sẽ ghi rõ điều này.", title=detail
        ),
        (Subject.PILOT, ""): _("Đây là đợt thật."),
        (Subject.PILOT, "pilot"): _("Đây là đợt chạy thử: câu trả lời không bao giờ lẫn với đợt thật."),
    }
