"""Files that belong together: all are there or none, nothing is written over unasked, the main one comes last."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from forms.faults import Faults
from survey import placing
from survey.placing import together


def write(folder: Path, *, overwrite: bool = False, said: str = "new", spoil: Path | None = None) -> None:
    files = [folder / "d.csv.R", folder / "d.csv"]
    with together(files, overwrite=overwrite) as scratch:
        for file in files:
            (scratch / file.name).write_text(said)
        if spoil is not None:
            spoil.write_text("of somebody else")


def there(folder: Path) -> dict[str, str]:
    return {each.name: each.read_text() for each in folder.iterdir()}


def test_all_are_put_into_place_for_their_owner_alone(tmp_path: Path) -> None:
    write(tmp_path)

    assert there(tmp_path) == {"d.csv": "new", "d.csv.R": "new"}
    assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()} == {0o600}


def test_the_script_that_an_analyst_changed_is_not_written_over_unasked(tmp_path: Path) -> None:
    (tmp_path / "d.csv.R").write_text("my edits")

    with pytest.raises(Faults, match=r"d\.csv\.R: exists already: name a new file, or write over it with --overwrite"):
        write(tmp_path)
    assert there(tmp_path) == {"d.csv.R": "my edits"}

    write(tmp_path, overwrite=True)
    assert there(tmp_path) == {"d.csv": "new", "d.csv.R": "new"}


def test_a_link_to_nowhere_is_there_already(tmp_path: Path) -> None:
    (tmp_path / "d.csv").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(Faults, match="exists already"):
        write(tmp_path)


def test_what_another_made_meanwhile_stays(tmp_path: Path) -> None:
    """Two begin at the same time: the second finds the name taken, and leaves nothing of its own."""
    with pytest.raises(Faults, match=r"d\.csv: exists already"):
        write(tmp_path, spoil=tmp_path / "d.csv")

    assert there(tmp_path) == {"d.csv": "of somebody else"}


def test_a_broken_attempt_leaves_what_was_there(tmp_path: Path) -> None:
    write(tmp_path, said="of yesterday")

    with pytest.raises(OSError, match="disk full"), together([tmp_path / "d.csv"], overwrite=True) as scratch:
        (scratch / "d.csv").write_text("ha")
        raise OSError("disk full")

    assert there(tmp_path) == {"d.csv": "of yesterday", "d.csv.R": "of yesterday"}


def test_the_data_come_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finds the data finds all that belongs to them."""
    moved: list[str] = []

    def move(old: Path, new: Path) -> None:
        moved.append(new.name)
        Path(old).rename(new)

    monkeypatch.setattr(placing.os, "replace", move)
    write(tmp_path, overwrite=True)

    assert moved == ["d.csv.R", "d.csv"] and os.replace is move


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Faults, match="nowhere: there is no such folder"):
        write(tmp_path / "nowhere")
