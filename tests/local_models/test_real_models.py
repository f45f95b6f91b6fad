"""The local server with real, tiny models, asked by the official `openai` client and by ours."""

import base64
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import lameenc
import numpy as np
import openai
import pytest
from numpy.typing import NDArray

from coach.config import ModelEndpoint
from coach.local_models.language_model.llama import PIECE, _piece_by_piece
from coach.local_models.speech.asr_models import HeardSpeech, Moonshine, RecognizerPool
from coach.local_models.speech.audio_input import samples
from coach.local_models.speech.local_voice import VOICES
from coach.local_models.speech.tts_models import Hibari, stretched
from coach.providers.asr import CompletionsRecognizer
from coach.providers.ports import AudioDelta, Message, PromptLine, ReplyRequest, TextDelta, Tool
from coach.providers.roleplay import StreamedRoleplay
from coach.providers.tools import CompletionsToolCaller
from tests.local_models.test_forms import EVALUATION

pytestmark = [pytest.mark.models, pytest.mark.timeout(300)]

SENTENCE = "I would like to talk about the billing report from last Friday."
INSTRUCTIONS = "You are Sam Okafor, Developer.\nYou are talking with Jordan, Team lead.\nAbout you: You are often late."
SPOKEN: dict[str, Any] = {"model": "local-roleplay", "modalities": ["text", "audio"], "stream": True}


@pytest.fixture(scope="session")
def mp3() -> bytes:
    """A spoken sentence as a browser sends it: mono, 16 kHz, 24 kbps."""
    return encoded(stretched(Hibari().say(SENTENCE, VOICES["female"]), 16_000 / 24_000))


def encoded(sound: NDArray[np.float32]) -> bytes:
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(24)
    encoder.set_in_sample_rate(16_000)
    encoder.set_channels(1)
    encoder.silence()
    pcm = (np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes()
    return bytes(encoder.encode(pcm) + encoder.flush())


@pytest.fixture
def client(local_base: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{local_base}/v1", api_key="none", max_retries=0) as one:
        yield one


def joined(*recordings: bytes) -> bytes:
    """The recordings joined, with half a second of silence before, between and after them."""
    quiet = np.zeros(8_000, np.float32)
    return encoded(np.concatenate([quiet, *(piece for one in recordings for piece in (samples(one), quiet))]))


def part(mp3: bytes, prefix: str = "") -> Any:
    data = prefix + base64.b64encode(mp3).decode()
    return {"type": "input_audio", "input_audio": {"data": data, "format": "mp3"}}


def endpoint(base: str, model: str) -> ModelEndpoint:
    return ModelEndpoint(
        base_url=f"{base}/v1",
        model=model,
        api_key=None,
        local=True,
        key_variable="DASHSCOPE_API_KEY",
        model_variable="LOCAL_LLM",
    )


def spoken_words(pcm: bytes) -> str:
    """The words that speech recognition finds in the reply."""
    sound = stretched(np.frombuffer(pcm, "<i2").astype(np.float32) / 32_768, 16_000 / 24_000)
    return Moonshine().hear(sound, "en").text


def test_the_openai_client_hears_a_spoken_answer(client: openai.OpenAI, mp3: bytes) -> None:
    text, pcm, finish, prompt_tokens = spoken_answer(client, mp3)
    assert text.strip()
    assert finish == "stop"
    assert prompt_tokens > 0
    assert len(pcm) > 24_000 // 4


def test_a_spoken_reply_is_recognised_as_its_text(client: openai.OpenAI, mp3: bytes) -> None:
    """The sentence is given, because a model's own reply may be one short word that is easily misheard."""
    text, pcm, *_ = spoken_answer(client, mp3, say=SENTENCE)
    assert text == SENTENCE
    heard = {word.strip(".,!?").lower() for word in spoken_words(pcm).split()}
    assert {"talk", "billing", "report", "friday"} <= heard


def spoken_answer(client: openai.OpenAI, mp3: bytes, **more: Any) -> tuple[str, bytes, str | None, int]:
    messages: Any = [
        {"role": "system", "content": INSTRUCTIONS},
        {"role": "user", "content": [part(mp3, "data:;base64,")]},
    ]
    text, pcm, finish, prompt_tokens = "", b"", None, 0
    stream: Any = client.chat.completions.create(
        messages=messages, stream_options={"include_usage": True}, extra_body=more, **SPOKEN
    )
    for chunk in stream:
        prompt_tokens = chunk.usage.prompt_tokens if chunk.usage else prompt_tokens
        for choice in chunk.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
            if audio := getattr(choice.delta, "audio", None):
                piece = base64.b64decode(audio.data)
                assert len(piece) % 2 == 0
                pcm += piece
    return text, pcm, finish, prompt_tokens


def test_the_same_recording_gives_the_same_words_twice(client: openai.OpenAI, mp3: bytes) -> None:
    messages: Any = [{"role": "user", "content": [part(mp3)]}]
    first = client.chat.completions.create(model="local-asr", messages=messages).choices[0].message.content or ""
    assert {"billing", "report", "friday"} <= {word.strip(".,").lower() for word in first.split()}
    again = client.chat.completions.create(model="local-asr", messages=messages)
    assert again.choices[0].message.content == first


def test_a_forced_tool_call_is_valid_however_weak_the_model(client: openai.OpenAI) -> None:
    function: Any = {"name": "evaluation_result", "parameters": EVALUATION, "strict": True}
    answer = client.chat.completions.create(
        model="local-text",
        messages=[{"role": "user", "content": "Score: Jordan: You were late three times."}],
        tools=[{"type": "function", "function": function}],
        tool_choice={"type": "function", "function": {"name": "evaluation_result"}},
    )
    call: Any = (answer.choices[0].message.tool_calls or [])[0]
    arguments = json.loads(call.function.arguments)
    assert [score["skillId"] for score in arguments["scores"]] == ["s1", "s2"]
    assert all(score["rating"] in (1, 2, 3, 4, 5) for score in arguments["scores"])
    assert isinstance(arguments["summary"], str)


def test_shares_are_estimated_without_generating_text(local_base: str) -> None:
    asked = {"type": "number", "minimum": 0, "maximum": 1, "description": "Does Robin say hello? Answer Yes or No."}
    caller = CompletionsToolCaller(endpoint(local_base, "local-text"), "evaluator")
    answer = caller.call(
        [Message("user", "Robin: Hello, Alex.")],
        Tool("evaluation_result", "Scores.", {"type": "object", "properties": {"0-0": asked, "0-1": asked}}),
        timeout=120,
    )
    assert answer.arguments["0-0"] == pytest.approx(answer.arguments["0-1"], abs=0.05)
    assert 0 < answer.arguments["0-0"] < 1
    assert answer.usage.output_tokens <= 4


def test_hanging_up_frees_the_model_for_the_next_turn(local_base: str) -> None:
    body = {"messages": [{"role": "system", "content": INSTRUCTIONS}], **SPOKEN}
    for _ in range(3):
        with httpx.stream(
            "POST", f"{local_base}/v1/chat/completions", json=body, trust_env=False, timeout=60
        ) as stream:
            next(line for line in stream.iter_lines() if '"content": "' in line and '"content": ""' not in line)
    whole = httpx.post(f"{local_base}/v1/chat/completions", json=body, trust_env=False, timeout=60)
    assert whole.text.endswith("data: [DONE]\n\n")


def test_broken_audio_is_an_error_inside_the_stream(client: openai.OpenAI) -> None:
    messages: Any = [{"role": "user", "content": [part(b"no sound at all")]}]
    with pytest.raises(openai.APIError, match="cannot be decoded"):
        list(client.chat.completions.create(messages=messages, **SPOKEN))


async def test_our_own_roleplay_client_works_with_the_server(local_base: str, mp3: bytes) -> None:
    roleplay = StreamedRoleplay(endpoint(local_base, "local-roleplay"))
    request = ReplyRequest(
        INSTRUCTIONS, lines=[PromptLine("ai", text="Hi."), PromptLine("trainee", mp3=mp3)], context="It rains."
    )
    await roleplay.warm(request)
    pieces = [piece async for piece in roleplay.reply(request)]
    assert any(isinstance(piece, TextDelta) for piece in pieces)
    assert any(isinstance(piece, AudioDelta) for piece in pieces)
    opening = [piece async for piece in roleplay.reply(ReplyRequest(INSTRUCTIONS + "\nYou speak first. Say hello."))]
    assert any(isinstance(piece, AudioDelta) for piece in opening)
    await roleplay.close()


def test_our_own_recognizer_and_tool_caller_work_with_the_server(local_base: str, mp3: bytes) -> None:
    transcript = CompletionsRecognizer(endpoint(local_base, "local-asr")).transcribe(mp3, language="en")
    assert "billing report" in transcript.text.lower()
    caller = CompletionsToolCaller(endpoint(local_base, "local-text"), "evaluator")
    answer = caller.call(
        [Message("user", "Score: Jordan: You were late.")],
        Tool("evaluation_result", "Scores.", EVALUATION),
        timeout=120,
    )
    assert [score["skillId"] for score in answer.arguments["scores"]] == ["s1", "s2"]


def test_health_names_parts_and_languages(local_base: str) -> None:
    health = httpx.get(f"{local_base}/health", trust_env=False).json()
    assert set(health["parts"]) == {"roleplay", "asr", "text", "embeddings"}
    assert all(part["status"] == "ready" for part in health["parts"].values())
    assert "en" in health["languages"]["listen"]
    assert "en" in health["languages"]["speak"]


async def test_stretches_recognised_during_speech_are_not_recognised_again(mp3: bytes, tmp_path: Path) -> None:
    pool, listened = RecognizerPool(tmp_path), []
    pool.load()
    listen = Moonshine.hear
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Moonshine,
            "hear",
            lambda recognizer, sound, language: listened.append(len(sound)) or listen(recognizer, sound, language),
        )
        twice = joined(mp3, mp3)
        first = await pool.hear(twice[: round(0.6 * len(twice))], "en")
        whole = await pool.hear(twice, "en")
        assert (await pool.hear(twice, "en")) == whole
    pool.close()
    assert first.open
    assert first.text.lower().startswith("i would like to talk")
    assert not whole.open
    assert whole.text.lower().count("billing report") == 2
    assert len(listened) == 3, "each stretch once, and the one that was cut short once before"


async def test_silence_gives_no_words(tmp_path: Path) -> None:
    pool = RecognizerPool(tmp_path)
    assert await pool.hear(encoded(np.zeros(32_000, np.float32)), "en") == HeardSpeech("", open=False)
    pool.close()


def test_prefill_reads_in_pieces_short_enough_for_a_turn_to_wait_for() -> None:
    for text in ("word " * 100, "字" * 400, "one line\n" * 60, "short"):
        pieces = list(_piece_by_piece(text, known := min(7, len(text) // 2)))
        assert pieces[-1] == text
        assert all(text.startswith(piece) for piece in pieces)
        lengths = [known, *map(len, pieces)]
        assert all(0 < after - before <= PIECE for before, after in itertools.pairwise(lengths))


async def test_after_prefill_during_a_turn_few_tokens_are_left_to_read(local_base: str, mp3: bytes) -> None:
    """Counted in tokens of the final request that are not in the cache, not in seconds."""
    system = {"role": "system", "content": INSTRUCTIONS + "\nSituation, “The report”: It is late again."}
    twice = joined(mp3, mp3)

    def body(sound: bytes, opening: str) -> dict[str, Any]:
        said = [{"role": "assistant", "content": opening}, {"role": "user", "content": [part(sound)]}]
        return {"messages": [system, *said], "stream_options": {"include_usage": True}, **SPOKEN}

    async with httpx.AsyncClient(base_url=f"{local_base}/v1/", trust_env=False, timeout=60) as http:
        fresh = []
        for opening, until in (("Hello.", 0), ("Good morning.", round(0.8 * len(twice)))):
            if until:
                await http.post("chat/completions", json=body(twice[:until], opening) | {"warm": True})
            answer = (await http.post("chat/completions", json=body(twice, opening))).text
            last = [line for line in answer.splitlines() if line.startswith("data: {")][-1]
            fresh.append(json.loads(last[6:])["usage"]["local"]["fresh_tokens"])
    assert fresh[0] > 25
    assert fresh[1] < 12


def test_a_truncated_recording_is_used_as_far_as_it_decodes(mp3: bytes) -> None:
    whole, half = samples(mp3), samples(mp3[: len(mp3) // 2])
    assert 0.3 * len(whole) < len(half) < 0.7 * len(whole)
