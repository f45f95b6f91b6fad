"""Malformed tool answers are repaired if their meaning is plain, and refused otherwise."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.providers import tool_answers
from coach.providers.ports import ContentRefused, MalformedAnswer, ProviderUnavailable, Tool
from coach.providers.schema_repair import repaired
from coach.providers.tools import CompletionsToolCaller
from coach.telemetry import names
from tests.fakes.models import chunk, events
from tests.providers.test_tools import MESSAGES

RATING = {"type": "integer", "enum": [1, 2, 3, 4, 5]}
SCORE = {
    "type": "object",
    "properties": {
        "skillId": {"type": "string", "enum": ["s1", "2"]},
        "rating": RATING,
        "answer": {"type": "string", "enum": ["shown", "notShown", "unsure"]},
        "evidence": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"sequence": {"type": ["integer", "null"]}, "quote": {"type": "string"}},
                "required": ["sequence", "quote"],
            },
        },
        "met": {"type": "boolean"},
    },
    "required": ["skillId", "rating"],
}
TOOL = Tool(
    "evaluation_result",
    "Judge.",
    {
        "type": "object",
        "properties": {"scores": {"type": "array", "items": SCORE}, "summary": {"type": "string"}},
        "required": ["scores", "summary"],
        "additionalProperties": False,
    },
)
PLAIN = {"scores": [{"skillId": "s1", "rating": 4}], "summary": 'Good: {"so"} far.'}
OTHER = {"scores": [{"skillId": "s1", "rating": 2}], "summary": "Less good."}
TEXT = json.dumps(PLAIN)


@pytest.fixture
def caller(endpoint):
    return CompletionsToolCaller(endpoint(), names.EVALUATOR, sleep=lambda seconds: None)


def asked(caller):
    return caller.call(MESSAGES, TOOL, timeout=30).arguments


def message(**fields) -> str:
    return json.dumps({"choices": [{"message": fields, "finish_reason": "stop"}], "usage": None})


def finished(reason: str, **fields) -> str:
    return json.dumps({"choices": [{"message": fields, "finish_reason": reason}], "usage": None})


def call(arguments, name="evaluation_result") -> dict:
    return {"id": "c", "type": "function", "function": {"name": name, "arguments": arguments}}


REPAIRED = {
    "arguments encoded twice": message(tool_calls=[call(json.dumps(TEXT))]),
    "arguments encoded three times": message(tool_calls=[call(json.dumps(json.dumps(TEXT)))]),
    "arguments as an object": message(tool_calls=[call(PLAIN)]),
    "a list encoded within": message(tool_calls=[call({**PLAIN, "scores": json.dumps(PLAIN["scores"])})]),
    "each item encoded within": message(tool_calls=[call({**PLAIN, "scores": [json.dumps(PLAIN["scores"][0])]})]),
    "one object for a list": message(tool_calls=[call({**PLAIN, "scores": PLAIN["scores"][0]})]),
    "arguments in a list": message(tool_calls=[call(json.dumps([PLAIN]))]),
    "arguments under the tool's name": message(tool_calls=[call({"evaluation_result": PLAIN})]),
    "a fence in the arguments": message(tool_calls=[call(f"```json\n{TEXT}\n```")]),
    "calls that are no list": message(tool_calls=call(TEXT)),
    "a call without a name": message(tool_calls=[call(TEXT, None)]),
    "a name space": message(tool_calls=[call(TEXT, "functions.evaluation_result")]),
    "a flat call": message(tool_calls=[{"name": "evaluation_result", "arguments": TEXT}]),
    "an older function call": message(function_call={"name": "evaluation_result", "arguments": TEXT}),
    "the same call twice": message(tool_calls=[call(TEXT), call(TEXT)]),
    "an empty call and the object": message(tool_calls=[call("")], content=TEXT),
    "another call beside": message(tool_calls=[call("{}", "search"), call(TEXT)]),
    "the object alone": message(content=TEXT),
    "a fence": message(content=f"```json\n{TEXT}\n```"),
    "a fence without a language": message(content=f"```\n{TEXT}\n```"),
    "prose and a fence": message(content=f"Here you are:\n```JSON\n{TEXT}\n```\nI hope {{this}} helps."),
    "prose around": message(content=f"I think {{so}}: {TEXT} That is all."),
    "a line end within a text": message(content=TEXT.replace("far.", "far.\n")),
    "thoughts": message(content=f'<think>{{"scores": [], "summary": "draft"}}</think>{TEXT}'),
    "thoughts by another name": message(content=f"<reasoning>Hm {{}}.</reasoning>\n{TEXT}"),
    "the end of thoughts alone": message(content=f'{{"scores": [], "summary": "draft"}}</think>\n{TEXT}'),
    "the start of thoughts alone": message(content=f"<think>\n{TEXT}"),
    "parts": message(content=[{"type": "text", "text": TEXT[:9]}, {"type": "text", "text": TEXT[9:]}]),
    "parts with thoughts": message(content=[{"type": "thinking", "thinking": "{}"}, {"type": "text", "text": TEXT}]),
    "one part": message(content={"type": "output_text", "text": TEXT}),
    "an object where text belongs": message(content=PLAIN),
    "a call written out": message(content=json.dumps({"name": "evaluation_result", "arguments": PLAIN})),
    "a call in marks": message(content=f'<tool_call>{{"name": "evaluation_result", "arguments": {TEXT}}}</tool_call>'),
    "another object beside": message(content=f'{{"note": 1}}\n{TEXT}'),
    "the same object twice": message(content=f"{TEXT}\n{TEXT}"),
    "a message that is text": json.dumps({"choices": [{"message": TEXT}]}),
    "choices with null": json.dumps({"choices": [None, {"message": {"content": TEXT}}]}),
    "blanks in front": "\n \n\n" + message(content=TEXT),
    "a byte order mark": "\ufeff" + message(content=TEXT),
    "a stream nobody asked for": events(
        chunk({"tool_calls": [{"index": 0, **call(TEXT[:20])}]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": TEXT[20:]}}]}),
        chunk({}, "tool_calls"),
    ),
    "litellm 37792, a stream of arguments as an object": events(
        chunk({"tool_calls": [call(PLAIN)]}), chunk({}, "stop")
    ),
    "a stream of text": events(chunk({"content": TEXT[:9]}), chunk({"content": TEXT[9:]}), chunk({}, "stop")),
    "a whole answer as an event": events(json.loads(message(content=TEXT))),
    "gemini cookbook 1374, an invented name space": message(tool_calls=[call(TEXT, "default_api.evaluation_result")]),
    "vllm 54964, encoded twice within marks": message(
        content=f'<tool_call>{{"name": "evaluation_result", "arguments": {json.dumps(TEXT)}}}</tool_call>'
    ),
    "langextract 394, a line end within the arguments": message(tool_calls=[call(TEXT.replace("far.", "far.\n"))]),
    "kimi-cli 2407, a list encoded within, twice": message(
        tool_calls=[call({**PLAIN, "scores": json.dumps(json.dumps(PLAIN["scores"]))})]
    ),
    "hermes-agent 7680, a call cut off and the whole one": message(tool_calls=[call(TEXT[:-9]), call(TEXT)]),
    "koog 1680, thoughts in a choice of their own": json.dumps(
        {"choices": [{"message": {"reasoning_content": "Hm."}}, {"message": {"tool_calls": [call(TEXT)]}}]}
    ),
    "openclaw 40425, one escape too many": message(tool_calls=[call(json.dumps(TEXT)[1:-1])]),
}  # fmt: skip


@pytest.mark.parametrize("body", REPAIRED.values(), ids=REPAIRED)
def test_a_malformed_answer_with_a_plain_meaning_is_repaired(fake, caller, body):
    fake.answer(TOOL.name, sends=[body], content_type="application/json")
    found = asked(caller)
    assert found["scores"] == PLAIN["scores"]
    assert found["summary"].strip() == PLAIN["summary"]


REFUSED = {
    "two objects that differ": message(content=f"{TEXT}\n{json.dumps(OTHER)}"),
    "two calls that differ": message(tool_calls=[call(TEXT), call(json.dumps(OTHER))]),
    "a list of two": message(tool_calls=[call(json.dumps([PLAIN, OTHER]))]),
    "half an object among words": message(content='Here: {"summary": "Only half."} Sorry.'),
    "cut off": message(content=TEXT[:-5]),
    "parts of what is broken": message(content='{"scores": [{"skillId": "s1", "rating": 4}], "summary": oh}'),
    "thoughts alone": message(content="<think>Let me see.</think>"),
    "words": message(content="I would rather not."),
    "nothing": message(content=None),
    "no choices": json.dumps({"choices": [], "object": "chat.completion"}),
    "choices null": json.dumps({"choices": None, "object": "chat.completion"}),
    "choices of null": json.dumps({"choices": [None]}),
    "a number": message(content="4"),
    "a refusal": message(refusal="No."),
    "braces": message(content="{" * 50_000),
    "very deep but whole": message(tool_calls=[call('{"a":' * 700 + "1" + "}" * 700)]),
    "deep braces": message(content='{"a":' * 50_000),
    "hermes-agent 7680, cut off though called complete": finished("tool_calls", tool_calls=[call(TEXT[:-5])]),
    "dynamo 13791, cut off by its limit": finished("length", tool_calls=[call(TEXT)]),
    "ironclaw 5665, cut off by a limit of another name": finished("max_output_tokens", tool_calls=[call(TEXT)]),
    "litellm 24287, a refusal by its reason alone": finished("refusal", content=""),
    "openai-agents 4159, filtered without a word": finished("content_filter", content=None),
    "vllm 40147, thoughts took the whole answer": message(content=None, reasoning_content=f"So: {TEXT}"),
    "qwen3-coder 475, a misspelt name": message(tool_calls=[call(TEXT, "eevaluation_result")]),
}


def test_a_content_filter_with_status_400_is_a_refusal_and_not_retried(fake, caller):
    # experiential 967: Azure AI Foundry sends a completion instead of an error.
    body = json.dumps({"choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}]})
    head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    fake.answer(TOOL.name, sends=[head + body], exact=True, times=None)
    with pytest.raises(ContentRefused):
        asked(caller)
    assert len(fake.requests()) == 1


def test_a_text_that_looks_like_json_stays_a_text():
    # kimi-cli 2513: only where the schema wants an object or a list is a text decoded.
    assert repaired('["so", "it", "goes"]', {"type": "string"}) == '["so", "it", "goes"]'
    assert repaired({"quote": "[3]", "sequence": "[3]"}, SCORE["properties"]["evidence"]["items"]) == {
        "quote": "[3]",
        "sequence": 3,
    }


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_an_ambiguous_answer_is_refused_with_a_reason(fake, caller, body):
    fake.answer(TOOL.name, sends=[body], content_type="application/json")
    with pytest.raises(MalformedAnswer) as raised:
        asked(caller)
    assert raised.value.reason
    assert "rather" not in raised.value.reason


@pytest.mark.parametrize("body", ["<html>Welcome</html>", "", "null", "not found"])
def test_an_answer_without_content_is_a_temporary_fault(fake, caller, body):
    fake.answer(TOOL.name, sends=[body], content_type="text/html", times=None)
    with pytest.raises(ProviderUnavailable):
        asked(caller)


@pytest.mark.parametrize(
    ("given", "rating"),
    [
        ("4", 4), (4.0, 4), ("4.0", 4), (" 4 ", 4), ("４", 4), ("+4", 4), ("4/5", 4), ("4 out of 5", 4),
        ("4 - good", 4), ("4 (good)", 4), ("4分", 4),
        (4.5, 4.5), ("4.5", "4.5"), ("4 or 5", "4 or 5"), ("3-4", "3-4"), ("four", "four"), (True, True), ("", ""),
        (None, None), ([4], [4]), ("4/10", "4/10"), ("-", "-"),
    ],
)  # fmt: skip
def test_ratings_are_read_in_plain_forms(given, rating):
    found = repaired(given, RATING)
    assert (found, type(found)) == (rating, type(rating))


@pytest.mark.parametrize(
    ("given", "sequence"),
    [("3", 3), (3.0, 3), ("turn 3", 3), ("#3", 3), ("[3]", 3), ("Line 3", 3), ("第3轮", 3), ("null", None), ("", None)],
)
def test_sequences_are_read_in_plain_forms(given, sequence):
    assert repaired(given, {"type": ["integer", "null"]}) == sequence


def test_enums_keys_and_booleans_are_read_in_plain_forms():
    given = {
        "skill_id": 2,
        "Rating": "3",
        "answer": "not_shown",
        "met": "Yes",
        "evidence": [{"sequence": "1", "quote": "x"}],
    }
    assert repaired(given, SCORE) == {
        "skillId": "2",
        "rating": 3,
        "answer": "notShown",
        "met": True,
        "evidence": [{"sequence": 1, "quote": "x"}],
    }
    assert repaired({"answer": "perhaps", "met": "maybe"}, SCORE) == {"answer": "perhaps", "met": "maybe"}
    nullable = {"anyOf": [{"type": "null"}, {"type": "integer"}]}
    assert [repaired(each, nullable) for each in ("4", None, "x")] == [4, None, "x"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(JSON)
def test_the_repair_never_fails_and_keeps_valid_answers(value):
    repaired(value, TOOL.parameters)
    repaired({"scores": value, "summary": value}, TOOL.parameters)
    assert repaired(PLAIN, TOOL.parameters) == PLAIN


@given(JSON | st.dictionaries(st.sampled_from(["choices", "output", "error"]), JSON))
def test_no_answer_makes_the_reader_fail(value):
    answer = tool_answers.whole_answer(json.dumps(value).encode())
    for each in (answer, {"choices": [{"message": value}]}, {"choices": [{"message": {"content": value}}]}):
        if isinstance(each, dict):
            with contextlib.suppress(MalformedAnswer):
                tool_answers.arguments(each, TOOL)
