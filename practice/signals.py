"""What practice announces. It does not know who listens; receivers run inside the announcing transaction."""

from django.dispatch import Signal

session_ended = Signal()
"""session: PracticeSession as ended, now: datetime. In the transaction that ended it, exactly once per session."""

turn_corrected = Signal()
"""turn: Turn of an ended session whose transcript the trainee has corrected. In the transaction that stored it."""

turn_pulled = Signal()
"""turn: Turn that was brought in from a remote store, new or changed. In the transaction that stored it."""

turn_transcribed = Signal()
"""turn: Turn whose `asr_status` became completed or failed. In the transaction that stored it."""
