"""The pages of open waves, printed before a server's processes part: they have them in common, and no visitor waits."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from flask import g

from forms.answers import Value
from forms.questionnaire import Item, ItemType
from survey import codes, drafts, invitations, logs
from survey.citizen import checking, sections, sheets, starting
from survey.citizen.gate import SITTING, Visit
from survey.dispositions import State
from survey.drafts import Draft
from survey.invitations import Door, Invitation
from survey.keys import SECRET_BYTES, subkeys
from survey.plan.wave_spec import Group
from survey.wave import RegisteredWave
from survey.web import Web

ENOUGH = sheets.MOST // 2  # more are printed when they are asked for
_CODE = codes.with_check(codes.ALPHABET[0] * (codes.LENGTH - 1))
_ASKING = {
    "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "QUERY_STRING": "", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
    "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http",
}  # fmt: skip
_log = logging.getLogger("phieu")


@dataclass(frozen=True)
class _Nobody(Visit):
    """A visit that belongs to no invitation; ``said`` are its answers, which no store holds."""

    said: Draft = field(default_factory=Draft)

    @cached_property
    def draft(self) -> Draft:
        """What it is given."""
        return self.said


def print_open_waves(app: Web) -> None:
    """Print what the first visitor of each group would have printed. What fails here is logged; it fails again, and
    is said, where somebody asks for it."""
    with _at_most_said():
        app.read_waves()
    for wave in app.known_waves:
        for group in wave.spec.groups:
            with _at_most_said(wave=wave.spec.id, group=group.id):
                if len(app.sheets) < ENOUGH and invitations.door(wave, app.clock) is Door.OPEN:
                    _print(app, wave, group)


@contextmanager
def _at_most_said(**of: str) -> Iterator[None]:
    """Whatever fails is no reason not to begin."""
    try:
        yield
    except Exception as error:
        said = logs.event("pages.unprinted", kind=logs.name_of(error), **of)
        _log.warning("pages could not be printed ahead: %s", logs.name_of(error), extra=said)


def _print(app: Web, wave: RegisteredWave, group: Group) -> None:
    """The first page, each page on the way of whoever gives the first answer to everything, the check, the receipt."""
    here, path = _visit(wave, group), f"/P/{_CODE}"
    carried = {SITTING: drafts.new_sitting()} if here.hides_earlier else {}
    with _asked(app, path, {}):
        starting.show(here)
        form = here.form
    for page in form.pages:
        draft = here.draft
        if not form.vanishes(page, draft):
            with _asked(app, f"{path}/{page.number}", carried):
                sections.show(here, page, draft)
            answers = {
                form.key(page, item.id): _first(item)
                for item in form.shown(page, draft)
                if item.type is not ItemType.NOTE
            }
            merged = draft.merged(answers, seen=draft.revision, sitting=carried.get(SITTING, ""))
            here = replace(here, said=merged)
    with _asked(app, f"{path}/check", carried):
        checking.show(here)
    with _asked(app, f"{path}/submit", carried):
        starting.receipt(here, codes.grouped(codes.random_receipt()))


def _visit(wave: RegisteredWave, group: Group) -> _Nobody:
    units = tuple((unit.id, 1.0) for unit in wave.spec.units[: wave.spec.most_units_of(group)])
    found = Invitation(wave.spec.id, 0, b"", 0, State.ISSUED, "", 0, group.id, "", "", {}, "", units)
    return _Nobody(_CODE, found, wave, subkeys(bytes(SECRET_BYTES)))  # no wave's: the parent needs none and has none


@contextmanager
def _asked(app: Web, path: str, carried: Mapping[str, str]) -> Iterator[None]:
    """As if the page had been asked for, past the gate."""
    with app.request_context(_ASKING | {"PATH_INFO": path}):
        g.carried = dict(carried)
        yield


def _first(item: Item) -> Value:
    """Some answer to it."""
    if item.type is ItemType.TEXT:
        return "-"
    if not item.closed:
        return 1
    return (item.choices[0].id,) if item.type is ItemType.MULTIPLE else item.choices[0].id
