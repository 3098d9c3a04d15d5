"""What a member of staff is; ``survey.desk.policy`` says what each may do."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A person has one role: two of them together could put contacts beside answers."""

    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    DISPATCHER = "dispatcher"
    CLERK = "clerk"
    KEYER = "keyer"
    ANALYST = "analyst"
    VIEWER = "viewer"
