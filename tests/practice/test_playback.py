"""Recordings can be played from any position, by HTTP ranges (which Safari always requests)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from coach import clock
from coach.storage import audio
from practice import audio_links
from practice.lifecycle import Speaker
from practice.models import Turn
from tests import cast
from tests.history.cast import past_session

pytestmark = pytest.mark.django_db

SOUND = bytes(range(200)) * 5


@pytest.fixture
def link() -> str:
    """The signed address of a recording of a thousand bytes."""
    now = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    session = past_session(cast.scenario(), at=now)
    kept = audio.keep(SOUND, duration_ms=900, now=now)
    turn = Turn.objects.create(session=session, sequence=1, speaker=Speaker.TRAINEE, audio=kept, created_at=now)
    return audio_links.Links("pilot-user", now=clock.now()).to(turn.pk)


@pytest.mark.parametrize(
    ("asked", "status", "part", "told"),
    [
        ("bytes=0-1", 206, SOUND[:2], "bytes 0-1/1000"),
        ("bytes=990-", 206, SOUND[990:], "bytes 990-999/1000"),
        ("bytes=990-5000", 206, SOUND[990:], "bytes 990-999/1000"),
        ("bytes=-10", 206, SOUND[990:], "bytes 990-999/1000"),
        ("bytes=-5000", 206, SOUND, "bytes 0-999/1000"),
        ("bytes=999-999", 206, SOUND[999:], "bytes 999-999/1000"),
        ("bytes=1000-", 416, None, "bytes */1000"),
        ("bytes=-0", 416, None, "bytes */1000"),
        ("bytes=5-2", 200, SOUND, None),
        ("bytes=0-1,5-6", 200, SOUND, None),
        ("seconds=1-2", 200, SOUND, None),
    ],
)
def test_the_requested_range_is_returned(
    client: Client, link: str, asked: str, status: int, part: bytes | None, told: str | None
) -> None:
    answer = client.get(link, headers={"Range": asked})
    assert (answer.status_code, answer.headers.get("Content-Range")) == (status, told)
    assert part is None or answer.content == part


def test_if_range_returns_a_range_only_if_the_recording_is_unchanged(client: Client, link: str) -> None:
    whole = client.get(link)
    assert (whole.status_code, whole.content, whole.headers["Accept-Ranges"]) == (200, SOUND, "bytes")
    same = client.get(link, headers={"Range": "bytes=0-1", "If-Range": whole.headers["ETag"]})
    assert (same.status_code, same.content) == (206, SOUND[:2])
    other = client.get(link, headers={"Range": "bytes=0-1", "If-Range": '"another"'})
    assert (other.status_code, other.content) == (200, SOUND)
    tag = whole.headers["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):  # a proxy that compresses weakens tags
        assert client.get(link, headers={"If-None-Match": known}).status_code == 304
    for other in ('"other"', 'W/"other", "another"', tag.strip('"')):
        assert client.get(link, headers={"If-None-Match": other}).status_code == 200


@pytest.mark.parametrize("asked", ["bytes=0-1", "bytes=-10", "bytes=5000-"])
def test_head_describes_the_whole_recording_whatever_range_it_names(client: Client, link: str, asked: str) -> None:
    answer = client.head(link, headers={"Range": asked})
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, "1000")
    assert "Content-Range" not in answer.headers


def test_a_link_plays_for_a_quarter_of_an_hour_and_for_its_own_trainee_only(
    client: Client, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get(link).status_code == 200
    tampered = client.get(link.replace("expires=", "expires=9"))
    assert (tampered.status_code, tampered.json()["code"]) == (403, "link_invalid")

    turn = Turn.objects.get()
    others = client.get(audio_links.Links("somebody-else", now=clock.now()).to(turn.pk))
    assert (others.status_code, others.json()["code"]) == (403, "link_invalid")

    later = clock.now() + timedelta(minutes=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    expired = client.get(link)
    assert (expired.status_code, expired.json()["code"]) == (403, "link_expired")
