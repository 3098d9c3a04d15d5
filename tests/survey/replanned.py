"""Another plan in the place of a registered one, with the hash that belongs to it: what no command does."""

from __future__ import annotations

import json
from typing import Any

from survey import originals


def put(connection: Any, text: str, wave: str) -> None:
    """Give a wave this plan, as if it had been registered with it."""
    (documents,) = connection.execute("SELECT documents FROM wave WHERE id = ?", (wave,)).fetchone()
    hash = originals.plan_hash(text, json.loads(documents))
    connection.execute("UPDATE wave SET spec = ?, plan_hash = ? WHERE id = ?", (text, hash, wave))


def text_of(connection: Any, wave: str) -> str:
    """The plan as it stands."""
    return str(connection.execute("SELECT spec FROM wave WHERE id = ?", (wave,)).fetchone()[0])
