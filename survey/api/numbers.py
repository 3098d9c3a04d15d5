"""What a child is begun for (``apart``): a request on standard input, its document on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from forms.faults import Faults
from survey.api import counters


def answered(request: Mapping[str, Any]) -> counters.Row:
    """The document asked for: of the dataset in ``folder``, or else of ``cells``; see ``counters``."""
    names, k, folder = request["names"], request["k"], request["folder"]
    if folder is not None:
        with suppress(Faults, OSError):
            return counters.of_dataset(Path(folder), names, k)
    return counters.document(request["cells"], names, k, silent=request["silent"])


def main() -> None:
    """Read a request, write its document."""
    print(json.dumps(answered(json.load(sys.stdin))))


if __name__ == "__main__":
    main()
