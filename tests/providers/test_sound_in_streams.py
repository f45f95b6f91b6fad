"""Wherever providers put sound in a stream, it is played, never shown, and kept if the stream breaks off."""

import base64

import pytest

from coach.providers import completion_stream
from coach.providers.ports import (
    AudioDelta,
    ProviderUnavailable,
)
from tests.fakes.models import chunk, events
from tests.providers.said import PCM, STOP, gathered, said
from tests.providers.test_pcm_stream import base64_of, cut, wav

SOUNDS = {
    "OpenAI": [chunk({"audio": {"id": "a", "data": base64_of(piece)}}) for piece in cut(PCM, 1601)],
    "no padding": [chunk({"audio": {"data": base64_of(piece).rstrip("=")}}) for piece in cut(PCM, 1601)],
    "url-safe": [chunk({"audio": {"data": base64.urlsafe_b64encode(piece).decode()}}) for piece in cut(PCM, 1601)],
    "cut anywhere": [chunk({"audio": {"data": piece}}) for piece in cut(base64_of(PCM), 1001)],
    "alone": [chunk({"audio": base64_of(PCM)})],
    "a header in every piece": [chunk({"audio": {"data": base64_of(wav(piece))}}) for piece in cut(PCM, 1600)],
    "vLLM-Omni": [
        chunk({"content": base64_of(wav(piece))}, modality="audio") for piece in cut(PCM, 1600)
    ],
    "vLLM-Omni without its mark": [chunk({"content": base64_of(wav(piece))}) for piece in cut(PCM, 1600)],
    "parts": [chunk({"content": [{"type": "output_audio", "audio": {"data": base64_of(PCM)}}]})],
    "parts with the data in them": [chunk({"content": [{"type": "audio", "data": base64_of(PCM)}]})],
    "its message": [{"choices": [{"message": {"audio": {"data": base64_of(PCM)}}}]}],
}  # fmt: skip


@pytest.mark.parametrize("chunks", SOUNDS.values(), ids=SOUNDS)
async def test_sound_is_played_wherever_it_is_and_never_shown(fake, roleplay, chunks):
    fake.answer("roleplay", sends=[events(chunk({"content": "Hello."}, modality="text"), *chunks, STOP)])
    text, pcm, _ = await said(roleplay)
    assert (text, pcm) == ("Hello.", PCM)


async def test_a_service_that_sends_all_text_first_is_read_to_its_end(fake, roleplay):
    text = [chunk({"content": "Hello."}, modality="text"), chunk({}, "stop", modality="text")]
    sound = [chunk({"content": base64_of(wav(piece))}, modality="audio") for piece in cut(PCM, 1600)]
    late = completion_stream.COUNT_SECONDS + 0.2
    fake.answer(
        "roleplay", sends=[events(*text, done=False), late, events(*sound, chunk({}, "stop", modality="audio"))]
    )
    assert (await said(roleplay))[:2] == ("Hello.", PCM)


@pytest.mark.parametrize("data", ["not base64!", base64_of(b"OggS" + bytes(100))])
async def test_unplayable_sound_is_one_clear_error(fake, roleplay, data):
    fake.answer("roleplay", sends=[events(chunk({"content": data}, modality="audio"), STOP)], times=None)
    with pytest.raises(ProviderUnavailable, match="unplayable_sound"):
        await said(roleplay)


@pytest.mark.parametrize("then", ["reset", "close"])
async def test_sound_that_breaks_off_is_kept_and_reported(fake, roleplay, then):
    fake.answer("roleplay", sends=[events(chunk({"audio": {"data": base64_of(PCM)}}), done=False)], then=then)
    kept: list[AudioDelta] = []
    with pytest.raises(ProviderUnavailable):
        await gathered(roleplay, kept)
    assert b"".join(piece.pcm for piece in kept) == PCM
    assert len(fake.requests("roleplay")) == 1
