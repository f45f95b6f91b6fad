"""The history's pages: list, session, erasure, downloads and progress."""

import json
import random
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import Client
from django.urls import reverse

from coach.storage import audio, audio_upload, stores
from coach.storage.models import AudioDeletion
from evaluations.models import Evaluation, SkillScore
from history import export, progress
from history.models import Archive, ArchiveStatus, Visit
from history.views import export as views
from practice.lifecycle import AsrStatus, ReplyStatus, ScenarioStatus, Speaker
from practice.models import PracticeSession, Scenario, Turn
from tests import cast
from tests.history.cast import past_session

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scenario() -> Scenario:
    return cast.scenario()


def talked(scenario: Scenario, *, at: datetime = NOW, asr: AsrStatus = AsrStatus.COMPLETED) -> PracticeSession:
    """A session with an AI line and a spoken turn of the trainee."""
    session = past_session(scenario, at=at)
    Turn.objects.create(
        session=session,
        sequence=0,
        speaker=Speaker.AI,
        reply_status=ReplyStatus.COMPLETE,
        transcript="What is it <b>about</b>?",
        created_at=at,
    )
    Turn.objects.create(
        session=session,
        sequence=1,
        speaker=Speaker.TRAINEE,
        asr_status=asr,
        transcript="The deadlines." if asr == AsrStatus.COMPLETED else None,
        audio=audio.keep(b"\xff\xf3 spoken", duration_ms=900, now=at),
        created_at=at,
    )
    return session


def rated(session: PracticeSession, rating: int, skill_id: str = "listen") -> None:
    evaluation = Evaluation.objects.create(
        session=session, status="completed", queued_at=NOW, completed_at=NOW, summary="Good."
    )
    SkillScore.objects.create(
        evaluation=evaluation,
        position=0,
        skill_id=skill_id,
        name="Listening",
        rubric="",
        rating=rating,
        note="n",
        without_evidence=True,
    )


def test_a_session_page_can_show_how_soon_each_answer_came(client: Client, scenario: Scenario) -> None:
    session = talked(scenario)
    page = reverse("history:detail", args=[session.pk])
    assert 'data-module="answer-times"' not in client.get(page).content.decode()
    answer = {"speaker": Speaker.AI, "reply_status": ReplyStatus.COMPLETE, "transcript": "I see.", "created_at": NOW}
    session.turns.create(sequence=2, latency_ms=430, **answer)
    shown = client.get(page).content.decode()
    assert shown.count("answered in") == 1
    assert "answered in 0.4 s" in shown
    assert 'data-module="answer-times"' in shown


def test_an_empty_history_offers_the_next_step(client: Client) -> None:
    for address in ("/history/", "/history/?search=zebra"):
        page = client.get(address).content.decode()
        assert "Nothing here yet" in page
        assert f'href="{reverse("practice:catalog")}"' in page
        assert 'role="search"' not in page
        assert reverse("history:erase-all") not in page


def test_a_history_filtered_to_nothing_offers_to_drop_each_filter(client: Client, scenario: Scenario) -> None:
    past_session(scenario, at=NOW)
    page = client.get("/history/?search=zebra&category=None&sort=startedAtAsc").content.decode()
    assert "No sessions match" in page
    assert "?category=None&amp;sort=startedAtAsc" in page
    assert "?search=zebra&amp;sort=startedAtAsc" in page


def test_htmx_gets_only_the_list_and_a_pasted_address_the_whole_page(client: Client, scenario: Scenario) -> None:
    past_session(scenario, at=NOW)
    part = client.get("/history/", headers={"HX-Request": "true", "HX-Target": "sessions"})
    assert part.content.strip().startswith(b'<div id="sessions"')
    assert "HX-Request" in part["Vary"]
    assert client.get("/history/").content.startswith(b"<!doctype html>")


def test_the_list_takes_the_same_number_of_queries_for_any_history(
    client: Client, scenario: Scenario, django_assert_num_queries
) -> None:
    past_session(scenario, at=NOW)
    with django_assert_num_queries(5):
        client.get("/history/")
    for number in range(40):
        rated(past_session(scenario, at=NOW + timedelta(minutes=number)), 3)
    with django_assert_num_queries(5):
        client.get("/history/")


@pytest.mark.parametrize(("zone", "told"), [("Asia/Shanghai", "17:00"), ("Asia/Nowhere", "09:00"), ("", "09:00")])
def test_times_are_shown_in_the_readers_time_zone(client: Client, scenario: Scenario, zone: str, told: str) -> None:
    session = past_session(scenario, at=NOW)
    client.cookies["timezone"] = zone
    for address in ("/history/", f"/history/{session.pk}/"):
        assert f"5 Jan 2026, {told}" in client.get(address).content.decode()


STRANGE = ["page=zero", "page=999", "sort=title", "scenarioId=%00", "search=%F0%9F%98%80", "page=-1"]


@pytest.mark.parametrize("query", STRANGE)
def test_malformed_queries_still_show_the_list(client: Client, scenario: Scenario, query: str) -> None:
    past_session(scenario, at=NOW)
    assert client.get(f"/history/?{query}").status_code == 200


def test_transcripts_are_escaped(client: Client, scenario: Scenario) -> None:
    page = client.get(f"/history/{talked(scenario).pk}/").content.decode()
    assert "What is it &lt;b&gt;about&lt;/b&gt;?" in page


def test_a_session_opened_from_the_list_took_two_steps(client: Client, scenario: Scenario) -> None:
    session = talked(scenario)
    client.get("/history/")
    client.get(f"/history/{session.pk}/")
    assert Visit.objects.get().step_count == 2


def test_a_search_counts_as_another_step(client: Client, scenario: Scenario) -> None:
    session = talked(scenario)
    client.get("/history/")
    client.get("/history/?search=a", headers={"Referer": "http://testserver/history/"})
    client.get(f"/history/{session.pk}/")
    assert Visit.objects.get().step_count == 3


def test_a_link_from_elsewhere_took_one_step(client: Client, scenario: Scenario) -> None:
    client.get(f"/history/{talked(scenario).pk}/")
    assert Visit.objects.get().step_count == 1


def test_a_running_session_redirects_to_its_room(client: Client, scenario: Scenario) -> None:
    session = past_session(scenario, at=NOW)
    PracticeSession.objects.update(status="active", termination_reason="", ended_at=None)
    assert client.get(f"/history/{session.pk}/")["Location"] == reverse("practice:room", args=[session.pk])


def test_another_trainees_session_is_not_found(client: Client, scenario: Scenario) -> None:
    session = past_session(scenario, at=NOW, user="sam")
    for path in ("", "session.json", "erase/"):
        assert client.get(f"/history/{session.pk}/{path}").status_code == 404
    assert client.post(f"/history/{session.pk}/erase/").status_code == 404
    assert PracticeSession.objects.exists()


def test_a_session_of_an_unpublished_scenario_says_that_it_cannot_be_practised_again(
    client: Client, scenario: Scenario
) -> None:
    session = talked(scenario)
    assert "practice-again" in client.get(f"/history/{session.pk}/").content.decode()
    Scenario.objects.update(status=ScenarioStatus.DRAFT)
    page = client.get(f"/history/{session.pk}/").content.decode()
    assert "practice-again" not in page
    assert "isn't available at the moment" in page


def test_a_session_can_be_practised_again_from_the_list_while_its_scenario_is_published(
    client: Client, scenario: Scenario
) -> None:
    talked(scenario)
    again = f'href="/scenarios/{scenario.pk}/"'
    assert again in client.get("/history/").content.decode()
    Scenario.objects.update(status=ScenarioStatus.DRAFT)
    assert again not in client.get("/history/").content.decode()


def test_a_turn_whose_transcription_failed_can_be_transcribed_again(client: Client, scenario: Scenario) -> None:
    session = talked(scenario, asr=AsrStatus.FAILED)
    turn = session.turns.get(sequence=1)
    assert "Transcribe again" in client.get(f"/history/{session.pk}/").content.decode()
    answer = client.post(f"/history/{session.pk}/turns/{turn.pk}/transcribe/")
    assert answer["Location"].endswith("#turn-1")
    turn.refresh_from_db()
    assert turn.asr_status == AsrStatus.PENDING


def test_a_line_whose_recording_is_gone_offers_no_transcription_and_promises_no_recording(
    client: Client, scenario: Scenario
) -> None:
    session = talked(scenario, asr=AsrStatus.FAILED)
    session.turns.filter(sequence=1).update(audio=None)
    for path in (f"/history/{session.pk}/", f"/sessions/{session.pk}/"):
        page = client.get(path).content.decode()
        assert "This couldn't be transcribed.<" in unescape(page)
        assert "Transcribe again" not in page
        assert "the recording is kept" not in page
    session.turns.filter(sequence=1).update(asr_status=AsrStatus.COMPLETED, transcript="")
    assert "No words were recognised.<" in client.get(f"/history/{session.pk}/").content.decode()


def test_erasing_is_confirmed_on_a_page_and_done_by_post_only(client: Client, scenario: Scenario) -> None:
    session = talked(scenario)
    page = client.get(f"/history/{session.pk}/erase/").content.decode()
    assert "2 lines of the conversation" in page
    assert "1 recording" in page
    assert PracticeSession.objects.exists()
    assert "The session was deleted" in client.post(f"/history/{session.pk}/erase/", follow=True).content.decode()
    assert not PracticeSession.objects.exists()


def test_a_forged_erasure_is_refused(scenario: Scenario) -> None:
    session = talked(scenario)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/history/{session.pk}/erase/").status_code == 403
    assert strict.post("/history/erase/").status_code == 403
    assert PracticeSession.objects.exists()


def test_everything_can_be_erased_at_once(client: Client, scenario: Scenario) -> None:
    for number in range(3):
        talked(scenario, at=NOW + timedelta(days=number))
    page = client.get("/history/erase/").content.decode()
    assert "3 sessions with every line" in page
    assert "Delete all 3 sessions" in page, "the button says what it does"
    client.post("/history/erase/")
    assert not PracticeSession.objects.exists()
    assert "nothing to delete" in client.get("/history/erase/").content.decode()


def test_a_session_can_be_downloaded_as_json_without_expiring_links(client: Client, scenario: Scenario) -> None:
    session = talked(scenario)
    answer = client.get(f"/history/{session.pk}/session.json")
    assert answer["Content-Disposition"].startswith('attachment; filename="2026-01-05-')
    PracticeSession.objects.update(scenario_title="谈 加薪")
    client.cookies["timezone"] = "Pacific/Pago_Pago"
    named = client.get(f"/history/{session.pk}/session.json")["Content-Disposition"]
    assert named == f"attachment; filename*=utf-8''2026-01-04-{quote('谈-加薪')}.json", "the reader's day and script"
    whole = json.loads(answer.content)
    assert [turn["transcript"] for turn in whole["turns"]] == ["What is it <b>about</b>?", "The deadlines."]
    assert "audioUrl" not in answer.content.decode()


def test_all_data_comes_as_one_archive_with_words_and_recordings(client: Client, scenario: Scenario) -> None:
    for number in range(2):
        talked(scenario, at=NOW + timedelta(days=number))
    client.post("/history/takeout/")
    client.post("/history/takeout/")
    archive = Archive.objects.get()
    assert "Waiting to start" in client.get("/history/takeout/").content.decode()
    assert export.build_due(lambda: NOW) == 1
    page = client.get("/history/takeout/", headers={"HX-Request": "true", "HX-Target": "archive"})
    assert page.status_code == 286
    assert b"Your export is ready" in page.content
    packed = zipfile.ZipFile(BytesIO(b"".join(client.get(f"/history/takeout/{archive.pk}/"))))
    names = packed.namelist()
    assert len([name for name in names if name.endswith("session.json")]) == 2
    assert len([name for name in names if name.endswith("001-trainee.mp3")]) == 2


def test_a_large_archive_is_sent_a_piece_at_a_time(client: Client, scenario: Scenario) -> None:
    turn = talked(scenario).turns.get(sequence=0)
    turn.audio = audio.keep(random.Random(1).randbytes(3 * views.PIECE_BYTES), duration_ms=900, now=NOW)
    turn.save()
    export.request("pilot-user", now=NOW)
    export.build_due(lambda: NOW)
    archive = Archive.objects.get()
    answer = client.get(f"/history/takeout/{archive.pk}/")

    async def received() -> list[int]:
        return [len(piece) async for piece in answer.streaming_content]

    sizes = async_to_sync(received)()
    assert sum(sizes) == archive.size_bytes == int(answer["Content-Length"])
    assert len(sizes) > 3
    assert max(sizes) <= views.PIECE_BYTES


def test_head_on_an_archive_does_not_open_it(
    client: Client, scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    talked(scenario)
    export.request("pilot-user", now=NOW)
    export.build_due(lambda: NOW)
    archive = Archive.objects.get()
    store = stores.store(archive.store)
    monkeypatch.setattr(type(store), "open", lambda *_: pytest.fail("the archive was opened"))
    answer = client.head(f"/history/takeout/{archive.pk}/")
    assert (answer.status_code, answer["Content-Length"]) == (200, str(archive.size_bytes))
    assert answer["Content-Type"] == "application/zip"
    store.delete(archive.key)
    assert client.head(f"/history/takeout/{archive.pk}/").status_code == 404


@pytest.mark.parametrize("call", ["open", "exists"])
def test_an_archive_that_its_store_cannot_give_now_is_a_503(
    client: Client, scenario: Scenario, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def away(*_: Any) -> Any:
        raise ConnectionError("the store is down")

    talked(scenario)
    export.request("pilot-user", now=NOW)
    export.build_due(lambda: NOW)
    archive = Archive.objects.get()
    monkeypatch.setattr(type(stores.store(archive.store)), call, away)
    answer = client.generic("HEAD" if call == "exists" else "GET", f"/history/takeout/{archive.pk}/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Content-Disposition" not in answer, "a page, not the file"


@pytest.mark.django_db(transaction=True)
def test_an_archive_is_built_while_others_write(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite refuses a write beside an open cursor once somebody else has written."""
    for hours in range(3):
        past_session(scenario, at=NOW + timedelta(hours=hours))
    pack = export._pack

    def packed_while_others_write(*given: Any) -> None:
        pack(*given)
        with ThreadPoolExecutor(1) as other:
            other.submit(visit_elsewhere).result()

    def visit_elsewhere() -> None:
        try:
            past_session(scenario, at=NOW, user="sam")
        finally:
            connection.close()

    monkeypatch.setattr(export, "_pack", packed_while_others_write)
    monkeypatch.setattr(export, "BATCH", 1)
    monkeypatch.setattr(export, "SAY_SO_EVERY", 1)
    export.request("pilot-user", now=NOW)
    assert export.build_due(lambda: NOW) == 1


def test_an_archive_whose_worker_died_is_built_by_another(scenario: Scenario) -> None:
    talked(scenario)
    export.request("pilot-user", now=NOW)
    Archive.objects.update(status=ArchiveStatus.BUILDING, claimed_until=NOW + timedelta(minutes=1))
    assert export.build_due(lambda: NOW) == 0
    assert export.build_due(lambda: NOW + timedelta(minutes=5)) == 1


def test_an_archive_is_deleted_with_any_of_its_sessions_and_after_a_day(client: Client, scenario: Scenario) -> None:
    session = talked(scenario)
    export.request("pilot-user", now=NOW)
    export.build_due(lambda: NOW)
    client.post(f"/history/{session.pk}/erase/")
    assert not Archive.objects.exists()
    assert AudioDeletion.objects.filter(key__contains="takeout").exists()
    talked(scenario)
    export.request("pilot-user", now=NOW)
    export.build_due(lambda: NOW)
    assert export.drop_expired(NOW + timedelta(hours=23)) == 0
    assert export.drop_expired(NOW + timedelta(hours=25)) == 1


def test_an_archive_that_cannot_be_stored_is_shown_as_failed(
    client: Client, scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    talked(scenario)
    audio_upload.upload_due(NOW)
    export.request("pilot-user", now=NOW)

    def fail(*args: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", fail)
    assert export.build_due(lambda: NOW) == 0
    assert "couldn't be created" in client.get("/history/takeout/").content.decode()


def test_progress_is_honest_with_few_ratings(client: Client, scenario: Scenario) -> None:
    assert "Nothing to show yet" in client.get("/progress/").content.decode()
    rated(talked(scenario), 4)
    page = client.get("/progress/").content.decode()
    assert "trend yet" not in page
    assert "A chart appears once a skill has three ratings." in page
    assert "4 minutes of practice" in page


def test_progress_compares_the_last_five_with_the_five_before(client: Client, scenario: Scenario) -> None:
    for number, rating in enumerate([2, 2, 2, 2, 2, 3, 3, 3, 4, 4]):
        rated(past_session(scenario, at=NOW + timedelta(days=number)), rating)
    (skill,) = progress.by_skill("pilot-user")
    assert (skill.earlier_mean, skill.recent_mean, skill.change) == (2.0, 3.4, 1.4)
    assert "Up 1.4 on your previous five" in client.get("/progress/").content.decode()


def test_progress_shows_nothing_of_others(scenario: Scenario) -> None:
    rated(past_session(scenario, at=NOW, user="sam"), 5)
    assert progress.by_skill("pilot-user") == []
    assert progress.practised("pilot-user") == progress.TimePractised(0, 0)


def test_filters_appear_only_with_enough_sessions(client: Client, scenario: Scenario) -> None:
    for day in range(5):
        past_session(scenario, at=NOW + timedelta(days=day))
    assert "history-filters" not in client.get("/history/").content.decode()
    assert "history-filters" in client.get("/history/?search=zebra").content.decode(), "what is set can be changed"
    past_session(scenario, at=NOW + timedelta(days=5))
    page = client.get("/history/").content.decode()
    assert "history-filters" in page
    assert "history-scenario" not in page, "there is one scenario, nothing to choose"
