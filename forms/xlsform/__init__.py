"""XLSForm in and out: the tables in which ODK, Kobo and others describe a questionnaire.

``read`` takes what our questionnaires can say and lists the rest row by row; ``write`` makes what pyxform accepts.
Columns of ours, which other tools ignore, carry what XLSForm has no place for: ``phieu_each``, ``phieu_factor``,
``phieu_na``, ``phieu_type``, ``phieu_value``; in the settings ``phieu_minutes``, ``phieu_layout``,
``phieu_screen_out``, ``phieu_title_<language>``; a sheet ``phieu_factors``.
"""

from forms.xlsform.notes import Kind, Note
from forms.xlsform.reading import Imported, read
from forms.xlsform.writing import Exported, write

__all__ = ["Exported", "Imported", "Kind", "Note", "read", "write"]
