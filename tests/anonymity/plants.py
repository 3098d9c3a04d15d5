"""Leaks, planted one by one into what was found: an attack that does not find its own would prove nothing.

Each takes the evidence and the truth and gives evidence as a careless program would have left it.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from survey import codes, sealing
from tests.anonymity.evidence import HIDDEN, Evidence, Image, Row, Truth
from tests.anonymity.over_http import WORDS

Plant = Callable[[Evidence, Truth], Evidence]
START = 1_790_000_000_000  # milliseconds since 1970: a morning of 2026


def _closed(evidence: Evidence, **tables: Any) -> Evidence:
    return replace(evidence, images={**evidence.images, "closed": evidence.images["closed"].with_rows(**tables)})


def _boxes(evidence: Evidence, truth: Truth, new: Callable[[Row, int], Mapping[str, Any]]) -> Evidence:
    """Every box as ``new`` makes it of its row and its serial."""
    whose = {token: serial for serial, tokens in truth.tokens.items() for token in tokens}
    rows = [{**row, **new(row, whose[row["id"]])} for row in evidence.images["closed"].tables["box"]]
    return _closed(evidence, box=rows)


def _came(evidence: Evidence) -> dict[int, int]:
    return {serial: place for place, serial in enumerate(evidence.order)}


def _invitations(evidence: Evidence) -> dict[int, Row]:
    return {row["serial"]: row for row in evidence.images["closed"].tables["invitation"]}


def a_dossier_number_beside_the_box(evidence: Evidence, truth: Truth) -> Evidence:
    rows = _invitations(evidence)
    return _boxes(evidence, truth, lambda row, serial: {"reference": rows[serial]["frame_row"]})


def ids_made_of_codes(evidence: Evidence, truth: Truth) -> Evidence:
    """“Pseudonymised”: the box is called by a hash of the code."""
    rows, key = _invitations(evidence), evidence.keys.code

    def named(row: Row, serial: int) -> Mapping[str, Any]:
        code = codes.derive(key, serial, rows[serial]["generation"])
        return {"box": hashlib.sha256(code.encode()).digest()[:16] + row["box"][16:]}

    return _boxes(evidence, truth, named)


def ids_that_count_upwards(evidence: Evidence, truth: Truth) -> Evidence:
    """The truth knows boxes by their ids, so it is their first bytes that count here; such a box opens no more."""
    came = _came(evidence)
    return _boxes(
        replace(evidence, private=None),
        truth,
        lambda row, serial: {"box": came[serial].to_bytes(32, "big") + row["box"][32:]},
    )


def a_table_with_rowids(evidence: Evidence, truth: Truth) -> Evidence:
    came = _came(evidence)
    return _boxes(evidence, truth, lambda row, serial: {f"{HIDDEN}_rowid": came[serial]})


def boxes_stored_by_a_transaction_each(evidence: Evidence, truth: Truth) -> Evidence:
    """A mixer that moves box after box in the order of their coming, each by a commit of its own."""
    came = _came(evidence)
    whose = {token: serial for serial, tokens in truth.tokens.items() for token in tokens}
    mixed = evidence.images["mixed"]
    moved = mixed.with_rows(
        invitation=[{**row, f"{HIDDEN}_xmin": 700 + came.get(row["serial"], 0)} for row in mixed.tables["invitation"]],
        box=[{**row, f"{HIDDEN}_xmin": 9_000 + came[whose[row["id"]]]} for row in mixed.tables["box"]],
    )
    return replace(evidence, images={**evidence.images, "mixed": moved})


def rows_laid_down_as_they_came(evidence: Evidence, truth: Truth) -> Evidence:
    came = _came(evidence)
    return _boxes(evidence, truth, lambda row, serial: {f"{HIDDEN}_position": 4096 * (9 + came[serial])})


def a_column_of_times(evidence: Evidence, truth: Truth) -> Evidence:
    came = _came(evidence)
    return _boxes(evidence, truth, lambda row, serial: {"stored_at": START // 1000 + came[serial]})


def ids_with_a_clock_in_them(evidence: Evidence, truth: Truth) -> Evidence:
    """ULIDs and UUIDs of version 7 begin with milliseconds."""
    came = _came(evidence)
    return _boxes(
        evidence, truth,
        lambda row, serial: {"trace": (START + 700 * came[serial]).to_bytes(6, "big") + random.randbytes(10)},  # noqa: S311
    )  # fmt: skip


def boxes_without_padding(evidence: Evidence, truth: Truth) -> Evidence:
    """Were people to write more as the day goes on, as long as their boxes are not padded …"""
    came = _came(evidence)
    return _boxes(evidence, truth, lambda row, serial: {"box": row["box"][: 2000 + 3 * came[serial]]})


def a_set_of_offices_of_ones_own(evidence: Evidence, truth: Truth) -> Evidence:
    """One official alone assesses one office less, and a cell of its own says so."""
    return _alone(evidence, truth, lambda units: units[:-1])


def a_weight_of_ones_own(evidence: Evidence, truth: Truth) -> Evidence:
    """One person was drawn with another chance than the others of the cell."""
    return _alone(evidence, truth, lambda units: [[unit, round(weight * 1.125, 9)] for unit, weight in units])


def _alone(evidence: Evidence, truth: Truth, other: Callable[[list[Any]], list[Any]]) -> Evidence:
    closed = evidence.images["closed"]
    units = {row["id"]: json.loads(row["units"]) for row in closed.tables["cell"]}
    serial, cell = next((row["serial"], row["cell"]) for row in closed.answered if other(units[row["cell"]]))
    new = other(units[cell])
    row = next(row for row in closed.tables["cell"] if row["id"] == cell)
    cells = [*closed.tables["cell"], {**row, "id": 99_999, "units": json.dumps(new)}]
    people = [{**row, "cell": 99_999} if row["serial"] == serial else row for row in closed.tables["invitation"]]
    weights = dict(map(tuple, new))
    told = _documents(evidence, truth, serial, lambda document: {
        **document,
        "units": [{**each, "weight": weights[each["unit"]]} for each in document["units"] if each["unit"] in weights],
    })  # fmt: skip
    return _closed(told, cell=cells, invitation=people)


def a_word_of_the_list_in_the_box(evidence: Evidence, truth: Truth) -> Evidence:
    """The box carries the dossier's number, “for statistics”."""
    rows = _invitations(evidence)
    contacts = {row["frame_row"]: row["reference"] for row in evidence.images["closed"].tables["contact"]}
    found = evidence
    for serial in evidence.order[:9]:
        word = contacts[rows[serial]["frame_row"]]
        found = _documents(found, truth, serial, lambda document, word=word: {**document, "dossier": word})
    return found


def _documents(
    evidence: Evidence, truth: Truth, serial: int, new: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> Evidence:
    """One person's box sealed anew with another document in it."""
    assert evidence.private is not None
    public = sealing.X25519PrivateKey.from_private_bytes(evidence.private).public_key().public_bytes_raw()

    def again(row: Row, whose: int) -> Mapping[str, Any]:
        if whose != serial:
            return {}
        content = json.dumps(new(evidence.opened[row["id"]]), ensure_ascii=False).encode()
        return {"box": sealing.seal(content, public, evidence.info, len(row["box"]) - sealing.OVERHEAD)}

    return _boxes(evidence, truth, again)


def comments_in_the_order_of_coming(evidence: Evidence, truth: Truth) -> Evidence:
    marks = {serial: str(next(token for token in tokens if isinstance(token, str)))
             for serial, tokens in truth.tokens.items()}  # fmt: skip
    return replace(evidence, comments=[f"{WORDS} {marks[serial]}" for serial in evidence.order])


def a_log_that_was_not_cut(evidence: Evidence, truth: Truth) -> Evidence:
    """The mixer moved the boxes and left the log as it was."""
    mixed = evidence.images["mixed"]
    log = evidence.images["waiting"].log
    return replace(evidence, images={**evidence.images, "mixed": Image(mixed.tables, mixed.raw, mixed.free, log)})


def a_backup_every_few_minutes(evidence: Evidence, truth: Truth) -> Evidence:
    """Of one cell two people answered between two backups."""
    later = evidence.backups[-1]
    return replace(evidence, backups=[_two_fewer(evidence, truth, later), later])


def an_image_between_two_mixings(evidence: Evidence, truth: Truth) -> Evidence:
    closed = evidence.images["closed"]
    return replace(evidence, images={**evidence.images, "second": _two_fewer(evidence, truth, closed)})


def _two_fewer(evidence: Evidence, truth: Truth, image: Image) -> Image:
    """The image as it would have been before two people of one cell answered."""
    cell = image.answered[0]["cell"]
    two = [row["serial"] for row in image.answered if row["cell"] == cell][:2]
    tokens = frozenset().union(*(truth.tokens[serial] for serial in two))
    return image.with_rows(
        invitation=[{**row, "state": "started"} if row["serial"] in two else row for row in image.tables["invitation"]],
        box=[row for row in image.tables["box"] if row["id"] not in tokens],
    )


def a_dataset_every_evening(evidence: Evidence, truth: Truth) -> Evidence:
    first, _, last = evidence.datasets
    return replace(evidence, datasets=[first, last[:-2], last])


def numbers_kept_over_releases(evidence: Evidence, truth: Truth) -> Evidence:
    first, second, last = evidence.datasets
    kept = [row._replace(respondent=old.respondent) for row, old in zip(second, first, strict=False)]
    return replace(evidence, datasets=[first, kept, last])


def a_rare_kind_of_respondent(evidence: Evidence, truth: Truth) -> Evidence:
    first, second, last = evidence.datasets
    rare = [row._replace(quasi=(*row.quasi[:-1], 1.2345)) if row.respondent == last[0].respondent else row
            for row in last]  # fmt: skip
    return replace(evidence, datasets=[first, second, rare])


def a_counter_by_office(evidence: Evidence, truth: Truth) -> Evidence:
    unit = json.loads(evidence.images["closed"].tables["cell"][0]["units"])[0][0]
    looks = [f'{text}\nphieu_submits_total{{unit="{unit}"}} {n}\n' for n, text in enumerate(evidence.metrics)]
    return replace(evidence, metrics=looks)


def a_counter_of_submits(evidence: Evidence, truth: Truth) -> Evidence:
    """As any library for such figures would count."""
    name = 'phieu_http_requests_total{method="POST",route="/P/<code>/submit",status="200"}'
    return replace(evidence, metrics=[f"{text}\n{name} {n}\n" for n, text in enumerate(evidence.metrics)])


def a_gauge_of_the_inbox(evidence: Evidence, truth: Truth) -> Evidence:
    return replace(
        evidence, metrics=[f"{text}\nphieu_inbox_boxes {n % 5}\n" for n, text in enumerate(evidence.metrics)]
    )


def a_sum_of_seconds(evidence: Evidence, truth: Truth) -> Evidence:
    """Counts in steps, and beside them what was really added up."""
    name = "phieu_http_request_duration_seconds"
    looks = [f'{text}\n{name}_bucket{{route="/check",le="+Inf"}} 10\n{name}_sum{{route="/check"}} {n / 7}\n'
             for n, text in enumerate(evidence.metrics)]  # fmt: skip
    return replace(evidence, metrics=looks)


def limits_rounded_one_by_one(evidence: Evidence, truth: Truth) -> Evidence:
    """Each figure goes by tens, and every few requests another one does: three come between two looks."""
    name, labels = "phieu_http_request_duration_seconds", 'method="POST",route="/P/<code>/submit",status="2xx"'
    looks = [
        f'{text}\n{name}_bucket{{{labels},le="0.01"}} {(n + 4) // 10 * 10}\n{name}_bucket{{{labels},le="+Inf"}} '
        f"{n // 10 * 10}\n{name}_count{{{labels}}} {n // 10 * 10}\n"
        for n, text in zip(count(0, 3), evidence.metrics)
    ]
    return replace(evidence, metrics=looks)


def an_access_log(evidence: Evidence, truth: Truth) -> Evidence:
    """As any web server would write."""
    lines: Iterator[str] = (
        f'10.0.0.9 - - [10/Mar/2026:09:00:{n:02}] "POST /P/{codes.derive(evidence.keys.code, serial, 0)}/submit" 200'
        for n, serial in enumerate(evidence.order[:60])
    )
    return replace(evidence, logs="\n".join(lines))
