"""Whatever a module writes into the log beside a deed has a Vietnamese name in survey/translations/details.vi.txt."""

from __future__ import annotations

import ast
from pathlib import Path

from survey import said

SURVEY = Path(said.__file__).parent


def written_keys() -> set[str]:
    """Every word that some module writes beside a deed, as far as it stands there literally."""
    found: set[str] = set()
    for file in SURVEY.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            named = isinstance(node, ast.Assign) and any(getattr(each, "id", "") == "detail" for each in node.targets)
            call = isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.append"
            if named or call:
                dicts = [each for each in ast.walk(node) if isinstance(each, ast.Dict)]
                found |= {key.value for each in dicts for key in each.keys
                          if isinstance(key, ast.Constant) and isinstance(key.value, str)}  # fmt: skip
    return found


def test_every_word_beside_a_deed_has_vietnamese_words() -> None:
    known = [english for english, _ in said.pairs("details.vi.txt")]
    assert len(known) == len(set(known)) and len(written_keys()) > 60
    assert sorted(written_keys() - set(known)) == [], "write a pair into survey/translations/details.vi.txt"
