"""How long to wait before another try."""

import math
import random
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Backoff:
    """`first` after the first try, `factor` times as long after each further one, at most `most`; varied by `jitter`.

    >>> [Backoff(timedelta(seconds=1), 4, timedelta(seconds=20), jitter=0).after(n).seconds for n in (1, 2, 3, 1024)]
    [1, 4, 16, 20]
    """

    first: timedelta
    factor: float
    most: timedelta
    jitter: float = 0.2

    def after(self, attempts: int, *, asked_for: float | None = None) -> timedelta:
        """The pause after `attempts` tries; at least the seconds a service asked for, but never more than `most`."""
        longest, first = self.most.total_seconds(), self.first.total_seconds()
        # After this many steps the maximum is reached; this keeps the power from overflowing.
        steps = 0 if self.factor <= 1 else math.ceil(math.log(max(longest / first, 1)) / math.log(self.factor))
        seconds = min(first * self.factor ** min(attempts - 1, steps), longest)
        seconds *= random.uniform(1 - self.jitter, 1 + self.jitter)
        if asked_for is not None and asked_for > 0:
            seconds = max(seconds, min(asked_for, longest))
        return timedelta(seconds=min(seconds, longest))
