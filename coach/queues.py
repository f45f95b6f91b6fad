"""The queues that wake-up calls travel in.

Each has consumers of its own, so that evaluations that hang never hold up the transcription of a conversation that
goes on, nor the sweeps.
"""

LIVE = "live"
EVALUATION = "evaluation"
HOUSEKEEPING = "coach"
QUEUES = (LIVE, EVALUATION, HOUSEKEEPING)
