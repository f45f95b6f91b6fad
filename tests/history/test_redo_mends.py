"""With the local evaluator and real encoders, a redo of the worst moment gains exactly the improved behaviours.

Only the skill of that moment is compared: the local evaluator still takes a day in the past for an agreement.
"""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from history import redo_comparison
from practice.models import PracticeSession, Skill
from practice.turns import redo
from tests.history.cast import said
from tests.history.local_reading import evaluated, held, shipped, skip_own_view

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
WORST = "You're always late. You're just unreliable, everybody says so."
MENDED = (
    "On Tuesday and again last Friday the login screens came two days after the date we had agreed. Priya's testing "
    "stood still both times, and we had to move the customer demo."
)
AFTER = ("Hm. It's been a rough month.", "Let's find a way that works.", "Fine.")
BY_HAND = {
    "names-the-event": "notHeard → heard",
    "says-the-effect": "notHeard → heard",
    "quotes-words-or-figures": "notHeard → heard",
    "labels-the-person": "betterAvoided → notCounted",
    "generalises": "betterAvoided → notCounted",
}
"""What a reader finds mended."""

pytestmark = [pytest.mark.django_db, pytest.mark.models, pytest.mark.timeout(300)]


def test_a_redo_gains_the_improved_behaviours_and_loses_none(client: Client) -> None:
    scenario = shipped("work-missed-deadlines")
    original = evaluated(held(scenario, NOW, "You wanted to talk?", WORST, *AFTER))
    again = held(scenario, NOW + timedelta(hours=1))
    PracticeSession.objects.filter(pk=again.pk).update(continues_from=original, continues_at=1)
    again = PracticeSession.objects.select_related("continues_from").get(pk=again.pk)
    assert redo.begin(again, now=NOW + timedelta(hours=1))
    said(again, None, MENDED, *AFTER)
    evaluated(again)
    before = client.get(f"/history/{again.pk}/compare/").content.decode()
    assert "the ratings come after that" in before
    assert 'class="attempts-gained"' not in before
    for session in (original, again):
        skip_own_view(client, session)
    compared = redo_comparison.compare(again)
    assert compared
    feedback = Skill.objects.get(external_id="specific-feedback").name
    changed = [one for one in compared.changes if one.skill == feedback]
    assert {one.key: f"{one.before.verdict} → {one.after.verdict}" for one in changed} == BY_HAND
    assert compared.lost == []
    page = client.get(f"/history/{again.pk}/compare/").content.decode()
    assert page.count('class="attempts-gained"') == len(compared.gained)
