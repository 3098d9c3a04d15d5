"""A questionnaire exactly as respondents will see it, in an instance that lasts as long as somebody looks."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from forms.questionnaire import Questionnaire
from survey import codes, seals, wave
from survey.clock import Clock, today
from survey.commands.instance import make_instance
from survey.config import Settings
from survey.keys import Keyring
from survey.plan import wave_file
from survey.store import Store
from survey.wave import RegisteredWave
from survey.web import PREVIEW

WAVE = "preview"
SLIPS = 3  # to look again after sending
_ZONE = "Asia/Ho_Chi_Minh"


def make(folder: Path, asked: Questionnaire, units: int, clock: Clock) -> tuple[Settings, list[str]]:
    """Make a wave in ``folder`` that asks ``asked`` about so many units; return its settings and codes to open.

    Raises Faults as registering a wave does.
    """
    settings = make_instance(folder)
    (folder / PREVIEW).touch()
    store, keyring = Store(settings.database), Keyring(settings)
    spec = wave_file.load(plan_text(asked, units, clock), "preview")
    registered = wave.register(store, keyring, clock, spec, {asked.id: asked}, None, pilot=True)
    keys = keyring.wave_keys(WAVE)
    made = [codes.derive(keys.code, serial, 0) for serial in range(1, SLIPS + 1)]
    weights = json.dumps([[unit.id, 1.0] for unit in spec.units])
    cell = {"wave": WAVE, "id": 1, "grp": "preview", "stratum": "", "wclass": "", "margins": "{}", "mode": "qr"}
    rows = [
        {"lookup": codes.lookup(keys.lookup, code), "wave": WAVE, "serial": serial, "generation": 0, "cell": 1,
         "place": "preview", "frame_row": None}
        for serial, code in enumerate(made, 1)
    ]  # fmt: skip
    with store.write() as tx:
        tx.draw_add_cells([cell | {"units": weights}])
        tx.invitation_add(rows)
        tx.invitation_open_wave(wave=WAVE)
        seals.write(tx, clock, registered)
    store.close()
    return settings, made


def wave_of(asked: Questionnaire, units: int, clock: Clock) -> RegisteredWave:
    """A wave that asks ``asked`` about so many units and is registered nowhere: for pages that store nothing."""
    spec = wave_file.load(plan_text(asked, units, clock), "preview")
    return RegisteredWave(spec, {asked.id: asked}, None, b"", "", 0, "open", True, "outside")


def plan_text(asked: Questionnaire, units: int, clock: Clock) -> str:
    """The wave file of a preview."""
    opens = today(clock, _ZONE)
    head = (
        f'id = "{WAVE}"\ntitle.vi = "Xem trước"\ntitle.en = "Preview"\nopens = {opens}\n'
        f'closes = {opens + timedelta(days=30)}\ntimezone = "{_ZONE}"\nsimulated = true\n'
    )
    offices = "".join(
        f'[[unit]]\nid = "unit_{n}"\nname.vi = "Cơ quan số {n}"\nname.en = "Office {n}"\nkind = "office"\n'
        for n in range(1, units + 1)
    )
    group = (
        '[[place]]\nid = "preview"\nname.vi = "Xem trước"\n[[group]]\nid = "preview"\nname.vi = "Xem trước"\n'
        f'questionnaire = "{asked.id}"\nassesses = "kind:office"\nmax_units = {units}\n'
        'design = { method = "census" }\n'
    )
    return head + offices + group
