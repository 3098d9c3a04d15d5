"""An instance with an open wave and one account a role, made once a module: what every test of the desk begins with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher

from survey import create_app
from survey.accounts import accounts, passwords
from survey.accounts.accounts import NewAccount
from survey.accounts.roles import Role
from survey.web import Web
from tests.desk.desk import PASSWORD, Desk
from tests.journeys import world as worlds
from tests.journeys.world import World

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
UNRATED = "Trường Chính trị tỉnh"
PLACE, UNIT = "trung_tam", "so_tu_phap"


@dataclass
class Staff:
    """The instance, its application, and who may sign in: an account for each role, called as the role."""

    world: World
    app: Web
    desks: dict[str, Desk] = field(default_factory=dict)

    def as_(self, name: Role | str) -> Desk:
        """The browser in which somebody is signed in: signed in once a module."""
        key = str(name)
        if key not in self.desks:
            self.desks[key] = Desk(self.app).sign_in(key)
        return self.desks[key]

    def fresh(self, name: Role | str) -> Desk:
        """The same in a browser of its own."""
        return Desk(self.app).sign_in(str(name))

    def log(self) -> list[dict[str, object]]:
        """The audit log."""
        with self.app.store.read() as tx:
            return [dict(row) for row in tx.audit_all()]


def hire(app: Web, name: str, role: Role, *, office: str = UNRATED, place: str = "", unit: str = "") -> None:
    """Make an account whose password is ours already."""
    new = NewAccount(name, f"Nguyễn Thị {name.capitalize()}", office, role, place, unit)
    accounts.add(app.store, app.clock, CHEAP, new, who="test")
    with app.store.write() as tx:
        number = tx.account_by_name(name=name)["id"]
        tx.account_set_password(id=number, password=passwords.hashed(CHEAP, PASSWORD), must_change=0)


def build(folder: Path, **more: object) -> Staff:
    """Make it; ``more`` goes to ``world.build``."""
    world = worlds.build(folder, **more)  # type: ignore[arg-type]
    app = create_app(world.settings, world.clock)
    app.testing = True
    app.hasher = CHEAP
    for role in Role:
        place, unit = PLACE if role is Role.CLERK else "", UNIT if role is Role.VIEWER else ""
        hire(app, role.value, role, place=place, unit=unit)
    return Staff(world, app)
