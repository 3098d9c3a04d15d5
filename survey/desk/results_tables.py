"""The form of a new report: what it is counted from, and the tables that are sent up with it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import request
from werkzeug.datastructures import FileStorage
from wtforms import SelectField, StringField
from wtforms.validators import Length, Optional

from survey import library
from survey.desk import faces
from survey.desk.fields import DeskForm, Needed, SentFile
from survey.desk.navigation import every_wave
from survey.language import chosen
from survey.language import gettext as _
from survey.publishing import register, shelf
from survey.wave import RegisteredWave
from survey.web import web

SENT, NONE = "sent", ""
ROUNDS = ("self", "appraised", "explained", "submitted")
LARGEST_TABLE = 10 << 20
NAMES = "names.json"  # how the files were called where they came from
_KINDS = {"appraised": (".xlsx", ".csv"), "before": (".xlsx", ".csv", ".json"), "merged": (".xlsx", ".csv"),
          "aims": (".xlsx", ".csv")}  # fmt: skip


class NewReport(DeskForm):
    """What a report is made of. Fields named as the options of ``phieu report`` are."""

    dataset = SelectField(choices=[], validators=[Needed()])
    framework = SelectField(choices=[], validators=[Needed()])
    tables = SelectField(choices=[], validators=[Needed()])
    appraised = SentFile()
    last = SelectField(choices=[])
    before = SentFile()
    merged = SentFile()
    aims = SentFile()
    points = StringField(validators=[Optional(), Length(max=200)])
    step = SelectField(choices=[])

    def fill(self, here: RegisteredWave, frozen: tuple[shelf.Shelved, ...]) -> None:
        """Say what can be chosen."""
        instance, wave = web().settings.instance, here.spec.id
        self.dataset.choices = [
            (one.name, f"{one.name}… ({faces.moment(one.at)})")
            for one in frozen
            if one.manifest is not None and not one.interim
        ]
        known = library.counted(web().store, every_wave())
        self.framework.choices = [(each.name, each.document.title.of(chosen())) for each in known]
        if here.framework is not None and request.method == "GET":
            self.framework.data = here.framework.hash[: library.SHORT]
        kept = [(folder.name, _("Bảng đã gửi lên: %(name)s", name=name)) for folder, name in sent(instance, wave)]
        self.tables.choices = [(SENT, _("Gửi tệp mới, ở dưới")), *kept]
        if request.method == "GET" and kept:
            self.tables.data = kept[0][0]
        self.appraised.flags.required = not kept
        years = [(f"{year.wave}/{year.name}", year.title) for year in published_before(here)]
        self.last.choices = [(NONE, _("Không so với năm trước")), (SENT, _("Gửi tệp, ở dưới")), *years]
        self.step.choices = [(NONE, _("Không dùng sổ thẩm định")), *((each, each) for each in ROUNDS)]

    def judge(self) -> bool:
        """Check what is sent beyond the single fields; faults go beside them."""
        sound = bool(self.validate())
        for name, endings in _KINDS.items():
            given = getattr(self, name)
            if given.data and (fault := _unfit(given.data, endings)):
                given.errors, sound = [fault], False
        # A file that was chosen is meant, whatever the list beside it says.
        if self.before.data and not self.last.data:
            self.last.data = SENT
        if self.appraised.data:
            self.tables.data = SENT
        if self.tables.data == SENT and not self.appraised.data:
            self.appraised.errors, sound = [_("Mục này chưa điền.")], False
        if self.last.data == SENT and not self.before.data:
            self.before.errors, sound = [_("Mục này chưa điền.")], False
        return sound


@dataclass(frozen=True, slots=True)
class Year:
    """A published result of another wave that this one can be compared with."""

    wave: str
    name: str
    title: str
    file: Path


def published_before(here: RegisteredWave) -> list[Year]:
    """Results of waves that opened before this one."""
    instance = web().settings.instance
    found = []
    for wave in every_wave():
        if wave.spec.opens >= here.spec.opens:
            continue
        for each in register.read(instance, wave.spec.id):
            if each.current is not None:
                file = register.place(instance, wave.spec.id, each.name, each.current.number) / "result.json"
                found.append(Year(wave.spec.id, each.name, wave.spec.title.of(chosen()), file))
    return found


def sent(instance: Path, wave: str) -> list[tuple[Path, str]]:
    """Folders of tables that were sent up for reports of a wave, the latest first, with the name of the first table."""
    home = instance / "reports" / wave
    folders = [each for each in home.glob("*-given") if (each / NAMES).is_file()] if home.is_dir() else []
    latest = sorted(folders, key=lambda each: -int(re.sub(r"\D", "", each.name) or 0))
    return [(folder, json.loads((folder / NAMES).read_text("utf-8")).get("appraised", "")) for folder in latest]


def _unfit(file: FileStorage, endings: tuple[str, ...]) -> str:
    """Why a file is not taken; the job that reads it says what else is wrong with it."""
    suffix = Path(file.filename or "").suffix.lower()
    if suffix not in endings:
        return _("Tệp phải có đuôi %(endings)s.", endings=", ".join(endings))
    content = file.stream.read(LARGEST_TABLE + 1)
    file.stream.seek(0)
    if len(content) > LARGEST_TABLE:
        return _("Tệp lớn quá %(mb)s MB.", mb=LARGEST_TABLE >> 20)
    if suffix == ".xlsx" and not content.startswith(b"PK\x03\x04"):
        return _("Tệp không phải bảng tính XLSX, dù tên có đuôi .xlsx.")
    if suffix != ".xlsx" and b"\0" in content:
        return _("Tệp không phải văn bản, dù tên có đuôi %(suffix)s.", suffix=suffix)
    return ""


def keep(form: NewReport, here: RegisteredWave, folder: Path, framework: str) -> list[str]:
    """Put what a report is made of into ``folder``; returns the options of ``phieu report`` but the dataset and -o."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    (folder / "framework.toml").write_text(framework, "utf-8", newline="\n")
    names: dict[str, str] = {}
    if form.tables.data != SENT:
        _again(folder.with_name(form.tables.data), folder, names)
    for name in _KINDS:
        given = getattr(form, name).data
        if given:
            for old in folder.glob(f"{name}.*"):
                old.unlink()
            given.save(folder / f"{name}{Path(given.filename).suffix.lower()}")
            names[name] = Path(given.filename).name
    (folder / NAMES).write_text(json.dumps(names, ensure_ascii=False), "utf-8")
    return list(_options(form, here, folder))


def _again(source: Path, folder: Path, names: dict[str, str]) -> None:
    """The appraised points of an earlier report; the other tables are chosen anew."""
    for file in source.glob("appraised.*"):
        shutil.copyfile(file, folder / file.name)
    names["appraised"] = json.loads((source / NAMES).read_text("utf-8")).get("appraised", "")


def _options(form: NewReport, here: RegisteredWave, folder: Path) -> Iterator[str]:
    yield f"--framework={folder / 'framework.toml'}"
    for name, option in (("appraised", "--appraised"), ("merged", "--mergers"), ("aims", "--targets")):
        for file in folder.glob(f"{name}.*"):
            yield f"{option}={file}"
    years = {f"{year.wave}/{year.name}": year for year in published_before(here)}
    if form.last.data in years:
        copy = folder / "before.json"
        shutil.copyfile(years[form.last.data].file, copy)
        yield f"--previous={copy}"
    elif form.last.data == SENT:
        for file in folder.glob("before.*"):
            yield f"--previous={file}"
    if points := "".join(each for each in form.points.data or "" if each.isprintable()).strip():
        yield f"--points={points}"
    if form.step.data:
        yield f"--round={form.step.data}"
