"""What a solver prints does not get into a command's result."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from analysis.silenced import silenced

_HIDE = """
import numpy as np
from analysis import least_hidden
{loud}
from analysis.disclosure import hiding
print(hiding(np.array([[9, 3, 3], [25, 4, 18], [15, 12, 5], [27, 0, 2], [7, 2, 11]]), 5).cells.sum())
"""
_LOUD = "from contextlib import nullcontext\nleast_hidden.silenced = nullcontext"


def _printed(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout  # noqa: S603


def test_a_table_of_which_the_solver_speaks_gives_its_result_alone() -> None:
    alone, loud = (_printed(_HIDE.format(loud=loud)) for loud in ("", _LOUD))
    assert alone.strip().isdigit()
    assert "Highs" in loud and loud.endswith(alone)  # this table does make it speak: the test looks at something


def test_what_was_there_before_is_there_again(capfd: pytest.CaptureFixture[str]) -> None:
    os.write(1, b"before ")
    with pytest.raises(ValueError, match="stop"), silenced():
        os.write(1, b"noise ")
        raise ValueError("stop")
    os.write(1, b"after")
    assert capfd.readouterr().out == "before after"


def test_a_process_without_standard_output_works() -> None:
    code = "import os; os.close(1)\nfrom analysis.silenced import silenced\nwith silenced(): open('/dev/null').close()"
    assert _printed(code) == ""
