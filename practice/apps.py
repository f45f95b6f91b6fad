from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PracticeConfig(AppConfig):
    name = "practice"
    verbose_name = _("Practice")

    def ready(self) -> None:
        from practice.catalog import change_history
        from practice.signals import turn_transcribed
        from practice.turns import redo

        change_history.register()
        turn_transcribed.connect(redo.on_turn_transcribed, dispatch_uid="redo")
