"""The wave that is attacked, played once a process for each kind of store."""

from __future__ import annotations

from types import ModuleType
from typing import NamedTuple

import pytest

from tests.anonymity import played, postgresql_kind, sqlite_kind
from tests.anonymity.evidence import Evidence, Truth
from tests.anonymity.played import Wave

# Each makes images of a store, see ``evidence.Image``.
KINDS: dict[str, ModuleType] = {"sqlite": sqlite_kind, "postgresql": postgresql_kind}


class Attacked(NamedTuple):
    """The wave, what the administrator has, and what only the test knows."""

    wave: Wave
    evidence: Evidence
    truth: Truth
    kind: ModuleType


@pytest.fixture(scope="session", params=KINDS)
def attacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    """Some hundred people's answers over HTTP on two days (all of the demonstration's in `make torture`)."""
    kind, database = KINDS[request.param], ""
    if kind is postgresql_kind:
        database = request.getfixturevalue("server").empty().url
    with pytest.MonkeyPatch.context() as environment:  # of every command and server of the play
        environment.setenv("PHIEU_DATABASE", database)
        return Attacked(*played.play(tmp_path_factory.mktemp("anonymity") / "instance", kind), kind)
