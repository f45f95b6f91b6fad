"""Durable work: a row says what is owed, any free worker takes it, and it is done at least once.

*The row.* Owed work is committed as a row before anyone acts on it. A wake-up call to a worker (`wake_up`) makes it
fast; a periodic sweep for `due` rows makes it certain. Calls may be lost, duplicated or late.

*At least once.* A conditional update claims a job (`JobKind.claim`): of several workers one gets a `Lease`. While it
works, `kept` renews the lease; if the worker dies, the lease expires and the job is due again. So work may begin twice,
and even run twice for a moment, if a worker that seemed dead was only slow.

*Done once.* Therefore every effect is idempotent, in one of two ways. Results in the database are stored by updating
the row through the lease (`Lease.held`): a worker that lost its lease stores nothing and stops quietly. External
effects (a file in a store, an object in LeanCloud) are the same on every try: the same key, the same bytes, and
deleting something that is not there counts as success.

*Not for ever.* A failed job is put off, longer each time up to a maximum (`Backoff`). A kind with a `limit` of attempts
then ends in its own "given up" state, which operators see; one without a limit is tried until it is done, and one bad
row never blocks others. Each attempt is counted before it begins, so a job that kills its worker is given up as well.

The clock is an argument everywhere, and all processes use one clock (`coach.clock`).
"""

from coach.jobs.backoff import Backoff
from coach.jobs.job_kind import JobKind, Lease
from coach.jobs.renewal import kept

__all__ = ["Backoff", "JobKind", "Lease", "kept"]
