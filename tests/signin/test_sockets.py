"""The session socket on a site where people sign in."""

from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import AsyncClient
from django.utils import timezone

from coach.asgi import application
from coach.signin import signed_in_sockets
from coach.threads import in_thread
from practice.models import PracticeSession
from tests import cast
from tests.practice.running_web import CommunicatorWire, RunningWeb
from tests.signin.accounts import account
from tests.talker import Closed, Talker, iso

pytestmark = pytest.mark.postgres


@asynccontextmanager
async def socket(web: RunningWeb, session_id: str, user: User | None) -> Any:
    client = AsyncClient()
    if user:
        await client.aforce_login(user)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    made = WebsocketCommunicator(application, f"/ws/sessions/{session_id}", [(b"cookie", cookies.encode())])
    assert (await made.connect(timeout=60))[0]
    try:
        yield Talker(CommunicatorWire(made), web.clock.now)
    finally:
        await made.disconnect(timeout=60)


async def closed(talker: Talker) -> int:
    try:
        while True:
            await talker.next()
    except Closed as end:
        return end.code


@pytest.fixture
async def hers(web: RunningWeb, _login: None) -> tuple[User, str]:
    """Alice, and the id of the session that she has started."""
    alice = await in_thread(account, "alice")
    scenario = await in_thread(cast.scenario)
    await web.http.aforce_login(alice)
    body = {"scenarioId": scenario.pk, "clientSessionStartedAt": iso(web.clock.now())}
    response = await web.post("/api/sessions", body)
    assert response.status_code == 201, response.content
    return alice, response.json()["id"]


async def test_only_its_trainee_can_open_a_sessions_socket(web: RunningWeb, hers: tuple[User, str]) -> None:
    alice, session_id = hers
    bob = await in_thread(account, "bob")
    root = await in_thread(lambda: User.objects.create_superuser("root"))
    for other in (bob, root):
        async with socket(web, session_id, other) as talker:
            assert await closed(talker) == 4404
    # It did not count as hers either, which would have kept her session alive.
    assert not (await in_thread(PracticeSession.objects.get, pk=session_id)).had_socket
    async with socket(web, session_id, None) as talker:
        assert await closed(talker) == 4401
    async with socket(web, session_id, alice) as talker:
        assert (await talker.hear("session"))["session"]["id"] == session_id


def signed_out(alice: User) -> None:
    Session.objects.all().delete()


def expired(alice: User) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


def locked_out(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)


def given_another_password(alice: User) -> None:
    alice.set_password("another")
    alice.save()


@pytest.mark.parametrize("over", [signed_out, expired, locked_out, given_another_password])
async def test_a_sign_in_that_ends_during_a_session_closes_the_socket_before_the_next_turn(
    web: RunningWeb, hers: tuple[User, str], over: Callable[[User], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, session_id = hers
    async with socket(web, session_id, alice) as talker:
        await talker.hear("session")
        turns = len(await web.turns(session_id))
        await in_thread(over, alice)
        monkeypatch.setattr(signed_in_sockets, "LOOK_AGAIN_SECONDS", 0.0)
        now = iso(web.clock.now())
        await talker.send("turn_text", sequence=1, startedAt=now, endedAt=now, clientSentAt=now, text="Hello?")
        assert await closed(talker) == 4401
    assert len(await web.turns(session_id)) == turns


async def test_an_idle_socket_is_closed_too(
    web: RunningWeb, hers: tuple[User, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, session_id = hers
    monkeypatch.setattr(signed_in_sockets, "LOOK_AGAIN_SECONDS", 0.05)
    async with socket(web, session_id, alice) as talker:
        await talker.hear("session")
        await in_thread(signed_out, alice)
        assert await closed(talker) == 4401


async def test_sockets_read_the_session_cookie() -> None:
    scope = {"headers": [(b"cookie", f"a=b; {settings.SESSION_COOKIE_NAME}=key; c=d".encode())]}
    assert signed_in_sockets._session_key(scope) == "key"
    assert signed_in_sockets._session_key({"headers": [(b"cookie", b"\xff\xfe")]}) is None
