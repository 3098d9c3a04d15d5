"""One citizen, from the slip in her hand to the index that counts her answer."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pypdfium2
import pytest
from pyzbar import pyzbar

from survey import clock, config, create_app
from tests.journeys.coordinator import WAVE, Coordinator, answers_everything
from tests.journeys.respondent import Respondent

COMMENT = "Xin cảm ơn chị ở quầy số ba."


@pytest.fixture
def coordinator(tmp_path: Path) -> Coordinator:
    """A coordinator with a wave whose slips are printed."""
    someone = Coordinator(tmp_path)
    someone.prepares_the_wave()
    return someone


def scanned(pdf: str) -> list[str]:
    """What a phone reads from the printed slips."""
    with pypdfium2.PdfDocument(pdf) as document:
        images = [page.render(scale=3).to_pil() for page in document]
    return [code.data.decode() for image in images for code in pyzbar.decode(image, [pyzbar.ZBarSymbol.QRCODE])]


def test_one_citizen_from_slip_to_index(coordinator: Coordinator) -> None:
    # Given twelve printed slips, each with a code that a phone reads,
    links = scanned(coordinator.file("slips.pdf"))
    with open(coordinator.file("invitations.csv"), encoding="utf-8-sig", newline="") as lines:
        units = {row["url"].upper(): row["units"] for row in csv.DictReader(lines)}
    assert sorted(link.upper() for link in links) == sorted(units)
    # one of them hers, about the Department of Justice, and the server open,
    app = create_app(config.load(coordinator.instance), clock.now)
    hers, *others = sorted(units, key=lambda url: units[url] != "so_tu_phap")
    # when she scans it, is very satisfied with everything and says so,
    receipt = answers_everything(Respondent(app, hers.rpartition("/")[2]), 4, COMMENT)
    # and five neighbours are neither satisfied nor dissatisfied, and all six at the other department very satisfied,
    for url in others:
        answers_everything(Respondent(app, url.rpartition("/")[2]), 2 if units[url] == "so_tu_phap" else 4)
    # then the link she used says "received" and offers nothing more,
    again = Respondent(app, hers.rpartition("/")[2])
    assert "receipt" not in again.open().text.lower()
    assert not [form for form in again.page.forms if form.names]
    # her words are nowhere in the databases,
    for file in coordinator.instance.glob("*.db*"):
        assert COMMENT.encode() not in file.read_bytes()
    # and her receipt is counted, and sealed once the wave is closed.
    check = Respondent(app)
    check.open("/check")
    assert check.fill({"receipt": receipt}).element("counted") is not None
    coordinator.does("close", "--wave", "mot")
    assert "niêm phong" in check.open(f"/check?receipt={receipt}").element("counted").text

    # When the coordinator opens the boxes with the key that was kept elsewhere,
    dataset = coordinator.file("dataset")
    coordinator.does("freeze", "--wave", "mot", "--key", coordinator.file("wave.key"), "-o", dataset)
    assert "12 boxes for 12 invitations spent" in coordinator.does("verify", dataset)
    # then her answers are a row like five others of her cell, under a number that nothing else knows,
    rows = [row for row in pq.read_table(f"{dataset}/assessments.parquet").to_pylist() if row["unit"] == "so_tu_phap"]
    assert sorted(row["access_1"] for row in rows) == [2, 2, 2, 2, 2, 4]
    assert len({(row["stratum"], row["wclass"], row["mode"], row["base_weight"]) for row in rows}) == 1
    # and her words stand alone.
    said = pq.read_table(f"{dataset}/comments.parquet").to_pylist()
    assert said == [{"unit": "so_tu_phap", "group": "nguoi_dan", "item": "comment", "text": COMMENT}]

    # When the appraised points are added,
    appraised = coordinator.writes("tham_dinh.csv", "unit,tai_lieu\nSở Tư pháp,45\nSở Y tế,30\n")
    given = ["--dataset", dataset, "--framework", coordinator.file("khung.toml"), "--appraised", appraised]
    counted = json.loads(coordinator.does("index", *given, "--format", "json"))
    # then the index holds her sixth: 45 + 40 × (1 + 5 × 0.5) / 6, against 30 + 40 × 1,
    index = {row["unit"]: row for kind in counted["kinds"] for row in kind["units"]}
    assert index["so_tu_phap"]["index"] == pytest.approx(45 + 40 * (1 + 5 * 0.5) / 6)
    assert index["so_y_te"]["index"] == pytest.approx(70)
    assert (index["so_y_te"]["rank"], index["so_tu_phap"]["rank"]) == (1, 2)
    # and the report says it as a Vietnamese office writes it, with the hash of the dataset.
    coordinator.does("report", *given, "-o", coordinator.file("report"))
    page = Path(coordinator.file("report"), "index.html").read_text("utf-8")
    assert "68,33" in page
    manifest = json.loads(Path(dataset, "manifest.json").read_text("utf-8"))
    assert manifest["key_origin"] == "outside"
    assert tomllib.loads(WAVE)["title"]["vi"] in page


def test_an_answer_added_behind_the_servers_back_stops_the_freeze(coordinator: Coordinator) -> None:
    # Given a closed wave in which six people answered,
    from forms.faults import Faults
    from survey.store import Store

    settings = config.load(coordinator.instance)
    app = create_app(settings, clock.now)
    with open(coordinator.file("invitations.csv"), encoding="utf-8-sig", newline="") as lines:
        chosen = [row["code"] for row in csv.DictReader(lines) if row["units"] == "so_tu_phap"]
    for code in chosen:
        answers_everything(Respondent(app, code.replace("-", "")), 4)
    coordinator.does("close", "--wave", "mot")
    # when somebody copies a box to vote twice,
    store = Store(settings.database)
    store.connection.execute("INSERT INTO box (id, wave, box) SELECT x'00', wave, box FROM box LIMIT 1")
    # then the freeze stops, names the cell, and writes nothing.
    with pytest.raises(Faults, match="6 invitations answered, 7 boxes"):
        coordinator.does(
            "freeze", "--wave", "mot", "--key", coordinator.file("wave.key"), "-o", coordinator.file("dataset")
        )
    assert not Path(coordinator.file("dataset")).exists()
