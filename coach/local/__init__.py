"""Models on the machine itself: one process on loopback that speaks the protocol of the cloud models.

Nothing here imports Django or an app; `scripts/up` starts `python -m coach.local` for the parts that have no key.
The wire is described in `coach.local.server`, the weights in `coach.local.catalog`.
"""
