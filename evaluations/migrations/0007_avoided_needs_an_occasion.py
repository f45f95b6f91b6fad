from collections.abc import Iterator
from typing import Any

from django.db import migrations

from evaluations.findings import avoidance

AT_ONCE = 200


def settle(apps: Any, schema_editor: Any) -> None:
    """Answers of a cloud model are stored by the rule that the page went by: `notApplicable` where nothing gave occasion."""
    results = apps.get_model("evaluations", "BehaviourResult").objects
    credited = results.filter(kind="avoid", answer="notShown")
    scores = list(credited.order_by("score_id").values_list("score_id", flat=True).distinct())
    for some in (scores[at : at + AT_ONCE] for at in range(0, len(scores), AT_ONCE)):
        without = list(_without_occasion(apps, some))
        credited.filter(score_id__in=without).update(answer="notApplicable")


def _without_occasion(apps: Any, scores: list[int]) -> Iterator[int]:
    about = apps.get_model("evaluations", "SkillScore").objects.filter(pk__in=scores)
    sessions = dict(about.values_list("pk", "evaluation__session_id"))
    languages = dict(about.values_list("evaluation__session_id", "evaluation__session__language"))
    lines: dict[str, list[str]] = {session_id: [] for session_id in languages}
    turns = apps.get_model("practice", "Turn").objects.filter(session_id__in=list(lines), speaker="trainee")
    for session_id, transcript in turns.order_by("session_id", "sequence").values_list("session_id", "transcript"):
        if transcript:
            lines[session_id].append(transcript)
    answers: dict[int, list[tuple[str, str]]] = {score: [] for score in scores}
    given = apps.get_model("evaluations", "BehaviourResult").objects.filter(score_id__in=scores)
    for score, kind, answer in given.values_list("score_id", "kind", "answer"):
        answers[score].append((kind, answer))
    for score, session_id in sessions.items():
        enough = avoidance.is_worth_praise(lines[session_id], languages[session_id])
        if not (enough and avoidance.gave_occasion(answers[score])):
            yield score


class Migration(migrations.Migration):
    dependencies = [
        ("evaluations", "0006_counted_from_indexes"),
        ("practice", "0012_coaching_pauses"),
    ]

    operations = [migrations.RunPython(settle, migrations.RunPython.noop, elidable=True)]
