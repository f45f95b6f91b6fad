"""Models on the machine itself: one process on loopback that speaks the protocol of the cloud models.

Nothing here imports Django or an app, and nothing imports it: `scripts/up` starts `python -m coach.local_models` for
the parts that have no key. README.md beside this file walks through it.
The wire is described in `coach.local_models.server`, the weights in `coach.local_models.model_files`.
"""
