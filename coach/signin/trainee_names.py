"""Trainees' names, for the people who run the site."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model

from coach import identity
from coach.text import folded


def of_trainees(user_ids: Iterable[str]) -> dict[str, str]:
    """Names by trainee id; an id without an account is its own name."""
    wanted = set(user_ids)
    accounts = {pk: user_id for user_id in wanted if (pk := identity.account_pk(user_id)) is not None}
    found = get_user_model().objects.filter(pk__in=accounts).only("username", "first_name", "last_name")
    return {user_id: user_id for user_id in wanted} | {accounts[user.pk]: _name(user) for user in found}


def ids_of(wanted: str) -> list[str]:
    """Ids of trainees whose account name contains `wanted`, folded as in `coach.text`."""
    users = get_user_model().objects.only("username", "first_name", "last_name")
    return [identity.of_account(user.pk) for user in users if wanted in folded(_name(user))]


def _name(user: object) -> str:
    full = user.get_full_name()  # type: ignore[attr-defined]
    return f"{full} ({user.get_username()})" if full else str(user.get_username())  # type: ignore[attr-defined]
