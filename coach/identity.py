"""Who is the trainee? The one place that knows.

By default the site has one trainee, `STUB_USER_ID`: whoever reaches it. With `TRAINEE_AUTH=login` it is the account
that signed in; `coach.signin` sets it for each request and socket, and where it did not, there is no trainee.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from coach.config import config

_ACCOUNT = "account-"
_current: ContextVar[str | None] = ContextVar("trainee", default=None)


class NotSignedIn(LookupError):
    """Nobody is signed in here: a view that `coach.signin` did not guard, or work outside any request."""


def signs_in() -> bool:
    """Whether trainees have accounts."""
    return config.trainee_auth == "login"


def trainee() -> str:
    """The id that scopes every session, turn, evaluation and visit; raises NotSignedIn."""
    if not signs_in():
        return config.stub_user_id
    user_id = _current.get()
    if user_id is None:
        raise NotSignedIn("Nobody is signed in.")
    return user_id


def owner_of_unowned() -> str:
    """Whose records become that come from elsewhere and name nobody."""
    return config.stub_user_id


def become(user_id: str | None) -> None:
    """Whom the rest of this request is for; None is a stranger."""
    _current.set(user_id)


@contextmanager
def acting(user_id: str | None) -> Iterator[None]:
    """Whom the work inside is for."""
    token = _current.set(user_id)
    try:
        yield
    finally:
        _current.reset(token)


def of_account(pk: int) -> str:
    return f"{_ACCOUNT}{pk}"


def account_pk(user_id: str) -> int | None:
    """The account behind a trainee's id; None for the stub's and for what came from elsewhere."""
    number = user_id.removeprefix(_ACCOUNT)
    return int(number) if number != user_id and number.isascii() and number.isdecimal() and len(number) < 19 else None
