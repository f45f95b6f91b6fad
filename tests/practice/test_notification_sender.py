"""Notifications to other processes: waiting ones are sent together, and an outage is logged once."""

import asyncio
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from practice import notifications
from practice.notification_sender import NotificationSender
from practice.notifications import Changed, Message, ReplyFollowed


class Layer:
    """A fake channel layer: `send` blocks until `free` is set, and fails while `away` is true."""

    def __init__(self) -> None:
        self.sent: list[list[Message]] = []
        self.free = asyncio.Event()
        self.away = False

    async def send(self, messages: Sequence[Message], origin: str) -> None:
        await self.free.wait()
        if self.away:
            raise TimeoutError
        self.sent.append(list(messages))


@pytest.fixture
async def layer(monkeypatch: pytest.MonkeyPatch) -> Layer:
    made = Layer()
    monkeypatch.setattr(notifications, "send", made.send)
    return made


async def all_sent(notification_sender: NotificationSender) -> None:
    async with asyncio.timeout(30):
        while under_way := notification_sender.under_way():
            await asyncio.wait(under_way)


async def test_waiting_notifications_are_sent_together_and_without_duplicates(layer: Layer) -> None:
    notification_sender = NotificationSender("here")
    notification_sender.put(Changed("a"))
    await asyncio.sleep(0)
    for message in (Changed("b"), ReplyFollowed("t"), Changed("b"), Changed("a")):
        notification_sender.put(message)
    layer.free.set()
    await all_sent(notification_sender)
    notification_sender.put(Changed("b"))
    await all_sent(notification_sender)
    assert layer.sent == [[Changed("a")], [Changed("b"), ReplyFollowed("t"), Changed("a")], [Changed("b")]]


async def test_an_outage_is_logged_when_it_begins_and_when_it_ends(layer: Layer) -> None:
    notification_sender = NotificationSender("here")
    layer.free.set()
    with capture_logs() as told:
        layer.away = True
        for session in "abc":
            notification_sender.put(Changed(session))
            await all_sent(notification_sender)
        layer.away = False
        for session in "de":
            notification_sender.put(Changed(session))
            await all_sent(notification_sender)
    assert [(each["log_level"], each["event"], each.get("count")) for each in told] == [
        ("warning", "notifications not passed on", None),
        ("info", "notifications passed on again", 3),
    ]
    assert layer.sent == [[Changed("d")], [Changed("e")]]


def test_messages_of_another_release_are_ignored() -> None:
    known = {"kind": "Changed", "fields": {"session_id": "a"}}
    strange = [{"kind": "Later", "fields": {}}, {"kind": "Changed", "fields": {"other": 1}}, {}]
    assert notifications.parse({"messages": [*strange, known]}) == [Changed("a")]
    assert notifications.parse({"kind": "Changed", "fields": {"session_id": "a"}}) == []
