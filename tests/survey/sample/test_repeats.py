"""Numbers that stand twice and contacts that stand often: as a look at every pair would find them."""

from __future__ import annotations

from array import array
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from survey.frames.repeats import MOST_OWNERS, maybe_shared, repeated

BLANK = b"\xff" * 16
# Halves of few values, so that hashes agree in the first, in the second, in both.
HASHES = st.builds(lambda high, low: high * 8 + low * 8, *[st.sampled_from([b"\0", b"\1", b"\xff"])] * 2)
CONTACTS = st.lists(st.sampled_from(["", "", "0900000001", "0900000002", "a@b.vn"]), max_size=30)


@given(st.lists(HASHES, max_size=12), st.sets(HASHES.filter(lambda each: each != BLANK), max_size=6))
def test_doubles_and_numbers_imported_before(staged: list[bytes], before: set[bytes]) -> None:
    found = repeated(b"".join(staged), b"".join(sorted(before)), BLANK)
    first: dict[bytes, int] = {}
    doubles = []
    for n, each in enumerate(staged):
        if first.setdefault(each, n) != n and each != BLANK:
            doubles.append((n, first[each]))
    assert found.doubles == tuple(doubles)
    assert found.known == tuple(n for n, each in enumerate(staged) if each in before)


def _hashes(contacts: list[str]) -> array[int]:
    return array("q", map(hash, contacts))


@given(CONTACTS, CONTACTS, st.sets(st.sampled_from(["0900000002", "a@b.vn"])))
def test_every_row_with_a_contact_that_may_not_be_its_own_is_looked_at(
    phones: list[str], before: list[str], staff: set[str]
) -> None:
    emails = phones[::-1]
    found = set(maybe_shared(_hashes(phones), _hashes(emails), _hashes(before), staff).tolist())
    times = Counter([*phones, *emails, *before])
    suspects = {each for each, n in times.items() if each and (n > MOST_OWNERS or each in staff)}
    assert found == {n for n, pair in enumerate(zip(phones, emails, strict=True)) if suspects & {*pair}}
