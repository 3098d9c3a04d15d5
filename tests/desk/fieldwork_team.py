"""The staff's wave with a target, payments, people to reach and a few answers: for the board and the follow-up."""

from __future__ import annotations

from pathlib import Path

from survey import invitations
from survey.dispositions import State
from tests.desk import staff
from tests.desk.staff import Staff

TABLES = """hotline = "0262 000 000 (giờ hành chính)"
[fieldwork]
target_rate = 0.8
holidays = [2026-03-08]
[payment]
basis = "Quyết định số 12"
interviewer = 30000
respondent = { nguoi_dan = 50000 }
"""
EDITS = (
    ('hotline = "0262 000 000 (giờ hành chính)"\n', TABLES),
    ('id = "lanh_dao"\n', 'id = "lanh_dao"\nmode = "email"\n'),
    ('id = "cong_chuc"\n', 'id = "cong_chuc"\nmode = "zalo"\n'),
)
WAVE = "/desk/w/demo"


def build(folder: Path, own_unit: str = "") -> Staff:
    """Citizens have serials 1 to 6, officials 7 to 12, civil servants 13 to 18; 1, 2 and 7 answered, 3 refused.

    Citizens 4 to 6 are interviewed. ``own_unit``: the assessed office that is the organiser.
    """
    told = (("date = 2026-02-01\n", f'date = 2026-02-01\nunit = "{own_unit}"\n'),) if own_unit else ()
    team = staff.build(folder, edits=(*EDITS, *told))
    store, wave = team.app.store, team.app.wave("demo")
    with store.write() as tx:
        run = tx.connection.execute
        run("INSERT INTO cell SELECT wave, 9, grp, stratum, wclass, margins, 'interview', units, factor FROM cell"
            " WHERE id = 0")  # fmt: skip
        run("UPDATE cell SET mode = 'email' WHERE id = 1")
        run("UPDATE cell SET mode = 'zalo' WHERE id = 2")
        run("UPDATE invitation SET cell = 9 WHERE serial IN (4, 5, 6)")
        for serial in range(1, 19):
            row = serial.to_bytes(16, "big")
            run("UPDATE invitation SET frame_row = ? WHERE serial = ?", (row, serial))
            email = f"nguoi{serial}@vi.du" if serial != 12 else None
            run("INSERT INTO contact (frame_row, wave, name, phone, email) VALUES (?, 'demo', ?, ?, ?)",
                (row, f"Người thứ {serial}", f"0905{serial:06d}", email))  # fmt: skip
        for serial in (1, 2, 7):
            found = invitations.by_serial(tx, "demo", serial)
            tx.invitation_spend(lookup=found.lookup)
            invitations.count_days(tx, team.app.clock, wave, [(found, State.ANSWERED)])
        run("INSERT INTO answered_count VALUES ('demo', 0, 'complete', 2)")
    invitations.record(store, team.app.clock, wave, 3, State.REFUSED, who="test", reason="không muốn")
    return team
