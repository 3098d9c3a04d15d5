"""``/api/v1/…``: published results and fieldwork counters for other programs, as JSON, by token. Nothing is written."""

from __future__ import annotations

from flask import Flask

from survey.api.limits import Limits


def register(app: Flask) -> None:
    """Give the application its routes and their memory of how often they were asked."""
    from survey.api.views import blueprint

    app.extensions[Limits.NAME] = Limits()
    app.register_blueprint(blueprint)
