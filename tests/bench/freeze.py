"""A wave's assessments frozen, against the bare cost of reading its rows, opening the boxes and parsing them."""

from __future__ import annotations

import functools
import itertools
import json
import os
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from survey import boxes, freeze, sealing, wave
from survey.dispositions import Disposition, State
from survey.drafts import Draft, Entry
from survey.invitations import Invitation
from survey.sealing import KeyPair
from survey.uncollected import uncollected
from survey.wave import RegisteredWave
from tests.bench import answering
from tests.bench.answering import Answering
from tests.bench.pairing import Pairing, paired

ASSESSMENTS = 1_000_000
_DIFFERENT = 2_000  # forms filled in differently; each box is sealed for itself all the same


def fill(made: Answering, count: int) -> RegisteredWave:
    """So many responses, mixed and counted, and the wave closed."""
    registered, store = wave.get(made.store, "bench"), made.store
    info = sealing.box_info("bench", registered.plan_hash)
    with store.read() as tx:
        cells = [dict(row) for row in tx.invitation_cells(wave="bench")]
    contents = [_content(registered, cells[n % len(cells)], random.Random(n)) for n in range(_DIFFERENT)]  # noqa: S311
    rows = sorted(
        (os.urandom(16), sealing.seal(contents[n % _DIFFERENT], registered.public_key, info, registered.box_bytes))
        for n in range(count)
    )
    with store.write(durable=False) as tx:
        run = tx.connection
        run.executemany("INSERT INTO box (id, wave, box, seal) VALUES (?, 'bench', ?, 0)", rows)
        per_form = [count // _DIFFERENT + (n < count % _DIFFERENT) for n in range(_DIFFERENT)]
        numbers = [sum(per_form[cell :: len(cells)]) for cell in range(len(cells))]
        serial = itertools.count(10_000_000)
        run.executemany(
            "INSERT INTO invitation (lookup, wave, serial, cell, place, state)"
            " VALUES (?, 'bench', ?, ?, 'trung_tam', 'answered')",
            ((os.urandom(16), next(serial), cell["id"])
             for cell, n in zip(cells, numbers, strict=True) for _ in range(n)),
        )  # fmt: skip
        run.executemany("INSERT INTO answered_count VALUES ('bench', ?, 'complete', ?)",
                        ((cell["id"], n) for cell, n in zip(cells, numbers, strict=True)))  # fmt: skip
        run.executemany(
            "INSERT INTO design_cell (wave, grp, stratum, wclass, margins, method, population, drawn)"
            " VALUES ('bench', ?, ?, '', '{}', 'census', ?, ?)",
            {(cell["grp"], cell["stratum"]): (cell["grp"], cell["stratum"], count, count) for cell in cells}.values(),
        )
        run.execute("UPDATE wave SET state = 'closed'")
    return wave.get(store, "bench")


def _content(registered: RegisteredWave, cell: dict[str, Any], made: random.Random) -> bytes:
    units = tuple((unit, float(weight)) for unit, weight in json.loads(cell["units"]))
    invitation = Invitation("bench", 1, b"", 0, State.STARTED, "trung_tam", cell["id"], cell["grp"], cell["stratum"],
                            cell["wclass"], {}, cell["mode"], units)  # fmt: skip
    entries = {
        (units[0][0], f"p{page}_{item}"): Entry(units[0][0], f"p{page}_{item}", f"v{made.randint(1, 5)}", 1, "")
        for page in range(1, answering.PAGES + 1)
        for item in range(1, answering.ITEMS + 1)
    }
    state, content = boxes.contents(registered, invitation, Draft(1, entries))
    if state is not Disposition.COMPLETE:
        raise AssertionError(state)
    return content


def _freeze(made: Answering, registered: RegisteredWave, folder: Path, count: int) -> None:
    pair = KeyPair(made.private, registered.public_key)
    into = folder / "dataset"
    frozen = freeze.freeze(made.store, answering.now, registered, pair, into, who="bench")
    if frozen.manifest["counts"]["assessments"] != count:
        raise AssertionError(frozen.manifest["counts"])
    shutil.rmtree(into)


def _bare(made: Answering, registered: RegisteredWave) -> None:
    info = sealing.box_info("bench", registered.plan_hash)
    with uncollected(), made.store.read() as tx:  # a freeze looks for no garbage either
        content = sealing.opener(made.private, info)
        rows = tx.connection.execute("SELECT box FROM box WHERE wave = 'bench' ORDER BY id")
        for row in rows:
            msgspec.json.decode(content(row[0]))


def run(count: int = ASSESSMENTS, runs: int = 1) -> Pairing:
    """Time both."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = answering.scene(folder, 1_000)
        registered = fill(made, count)
        return paired(
            "freeze",
            f"{count:,} assessments frozen: opened, compared, cells of k, Parquet, manifest",
            "rows read, boxes opened, parsed with msgspec",
            functools.partial(_freeze, made, registered, folder, count),
            functools.partial(_bare, made, registered),
            goal=1.5,
            runs=runs,
            warm=False,
        )
