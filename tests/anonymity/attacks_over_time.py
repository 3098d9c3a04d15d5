"""Attacks on several states of the store and on what left it: the log, free pages, two days' copies, figures, words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from survey import codes
from tests.anonymity.evidence import HIDDEN, Attempt, Claim, Evidence, Image, Ordering, Row, linkage

SHORT = 40  # bytes between an invitation's lookup and the end of its row, at the least
RECORD = 160  # … and at the most


def replay_of_the_transaction_log(evidence: Evidence, moment: str = "mixed") -> Iterator[Attempt]:
    """What one commit wrote belongs together: the invitation that it spent, the box and the receipt that it stored."""
    image, last = evidence.images[moment], evidence.images["closed"]
    serials = {row["lookup"]: row["serial"] for row in last.tables["invitation"]}
    tokens = {row[name] for table, name in (("box", "id"), ("receipt", "hash")) for row in last.tables[table]}
    for commit in image.log:
        before = b"".join(old for old, _ in commit.pages)
        after = b"".join(new for _, new in commit.pages)
        spent = _answered(after, serials) - _answered(before, serials)
        if len(spent) != 1:
            continue
        stored = frozenset(token for token in tokens if token in after and token not in before)
        if stored:
            yield Claim("one commit", serials[spent.pop()], stored)


def _answered(pages: bytes, serials: dict[bytes, int]) -> set[bytes]:
    """Lookups whose row in these bytes says that it was answered."""
    if b"answered" not in pages:  # most of a log, where looking for thousands of lookups would take most of the time
        return set()
    starts = sorted((place, lookup) for lookup in serials if (place := pages.find(lookup)) >= 0)
    ends = [*(place for place, _ in starts[1:]), *([len(pages)] if starts else [])]
    return {
        lookup
        for (place, lookup), end in zip(starts, ends, strict=True)
        if b"answered" in pages[place : min(max(end, place + SHORT), place + RECORD)]
    }


def carving_of_free_pages(evidence: Evidence) -> Iterator[Attempt]:
    """Whatever of boxes, receipts or invitations stands where no row does."""
    closed = evidence.images["closed"]
    words = {bytes(box[-64:]) for box in closed.boxes.values()} | {row["hash"] for row in closed.tables["receipt"]}
    for moment, image in evidence.images.items():
        if moment != "waiting":
            yield from (Claim(f"free page, {moment}", None, frozenset({word})) for word in words if word in image.free)


def differencing_of_backups(evidence: Evidence) -> Iterator[Attempt]:
    """Who answered between two copies against the boxes that came between them, cell by cell."""
    yield from _difference("two backups", *evidence.backups, evidence)


def differencing_of_disk_images(evidence: Evidence) -> Iterator[Attempt]:
    """The same of the running store, right after each mixing and at the end."""
    moments = [evidence.images[moment] for moment in ("mixed", "second", "closed")]
    for earlier, later in pairwise(moments):
        yield from _difference("two images", earlier, later, evidence)


def rank_matching_by_transaction(evidence: Evidence) -> Iterator[Attempt]:
    """Who came between two images in the order of their transactions, against what was mixed between them.

    That in every order that the engine has for it: transaction, number of the long value, place.
    """
    before, moments = None, [evidence.images[moment] for moment in ("mixed", "second", "closed")]
    for image in moments:
        was = {row["serial"] for row in before.answered} if before else set()
        held = set(before.boxes) if before else set()
        blocks: dict[str, list[Row]] = {}
        for row in image.tables["box"]:
            if row["id"] not in held:
                blocks.setdefault(evidence.label(row["id"]), []).append(row)
        for label, block in blocks.items():
            came = [row for row in image.answered if row["serial"] not in was and label in ("", evidence.label_of(row))]
            came.sort(key=lambda row: row.get(f"{HIDDEN}_xmin", 0))
            for how in (f"{HIDDEN}_xmin", f"{HIDDEN}_rowid", f"{HIDDEN}_position"):
                ordered = sorted(block, key=lambda row, how=how: row.get(how, 0))  # type: ignore[misc]
                yield Ordering(f"{how} × transaction", [row["serial"] for row in came], [row["id"] for row in ordered])
        before = image


def _difference(how: str, earlier: Image, later: Image, evidence: Evidence) -> Iterator[Attempt]:
    was = {row["serial"] for row in earlier.answered}
    held = set(earlier.boxes) | {row["id"] for row in earlier.tables["inbox_box"]}
    asked = {row["serial"]: (evidence.label_of(row), frozenset({row["serial"] in was})) for row in later.answered}
    now = set(later.boxes) | {row["id"] for row in later.tables["inbox_box"]}
    told = {id: (evidence.label(id), frozenset({id in held})) for id in now}
    yield from linkage(how, asked, told, evidence.k)


def differencing_of_releases(evidence: Evidence) -> Iterator[Attempt]:
    """Rows that one dataset has more than the one before, and respondents' numbers kept over both."""
    for earlier, later in pairwise(evidence.datasets):
        new = Counter(row[:4] for row in later) - Counter(row[:4] for row in earlier)
        came = Counter(row[:2] for row in new.elements())
        yield from (
            Claim(f"{n} new rows of {cell}", None, frozenset({cell})) for cell, n in came.items() if n < evidence.k
        )
        kept = {row.respondent for row in earlier} & {row.respondent for row in later}
        if len(kept) > len(earlier) // 10:
            yield Claim("respondents' numbers are kept", None, frozenset(kept))


def uniqueness_in_the_dataset(evidence: Evidence) -> Iterator[Attempt]:
    """Rows that fewer than k respondents share in all but their answers."""
    for rows in evidence.datasets:
        alike: dict[tuple[object, ...], set[int]] = {}
        for row in rows:
            alike.setdefault((row.group, *row.quasi), set()).add(row.respondent)
        for kind, persons in alike.items():
            if len(persons) < evidence.k:
                yield Claim(f"{kind} is of {len(persons)} people", None, frozenset({kind}))


# Figures of machines and of staff's own work: whoever answers moves none of them.
OPERATORS = re.compile(
    r"phieu_(build_info|server_start_|workers|worker_starts_|mixer_|disk_|database_|store_|job_|wave_open|seal_|backup_|"
    r'purge_|message_rounds_|witness_)|phieu_http_.*route="/(desk/(?!w/<wave>/keying)|api/|healthz|readyz|metrics)'
)


def _figures(text: str) -> dict[str, float]:
    return {name: float(value) for name, value in re.findall(r"^([^#\s].*) (\S+)$", text, re.MULTILINE)}


def counting_of_requests(evidence: Evidence) -> Iterator[Attempt]:
    """A figure that moves with single requests of those who answer, a sum that tells more than its counts do, or a kind
    of requests of which something moves more often than once in k: somebody who looks every moment has a clock of
    answers."""
    yield from _moving_too_often(evidence)
    for earlier, later in pairwise(map(_figures, evidence.metrics)):
        for series, value in later.items():
            moved = abs(value - earlier.get(series, 0))
            if (
                OPERATORS.match(series) or not moved or "_bucket{" in series
            ):  # a bucket moves with its kind, or is found
                continue
            if "_sum{" in series:
                buckets = series.replace("_sum{", "_bucket{")[:-1]
                if all(earlier.get(name) == n for name, n in later.items() if name.startswith(buckets)):
                    yield Claim(f"{series} moved alone", None, frozenset({series}))
            elif moved < evidence.k:
                yield Claim(f"{series} moved by {moved:g}", None, frozenset({series}))


def _moving_too_often(evidence: Evidence) -> Iterator[Attempt]:
    """However far each figure moves: between two looks a kind moves as a whole, by k, or nothing of it does."""
    for earlier, later in pairwise(map(_figures, evidence.metrics)):
        moved: dict[str, list[float]] = {}
        for series, value in later.items():
            name, _, labels = series.partition("{")
            was = earlier.get(series, 0)
            if name.startswith("phieu_http_") and not OPERATORS.match(series) and value != was:
                more = moved.setdefault(re.sub(r',?le="[^"]*"', "", labels), [])
                if name.endswith(("_count", "_total")):
                    more.append(value - was if value > was else value)  # a server that began anew counts from 0
        for kind, counted in moved.items():
            if min(counted, default=0) < evidence.k:
                yield Claim(f"something of {kind} moved", None, frozenset({kind}))


def differencing_of_metrics(evidence: Evidence) -> Iterator[Attempt]:
    """A figure with an office, a group or a place to it that rose by fewer than k between two looks."""
    tables = evidence.images["closed"].tables
    named = {row["grp"] for row in tables["cell"]} | {row["place"] for row in tables["invitation"]}
    named |= {unit for row in tables["cell"] for unit in re.findall(r'\["(\w+)"', row["units"])}
    for earlier, later in pairwise(map(_figures, evidence.metrics)):
        for series, value in later.items():
            rose = value - earlier.get(series, 0)
            if 0 < rose < evidence.k and named & set(re.findall(r'="([^"]*)"', series)):
                yield Claim(f"{series} rose by {rose:.0f}", None, frozenset({series}))


def scraping_of_logs(evidence: Evidence) -> Iterator[Attempt]:
    """Codes, lookups, contacts, receipts or box ids in what the server and its jobs wrote."""
    closed = evidence.images["closed"]
    words: dict[str, int | None] = {}
    for row in closed.tables["invitation"]:
        code = codes.derive(evidence.keys.code, row["serial"], row["generation"])
        for word in (code, f"{code[:4]}-{code[4:8]}-{code[8:]}", row["lookup"].hex()):
            words[word] = row["serial"]
    for row in closed.tables["contact"]:
        words |= {value: None for value in (row["name"], row["phone"], row["email"], row["reference"]) if value}
    for table, name in (("box", "id"), ("receipt", "hash")):
        words |= {row[name].hex(): None for row in closed.tables[table]}
    folded = evidence.logs.upper()
    yield from (Claim("a log names somebody", None, frozenset({word})) for word in words if word.upper() in folded)
