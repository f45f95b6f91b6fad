"""Immediate HTTP retries of tool calls (`coach.providers.tools`) and LeanCloud (`coach.leancloud.wire`).

Spoken replies have a policy of their own, because somebody is waiting (`coach.providers.reply_time_limits`); S3 has its
client's. Whatever still fails after that is durable work and is retried later (`coach.jobs`).
"""

from collections.abc import Callable

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from coach.jobs.backoff import Backoff


def retrying(
    *, tries: int, worth_another: Callable[[BaseException], bool], backoff: Backoff, sleep: Callable[[float], None]
) -> Retrying:
    """Call it with a function: the function is called up to `tries` times, as long as the error is `worth_another`.

    Waits as `backoff` says, but at least the error's `retry_after` in seconds. Raises the last error.
    """

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked_for = getattr(error, "retry_after", None)
        return backoff.after(state.attempt_number, asked_for=asked_for).total_seconds()

    again = retry_if_exception(worth_another)
    return Retrying(stop=stop_after_attempt(tries), wait=wait, retry=again, sleep=sleep, reraise=True)
