"""Feedback, attempts, comparison, progress and export show the same verdict about a behaviour.

Covers every pair of answers in a session and its redo, for behaviours to do and to avoid.
"""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from importlib import import_module
from itertools import product

import pytest
from django.apps import apps
from django.test import Client

from evaluations import stored_results
from evaluations.findings.ratings import Answer, rate
from evaluations.findings.results import BehaviourFinding, Findings, Quote, Score
from evaluations.models import BehaviourResult, Evaluation
from evaluations.transcript.conversation import Behaviour, RatedSkill
from history import detail
from practice.catalog.behaviours import BehaviourKind
from practice.models import PracticeSession
from tests import cast
from tests.history.cast import past_session, said

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SAID = {
    ("do", "shown"): ("You did this", "Shown", True),
    ("do", "notShown"): ("Not yet", "Not yet", False),
    ("do", "notApplicable"): ("Didn't come up", "No occasion", None),
    ("do", "unsure"): ("Could be read either way", "Either way", None),
    ("avoid", "shown"): ("Better avoided", "Better avoided", False),
    ("avoid", "notShown"): ("You avoided this", "Avoided", True),
    ("avoid", "notApplicable"): ("Not counted", "Not counted", None),
    ("avoid", "unsure"): ("Could be read either way", "Either way", None),
}
"""By kind and answer: on the feedback page, in a table, and whether it counts as good."""
PAIRS = list(product(("do", "avoid"), Answer, Answer))

pytestmark = pytest.mark.django_db


def text(kind: str, before: str, after: str) -> str:
    return f"{kind}, {before} then {after}."


def evaluated(session: PracticeSession, when: int) -> PracticeSession:
    behaviours = tuple(
        BehaviourFinding(
            Behaviour(f"{kind}-{first}-{second}", text(kind, first, second), BehaviourKind(kind), (), ()),
            (first, second)[when],
            Quote(1, "Hello.") if (first, second)[when] is Answer.SHOWN else None,
        )
        for kind, first, second in PAIRS
    )
    skill = RatedSkill("skill", "Feedback", "", behaviours=tuple(each.behaviour for each in behaviours))
    rating = rate((each.behaviour.kind, each.answer) for each in behaviours)
    evaluation = Evaluation.objects.create(
        session=session, status="completed", queued_at=NOW, completed_at=NOW, attempts=1, summary="Told.", opened_at=NOW
    )
    stored_results.store(
        evaluation.pk, session.pk, Findings((Score(skill, rating, "Seen.", behaviours=behaviours),), "")
    )
    return session


@pytest.fixture
def redone() -> PracticeSession:
    scenario = cast.scenario(title="Deadlines keep slipping")
    original = evaluated(past_session(scenario, at=NOW), 0)
    said(original, "Hi.", "Hello.", "Well?")
    again = past_session(scenario, at=NOW + timedelta(hours=1))
    PracticeSession.objects.filter(pk=again.pk).update(continues_from=original, continues_at=1)
    said(again, "Hi.", "Hello.", "Well?")
    return evaluated(again, 1)


def plain(client: Client, path: str) -> str:
    page = re.sub(r"<(script|style|svg|head)\b.*?</\1>", "", client.get(path).content.decode(), flags=re.DOTALL)
    return unescape(re.sub(r"\s+", " ", page))


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def test_every_page_shows_the_same_verdict(client: Client, redone: PracticeSession) -> None:
    feedback = plain(client, f"/sessions/{redone.pk}/evaluation/")
    grid = plain(client, f"/history/attempts/{redone.scenario_id}/")
    comparison = plain(client, f"/history/{redone.pk}/compare/").partition("What changed")[2]
    comparison = comparison.partition('aria-labelledby="compare-lines"')[0]
    progress = plain(client, "/progress/skill/")
    api = client.get(f"/api/sessions/{redone.pk}/evaluation").json()
    export = detail.portable(redone)["evaluation"]
    given = {each["key"]: each["answer"] for each in api["scores"][0]["behaviours"]}
    assert export["scores"] == api["scores"]
    for kind, first, second in PAIRS:
        about = text(kind, first, second)
        page, table, good = SAID[kind, second]
        table_before, before = SAID[kind, first][1:]
        (item,) = re.findall(rf"<strong>([^<]*)<(?:(?!</li>).)*?{about}", feedback)
        cells = re.search(rf"{about}</span></th>(.*?)</tr>", grid)
        assert cells
        cell = [re.sub(r" \(.*\)", "", words(each)) for each in re.findall(r"<td.*?</td>", cells[1])]
        row = re.search(rf"{about}</span></th>(.*?)</tr>", comparison)
        assert row
        compared = [words(each).partition(" “")[0] for each in re.findall(r"<td.*?</td>", row[1])]
        times = re.search(rf"{about}</span></p> <p[^>]*>.*?(\w+) (\d) of (\d) times?", progress)
        known = [each for each in (before, good) if each is not None]
        assert (item, cell) == (page, [table_before, table]), about
        assert given[f"{kind}-{first}-{second}"] == second
        assert (times and times.groups()) == (
            (("avoided", "shown")[kind == "do"], str(sum(known)), str(len(known))) if known else None
        ), about
        assert compared == [SAID[kind, first][0], page], about


def test_the_migration_settles_older_answers_by_the_same_rule(redone: PracticeSession) -> None:
    """Little was said in these sessions, so nobody is credited for what they did not say."""
    import_module("evaluations.migrations.0007_avoided_needs_an_occasion").settle(apps, None)
    left = BehaviourResult.objects.filter(kind="avoid").values_list("answer", flat=True)
    assert sorted(set(left)) == ["notApplicable", "shown", "unsure"]
    assert BehaviourResult.objects.filter(kind="do", answer="notShown").count() == 8
