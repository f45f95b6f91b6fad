"""The persona's state: what unlocks a reaction, what locks it, and that nothing is said too early."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice.persona.brief.role_brief import RoleBrief
from practice.persona.rules import role_rules
from practice.persona.rules.difficulty import SHIFTS
from practice.persona.rules.role_state import RoleState
from practice.persona.trust import TRUST_MAX, TRUST_MIN
from tests import cast
from tests.persona.briefs import CRITERIA, briefs, talks

ALEX = RoleBrief.model_validate(cast.role_brief())


class Talk:
    """Plays turns against one persona and keeps its state."""

    def __init__(self, brief: RoleBrief = ALEX, difficulty: str = "realistic") -> None:
        self.brief, self.state, self.sequence = brief, role_rules.begin(brief, difficulty), 1

    def __call__(self, *recognised: str, **turn) -> str | None:
        answer, self.state = role_rules.react(self.brief, self.state, recognised, sequence=self.sequence, **turn)
        self.sequence += 2
        return answer.text if answer else None


def with_reaction(**changes) -> RoleBrief:
    extra = {"key": "extra", "when": "x", "heard": ["extra"], "says": ["Extra one.", "Extra two."]} | changes
    raw = cast.role_brief()
    return RoleBrief.model_validate(raw | {"reactions": [*raw["reactions"], extra]})


def test_enough_trust_unlocks_a_reaction_which_then_meets_its_criteria():
    talk = Talk()
    assert talk("behind-it") == "It was just a busy month."
    assert talk("late-work") == "Okay, that one was on me."
    assert talk("behind-it") == "I have been taking the support calls."
    assert talk.state.met == {1: 3, 2: 5}
    assert role_rules.outcome(talk.state, [1, 2]) == "succeeded"
    assert role_rules.outcome(talk.state, [1, 2, 3]) is None


def test_the_line_that_answers_is_chosen_and_no_line_is_repeated():
    talk, fits = Talk(with_reaction()), {"Extra one.": 0.2, "Extra two.": 0.6}
    said = []
    for sequence in (1, 3, 5):
        answer, talk.state = role_rules.react(talk.brief, talk.state, ["extra"], sequence=sequence, fits=fits)
        said.append(answer and answer.text)
    assert said == ["Extra two.", "Extra one.", None], "only what counts is said again"


def test_a_reaction_waits_for_the_one_it_depends_on():
    talk = Talk(with_reaction(needs={"after": ["late-work"]}, otherwise=["Why should I say?"]))
    assert talk("extra") == "Why should I say?"
    assert "extra" not in talk.state.happened
    talk("late-work")
    assert talk("extra") == "Extra one."


def test_a_reaction_triggered_too_early_happens_once_it_is_unlocked():
    """For example a date named before the persona believed the decision."""
    extra = {"key": "extra", "when": "x", "heard": ["extra"], "says": ["Extra."], "needs": {"trust": 1}}
    after = {"key": "after", "when": "y", "heard": ["after"], "says": ["After."], "needs": {"after": ["extra"]}}
    raw = cast.role_brief()
    brief = RoleBrief.model_validate(raw | {"reactions": [*raw["reactions"], extra, after]})
    talk = Talk(brief)
    assert talk("extra") in brief.holds_on
    talk("late-work")
    assert talk("after") == "After."
    assert {"extra", "after"} <= set(talk.state.happened)
    assert talk.state.refused == ()


def test_a_waiting_reaction_is_spoken_with_the_one_it_waited_for():
    talk = Talk(with_reaction(needs={"after": ["late-work"]}, otherwise=["Is it?"], meets=[2]))
    assert talk("extra") == "Is it?"
    assert talk("late-work") == "Okay, that one was on me. Extra one."
    assert talk.state.met == {1: 3, 2: 3}


def test_waiting_reactions_are_known_when_the_trainee_sums_up():
    talk = Talk(with_reaction(needs={"trust": 1}, meets=[2]))
    talk("extra")
    assert role_rules.waiting(talk.brief, talk.state) == []
    talk("late-work")
    assert role_rules.waiting(talk.brief, talk.state) == ["extra"]


def test_trust_gained_in_a_turn_unlocks_nothing_before_the_next():
    talk = Talk()
    assert talk("behind-it", "late-work") == "Okay, that one was on me."
    assert talk.state.met == {1: 1}


def test_a_hurt_persona_says_so_first_and_leaves_when_trust_is_gone():
    talk = Talk()
    assert talk("late-work", "insult") == "If I am that useless, find somebody else."
    assert talk.state.met == {}
    assert talk("insult") == "No. I am done here."
    assert role_rules.outcome(talk.state, [1, 2]) == "failed"
    assert talk("late-work") is None


def test_a_locked_reaction_has_refusals_for_as_long_as_the_trainee_pushes():
    talk = Talk()
    assert [talk("behind-it") for _ in range(4)] == [
        "It was just a busy month.",
        "Everybody is late here.",
        "It was not only me.",
        "Everybody is late here.",
    ]


@pytest.mark.parametrize(
    ("difficulty", "answer"),
    [("gentle", "I have been taking the support calls."), ("realistic", "It was just a busy month.")],
)
def test_gentle_needs_less_trust(difficulty, answer):
    assert Talk(difficulty=difficulty)("behind-it") == answer


def test_tough_starts_with_less_trust_and_needs_more():
    talk = Talk(with_reaction(trust=2), "tough")
    assert talk.state.trust == -1
    talk("late-work")
    assert talk("behind-it") == "It was just a busy month."
    talk("extra")
    assert talk("behind-it") == "I have been taking the support calls."


def test_a_gain_counts_once_and_a_line_is_not_said_twice():
    talk = Talk()
    assert [talk("late-work") for _ in range(3)] == ["Okay, that one was on me.", "Yes, I know.", None]
    assert talk.state.trust == 1


def test_a_reaction_that_happens_once_is_not_repeated():
    talk = Talk(with_reaction(once=True))
    assert [talk("extra"), talk("extra")] == ["Extra one.", None]


def test_two_reactions_that_meet_criteria_are_both_spoken_and_a_third_waits():
    brief = with_reaction(meets=[2], needs={"after": ["late-work"]})
    assert Talk(brief)("extra", "late-work") == "Okay, that one was on me. Extra one."
    raw = brief.stored()
    third = {"key": "third", "when": "x", "heard": ["third"], "says": ["Third."], "meets": [3]}
    talk = Talk(RoleBrief.model_validate(raw | {"reactions": [*raw["reactions"], third]}))
    talk("extra", "late-work", "third")
    assert sorted(talk.state.met) in ([1, 2], [1, 3])
    talk("extra", "late-work", "third")
    assert sorted(talk.state.met) == [1, 2, 3]


def test_a_second_reaction_that_meets_only_the_same_is_not_spoken():
    brief = with_reaction(meets=[1], needs={})
    assert Talk(brief)("extra", "late-work") in ("Extra one.", "Okay, that one was on me.")


def test_a_question_at_the_end_is_answered_beside_what_weighs_more():
    told = {"late-work": 0, "extra": 1}
    assert Talk(with_reaction())("late-work", "extra") == "Okay, that one was on me."
    both = Talk(with_reaction())("late-work", "extra", wants_answer=["extra"], said_at=told)
    assert both == "Okay, that one was on me. Extra one."
    costs = Talk(with_reaction(trust=-1))("late-work", "extra", wants_answer=["extra"], said_at=told)
    assert costs == "Okay, that one was on me.", "nothing that costs trust is answered beside"


def test_two_lines_come_in_the_order_of_what_calls_for_them():
    brief = with_reaction(meets=[2])
    assert Talk(brief)("extra", "late-work") == "Okay, that one was on me. Extra one."
    assert (
        Talk(brief)("extra", "late-work", said_at={"extra": 0, "late-work": 1})
        == "Extra one. Okay, that one was on me."
    )


@pytest.mark.parametrize(
    ("first", "together"),
    [
        ("That's clear. And what do I do now?", "That's clear. Okay, that one was on me."),
        ("And what do I do now?", "And what do I do now? Okay, that one was on me."),
        ("我听明白了。那你说怎么办？", "我听明白了。Okay, that one was on me."),
    ],
)
def test_a_reply_does_not_ask_before_it_agrees(first, together):
    brief = with_reaction(says=[first], meets=[2])
    raw = brief.stored()
    last = [one | {"meets": [3]} if one["key"] == "late-work" else one for one in raw["reactions"]]
    assert Talk(RoleBrief.model_validate(raw | {"reactions": last}))("late-work", "extra") == together


def test_an_unmatched_turn_leaves_the_state_unchanged():
    talk = Talk()
    before = talk.state
    assert talk() is None
    assert talk("unknown") is None
    assert talk.state == before


def test_a_continued_session_keeps_trust_but_no_turn_numbers():
    talk = Talk()
    talk("late-work")
    carried = talk.state.carried_over("tough")
    assert (carried.trust, carried.met, carried.happened) == (1, {1: 0}, {"late-work": (0,)})
    assert carried.difficulty == "tough"


played = st.deferred(
    lambda: briefs().flatmap(lambda brief: st.tuples(st.just(brief), st.sampled_from(sorted(SHIFTS)), talks(brief)))
)


def states(brief: RoleBrief, difficulty: str, turns: list[list[str]]):
    """For each turn: state before, recognised reactions, answer, state after."""
    state = role_rules.begin(brief, difficulty)
    for number, recognised in enumerate(turns):
        answer, after = role_rules.react(brief, state, recognised, sequence=2 * number + 1)
        yield state, recognised, answer, after
        state = after


@given(played)
@settings(max_examples=100, deadline=None)
def test_no_turns_reveal_a_locked_line_or_move_trust_out_of_bounds(talk):
    brief, difficulty, turns = talk
    says = {line: one for one in brief.reactions for line in one.says}
    played_turns = list(states(brief, difficulty, turns))
    first = played_turns[0][0] if played_turns else None
    for before, recognised, answer, after in played_turns:
        assert TRUST_MIN <= after.trust <= TRUST_MAX
        assert not after.ended or before is not first
        if answer and answer.kind == "says":
            for line in after.said[len(before.said) :]:
                one = says[line]
                assert one.key in recognised or one.key in before.refused or one.by_trust
                needed = one.needs.trust
                trusted = needed is None or before.trust >= min(
                    TRUST_MAX, max(TRUST_MIN, needed + SHIFTS[difficulty].needs)
                )
                assert trusted or one.key in before.happened
                assert set(one.needs.after) <= set(after.happened)
                assert not one.once or one.key not in before.happened
        elif answer:
            assert not set(after.said[len(before.said) :]) & set(says)


@given(played)
@settings(max_examples=100, deadline=None)
def test_criteria_are_met_in_the_turn_they_are_spoken_and_stay_met(talk):
    brief, difficulty, turns = talk
    for number, (before, _, answer, after) in enumerate(states(brief, difficulty, turns)):
        assert before.met.items() <= after.met.items()
        new = set(after.met) - set(before.met)
        said = [one for one in brief.reactions if answer and answer.kind == "says" and one.key in answer.reactions]
        assert new <= {meets for one in said for meets in one.meets}
        assert all(after.met[criterion] == 2 * number + 1 for criterion in new)
        assert new <= set(range(1, CRITERIA + 1))


@given(played)
@settings(max_examples=100, deadline=None)
def test_the_same_turns_give_the_same_answers_from_stored_state_too(talk):
    brief, difficulty, turns = talk
    again = RoleBrief.model_validate_json(json.dumps(brief.stored()))
    for (_, _, answer, after), other in zip(
        states(brief, difficulty, turns), states(again, difficulty, turns), strict=True
    ):
        assert (answer, after) == other[2:]
        assert RoleState.read(json.loads(json.dumps(after.stored()))) == after


@given(played)
@settings(max_examples=100, deadline=None)
def test_single_reactions_happen_once_and_nothing_follows_the_end(talk):
    brief, difficulty, turns = talk
    for before, _, answer, after in states(brief, difficulty, turns):
        for one in brief.reactions:
            assert not one.once or len(after.happened.get(one.key, ())) <= 1
        if before.ended:
            assert (answer, after) == (None, before)
        assert not after.ended or role_rules.outcome(after, [1]) == "failed"


def test_a_revealed_fact_stays_unlocked_when_trust_falls():
    talk = Talk()
    talk("late-work")
    told = talk("behind-it")
    talk("insult")
    again = talk("behind-it")
    assert told == "I have been taking the support calls."
    assert again != "It was just a busy month."


def test_the_first_line_never_ends_a_session():
    lost = with_reaction(trust=-3)
    talk = Talk(lost, "tough")
    assert talk("extra", "insult") != "No. I am done here."
    assert talk.state.ended == ""
    assert talk("insult") == "No. I am done here."


def test_an_ending_needs_its_reaction_in_an_earlier_turn():
    raw = with_reaction(key="gives-in", says=["Are you sure?"]).model_dump(mode="json", by_alias=True)
    for_good = {"key": "for-good", "when": "x", "heard": ["yes, sure"], "says": ["Settled."], "ends": "failed"}
    raw["reactions"].append(for_good | {"needs": {"after": ["gives-in"]}})
    talk = Talk(RoleBrief.model_validate(raw))
    assert talk("for-good") is None
    assert talk("gives-in", "for-good") == "Are you sure?"
    assert talk("for-good") == "Settled."
    assert role_rules.outcome(talk.state, [1]) == "failed"
