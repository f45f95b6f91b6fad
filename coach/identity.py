"""Decides who the trainee is; the only code that knows.

By default the site has one trainee, `STUB_USER_ID`: anyone who reaches it. With `TRAINEE_AUTH=login` it is the
signed-in account; `coach.signin` sets it for each request and socket, and without it there is no trainee.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from coach.config import config

_ACCOUNT = "account-"
_current: ContextVar[str | None] = ContextVar("trainee", default=None)


class NotSignedIn(LookupError):
    """Nobody is signed in: in a view that `coach.signin` did not guard, or outside any request."""


def signs_in() -> bool:
    """Whether trainees have accounts."""
    return config.trainee_auth == "login"


def trainee() -> str:
    """The user id that every query of sessions, turns, evaluations and visits filters by; raises NotSignedIn."""
    if not signs_in():
        return config.stub_user_id
    user_id = _current.get()
    if user_id is None:
        raise NotSignedIn("Nobody is signed in.")
    return user_id


def owner_of_unowned() -> str:
    """The owner of records from elsewhere that name nobody."""
    return config.stub_user_id


def become(user_id: str | None) -> None:
    """Set the trainee for the rest of this request; None means a stranger."""
    _current.set(user_id)


@contextmanager
def acting(user_id: str | None) -> Iterator[None]:
    """Set the trainee for the work inside."""
    token = _current.set(user_id)
    try:
        yield
    finally:
        _current.reset(token)


def of_account(pk: int) -> str:
    return f"{_ACCOUNT}{pk}"


def account_pk(user_id: str) -> int | None:
    """The account behind a trainee's id; None for the stub user and ids from elsewhere."""
    number = user_id.removeprefix(_ACCOUNT)
    return int(number) if number != user_id and number.isascii() and number.isdecimal() and len(number) < 19 else None
