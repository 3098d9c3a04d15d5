"""Texts that PostgreSQL does not keep: a sentence, not a server that seems to be broken."""

from __future__ import annotations

import pytest

from forms.faults import Faults
from survey import create_app
from survey.accounts.roles import Role
from survey.store import Store, StoreError
from tests.conftest import Scene
from tests.desk import staff
from tests.desk.desk import Desk


@pytest.fixture
def engine() -> str:
    """Only this one here."""
    return "postgresql"


def test_the_character_0000_is_refused_with_a_sentence_wherever_it_comes_in(store: Store) -> None:
    for way in (
        lambda tx: tx.invitation_revoke_code(lookup=b"x", wave="a\0b"),
        lambda tx: tx.connection.executemany("INSERT INTO revoked_code (lookup, wave) VALUES (?, ?)", [(b"x", "\0")]),
        lambda tx: tx.connection.copy("COPY revoked_code (lookup, wave) FROM STDIN", [(b"x", "\0")]),
    ):
        with (
            pytest.raises(Faults, match=r"U\+0000, which the database does not keep: take it out"),
            store.write() as tx,
        ):
            way(tx)
    assert store.row_counts()["revoked_code"] == 0
    with pytest.raises(StoreError, match="invalid input syntax"), store.write() as tx:
        tx.connection.execute("SELECT CAST('x' AS integer)")  # other data are other faults


def test_the_desk_says_so_and_an_address_with_it_leads_nowhere(scene: Scene) -> None:
    app = create_app(scene.settings, scene.clock)
    app.hasher = staff.CHEAP
    staff.hire(app, "tri", Role.ADMINISTRATOR)
    desk = Desk(app).sign_in("tri")
    desk.get("/desk/people/new")
    page = desk.submit(name="lan", full_name="Nguyễn\0 Thị Lan", office="Sở\0 Nội vụ", role="viewer", unit="so_a")
    assert page.status == 422 and "U+0000" in page.text
    for path, status in (("/kiosk/a%00b", 404), ("/desk/w/a%00b/board", 404), ("/check?receipt=a%00", 400)):
        assert app.test_client().get(path).status_code == status
