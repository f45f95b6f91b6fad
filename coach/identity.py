"""Who is the trainee? The one place that knows."""

from coach.config import config


def trainee() -> str:
    """The id that scopes every session, turn, evaluation and visit."""
    return config.stub_user_id
