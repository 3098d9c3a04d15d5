"""The same inputs give the same bytes, whatever the order of sets, the number of threads, the place on the map."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.bench import pack_scene


def _phieu(*words: str | Path, seed: str, threads: str, zone: str) -> str:
    told = {**os.environ, "PYTHONHASHSEED": seed, "OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads,
            "TZ": zone}  # fmt: skip
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "survey.cli", *map(str, words)], env=told, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_whole_pack_is_made_again_byte_by_byte(tmp_path: Path) -> None:
    files, target = pack_scene.write(tmp_path, 4, 300), tmp_path / "report"
    _phieu("report", "--dataset", files.dataset, "--framework", pack_scene.FRAMEWORK, "--appraised", files.appraised,
           "--previous", files.previous, "--targets", files.targets, "-o", target,
           seed="1", threads="1", zone="UTC")  # fmt: skip
    assert "sai-so-lap-lai" in (target / "index.html").read_text("utf-8")
    told = _phieu("verify", target, seed="2", threads="2", zone="Asia/Ho_Chi_Minh")
    assert "counted again" in told
