"""Slips go to a printer of the counter by a command of the operating system, so that no screen ever shows one.

``[counter]`` of ``phieu.toml`` names for each place a command that takes a PDF on its standard input.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forms.faults import Fault, Faults

ONLY = ""  # the name of a place's printer where it has one
PATIENCE = 20.0  # seconds until a command that does not end is given up


class NoPrinter(Faults):
    """The place has no printer of this name."""


class NotPrinted(Faults):
    """The command said that it did not take the slip, or could not be run."""


@dataclass(frozen=True, slots=True)
class Printer:
    """A place's printer: its name ('' where there is one) and the command."""

    place: str
    name: str
    command: tuple[str, ...]


def read(told: Mapping[str, Any], file: str, faults: list[Fault]) -> tuple[Printer, ...]:
    """The printers of ``[counter] printer``: place → command, or place → name → command. Adds to ``faults``."""
    faults += [Fault(f"unknown key “counter.{key}”", file) for key in told if key != "printer"]
    named = told.get("printer", {})
    if not isinstance(named, Mapping):
        faults.append(Fault("“counter.printer” must be a table: a place and its command", file))
        return ()
    found = []
    for place, value in named.items():
        commands = value if isinstance(value, Mapping) else {ONLY: value}
        for name, command in commands.items():
            where = f"counter.printer.{place}" + (f".{name}" if name else "")
            parts = _parts(command)
            if not parts:
                faults.append(Fault(f'“{where}” must be a command such as "lp -d quay_1 -"', file))
            else:
                found.append(Printer(place, name, parts))
    return tuple(found)


def _parts(command: object) -> tuple[str, ...]:
    if not isinstance(command, str):
        return ()
    try:
        return tuple(shlex.split(command))
    except ValueError:  # a quotation mark without its other half
        return ()


def of_place(printers: tuple[Printer, ...], place: str) -> tuple[Printer, ...]:
    """The printers of a place, as the file lists them."""
    return tuple(each for each in printers if each.place == place)


def chosen(printers: tuple[Printer, ...], place: str, name: str = ONLY) -> Printer:
    """The printer of this name; the first one where none is named. Raises NoPrinter."""
    here = of_place(printers, place)
    for each in here:
        if name in (each.name, ONLY):
            return each
    if here:
        known = ", ".join(each.name for each in here if each.name) or "one without a name"
        raise NoPrinter(f"place “{place}” has no printer “{name}”; it has {known}")
    raise NoPrinter(
        f'place “{place}” has no printer: name its command in phieu.toml, [counter] printer = {{ {place} = "…" }}, '
        "or let a kiosk open"
    )


def send(printer: Printer, pdf: bytes) -> None:
    """Give the slip to the printer's command. Raises NotPrinted when it does not take it; what it said is not kept."""
    program = shutil.which(printer.command[0])
    if program is None:
        raise NotPrinted(f"the printer's command “{printer.command[0]}” is not on this machine")
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
            [program, *printer.command[1:]], input=pdf, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotPrinted(f"the printer's command did not end within {PATIENCE:.0f} seconds") from None
    except OSError as error:
        raise NotPrinted(f"the printer's command cannot be run: {error.strerror}") from None
    if done.returncode:
        raise NotPrinted(f"the printer's command ended with status {done.returncode}")
