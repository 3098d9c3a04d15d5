"""What the setup can meet is said in Vietnamese: every sentence of the code that makes faults of plans and lists."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from forms.faults import Fault
from survey import audit, corrections, said

ROOT = Path(__file__).parents[2]
# What a page of the desk can call; the statistics and the machinery of the command line are not among them.
REACHED = (
    "forms/*.py", "forms/limesurvey/*.py", "forms/xlsform/*.py", "survey/accounts/*.py", "survey/approvals/*.py",
    "survey/counter/*.py", "survey/delivery/*.py", "survey/fieldwork/*.py", "survey/frames/*.py",
    "survey/keying/*.py", "survey/plan/*.py", "survey/sample/*.py", "survey/setup/*.py", "survey/closing.py",
    "survey/codebook.py", "survey/control.py", "survey/exports.py", "survey/invitations.py", "survey/issuing.py",
    "survey/jobs.py", "survey/keys.py", "survey/kiosks.py", "survey/links.py", "survey/replanning.py",
    "survey/wave.py", "survey/placed_key.py", "survey/freeze/*.py", "survey/publishing/*.py",
    "survey/commands/analyse.py", "survey/commands/freeze.py",
)  # fmt: skip
MADE_IN = [file for pattern in REACHED for file in sorted(ROOT.glob(pattern))]
_MAKERS = {"Fault", "Faults", "Rated", "fault"}
# Said by nobody at the desk: texts of commands, keys rather than sentences, what only a file written by hand has, and a
# beginning whose ends are held below.
UNSAID = ("deviation", "successor", "valid_from", "`phieu ", "write COLUMN=FIELD", "a box answers",
          ") is missing; ")  # fmt: skip


def given(name: str, scope: ast.AST) -> list[ast.expr]:
    """What a function gives a name."""
    assigned = [one for one in ast.walk(scope) if isinstance(one, ast.Assign)]
    return [one.value for one in assigned if any(getattr(target, "id", "") == name for target in one.targets)]


def sentences(node: ast.expr, scope: ast.AST) -> Iterator[list[str]]:
    """The pieces of a message around its gaps, of each branch; a name says what its function gives it."""
    match node:
        case ast.Name(id=name):
            for value in given(name, scope):
                yield from sentences(value, scope)
        case ast.Constant(value=str(text)):
            yield [text]
        case ast.JoinedStr(values=values):
            parts = [""]
            for value in values:
                if isinstance(value, ast.Constant):
                    parts[-1] += str(value.value)
                else:
                    parts.append("")
            yield parts
        case ast.IfExp(body=body, orelse=other):
            yield from itertools.chain(sentences(body, scope), sentences(other, scope))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            for one, two in itertools.product(sentences(left, scope), sentences(right, scope)):
                yield [*one[:-1], one[-1] + two[0], *two[1:]]


def messages() -> Iterator[str]:
    trees = (ast.parse(file.read_text("utf-8")) for file in MADE_IN)
    for scope in (each for tree in trees for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)):
        for node in ast.walk(scope):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name not in _MAKERS:
                continue
            for argument in node.args[1:2] if name == "fault" else node.args[:1]:
                for parts in sentences(argument, scope):
                    text = "7".join(parts)
                    if " " in text.replace("7", "").strip() and not any(each in text for each in UNSAID):
                        yield text


@pytest.mark.parametrize("message", sorted(set(messages())))
def test_what_the_desk_can_meet_is_said_in_vietnamese(message: str) -> None:
    assert said.vietnamese(message) != message


def test_a_fault_is_said_with_its_place() -> None:
    fault = Fault("“31/2” is a date that does not exist", "ds.csv", 7, "Ngày trả")

    assert said.fault(fault, "vi") == "ds.csv, dòng 7, cột “Ngày trả”: “31/2” không phải ngày có thật"
    assert said.fault(fault, "en") == str(fault)
    assert said.fault(Fault("“opens” is missing"), "vi") == "Thiếu ngày bắt đầu"
    assert said.fault(Fault("group dan: its list is empty; import one with `phieu frame import`"), "vi") == (
        "Nhóm dan: danh sách trống; hãy nhập danh sách"
    )


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("/i/private-key/w.pem: has mode 0644: a private key is taken with mode 0600 alone",
         "/i/private-key/w.pem: có quyền 0644: khóa riêng chỉ được nhận khi có quyền 0600"),
        ("bang.csv:3, column “plan”: “x” is not a number from 0 to 100",
         "bang.csv, dòng 3, cột “plan”: “x” không phải số từ 0 đến 100"),
        ("wave “w” was never opened: there is nothing to freeze",
         "Đợt “w” chưa từng mở nên không có gì để chốt"),
        ("nobody knows: this", "nobody knows: this"),
    ],
)  # fmt: skip
def test_a_line_that_a_job_printed_is_said_with_its_place(printed: str, told: str) -> None:
    assert said.line(printed) == told


def test_what_is_not_known_stays() -> None:
    assert said.vietnamese("something new {}") == "something new {}"


def test_every_sentence_is_found_by_its_own_pattern_first() -> None:
    """A wide pattern above a narrow one would swallow it."""
    for known, told in said.pairs():
        gaps = known.count("{}")
        sample = known.replace("{}", "7")
        wanted = told.format(*(said._Part("7") for _ in range(gaps)))
        assert said.vietnamese(sample) == wanted, known


def test_no_sentence_has_two_translations() -> None:
    known = [english for english, _ in said.pairs()]
    assert len(known) == len(set(known)), sorted(each for each in known if known.count(each) > 1)


@pytest.mark.parametrize(
    ("english", "vietnamese"),
    [
        ("the column “Tuổi” (age) is missing; if it has another heading, say --map HEADING=age",
         "thiếu cột “Tuổi”; nếu cột mang tên khác thì chọn ở phần “Ghép cột”"),
        ("wave “nho” is draft: only an open wave can be closed",
         "đợt “nho” đang chuẩn bị; chỉ đóng được đợt đang thu phiếu"),
        ("“{tên}” is no field; known: {link}", "“{tên}” không phải trường có sẵn; các trường: {link}"),
    ],
)  # fmt: skip
def test_what_stood_in_a_sentence_stands_in_the_other(english: str, vietnamese: str) -> None:
    assert said.vietnamese(english) == vietnamese


def deeds() -> set[str]:
    """Every action that code writes into the log by name."""
    found: set[str] = {audit.FROZEN, corrections.CORRECTED}
    for file in sorted((ROOT / "survey").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.append" and len(node.args) > 3:
                found |= {parts[0] for parts in sentences(node.args[3], node)}
    return found


def test_every_deed_of_the_log_has_vietnamese_words() -> None:
    known = dict(said.pairs("log.vi.txt"))
    assert len(deeds()) > 60
    assert deeds() - set(known) == set()
    assert said.deed("wave closed", "vi") == "đóng đợt điều tra" and said.deed("wave closed", "en") == "wave closed"
    assert said.deed("something new", "vi") == "something new"


def test_how_far_a_job_is_has_vietnamese_words() -> None:
    known, found = dict(said.pairs("log.vi.txt")), set()
    for pattern in ("survey/freeze/*.py", "survey/backup/*.py", "survey/commands/*.py", "analysis/report/*.py"):
        for file in ROOT.glob(pattern):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and len(node.args) == 3 and isinstance(node.args[2], ast.Constant):
                    if ast.unparse(node.func) in ("told", "heard", "jobs.tell"):
                        found.add(node.args[2].value)
    assert len(found) > 8
    assert found - set(known) == set()
