"""The tables of an .lss file as rows of text. No entity is expanded: a document type refuses the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from forms.faults import Fault, Faults

LARGEST = 10 << 20  # bytes
DEEPEST = 8  # document, table, rows, row, field, and some to spare
MOST_ROWS = 50_000

Row = Mapping[str, str]


@dataclass(slots=True)
class _Reading:
    """Where the parser stands: names of open elements, and the row and text in the making."""

    file: str
    path: list[str] = field(default_factory=list)
    tables: dict[str, list[Row]] = field(default_factory=dict)
    row: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    rows: int = 0
    type: str = ""

    def begin(self, name: str, _attributes: object) -> None:
        self.path.append(name)
        if len(self.path) > DEEPEST:
            raise Faults([Fault("nests its elements too deeply for a survey", self.file)])
        self.said = []
        if len(self.path) == 4 and name == "row":
            self.row = {}

    def text(self, part: str) -> None:
        self.said.append(part)

    def end(self, name: str) -> None:
        depth = len(self.path)
        if depth == 2 and name == "LimeSurveyDocType":
            self.type = "".join(self.said).strip()
        elif depth == 5 and self.path[3] == "row":
            self.row[name] = "".join(self.said)
        elif depth == 4 and name == "row" and self.path[2] == "rows":
            self.rows += 1
            if self.rows > MOST_ROWS:
                raise Faults([Fault(f"has more than {MOST_ROWS} rows, which no survey has", self.file)])
            self.tables.setdefault(self.path[1], []).append(self.row)
        self.path.pop()
        self.said = []


def tables(content: bytes, file: str) -> dict[str, list[Row]]:
    """Rows by table. Raises Faults: not XML, a document type, another kind of LimeSurvey file, too large."""
    if len(content) > LARGEST:
        raise Faults([Fault(f"is larger than {LARGEST >> 20} MiB, which no questionnaire is", file)])
    reading = _Reading(file)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reading.begin, reading.end
    parser.CharacterDataHandler = reading.text

    def refuse(*_told: object) -> None:
        raise Faults([Fault("has a document type in its XML, which may hide anything: it is not read", file)])

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except Faults:
        raise
    except (expat.ExpatError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", None)
        raise Faults([Fault("is not whole XML: export the survey from LimeSurvey again (.lss)", file, line)]) from error
    if reading.type != "Survey":
        raise Faults([Fault("is not the structure of a LimeSurvey survey (.lss)", file)])
    return reading.tables
