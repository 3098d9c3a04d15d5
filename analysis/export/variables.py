"""What each exported column is called, means, and what its values stand for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from analysis.dataset import Dataset
from analysis.export import words
from analysis.export.marks import NON_PROBABILITY, marks
from analysis.usual_words import MARGINS


class Kind(StrEnum):
    """What the values of a column are."""

    WORD = "word"  # an id, with a name where there is one
    CODE = "code"  # the position of a choice, or a code below 0 for no answer
    NUMBER = "number"
    MONTH = "month"  # yyyymm


@dataclass(frozen=True, slots=True)
class Variable:
    """One column. ``values``: what ids or codes stand for; ``missing``: those that are no answer.

    ``column``: its name in the dataset where that is another.
    """

    name: str
    label: str
    kind: Kind
    values: Mapping[Any, str] = field(default_factory=dict)
    missing: tuple[int, ...] = ()
    column: str | None = None


RESPONDENT = "respondent"
WEIGHT, STRATUM, FPC, FPC2 = "final_weight", "final_stratum", "fpc", "fpc2"
_OURS = re.compile(rf"{WEIGHT}|{STRATUM}|{FPC}|{FPC2}|rep_\d+")  # an item may be called so, too
_WORDS: Mapping[str, Mapping[str, str]] = {
    RESPONDENT: {"vi": "Mã ngẫu nhiên của người trả lời", "en": "Random number of the respondent"},
    "psu": {"vi": "Đơn vị chọn mẫu cấp một", "en": "Primary sampling unit"},
    "unit": {"vi": "Cơ quan, địa phương được đánh giá", "en": "Office assessed"},
    "group": {"vi": "Nhóm đối tượng", "en": "Group of respondents"},
    "stratum": {"vi": "Tầng chọn mẫu", "en": "Sampling stratum"},
    "wclass": {"vi": "Lớp trả lời", "en": "Response class"},
    "mode": {"vi": "Cách trả lời", "en": "Mode"},
    "base_weight": {"vi": "Quyền số gốc", "en": "Base weight"},
    "phase": {"vi": "Trước hay sau lần nhắc đầu", "en": "Before or after the first reminder"},
    "duration_band": {"vi": "Thời gian trả lời (ba mức)", "en": "Time taken (three bands)"},
    WEIGHT: {
        "vi": "Quyền số dùng để ước lượng (đã điều chỉnh không trả lời)",
        "en": "Weight of the estimates (adjusted for nonresponse)",
    },
    STRATUM: {"vi": "Tầng dùng để ước lượng (đã gộp)", "en": "Stratum of the estimates (after collapsing)"},
    FPC: {"vi": "Tỷ lệ mẫu của tầng, cấp một", "en": "Sampling fraction of the stratum, first stage"},
    FPC2: {"vi": "Tỷ lệ mẫu trong đơn vị cấp một", "en": "Sampling fraction in the primary unit"},
}
_WEIGHT: Mapping[str, str] = {"vi": "Quyền số dùng để ước lượng", "en": "Weight of the estimates"}
_BANDS: Mapping[int, Mapping[str, str]] = {
    0: {"vi": "Quá nhanh", "en": "Too fast"},
    1: {"vi": "Bình thường", "en": "Usual"},
    2: {"vi": "Lâu", "en": "Long"},
}
_REPLICATE = {"vi": "Quyền số lặp lại", "en": "Replicate weight"}
_MARGIN = {"vi": "Phân tổ", "en": "Margin"}
_CODES = {
    "na": {"vi": "Không biết hoặc không phù hợp", "en": "Don't know or does not apply"},
    "declined": {"vi": "Không trả lời", "en": "Declined"},
}
_CHOSEN = {"vi": ("Không chọn", "Chọn"), "en": ("Not chosen", "Chosen")}


def said(text: Mapping[str, str], language: str) -> str:
    """A text in a language, in Vietnamese where it has none."""
    return text.get(language) or text["vi"]


def replicate(at: int) -> str:
    """The name of a replicate weight, from 0."""
    return f"rep_{at + 1:04d}"


def languages(dataset: Dataset) -> list[str]:
    """Those that labels may be asked in: our own words are in two, the dataset's texts perhaps in more."""
    manifest, items = dataset.manifest, dataset.codebook["items"]
    texts = [each["name"] for each in (*manifest["units"], *manifest["groups"])]
    texts += [text for item in items for text in (item.get("text"), *(each["text"] for each in item["choices"]))]
    return sorted({"vi", "en"}.union(*(text for text in texts if text)))


def distinct(values: Mapping[Any, str]) -> dict[Any, str]:
    """The same, with the value behind words that stand for several: they may take the place of the values."""
    often = Counter(values.values())
    return {value: words if often[words] == 1 else f"{words} ({value})" for value, words in values.items()}


def variables(
    dataset: Dataset, language: str, *, staged: bool, replicates: int = 0, strata: Sequence[str] = ()
) -> tuple[Variable, ...]:
    """Every exported column: those of the dataset in their order, weight, stratum and fractions, replicate weights."""
    items = {item["id"]: item for item in dataset.codebook["items"]}
    known = {**_WORDS, **MARGINS}
    found: list[Variable] = []
    for column in dataset.codebook["columns"]:
        name = column["name"]
        if "item" in column:
            answer = _answer(column, items[column["item"]], dataset.codebook["codes"], language)
            found.append(replace(answer, name=f"{name}_1", column=name) if _OURS.fullmatch(name) else answer)
            continue
        if name == "duration_band":
            bands: dict[Any, str] = {band: said(pace, language) for band, pace in _BANDS.items()}
            found.append(Variable(name, said(_WORDS[name], language), Kind.CODE, bands))
            continue
        if name in known:
            label = said(known[name], language)
        else:
            label = f"{said(_MARGIN, language)}: {name.removeprefix('m_')}"
        kind = Kind.WORD if column["type"] == "dictionary" else Kind.NUMBER
        found.append(Variable(name, label, kind, words.levels(dataset, name, language, strata)))
    again = said(_REPLICATE, language)
    more = (Variable(replicate(at), f"{again} {at + 1}", Kind.NUMBER) for at in range(replicates))
    told = [
        replace(each, values=distinct(each.values))
        for each in (*found, *_design(dataset, language, staged, strata), *more)
    ]
    return tuple(_undrawn(each, language) if NON_PROBABILITY in marks(dataset.manifest) else each for each in told)


def _undrawn(variable: Variable, language: str) -> Variable:
    """What weights and strata are of when nobody was drawn: nobody failed to answer, either."""
    if variable.name != "base_weight" and not _OURS.fullmatch(variable.name):
        return variable
    label = said(_WEIGHT, language) if variable.name == WEIGHT else variable.label
    short = said(NON_PROBABILITY.short, language)
    return replace(variable, label=f"{label} ({short[0].lower()}{short[1:]})")


def _design(dataset: Dataset, language: str, staged: bool, strata: Sequence[str]) -> Iterator[Variable]:
    for name in (WEIGHT, STRATUM, FPC, *((FPC2,) if staged else ())):
        kind = Kind.WORD if name == STRATUM else Kind.NUMBER
        yield Variable(name, said(_WORDS[name], language), kind, words.levels(dataset, name, language, strata))


def _answer(column: Mapping[str, Any], item: Mapping[str, Any], codes: Mapping[str, int], language: str) -> Variable:
    label = said(item["text"], language) if item.get("text") else item["id"]
    if item["type"] in ("number", "date"):
        return Variable(column["name"], label, Kind.MONTH if item["type"] == "date" else Kind.NUMBER)
    values: dict[int, str] = {codes[name]: said(words, language) for name, words in _CODES.items()}
    if "choice" in column:
        choice = next(each for each in item["choices"] if each["id"] == column["choice"])
        label = f"{label} – {said(choice['text'], language)}"
        values |= dict(enumerate(said(_CHOSEN, language)))  # type: ignore[arg-type]
    else:
        values |= {each["position"]: said(each["text"], language) for each in item["choices"]}
    return Variable(column["name"], label, Kind.CODE, values, (codes["na"], codes["declined"]))
