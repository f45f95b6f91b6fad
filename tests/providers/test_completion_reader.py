"""The shared response parser gives the same facts however the bytes are split, and no input makes it fail."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from coach.providers.completion_reader import CompletionReader
from tests.fakes.models import chunk
from tests.fakes.models_answers import tone
from tests.providers.test_pcm_stream import base64_of, cut, wav

PCM = tone(40)
CHUNKS = [
    chunk({"role": "assistant", "content": ""}),
    chunk({"content": "Hel"}),
    chunk({"content": "lo 谢谢😀\ud83d"}),
    chunk({"content": "\ude00"}),
    chunk([{"type": "text", "text": "part"}]),
    chunk("text"),
    chunk(None),
    chunk(choices=[None, "x", {}]),
    chunk({"audio": {"transcript": "Hello", "data": base64_of(PCM[:101])}}),
    chunk({"audio": {"data": base64_of(PCM[101:]).rstrip("=")}}),
    chunk({"audio": {"data": base64_of(wav(PCM, rate=16_000))}}),
    chunk({"content": base64_of(wav(PCM))}, modality="audio"),
    chunk({"audio": {"data": "?"}}),
    chunk({"refusal": "no"}),
    chunk({}, "stop"),
    chunk({}, "stop", modality="text"),
    chunk({}, "content_filter"),
    {"choices": [], "usage": {"prompt_tokens": 3}},
    {"error": {"code": 429}},
    {"code": "Throttling", "message": "slow"},
    [chunk({"content": "in a list"})],
]
LINES = [f"data: {json.dumps(each)}\n\n" for each in CHUNKS] + [
    "data: [DONE]\n\n", ": ping\n\n", "event: ping\ndata: {}\n\n", "data:\n\n", "data: error: gone\n\n",
    json.dumps(CHUNKS[1]), "\n", "\r", "data: {\n", "nonsense\n",
]  # fmt: skip


def facts(body: bytes, size: int, *, speech: bool) -> tuple:
    reader = CompletionReader(speech=speech)
    found = [fact for piece in cut(body, size) for fact in reader.feed(piece)] + reader.finish()
    return found, reader.whole, reader.usage, reader.model, reader.answered, reader.unreadable


@given(st.lists(st.sampled_from(LINES), max_size=12), st.integers(1, 200), st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_split_of_the_bytes_gives_the_same_facts(lines, size, speech):
    body = "".join(lines).encode("utf-8", "surrogatepass")
    assert facts(body, size, speech=speech) == facts(body, len(body) or 1, speech=speech)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "message", "content", "audio", "data", "error", "code", "usage", "type"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(st.lists(JSON, max_size=4))
@settings(max_examples=300, deadline=None)
def test_no_input_makes_the_reader_fail(values):
    body = "".join(f"data: {json.dumps(each)}\n\n" for each in values).encode()
    facts(body, 50, speech=True)
