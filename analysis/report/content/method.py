"""Who was asked, how it was counted, what is not covered, and what the figures come from (METHOD §9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis import numbers
from analysis.notes import NoteKind
from analysis.report import cells, noted, wording
from analysis.report.blocks import Block, Column, Heading, Items, Kind, Section, Sentence, Table, Terms, Text
from analysis.report.content.material import Material

DEPARTURES = (NoteKind.OTHER_FRAMEWORK, NoteKind.DRAWN_AGAIN, NoteKind.RESERVE_RELEASED, NoteKind.EXTENDED,
              NoteKind.CORRECTED, NoteKind.LATE_ADMITTED)  # fmt: skip
METHODS = {
    "census": "toàn bộ danh sách",
    "stratified": "ngẫu nhiên phân tầng",
    "srs": "ngẫu nhiên đơn giản",
    "systematic": "ngẫu nhiên hệ thống",
    "none": "không chọn mẫu: ai muốn thì trả lời",
    "external": "theo thiết kế mẫu của nơi thu phiếu",
}
FOREIGN = ("none", "external")  # of answers that were collected elsewhere
ASSESSES = {
    "dossier": "cơ quan giải quyết hồ sơ",
    "own": "cơ quan mình",
    "list": "các cơ quan ghi trong danh sách",
    "kind": "các cơ quan cùng loại",
}
KEY_ORIGINS = {
    "outside": "Khóa được tạo ngoài máy chủ; máy chủ chỉ giữ khóa công khai.",
    "server": "Khóa được tạo trên máy chủ, nên coi như đơn vị vận hành biết khóa này.",
}
NOT_TOLD = "Bộ dữ liệu không ghi."
RANKS = "Thứ hạng"


def method(material: Material) -> Section:
    """Who was asked and how it was counted."""
    return Section("phuong-phap", "Phương pháp", tuple(_method(material)), appendix=True)


def _method(material: Material) -> Iterator[Block]:
    yield Heading("Đối tượng điều tra")
    yield Text(
        "Người trả lời được máy chọn từ danh sách đối tượng điều tra, theo một số công khai được công bố sau khi danh "
        "sách đã chốt; bất kỳ ai có danh sách đều có thể lặp lại việc chọn. Cơ quan được đánh giá không chọn người trả "
        "lời. Mỗi người được chọn trả lời một lần."
    )
    columns = ("Nhóm đối tượng", "Đánh giá", "Cách chọn", "Tổng thể mục tiêu", "Danh sách, kỳ, phần chưa bao quát")
    yield Table(
        "nhom-doi-tuong", "Nhóm đối tượng và cách chọn", tuple(Column(each, Kind.TEXT) for each in columns),
        tuple(tuple(map(cells.words, row)) for row in group_rows(material.manifest)), sheet="Nhóm đối tượng",
        sortable=False,
    )  # fmt: skip
    yield Heading("Cách tính")
    yield Terms(_counting(material))
    yield Heading("Báo cáo này không bao gồm")
    one = material.kinds[0].one if material.kinds else "cơ quan"
    yield Items(
        (
            "Ảnh hưởng của việc người trả lời được gợi ý, vận động hoặc trả lời thay.",
            "Sai số của việc thẩm định hồ sơ, tài liệu kiểm chứng.",
            "Người không có trong danh sách đối tượng điều tra.",
            f"Nguyên nhân: chênh lệch giữa các {one} không tự nó cho biết vì sao.",
        )
    )
    notes = (each for each in material.result.notes if each.kind not in DEPARTURES)
    told = noted.sentences(notes, material.result.wave)
    if told:
        yield Heading("Ghi chú của lần tính này")
        yield Items(tuple(told))


_DRAWN = (
    "Mỗi lượt đánh giá mang trọng số bằng nghịch đảo xác suất được chọn, điều chỉnh cho phần không trả lời trong từng "
    "lớp, để mẫu đại diện cho cả danh sách."
)
_UNDRAWN = (
    "Mẫu thuận tiện: người trả lời không được chọn ngẫu nhiên từ một danh sách, nên không có xác suất được chọn và mọi "
    "lượt đánh giá có trọng số như nhau. Kết quả không đại diện cho danh sách đối tượng nào, chỉ mô tả những người đã "
    "trả lời."
)
_ERROR_DRAWN = (
    "Sai số chuẩn tính theo thiết kế mẫu (phân tầng; các lượt đánh giá của cùng một người được coi là một cụm). Nó "
    "phản ánh ngẫu nhiên trong việc chọn và trả lời, không phản ánh sai lệch do người không trả lời khác người trả lời."
)
_ERROR_UNDRAWN = (
    "Sai số chuẩn tính như thể người trả lời được chọn ngẫu nhiên, để biết con số dao động bao nhiêu khi ít người trả "
    "lời. Vì không ai được chọn nên sai số ấy không nói gì về những người không trả lời."
)


def _counting(material: Material) -> tuple[tuple[str, tuple[Sentence, ...]], ...]:
    result, quality = material.result, material.result.quality
    n_min = material.manifest.get("estimation", {}).get("n_min", 5)
    one = material.kinds[0].one if material.kinds else "cơ quan"
    few = f"Không công bố số liệu của nhóm có dưới {result.wave.k} người trả lời, cũng như số liệu từ đó suy ra được. "
    few += (
        f"Chỉ số có tiêu chí thành phần dựa trên dưới {numbers.count(quality.few)} câu trả lời dùng được của các nhóm "
        "cộng lại thì có ghi chú."
    )
    if quality.wide is not None:
        few += f" Chỉ số có khoảng tin cậy rộng hơn {wording.limit(quality.wide)} điểm cũng có ghi chú."
    if quality.too_wide is not None:
        few += (
            " Chỉ số, điểm lĩnh vực, điểm điều tra của tiêu chí thành phần và điểm của nhóm đối tượng có khoảng tin "
            f"cậy rộng hơn {wording.limit(quality.too_wide)}% mức tối đa thì không công bố."
        )
    told: tuple[tuple[str, tuple[Sentence, ...]], ...] = (
        ("Trọng số", (_UNDRAWN if result.wave.non_probability else _DRAWN,)),
        ("Điểm", (
            "Ở mỗi tiêu chí thành phần, mỗi nhóm đối tượng cho một điểm từ 0 đến 1; điểm của các nhóm được cộng theo "
            "tỷ trọng trong bộ tiêu chí rồi nhân với điểm tối đa. “Không biết” và “không áp dụng” không bị tính là 0. "
            f"Nhóm có dưới {n_min} câu trả lời dùng được thì tỷ trọng được chia cho các nhóm còn lại; không nhóm nào "
            "đủ thì không có chỉ số. Chỉ số là điểm thẩm định cộng điểm điều tra, tối đa 100.",)),
        ("Sai số", (
            _ERROR_UNDRAWN if result.wave.non_probability else _ERROR_DRAWN,)),
        (RANKS, (
            "Hạng theo chỉ số đã công bố; bằng điểm thì đồng hạng và bỏ hạng kế tiếp (1, 1, 3). Khoảng thứ hạng tính "
            "theo Mogstad, Romano, Shaikh và Wilhelm (Review of Economic Studies, 2024), "
            f"{numbers.count(result.draws)} lần lấy ngẫu nhiên với số khởi tạo (seed) {result.seed}. Hai {one} “khác "
            "nhau rõ rệt” khi hiệu số vượt sai số sau hiệu chỉnh Holm cho mọi cặp cùng loại.",)),
        ("Ô ít phiếu", (few,)),
    )  # fmt: skip
    return tuple(term for term in told if material.standing.with_ranks or term[0] != RANKS)


def group_rows(manifest: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Who was asked, as the manifest declares it; what it does not declare is said."""
    rows: list[tuple[str, ...]] = []
    for group in manifest.get("groups", []):
        target = group.get("target") or {}
        frame = [target.get("frame"), target.get("period"), target.get("gaps")]
        how = METHODS.get(group.get("method", ""), group.get("method", ""))
        rows.append(
            (
                group["name"]["vi"],
                _assesses(group.get("assesses", "")),
                f"{how}, theo khối cơ quan cố định" if group.get("blocks") and group["method"] not in FOREIGN else how,
                _text(target.get("population")) or "chưa khai báo",
                "; ".join(_text(part) for part in frame if part) or "chưa khai báo",
            )
        )
    return rows


def _assesses(declared: str) -> str:
    what, _, kinds = declared.partition(":")
    if what == "kind" and kinds:
        return "các " + " và các ".join(wording.kind_words(kind).title for kind in kinds.split(","))
    return ASSESSES.get(what, declared)


def _text(value: Any) -> str:
    return str(value["vi"] if isinstance(value, Mapping) else value or "")


def provenance(material: Material) -> Section:
    """What the figures come from, in hashes; every departure from the plan."""
    return Section("nguon-goc", "Nguồn gốc số liệu", tuple(_provenance(material)), appendix=True)


def _provenance(material: Material) -> Iterator[Block]:
    manifest, result = material.manifest, material.result
    yield Text(
        "Cùng bộ dữ liệu, cùng bộ tiêu chí và cùng phiên bản phần mềm cho ra đúng báo cáo này. Mã băm SHA-256 dưới đây "
        "cho phép đối chiếu."
    )
    yield Terms(tuple(_hashes(material)), code=True)
    departures = noted.sentences((each for each in result.notes if each.kind in DEPARTURES), result.wave)
    versions = "".join(f", {name} {version}" for name, version in sorted(manifest.get("versions", {}).items()))
    yield Terms(
        (
            ("Người giữ khóa giải niêm phong", (KEY_ORIGINS.get(str(manifest.get("key_origin")), NOT_TOLD),)),
            ("Kiểm chứng", (
                "Mã băm của mọi tệp trong bộ dữ liệu đã được kiểm tra khi lập báo cáo. Báo cáo không ghi nhận việc "
                "người làm chứng mở niêm phong để đối chiếu.",)),
            ("Thay đổi so với phương án", tuple(departures) or ("Không có thay đổi nào được ghi nhận.",)),
            ("Phần mềm", (f"{manifest.get('product', 'phieu')}{versions}",)),
        )
    )  # fmt: skip
    yield Heading("Các lần chọn mẫu")
    draws = manifest.get("draws")
    if not draws:
        yield Text("Bộ dữ liệu không ghi lần chọn mẫu nào.")
        return
    columns = (
        Column("Nhóm đối tượng", Kind.TEXT), Column("Lần"), Column("Số công khai", Kind.TEXT),
        Column("Thuật toán", Kind.TEXT), Column("Mã băm danh sách", Kind.CODE),
        Column("Số khởi tạo (seed)", Kind.CODE),
    )  # fmt: skip
    rows = tuple(
        (
            cells.words(material.group(draw["group"])), cells.count(draw["number"]),
            cells.words(str(draw["public_number"])), cells.words(draw["algorithm"]),
            cells.words(draw["list_sha256"]), cells.words(draw["effective_seed"]),
        )
        for draw in draws
    )  # fmt: skip
    yield Table("chon-mau", "Các lần chọn mẫu", columns, rows, sheet="Chọn mẫu", sortable=False)


def _hashes(material: Material) -> Iterator[tuple[str, tuple[Sentence, ...]]]:
    manifest, result = material.manifest, material.result
    yield "Bộ dữ liệu", (result.dataset_hash,)
    yield f"Bộ tiêu chí: {material.framework.title.of('vi')}", (result.framework.hash,)
    titles = manifest.get("questionnaire_titles", {})
    for id, digest in sorted(manifest.get("questionnaires", {}).items()):
        yield titles.get(id, {}).get("vi", f"Phiếu hỏi {id}"), (digest,)
    for label, source in material.sources:
        yield f"{label}: {source.file}", (source.hash,)
    if manifest.get("plan_sha256"):
        yield "Phương án điều tra, chốt trước khi thu phiếu", (manifest["plan_sha256"],)
    seals = tuple(f"Số {seal['number']}: {seal['hash']}" for seal in manifest.get("seals", []))
    yield "Niêm phong", seals or ("Bộ dữ liệu không có niêm phong.",)
