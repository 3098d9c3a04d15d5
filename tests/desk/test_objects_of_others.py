"""Whoever tries an object of another wave, office, counter or person learns and changes nothing.

Each page that names an object in its address or its form is tried with one that exists but is not to be had there, and
with one that exists nowhere: both answers must be the same to the letter, and no row may change. A new page has to say
here which objects it names.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from survey import audit, codes, kiosks, responses
from survey.accounts.roles import Role
from survey.api import tokens
from survey.api.tokens import Scope
from survey.delivery import handover
from survey.delivery.handover import Kind
from survey.desk import policy
from survey.keying import counting_in, keyers
from survey.publishing import register
from survey.publishing.register import Publication, Version
from tests.desk import staff
from tests.desk.addresses import SAMPLES
from tests.desk.desk import Desk
from tests.desk.staff import UNRATED, Staff
from tests.journeys import world as worlds

HERE, THERE = "demo", "hai"  # two waves; what is tried lies in the second
NOWHERE = "9" * 6
MANIFEST = '{"interim": false, "files": {}}'
DATASET = hashlib.sha256(MANIFEST.encode()).hexdigest()[:16]
PLACE_THERE, GROUP_THERE = "mot_cua", "nguoi_khac"
EDITS = (('id = "trung_tam"', f'id = "{PLACE_THERE}"'),)
ASKED = (
    (GROUP_THERE, "citizen", "dossier", ("so_tu_phap",)),
    ("lanh_dao", "official", "kind:department", ("so_y_te",)),
)
REASON = {"reason": "thử", "sure": "y", "destroyed": "y"}


@dataclass(frozen=True)
class Tried:
    """Parts of an address, or fields of a form, that name what lies elsewhere and what lies nowhere."""

    there: Mapping[str, str]
    nowhere: Mapping[str, str]
    role: str = Role.COORDINATOR
    fields: Mapping[str, str] = field(default_factory=dict)
    tells_log: bool = False  # an export of nothing is logged like another


def part(name: str, there: str, role: str = Role.COORDINATOR, nowhere: str = NOWHERE, **fields: str) -> Tried:
    return Tried({name: there}, {name: nowhere}, role, REASON | fields)


KEYER, ANALYST, DISPATCHER, VIEWER = Role.KEYER, Role.ANALYST, Role.DISPATCHER, Role.VIEWER
IN_ADDRESS: Mapping[str, Tried] = {
    **dict.fromkeys(("paper_batch", "paper_recount", "paper_aside", "paper_damaged"), part(
        "batch", "2", **{"recount-counted": "3", "recount-reason": "x", "aside-forms": "1", "aside-reason": "x",
                         "damaged-unreadable": "1", "damaged-reason": "x"})),
    **dict.fromkeys(("keying_batch", "keying_scan", "keying_form", "keying_aside", "keying_begin", "keying_end"),
                    part("batch", "2", KEYER)),
    **dict.fromkeys(("handover_batch", "handover_back", "handover_record", "handover_assignment"),
                    part("batch", "2", back="0")),
    "handover_forms": Tried({"batch": "2", "group": GROUP_THERE}, {"batch": NOWHERE, "group": "khong_co"}, DISPATCHER),
    "handover_cards": part("group", GROUP_THERE, nowhere="khong_co"),
    **dict.fromkeys(("follow_up_person", "follow_up_record", "follow_up_reissue", "follow_up_revoke"),
                    part("serial", "23", outcome="refused")),
    "control_call": part("serial", "23", outcome="missed"),
    **dict.fromkeys(
        ("results_data", "results_all", "results_analyse", "results_comments", "results_figures", "results_quality",
         "results_quality_file", "results_themes"), part("name", DATASET, ANALYST, "0" * 16)),
    **dict.fromkeys(("results_release", "results_withhold"), part("name", DATASET, ANALYST, "0" * 16, unit="so_y_te")),
    **dict.fromkeys(("results_report", "results_approve", "results_publish", "results_submit"),
                    part("number", "1", ANALYST)),
    "results_file": Tried({"number": "1", "name": "index.html"}, {"number": NOWHERE, "name": "index.html"}, ANALYST),
    "results_withdraw": part("name", "all", ANALYST, "khong_co"),
    **dict.fromkeys(("unit", "unit_comments"), part("unit", "so_y_te", VIEWER, "khong_co")),
    **dict.fromkeys(
        ("setup_group", "setup_list", "setup_list_columns", "setup_list_take", "setup_list_trial", "setup_template",
         "setup_draw_list", "setup_sample_try"), part("group", GROUP_THERE, nowhere="khong_co")),
}  # fmt: skip
IN_FORM: Mapping[str, tuple[Tried, ...]] = {
    "paper": (part("place", PLACE_THERE, nowhere="khong_co", number="3", arrived="2026-03-09"),),
    "paper_keyers": (part("account", Role.COORDINATOR, nowhere="khong_co"),),
    "handover": (
        part("serials", "23", kind="interviewer", holder="x"),
        part("place", PLACE_THERE, nowhere="khong_co", kind="interviewer", holder="x"),
        part("group", GROUP_THERE, nowhere="khong_co", kind="interviewer", holder="x"),
    ),
    "visits": (part("serial", "23", outcome="absent"),),
    "follow_up_slips": (replace(part("serials", "23", DISPATCHER), tells_log=True),),
    "follow_up_reserve": (part("group", GROUP_THERE, nowhere="khong_co", number="1"),),
    "results_new": (part("dataset", DATASET, ANALYST, "0" * 16),),
    "questionnaires_hotline": (part("wave", "khong_co", nowhere="cung_khong", hotline="1"),),
    "kiosks": (part("place", "cho_khac", nowhere="khong_co", label="x"),),
}
# Where something else than another wave's object is to be kept apart, and which test does it.
_COUNTER = "tests/survey/counter"
ELSEWHERE = {
    "counter_ask": f"{_COUNTER}/test_desk.py::test_only_numbers_on_the_list_count",
    "counter_print": f"{_COUNTER}/test_clerks_page.py::test_a_word_of_another_account_wave_or_purpose_opens_nothing",
    "counter_open": f"{_COUNTER}/test_clerks_page.py::test_a_tablet_of_another_place_cannot_be_chosen",
    "counter_again": f"{_COUNTER}/test_clerks_page.py::test_a_word_of_another_account_wave_or_purpose_opens_nothing",
    "counters_again": f"{_COUNTER}/test_coordinators_page.py::test_a_slip_beyond_the_counters_own_second_one",
    "counters_list": f"{_COUNTER}/test_desk.py::test_lists_are_for_groups_asked_at_counters_and_not_after_the_freeze",
    "approvals_approve": "tests/survey/approvals/test_approvals.py::test_who_may_not_approve",
    "approvals_refuse": "tests/survey/approvals/test_approvals.py::test_who_may_not_approve",
    "approvals_withdraw": "tests/desk/test_approvals_and_jobs.py::"
                          "test_refusing_takes_a_reason_and_withdrawing_is_ones_own",
    "sign_in": "tests/desk/test_hostile_staff.py::test_signing_in_leads_to_no_other_site",
    "questionnaires_correct": "tests/survey/test_corrections.py::test_",
}  # fmt: skip
# One for the whole instance, open to everybody with the right, or naming nothing but a kind of file.
SHARED = frozenset(
    "people_one people_new people_disable people_enable people_reset kiosks_revoke questionnaires_one "
    "questionnaires_compare questionnaires_file frameworks_file static elsewhere control_table counters_table "
    "handover_table paper_table questionnaires frameworks setup_new".split()
)
# A form that names no object beside the wave of its address and whoever is signed in.
NAMELESS = frozenset(
    "sign_out sign_in_code account_everywhere account_password account_second_step account_second_step_on "
    "account_second_step_off log_export close control_draw control_list control_open counters_number "
    "counters_reconcile follow_up_export follow_up_send follow_up_gateway follow_up_issue paper_finish paper_late "
    "payments results_freeze setup_about setup_draw setup_draw_again setup_fieldwork setup_forget setup_groups "
    "setup_open setup_pilot setup_places setup_plan setup_sample_work_out setup_send setup_units slips".split()
)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    made = staff.build(tmp_path_factory.mktemp("others"))
    app, clock, world = made.app, made.app.clock, made.world
    worlds.add_wave(world, THERE, {}, groups=ASKED, edits=EDITS, each=12)
    staff.hire(app, "other", Role.VIEWER, unit="so_y_te")
    for wave, batches in ((HERE, 1), (THERE, 2)):
        known = app.wave(wave)
        keyers.add(app.store, clock, known, "Nguyễn Thị Keyer (keyer)", UNRATED, who="test")
        serials = iter(range(1, 9))
        for _ in range(batches):
            counting_in.count_in(app.store, app.drafts, clock, known, place="", number=4, who="test")
            handover.make(app.store, clock, known, Kind.INTERVIEWER, "x", [next(serials)], who="test")
    _results_there(made, app.settings.instance)
    return made


def _results_there(made: Staff, instance: Path) -> None:
    """A dataset, a report and a publication of the other wave, as little of each as a page needs to find it."""
    home = instance / "datasets" / THERE / "1"
    home.mkdir(parents=True)
    (home / "manifest.json").write_text(MANIFEST, "utf-8")
    digest = hashlib.sha256((home / "manifest.json").read_bytes()).hexdigest()
    with made.app.store.write() as tx:
        detail = {"dataset": digest, "folder": str(home), "interim": False, "issued": 9}
        audit.append(tx, made.app.clock, "cli:test", audit.FROZEN, THERE, detail)
    report = instance / "reports" / THERE / "1"
    report.mkdir(parents=True)
    page = "<!doctype html><style></style>"
    (report / "index.html").write_text(page, "utf-8")
    pack = {
        "format": "phieu-pack/1", "title": "x", "kinds": ["department"], "interim": False, "pilot": False,
        "standing": {"state": "draft", "decision": None}, "sources": {"dataset": digest},
        "files": {"index.html": hashlib.sha256(page.encode()).hexdigest()},
    }  # fmt: skip
    (report / "pack.json").write_text(json.dumps(pack), "utf-8")
    version = Version(1, register.PUBLISHED, "1", "2026-03-09", "x", "2026-03-09T00:00:00+00:00", True, "x", "x", {},
                      "", "", digest)  # fmt: skip
    register.write(instance, THERE, (Publication("all", ("department",), (version,)),))


def rules(team: Staff) -> dict[str, Any]:
    """The desk's rules by endpoint and method."""
    return {
        f"{rule.endpoint.removeprefix('desk.')} {method}": rule
        for rule in team.app.url_map.iter_rules()
        if rule.endpoint.startswith("desk.")
        for method in (rule.methods or set()) & {"GET", "POST"}
    }


def test_every_page_says_which_objects_it_names(team: Staff) -> None:
    told = set(IN_ADDRESS) | set(IN_FORM) | set(ELSEWHERE) | SHARED | NAMELESS
    named = {key.split()[0] for key, rule in rules(team).items() if key.endswith("POST") or rule.arguments - {"wave"}}
    assert named - told == set(), "pages that name objects, or take forms, and are not tried here"
    assert told - set(policy.PAGES) == set(), "pages that are not there any more"
    for address in ELSEWHERE.values():
        file, _, test = address.partition("::")
        assert f"def {test}" in Path(file).read_text("utf-8"), address


@pytest.mark.parametrize("endpoint", IN_ADDRESS)
def test_an_object_of_elsewhere_is_as_if_it_were_nowhere(team: Staff, endpoint: str) -> None:
    tried = IN_ADDRESS[endpoint]
    for method in ("GET", "POST"):
        if (rule := rules(team).get(f"{endpoint} {method}")) is not None:
            fields = {**tried.fields} if method == "POST" else None
            _same_and_nothing_done(team, tried, lambda told, rule=rule: _address(rule.rule, told), fields)


@pytest.mark.parametrize(("endpoint", "tried"), [(name, each) for name, told in IN_FORM.items() for each in told])
def test_a_field_that_names_an_object_of_elsewhere_is_as_if_it_were_nowhere(
    team: Staff, endpoint: str, tried: Tried
) -> None:
    path = _address(rules(team)[f"{endpoint} POST"].rule, {})
    _same_and_nothing_done(team, tried, lambda told: path, {**tried.fields})


def test_what_is_tried_is_there_for_whoever_may_see_it(team: Staff) -> None:
    """Else the tests above would compare nothing with nothing."""
    for endpoint in ("paper_batch", "handover_batch", "follow_up_person", "results_data", "results_report",
                     "results_file", "results_withdraw", "setup_template", "handover_cards"):  # fmt: skip
        tried = IN_ADDRESS[endpoint]
        rule = rules(team)[f"{endpoint} GET"].rule
        desk = team.as_(tried.role)
        assert desk.client.get(_address(rule, {**tried.there, "wave": THERE})).status_code == 200, endpoint
    assert team.as_("other").client.get(f"/desk/w/{HERE}/unit/so_y_te").status_code == 200
    assert len(counting_in.status(team.app.store, team.app.drafts, THERE)) == 2


def _same_and_nothing_done(team: Staff, tried: Tried, path_of: Any, fields: dict[str, str] | None) -> None:
    def rows() -> dict[str, list[tuple[object, ...]]]:
        return {name: each for name, each in team.world.rows().items() if name != "audit" or not tried.tells_log}

    desk, before = team.as_(tried.role), rows()
    seen = []
    for told in (tried.there, tried.nowhere):
        sent = None if fields is None else {"csrf_token": desk.token(), **fields, **told}
        path = path_of(told)
        answer = desk.client.get(path) if sent is None else desk.client.post(path, data=sent)
        assert answer.status_code in (303, 403, 404, 422), (path, answer.status_code)
        seen.append((answer.status_code, _plain(answer, path, told)))
    assert seen[0][0] == seen[1][0] and not _differing(*(text for _, text in seen)), (
        "an object that exists elsewhere is answered otherwise than one that does not"
    )
    assert rows() == before


def _differing(one: str, other: str) -> list[str]:
    return [line for line in difflib.unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=0)]


def _plain(answer: Any, path: str, told: Mapping[str, str]) -> str:
    """An answer without what was asked for, and without what is new in each page."""
    text = (answer.headers.get("Location", "") + answer.text).replace(path, "·")
    for value in (each for each in told.values() if len(each) > 3):
        text = text.replace(value, "·")
    return re.sub(r'(?<=[?&]t=)[^"&]+|(?<=value=")[\w.-]{40,}(?=")|\b23\b', "·", text)


def _address(rule: str, told: Mapping[str, str]) -> str:
    known = SAMPLES | {"wave": HERE, "kind": "csv", "group": "nguoi_dan", "name": "all", "batch": 1} | dict(told)
    return re.sub(r"<(?:[^:>]*:)?([^>]+)>", lambda part: str(known.get(part[1], 1)), rule)


def test_a_batch_that_was_begun_opens_no_other_one(team: Staff) -> None:
    """Nor does what one keyer began, in the hands of another."""
    desk = team.as_(Role.KEYER)
    begun = desk.post(f"/desk/w/{HERE}/keying/1/begin", 303).location
    word = begun.partition("s=")[2]
    assert desk.get(begun).status == 200
    for path in (f"/desk/w/{HERE}/keying/2?s={word}", f"/desk/w/{THERE}/keying/1?s={word}"):
        assert desk.get(path, 303).location.endswith("/keying")
    staff.hire(team.app, "keyer.two", Role.KEYER)
    assert team.as_("keyer.two").get(begun, 303).location.endswith("/keying")


def test_what_is_sent_beside_the_form_makes_nobody_more(team: Staff) -> None:
    """Fields that a page does not have: a role, a place, an id, a password of others."""
    administrator, before = team.as_(Role.ADMINISTRATOR), _accounts(team)
    form = {"name": "new.one", "full_name": "A", "office": "B", "role": "keyer"}
    more = {"id": "1", "must_change": "0", "disabled": "0", "totp": "x", "password": staff.PASSWORD, "who": "desk:x"}
    administrator.post("/desk/people/new", 200, **form, **more)
    (added,) = [row for row in _accounts(team) if row["name"] == "new.one"]
    assert (added["role"], added["must_change"], added["totp"]) == ("keyer", 1, None) and added["id"] != 1
    assert [row for row in _accounts(team) if row["name"] != "new.one"] == before
    clerk = team.as_(Role.CLERK)
    others = [row for row in _accounts(team) if row["name"] != "clerk"]
    new = dict.fromkeys(("password", "again"), "một hai ba bốn năm")
    more = dict.fromkeys(("name", "account", "role"), "administrator")
    clerk.post("/desk/account/password", 422, old="x", id="1", **new, **more)
    assert [row for row in _accounts(team) if row["name"] != "clerk"] == others
    assert all(row["role"] == "clerk" for row in _accounts(team) if row["name"] == "clerk")


def _accounts(team: Staff) -> list[dict[str, Any]]:
    with team.app.store.read() as tx:
        rows = [dict(row) for row in tx.account_all()]
    return [{key: value for key, value in row.items() if not key.startswith("failed")} for row in rows]


PUBLIC = {
    "citizen": "tests/desk/test_objects_of_others.py::test_a_receipt_of_another_slip_is_good_for_nothing",
    "results": "tests/desk/test_objects_of_others.py::test_public_addresses_tell_nothing_of_what_is_elsewhere",
    "walking_in": "tests/desk/test_objects_of_others.py::test_public_addresses_tell_nothing_of_what_is_elsewhere",
    "kiosk": "tests/desk/test_objects_of_others.py::test_public_addresses_tell_nothing_of_what_is_elsewhere",
    "api": "tests/desk/test_objects_of_others.py::test_public_addresses_tell_nothing_of_what_is_elsewhere",
    "looking": "tests/survey/test_preview.py::test_",
    "operating": "tests/operations/test_units.py::test_",
}


def test_every_public_area_is_tried(team: Staff) -> None:
    areas = {rule.endpoint.partition(".")[0] for rule in team.app.url_map.iter_rules()} - {"desk"}
    assert areas == set(PUBLIC)


def test_public_addresses_tell_nothing_of_what_is_elsewhere(team: Staff) -> None:
    app = team.app
    _, token = tokens.issue(app.store, app.clock, "x", Scope.RESULTS, HERE, who="test")
    link = kiosks.make_link(app.store, app.clock, [app.wave(THERE).spec], PLACE_THERE, "x", who="test")
    bound = kiosks.bind(app.store, app.clock, PLACE_THERE, link)
    assert bound is not None
    spare = kiosks.make_link(app.store, app.clock, [app.wave(THERE).spec], PLACE_THERE, "x", who="test")
    tablet = {"Cookie": f"{kiosks.COOKIE}={kiosks.cookie(app.keyring, bound)}"}
    program = {"Authorization": f"Bearer {token}"}
    before = team.world.rows()
    pairs: tuple[tuple[str, dict[str, str], str, str], ...] = (
        ("GET", program, f"/api/v1/waves/{THERE}/results", "/api/v1/waves/khong_co/results"),
        ("GET", program, f"/api/v1/waves/{THERE}/fieldwork", "/api/v1/waves/khong_co/fieldwork"),
        ("GET", {}, f"/results/{HERE}/", "/results/khong_co/"),
        ("GET", {}, f"/results/{THERE}/register.json", f"/results/{THERE}/khong_co.json"),
        ("GET", {}, f"/results/{THERE}/all/register.json", f"/results/{THERE}/all/khong_co.json"),
        ("GET", {}, f"/open/{HERE}/{PLACE_THERE}", f"/open/{HERE}/khong_co"),
        ("GET", tablet, "/kiosk/trung_tam", "/kiosk/khong_co"),
        ("POST", tablet, "/kiosk/trung_tam/fetch", "/kiosk/khong_co/fetch"),
        ("GET", tablet, "/kiosk/trung_tam/waiting", "/kiosk/khong_co/waiting"),
        ("GET", {}, f"/kiosk/trung_tam/{spare}", f"/kiosk/trung_tam/{'x' * len(spare)}"),
        ("POST", {}, f"/kiosk/trung_tam/{spare}", f"/kiosk/trung_tam/{'x' * len(spare)}"),
    )
    client = app.test_client(use_cookies=False)
    for method, headers, there, nowhere in pairs:
        answers = [client.open(path, method=method, headers=headers) for path in (there, nowhere)]
        plain = [
            (each.status_code, each.text.replace(path.split("/")[-1], "·"))
            for each, path in zip(answers, (there, nowhere), strict=True)
        ]
        assert plain[0] == plain[1] and answers[0].status_code in (403, 404, 410), (there, answers[0].status_code)
    assert team.world.rows() == before


def test_a_receipt_of_another_slip_is_good_for_nothing(team: Staff) -> None:
    """Neither another person's fresh receipt and tag, nor a revision of another draft, stores or tells anything."""
    app, world = team.app, team.world
    keys = app.keyring.wave_keys(HERE)
    mine, other = world.codes["nguoi_dan"][0], world.codes["nguoi_dan"][1]
    receipt, tag = responses.fresh_receipt(keys, other)
    before = world.rows()
    answer = app.test_client().post(f"/P/{mine}/submit", data={"receipt": receipt, "tag": tag, "revision": "7"})
    assert answer.status_code == 422 and 'id="receipt"' not in answer.text
    assert codes.grouped(receipt) not in answer.text and other not in answer.text
    assert world.rows() == before


def test_two_staff_members_do_not_share_what_one_was_shown(team: Staff) -> None:
    """The link of a tablet travels in an address, sealed for whoever made it."""
    one, two = team.as_(Role.ADMINISTRATOR), team.as_(Role.COORDINATOR)
    shown = one.post("/desk/kiosks", 303, place="trung_tam", label="x").location
    assert "/kiosk/trung_tam/" in one.get(shown).text and "/kiosk/trung_tam/" not in two.get(shown).text
    assert isinstance(two, Desk)
