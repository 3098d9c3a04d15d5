"""What one server answers: everything, the respondents' pages alone, or the desk alone.

Behind two ports the desk can stay inside the office's network while the other faces everybody: what a server was not
given it has no route for, so nothing in front of it need keep people out.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from survey.web import Web


ONLY = "PHIEU_ONLY"  # in the environment of a server's processes: which side they serve


class Side(StrEnum):
    """One of two servers; None stands for both in one."""

    PUBLIC = "public"
    DESK = "desk"


def register_public(app: Web) -> None:
    """Respondents' pages, published results, posters, tablets, and the short way through them."""
    # Imported here and below, so that commands which serve no page do not load the web framework.
    from survey.citizen import blueprint as citizen
    from survey.citizen import kiosk, quick, results, walking_in

    app.register_blueprint(citizen)
    app.register_blueprint(walking_in.blueprint)
    app.register_blueprint(results.blueprint)
    app.before_request(kiosk.enter)
    app.register_blueprint(kiosk.blueprint)
    quick.register(app)


def register_desk(app: Web, *, alone: bool) -> None:
    """What staff see; ``alone`` where an address that is not the desk's has no other page to be told by."""
    from survey import failures
    from survey.desk import areas, failing, looking

    areas.register(app)
    app.register_blueprint(looking.blueprint)
    if alone:
        failures.register(app, failing.http)
