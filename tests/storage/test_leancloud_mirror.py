"""What happens here is told to LeanCloud, in order and once, whatever LeanCloud does meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from coach.storage import settling
from coach.storage.leancloud import mirror, triggers
from coach.storage.leancloud.client import LeanCloud, LeanCloudUnavailable
from coach.storage.models import MirrorLease, MirrorRow, RemoteObject
from history import erasure
from history.models import Erasure
from practice.models import PracticeSession, Skill
from tests.fakes.leancloud import LeanCloudFake
from tests.storage.cast import NOW, spoken

SOON = datetime(2100, 1, 1, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noted")]


def test_a_session_and_what_it_refers_to_arrive_with_their_references(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud
) -> None:
    spoken(session)
    mirror.deliver(lean, now=SOON)
    assert not MirrorRow.objects.exists()
    (skill_id,), (scenario_id,), (session_id,) = (
        fake.objects[name] for name in ("Skill", "Scenario", "PracticeSession")
    )
    scenario = fake.objects["Scenario"][scenario_id]
    assert scenario["skills"] == [skill_id]
    assert scenario["endCriteria"] == ["agreed"]
    assert fake.objects["PracticeSession"][session_id]["scenarioId"] == scenario_id
    assert fake.objects["PracticeSession"][session_id]["startedAt"] == "2026-01-05T09:00:00Z"
    (turn,) = fake.objects["Turn"].values()
    assert (turn["sessionId"], turn["transcript"]) == (session_id, "We need to talk.")


def test_a_change_that_is_rolled_back_is_never_told(session: PracticeSession) -> None:
    MirrorRow.objects.all().delete()

    def changed_and_failed() -> None:
        with transaction.atomic():
            Skill.objects.update(name="Other")
            assert MirrorRow.objects.exists()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        changed_and_failed()
    assert not MirrorRow.objects.exists()


def test_a_bulk_update_is_told_as_well(session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud) -> None:
    mirror.deliver(lean, now=SOON)
    Skill.objects.update(name="Hearing")
    mirror.deliver(lean, now=SOON)
    assert [skill["name"] for skill in fake.objects["Skill"].values()] == ["Hearing"]


def test_what_means_nothing_elsewhere_is_not_told(session: PracticeSession) -> None:
    MirrorRow.objects.all().delete()
    PracticeSession.objects.update(idle_deadline=NOW, event_number=7)
    assert not MirrorRow.objects.exists()


def test_a_lost_answer_never_makes_a_second_object(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud
) -> None:
    fake.lose_next_answer("/batch")
    with pytest.raises(LeanCloudUnavailable):
        mirror.deliver(lean, now=SOON)
    mirror.deliver(lean, now=SOON)
    assert len(fake.objects["Skill"]) == len(fake.objects["Scenario"]) == 1
    assert not MirrorRow.objects.exists()


def test_a_change_made_while_the_last_one_is_delivered_is_delivered_too(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror.deliver(lean, now=SOON)
    Skill.objects.update(name="First")
    batch = lean.batch

    def changed_meanwhile(operations):
        outcomes = batch(operations)
        if MirrorRow.objects.filter(class_name="Skill", version=1).exists():
            Skill.objects.update(name="Second")
        return outcomes

    monkeypatch.setattr(lean, "batch", changed_meanwhile)
    mirror.deliver(lean, now=SOON)
    assert [skill["name"] for skill in fake.objects["Skill"].values()] == ["Second"]


def test_a_refused_record_blocks_nobody_and_is_shown(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud
) -> None:
    fake.unique.add(("Skill", "externalId"))
    fake.create("Skill", {"externalId": "other"})
    Skill.objects.create(external_id="other", name="Other", category="Basics", rubric="")
    mirror.deliver(lean, now=NOW + timedelta(days=36500), batches=1)
    assert {skill["externalId"] for skill in fake.objects["Skill"].values()} == {"listen", "other"}
    row = MirrorRow.objects.get()
    assert (row.class_name, row.attempts, row.last_error) == ("Skill", 1, "LeanCloud says 137")
    assert mirror.backlog().failing == 1


def test_leancloud_down_loses_nothing(session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud) -> None:
    fake.down = True
    assert mirror.run(lean, now=SOON) == 0
    waiting = mirror.backlog().waiting
    assert waiting == 3
    fake.down = False
    assert mirror.run(lean, now=SOON) == waiting


def test_one_worker_delivers_at_a_time_and_a_dead_ones_lease_runs_out() -> None:
    assert mirror.take_lease("one", NOW)
    assert mirror.take_lease("one", NOW)
    assert not mirror.take_lease("two", NOW)
    assert mirror.take_lease("two", NOW + timedelta(minutes=10))
    assert MirrorLease.objects.get().holder == "two"


def test_an_object_that_vanished_over_there_is_made_anew(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud
) -> None:
    mirror.deliver(lean, now=SOON)
    fake.objects["Skill"].clear()
    Skill.objects.update(name="Back")
    mirror.deliver(lean, now=SOON)
    mirror.deliver(lean, now=SOON + timedelta(days=1))
    assert [skill["name"] for skill in fake.objects["Skill"].values()] == ["Back"]


def test_an_erasure_reaches_leancloud_and_is_confirmed_only_then(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud
) -> None:
    spoken(session)
    mirror.deliver(lean, now=SOON)
    erasure.erase(session.pk, user_id=session.user_id, now=NOW)
    settling.delete_due(SOON)
    assert erasure.confirm_done(NOW) == 0
    mirror.deliver(lean, now=SOON)
    assert fake.objects["Turn"] == fake.objects["PracticeSession"] == {}
    assert not RemoteObject.objects.filter(class_name__in=["Turn", "PracticeSession"]).exists()
    assert erasure.confirm_done(NOW) == 1
    assert Erasure.objects.get().confirmed_at == NOW


def test_a_hundred_records_take_one_request(fake: LeanCloudFake, lean: LeanCloud) -> None:
    for number in range(100):
        Skill.objects.create(external_id=f"s{number}", name=f"Skill {number}", category="Basics", rubric="")
    mirror.deliver(lean, now=SOON)
    assert [path for _, path in fake.requests] == ["/1.1/batch"]
    assert len(fake.objects["Skill"]) == 100


def test_nothing_is_noted_where_no_leancloud_is_configured() -> None:
    assert triggers.installed()
    triggers.remove()
    assert not triggers.installed()
    Skill.objects.create(external_id="x", name="X", category="Basics", rubric="")
    assert not MirrorRow.objects.exists()
