"""Durable work: a row is the promise, whoever is free takes it up, and it is done at least once.

*The row.* What must be done is committed as a row before anyone acts on it. A wake-up call to a worker
(`coach.wake_up`) makes it quick; a periodic sweep that looks for `due` rows makes it certain. Calls may be lost,
doubled or late.

*At least once.* A job is taken by a conditional update (`JobKind.claim`): of several workers one gets a `Lease`. While
it works, `kept` renews the lease; when the worker dies, the lease runs out and the job is due again. So work may be
begun twice, and even be under way twice for a moment, when a worker that was taken for dead is only slow.

*Done once.* Therefore every effect is idempotent, in one of two ways. Results in the database are stored by an update
of the row as the lease left it (`Lease.held`): who has lost the lease stores nothing and leaves quietly. Effects
outside (a file in a store, an object in LeanCloud) are the same on every try: the same key, the same bytes, and the
deletion of what is not there counts as done.

*Not for ever.* A try that fails is put off, longer each time up to a limit (`Backoff`). A kind with a `limit` of
attempts ends in its own "given up" state after that, which operators see; one without is tried until it is done,
and one bad row never keeps others waiting. Each attempt is counted before it begins, so that a job that kills its
worker is given up as well.

The clock is an argument everywhere, and all processes go by one clock (`coach.clock`).
"""

from coach.jobs.backoff import Backoff
from coach.jobs.kind import JobKind, Lease
from coach.jobs.renewal import kept

__all__ = ["Backoff", "JobKind", "Lease", "kept"]
