"""Tool schemas are turned into forms for a small model, and filled forms back into tool arguments."""

from typing import Any

from coach.local_models.api.forms import arguments_of, complete, explained, form_of, settled, shares

EVALUATION: dict[str, Any] = {
    "type": "object",
    "properties": {
        "scores": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "skillId": {"type": "string", "enum": ["s1", "s2"]},
                    "rating": {"type": "integer", "enum": [1, 2, 3, 4, 5]},
                    "note": {"type": "string"},
                    "evidence": {
                        "type": ["array", "null"],
                        "items": {
                            "type": "object",
                            "properties": {"sequence": {"type": "integer"}, "quote": {"type": "string"}},
                            "required": ["sequence", "quote"],
                            "additionalProperties": False,
                        },
                    },
                },
                "required": ["skillId", "rating", "note", "evidence"],
                "additionalProperties": False,
            },
        },
        "summary": {"type": "string"},
    },
    "required": ["scores", "summary"],
    "additionalProperties": False,
}


def item_of(form: dict[str, Any], key: str) -> dict[str, Any]:
    held: dict[str, Any] = form["properties"]["scores"]["properties"][key]
    return held


def test_items_with_a_listed_id_become_an_object_with_every_id_once() -> None:
    scores = form_of(EVALUATION)["properties"]["scores"]
    assert list(scores["properties"]) == ["s1", "s2"]
    assert scores["required"] == ["s1", "s2"]
    assert scores["additionalProperties"] is False
    assert "skillId" not in scores["properties"]["s1"]["properties"]


def test_the_note_comes_before_the_rating_and_every_text_has_a_maximum_length() -> None:
    item = item_of(form_of(EVALUATION), "s1")
    order = list(item["properties"])
    assert order.index("note") < order.index("rating")
    assert item["properties"]["note"]["maxLength"] <= 240
    assert item["properties"]["evidence"]["anyOf"][0]["maxItems"] <= 3


def test_a_filled_form_comes_back_in_the_shape_of_the_tool() -> None:
    filled = {
        "summary": "Good.",
        "scores": {
            "s1": {"note": "Clear.", "evidence": [{"quote": "I was hurt", "sequence": 3}], "rating": 4},
            "s2": {"note": "Asked little.", "evidence": None, "rating": 2},
        },
    }
    assert arguments_of(filled, EVALUATION) == {
        "scores": [
            {"skillId": "s1", "rating": 4, "note": "Clear.", "evidence": [{"sequence": 3, "quote": "I was hurt"}]},
            {"skillId": "s2", "rating": 2, "note": "Asked little.", "evidence": None},
        ],
        "summary": "Good.",
    }


def test_a_list_without_ids_stays_a_list() -> None:
    schema = {"type": "array", "items": {"type": "object", "properties": {"word": {"type": "string"}}}}
    assert form_of(schema)["type"] == "array"
    assert arguments_of([{"word": "a"}], schema) == [{"word": "a"}]


def test_nullable_texts_and_choices_survive() -> None:
    check = {
        "type": "object",
        "properties": {
            "status": {"type": "string", "enum": ["continue", "failed"]},
            "reason": {"type": ["string", "null"]},
        },
        "required": ["status", "reason"],
    }
    form = form_of(check)
    assert list(form["properties"]) == ["reason", "status"]
    assert {"type": "null"} in form["properties"]["reason"]["anyOf"]
    assert arguments_of({"reason": None, "status": "continue"}, check) == {"status": "continue", "reason": None}


def test_the_form_is_explained_with_its_choices() -> None:
    told = explained("evaluation_result", form_of(EVALUATION))
    assert "evaluation_result" in told
    assert "1 or 2 or 3 or 4 or 5" in told


def share(question: str) -> dict[str, Any]:
    return {"type": "number", "minimum": 0, "maximum": 1, "description": question}


def test_a_form_of_shares_is_complete_once_each_is_filled_in() -> None:
    schema = {"properties": {"calm": share("Is Robin calm?"), "kind": {"properties": {"now": share("Kind?")}}}}
    calm, kind = shares(schema)
    assert [(each.path, each.question) for each in (calm, kind)] == [
        (("calm",), "Is Robin calm?"),
        (("kind", "now"), "Kind?"),
    ]
    form = settled(form_of(schema), calm.path, 0.9)
    assert complete(form) is None
    assert complete(settled(form, kind.path, 0)) == {"calm": 0.9, "kind": {"now": 0}}


def test_a_number_without_a_question_or_with_other_bounds_is_not_a_share() -> None:
    plain = {"type": "number", "minimum": 0, "maximum": 1}
    assert list(shares({"properties": {"a": plain, "b": share("?") | {"maximum": 5}}})) == []


def test_a_form_without_fields_is_not_complete() -> None:
    assert complete(form_of({"type": "object"})) is None


def test_a_fields_description_and_pattern_reach_the_model() -> None:
    note = {"type": "string", "description": "why", "pattern": "^You .{8,90}$"}
    form = form_of({"type": "object", "properties": {"note": note}})
    assert form["properties"]["note"] == note
    assert "… (why)" in explained("result", form)
