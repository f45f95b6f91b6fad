"""What the room says beside its control."""

from datetime import UTC, datetime

from django.test import Client

from practice.models import Scenario
from practice.views import room_words
from tests.pages import past


def test_states_and_notices_use_the_first_name(client: Client, shelf: dict[str, Scenario]) -> None:
    session = past.stock(shelf["late"], datetime.now(UTC))["active"]
    page = client.get(f"/sessions/{session.pk}/").content.decode()
    assert 'data-name="Sam Okafor" data-short-name="Sam"' in page


def test_what_is_gone_is_not_told_twice_in_the_same_words() -> None:
    words = room_words.words()
    assert words["gone"] != words["notice.gone"]
