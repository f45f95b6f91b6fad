"""A model's answer becomes scores, or a refusal that tells the model what to change."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluations.cloud import model_answer
from evaluations.cloud.model_answer import Reading, Refusal
from evaluations.findings.results import Findings, Quote
from tests.evaluations.talks import CLARITY, DEADLINES, LISTENING, answer, score, talk


def read(given: Any) -> Findings:
    scored = model_answer.read(given, talk(*DEADLINES))
    assert isinstance(scored, Reading), scored
    return scored.findings


def refused(given: Any) -> str:
    verdict = model_answer.read(given, talk(*DEADLINES))
    assert isinstance(verdict, Refusal)
    return verdict.reason


def test_a_whole_answer_becomes_scores_in_the_order_of_the_scenario() -> None:
    scored = read(answer(scores=[score(CLARITY, rating=4), score(LISTENING)]))
    assert [(each.skill.name, each.rating) for each in scored.scores] == [("Listening", 3), ("Clarity", 4)]
    assert [(result.met, result.sequence) for result in scored.criteria] == [(True, 4), (False, None)]
    assert (scored.strengths, scored.gaps) == ("You came to the point.", "You could ask more.")


def test_scores_and_summary_alone_are_enough() -> None:
    plain = {"skillId": LISTENING.id, "rating": 1, "note": "No."}, {"skillId": CLARITY.id, "rating": 5, "note": "Yes."}
    scored = read({"scores": list(plain), "summary": "Short."})
    assert [each.evidence for each in scored.scores] == [(), ()]
    assert (scored.strengths, scored.gaps, scored.criteria) == ("", "", ())


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"scores": None}, "scores is missing or not a list"),
        ({"scores": "five on everything"}, "scores is missing or not a list"),
        ({"scores": [score(LISTENING)]}, "skill s-clear (Clarity) is not scored"),
        ({"scores": [score(LISTENING), score(CLARITY), score(CLARITY)]}, "s-clear (Clarity) is scored more than once"),
        ({"scores": [score(LISTENING), score(CLARITY), score(CLARITY, skillId="charm")]}, "1 of the scores name no"),
        ({"scores": [score(LISTENING), score(CLARITY), "five"]}, "1 of the scores name no skill"),
        ({"summary": " \n"}, "summary is missing or empty"),
        ({"summary": None}, "summary is missing or empty"),
    ],
)
def test_an_answer_that_does_not_cover_the_skills_once_each_is_refused(changed: dict, reason: str) -> None:
    assert reason in refused(answer(**changed))


@pytest.mark.parametrize("rating", [0, 6, -1, 10**30, 3.5, "five", None, True, [3]])
def test_a_rating_is_a_whole_number_from_1_to_5(rating: Any) -> None:
    reason = refused(answer(scores=[score(LISTENING, rating=rating), score(CLARITY)]))
    assert "the rating of skill s-listen (Listening) is not a whole number from 1 to 5" in reason


@pytest.mark.parametrize("rating", [4, 4.0, "4", " 4 "])
def test_a_rating_with_a_plain_meaning_is_accepted(rating: Any) -> None:
    assert read(answer(scores=[score(LISTENING, rating=rating), score(CLARITY)])).scores[0].rating == 4


@pytest.mark.parametrize("note", ["", "  ", None, 7, "\x00"])
def test_an_empty_note_is_refused(note: Any) -> None:
    reason = refused(answer(scores=[score(LISTENING, note=note), score(CLARITY)]))
    assert "note of skill s-listen (Listening) is empty" in reason


def test_all_faults_are_named_at_once() -> None:
    reason = refused({"scores": [score(LISTENING, rating=9, note="")]})
    assert all(part in reason for part in ("Clarity", "rating", "note", "summary"))


def test_a_refusal_repeats_nothing_the_model_wrote() -> None:
    assert "sesame" not in refused(answer(scores=[score(LISTENING, skillId="sesame", note="sesame")], summary=""))


def test_a_quote_that_was_never_said_is_dropped_and_counted() -> None:
    invented = [{"sequence": 1, "quote": "You are lazy"}, {"sequence": 3, "quote": "I need to know two days before"}]
    scored = read(answer(scores=[score(LISTENING, evidence=invented), score(CLARITY, evidence=[])]))
    assert scored.scores[0].evidence == (Quote(3, "I need to know two days before"),)
    assert (scored.dropped_quotes, scored.kept_quotes) == (1, 1)


def test_the_other_persons_words_are_no_evidence() -> None:
    theirs = [{"sequence": 2, "quote": "Everyone is late sometimes."}]
    assert read(answer(scores=[score(LISTENING, evidence=theirs), score(CLARITY)])).dropped_quotes == 1


def test_a_quote_with_the_wrong_turn_gets_the_right_one() -> None:
    misplaced = [{"sequence": 1, "quote": "a lot on your plate"}]
    scored = read(answer(scores=[score(LISTENING, evidence=misplaced), score(CLARITY)]))
    assert scored.scores[0].evidence == (Quote(3, "a lot on your plate"),)


@pytest.mark.parametrize("evidence", ["all of it", [None], [{"quote": 3}], [{}], {"sequence": 1}, 5])
def test_evidence_of_another_shape_is_dropped_without_losing_the_score(evidence: Any) -> None:
    scored = read(answer(scores=[score(LISTENING, evidence=evidence), score(CLARITY)]))
    assert (scored.scores[0].evidence, scored.dropped_quotes) == ((), 1)


def test_a_better_line_that_only_repeats_what_was_said_is_left_out() -> None:
    scored = read(answer(scores=[score(LISTENING, tryInstead="the last three slipped!"), score(CLARITY)]))
    assert (scored.scores[0].try_instead, bool(scored.scores[1].try_instead)) == ("", True)


@pytest.mark.parametrize(
    "criteria",
    [
        None,
        "all",
        [3],
        [{"criterionId": "9" * 5000, "met": True}],
        [{"criterionId": "0", "met": True}],
        [{"met": True}],
    ],
)
def test_criteria_that_name_none_of_the_scenarios_are_left_out(criteria: Any) -> None:
    assert read(answer(criteria=criteria)).criteria == ()


def test_a_criterion_that_was_not_met_has_no_turn() -> None:
    scored = read(answer(criteria=[{"criterionId": "1", "met": False, "sequence": 3}]))
    assert [(result.met, result.sequence) for result in scored.criteria] == [(False, None)]


def test_an_overlong_note_is_cut() -> None:
    scored = read(answer(scores=[score(LISTENING, note="ha " * 9000), score(CLARITY)]))
    assert len(scored.scores[0].note) <= model_answer.TEXT_MAX


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
parts = st.sampled_from(["scores", "summary", "criteria", "strengths", "gaps"])
fields = st.sampled_from(["skillId", "rating", "note", "evidence", "tryInstead"])


# Generous, because the machine may be busy.
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(part=parts, value=json_values, field=fields, inner=json_values)
def test_no_answer_crashes_the_reader(part: str, value: Any, field: str, inner: Any) -> None:
    odd = answer(scores=[score(LISTENING, **{field: inner}), score(CLARITY)]) | {part: value}
    assert isinstance(model_answer.read(odd, talk(*DEADLINES)), Reading | Refusal)
