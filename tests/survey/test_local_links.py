"""Links that lead to one machine alone: refused for a real wave, said of one that is a rehearsal."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from forms.faults import Faults
from survey import health, links, wave
from survey.cli import phieu
from survey.config import load


@pytest.mark.parametrize(
    ("base_url", "nowhere"),
    [("http://127.0.0.1:8000", True), ("http://127.8.0.1", True), ("http://LOCALHOST:80/a", True),
     ("http://[::1]", True),
     ("http://0.0.0.0:8000", True), ("http://phieu.localhost", True), ("https://ks.tinh.vn", False),
     ("http://10.0.0.5:8000", False), ("https://localhost.vn", False), ("khaosat", False)],
)  # fmt: skip
def test_which_addresses_lead_to_one_machine_alone(base_url: str, nowhere: bool):
    assert links.only_here(base_url) is nowhere


def test_a_real_wave_needs_an_address_a_rehearsal_is_warned(scene: Any):
    simulated, here = scene.wave, "http://127.0.0.1:8000"
    real = dataclasses.replace(simulated, spec=dataclasses.replace(simulated.spec, simulated=False))
    assert links.warning(here, simulated, local=False).startswith(f"warning: links lead to {here}")
    assert links.warning(here, dataclasses.replace(real, pilot=True), local=False)
    assert links.warning(here, real, local=True)
    assert links.warning("https://ks.tinh.vn", real, local=False) == ""
    with pytest.raises(Faults, match=r"set base_url in phieu\.toml \(or allow it with --local\)"):
        links.warning(here, real, local=False)


@pytest.fixture
def real(scene: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The wave as if it were none of a simulation."""
    get = wave.get

    def got(store: Any, identity: str) -> wave.RegisteredWave:
        found = get(store, identity)
        return dataclasses.replace(found, spec=dataclasses.replace(found.spec, simulated=False))

    monkeypatch.setattr(wave, "get", got)
    return scene


def run(scene: Any, *arguments: str) -> Result:
    return CliRunner().invoke(phieu, ["--instance", str(scene.settings.instance), *arguments])


@pytest.mark.parametrize(
    "words",
    [("slips",), ("invitations", "export"), ("letters", "--reason", "x"), ("poster", "--place", "quay")],
)
def test_paper_of_a_real_wave_does_not_lead_nowhere(real: Any, tmp_path: Path, words: tuple[str, ...]):
    file = tmp_path / ("a.csv" if "export" in words else "a.pdf")
    found = run(real, *words, "--wave", "nho", "-o", str(file))
    assert isinstance(found.exception, Faults)
    assert "set base_url in phieu.toml (or allow it with --local)" in str(found.exception)
    assert not file.exists()
    allowed = run(real, *words, "--wave", "nho", "-o", str(file), "--local")
    assert "warning: links lead to http://127.0.0.1:8000" in allowed.stderr


def test_slips_of_a_simulated_wave_are_made_with_a_warning(scene: Any, tmp_path: Path):
    found = run(scene, "slips", "--wave", "nho", "-o", str(tmp_path / "a.pdf"))
    assert found.exit_code == 0
    assert "warning: links lead to" in found.stderr
    assert (tmp_path / "a.pdf").exists()


def test_the_doctor_finds_an_open_real_wave_without_an_address(real: Any):
    def told() -> dict[str, str]:
        return {finding.what: finding.fault for finding in health.examine(load(real.settings.instance))}

    assert told()["base_url"] == "http://127.0.0.1:8000 opens on this machine alone, but nho is open"
    (real.settings.instance / "phieu.toml").write_text('base_url = "https://ks.tinh.vn"\n', "utf-8")
    assert told()["base_url"] == ""
