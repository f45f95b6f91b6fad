from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    name = "evaluations"

    def ready(self) -> None:
        from evaluations import evaluation_schema, signal_receivers
        from evaluations.findings import insults
        from evaluations.transcript import script_quotes
        from practice.ports import ports
        from practice.signals import session_ended, turn_transcribed

        session_ended.connect(signal_receivers.on_session_ended, dispatch_uid="evaluations")
        turn_transcribed.connect(signal_receivers.on_turn_transcribed, dispatch_uid="evaluations")
        ports.evaluation_briefs = evaluation_schema.briefs
        ports.evaluation_shape = evaluation_schema.of_session
        ports.is_insult = lambda line: insults.plainly([line])
        ports.quoted = script_quotes.of
