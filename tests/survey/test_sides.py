"""One side on a port of its own: the public server has no desk, the desk's server no respondent's page."""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from survey import create_app
from survey.accounts.roles import Role
from survey.config import Settings
from survey.sides import Side
from tests.desk import staff
from tests.desk.desk import Desk
from tests.journeys import world as worlds
from tests.journeys.respondent import Respondent
from tests.served import NOW, Wire, free_port, wait_for

SHARED = ("/healthz", "/readyz", "/api/", "/metrics")


def _rules(app_side: Side | None, folder: Path) -> set[str]:
    return {rule.rule for rule in create_app(Settings(folder), only=app_side).url_map.iter_rules()}


def test_two_sides_are_the_whole_and_share_no_page(tmp_path: Path) -> None:
    whole, public, desk = (_rules(side, tmp_path) for side in (None, Side.PUBLIC, Side.DESK))
    assert public | desk == whole
    assert [rule for rule in public if "desk" in rule] == []
    assert [rule for rule in desk if not rule.startswith(("/desk/", *SHARED))] == []
    assert all(rule.startswith(SHARED) for rule in public & desk)


@contextmanager
def _served(folder: Path, side: Side) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    port = free_port()
    command = [sys.executable, "-m", "survey.cli", "--instance", str(folder), "serve", "--workers", "1"]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [*command, "--port", str(port), "--only", side], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert wait_for(f"http://127.0.0.1:{port}/readyz", process) == 200
        yield port, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


@dataclass
class Pair:
    """Two servers of one instance."""

    world: worlds.World
    public: int
    desk: int


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both sides of one instance, each on its own port."""
    world = worlds.build(tmp_path_factory.mktemp("sides"), edits=NOW)
    with ExitStack() as stack:
        ports = [stack.enter_context(_served(world.settings.instance, side))[0] for side in Side]
        yield Pair(world, *ports)


def _ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize("path", ["/desk", "/desk/", "/desk/sign-in", "/desk/static/x", "/desk/preview/a-1"])
def test_the_public_server_knows_no_desk(pair: Pair, path: str) -> None:
    status, text = _ask(pair.public, path)
    assert status == 404 and "Điều hành khảo sát" not in text


@pytest.mark.parametrize(
    "path", ["/", "/check", "/P/{code}", "/P/{code}/1", "/open/demo/x", "/kiosk/x", "/results/demo/"]
)
def test_the_desks_server_knows_no_respondent(pair: Pair, path: str) -> None:
    status, text = _ask(pair.desk, path.format(code=pair.world.codes["nguoi_dan"][-1]))
    assert status == 404 and "Không có trang này" in text and "/desk/" in text


def test_each_side_serves_what_is_its_own(pair: Pair) -> None:
    person = Respondent(create_app(pair.world.settings), pair.world.take())
    person.client = Wire(pair.public)  # type: ignore[assignment]
    person.fill_to_check()
    assert person.fill().element("receipt") is not None
    status, text = _ask(pair.desk, "/desk/")
    assert status == 200 and 'type="password"' in text


def test_programs_are_told_as_programs_on_either_side(pair: Pair) -> None:
    for port in (pair.public, pair.desk):
        status, text = _ask(port, "/api/v1/waves")
        assert status == 401 and text.startswith("{")


def test_a_questionnaire_is_previewed_where_no_respondent_is(tmp_path: Path) -> None:
    team = staff.build(tmp_path)
    app = create_app(team.world.settings, team.world.clock, Side.DESK)
    app.hasher = staff.CHEAP
    desk = Desk(app).sign_in(Role.COORDINATOR)
    questionnaire = desk.get("/desk/questionnaires").links
    name = next(target for target in questionnaire.values() if "/questionnaires/" in target).rpartition("/")[2]
    answer = desk.client.get(f"/desk/preview/{name}-1")
    assert answer.status_code == 200 and "Xem trước" in answer.text
    assert desk.client.get(f"/desk/preview/{name}-99").status_code == 404
