"""Other programs read published results and counters by token; nobody else does, and small numbers stay in."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schemathesis
from click.testing import CliRunner
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from survey import create_app
from survey.api import counters, tokens
from survey.api.limits import PER_MINUTE, Limits
from survey.api.tokens import Scope
from survey.cli import phieu
from survey.store import Store
from tests.conftest import Scene
from tests.reliability import figures
from tests.survey.publishing.test_publish import APPROVED, Office

pytestmark = pytest.mark.usefixtures("drawn_once")  # none of it judges a chart


@pytest.fixture
def client(scene: Scene) -> FlaskClient:
    return create_app(scene.settings, scene.clock).test_client()


def issued(scene: Scene, scope: Scope = Scope.FIELDWORK, wave: str | None = None) -> tuple[str, dict[str, str]]:
    id, token = tokens.issue(scene.store, scene.clock, "Bảng theo dõi", scope, wave, who="test")
    return id, {"Authorization": f"Bearer {token}"}


def test_without_a_good_token_everything_is_refused_as_json(scene: Scene, client: FlaskClient) -> None:
    for headers in ({}, {"Authorization": "Bearer phieu_x"}, {"Authorization": "Basic abc"}, {"Authorization": "é"}):
        for path in ("waves", "waves/nho/results", "waves/nho/fieldwork", "waves/nowhere/fieldwork"):
            answer = client.get(f"/api/v1/{path}", headers=headers)
            assert answer.status_code == 401 and answer.json["error"]["status"] == 401
            assert answer.headers["WWW-Authenticate"].casefold().startswith("bearer")
            said = "is not known here: mistyped, or revoked" if headers else "a token is needed"
            assert said in answer.json["error"]["message"]
    assert client.get("/api/v1/waves?token=phieu_x").status_code == 401


def test_a_token_reads_what_it_is_for_and_nothing_else(scene: Scene, client: FlaskClient) -> None:
    _, fieldwork = issued(scene)
    _, results = issued(scene, Scope.RESULTS)
    _, elsewhere = issued(scene, Scope.FIELDWORK, "nho")
    assert client.get("/api/v1/waves/nho/fieldwork", headers=fieldwork).status_code == 200
    assert client.get("/api/v1/waves/nho/fieldwork", headers=results).status_code == 403
    assert client.get("/api/v1/waves/nho/results", headers=fieldwork).status_code == 403
    assert client.get("/api/v1/waves/nho/results", headers=results).status_code == 404
    assert client.get("/api/v1/waves/khac/fieldwork", headers=elsewhere).status_code == 403
    assert [each["wave"] for each in client.get("/api/v1/waves", headers=elsewhere).json["waves"]] == ["nho"]
    for path in ("waves/%2e%2e/fieldwork", "waves/khac/fieldwork", "nothing", "waves/nho"):
        answer = client.get(f"/api/v1/{path}", headers=fieldwork)
        assert answer.status_code == 404 and answer.json["error"]["message"]
    assert client.post("/api/v1/waves", headers=fieldwork).json["error"]["status"] == 405


def test_a_token_is_nowhere_but_with_its_holder_and_ends_at_once(scene: Scene, client: FlaskClient) -> None:
    id, headers = issued(scene)
    token = headers["Authorization"].split()[1]
    assert token.encode() not in scene.settings.database.read_bytes()
    assert token not in str(scene.rows("audit"))
    tokens.revoke(scene.store, scene.clock, id, "đổi máy", who="test")
    assert client.get("/api/v1/waves", headers=headers).status_code == 401
    logged = str(scene.rows("audit"))
    assert "API token issued" in logged and "API token revoked" in logged


def test_who_asks_too_often_waits(scene: Scene) -> None:
    clock = itertools.chain([0.0] * (PER_MINUTE + 1), itertools.repeat(61.0))
    app = create_app(scene.settings, scene.clock)
    app.extensions[Limits.NAME] = Limits(lambda: next(clock))
    client, (_, headers) = app.test_client(), issued(scene)
    answers = [client.get("/api/v1/waves", headers=headers) for _ in range(PER_MINUTE + 2)]
    assert [each.status_code for each in answers[-3:]] == [200, 429, 200]
    assert answers[-2].json["error"]["status"] == 429 and 0 < int(answers[-2].headers["Retry-After"]) <= 61


def test_the_memory_of_limits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("survey.api.limits.MEMORY", 2)
    limits = Limits(lambda: 0.0)
    assert [limits.wait(asker) for asker in "abcabc"] == [0] * 6
    assert len(limits._asked) == 2


def test_the_command_issues_lists_and_revokes(scene: Scene) -> None:
    def run(*words: str) -> Any:
        return CliRunner().invoke(phieu, ["--instance", str(scene.settings.instance), "token", *words])

    done = run("issue", "Sở X", "--scope", "results", "--wave", "nho")
    assert done.exit_code == 0 and done.stdout.startswith("phieu_")
    (row,) = json.loads(run("list", "--format", "json").stdout)
    assert (row["name"], row["scope"], row["wave"], row["revoked"]) == ("Sở X", "results", "nho", None)
    assert "hash" not in row and "Sở X" in run("list").stdout
    assert run("revoke", row["id"], "--reason", "xong").exit_code == 0
    assert "no token" in str(run("revoke", row["id"], "--reason", "xong").exception)
    assert "no wave" in str(run("issue", "X", "--scope", "results", "--wave", "khac").exception)
    assert "needs the name" in str(run("issue", " ", "--scope", "results").exception)


CELLS = st.lists(
    st.builds(
        lambda group, unit, state, n, mode: {
            "grp": group, "units": json.dumps([[unit, 1.0]]), "state": state, "n": n, "mode": mode
        },
        st.sampled_from("gh"), st.sampled_from("uvw"), st.sampled_from(["complete", "issued", "answered", "refused"]),
        st.integers(0, 9), st.sampled_from(["qr", "qr", "open"]),
    ),
    max_size=12,
)  # fmt: skip


def came_back(cells: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Forms by group and unit that came back and were issued."""
    back = Counter[tuple[str, str]]()
    for cell in cells:
        if cell["mode"] != "open" and cell["state"] in ("complete", "answered"):
            back[cell["grp"], json.loads(cell["units"])[0][0]] += cell["n"]
    return +back


def highest(back: Counter[tuple[str, str]], document: dict[str, Any], own: set[tuple[str, str]]) -> float:
    """The most forms that ``own`` kinds can be for whoever reads groups, units and the total together."""
    kinds, rows, values = list(back), [], []
    told = [(lambda kind: True, document["total"]["returned"])]
    told += [(lambda kind, at=at, id=row["id"]: kind[at] == id, row["returned"])
             for at, name in enumerate(("groups", "units")) for row in document[name]]  # fmt: skip
    for which, value in told:
        if value is not None:
            rows.append([float(which(kind)) for kind in kinds])
            values.append(value)
    found = linprog([-float(kind in own) for kind in kinds], A_eq=np.array(rows).reshape(-1, len(kinds)), b_eq=values)
    return float("inf") if found.status == 3 else -found.fun


@hypothesis_settings(max_examples=60, deadline=None)
@given(CELLS)
def test_no_number_of_fewer_than_k_is_told_or_follows(cells: list[dict[str, Any]]) -> None:
    """Neither from a list and the total nor from both lists: a linear programme over kinds of forms brings out none."""
    names = {"group": {"g": "G", "h": "H"}, "unit": {"u": "U", "v": "V", "w": "W"}}
    document = counters.document(cells, names, 5)
    for rows in (document["groups"], document["units"], [document["total"]]):
        assert all(row["returned"] is None or row["returned"] == 0 or row["returned"] >= 5 for row in rows)
    back = came_back(cells)
    sums = [{kind} for kind in back]
    sums += [
        {kind for kind in back if kind[at] == id} for at, id in [(0, "g"), (0, "h"), *((1, unit) for unit in "uvw")]
    ]
    for own in sums:
        if 0 < sum(back[kind] for kind in own) < 5:
            assert highest(back, document, own) >= 5 - 1e-6


def test_groups_do_not_follow_from_units() -> None:
    """Two offices that one group alone assesses: their sum is that group, and what it leaves was the small one."""
    cells = [{"grp": group, "units": json.dumps([[unit, 1.0]]), "state": "answered", "n": n, "mode": "qr"}
             for group, unit, n in [("dn", "a", 3), ("dan", "b", 12), ("dan", "c", 8), ("cb", "a", 30)]]  # fmt: skip
    names = {"group": {"dn": "", "dan": "", "cb": ""}, "unit": {"a": "", "b": "", "c": ""}}
    assert highest(came_back(cells), counters.document(cells, names, 5), {("dn", "a")}) >= 5
    silent = counters.document(cells, names, 5, silent=True)
    assert {row["returned"] for row in (silent["total"], *silent["groups"], *silent["units"])} == {None}


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, dict[str, str]]:
    """An application with a publication, and a token for results."""
    office = Office(tmp_path_factory.mktemp("api"))
    office.publish(*APPROVED)
    from survey.clock import now
    from survey.config import load

    settings = load(office.instance)
    _, token = tokens.issue(Store(settings.database), now, "Bảng", Scope.RESULTS, None, who="test")
    app = create_app(settings)
    ticks = itertools.count(step=100)
    app.extensions[Limits.NAME] = Limits(lambda: next(ticks))
    return app, {"Authorization": f"Bearer {token}"}


def test_published_results_come_whole_with_their_decision(dashboard: Any) -> None:
    app, headers = dashboard
    (told,) = app.test_client().get("/api/v1/waves/w/results", headers=headers).json["publications"]
    assert (told["decision"], told["version"]) == ("123/QĐ-UBND", 1)
    assert told["result"]["kinds"][0]["units"]


@pytest.mark.torture
@pytest.mark.parametrize("scope", [*Scope, None])
def test_every_answer_is_as_described(dashboard: Any, scope: Scope | None) -> None:
    """Schemathesis in process: right and wrong waves, methods and tokens, each answer held against the description."""
    app, _ = dashboard
    told = tokens.issue(app.store, app.clock, "Bảng", scope, None, who="test")[1] if scope else "phieu_x"
    headers = {"Authorization": f"Bearer {told}"}
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) == 3
    tried = Counter[str]()
    for operation in operations:

        @hypothesis_settings(max_examples=1_000 if figures.FULL else 10, deadline=None, derandomize=True)
        @given(case=operation.as_strategy())
        def held(case: Any) -> None:
            tried[case.operation.label] += 1
            case.call_and_validate(headers=headers)

        held()
    assert set(tried) == {operation.label for operation in operations}
    figures.note(
        f"interface for programs, token {scope or 'wrong'}", {"requests": tried.total(), "other than described": 0}
    )


def test_the_description_names_every_route(dashboard: Any) -> None:
    app, _ = dashboard
    described = app.test_client().get("/api/v1/openapi.json").json["paths"]
    served = {rule.rule.removeprefix("/api/v1").replace("<", "{").replace(">", "}") for rule in app.url_map.iter_rules()
              if rule.endpoint.startswith("api.")}  # fmt: skip
    assert set(described) == served


def test_a_published_file_that_was_altered_is_not_handed_out(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.publish(*APPROVED)
    (file,) = (office.instance / "published").rglob("result.json")
    file.chmod(0o600)
    file.write_text("{}", "utf-8")
    from survey.clock import now
    from survey.config import load

    settings = load(office.instance)
    _, token = tokens.issue(Store(settings.database), now, "Bảng", Scope.RESULTS, None, who="test")
    answer = (
        create_app(settings).test_client().get("/api/v1/waves/w/results", headers={"Authorization": f"Bearer {token}"})
    )
    assert answer.status_code == 404
