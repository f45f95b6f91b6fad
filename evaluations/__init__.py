"""The feedback on a session: which behaviours a talk showed, ratings computed from them, and what to try next.

- `transcript`: the talk as plain values, and how its words are compared and quoted.
- `local`, `cloud`: the two evaluators. `ask_evaluator` puts the question to either.
- `findings`: what follows from a reading, whichever evaluator made it. Begin with `ratings`.
- `own_view`: what the trainee says of it.
- `page`: the feedback panel.

An evaluation's life, from a claim to a stored result: `tasks`, `evaluate`, `evaluation_job`, `stored_results`.
"""
