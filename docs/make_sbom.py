"""Write what Phiếu is made of to the file named (else printed): a CycloneDX 1.6 bill of requirements.lock.

Names, versions and hashes are the lock's. Licences, and what needs what, are read from what is installed here: packages
for other systems, which are not, stand there without. The same lock and installation give the same bytes: no serial
number, no time, no path.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"(?m)^([a-z0-9][\w.-]*)==([^\s;\\]+)([^\n]*(?:\n    --hash=[^\n]*)*)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
# What packages call their licence, where SPDX has an identifier for it without guessing.
SPDX = {
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
IDENTIFIERS = {*SPDX.values(), "BSD-2-Clause", "BSD-3-Clause"}
LONGEST_NAME = 60  # characters; some put the whole text where its name goes


@dataclass(frozen=True, slots=True)
class Pin:
    """A line of the lock."""

    name: str
    version: str
    hashes: tuple[str, ...]  # one a file that the lock admits

    @property
    def purl(self) -> str:
        """How other programs call it."""
        return f"pkg:pypi/{self.name}@{self.version}"


def pins(lock: str) -> list[Pin]:
    """Every line of a lock, by name and version: one name may be pinned once a system."""
    found = (Pin(name, version, tuple(sorted(HASH.findall(rest)))) for name, version, rest in PIN.findall(lock))
    return sorted(found, key=lambda pin: (pin.name, pin.version))


def plain(name: str) -> str:
    """A name as the lock writes it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licences(told: metadata.PackageMetadata) -> list[dict[str, Any]]:
    """What a package says of its licence: an expression, else its name, else its classifiers."""
    expression, given = told.get("License-Expression"), (told.get("License") or "").strip()
    if expression:
        return [{"expression": expression}]
    lines = [each for each in told.get_all("Classifier") or [] if each.startswith("License :: ")]
    families = sorted({each.rpartition(" :: ")[2] for each in lines} - {"OSI Approved"})
    short = given if len(given) <= LONGEST_NAME and "\n" not in given else ""
    known = [SPDX.get(name, name) for name in (short, *families) if SPDX.get(name, name) in IDENTIFIERS]
    if known:
        return [{"license": {"id": known[0]}}]
    return [{"license": {"name": name}} for name in ([short] if short else families)]


def needs(told: metadata.Distribution) -> set[str]:
    """Names of what a package needs when nothing extra is asked for."""
    asked = (Requirement(each) for each in told.requires or [])
    return {plain(each.name) for each in asked if "extra" not in str(each.marker or "")}


def component(pin: Pin) -> tuple[dict[str, Any], set[str]]:
    """A pin as a component, and the names of what it needs; without licence where it is not installed."""
    made: dict[str, Any] = {
        "type": "library", "bom-ref": pin.purl, "name": pin.name, "version": pin.version, "purl": pin.purl,
        "hashes": [{"alg": "SHA-256", "content": each} for each in pin.hashes],
    }  # fmt: skip
    try:
        installed = metadata.distribution(pin.name)
    except metadata.PackageNotFoundError:
        return made, set()
    if installed.version != pin.version:
        return made, set()
    found = licences(installed.metadata)
    return {**made, **({"licenses": found} if found else {})}, needs(installed)


def bill(lock: str, project: str) -> dict[str, Any]:
    """The bill of a lock and of the project that asks for it."""
    told = tomllib.loads(project)["project"]
    root = {"type": "application", "bom-ref": "phieu", "name": told["name"], "version": told["version"],
            "licenses": [{"license": {"id": told["license"]}}]}  # fmt: skip
    note = {"name": "phieu:hashes", "value": "of a component: one for each file that requirements.lock admits"}
    parts = [component(pin) for pin in pins(lock)]
    asked = {"phieu": {plain(Requirement(each).name) for each in told["dependencies"]}}
    asked |= {part["bom-ref"]: wanted for part, wanted in parts}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": root, "properties": [note]},
        "components": [part for part, _ in parts],
        "dependencies": [
            {"ref": ref, "dependsOn": [part["bom-ref"] for part, _ in parts if part["name"] in wanted]}
            for ref, wanted in asked.items()
        ],
    }


def main(target: str = "") -> None:
    """Write the bill."""
    made = bill((ROOT / "requirements.lock").read_text("utf-8"), (ROOT / "pyproject.toml").read_text("utf-8"))
    text = json.dumps(made, ensure_ascii=False, indent=2) + "\n"
    if not target:
        sys.stdout.write(text)
        return
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    Path(target).write_text(text, "utf-8")
    print(f"{target}: {len(made['components'])} packages of requirements.lock.")


if __name__ == "__main__":
    main(*sys.argv[1:2])
