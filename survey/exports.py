"""Invitations as CSV or XLSX: the codes leave here, and with a reason the contacts beside them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

from forms.faults import Fault, Faults
from survey import audit, output
from survey.clock import Clock
from survey.issuing import ExportRow
from survey.store import Store
from survey.wave import RegisteredWave

HEADINGS = ("serial", "group", "units", "place", "code", "url")
TABLES = {".csv": "text/csv", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
CONTACTS = ("name", "phone", "email", "address", "reference")


def contacts(
    store: Store, clock: Clock, wave: RegisteredWave, rows: Sequence[ExportRow], *, who: str, reason: str
) -> dict[int, tuple[str, ...]]:
    """Serial → contact, of these invitations; logged with its reason. Raises Faults without a reason."""
    if not reason.strip():
        raise Faults("contacts leave only with --reason, which the log keeps")
    wanted = {row.serial for row in rows}
    with store.write() as tx:
        found = {
            row["serial"]: tuple(row[name] or "" for name in CONTACTS)
            for row in tx.frame_contacts(wave=wave.spec.id)
            if row["serial"] in wanted
        }
        detail = {"n": len(found), "reason": reason.strip()}
        audit.append(tx, clock, who, "contacts exported", wave.spec.id, detail)
    return found


def write(file: Path, rows: Sequence[ExportRow], beside: Mapping[int, tuple[str, ...]] | None = None) -> None:
    """Write a table of invitations, by the ending of ``file``; mode 0600, for it opens questionnaires."""
    headings = (*HEADINGS, *(CONTACTS if beside is not None else ()))
    table = [
        (row.serial, row.group, ";".join(row.units), row.place, row.code, row.url)
        + (() if beside is None else beside.get(row.serial, ("",) * len(CONTACTS)))
        for row in rows
    ]
    # With a byte-order mark, spreadsheets read the names as UTF-8.
    write_table(file, headings, table, mark="\ufeff" if beside is not None else "")


def write_table(file: Path, headings: Sequence[str], table: Sequence[Sequence[object]], mark: str = "\ufeff") -> None:
    """Write any table, by the ending of ``file``; mode 0600. Raises Faults for another ending."""
    if file.suffix.casefold() not in TABLES:
        raise Faults([Fault("must end in .csv or .xlsx", str(file))])
    private(file, table_bytes(file.suffix.casefold(), headings, table, mark))


def table_bytes(suffix: str, headings: Sequence[str], table: Sequence[Sequence[object]], mark: str = "\ufeff") -> bytes:
    """The same as the content of a file; ``suffix`` is one of ``TABLES``."""
    if suffix == ".xlsx":
        return _workbook(headings, table)
    return (mark + output.csv_text(headings, table) + "\n").encode()


def private(file: Path, content: bytes) -> None:
    """Write a file that only its owner reads, over an older one."""
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)


def _workbook(headings: Sequence[str], table: Sequence[Sequence[object]]) -> bytes:
    import xlsxwriter  # here: 10 MB that a web worker seldom needs

    content = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet("Phiếu")
        sheet.write_row(0, 0, headings, book.add_format({"bold": True}))
        for number, row in enumerate(table, start=1):
            sheet.write_row(number, 0, row)
        sheet.freeze_panes(1, 0)
        sheet.set_column(1, 3, 22)
        sheet.set_column(4, 5, 18)
    return content.getvalue()
