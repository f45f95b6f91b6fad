"""Tool schemas as forms for a small model, and back."""

from typing import Any

from coach.local.forms import arguments_of, explained, form_of, scales, settled

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


def test_words_come_before_the_mark_and_every_text_is_bounded() -> None:
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


CALM = {
    "type": "object",
    "properties": {
        "note": {"type": "string", "description": "why", "pattern": "^You .{8,90}$"},
        "rating": {
            "title": "Staying calm",
            "oneOf": [
                {"const": 1, "description": "Shouts."},
                {"const": 2},
                {"const": 3, "description": "Holds back."},
                {"const": 4},
                {"const": 5, "description": "Stays with the matter."},
            ],
        },
    },
}


def test_a_described_number_is_a_scale_and_can_be_written_into_the_form() -> None:
    schema = {"type": "object", "properties": {"scores": {"type": "object", "properties": {"Calm": CALM}}}}
    [scale] = scales(schema)
    assert (scale.path, scale.subject, scale.values) == (("scores", "Calm", "rating"), "Staying calm", (1, 2, 3, 4, 5))
    assert scale.words(3) == "Holds back."
    assert scale.words(4) == "Holds back. / Stays with the matter."
    form = settled(form_of(schema), scale.path, 4)
    assert form["properties"]["scores"]["properties"]["Calm"]["properties"]["rating"] == {"enum": [4]}
    assert arguments_of({"scores": {"Calm": {"note": "You sat down.", "rating": 4}}}, schema) == {
        "scores": {"Calm": {"note": "You sat down.", "rating": 4}}
    }


def test_a_number_that_is_not_described_at_both_ends_is_no_scale() -> None:
    rating = {"oneOf": [{"const": 1, "description": "Shouts."}, {"const": 2}]}
    assert list(scales({"type": "object", "properties": {"rating": rating}})) == []
    assert form_of(rating) == {"enum": [1, 2]}


def test_a_texts_purpose_and_pattern_reach_the_model() -> None:
    form = form_of(CALM)
    assert form["properties"]["note"] == {"type": "string", "pattern": "^You .{8,90}$", "description": "why"}
    told = explained("result", form, ["Staying calm is 4: Holds back."])
    assert told.startswith("Staying calm is 4: Holds back.\n")
    assert "… (why)" in told
