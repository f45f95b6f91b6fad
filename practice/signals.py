"""Signals that practice sends. It does not know the receivers; they run inside the sending transaction."""

from django.dispatch import Signal

session_ended = Signal()
"""session: PracticeSession as ended, now: datetime. Sent in the transaction that ended it, exactly once per session."""

turn_corrected = Signal()
"""turn: Turn of an ended session whose transcript the trainee has corrected. Sent in the transaction that stored it."""

turn_pulled = Signal()
"""turn: Turn pulled from a remote store, new or changed. Sent in the transaction that stored it."""

turn_transcribed = Signal()
"""turn: Turn whose `asr_status` became completed or failed, or a redo's copy of it that got its words only now.

Sent in the transaction that stored it.
"""
