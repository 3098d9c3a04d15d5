"""Collecting: frame → sample → invitation → response → dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from survey.clock import Clock
    from survey.config import Settings
    from survey.web import Web


def create_app(settings: Settings, clock: Clock | None = None) -> Web:
    """The web application of one instance; ``clock`` is the system's unless a test says what time it is."""
    # Imported here, so that commands which serve no page do not load the web framework.
    from survey import api, failures, headers, language, operating
    from survey.citizen import blueprint as citizen
    from survey.citizen import kiosk, quick, results, walking_in
    from survey.clock import now
    from survey.desk import areas as desk
    from survey.desk import looking
    from survey.web import Web

    app = Web(settings, clock or now)
    language.register(app)
    headers.register(app)
    failures.register(app)
    app.register_blueprint(citizen)
    app.register_blueprint(walking_in.blueprint)
    app.register_blueprint(results.blueprint)
    app.before_request(kiosk.enter)
    app.register_blueprint(kiosk.blueprint)
    app.register_blueprint(operating.blueprint)
    desk.register(app)
    app.register_blueprint(looking.blueprint)
    api.register(app)
    quick.register(app)
    return app
