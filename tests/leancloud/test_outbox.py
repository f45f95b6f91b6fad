"""Changes are delivered to LeanCloud once and in order, whatever LeanCloud does meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import transaction

from coach.leancloud import lease, outbox, triggers
from coach.leancloud.client import LeanCloud
from coach.leancloud.models import OutboxRow, RemoteObject
from coach.leancloud.wire import LeanCloudRefused, LeanCloudUnavailable
from coach.storage import audio_deletion
from coach.telemetry import names
from history import erasure
from history.models import Erasure
from practice.models import PracticeSession, Skill
from tests.fakes.leancloud import LeanCloudFake
from tests.storage.cast import NOW, spoken
from tests.telemetry.recording import recorded  # noqa: F401

SOON = datetime(2100, 1, 1, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noted")]


def deliver_all(lean: LeanCloud) -> None:
    while outbox.deliver(lean, now=SOON).taken:
        pass


def test_a_session_arrives_with_the_records_it_refers_to(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud
) -> None:
    spoken(session)
    deliver_all(lean)
    assert not OutboxRow.objects.exists()
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


def test_a_rolled_back_change_is_not_sent(session: PracticeSession) -> None:
    OutboxRow.objects.all().delete()

    def changed_and_failed() -> None:
        with transaction.atomic():
            Skill.objects.update(name="Other")
            assert OutboxRow.objects.exists()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        changed_and_failed()
    assert not OutboxRow.objects.exists()


def test_a_bulk_update_is_sent_too(session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud) -> None:
    deliver_all(lean)
    Skill.objects.update(name="Hearing")
    deliver_all(lean)
    assert [skill["name"] for skill in fake.objects["Skill"].values()] == ["Hearing"]


def test_columns_that_are_not_mirrored_send_nothing(session: PracticeSession) -> None:
    OutboxRow.objects.all().delete()
    PracticeSession.objects.update(idle_deadline=NOW, event_number=7)
    assert not OutboxRow.objects.exists()


def test_a_lost_answer_never_creates_a_second_object(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud
) -> None:
    fake.lose_next_answer("/batch")
    with pytest.raises(LeanCloudUnavailable):
        deliver_all(lean)
    deliver_all(lean)
    assert len(fake.objects["Skill"]) == len(fake.objects["Scenario"]) == 1
    assert not OutboxRow.objects.exists()


def test_a_change_made_during_a_delivery_is_delivered_too(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver_all(lean)
    Skill.objects.update(name="First")
    batch = lean.batch

    def changed_meanwhile(operations):
        outcomes = batch(operations)
        if OutboxRow.objects.filter(class_name="Skill", version=1).exists():
            Skill.objects.update(name="Second")
        return outcomes

    monkeypatch.setattr(lean, "batch", changed_meanwhile)
    deliver_all(lean)
    assert [skill["name"] for skill in fake.objects["Skill"].values()] == ["Second"]


def test_a_refused_record_blocks_nobody_and_is_shown(
    session: PracticeSession,
    fake: LeanCloudFake,
    lean: LeanCloud,
    recorded,  # noqa: F811
) -> None:
    fake.unique.add(("Skill", "externalId"))
    fake.create("Skill", {"externalId": "other"})
    Skill.objects.create(external_id="other", name="Other", category="Basics", rubric="")
    outbox.deliver(lean, now=NOW + timedelta(days=36500))
    assert {skill["externalId"] for skill in fake.objects["Skill"].values()} == {"listen", "other"}
    row = OutboxRow.objects.get()
    assert (row.class_name, row.attempts, row.last_error) == ("Skill", 1, "LeanCloud says 137")
    assert outbox.backlog().failing == 1
    assert recorded.counted(names.MIRROR_DELIVERED, **{names.STATUS: names.FAILED}) == 1
    assert recorded.counted(names.MIRROR_DELIVERED, **{names.STATUS: names.OK}) == 3
    assert {span.attributes[names.KIND] for span in recorded.spans(names.MIRROR_DELIVER)} >= {"Skill", "Scenario"}
    assert recorded.spans(names.MIRROR_REQUEST)


@pytest.mark.parametrize("attempts", [1_023, 1_024, 2_000_000_000])
def test_a_record_refused_more_than_a_thousand_times_waits_ten_minutes_and_blocks_nobody(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud, attempts: int
) -> None:
    fake.unique.add(("Skill", "externalId"))
    fake.create("Skill", {"externalId": "other"})
    Skill.objects.create(external_id="other", name="Other", category="Basics", rubric="")
    OutboxRow.objects.filter(class_name="Skill").update(attempts=attempts)
    assert outbox.run(lean, clock=lambda: SOON) == 3
    row = OutboxRow.objects.get()
    assert (row.class_name, row.attempts) == ("Skill", attempts + 1)
    assert timedelta(seconds=400) < row.next_attempt_at - SOON < timedelta(seconds=800)


def test_leancloud_down_loses_nothing(session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud) -> None:
    fake.down = True
    assert outbox.run(lean, clock=lambda: SOON) == 0
    waiting = outbox.backlog().waiting
    assert waiting == 3
    fake.down = False
    assert outbox.run(lean, clock=lambda: SOON) == waiting


def test_one_worker_delivers_at_a_time_and_a_dead_workers_lease_expires() -> None:
    mine = lease.take(NOW)
    assert mine
    assert lease.take(NOW) is None
    assert mine.renew(NOW + timedelta(minutes=4))
    assert lease.take(NOW + timedelta(minutes=8)) is None
    theirs = lease.take(NOW + timedelta(minutes=10))
    assert theirs
    assert not mine.renew(NOW + timedelta(minutes=10))
    theirs.give_back(NOW + timedelta(minutes=10))
    assert lease.take(NOW + timedelta(minutes=10))


def test_a_delivery_under_way_is_not_joined_by_another_of_the_same_worker(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, met = lean.batch, []

    def meanwhile(operations):
        met.append(outbox.run(lean, clock=lambda: SOON))
        return batch(operations)

    monkeypatch.setattr(lean, "batch", meanwhile)
    assert outbox.run(lean, clock=lambda: SOON) == 3
    assert met
    assert set(met) == {0}
    assert len(fake.objects["Skill"]) == 1


def test_a_record_that_makes_leancloud_refuse_its_batch_delays_only_itself(
    fake: LeanCloudFake, lean: LeanCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        Skill.objects.create(external_id=f"s{number}", name=f"Skill {number}", category="Basics", rubric="")
    batch = lean.batch

    def too_large(operations):
        if any(operation.body["externalId"] == "s5" for operation in operations):
            raise LeanCloudRefused("too large", code=0, status=413)
        return batch(operations)

    monkeypatch.setattr(lean, "batch", too_large)
    assert outbox.run(lean, clock=lambda: NOW + timedelta(days=36500)) == 8
    assert OutboxRow.objects.get().last_error == "LeanCloud says 413"
    assert len(fake.objects["Skill"]) == 8


def test_a_record_that_makes_leancloud_fail_delays_only_itself(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        Skill.objects.create(external_id=f"s{number}", name=f"Skill {number}", category="Basics", rubric="")
    batch = lean.batch

    def fails(operations):
        if any(operation.body.get("externalId") == "s0" for operation in operations):
            raise LeanCloudUnavailable("LeanCloud answers 500")
        return batch(operations)

    monkeypatch.setattr(lean, "batch", fails)
    for _ in range(300):
        outbox.run(lean, clock=lambda: SOON)
        if OutboxRow.objects.filter(class_name="Skill").count() == 1:
            break
    assert not any(skill["externalId"] == "s0" for skill in fake.objects["Skill"].values())
    assert len(fake.objects["Skill"]) == 40
    monkeypatch.setattr(lean, "batch", batch)
    for hours in range(3):
        outbox.run(lean, clock=lambda hours=hours: SOON + timedelta(hours=hours))
    assert not OutboxRow.objects.exists()


def test_a_record_that_cannot_be_serialised_blocks_nobody(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud
) -> None:
    turn = spoken(session)
    fine = spoken(session, 3)
    RemoteObject.objects.create(class_name="_File", record_id=turn.audio_id, object_id="gone-over-there")
    now = NOW + timedelta(days=36500)
    while outbox.deliver(lean, now=now).taken:
        pass
    assert [found["localId"] for found in fake.objects["Turn"].values()] == [fine.pk]
    assert OutboxRow.objects.get().last_error == "cannot be sent: FileNotFoundError"


def test_refused_keys_are_logged_and_lose_nothing(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud
) -> None:
    fake.master_key = "another"
    assert outbox.run(lean, clock=lambda: SOON) == 0
    assert (outbox.backlog().waiting, outbox.backlog().failing) == (3, 0)


def test_an_object_that_vanished_in_leancloud_is_created_again(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud
) -> None:
    deliver_all(lean)
    fake.objects["Skill"].clear()
    Skill.objects.update(name="Back")
    deliver_all(lean)
    outbox.deliver(lean, now=SOON + timedelta(days=1))
    assert [skill["name"] for skill in fake.objects["Skill"].values()] == ["Back"]


def test_an_erasure_reaches_leancloud_and_is_confirmed_only_then(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud
) -> None:
    spoken(session)
    deliver_all(lean)
    erasure.erase(session.pk, user_id=session.user_id, now=NOW)
    audio_deletion.delete_due(SOON)
    assert erasure.confirm_done(NOW) == 0
    deliver_all(lean)
    assert fake.objects["Turn"] == fake.objects["PracticeSession"] == {}
    assert not RemoteObject.objects.filter(class_name__in=["Turn", "PracticeSession"]).exists()
    assert erasure.confirm_done(NOW) == 1
    assert Erasure.objects.get().confirmed_at == NOW


@pytest.mark.postgres
def test_an_erasure_waits_for_the_deletion_of_records_that_were_in_the_outbox_already(
    session: PracticeSession, fake: LeanCloudFake, lean: LeanCloud
) -> None:
    spoken(session)
    deliver_all(lean)
    list(outbox.note_all(now=NOW))
    erasure.erase(session.pk, user_id=session.user_id, now=NOW)
    audio_deletion.delete_due(SOON)
    assert fake.objects["Turn"]
    assert erasure.confirm_done(NOW) == 0
    deliver_all(lean)
    assert fake.objects["Turn"] == fake.objects["PracticeSession"] == {}
    assert erasure.confirm_done(NOW) == 1


@pytest.mark.postgres
@pytest.mark.usefixtures("configured")
def test_migrating_replaces_the_triggers_of_an_older_release(
    session: PracticeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older_release:
        older_release.setattr(triggers, "_note", lambda class_name, record, session: f"DELETE FROM {triggers.OUTBOX}")
        triggers.install()
    Skill.objects.update(name="Hearing")
    assert not OutboxRow.objects.exists()
    call_command("migrate", verbosity=0)
    Skill.objects.update(name="Listening")
    assert OutboxRow.objects.get().class_name == "Skill"


def test_a_hundred_records_take_one_request(fake: LeanCloudFake, lean: LeanCloud) -> None:
    for number in range(100):
        Skill.objects.create(external_id=f"s{number}", name=f"Skill {number}", category="Basics", rubric="")
    deliver_all(lean)
    assert [path for _, path in fake.requests] == ["/1.1/batch"]
    assert len(fake.objects["Skill"]) == 100


def test_without_leancloud_nothing_is_recorded_in_the_outbox() -> None:
    assert triggers.installed()
    triggers.remove()
    assert not triggers.installed()
    Skill.objects.create(external_id="x", name="X", category="Basics", rubric="")
    assert not OutboxRow.objects.exists()
