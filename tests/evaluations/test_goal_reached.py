"""Verdict, `objectiveStatus` and end criteria never disagree."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations.findings import goal_reached
from evaluations.findings.results import Criterion
from evaluations.models import Evaluation
from evaluations.requeue import read_again
from practice import end_reason_words
from practice.lifecycle import ObjectiveStatus, Reason
from practice.models import PracticeSession, Turn
from tests.evaluations.cast import BRIEF, ENDED, Clock, ended_session, queued, run
from tests.evaluations.talks import answer
from tests.fakes.models import Fake

TEXTS = ["Alex agrees to warn earlier.", "A date is named.", "It fails if Alex walks out.", "It fails if you shout."]
WANTED, FAILING = TEXTS[:2], TEXTS[2:]

status = st.sampled_from(list(ObjectiveStatus))
found = st.lists(
    st.builds(
        lambda text, met, at: Criterion(text, met, at if met else None),
        st.sampled_from(TEXTS),
        st.booleans(),
        st.none() | st.integers(1, 9),
    ),
    max_size=6,
    unique_by=lambda each: each.text,
)


def agree(verdict: ObjectiveStatus, criteria: Any) -> None:
    met = {each.text for each in criteria if each.met}
    shown = {each.text for each in criteria}
    if verdict == ObjectiveStatus.SUCCEEDED:
        assert met == shown & set(WANTED)
    if met & set(FAILING):
        assert verdict == ObjectiveStatus.FAILED
    if set(WANTED) <= met and not met & set(FAILING):
        assert verdict == ObjectiveStatus.SUCCEEDED
    assert all(each.met or each.sequence is None for each in criteria)


@given(status, found)
def test_verdict_and_criteria_agree_whatever_was_decided_and_found(
    before: ObjectiveStatus, given_ones: list[Criterion]
) -> None:
    after, criteria = goal_reached.settled(before, given_ones, TEXTS)
    agree(after, criteria)
    assert [each.text for each in criteria] == [each.text for each in given_ones]
    if before != ObjectiveStatus.UNKNOWN:
        assert after == before
    assert goal_reached.settled(after, criteria, TEXTS) == (after, criteria)


ROLE_BRIEF: dict[str, Any] = {
    "manner": "Short.",
    "trust": 0,
    "holdsOn": ["Everyone's late here."],
    "reactions": [
        {"key": "warn", "when": "asked", "heard": ["Warn me."], "says": ["I will."], "meets": [1], "hint": "Ask."},
        {
            "key": "date",
            "when": "dated",
            "heard": ["By when?"],
            "says": ["Friday."],
            "meets": [2],
            "hint": "Fix a day.",
        },
        {
            "key": "behind",
            "when": "open",
            "heard": ["What is it?"],
            "says": ["Calls."],
            "hint": "Ask what is behind it.",
        },
        {
            "key": "calls",
            "when": "followed up",
            "heard": ["Which calls?"],
            "says": ["All."],
            "hint": "Ask which calls.",
            "trust": 1,
            "needs": {"after": ["behind"]},
        },
        {"key": "warm", "when": "praised", "heard": ["Good."], "says": ["Ta."], "hint": "Praise.", "trust": 1},
        {"key": "extra", "when": "more", "heard": ["And?"], "says": ["Hm."], "hint": "Ask once more."},
        {"key": "cold", "when": "blamed", "heard": ["Bad."], "says": ["Hm."], "hint": "Be kind.", "trust": -1},
        {"key": "leaves", "when": "hurt", "heard": ["Idiot."], "says": ["I'm done."], "trust": -3, "ends": "failed"},
    ],
}


def played(met: dict[str, int], *, ended: str = "", happened: dict[str, list[int]] | None = None) -> PracticeSession:
    session = ended_session(brief=BRIEF | {"endCriteria": TEXTS[:3]})
    state = {"trust": 0, "difficulty": "realistic", "happened": happened or {}, "met": met, "said": [], "ended": ended}
    PracticeSession.objects.filter(pk=session.pk).update(role_brief=ROLE_BRIEF)
    Turn.objects.filter(session=session, sequence=4).update(role_state=state)
    session.refresh_from_db()
    return session


@pytest.mark.django_db
class TestWithARoleBrief:
    @pytest.mark.parametrize(
        ("met", "ended", "verdict", "shown"),
        [
            ({"1": 1, "2": 3}, "", "succeeded", [True, True, False]),
            ({"1": 1}, "", "unknown", [True, False, False]),
            ({"1": 1}, "leaves", "failed", [True, False, True]),
            ({}, "", "unknown", [False, False, False]),
        ],
    )
    def test_the_persona_state_decides(
        self, client: Any, judge: Fake, met: Any, ended: str, verdict: str, shown: list[bool]
    ) -> None:
        """Whatever the evaluator found."""
        says = [{"criterionId": str(n), "met": n == 3, "sequence": None} for n in (1, 2, 3)]
        judge.answer("evaluation_result", arguments=answer(criteria=says), times=None)
        session = played(met, ended=ended, happened={"leaves": [3]} if ended else {"warn": [1]})

        run(queued(session), judge.base_url)

        session.refresh_from_db()
        told = client.get(f"/api/sessions/{session.pk}?historyStepCount=1").json()
        assert session.objective_status == told["session"]["objectiveStatus"] == verdict
        assert [each["met"] for each in told["evaluation"]["criteria"]] == shown
        agree(ObjectiveStatus(verdict), goal_reached.settle(session, ()))
        ending = end_reason_words.sentence(session)
        assert ("reached your goal" in ending) == (verdict == "succeeded")
        assert ("didn't reach your goal" in ending) == (verdict == "failed")
        assert (
            "criteria"
            not in judge.requests("evaluation_result")[0]["body"]["tools"][0]["function"]["parameters"]["properties"]
        )

    def test_the_turn_that_met_a_criterion_is_named(self) -> None:
        criteria = goal_reached.settle(played({"1": 1, "2": 3}, happened={}), ())
        assert [each.sequence for each in criteria] == [1, 3, None]

    def test_doors_are_at_most_three_hints_to_what_could_have_come_next(self) -> None:
        assert goal_reached.doors(played({}, happened={})) == ["Ask.", "Fix a day.", "Ask what is behind it."]
        assert goal_reached.doors(played({"1": 1}, happened={"warn": [1], "behind": [3]})) == [
            "Fix a day.",
            "Ask which calls.",
            "Praise.",
        ]

    def test_no_door_needs_what_never_happened_or_opens_nothing(self) -> None:
        """Nobody who was never told of calls reads “Ask which calls”; small talk or a reproach is nothing to miss."""
        met, happened = {"1": 1, "2": 1}, {"warn": [1], "date": [1]}
        assert goal_reached.doors(played(met, happened=happened)) == ["Ask what is behind it.", "Praise."]
        happened |= {"behind": [3], "calls": [3], "warm": [3]}
        assert goal_reached.doors(played(met, happened=happened)) == []


@pytest.mark.django_db
def test_without_a_role_brief_the_evaluators_finding_becomes_the_verdict(judge: Fake) -> None:
    judge.answer("evaluation_result", arguments=answer(), times=None)
    session = ended_session(brief=BRIEF | {"endCriteria": ["Alex agrees to warn earlier.", "It fails if Alex leaves."]})
    run(queued(session), judge.base_url)
    session.refresh_from_db()
    assert session.objective_status == "succeeded"
    assert Evaluation.objects.get().doors == []


GOALS = ["Alex agrees to warn earlier.", "A date is named.", "It fails if Alex leaves."]


def found_met(*met: int) -> dict[str, Any]:
    """An evaluator's answer about GOALS."""
    met_at = {number: 3 if number in met else None for number in range(1, len(GOALS) + 1)}
    return answer(criteria=[{"criterionId": str(n), "met": n in met, "sequence": at} for n, at in met_at.items()])


def read_after_a_correction(done: Evaluation, judge: Fake, says: dict[str, Any]) -> Evaluation:
    """Correct a line and read again with an evaluator that gives another answer."""
    judge.reset()
    judge.answer("evaluation_result", arguments=says, times=None)
    Turn.objects.filter(session=done.session, sequence=3).update(corrected_at=ENDED + timedelta(hours=1))
    assert read_again(done, now=ENDED + timedelta(hours=2))
    return run(done, judge.base_url, Clock(ENDED + timedelta(hours=2)))


def told(client: Any, session: PracticeSession) -> tuple[str, list[bool], str]:
    """`objectiveStatus`, which criteria were met, and the sentence of the session's page."""
    shown = client.get(f"/api/sessions/{session.pk}?historyStepCount=1").json()
    session.refresh_from_db()
    met = [each["met"] for each in shown["evaluation"]["criteria"]]
    return shown["session"]["objectiveStatus"], met, end_reason_words.sentence(session)


@pytest.mark.django_db
class TestANewReading:
    @pytest.mark.parametrize(
        ("first", "second", "verdict", "sentence"),
        [
            ((3,), (1, 2), "succeeded", "You reached your goal with Alex in 4:00."),
            ((1, 2), (3,), "failed", "You didn't reach your goal with Alex this time; it ended after 4:00."),
            ((1, 2), (1,), "unknown", "You ended the conversation with Alex after 4:00."),
            ((3,), (), "unknown", "You ended the conversation with Alex after 4:00."),
        ],
    )
    def test_a_verdict_from_misheard_words_goes_with_the_reading_that_made_it(
        self, client: Any, judge: Fake, first: Any, second: Any, verdict: str, sentence: str
    ) -> None:
        judge.answer("evaluation_result", arguments=found_met(*first), times=None)
        session = ended_session(brief=BRIEF | {"endCriteria": GOALS})
        done = run(queued(session), judge.base_url)
        assert told(client, session)[0] == ("failed" if 3 in first else "succeeded")

        read_after_a_correction(done, judge, found_met(*second))

        assert told(client, session) == (verdict, [n in second for n in (1, 2, 3)], sentence)

    def test_a_misheard_insult_no_longer_decides_how_a_role_was_played(self, client: Any, judge: Fake) -> None:
        judge.answer("evaluation_result", arguments=answer(), times=None)
        session = played({}, ended="leaves", happened={})
        leaves = {"key": "leaves", "when": "hurt", "says": ["I'm done."], "ends": "failed"}
        texts = ["A date is named.", "It fails if you promise too much.", "It fails if you insult Alex."]
        PracticeSession.objects.update(
            role_brief=ROLE_BRIEF | {"reactions": [*ROLE_BRIEF["reactions"][:3], leaves]},
            brief=BRIEF | {"endCriteria": texts},
        )
        Turn.objects.filter(session=session, sequence=3).update(transcript="You are an idiot.")
        done = run(queued(session), judge.base_url)
        assert told(client, session)[:2] == ("failed", [False, False, True])

        Turn.objects.filter(session=session, sequence=3).update(transcript="You are on it.")
        read_after_a_correction(done, judge, answer())

        assert told(client, session)[:2] == ("unknown", [False, False, False])

    @pytest.mark.parametrize(
        ("reason", "verdict", "met"),
        [
            (Reason.OBJECTIVE_MET, "succeeded", [True, True, False]),
            (Reason.OBJECTIVE_FAILED, "failed", [False, False, False]),
        ],
    )
    def test_what_ended_the_conversation_stays_its_verdict_in_every_reading(
        self, client: Any, judge: Fake, reason: Reason, verdict: str, met: list[bool]
    ) -> None:
        opposite = found_met(3) if verdict == "succeeded" else found_met(1, 2)
        judge.answer("evaluation_result", arguments=opposite, times=None)
        session = ended_session(brief=BRIEF | {"endCriteria": GOALS})
        PracticeSession.objects.update(
            termination_reason=reason, objective_status=verdict, objective_reason="So it went."
        )
        done = run(queued(session), judge.base_url)
        assert told(client, session)[:2] == (verdict, met)
        read_after_a_correction(done, judge, opposite)
        assert told(client, session)[:2] == (verdict, met)
        assert session.objective_reason == "So it went."
