"""Submitting, approving, publishing, correcting and withdrawing a report: each with its entry in the audit log."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from analysis.report.standing import Decision, Standing, State
from forms.faults import Fault, Faults
from survey import audit
from survey.publishing import inputs as beside
from survey.publishing import packs, register, withdrawal
from survey.publishing.packs import Count, Heard, Manifest
from survey.publishing.register import ALL, Publication, Version
from survey.publishing.withdrawal import House

__all__ = ["INTERNAL", "House", "Wish", "approve", "day_of", "publish", "submit", "withdraw"]
INTERNAL = frozenset({"to-trinh.docx", "quyet-dinh.docx"})  # drafts for the file, not for the public
_STYLE, _SCRIPT = re.compile(r"<style>(.*?)</style>", re.DOTALL), re.compile(r"<script>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be published: of which kinds (none named: all), with ranks or without, by which decision.

    ``correction``: what is corrected, where a version is published already.
    """

    decision: Decision | None
    kinds: tuple[str, ...] = ()
    with_ranks: bool = True
    correction: str = ""


def submit(house: House, folder: Path, count: Count, heard: Heard) -> Manifest:
    """Submit a draft for approval: its pages say so."""
    return _restated(house, folder, count, heard, Standing(State.SUBMITTED), "report submitted")


def approve(house: House, folder: Path, count: Count, heard: Heard, wish: Wish) -> Manifest:
    """Note the decision in a report that is not published yet."""
    if wish.decision is None:
        raise Faults("a report is approved by a decision: --decision NUMBER --date D --signer S")
    standing = Standing(State.APPROVED, wish.decision, wish.with_ranks)
    return _restated(house, folder, count, heard, standing, "report approved", wish.kinds)


def _restated(
    house: House, folder: Path, count: Count, heard: Heard, standing: Standing, action: str, kinds: Sequence[str] = ()
) -> Manifest:
    known = _checked(folder)
    packs.write(folder, beside.read(folder), count, standing=standing, kinds=kinds or known.kinds, heard=heard)
    made = packs.manifest(folder)
    packs.raise_differences(folder, replace(known, files=made.files), made)
    with house.store.write() as tx:
        audit.append(tx, house.clock, house.who, action, known.wave, _told(made))
    return made


def _checked(folder: Path) -> Manifest:
    """The pack as it was written. Raises Faults when a file of it was altered."""
    known = packs.manifest(folder)
    if faults := packs.altered(folder, known):
        raise Faults(faults)
    return known


def _told(made: Manifest) -> dict[str, object]:
    decision = made.standing.decision
    return {
        "dataset": made.sources["dataset"], "kinds": list(made.kinds), "with_ranks": made.standing.with_ranks,
        "decision": str(decision) if decision else None,
    }  # fmt: skip


def publish(house: House, folder: Path, count: Count, heard: Heard, wish: Wish) -> tuple[Publication, Version]:
    """Count the report's inputs again, write the version without DỰ THẢO, and put it on ``/results/``.

    Raises Faults: no decision, a pilot or an interim dataset, altered files or inputs, a version that is out already
    and no word on what is corrected.
    """
    known = _checked(folder)
    decision = wish.decision or known.standing.decision
    _require(known, decision, folder)
    kinds = wish.kinds or known.kinds
    name = ALL if not wish.kinds else "-".join(wish.kinds)
    out = register.read(house.instance, known.wave)
    before = register.named(out, name)
    current = before.current if before else None
    if current is not None and not wish.correction:
        raise Faults(
            f"version {current.number} of these results is published: a new one corrects it, and must say what: "
            "--correction TEXT"
        )
    number = before.versions[-1].number + 1 if before else 1
    corrects = current.number if current else 0
    standing = Standing(State.PUBLISHED, decision, wish.with_ranks, number, corrects, wish.correction)
    target = register.place(house.instance, known.wave, name, number)
    made = _version(folder, target, count, heard, standing, kinds, known, house.now)
    withdrawal.enter(house, known.wave, register.with_version(out, name, tuple(kinds), made), "results published", {
        **_told(packs.Manifest(known.wave, known.title, tuple(kinds), standing, known.sources, {})),
        "publication": name, "version": number, "corrects": corrects, "reason": wish.correction,
    })  # fmt: skip
    found = register.named(register.read(house.instance, known.wave), name)
    assert found is not None  # noqa: S101 - it was written a line above
    return found, made


def _require(known: Manifest, decision: Decision | None, folder: Path) -> None:
    if decision is None:
        raise Faults("nothing is published before it is approved: --decision NUMBER --date D --signer S")
    if known.interim:
        raise Faults([Fault("was made from an interim dataset: the wave has not ended", str(folder))])
    if known.pilot:
        raise Faults([Fault("was made from a pilot, whose answers count for nothing", str(folder))])


def _version(
    folder: Path, target: Path, count: Count, heard: Heard, standing: Standing, kinds: Sequence[str], known: Manifest,
    at: str,
) -> Version:  # fmt: skip
    """Write the version's folder whole; what a broken-off attempt left of it is replaced."""
    fresh = target.with_name(f".{target.name}")
    for old in (fresh, target):
        shutil.rmtree(old, ignore_errors=True)
    fresh.mkdir(parents=True)
    packs.write(fresh, beside.read(folder), count, standing=standing, kinds=kinds, heard=heard)
    made = packs.manifest(fresh)
    packs.raise_differences(folder, replace(known, files=made.files), made)
    for name in (*INTERNAL, beside.NAME, packs.NAME):
        (fresh / name).unlink()
    page = (fresh / "index.html").read_text("utf-8")
    style, script = (found.group(1) if (found := each.search(page)) else "" for each in (_STYLE, _SCRIPT))
    fresh.rename(target)
    decision = standing.decision
    assert decision is not None  # noqa: S101 - publish requires one
    served = {name: digest for name, digest in made.files.items() if name not in INTERNAL}
    return Version(
        standing.version, register.PUBLISHED, decision.number, decision.date.isoformat(), decision.signer, at,
        standing.with_ranks, made.title, _heading(page), served, style, script, made.sources["dataset"],
        standing.reason,
    )  # fmt: skip


def _heading(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)
    return html.unescape(found.group(1)).strip() if found else ""


def withdraw(house: House, folder: Path, reason: str, kinds: Sequence[str] = ()) -> Publication:
    """Take a report's publication off ``/results/``; the address then says that it was withdrawn."""
    return withdrawal.withdraw(house, packs.manifest(folder).wave, "-".join(kinds) if kinds else ALL, reason)


def day_of(text: str) -> datetime:
    """A day as it is typed: 2026-06-25 or 25/6/2026. Raises ValueError."""
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text.strip(), form)
        except ValueError:
            continue
    raise ValueError(text)
