"""Where the store of a test is."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests import postgresql


@pytest.fixture(params=["", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Nothing, which is files; or a database of a server that waits for its disk."""
    if not request.param:
        yield ""
        return
    if postgresql.binaries() is None and os.environ.get("CI") != "true":
        pytest.skip("PostgreSQL is not on this machine")
    with postgresql.running(*postgresql.DURABLE) as server:
        yield server.empty().url
