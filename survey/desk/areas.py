"""Puts the desk on the application: every module of this folder is imported here, so that its pages are known."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from survey import desk
from survey.desk import gate
from survey.desk.blueprint import blueprint
from survey.desk.browser_session import DeskSessions
from survey.web import Web

blueprint.before_request(gate.enter)
for _found in pkgutil.walk_packages(desk.__path__, f"{desk.__name__}."):
    import_module(_found.name)


def register(app: Web) -> None:
    """Give ``app`` the desk."""
    app.session_interface = DeskSessions()
    gate.register(app)
    app.register_blueprint(blueprint)
