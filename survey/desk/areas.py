"""Puts the desk on the application: every view module is imported here, so that its pages are known."""

from __future__ import annotations

from survey.desk import failing, files, gate, home, own_account, own_second_step, people, signing_in
from survey.desk.blueprint import blueprint
from survey.desk.browser_session import DeskSessions
from survey.web import Web

AREAS = (failing, files, home, own_account, own_second_step, people, signing_in)

blueprint.before_request(gate.enter)


def register(app: Web) -> None:
    """Give ``app`` the desk."""
    app.session_interface = DeskSessions()
    gate.register(app)
    app.register_blueprint(blueprint)
