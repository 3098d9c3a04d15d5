"""Attacks on one state of the store: by identifier, hash, order, rowid, page, time, size, unit set, weight."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import product
from typing import Any

from survey import codes
from tests.anonymity.evidence import HIDDEN, Attempt, Claim, Evidence, Ordering, Row, linkage, words

LAST = "closed"
ANSWERS = {"box": "id", "receipt": "hash"}  # the tables that hold answers, and what names a row of them
LONG = 8  # bytes: long enough to name one row
SINCE, UNTIL = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (2020, 2100))
GREGORIAN = 0x01B21DD213814000  # 100 ns between 1582 and 1970


def known_of(evidence: Evidence) -> Mapping[int, frozenset[Any]]:
    """Serial → everything that any table knows of an answered invitation, its person, its dossier and its cell."""
    tables = evidence.images[LAST].tables
    by: dict[Any, list[Row]] = {}
    for name, rows in tables.items():
        for row in rows if name not in ANSWERS else ():
            for column in {"serial", "frame_row", "lookup"} & set(row):
                by.setdefault((column, row[column]), []).append(row)
            if name == "frame_row":
                by.setdefault(("frame_row", row["id"]), []).append(row)
    cells = {row["id"]: row for row in tables["cell"]}
    return {
        row["serial"]: frozenset(
            word
            for column in ("serial", "frame_row", "lookup")
            for found in (row, cells[row["cell"]], *by.get((column, row[column]), ()))
            for word in words(dict(found))
        )
        for row in evidence.images[LAST].answered
    }


def record_linkage_on_shared_identifiers(evidence: Evidence) -> Iterator[Attempt]:
    """Any value long enough to name one row that stands on both sides."""
    named: dict[bytes, int] = {}
    for serial, known in known_of(evidence).items():
        named |= {_bytes(word): serial for word in known if len(_bytes(word)) >= LONG}
    common = {word for word, times in _times(evidence).items() if times > 1}
    for table, key in ANSWERS.items():
        for row in evidence.images[LAST].tables[table]:
            for value in row.values():
                if _bytes(value) in named and _bytes(value) not in common:
                    yield Claim("one value on both sides", named[_bytes(value)], frozenset({row[key]}))


def dictionary_attack_on_hashes(evidence: Evidence) -> Iterator[Attempt]:
    """Every identifier, code included, through every usual hash, plain and keyed with each key of the server."""
    known = {
        row[column][:16]: row[name]
        for table, name in ANSWERS.items() for row in evidence.images[LAST].tables[table]
        for column in {name, "box"} & set(row)
    }  # fmt: skip
    keys = [getattr(evidence.keys, name) for name in evidence.keys.__slots__]
    tried: Sequence[Callable[[bytes], bytes]] = [
        lambda word: word,
        *(lambda word, made=made: hashlib.new(made, word).digest() for made in ("sha256", "sha1", "md5", "blake2b")),
        *(lambda word, key=key: hmac.digest(key, word, "sha256") for key in keys),
        lambda word: hashlib.sha256(b"phieu receipt\0" + word).digest(),
    ]
    for row in evidence.images[LAST].answered:
        code = codes.derive(evidence.keys.code, row["serial"], row["generation"])
        for word in (code.encode(), str(row["serial"]).encode(), row["lookup"], row["frame_row"] or b"-"):
            for made in tried:
                if (found := known.get(made(word)[:16])) is not None:
                    yield Claim("a hash of an identifier", row["serial"], frozenset({found}))


def rank_matching_by_key_order(evidence: Evidence) -> Iterator[Attempt]:
    """Both sides sorted by what names them: a sequence behind the one would show in the other."""
    yield from _ranked(evidence, lambda row: row["id"] if "id" in row else row["hash"], "key order")
    yield from _ranked(evidence, lambda row: row["box"][:32] if "box" in row else None, "order of boxes")
    telling = [comment.rsplit(" ", 1)[-1] for comment in evidence.comments]
    yield Ordering("order of comments in the dataset", evidence.order, telling)


def rank_matching_by_rowid(evidence: Evidence) -> Iterator[Attempt]:
    """A number that the engine gives to each row as it comes."""
    yield from _ranked(evidence, lambda row: row.get(f"{HIDDEN}_rowid"), "rowid")


def rank_matching_by_page_position(evidence: Evidence) -> Iterator[Attempt]:
    """Where a row lies in the file."""
    yield from _ranked(evidence, lambda row: row.get(f"{HIDDEN}_position"), "place in the file")


def timestamp_correlation(evidence: Evidence) -> Iterator[Attempt]:
    """Anything of an answer that reads as a time: a column, or the first bits of an id (UUID 1 and 7, ULID)."""
    for table, key in ANSWERS.items():
        rows = evidence.images[LAST].tables[table]
        for column in rows[0]:
            for read in (_clock, _ulid, _uuid1):
                times = {row[key]: read(row[column]) for row in rows}
                if None not in times.values() and len(set(times.values())) > 1:
                    yield Ordering(f"time in {table}.{column}", evidence.order, sorted(times, key=times.__getitem__))


def length_side_channel(evidence: Evidence) -> Iterator[Attempt]:
    """Who wrote much against what is long: drafts as they lay half filled, boxes as they are stored."""
    drafts = {row["id"]: len(row["sealed"]) for row in evidence.drafts.tables["draft"]}
    serials = {
        row["serial"]: drafts.get(codes.lookup(evidence.keys.draft_id, _code(evidence, row)), 0)
        for row in evidence.images[LAST].answered
    }
    lengths = {id: len(box) for id, box in evidence.images[LAST].boxes.items()}
    if len(set(lengths.values())) > 1:
        by_length = sorted(lengths, key=lambda id: (lengths[id], id))
        yield Ordering("length of draft and box", sorted(serials, key=lambda one: (serials[one], one)), by_length)
        yield Ordering("length of box and order of coming", evidence.order, by_length)


def uniqueness_of_unit_sets(evidence: Evidence) -> Iterator[Attempt]:
    """Whoever was asked about a rare set of offices, against boxes about that set, within a group."""
    groups = {row["id"]: row["grp"] for row in evidence.images[LAST].tables["cell"]}
    asked = {
        row["serial"]: (groups[row["cell"]], frozenset(_units(evidence, row))) for row in evidence.images[LAST].answered
    }
    told = {
        id: (document["cell"]["group"], frozenset(each["unit"] for each in document["units"]))
        for id, document in evidence.opened.items()
    }
    yield from linkage("unit set", _as_one(asked), _as_one(told), evidence.k)


def uniqueness_of_weights(evidence: Evidence) -> Iterator[Attempt]:
    """Whoever was drawn with a chance of their own, against boxes of that weight, within a cell less its weights."""
    tables = evidence.images[LAST].tables
    drawn = {row["id"]: row["units"] for row in tables["cell"]}
    noted = {row["id"]: row["fields"] for row in tables["frame_row"]}
    asked = {
        row["serial"]: (
            _less(evidence.label_of(row)),
            frozenset(
                word for word in words([drawn[row["cell"]], noted.get(row["frame_row"])]) if isinstance(word, float)
            ),
        )
        for row in evidence.images[LAST].answered
    }
    told = {
        id: (_less(evidence.label(id)), frozenset(round(each["weight"], 9) for each in document["units"]))
        for id, document in evidence.opened.items()
    }
    yield from linkage("weight", asked, told, evidence.k)


def record_linkage_on_everything_known(evidence: Evidence) -> Iterator[Attempt]:
    """All words of all tables about a person against all words of a box, within a cell."""
    known = known_of(evidence)
    asked = {row["serial"]: (evidence.label_of(row), known[row["serial"]]) for row in evidence.images[LAST].answered}
    told = {id: (evidence.label(id), frozenset(words(document))) for id, document in evidence.opened.items()}
    yield from linkage("everything known", asked, told, evidence.k)


def _ranked(evidence: Evidence, of: Callable[[Row], Any], how: str) -> Iterator[Attempt]:
    """Persons in every order they have against answers in this one, cell by cell where the boxes can be opened."""
    came = {serial: number for number, serial in enumerate(evidence.order)}
    orders: Mapping[str, Callable[[Row], Any]] = {
        "serial": lambda row: row["serial"],
        "lookup": lambda row: row["lookup"],
        "frame row": lambda row: row["frame_row"],
        "coming": lambda row: came[row["serial"]],
        "place": lambda row: row.get(f"{HIDDEN}_position", 0),
    }
    for table, key in ANSWERS.items():
        rows = [row for row in evidence.images[LAST].tables[table] if of(row) is not None]
        sealed_blocks: dict[str, list[Row]] = {}
        for row in rows:
            sealed_blocks.setdefault(evidence.label(row[key]), []).append(row)
        for (name, by), (label, block) in product(orders.items(), sealed_blocks.items()):
            persons = [row for row in evidence.images[LAST].answered if label in ("", evidence.label_of(row))]
            yield Ordering(
                f"{how} of {table} × {name}",
                [row["serial"] for row in sorted(persons, key=by)],
                [row[key] for row in sorted(block, key=of)],
            )


def _units(evidence: Evidence, invitation: Row) -> Iterator[str]:
    cell = next(row for row in evidence.images[LAST].tables["cell"] if row["id"] == invitation["cell"])
    yield from (word for word in words(cell["units"]) if isinstance(word, str))


def _as_one(sets: Mapping[Any, tuple[str, frozenset[str]]]) -> dict[Any, tuple[str, frozenset[Any]]]:
    """The set as one word: it is the set that is rare, not its members."""
    return {key: (block, frozenset({";".join(sorted(units))})) for key, (block, units) in sets.items()}


def _less(label: str) -> str:
    """A cell's name without the weights in it."""
    return "".join(letter for letter in label if letter not in "0123456789.")


def _code(evidence: Evidence, row: Row) -> str:
    return codes.derive(evidence.keys.code, row["serial"], row["generation"])


def _times(evidence: Evidence) -> Mapping[bytes, int]:
    """How many persons each word belongs to."""
    times: dict[bytes, int] = {}
    for known in known_of(evidence).values():
        for word in known:
            times[_bytes(word)] = times.get(_bytes(word), 0) + 1
    return times


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _clock(value: Any) -> float | None:
    """A time written out, or seconds, milliseconds … since 1970."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError:
            return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return next((value / unit for unit in (1, 1e3, 1e6, 1e9) if SINCE < value / unit < UNTIL), None)


def _ulid(value: Any) -> float | None:
    if not isinstance(value, bytes) or len(value) < 16:
        return None
    seconds = int.from_bytes(value[:6], "big") / 1e3
    return seconds if SINCE < seconds < UNTIL else None


def _uuid1(value: Any) -> float | None:
    if not isinstance(value, bytes) or len(value) != 16:
        return None
    seconds = (uuid.UUID(bytes=value).time - GREGORIAN) / 1e7
    return seconds if SINCE < seconds < UNTIL and value[6] >> 4 == 1 else None
