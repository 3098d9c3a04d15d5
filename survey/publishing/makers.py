"""What made a pack: versions of the parts that its bytes hang on, and a fingerprint of the code that counted."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

PARTS = ("phieu", "numpy", "scipy", "pyarrow", "matplotlib", "typst", "xlsxwriter", "python-docx")


@cache
def makers() -> Mapping[str, str]:
    """Part → version; ``code``: the beginning of a SHA-256 over every source file that counts or writes."""
    root = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for package in ("analysis", "forms"):
        for file in sorted((root / package).rglob("*")):
            if file.suffix in (".py", ".toml", ".html", ".css", ".js", ".typ"):
                digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    versions = {part: version(part) for part in PARTS}
    return {"python": platform.python_version(), **versions, "code": digest.hexdigest()[:12]}


def apart(made_by: Mapping[str, str]) -> str:
    """How this installation differs from the one that made a pack; empty where it does not, or nobody knows."""
    here = makers()
    return ", ".join(
        f"{part} {made_by[part]} (here {here[part]})"
        for part in here
        if part in made_by and made_by[part] != here[part]
    )
