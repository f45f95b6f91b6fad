"""An app that another program filled can be pulled; broken objects are reported and do not stop the pull."""

from typing import Any

import pytest

from coach.leancloud.client import LeanCloud
from practice.lifecycle import ReplyStatus
from practice.models import PracticeSession
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.moving import pull, pulled
from tests.storage.cast import NOW

pytestmark = pytest.mark.django_db


def an_app_of_another_program(fake: LeanCloudFake) -> dict[str, str]:
    """Objects without our bookkeeping, with Pointers and Dates."""
    fake.create("Skill", {"externalId": "s", "name": "Listening", "rubric": "1: no\n5: yes"})
    (skill_id,) = fake.objects["Skill"]
    fake.create(
        "Scenario",
        {
            "externalId": "late",
            "title": "Deadlines",
            "category": "Work",
            "description": "You lead a team.",
            "objective": "Agree on a date",
            "aiPersona": {"name": "Alex", "background": "Proud of the work."},
            "traineePersona": {"name": "Sam", "background": "New lead."},
            "endCriteria": ["A date is agreed"],
            "skills": [{"__type": "Pointer", "className": "Skill", "objectId": skill_id}],
            "status": "published",
        },
    )
    (scenario_id,) = fake.objects["Scenario"]
    fake.create(
        "PracticeSession",
        {
            "scenarioId": {"__type": "Pointer", "className": "Scenario", "objectId": scenario_id},
            "stubUserId": "pilot-user",
            "status": "ended",
            "terminationReason": "manual",
            "startedAt": {"__type": "Date", "iso": "2026-01-05T09:00:00.000Z"},
            "endedAt": "2026-01-05T09:04:00.000Z",
        },
    )
    (session_id,) = fake.objects["PracticeSession"]
    fake.create("Turn", {"sessionId": session_id, "sequence": 0, "speaker": "ai", "transcript": "Hello."})
    return {"skill": skill_id, "scenario": scenario_id, "session": session_id}


def test_an_app_of_another_program_is_pulled_with_pointers_and_dates(lean: LeanCloud, fake: LeanCloudFake) -> None:
    ids = an_app_of_another_program(fake)
    pull(lean)
    session = PracticeSession.objects.get()
    assert session.pk == ids["session"]
    assert session.started_at == NOW
    assert session.scenario_title == "Deadlines"
    assert [skill.pk for skill in session.scenario.ordered_skills()] == [ids["skill"]]
    assert session.scenario.ai_persona["name"] == "Alex"
    assert session.turns.get().reply_status == ReplyStatus.COMPLETE


@pytest.mark.parametrize(
    ("class_name", "body", "said"),
    [
        ("Skill", {"externalId": "x", "name": 3 * "long " * 100}, "name: longer than 120 characters"),
        ("Scenario", {"externalId": "x", "title": "T", "endCriteria": "one"}, "endCriteria: not a list of sentences"),
        ("PracticeSession", {"status": "ended"}, "scenarioId: is missing"),
        ("Turn", {"sessionId": "nowhere", "sequence": 1, "speaker": "trainee"}, "PracticeSession that is not there"),
        ("Turn", {"sequence": 1, "speaker": "trainee"}, "breaks a rule of the database"),
    ],
)
def test_a_broken_object_is_reported_and_the_others_are_pulled(
    lean: LeanCloud, fake: LeanCloudFake, class_name: str, body: dict[str, Any], said: str
) -> None:
    an_app_of_another_program(fake)
    fake.create(class_name, body)
    _, reported = pulled(lean)
    assert len(reported) == 1
    assert said in reported[0]
    assert PracticeSession.objects.count() == 1


def test_sessions_that_continue_each_other_may_arrive_in_any_order(lean: LeanCloud, fake: LeanCloudFake) -> None:
    an_app_of_another_program(fake)
    (first,) = fake.objects["PracticeSession"].values()
    chain = [first["objectId"]]
    for _ in range(4):
        _, made = fake.create("PracticeSession", {**first, "continuesFrom": chain[-1]})
        chain.append(made["objectId"])
    pull(lean)
    assert PracticeSession.objects.get(pk=chain[-1]).continues_from_id == chain[-2]
