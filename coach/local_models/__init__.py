"""Models on the machine itself: one process on loopback that speaks the cloud models' protocol.

Nothing here imports Django or an app, and nothing imports it: `scripts/up` starts `python -m coach.local_models` for
the parts that have no key. README.md beside this file gives an overview. The protocol is described in
`coach.local_models.api.server`, the weights in `coach.local_models.download.model_files`.
"""
