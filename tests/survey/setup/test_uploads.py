"""Lists sent in through the browser: tried, seen, imported; hostile ones refused with nothing left behind."""

from __future__ import annotations

import os
import stat
from datetime import date, timedelta

import pytest

from forms import tables
from forms.faults import Faults
from survey import config, health, issuing, purging, sealing
from survey import wave as waves
from survey.sample import draws
from survey.setup import checklist, copying, planned, preparation, presets, standing, uploads
from survey.setup.uploads import Choices
from survey.store import DRAFT_MIGRATIONS, Store
from tests.survey.setup.conftest import HEADING, WHO, Coordinator, dossiers
from tests.survey.setup.hostile_workbooks import bomb, entities

CITIZENS = presets.CITIZENS


@pytest.fixture
def ready(coordinator: Coordinator) -> Coordinator:
    coordinator.whole()
    coordinator.register()
    return coordinator


def folder(ready: Coordinator) -> list[str]:
    """Everything below ``uploads``."""
    found = ready.settings.instance / "uploads"
    return sorted(str(path.relative_to(found)) for path in found.rglob("*") if path.is_file()) if found.exists() else []


def test_sent_in_tried_imported(ready: Coordinator) -> None:
    sent = ready.send(dossiers(), supplier="Văn phòng UBND")
    assert (sent.file_name, sent.found, sent.sound) == ("ho_so.csv", {}, False)
    file = uploads.file_of(ready.settings, sent)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700

    tried = ready.look()
    assert tried.sound
    assert (tried.found["rows_in"], tried.found["rows_kept"]) == (120, 120)
    assert tried.found["first"][0]["unit"] == "so_tu_phap"
    assert tried.found["headings"] == HEADING.split(",")
    assert standing.group_lists(ready.store, ready.registered)[CITIZENS].rows == 0

    ready.take()
    assert standing.group_lists(ready.store, ready.registered)[CITIZENS].rows == 120
    assert folder(ready) == []
    with pytest.raises(Faults, match="no file waits"):
        ready.take()


def test_faults_are_told_by_row_and_column_and_nothing_is_imported(ready: Coordinator) -> None:
    ready.send(dossiers().replace("Sở Y tế".encode(), "Sở Lạ".encode(), 1))

    tried = ready.look()

    assert not tried.sound
    assert tried.found["faults"] == [["unknown unit: “Sở Lạ” is not known", 42, "Cơ quan giải quyết"]]
    with pytest.raises(Faults):
        ready.take()
    assert folder(ready) != []
    assert standing.group_lists(ready.store, ready.registered)[CITIZENS].rows == 0


def test_a_column_is_named_by_hand_and_remembered(ready: Coordinator) -> None:
    strange = dossiers().replace("Cơ quan giải quyết".encode(), "Nơi xử lý cuối".encode())
    ready.send(strange)
    tried = ready.look()
    assert "Nơi xử lý cuối" in tried.found["headings"]
    assert [fault[0] for fault in tried.found["faults"]] != []

    uploads.choose(ready.store, "moi", CITIZENS, Choices({"Nơi xử lý cuối": "unit"}))
    assert uploads.waiting(ready.store, "moi", CITIZENS).found == {}
    assert ready.look().sound
    ready.take()

    ready.send(strange, replace=True)
    assert ready.look().sound
    assert ready.look().found["remembered"] == ["unit"]


def test_only_the_first_faults_are_kept(ready: Coordinator) -> None:
    ready.send("\n".join([HEADING, *[f"{n},Sở Lạ,x,,,,," for n in range(150)]]).encode())

    found = ready.look().found

    assert len(found["faults"]) == uploads.SHOWN_FAULTS
    assert found["more"] > 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\x00\x01\x02" * 50, "is a binary file"),
        (b"%PDF-1.7\x00", "is a binary file"),
        (b"PK\x03\x04 not a workbook", "is not a workbook"),
        (entities(), "is not a workbook"),
        (bomb(), "unpacks to more than"),
    ],
    ids=["empty", "binary", "pdf", "broken", "entities", "bomb"],
)
def test_hostile_files_are_refused_and_leave_nothing(
    ready: Coordinator, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    monkeypatch.setattr(tables, "MOST_BYTES", 20 << 20)  # in place of a gigabyte
    before = ready.dump()

    with pytest.raises(Faults, match=said):
        ready.send(content, "ds.xlsx")

    assert folder(ready) == []
    assert ready.dump() == before


def test_a_file_too_large_is_refused_while_it_comes(ready: Coordinator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 1 << 20)
    monkeypatch.setattr(uploads, "_CHUNK", 1 << 18)

    with pytest.raises(Faults, match="larger than 1 MiB"):
        ready.send(b"a" * ((1 << 20) + 1))

    assert folder(ready) == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\tam\\ds.xlsx", "ds.xlsx"), ("a\x00b\n.csv", "ab.csv"), ("..", "list"),
     ("x" * 300 + ".csv", "x" * 96 + ".csv"), ("<b>.csv", "b.csv")],
)  # fmt: skip
def test_names_cannot_lead_elsewhere(ready: Coordinator, name: str, kept: str) -> None:
    sent = ready.send(dossiers(1), name)

    assert sent.file_name == kept
    assert folder(ready) == [f"{sent.token}/{kept}"]


def test_a_second_file_takes_the_place_of_the_first(ready: Coordinator) -> None:
    ready.send(dossiers(1), "mot.csv")
    second = ready.send(dossiers(2), "hai.csv")

    assert folder(ready) == [f"{second.token}/hai.csv"]


def test_files_that_nobody_came_back_for_go(ready: Coordinator) -> None:
    sent = ready.send(dossiers(1))
    lost = ready.settings.instance / "uploads" / "lost"
    lost.mkdir()
    old = ready.clock.at.timestamp() - 2 * 86_400
    os.utime(lost, (old, old))
    os.utime(uploads.file_of(ready.settings, sent).parent, (old, old))

    uploads.discard_old(ready.store, ready.settings, ready.clock)
    assert uploads.waiting(ready.store, "moi", CITIZENS).token == sent.token
    assert not lost.exists()

    ready.clock.at += timedelta(days=2)
    uploads.discard_old(ready.store, ready.settings, ready.clock)
    assert folder(ready) == []


def test_a_file_that_is_gone_says_so(ready: Coordinator) -> None:
    uploads.file_of(ready.settings, ready.send(dossiers(1))).unlink()

    assert "is gone from the server" in ready.look().found["faults"][0][0]


def test_headings_without_one_that_is_known(ready: Coordinator) -> None:
    ready.send(b"DANH SACH\nxx,yy,zz\n1,2,3\n")

    assert ready.look().found["headings"] == ["xx", "yy", "zz"]


def test_the_planning_table_is_fresh_until_plan_or_list_change(ready: Coordinator) -> None:
    ready.send(dossiers())
    ready.take()
    plan = planned.work_out(ready.store, ready.registered, CITIZENS)
    kept = planned.tables(ready.store, ready.registered)[CITIZENS]
    assert kept.fresh and kept.plan == plan
    assert sum(row.population for row in plan.rows) == 120

    ready.change(lambda data: data.update(hotline="1"))
    assert planned.tables(ready.store, ready.registered)[CITIZENS].fresh
    ready.change(lambda data: data["group"][0]["design"].update(n=60))
    assert not planned.tables(ready.store, ready.registered)[CITIZENS].fresh
    planned.work_out(ready.store, ready.registered, CITIZENS)
    ready.send(dossiers(20), replace=True)
    ready.take()
    assert not planned.tables(ready.store, ready.registered)[CITIZENS].fresh


def states(coordinator: Coordinator) -> list[str]:
    wave = coordinator.registered if coordinator.now.known else None
    found = standing.of(coordinator.store, coordinator.now, wave)
    return [str(found.states[step]) for step in standing.STEPS] + [str(found.next)]


def test_standing_follows_what_is_done(coordinator: Coordinator) -> None:
    done, lacking, later, optional = "done", "lacking", "later", "optional"
    coordinator.begin()
    assert states(coordinator) == [lacking] * 4 + [optional] + [later] * 5 + ["about"]
    coordinator.whole()
    assert states(coordinator) == [done] * 4 + [optional, lacking] + [later] * 4 + ["plan"]
    coordinator.register()
    assert states(coordinator) == [done] * 4 + [optional, done, lacking] + [later] * 3 + ["lists"]
    coordinator.change(lambda data: data.pop("opens"))
    assert states(coordinator) == [lacking] + [done] * 3 + [optional] + [later] * 5 + ["about"]
    coordinator.change(lambda data: data.update(opens=date(2026, 3, 1)))
    coordinator.send(dossiers())
    coordinator.take()
    assert states(coordinator) == [done] * 4 + [optional] + [done] * 2 + [lacking, lacking, later, "sample"]
    planned.work_out(coordinator.store, coordinator.registered, CITIZENS)
    assert states(coordinator)[7:] == [done, lacking, later, "draw"]
    coordinator.change(lambda data: data["group"][0]["design"].update(n=60))
    draws.record_lists(coordinator.store, coordinator.clock, coordinator.registered, [CITIZENS], who=WHO)
    draws.draw(coordinator.store, coordinator.clock, coordinator.registered, [CITIZENS], "1", who=WHO)
    assert states(coordinator)[7:] == [done, done, lacking, "open"]
    issuing.issue(coordinator.store, coordinator.keyring, coordinator.clock, coordinator.registered, who=WHO)
    assert states(coordinator) == [done] * 4 + [optional] + [done] * 5 + ["open"]


def findings(coordinator: Coordinator) -> dict[str, tuple[str, str]]:
    settings = config.load(coordinator.settings.instance, {})
    found = checklist.examine(coordinator.store, settings, coordinator.clock, coordinator.registered)
    return {str(each.subject): (str(each.weight), each.case) for each in found}


def test_the_checklist_names_what_stops_and_what_should_be_known(ready: Coordinator) -> None:
    assert findings(ready) == {
        "drawn": ("stop", "lacking"), "links": ("fine", ""), "days": ("fine", "begun"),
        "authority": ("know", "lacking"), "hotline": ("know", "lacking"), "keyers": ("fine", "unneeded"),
        "key": ("know", "server"), "framework": ("know", "none"), "pilot": ("fine", "real"),
    }  # fmt: skip

    ready.change(
        lambda data: data.update(
            hotline="0262",
            paper={},
            authority={"name": {"vi": "UBND tỉnh"}, "plan": "1/KH", "date": ready.clock.at.date()},
        )
    )
    waves.change_key(ready.store, ready.keyring, ready.clock, "moi", sealing.generate_key_pair().public)
    (ready.settings.instance / "phieu.toml").write_text("", "utf-8")
    ready.clock.at += timedelta(days=40)
    found = findings(ready)
    assert found["links"] == ("stop", "local")
    assert found["days"] == ("stop", "over")
    assert found["authority"] == found["hotline"] == ("fine", "")
    assert found["keyers"] == ("know", "lacking")
    assert found["key"] == ("fine", "outside")


def test_the_checklist_of_a_framework_and_a_pilot(coordinator: Coordinator) -> None:
    coordinator.whole(*presets.PRESETS)
    coordinator.change(lambda data: data.update(framework="province_2026"))
    coordinator.register()
    data = copying.pilot(coordinator.registered, coordinator.registered.spec.opens)
    preparation.begin(coordinator.store, coordinator.clock, "thu", data, who=WHO, pilot=True)
    coordinator.wave = "thu"
    coordinator.register()
    (coordinator.settings.instance / "phieu.toml").write_text("", "utf-8")

    found = findings(coordinator)

    assert found["framework"] == ("know", "illustrative")
    assert found["pilot"] == ("know", "pilot")
    assert found["links"] == ("know", "local")
    assert found["days"][0] == "fine"


def test_a_purge_takes_lists_that_were_never_imported_and_what_belongs_to_no_wave(ready: Coordinator) -> None:
    ready.send(dossiers())
    ready.look()
    lost = ready.settings.instance / "uploads" / "lost"
    lost.mkdir(mode=0o700)
    (lost / "ho_so.csv").write_bytes(dossiers())
    drafts = Store(ready.settings.drafts, DRAFT_MIGRATIONS)
    with ready.store.write() as tx:
        tx.connection.execute("UPDATE wave SET state = 'closed'")
    args = ready.store, drafts, ready.settings, ready.clock, ready.registered
    assert purging.look(*args, destroy_key=False).lists == 2
    assert purging.purge(*args, destroy_key=False, who=WHO).lists == 2
    assert folder(ready) == []
    with pytest.raises(Faults, match="no file waits"):
        uploads.waiting(ready.store, ready.registered.spec.id, CITIZENS)
    for file in ready.settings.instance.glob("*.db*"):
        assert b"HS-0007" not in file.read_bytes()
    assert purging.purge(*args, destroy_key=False, who=WHO).lists == 0
    drafts.close()


def test_the_doctor_tells_of_lists_left_for_more_than_a_day(ready: Coordinator) -> None:
    def found() -> dict[str, tuple[str, str]]:
        clock = ready.clock
        return {each.what: (each.fault, each.mend) for each in health.examine(ready.settings, clock)}

    where = str(ready.settings.instance / "uploads")
    assert where not in found()
    sent = ready.send(dossiers())
    lies = uploads.file_of(ready.settings, sent).parent
    os.utime(lies, (at := ready.clock().timestamp() - 3600, at))
    assert found()[where] == ("", "")
    os.utime(lies, (at := ready.clock().timestamp() - 90_000, at))
    fault, mend = found()[where]
    assert "more than a day" in fault and str(lies) in mend
    (ready.settings.instance / "uploads").chmod(0o755)
    assert found()[f"mode of {where}"][1] == f"chmod 0700 {where}"
