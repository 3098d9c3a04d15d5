"""What accounts are called among the keyers of a wave."""

from __future__ import annotations

from collections.abc import Collection

from survey.accounts import accounts
from survey.accounts.accounts import Account
from survey.web import web


def keyed_as(account: Account) -> str:
    """What an account is called among the keyers: two persons of one name are two, as their accounts are."""
    return f"{' '.join(account.full_name.split())} ({account.name})"


def keyer_name(account: Account, there: Collection[str]) -> str:
    """Under which of the names that are there an account keys; '' under none.

    The plain name, which the command line takes, is an account's as long as no other one has it.
    """
    if keyed_as(account) in there:
        return keyed_as(account)
    plain = " ".join(account.full_name.split())
    same = [each for each in accounts.everybody(web().store) if " ".join(each.full_name.split()) == plain]
    return plain if plain in there and len(same) == 1 else ""
