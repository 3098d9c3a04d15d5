"""Who may do what at the desk: rights, the rights of each role, and the right that each page asks for.

A page that is not in ``PAGES`` is refused to everybody. Contacts and answers never meet in one role, nor codes and
answers; ``CONTACTS`` and ``ANSWERS`` say which rights show which, and a test holds that no role has one of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from survey.accounts.accounts import Account
from survey.accounts.roles import Role

__all__ = ["ANSWERS", "CONTACTS", "PAGES", "RIGHTS", "Right", "Role", "may", "right_of"]


class Right(StrEnum):
    """One kind of deed. ``ANYONE`` and ``SIGNED_IN`` are no rights but the absence of the need for one."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    # Running a wave
    BOARD = "board"  # counts of dispositions, never an answer
    SETUP = "setup"
    FRAMES = "frames"  # lists with contacts
    DRAW = "draw"
    ISSUE = "issue"  # invitations: issue, reissue, revoke, extend
    RESERVE = "reserve"
    CLOSE = "close"
    PROOF = "proof"
    # People who are asked
    FOLLOW_UP = "follow-up"  # contacts of those who have not finished
    CALLS = "control calls"
    PAYMENTS = "payments"
    CODES = "codes"  # exports of codes with contacts; slips
    SLIPS = "slips"
    # At the counter and on paper
    COUNTER = "counter"  # the own place
    KIOSK = "kiosk"
    PAPER = "paper"  # counting in, setting aside
    LATE = "late forms"
    KEYING = "keying"
    # What is asked, what came of it
    QUESTIONNAIRES = "questionnaires"
    FRAMEWORKS = "frameworks"
    RESULTS = "results"
    PUBLISH = "publish"
    UNIT = "unit"  # a viewer: the own unit, after publication
    # The house
    PEOPLE = "people"
    LOG = "log"
    APPROVALS = "approvals"
    JOBS = "jobs"


CONTACTS = frozenset({
    Right.FRAMES, Right.FOLLOW_UP, Right.CALLS, Right.PAYMENTS, Right.CODES, Right.SLIPS, Right.COUNTER
})  # fmt: skip
ANSWERS = frozenset({Right.KEYING, Right.RESULTS, Right.PUBLISH, Right.UNIT})

RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.ADMINISTRATOR: frozenset({Right.PEOPLE, Right.LOG, Right.JOBS, Right.KIOSK, Right.APPROVALS}),
    Role.COORDINATOR: frozenset({
        Right.BOARD, Right.SETUP, Right.FRAMES, Right.DRAW, Right.ISSUE, Right.RESERVE, Right.CLOSE, Right.PROOF,
        Right.FOLLOW_UP, Right.CALLS, Right.PAYMENTS, Right.KIOSK, Right.PAPER, Right.LATE, Right.QUESTIONNAIRES,
        Right.FRAMEWORKS, Right.LOG, Right.APPROVALS, Right.JOBS,
    }),
    Role.DISPATCHER: frozenset({
        Right.BOARD, Right.FOLLOW_UP, Right.CALLS, Right.CODES, Right.SLIPS, Right.PAPER, Right.APPROVALS, Right.JOBS,
    }),
    Role.CLERK: frozenset({Right.COUNTER}),
    Role.KEYER: frozenset({Right.KEYING}),
    Role.ANALYST: frozenset({
        Right.BOARD, Right.QUESTIONNAIRES, Right.FRAMEWORKS, Right.RESULTS, Right.PUBLISH, Right.UNIT, Right.APPROVALS,
        Right.JOBS,
    }),
    Role.VIEWER: frozenset({Right.UNIT}),
}  # fmt: skip

# Endpoint (without “desk.”) → right. GET and POST of one page ask for the same.
PAGES: Mapping[str, Right] = {
    "static": Right.ANYONE,
    "sign_in": Right.ANYONE,
    "sign_in_code": Right.ANYONE,
    "sign_out": Right.SIGNED_IN,
    "home": Right.SIGNED_IN,
    "elsewhere": Right.SIGNED_IN,
    "board": Right.BOARD,
    "board_csv": Right.BOARD,
    "board_xlsx": Right.BOARD,
    "definitions": Right.SIGNED_IN,
    "close": Right.CLOSE,
    "follow_up": Right.FOLLOW_UP,
    "follow_up_export": Right.FOLLOW_UP,
    "follow_up_person": Right.FOLLOW_UP,
    "follow_up_record": Right.FOLLOW_UP,
    "follow_up_reissue": Right.ISSUE,
    "follow_up_revoke": Right.ISSUE,
    "follow_up_messages": Right.FOLLOW_UP,
    "follow_up_send": Right.FOLLOW_UP,
    "follow_up_gateway": Right.CODES,
    "follow_up_reserve": Right.RESERVE,
    "follow_up_issue": Right.ISSUE,
    "follow_up_slips": Right.SLIPS,
    "proof": Right.PROOF,
    "proof_pdf": Right.PROOF,
    "payments": Right.PAYMENTS,
    "account": Right.SIGNED_IN,
    "account_password": Right.SIGNED_IN,
    "account_everywhere": Right.SIGNED_IN,
    "account_second_step": Right.SIGNED_IN,
    "account_second_step_on": Right.SIGNED_IN,
    "account_second_step_off": Right.SIGNED_IN,
    "log": Right.LOG,
    "log_export": Right.LOG,
    "approvals": Right.APPROVALS,
    "approvals_approve": Right.APPROVALS,
    "approvals_refuse": Right.APPROVALS,
    "approvals_withdraw": Right.APPROVALS,
    "jobs": Right.JOBS,
    "people": Right.PEOPLE,
    "people_new": Right.PEOPLE,
    "people_one": Right.PEOPLE,
    "people_disable": Right.PEOPLE,
    "people_enable": Right.PEOPLE,
    "people_reset": Right.PEOPLE,
    "setup_new": Right.SETUP,
    "setup": Right.SETUP,
    "setup_about": Right.SETUP,
    "setup_units": Right.SETUP,
    "setup_places": Right.SETUP,
    "setup_groups": Right.SETUP,
    "setup_group": Right.SETUP,
    "setup_fieldwork": Right.SETUP,
    "setup_plan": Right.SETUP,
    "setup_file": Right.SETUP,
    "setup_send": Right.SETUP,
    "setup_pilot": Right.SETUP,
    "setup_forget": Right.SETUP,
    "setup_lists": Right.FRAMES,
    "setup_list": Right.FRAMES,
    "setup_list_columns": Right.FRAMES,
    "setup_list_take": Right.FRAMES,
    "setup_list_trial": Right.FRAMES,
    "setup_template": Right.FRAMES,
    "setup_sample": Right.SETUP,
    "setup_sample_work_out": Right.SETUP,
    "setup_sample_try": Right.SETUP,
    "setup_draw": Right.DRAW,
    "setup_draw_record": Right.DRAW,
    "setup_draw_list": Right.DRAW,
    "setup_draw_again": Right.DRAW,
    "setup_open": Right.ISSUE,
    "setup_seal": Right.ISSUE,
    "slips": Right.SLIPS,
    # What is asked and how it is counted
    "questionnaires": Right.QUESTIONNAIRES,
    "questionnaires_one": Right.QUESTIONNAIRES,
    "questionnaires_file": Right.QUESTIONNAIRES,
    "questionnaires_compare": Right.QUESTIONNAIRES,
    "questionnaires_correct": Right.SETUP,
    "questionnaires_hotline": Right.SETUP,
    "frameworks": Right.FRAMEWORKS,
    "frameworks_file": Right.FRAMEWORKS,
    # What came of it
    "results": Right.RESULTS,
    "results_freeze": Right.RESULTS,
    "results_data": Right.RESULTS,
    "results_analyse": Right.RESULTS,
    "results_figures": Right.RESULTS,
    "results_all": Right.RESULTS,
    "results_quality": Right.RESULTS,
    "results_quality_file": Right.RESULTS,
    "results_comments": Right.RESULTS,
    "results_themes": Right.RESULTS,
    "results_release": Right.PUBLISH,
    "results_withhold": Right.PUBLISH,
    "results_new": Right.RESULTS,
    "results_report": Right.RESULTS,
    "results_file": Right.RESULTS,
    "results_submit": Right.PUBLISH,
    "results_approve": Right.PUBLISH,
    "results_publish": Right.PUBLISH,
    "results_withdraw": Right.PUBLISH,
    "unit": Right.UNIT,
    "unit_comments": Right.UNIT,
    # Counters and paper
    "counter": Right.COUNTER,
    "counter_ask": Right.COUNTER,
    "counter_print": Right.COUNTER,
    "counter_open": Right.COUNTER,
    "counter_again": Right.COUNTER,
    "counters": Right.DRAW,
    "counters_number": Right.DRAW,
    "counters_list": Right.FRAMES,
    "counters_again": Right.ISSUE,
    "counters_reconcile": Right.DRAW,
    "kiosks": Right.KIOSK,
    "kiosks_revoke": Right.KIOSK,
    "paper": Right.PAPER,
    "paper_batch": Right.PAPER,
    "paper_recount": Right.PAPER,
    "paper_aside": Right.PAPER,
    "paper_damaged": Right.PAPER,
    "paper_keyers": Right.PAPER,
    "handover": Right.PAPER,
    "handover_batch": Right.PAPER,
    "handover_back": Right.PAPER,
    "handover_record": Right.PAPER,
    "handover_cards": Right.PAPER,
    "paper_late": Right.LATE,
    "paper_finish": Right.LATE,
    "handover_forms": Right.SLIPS,
    "handover_assignment": Right.FOLLOW_UP,
    "visits": Right.FOLLOW_UP,
    "keying": Right.KEYING,
    "keying_begin": Right.KEYING,
    "keying_batch": Right.KEYING,
    "keying_scan": Right.KEYING,
    "keying_form": Right.KEYING,
    "keying_aside": Right.KEYING,
    "keying_end": Right.KEYING,
    "control": Right.CALLS,
    "control_list": Right.CALLS,
    "control_draw": Right.CALLS,
    "control_open": Right.CALLS,
    "control_calls": Right.CALLS,
    "control_call": Right.CALLS,
    "control_table": Right.CALLS,
    "counters_table": Right.DRAW,
    "handover_table": Right.PAPER,
    "paper_table": Right.PAPER,
}
# Pages of a wave that need not be registered yet: they find it themselves.
UNREGISTERED = frozenset(page for page in PAGES if page.startswith("setup"))
# Bytes that may be sent to a page, where it takes files.
LARGEST: Mapping[str, int] = {
    "counters_list": 20 << 20,
    "setup_list": 260 << 20,
    "setup_new": 5 << 20,
    "setup_send": 5 << 20,
    "setup_units": 5 << 20,
    "questionnaires": 11 << 20,
    "frameworks": 11 << 20,
    "results_new": 41 << 20,
}
UNTIL_CHANGED = frozenset({"sign_out", "account_password"})  # all that a one-time password opens


def right_of(endpoint: str) -> Right | None:
    """What a page asks for; None for a page that the table does not know."""
    return PAGES.get(endpoint.removeprefix("desk."))


def may(account: Account | None, right: Right | None, place: str | None = None, unit: str | None = None) -> bool:
    """Whether somebody has a right, at this place and about this unit where the page names one."""
    if right is None:
        return False
    if right is Right.ANYONE:
        return True
    if account is None:
        return False
    if right is Right.SIGNED_IN:
        return True
    own_place = not account.place or place in (None, account.place)
    own_unit = not account.unit or unit in (None, account.unit)
    return right in RIGHTS[account.role] and own_place and own_unit
