import json

import pytest

from coach.providers.ports import (
    MalformedAnswer,
    Message,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderUnavailable,
    QuotaThrottled,
    Tool,
    Usage,
)
from coach.providers.tools import CompletionsToolCaller
from coach.telemetry import names

CHECK = Tool(
    "objective_check_result",
    "Report whether the conversation may end.",
    {
        "type": "object",
        "properties": {
            "status": {"type": "string", "enum": ["continue", "succeeded", "failed"]},
            "reason": {"type": ["string", "null"]},
        },
        "required": ["status", "reason"],
        "additionalProperties": False,
    },
)
MESSAGES = [Message("system", "You judge."), Message("user", "A transcript.")]
DONE = {"status": "succeeded", "reason": "They agreed."}


@pytest.fixture
def caller(endpoint):
    return CompletionsToolCaller(
        endpoint(model="gpt-5-mini", key_variable="CHATAI_API_KEY", model_variable="CHATAI_API_MODEL"),
        names.OBJECTIVE,
        sleep=lambda seconds: None,
    )


def asked(caller, **kwargs):
    return caller.call(MESSAGES, CHECK, timeout=30, session_id="s1", **kwargs)


def test_the_model_is_made_to_call_the_function(fake, caller):
    fake.answer(CHECK.name, arguments=DONE)
    answer = asked(caller)
    assert answer.arguments == DONE
    assert answer.usage == Usage("gpt-5-mini", 120, 40)
    assert answer.latency_ms >= 0
    (sent,) = fake.requests(CHECK.name)
    body = sent["body"]
    assert body["tool_choice"] == {"type": "function", "function": {"name": CHECK.name}}
    assert body["tools"][0]["function"]["strict"] is True
    assert body["tools"][0]["function"]["parameters"] == CHECK.parameters
    assert body["max_completion_tokens"] >= 4096
    assert not {"max_tokens", "temperature", "reasoning_effort", "response_format"} & set(body)
    assert body["messages"] == [
        {"role": "system", "content": "You judge."},
        {"role": "user", "content": "A transcript."},
    ]


def test_effort_is_sent_only_if_configured(fake, endpoint):
    asked(CompletionsToolCaller(endpoint(effort="low"), names.EVALUATOR))
    assert fake.requests(CHECK.name)[0]["body"]["reasoning_effort"] == "low"


def forms(fake):
    return [
        "tool" if "tools" in each["body"] else "schema" if "response_format" in each["body"] else "plain"
        for each in fake.requests()
    ]


def test_a_service_without_tools_gets_a_schema_from_then_on(fake, caller):
    fake.modes(tools=False)
    fake.answer(CHECK.name, arguments=DONE, times=None)
    assert asked(caller).arguments == DONE
    assert asked(caller).arguments == DONE
    assert forms(fake) == ["tool", "schema", "schema"]
    schema = fake.requests()[1]["body"]["response_format"]["json_schema"]
    assert (schema["name"], schema["strict"], schema["schema"]) == (CHECK.name, True, CHECK.parameters)


def test_a_service_without_tools_and_schemas_gets_the_schema_in_the_prompt(fake, caller):
    fake.modes(tools=False, response_format=False)
    fake.answer(CHECK.name, content="```json\n" + json.dumps(DONE) + "\n```", times=None)
    assert asked(caller).arguments == DONE
    assert asked(caller).arguments == DONE
    assert forms(fake) == ["tool", "schema", "plain", "plain"]
    said = fake.requests()[-1]["body"]["messages"][-1]["content"]
    assert json.dumps(CHECK.parameters) in said


def test_a_request_refused_in_every_form_does_not_change_the_remembered_form(fake, caller):
    fake.answer(CHECK.name, fault="400", times=3)
    with pytest.raises(ProviderRejected, match="400"):
        asked(caller)
    asked(caller)
    assert forms(fake) == ["tool", "schema", "plain", "tool"]


def test_a_service_that_ignores_tools_twice_is_asked_in_another_form(fake, caller):
    fake.answer(CHECK.name, no_tool=True, content="I think they agreed.", times=2)
    for _ in range(2):
        with pytest.raises(MalformedAnswer):
            asked(caller)
    asked(caller)
    assert forms(fake) == ["tool", "tool", "schema"]


def test_a_json_object_inside_text_is_accepted(fake, caller):
    fake.answer(CHECK.name, no_tool=True, content=f"<think>Hm.</think>\n{json.dumps(DONE)}")
    assert asked(caller).arguments == DONE


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"refusal": "I cannot judge people."}, "refused"),
        ({"finish_reason": "content_filter"}, "refused"),
        ({"finish_reason": "length", "arguments_text": '{"status": "cont'}, "cut off"),
        ({"arguments_text": "succeeded"}, "not valid JSON"),
        ({"arguments_text": '{"status": NaN, "reason": null}'}, "not valid JSON"),
        ({"arguments_text": "[" * 100_000}, "not valid JSON"),
        ({"arguments_text": '["succeeded"]'}, "not a JSON object"),
        ({"arguments_text": ""}, "not valid JSON"),
        ({"tool_name": "something_else"}, "another function"),
        ({"no_tool": True, "content": "Well done, Kim!"}, "not valid JSON"),
        ({"no_tool": True, "content": ""}, "no answer"),
    ],
)
def test_a_malformed_answers_error_says_what_is_wrong_without_quoting_it(fake, caller, answer, reason):
    fake.answer(CHECK.name, **answer)
    with pytest.raises(MalformedAnswer, match=reason) as raised:
        asked(caller)
    assert "Kim" not in raised.value.reason
    assert len(fake.requests()) == 1


def test_text_in_an_answer_can_be_stored_in_any_database(fake, caller):
    fake.answer(CHECK.name, arguments_text='{"status": "continue", "reason": "a\\ud83d\\u0000b"}')
    assert asked(caller).arguments["reason"] == "a\ufffdb"


@pytest.mark.parametrize(
    ("fault", "error", "variable"),
    [
        ("401", ProviderMisconfigured, "CHATAI_API_KEY"),
        ("404", ProviderMisconfigured, "CHATAI_API_MODEL"),
        ("refused", ProviderRejected, None),
        ("429", ProviderUnavailable, None),
    ],
)
def test_faults_say_who_can_help_and_are_not_retried(fake, caller, fault, error, variable):
    fake.answer(CHECK.name, fault=fault, retry_after=7, times=None)
    with pytest.raises(error) as raised:
        asked(caller, retries=1)
    assert getattr(raised.value, "variable", None) == variable
    assert len(fake.requests()) == 1
    if error is ProviderUnavailable:
        assert raised.value.retry_after == 7


def test_spent_quota_is_for_the_operator_and_a_rate_limit_is_temporary(fake, caller):
    fake.answer(CHECK.name, fault="quota")
    with pytest.raises(ProviderMisconfigured, match="CHATAI_API_KEY"):
        asked(caller, retries=1)
    fake.answer(CHECK.name, fault="quota", retry_after=7)
    with pytest.raises(QuotaThrottled) as raised:
        asked(caller, retries=1)
    assert raised.value.retry_after == 7
    assert raised.value.spent.variable == "CHATAI_API_KEY"


def test_a_temporary_fault_is_retried_as_often_as_requested(fake, caller):
    fake.answer(CHECK.name, fault="503", times=1)
    assert asked(caller, retries=1).arguments["status"] == "continue"
    fake.reset()
    fake.answer(CHECK.name, fault="500", times=None)
    with pytest.raises(ProviderUnavailable):
        asked(caller, retries=1)
    assert len(fake.requests()) == 2


def test_each_try_has_a_deadline(fake, caller):
    fake.answer(CHECK.name, stall="first", times=None)
    with pytest.raises(ProviderUnavailable, match="in time"):
        caller.call(MESSAGES, CHECK, timeout=0.3, retries=1)
    assert len(fake.wait_for(2, having="disconnectedAt")) == 2


def test_a_local_model_has_a_longer_deadline_than_the_caller_asks_for(fake, endpoint):
    fake.answer(CHECK.name, first_delay_ms=400)
    local = CompletionsToolCaller(endpoint(local=True, api_key=None), names.OBJECTIVE)
    assert local.call(MESSAGES, CHECK, timeout=0.1).arguments["status"] == "continue"


def test_a_call_is_traced_and_counted_without_its_words(fake, caller, recorded):
    fake.answer(CHECK.name, fault="503")
    fake.answer(CHECK.name, arguments=DONE)
    asked(caller, retries=1)
    (span,) = recorded.spans(names.MODEL_TOOL_CALL)
    assert span.attributes[names.ENDPOINT] == names.OBJECTIVE
    assert span.attributes[names.RETRIES] == 1
    assert span.attributes[names.FORM] == "tool"
    assert "agreed" not in span.to_json()
    assert recorded.counted(names.MODEL_TOKENS, direction="output") == 40
    assert recorded.counted(names.PROVIDER_RETRIES, endpoint=names.OBJECTIVE) == 1
