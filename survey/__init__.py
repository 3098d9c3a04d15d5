"""Collecting: frame → sample → invitation → response → dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from survey.clock import Clock
    from survey.config import Settings
    from survey.sides import Side
    from survey.web import Web


def create_app(settings: Settings, clock: Clock | None = None, only: Side | None = None) -> Web:
    """The web application of one instance; ``clock`` is the system's unless a test says what time it is.

    ``only``: one side of it, whose server then has no route of the other.
    """
    # Imported here, so that commands which serve no page do not load the web framework.
    from survey import api, failures, headers, language, operating, sides
    from survey.clock import now
    from survey.metrics import counting
    from survey.web import Web

    app = Web(settings, clock or now)
    language.register(app)
    headers.register(app)
    failures.register(app)
    app.register_blueprint(operating.blueprint)
    api.register(app)
    if only is not sides.Side.DESK:
        sides.register_public(app)
    if only is not sides.Side.PUBLIC:
        sides.register_desk(app, alone=only is sides.Side.DESK)
    counting.register(app)
    return app
