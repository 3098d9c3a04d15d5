"""The one gate before every page of the desk: signed in, allowed, at the own place and unit, posted from our page."""

from __future__ import annotations

import logging
from typing import Any, cast

from flask import abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, login_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from forms.faults import Faults
from survey import logs
from survey.accounts import sessions
from survey.accounts.accounts import Account
from survey.desk import policy
from survey.desk.policy import Right
from survey.language import DESK_LANGUAGES, SOURCE
from survey.wave import RegisteredWave
from survey.web import Web, web

log = logging.getLogger("phieu.desk")
csrf = CSRFProtect()
logins = LoginManager()
REFRESH = "X-Phieu-Refresh"  # a page asks for itself again: nobody need be sitting there, so the session idles on
SEEN = "seen"  # the second of the last page, in the signed cookie: a session idles without a word to the database


class Seated(UserMixin):  # type: ignore[misc]  # Flask-Login publishes no types
    """A signed-in browser: Flask-Login's user, whose id is the session's token."""

    def __init__(self, account: Account, token: str) -> None:
        self.account, self.token = account, token

    def get_id(self) -> str:
        """What the signed cookie keeps."""
        return self.token


def register(app: Web) -> None:
    """Give ``app`` Flask-Login and Flask-WTF, which act on the desk alone."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # respondents' pages have no session; the gate checks the desk's
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a token lasts as long as its session: nothing typed is lost to a clock
    app.config["WTF_CSRF_SSL_STRICT"] = False  # we ask browsers to send no referrer
    csrf.init_app(app)
    logins.session_protection = None  # behind a proxy it would compare nothing but the browser's name
    logins.init_app(app, add_context_processor=False)
    logins.user_loader(_seated)


def _seated(token: str) -> Seated | None:
    """Who holds this session, unless it idled too long."""
    now = web().clock().timestamp()
    if now - float(session.get(SEEN, 0)) > sessions.IDLES.total_seconds():
        return None
    account = sessions.account_of(web().store, web().clock, token)
    return Seated(account, token) if account else None


def seat(account: Account) -> None:
    """Sign somebody in: a new session, in which nothing of the one before is left but the language."""
    language = session.get("lang")
    token = sessions.begin(web().store, web().clock, account)
    unseat()
    if language:
        session["lang"] = language
    session[SEEN] = int(web().clock().timestamp())
    login_user(Seated(account, token))


def unseat() -> None:
    """End the session of this browser, in the store and in the cookie."""
    token = session.get("_user_id")
    if token:
        sessions.end(web().store, token)
    session.clear()


def forgotten(answer: Response) -> Response:
    """An answer that ends a session: the browser drops the pages that it still holds, those behind “back” too.

    The cache alone: the desk's scripts store nothing, and a respondent's page of the same name may hold a form.
    """
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def token() -> str:
    """This browser's session token."""
    return str(session["_user_id"])


def account_here() -> Account:
    """Who is signed in. Only for pages behind the gate."""
    found: Account | None = g.get("account")
    if found is None:
        abort(403)
    return found


def wave_here() -> RegisteredWave:
    """The wave that the address names, in its state of this moment."""
    return cast(RegisteredWave, g.wave)


def allowed(endpoint: str, account: Account | None = None, **values: str | None) -> bool:
    """Whether the page of an endpoint (without “desk.”) exists and may be opened: for links and menus."""
    known = f"desk.{endpoint}" in current_app.view_functions
    person = account or g.get("account")
    return known and policy.may(person, policy.right_of(endpoint), values.get("place"), values.get("unit"))


def enter() -> ResponseReturnValue | None:
    """Decide on this request before any view sees it."""
    _choose_language()
    endpoint = str(request.endpoint).removeprefix("desk.")
    right = policy.right_of(endpoint)
    if right is Right.ANYONE:
        return None
    g.account = account = _whoever_is_here()
    if account is None:
        return _ask_to_sign_in()
    if REFRESH not in request.headers:
        session[SEEN] = int(web().clock().timestamp())
    told = request.view_args or {}
    if not policy.may(account, right, told.get("place"), told.get("unit")):
        _say_refused(account, endpoint, right)
        abort(403)
    request.max_content_length = policy.LARGEST.get(endpoint, request.max_content_length)
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        _require_own_page()
    if account.must_change and endpoint not in policy.UNTIL_CHANGED:
        return redirect(url_for("desk.account_password"), 303)
    if "wave" in told and endpoint not in policy.UNREGISTERED:
        g.wave = _wave(told["wave"])
    return None


def _say_refused(account: Account, endpoint: str, right: Right | None) -> None:
    """Who tried what the role may not, in the server's log: by number, for no name stands there."""
    wanted = right.name.lower() if right else "-"
    said = logs.event("desk.refused", account=account.id, role=str(account.role), page=endpoint, right=wanted)
    log.warning("refused", extra=said)


def _whoever_is_here() -> Account | None:
    from flask_login import current_user

    return current_user.account if current_user.is_authenticated else None


def _choose_language() -> None:
    wanted = request.args.get("lang")
    if wanted in DESK_LANGUAGES:
        session["lang"] = wanted
    g.language = session.get("lang", SOURCE) if session.get("lang") in DESK_LANGUAGES else SOURCE


def _ask_to_sign_in() -> ResponseReturnValue:
    """Looking leads to the sign-in page and back; what was posted comes back as typed, to be sent again."""
    from survey.desk import resending

    if request.method in ("GET", "HEAD"):
        there = request.script_root + request.full_path.rstrip("?")
        target: dict[str, Any] = {} if there == url_for("desk.home") else {"next": there}
        back = redirect(url_for("desk.sign_in", **target), 303)
        return forgotten(back) if "_user_id" in session else back  # it idled, or was ended elsewhere
    return resending.page(signed_in=False)


def _require_own_page() -> None:
    """Refuse what another site posts: by the token, and by what the browser says of its origin."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    csrf.protect()


def _wave(identity: str) -> RegisteredWave:
    try:
        return web().wave(identity)
    except Faults:
        abort(404)
