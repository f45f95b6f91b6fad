from celery import shared_task

from coach import clock
from coach.storage import audio_deletion, audio_upload


@shared_task
def sweep() -> None:
    """Upload accepted audio and delete erased audio, as far as the stores allow."""
    audio_upload.upload_due(clock.now())
    audio_upload.drop_local_copies(clock.now())
    audio_deletion.delete_due(clock.now())
