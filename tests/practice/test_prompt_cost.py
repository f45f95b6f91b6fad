"""Building a prompt loads only the recordings that the model will hear, however long the conversation."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coach.storage import audio
from practice.lifecycle import AsrStatus, ReplyStatus, Speaker
from practice.models import PracticeSession, Turn
from practice.turns import roleplay_prompt
from tests import cast
from tests.history.cast import past_session

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def talk(turns: int, *, unwritten: int = 0, **given: object) -> PracticeSession:
    """A session of `turns` turns with recordings; the trainee's first `unwritten` ones are not transcribed yet."""
    session = past_session(cast.scenario(), at=NOW)
    for sequence in range(turns):
        ours = sequence % 2 == 1
        late = ours and sequence // 2 < unwritten
        Turn.objects.create(
            session=session,
            sequence=sequence,
            speaker=Speaker.TRAINEE if ours else Speaker.AI,
            transcript=None if late else f"Line {sequence}.",
            asr_status=(AsrStatus.PENDING if late else AsrStatus.COMPLETED) if ours else None,
            reply_status=None if ours else ReplyStatus.COMPLETE,
            audio=audio.keep(bytes([sequence]) * 900, duration_ms=900, now=NOW),
            created_at=NOW + timedelta(seconds=sequence),
        )
    return session


def recordings_read(session: PracticeSession, sequence: int) -> tuple[int, int]:
    """How many recordings the prompt holds, and how many were loaded for it."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        request = roleplay_prompt.reply_request(session, sequence)
    loaded = [query["sql"] for query in queries if '"storage_audiofile"."content"' in query["sql"]]
    assert all("LIMIT 21" in sql or "LIMIT 1" in sql for sql in loaded), "several recordings at once"
    return sum(line.mp3 is not None for line in request.lines), len(loaded)


@pytest.mark.parametrize("turns", [4, 40])
def test_only_the_recording_of_the_turn_to_be_answered_is_loaded(turns: int) -> None:
    assert recordings_read(talk(turns), turns) == (1, 1)


def test_recordings_without_a_transcript_are_loaded_too() -> None:
    assert recordings_read(talk(20, unwritten=3), 20) == (4, 4)


def test_a_continued_conversation_loads_no_earlier_recording() -> None:
    session = talk(2)
    session.continues_from = talk(100)
    session.save()
    assert recordings_read(session, 2) == (1, 1)
