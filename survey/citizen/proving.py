"""What /check gives to take away: a proof as a text or as a file, and the last seal of every wave."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Response

from survey.language import chosen
from survey.language import gettext as _
from survey.web import web

TEXT, FILE = "text", "file"


class LastSeal(NamedTuple):
    """The last seal of a wave, as the page shows it."""

    wave: str
    number: int
    at: str
    hash: str


def last_seals() -> list[LastSeal]:
    """Of every wave whose pages are served, the latest wave first."""
    found = []
    with web().store.read() as tx:
        for wave in web().known_waves:
            row = tx.seal_last(wave=wave.spec.id)
            if row is not None:
                at = _local(json.loads(row["body"])["at"], wave.spec.timezone)
                found.append(LastSeal(wave.spec.title.of(chosen()), row["number"], at, row["hash"]))
    return found


def given(typed: str, wanted: str) -> Response | None:
    """The proof for a receipt, to read or to keep; None where there is none to give."""
    proof = web().trees.prove(web().store, typed)
    if proof is None:
        return None
    document = json.dumps(proof, ensure_ascii=False, indent=1) + "\n"
    if wanted == FILE:
        answer = Response(document, mimetype="application/json")
        answer.headers["Content-Disposition"] = 'attachment; filename="phieu-proof.json"'
        return answer
    return Response(_words(proof) + "\n" + document, mimetype="text/plain")


def _words(proof: Mapping[str, Any]) -> str:
    body = json.loads(proof["seal"]["body"])
    wave = web().wave(body["wave"]).spec
    said = (
        _("Chứng minh rằng một phiếu trả lời đã được niêm phong"),
        _("Đợt điều tra: %(wave)s", wave=wave.title.of(chosen())),
        _("Niêm phong số %(number)s, lúc %(at)s", number=body["number"], at=_local(body["at"], wave.timezone)),
        _("Mã niêm phong: %(hash)s", hash=proof["seal"]["hash"]),
        "",
        _("Văn bản này không cho biết ai trả lời và trả lời thế nào. Mã niêm phong phải trùng với mã mà người giám sát"
          " của đợt điều tra đang giữ."),
        _("Lưu văn bản này thành tệp rồi kiểm tra, không cần mạng và không cần phần mềm Phiếu:"),
        "  python3 check_seals.py proof.txt",
    )  # fmt: skip
    return "\n".join(said) + "\n"


def _local(at: str, zone: str) -> str:
    """A moment as people of the wave's place write it."""
    return datetime.fromisoformat(at).astimezone(ZoneInfo(zone)).strftime("%d/%m/%Y %H:%M")
