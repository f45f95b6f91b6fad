"""The Celery tasks of practice."""

from celery import shared_task

from coach import clock
from coach.providers import build
from practice.limits import presence, sweep
from practice.turns import transcription


@shared_task(name="practice.tasks.transcribe")
def transcribe(turn_id: str) -> None:
    transcription.transcribe(turn_id, build.recognizer(), now=clock.now())


@shared_task(name="practice.tasks.sweep")
def sweep_sessions() -> None:
    """The safety net: enforces limits while no web process is alive."""
    presence.sweep(now=clock.now())
    sweep.enforce(now=clock.now())
