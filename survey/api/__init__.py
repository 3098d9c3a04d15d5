"""``/api/v1/…``: published results and fieldwork counters for other programs, as JSON, by token; read only."""

from __future__ import annotations

from survey.api.apart import Apart
from survey.api.limits import Limits
from survey.web import Web


def register(app: Web) -> None:
    """Give the application its routes and their memory: how often they were asked, and the last numbers."""
    from survey.api.views import blueprint

    app.extensions[Limits.NAME] = Limits()
    app.extensions[Apart.NAME] = Apart(app.clock)
    app.register_blueprint(blueprint)
