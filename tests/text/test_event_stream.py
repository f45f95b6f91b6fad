"""The shared event-stream parser gives the same events however bytes are split and whatever is between events."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach import event_stream
from coach.event_stream import EventStreamReader, EventTooLong, StreamEvent

ONE, TWO = '{"a":1}', '{"b":[2]}'


def read(*pieces: bytes) -> list[StreamEvent]:
    reader = EventStreamReader()
    return [event for piece in pieces for event in reader.feed(piece)] + reader.finish()


def data(body: str | bytes) -> list[str]:
    return [event.data for event in read(body if isinstance(body, bytes) else body.encode())]


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (f"data: {ONE}\n\ndata: {TWO}\n\n", [ONE, TWO]),
        (f"data: {ONE}\r\n\r\ndata: {TWO}\r\n\r\n", [ONE, TWO]),
        (f"data: {ONE}\r\rdata: {TWO}\r\r", [ONE, TWO]),
        (f"\ufeffdata: {ONE}\n\n", [ONE]),
        (f"data:{ONE}\n\n", [ONE]),
        (f": keep-alive\n\n:\n\ndata: {ONE}\n\n: bye", [ONE]),
        (f"retry: 3000\n\nid: 7\n\ndata:\n\ndata\n\nevent: ping\n\ndata: {ONE}\n\n", [ONE]),
        (f"id: 1\ndata: {ONE}\n\nid: 2\n\n\n\n", [ONE]),
        ('data: {"a":\ndata: 1}\n\n', ['{"a":\n1}']),
        (f"data: {ONE}", [ONE]),
        (f"data: {ONE}\n", [ONE]),
        ("data: [DONE]", ["[DONE]"]),
        ("[DONE]\n", ["[DONE]"]),
        (f"data: {ONE}\ndata: {TWO}\ndata: [DONE]\n", [ONE, TWO, "[DONE]"]),
        (ONE, [ONE]),
        ('{\n  "a": {\n    "b": 1\n  }\n}\n', ['{\n  "a": {\n    "b": 1\n  }\n}']),
        (f"{ONE}\n{TWO}\n", [ONE, TWO]),
        (f"[{ONE},\n{TWO}]", [f"[{ONE},\n{TWO}]"]),
        (f"\n \n{ONE}", [ONE]),
        (f"data: {ONE}\n\n{TWO}\n\ndata: [DONE]\n\n", [ONE, TWO, "[DONE]"]),
        (f"[INFO] starting\ndata: {ONE}\n\n", [ONE]),
        ("<html>\n<body>Bad gateway</body>\n</html>", []),
        ("", []),
    ],
)
def test_events_are_found_among_comments_and_blank_lines(body, events):
    assert data(body) == events
    assert [event.data for event in read(*(bytes([byte]) for byte in body.encode()))] == events


def test_the_name_of_an_event_stays_with_it():
    assert read(b'event: error\ndata: {"x":1}\n\ndata: {}\n\n') == [StreamEvent('{"x":1}', "error"), StreamEvent("{}")]


def test_invalid_bytes_lose_only_themselves():
    assert data(b'data: "\xff\xe4"\n\n' + f"data: {ONE}\n\n".encode()) == ['"\ufffd\ufffd"', ONE]


def test_an_endless_event_is_given_up(monkeypatch):
    monkeypatch.setattr(event_stream, "LONGEST_EVENT_BYTES", 1000)
    with pytest.raises(EventTooLong):
        read(*[b"data: " + b"x" * 200] * 10)


LINES = st.sampled_from(
    [
        b"data: {}", b"data:", b"data", b'data: {"a":', b"data: 1}", b"data: [DONE]", b": c", b"event: ping", b"id: 1",
        b"retry: x", b"", b"", b'{"bare": 1}', b"{", b'"k": [1, 2]', b"}", b"[", b"]", b"[DONE]", b"garbage",
        b'{"a":1}{"b":2}', b'{"a":1} x', b"\xef\xbb\xbf", b"\xff\xfe", "data: {\"t\": \"谢谢😀\"}".encode(),
    ]
)  # fmt: skip


@given(
    st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r\n", b"\r"]))),
    st.lists(st.integers(0, 400)),
)
@settings(max_examples=400, deadline=None)
def test_any_split_of_the_bytes_gives_the_same_events(lines, cuts):
    body = b"".join(line + end for line, end in lines)
    at = sorted({0, *(cut for cut in cuts if cut < len(body)), len(body)})
    assert read(*(body[start:end] for start, end in zip(at, at[1:], strict=False))) == read(body)


@given(st.binary(max_size=300), st.integers(1, 20))
@settings(max_examples=200, deadline=None)
def test_no_bytes_make_the_parser_fail(body, size):
    assert read(*(body[at : at + size] for at in range(0, len(body), size))) == read(body)


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3), max_size=6), st.integers(1, 7))
@settings(max_examples=100, deadline=None)
def test_a_wellformed_stream_arrives_completely(values, size):
    body = "".join(f"data: {json.dumps(each, ensure_ascii=False)}\n\n" for each in values).encode()
    events = read(*(body[at : at + size] for at in range(0, len(body), size)))
    assert [json.loads(event.data) for event in events] == values
