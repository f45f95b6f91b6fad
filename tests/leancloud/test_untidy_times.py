"""Times are read in any usual form; invalid ones are reported."""

from typing import Any

import pytest

from practice.models import PracticeSession, Skill, Turn
from tests.fakes.leancloud import LeanCloudFake
from tests.leancloud.cast import ODD_TIMES, THEN, CommandRun, names, recorded_turn, twin
from tests.storage.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("configured")]


def test_a_changed_object_with_a_malformed_updated_at_is_named_and_the_rest_is_pulled(app: LeanCloudFake) -> None:
    skills = [twin(app, "Skill", number) for number, _ in enumerate(ODD_TIMES)]
    CommandRun("pull")
    for skill, odd in zip(skills, ODD_TIMES, strict=True):
        skill |= {"description": "Changed.", "updatedAt": odd}
    recorded_turn(app, "s1", 4)
    pulled = CommandRun("pull")
    assert pulled.status == 1
    assert all(f"Skill {skill['objectId']}: updatedAt: not a time" in pulled.err for skill in skills)
    assert not Skill.objects.filter(description="Changed.").exists()
    assert Turn.objects.count() == 5
    assert CommandRun("verify").out.splitlines() == [
        f"Skill {id_}: description differs" for id_ in sorted(names(skills))
    ]
    assert CommandRun("pull", "--force").status == 0
    assert Skill.objects.filter(description="Changed.").count() == len(skills)


@pytest.mark.parametrize("class_name", ["Skill", "Scenario", "PracticeSession", "Turn", "Evaluation"])
def test_an_object_that_never_had_a_time_is_pulled_and_found_unchanged(app: LeanCloudFake, class_name: str) -> None:
    for number, odd in enumerate(ODD_TIMES):
        twin(app, class_name, number)["updatedAt"] = odd
    assert [CommandRun("pull").status, CommandRun("pull").status, CommandRun("verify").status] == [0, 0, 0]


def test_a_time_in_any_usual_form_is_read(app: LeanCloudFake) -> None:
    forms: list[Any] = [
        {"__type": "Date", "iso": THEN},
        {"iso": THEN},
        {"$date": THEN},
        {"$date": {"$numberLong": "1767603600000"}},
        1_767_603_600_000,
        1_767_603_600,
        "1767603600000",
        "2026-01-05T17:00:00+08:00",
        "2026-01-05 09:00:00",
        "Mon, 05 Jan 2026 09:00:00 GMT",
    ]
    for number, form in enumerate(forms):
        twin(app, "PracticeSession", number)["startedAt"] = form
        twin(app, "Turn", number)["endedAt"] = form
    assert (CommandRun("pull").status, CommandRun("verify").status) == (0, 0)
    assert set(PracticeSession.objects.values_list("started_at", flat=True)) == {NOW}
    assert Turn.objects.filter(ended_at=NOW).count() == len(forms)


@pytest.mark.parametrize(
    ("class_name", "field"),
    [("PracticeSession", "clientSessionStartedAt"), ("Turn", "startedAt"), ("Turn", "createdAt")],
)
def test_an_invalid_time_is_named_at_every_pull_and_its_object_is_pulled_without_it(
    app: LeanCloudFake, class_name: str, field: str
) -> None:
    odd = ["yesterday", 17, True, [1], {"a": 1}]
    bodies = [twin(app, class_name, number) for number, _ in enumerate(odd)]
    for body, value in zip(bodies, odd, strict=True):
        body[field] = value
    for _ in range(2):
        pulled = CommandRun("pull")
        assert pulled.status == 1
        said = f"{class_name} {{}}: taken over, but for {field}: not a time"
        assert all(said.format(object_id) in pulled.err for object_id in names(bodies))
    assert (PracticeSession.objects.count(), Turn.objects.count()) == (
        len(app.objects["PracticeSession"]),
        len(app.objects["Turn"]),
    )
