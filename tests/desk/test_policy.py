"""Every page of the desk × every role × every unit and place: who is let in is what the table says."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from survey.accounts.roles import Role
from survey.desk import policy
from survey.desk.policy import ANSWERS, CONTACTS, PAGES, RIGHTS, Right
from tests.desk.addresses import address
from tests.desk.desk import Desk
from tests.desk.staff import PLACE, UNIT, Staff

UNITS = ("so_tu_phap", "so_y_te", "so_tai_chinh")
PLACES = ("trung_tam", "elsewhere")
REFUSED = 403


def rules(app: Any) -> list[Any]:
    """The desk's addresses."""
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("desk.")]


def test_every_page_is_in_the_table_and_the_table_names_pages_alone(team: Staff) -> None:
    pages = {rule.endpoint.removeprefix("desk.") for rule in rules(team.app)}
    assert pages - set(PAGES) == set(), "pages without a right: nobody can open them"
    assert set(PAGES) - pages == set(), "rights of pages that are not there"


def test_contacts_and_answers_meet_in_no_role() -> None:
    for role, rights in RIGHTS.items():
        assert not (rights & CONTACTS and rights & ANSWERS), role
    assert not any(rights & {Right.ANYONE, Right.SIGNED_IN} for rights in RIGHTS.values())


def test_codes_are_handed_out_by_dispatchers_alone() -> None:
    assert [role for role, rights in RIGHTS.items() if rights & {Right.CODES, Right.SLIPS}] == [Role.DISPATCHER]


def test_every_right_is_somebodys_and_every_role_has_one() -> None:
    assert set(Right) - {Right.ANYONE, Right.SIGNED_IN} == set().union(*RIGHTS.values())
    assert set(RIGHTS) == set(Role) and all(RIGHTS.values())


@pytest.mark.parametrize("role", Role)
def test_each_page_lets_in_whom_the_table_says(team: Staff, role: Role) -> None:
    desk, account = team.as_(role), accounts_of(team)[role]
    for rule in rules(team.app):
        endpoint = rule.endpoint.removeprefix("desk.")
        if endpoint in ("sign_out", "account_everywhere"):  # these would end the walk
            continue
        for unit, place in product(UNITS if "unit" in rule.arguments else (None,),
                                   PLACES if "place" in rule.arguments else (None,)):  # fmt: skip
            path = address(rule, unit, place)
            expected = policy.may(account, PAGES[endpoint], place, unit)
            for method in rule.methods & {"GET", "POST"}:
                seen = _ask(desk, method, path)
                assert (seen != REFUSED) == expected, (role, method, path, seen)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_signed_in_sees_nothing_of_it(team: Staff, method: str) -> None:
    stranger = Desk(team.app)
    for rule in rules(team.app):
        endpoint = rule.endpoint.removeprefix("desk.")
        if PAGES[endpoint] is Right.ANYONE or method not in rule.methods:
            continue
        path = address(rule, UNIT, PLACE)
        if method == "GET":
            assert stranger.get(path, 303).location.startswith("/desk/sign-in"), path
        else:
            answer = stranger.client.post(path, data={"typed": "không mất"})
            assert answer.status_code == 401 and "không mất" in answer.text, path


def test_a_page_that_is_in_no_table_is_refused() -> None:
    account = policy.Account(1, "a", "A", "x", Role.ADMINISTRATOR)
    assert not policy.may(account, policy.right_of("desk.forgotten"))


def _ask(desk: Desk, method: str, path: str) -> int:
    """The status; a POST carries a good token and nothing else, which no view may take for a deed."""
    call = desk.client.get if method == "GET" else desk.client.post
    return call(path, **({} if method == "GET" else {"data": {"csrf_token": desk.token()}})).status_code


def accounts_of(team: Staff) -> dict[Role, policy.Account]:
    from survey.accounts import accounts

    return {one.role: one for one in accounts.everybody(team.app.store) if one.name == one.role.value}
