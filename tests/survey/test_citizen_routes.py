"""Printed links are contracts: the list of routes may grow, a route never goes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from survey import create_app
from survey.config import Settings

ROUTES = """
GET        /
GET        /P/<code>
GET        /P/<code>/
GET        /P/<code>/<int:number>
GET        /P/<code>/check
GET        /P/<code>/refuse
GET        /P/<code>/submit
GET        /P/<code>/undo
GET        /api/v1/openapi.json
GET        /api/v1/waves
GET        /api/v1/waves/<wave>/fieldwork
GET        /api/v1/waves/<wave>/results
GET        /check
GET        /healthz
GET        /kiosk/<place>
GET        /kiosk/<place>/<token>
GET        /kiosk/<place>/waiting
GET        /metrics
GET        /open/<wave>/<place>
GET        /p/<code>
GET        /p/<code>/
GET        /p/<code>/<int:number>
GET        /p/<code>/check
GET        /p/<code>/refuse
GET        /p/<code>/submit
GET        /p/<code>/undo
GET        /readyz
GET        /results/<wave>/
GET        /results/<wave>/<path:name>
POST       /
POST       /P/<code>
POST       /P/<code>/<int:number>
POST       /P/<code>/refuse
POST       /P/<code>/submit
POST       /P/<code>/undo
POST       /check
POST       /kiosk/<place>
POST       /kiosk/<place>/<token>
POST       /kiosk/<place>/fetch
POST       /open/<wave>/<place>
POST       /p/<code>
POST       /p/<code>/<int:number>
POST       /p/<code>/refuse
POST       /p/<code>/submit
POST       /p/<code>/undo
""".strip().splitlines()


def test_the_routes(tmp_path: Path) -> None:
    app = create_app(Settings(tmp_path))
    found = {
        f"{method:<10} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith("/desk/")  # nothing of the desk is printed
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "DELETE", "PATCH"}
    }
    assert sorted(found) == ROUTES


def test_the_web_process_never_loads_the_statistics() -> None:
    program = (
        "import sys; from pathlib import Path; import survey.serving; from survey import create_app; "
        "from survey.config import Settings; create_app(Settings(Path('.'))); "
        "heavy = {'numpy', 'scipy', 'pyarrow', 'matplotlib', 'analysis'} & set(sys.modules); "
        "sys.exit(' '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
