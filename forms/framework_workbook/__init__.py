"""A framework as a workbook, since that is where offices keep them: out, and back in with every fault by its row."""

from forms.framework_workbook.layout import COLUMNS, SUFFIXES
from forms.framework_workbook.reading import read
from forms.framework_workbook.writing import write

__all__ = ["COLUMNS", "SUFFIXES", "read", "write"]
