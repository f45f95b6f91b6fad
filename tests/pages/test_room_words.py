"""The room's texts for states and notices."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.test import Client

from coach.config import config
from practice.models import Scenario
from practice.views import room_words
from tests.pages import past


def test_states_and_notices_use_the_first_name(client: Client, catalog: dict[str, Scenario]) -> None:
    session = past.stock(catalog["late"], datetime.now(UTC))["active"]
    page = client.get(f"/sessions/{session.pk}/").content.decode()
    assert 'data-name="Sam Okafor" data-short-name="Sam"' in page


@pytest.mark.parametrize("local", [True, False])
def test_every_page_on_the_way_to_a_session_says_that_an_ai_plays_the_other_person(
    client: Client, catalog: dict[str, Scenario], monkeypatch: pytest.MonkeyPatch, local: bool
) -> None:
    monkeypatch.setattr(type(config), "roleplay", replace(config.roleplay, local=local))
    session = past.stock(catalog["late"], datetime.now(UTC))["active"]
    for path, words in (
        ("/", "A rehearsal with an AI"),
        (f"/scenarios/{catalog['late'].pk}/", "Played by an AI"),
        (f"/sessions/{session.pk}/", "A small AI model on this computer plays" if local else "An AI plays Sam Okafor"),
    ):
        assert words in client.get(path).content.decode(), path


def test_state_and_notice_of_an_erased_session_have_different_words() -> None:
    words = room_words.words()
    assert words["gone"] != words["notice.gone"]
