"""A slip goes from the draw to the counter's printer, past every screen; and once more where the printer failed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from forms.faults import Fault, Faults
from survey import closing, config, health, invitations, kiosks, seals
from survey.counter import handing, printers
from survey.counter.desk import Answer
from survey.counter.handing import NotAgain
from survey.counter.printers import NoPrinter, NotPrinted, Printer
from survey.counter.reconciling import conduct, reconcile
from survey.dispositions import State
from survey.invitations import Invitation, Revoked
from tests.survey.counter.conftest import Counter, dossier
from tests.survey.counter.printer import FakePrinter


@pytest.fixture
def printer(tmp_path: Path) -> FakePrinter:
    folder = tmp_path / "printer"
    folder.mkdir()
    return FakePrinter(folder)


@pytest.fixture
def equipped(counter: Counter, printer: FakePrinter) -> Counter:
    """Its phieu.toml names the printer of one place."""
    file = counter.settings.instance / "phieu.toml"
    file.write_text(f'{file.read_text("utf-8")}\n[counter]\nprinter = {{ cho_a = "{printer.line}" }}\n', "utf-8")
    return replace(counter, settings=config.load(counter.settings.instance, {}))


def prints(counter: Counter, number: str, place: str = "cho_a", name: str = "") -> None:
    handing.print_slip(
        counter.store, counter.keyring, counter.settings, counter.clock, counter.wave, number, place=place,
        printer=name, who="quầy",
    )  # fmt: skip


def state(counter: Counter, code: str) -> Invitation | Revoked | None:
    return invitations.resolve(counter.store, counter.keyring, code)


def test_the_slip_comes_out_of_the_printer_and_opens_one_questionnaire(equipped: Counter, printer: FakePrinter):
    number = equipped.first(selected=True)
    assert equipped.asks(number, place="cho_a") is Answer.SELECTED
    prints(equipped, number)
    (code,) = printer.codes()
    found = state(equipped, code)
    assert isinstance(found, Invitation) and found.mode == "counter"
    assert equipped.asks(number, place="cho_a") is Answer.DONE


def test_a_place_without_a_printer_makes_nothing(equipped: Counter):
    number = equipped.first(selected=True)
    equipped.asks(number)
    before = list(equipped.store.connection.iterdump())
    with pytest.raises(NoPrinter, match=r"place “trung_tam” has no printer: name its command in phieu\.toml"):
        prints(equipped, number, "trung_tam")
    with pytest.raises(NoPrinter, match="has no printer “hai”; it has one without a name"):
        prints(equipped, number, name="hai")
    assert list(equipped.store.connection.iterdump()) == before


def test_a_slip_that_the_printer_refused_is_printed_anew_and_counts_nowhere(equipped: Counter, printer: FakePrinter):
    number = equipped.first(selected=True)
    equipped.asks(number)
    printer.jam.touch()
    with pytest.raises(NotPrinted, match="ended with status 1"):
        prints(equipped, number)
    # The code that was made and never printed is one that nobody has; the next one revokes it
    (lost,) = [bytes(row[0]) for row in equipped.store.connection.execute("SELECT lookup FROM invitation")]
    printer.jam.unlink()
    prints(equipped, number)
    (code,) = printer.codes()
    assert isinstance(state(equipped, code), Invitation)
    revoked = [bytes(row[0]) for row in equipped.store.connection.execute("SELECT lookup FROM revoked_code")]
    assert revoked == [lost]
    assert equipped.count("again") == 0
    (entry,) = equipped.logged("counter slip not printed")
    assert number not in entry
    assert equipped.store.connection.execute("SELECT sum(n) FROM day_count WHERE unit = ''").fetchone()[0] == 1
    seals.seal(equipped.store, equipped.clock, equipped.wave)
    assert seals.verify(equipped.store, "quay") == []


def test_a_refused_slip_that_nobody_printed_later_is_a_non_contact(equipped: Counter, printer: FakePrinter):
    number = equipped.first(selected=True)
    equipped.asks(number)
    printer.jam.touch()
    with pytest.raises(NotPrinted):
        prints(equipped, number)
    closing.close(equipped.store, equipped.drafts, equipped.clock, equipped.wave, who="x")
    reconcile(equipped.store, equipped.keyring, equipped.clock, equipped.wave, who="x")
    chosen = sum(equipped.selects(f"HS-{n}") for n in range(1, 201))
    states = equipped.store.connection.execute("SELECT state, count(*) FROM invitation GROUP BY state").fetchall()
    assert [tuple(row) for row in states] == [("no_contact", chosen)]


def test_after_a_paper_jam_the_clerk_prints_once_more(equipped: Counter, printer: FakePrinter):
    number = equipped.first(selected=True)
    with pytest.raises(NotAgain, match="nothing was handed out"):
        equipped.again(number, reason="kẹt giấy")
    equipped.asks(number)
    prints(equipped, number)
    with pytest.raises(Faults, match="a reason is needed"):
        equipped.again(number, reason=" ")
    equipped.again(number, reason="kẹt giấy", place="cho_a")
    prints(equipped, number)
    first, second = printer.codes()
    assert isinstance(state(equipped, first), Revoked)
    assert isinstance(made := state(equipped, second), Invitation) and made.generation == 1
    # The office's second slips are published, and mark its channel
    (office,) = conduct(equipped.store, equipped.keyring, equipped.wave)
    assert (office.again, office.handed, office.printed_again.value) == (1, 1, 1.0)
    assert "over 5% printed again" in office.marks
    assert office.document()["share_again"] == 1.0
    # A reason and no number is in the log, and no day is anywhere
    (entry,) = equipped.logged("counter slip asked for again")
    assert "kẹt giấy" in entry and number not in entry and str(made.serial) not in entry
    days = equipped.store.connection.execute("SELECT count(live_since) + count(declared_on) FROM counter_dossier")
    assert days.fetchone()[0] == 0
    # A third one is the coordinator's
    with pytest.raises(NotAgain, match="ask the coordinator"):
        equipped.again(number, reason="kẹt nữa")
    equipped.again(number, reason="kẹt nữa", freely=True)


@pytest.mark.parametrize("before", [True, False])
def test_a_code_that_was_opened_is_never_taken_from_its_holder(
    equipped: Counter, printer: FakePrinter, before: bool
):  # fmt: skip
    number = equipped.first(selected=True)
    equipped.asks(number)
    prints(equipped, number)
    (code,) = printer.codes()
    opened = state(equipped, code)
    assert isinstance(opened, Invitation)
    if not before:
        equipped.again(number, reason="kẹt giấy", freely=True)
    invitations.start(equipped.store, equipped.clock, equipped.wave, opened)
    with pytest.raises(NotAgain, match="or its code was opened"):
        equipped.again(number, reason="kẹt giấy", freely=True) if before else prints(equipped, number)
    found = state(equipped, code)
    assert isinstance(found, Invitation) and found.state is State.STARTED


def test_numbers_and_codes_that_are_taken_are_not_given_twice(counter: Counter, monkeypatch: pytest.MonkeyPatch):
    first, second = [f"HS-{n}" for n in range(1, 60) if counter.selects(f"HS-{n}")][:2]
    numbers = iter([1_000_001, 1_000_001, 1_000_002])
    monkeypatch.setattr("secrets.choice", lambda _: next(numbers))
    for number in (first, second):
        counter.asks(number)
    made = [counter.hands(number) for number in (first, second)]
    assert [handed.row.serial for handed in made] == [1_000_001, 1_000_002]
    # A code that another invitation has by chance is passed over
    derived = handing.codes.derive
    clash = made[0].row.code.replace("-", "")
    monkeypatch.setattr(
        handing.codes, "derive", lambda key, serial, n: clash if (serial, n) == (7, 0) else derived(key, serial, n)
    )
    with counter.store.read() as tx:
        keys = counter.keyring.wave_keys("quay")
        assert handing._fresh(tx, keys, 7, 0)[0] == 1
    handing.not_printed(
        counter.store, counter.keyring, counter.clock, counter.wave, "KHONG-CO", who="x", reason="x"
    )  # fmt: skip


def test_a_command_that_is_missing_slow_or_broken_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(NotPrinted, match="“no-such-program” is not on this machine"):
        printers.send(Printer("a", "", ("no-such-program",)), b"")
    monkeypatch.setattr(printers, "PATIENCE", 0.05)
    with pytest.raises(NotPrinted, match="did not end within"):
        printers.send(Printer("a", "", ("sleep", "5")), b"")
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o700)
    with pytest.raises(NotPrinted, match="cannot be run"):
        printers.send(Printer("a", "", (str(broken),)), b"")


def told(text: str) -> tuple[tuple[Printer, ...], list[str]]:
    import tomllib

    faults: list[Fault] = []
    return printers.read(tomllib.loads(text), "phieu.toml", faults), [each.message for each in faults]


def test_printers_are_read_from_the_file():
    found, faults = told(
        'printer.cho_a = "lp -d a -"\nprinter.trung_tam = { quay_1 = "lp -d q1", quay_2 = "lp -d q2" }'
    )
    assert faults == []
    assert found == (
        Printer("cho_a", "", ("lp", "-d", "a", "-")),
        Printer("trung_tam", "quay_1", ("lp", "-d", "q1")),
        Printer("trung_tam", "quay_2", ("lp", "-d", "q2")),
    )
    assert printers.chosen(found, "trung_tam", "quay_2").name == "quay_2"
    assert printers.chosen(found, "trung_tam").name == "quay_1"
    assert len(printers.of_place(found, "trung_tam")) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('printer = "lp"', "“counter.printer” must be a table: a place and its command"),
        ("printer.a = 3", '“counter.printer.a” must be a command such as "lp -d quay_1 -"'),
        ('printer.a = { b = "lp \'x" }', '“counter.printer.a.b” must be a command such as "lp -d quay_1 -"'),
        ('printer.a = " "', '“counter.printer.a” must be a command such as "lp -d quay_1 -"'),
        ('paper = "A6"', "unknown key “counter.paper”"),
    ],
)
def test_what_is_wrong_with_a_printer_is_said(text: str, said: str):
    assert told(text)[1] == [said]


def test_the_commands_print_open_a_tablet_and_print_again(
    equipped: Counter, printer: FakePrinter, monkeypatch: pytest.MonkeyPatch
):  # fmt: skip
    from survey import kiosks

    monkeypatch.setattr("survey.clock.now", equipped.clock)
    token = kiosks.make_link(equipped.store, equipped.clock, [equipped.wave.spec], "cho_a", "", who="x")
    kiosks.bind(equipped.store, equipped.clock, "cho_a", token)
    first, second = [f"HS-{n}" for n in range(1, 60) if equipped.selects(f"HS-{n}")][:2]
    ask = ("counter", "ask", "--wave", "quay", "--place", "cho_a")
    with pytest.raises(Faults, match="choose one of"):
        equipped.run(*ask, "--print", "--kiosk", "1", first)
    said = equipped.run(*ask, "--print", first)
    (code,) = printer.codes()
    assert "Its slip is printed" in said and code not in said.replace("-", "")
    assert "Kiosk 1 opens it now" in equipped.run(*ask, "--kiosk", "1", second)
    again = equipped.run("counter", "again", "--wave", "quay", "--reason", "kẹt giấy", first)
    assert "once more within 15 minutes" in again
    equipped.run(*ask, "--print", first)
    assert len(printer.codes()) == 2


def test_the_doctor_finds_counters_from_which_no_slip_can_leave(equipped: Counter, printer: FakePrinter):
    def found(counter: Counter) -> dict[str, str]:
        return {each.what: each.fault for each in health.examine(counter.settings)}

    assert found(equipped)["counters of quay"] == found(equipped)["printers of counters"] == ""
    equipped.lists(dossier("B-1", "so_b"))
    assert "neither printer nor tablet at trung_tam" in found(equipped)["counters of quay"]
    token = kiosks.make_link(equipped.store, equipped.clock, [equipped.wave.spec], "trung_tam", "", who="x")
    kiosks.bind(equipped.store, equipped.clock, "trung_tam", token)
    assert found(equipped)["counters of quay"] == ""
    gone = replace(equipped, settings=replace(equipped.settings, printers=(Printer("cho_a", "", ("no-lp",)),)))
    assert found(gone)["printers of counters"] == "commands that are not on this machine: no-lp"
    closing.close(equipped.store, equipped.drafts, equipped.clock, equipped.wave, who="x")
    assert "counters of quay" not in found(equipped)
