"""Whisper recognises a recorded Chinese sentence."""

import difflib

import pytest

from coach.local_models.speech.asr_models import RecognizerPool
from tests.fixtures import speech
from tests.local_models.real_server import models_folder

pytestmark = [pytest.mark.models, pytest.mark.timeout(300)]


def only_characters(text: str) -> str:
    return "".join(one for one in text if one.isalnum())


async def test_nothing_is_invented_after_the_last_word() -> None:
    pool = RecognizerPool(models_folder())
    heard = await pool.hear(speech.mp3("overtime"), "zh")
    said, understood = only_characters(speech.WORDS["overtime"]), only_characters(heard.text)
    assert len(understood) <= len(said) + 1, heard.text
    assert difflib.SequenceMatcher(None, said, understood).ratio() > 0.7, heard.text
    assert "".join(word for word, _ in heard.words).strip() == heard.text
    pool.close()
