from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_delete


class HistoryConfig(AppConfig):
    name = "history"

    def ready(self) -> None:
        from django.contrib.auth import get_user_model

        from coach.edge.lifespan import lifespan
        from history import spoken_words
        from history.operator_reports import gauges
        from practice.signals import session_ended, turn_corrected, turn_pulled, turn_transcribed

        session_ended.connect(spoken_words.on_session_ended, dispatch_uid="spoken-words")
        turn_transcribed.connect(spoken_words.on_turn_written, dispatch_uid="spoken-words")
        turn_corrected.connect(spoken_words.on_turn_written, dispatch_uid="spoken-words")
        turn_pulled.connect(spoken_words.on_turn_pulled, dispatch_uid="spoken-words")
        post_migrate.connect(_keep_counts_and_index, sender=self, dispatch_uid="keep-counts-and-index")
        pre_delete.connect(_erase_with_account, sender=get_user_model(), dispatch_uid="erase-with-account")

        @lifespan.on_start
        async def tell_what_goes_on() -> None:
            gauges.watch()


def _keep_counts_and_index(**_: Any) -> None:
    from history import spoken_words, tally

    tally.keep()
    spoken_words.keep()


def _erase_with_account(instance: Any, **_: Any) -> None:
    """Deleting an account erases everything it owns, because nobody could see it any more."""
    from coach import clock, identity
    from history import erasure

    erasure.erase_all(user_id=identity.of_account(instance.pk), now=clock.now())
