"""What a response table says is taken as it stands, or it is named: nothing is guessed, dropped or cut in silence."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from analysis.dataset import open_dataset
from analysis.item_figures import figures
from survey.cli import phieu

ASKED = """
id = "asked"
version = 1
minutes = 2
title.vi = "Phiếu"
[[section]]
id = "one"
title.vi = "Phần"
[[section.item]]
id = "how"
type = "multiple"
text.vi = "Nộp bằng cách nào?"
choices = [
  { id = "desk", vi = "Trực tiếp, tại bộ phận một cửa" }, { id = "online", vi = "Trực tuyến" },
  { id = "post", vi = "Bưu chính" },
]
[[section.item]]
id = "visits"
type = "number"
min = 0
max = 20
text.vi = "Mấy lần?"
[[section.item]]
id = "change"
type = "number"
text.vi = "Thêm bớt?"
[[section.item]]
id = "more"
type = "text"
text.vi = "Góp ý"
"""
HEADING = "Cơ quan,Nộp bằng cách nào?,Mấy lần?,Thêm bớt?,Góp ý"
HOW = ('"Trực tiếp, tại bộ phận một cửa"', '"Trực tiếp, tại bộ phận một cửa, Bưu chính"', "Trực tuyến")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(phieu, ["import-responses", *map(str, arguments)])


def table(folder: Path, *more: str) -> Path:
    """Twelve rows, and ``more``, which stand from row 14 on."""
    (folder / "asked.toml").write_text(ASKED, "utf-8")
    rows = [f"Sở A,{HOW[at % 3]},{at % 4},{at},tốt" for at in range(12)]
    file = folder / "t.csv"
    file.write_bytes("\n".join([HEADING, *rows, *more]).encode("utf-8-sig"))
    return file


def template(file: Path) -> str:
    done = run(file, "--template", file.parent / "asked.toml", "--unit-column", "Cơ quan")
    assert done.exit_code == 0, done.exception
    return done.stdout


def mapping(file: Path, **values: str) -> Path:
    """The suggestion filled in; ``values``: item → lines on what its words mean."""
    text = template(file).replace('title.vi = "…"', 'title.vi = "Đợt"')
    text = text.replace('opens = "…"', "opens = 2025-11-01").replace('closes = "…"', "closes = 2025-11-30")
    for item, lines in values.items():
        head = f'item = "{item}"\n'
        table = "" if f"{head}separator" in text else "[column.values]\n"
        place = text.index("[column.values]\n", text.index(head)) + 16 if not table else text.index(head) + len(head)
        text = f"{text[:place]}{table}{lines}\n{text[place:]}"
    made = file.with_name("map.toml")
    made.write_text(text, "utf-8")
    return made


def test_a_choice_with_a_comma_is_that_choice(tmp_path: Path) -> None:
    file = table(tmp_path)
    assert '"Trực tiếp, tại bộ phận một cửa" = "desk"' in template(file)
    done = run(file, "--mapping", mapping(file), "-o", tmp_path / "d")
    assert done.exit_code == 0, done.exception
    rows = open_dataset(tmp_path / "d").table(["how__desk", "how__online", "how__post"]).to_pylist()
    assert [sum(row[name] for row in rows) for name in rows[0]] == [8, 4, 4]


@pytest.mark.parametrize("sign", ["; ", "|", ",", " "])
def test_the_sign_is_the_one_that_leaves_fewest_words_unknown(tmp_path: Path, sign: str) -> None:
    file = table(tmp_path)
    file.write_text("\n".join(["Nộp bằng cách nào?", *(f'"Bưu chính{sign}Trực tuyến"' for _ in range(6))]), "utf-8")
    done = run(file, "--template", tmp_path / "asked.toml")
    assert f'separator = "{sign}"' in done.stdout and "# a choice" not in done.stdout


def test_a_suggestion_left_as_it_is_is_refused_line_by_line(tmp_path: Path) -> None:
    file = table(tmp_path, "Sở A,nhờ người nhà,1,1,")
    (tmp_path / "map.toml").write_text(template(file), "utf-8")
    done = run(file, "--mapping", tmp_path / "map.toml", "--dry-run")
    said = str(done.exception)
    for key in ("title.vi", "opens", "closes", "nhờ người nhà"):
        assert f"“{key}” is not filled in" in said
    assert [line.rpartition(":")[0] for line in said.splitlines()] and "map.toml:3:" in said


def test_words_that_are_said_to_mean_nothing_are_counted_and_choose_nothing(tmp_path: Path) -> None:
    file = table(tmp_path, "Sở A,nhờ người nhà,1,1,", 'Sở A,"nhờ người nhà, Bưu chính",1,1,', "Sở A,chịu,1,1,")
    made = mapping(file)
    text = made.read_text("utf-8").replace('"nhờ người nhà" = "…"', '"nhờ người nhà" = ""')
    made.write_text(text.replace('"chịu" = "…"', '"chịu" = "na"'), "utf-8")
    done = run(file, "--mapping", made, "-o", tmp_path / "d")
    assert done.exit_code == 0, done.exception
    assert "“nhờ người nhà” is taken as no answer, as the mapping says (2 rows: 14, 15)" in done.stderr
    assert "“chịu” is taken as “na”, as the mapping says (1 row: 16)" in done.stderr
    desk = open_dataset(tmp_path / "d").table(["how__desk", "how__post"]).to_pylist()
    assert sum(row["how__desk"] is None for row in desk) == 1  # nothing is said, which is not "not by the desk"
    assert sum(row["how__desk"] == -1 for row in desk) == 1 and sum(row["how__post"] == 1 for row in desk) == 5


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("99,1", "99 is more than 20, the most that “visits” takes"),
        ("-4,1", "-4 is less than 0, the least that “visits” takes"),
        ("2.5,1", "“2.5” is no whole number"),
        ("1,ba", "“ba” is no whole number"),
    ],
)
def test_a_number_keeps_the_limits_of_the_respondent_s_form(tmp_path: Path, cell: str, said: str) -> None:
    file = table(tmp_path, f"Sở A,,{cell},", f"Sở A,,{cell},", f"Sở A,,{cell},")
    done = run(file, "--mapping", mapping(file), "-o", tmp_path / "d")
    assert f"t.csv:14, column “{'Thêm bớt?' if 'ba' in said else 'Mấy lần?'}”: {said}" in str(done.exception)
    assert "(so in 2 more rows)" in str(done.exception) and str(done.exception).count("\n") == 0
    assert not (tmp_path / "d").exists()


def test_a_number_is_no_answer_only_where_the_mapping_says_so(tmp_path: Path) -> None:
    file = table(tmp_path, "Sở A,,99,-1,", "Sở A,,20,-2,", "Sở A,,20,-9,")
    made = mapping(file, visits='"99" = ""', change='"-9" = "declined"')
    done = run(file, "--mapping", made, "-o", tmp_path / "d")
    assert done.exit_code == 0, done.exception
    dataset = open_dataset(tmp_path / "d")
    rows = dataset.table(["visits", "change"]).to_pylist()
    assert {"visits": None, "change": -1} in rows and {"visits": 20, "change": -2} in rows
    assert "“99” is taken as no answer" in done.stderr and "“-9” is taken as “declined”" in done.stderr
    change = next(each for each in figures(dataset) if each.item == "change")
    assert (change.n, change.value) == (14, (sum(range(12)) - 3) / 14)  # a number below 0 is counted as what it is


def test_what_is_cut_or_taken_out_of_a_text_is_named(tmp_path: Path) -> None:
    family = "👨‍👩‍👧"
    file = table(tmp_path, f"Sở A,,1,1,{'a' * 998}{family}", "Sở A,,1,1,b\0c", "Sở A,,1,1,d\te")
    done = run(file, "--mapping", mapping(file), "-o", tmp_path / "d")
    assert done.exit_code == 0, done.exception
    assert "column “Góp ý”: longer than 1,000 characters, the rest was cut off (1 row: 14)" in done.stderr
    assert "were taken out (1 row: 15)" in done.stderr
    texts = set(pq.read_table(tmp_path / "d" / "comments.parquet")["text"].to_pylist())
    assert {"a" * 998, "bc", "d e"} < texts


def test_a_column_for_each_choice_tells_no_answer_from_not_chosen(tmp_path: Path) -> None:
    table(tmp_path)
    lines = ["u,how[desk],how[post]", *(f"x,{said}" for said in ("Y,N", "không rõ,không rõ", "hỏng,hỏng", "hỏng,Y"))]
    (tmp_path / "t.csv").write_text("\n".join(lines), "utf-8")
    made = mapping(tmp_path / "t.csv")
    text = made.read_text("utf-8").replace('unit_column = "Cơ quan"', "").replace('name.vi = "…"', 'name.vi = "Nơi"')
    for choice in ("desk", "post"):
        values = f'choice = "{choice}"\n[column.values]\n"không rõ" = "na"\n"hỏng" = ""'
        text = text.replace(f'choice = "{choice}"', values)
    made.write_text(text, "utf-8")
    done = run(tmp_path / "t.csv", "--mapping", made, "-o", tmp_path / "d")
    assert done.exit_code == 0, done.exception
    rows = open_dataset(tmp_path / "d").table(["how__desk", "how__post"]).to_pylist()
    found = sorted((row["how__desk"], row["how__post"]) for row in rows)
    assert found == [(-1, -1), (0, 1), (1, 0)]  # the third said nothing at all, and is no row


def test_an_office_is_suggested_once_however_it_is_written(tmp_path: Path) -> None:
    names = ["Sở Nội vụ", "Sở Nội vụ", "sở nội vụ", "So Noi Vu", "Xã Ea Kar", "Huyện Ea Kar", "Ea Kar"]
    file = table(tmp_path, *(f"{name},,1,1," for name in names))
    text = template(file)
    assert text.count("[[unit]]") == 4
    assert 'name.vi = "Sở Nội vụ"\nkind = "department"\nsaid = ["sở nội vụ", "So Noi Vu"]' in text
    assert '# "Ea Kar" may mean "Huyện Ea Kar" or "Xã Ea Kar"' in text
    done = run(file, "--mapping", mapping(file), "--dry-run")
    assert str(done.exception).count("\n") == 0 and "t.csv:20, column “Cơ quan”: “Ea Kar” may mean" in str(
        done.exception
    )


def test_titles_and_columns_that_are_called_alike_do_no_harm(tmp_path: Path) -> None:
    file = table(tmp_path)
    lines = file.read_text("utf-8-sig").splitlines()
    titled = [",Khảo sát năm 2025,,,,,", *(f"{line},{line.split(',')[0]}," for line in lines)]
    titled[1] = f"{HEADING},Góp ý,"
    file.write_text("\n".join(titled), "utf-8-sig")
    made = mapping(file)  # what is called alike is no item's for sure
    done = run(file, "--mapping", made, "--dry-run")
    assert done.exit_code == 0, done.exception
    assert "left out: column “Góp ý (1)”" in done.stderr and "(column" not in done.stderr
    made.write_text(f'{made.read_text("utf-8")}\n[[column]]\nheading = "Góp ý"\nitem = "more"\n', "utf-8")
    said = str(run(file, "--mapping", made, "--dry-run").exception)
    assert "more than one column has this heading: say which, “Góp ý (1)” or “Góp ý (2)”" in said
    made.write_text(made.read_text("utf-8").replace('"Góp ý"\nitem', '"Góp ý (2)"\nitem'), "utf-8")
    assert run(file, "--mapping", made, "--dry-run").exit_code == 0


def test_faults_of_the_mapping_and_of_the_table_are_said_at_once(tmp_path: Path) -> None:
    file = table(tmp_path)
    (tmp_path / "map.toml").write_text(template(file), "utf-8")
    file.write_bytes(b"\x00\x01\x02" * 9)
    said = str(run(file, "--mapping", tmp_path / "map.toml", "--dry-run").exception)
    assert "“title.vi” is not filled in" in said and "t.csv: is a binary file" in said
