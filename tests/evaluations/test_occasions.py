"""A behaviour without an occasion is not counted as missing."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evaluations.findings.ratings import Answer, rate
from evaluations.findings.results import BehaviourFinding, Quote
from evaluations.local import occasions
from evaluations.transcript.conversation import Behaviour, Said

SHOWN, NOT, NONE, UNSURE = Answer.SHOWN, Answer.NOT_SHOWN, Answer.NOT_APPLICABLE, Answer.UNSURE


def found(**answers: Answer) -> list[BehaviourFinding]:
    return [
        BehaviourFinding(
            Behaviour(key.replace("_", "-"), key, "do"), answer, Quote(1, key) if answer is SHOWN else None
        )
        for key, answer in answers.items()
    ]


def answers(findings: Sequence[BehaviourFinding], spoke_at: set[int]) -> list[Answer]:
    return [each.answer for each in occasions.settled(findings, spoke_at)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("says_no_plainly", "repeats_it_calmly"),
        ("says_it_plainly", "lets_it_land"),
        ("says_what_they_ask_for", "answers_an_objection"),
    ],
)
def test_a_follow_up_to_something_never_said_has_no_occasion(before: str, after: str) -> None:
    assert answers(found(**{before: NOT, after: NOT}), {1, 3}) == [NOT, NONE]
    assert answers(found(**{before: SHOWN, after: NOT}), {1, 3}) == [SHOWN, NOT]
    assert answers(found(**{before: SHOWN, after: NOT}), {1}) == [SHOWN, NONE]
    assert answers(found(**{before: NOT, after: SHOWN}), {1, 3}) == [NOT, SHOWN]
    assert answers(found(**{before: UNSURE, after: NOT}), {1, 3}) == [UNSURE, NOT]
    assert answers(found(**{after: NOT}), {1, 3}) == [NOT]


def test_a_single_line_gives_no_occasion_to_ask_further() -> None:
    assert answers(found(asks_openly=NOT, follows_up=NOT), {1}) == [NOT, NONE]
    assert answers(found(asks_openly=NOT, follows_up=NOT), {1, 3}) == [NOT, NOT]


@pytest.mark.parametrize(
    ("reply", "spoke_at", "counted"),
    [
        ("Nine, ten, whenever.", {1, 3}, NONE),
        ("I cried all night.", {1}, NONE),
        ("I cried all night.", {1, 3}, NOT),
        ("Nine, ten, whenever.", {1, 3, 5}, NOT),
    ],
)
def test_a_feeling_can_be_named_once_there_is_one(reply: str, spoke_at: set[int], counted: Answer) -> None:
    felt_at = occasions.felt([Said(1, "trainee", "I'm so sad!"), Said(2, "ai", reply)])
    named = found(names_their_feeling=NOT, leaves_room=NOT)
    assert [each.answer for each in occasions.settled(named, spoke_at, (), felt_at)] == [counted, counted]


@pytest.mark.parametrize(
    ("reply", "calm", "counted"),
    [
        ("Monday stays. Anything else?", NOT, NONE),
        ("Are you kidding me?", NOT, NOT),
        ("你什么意思，想赖账？", NOT, NOT),
        ("Monday stays. Anything else?", SHOWN, NOT),
    ],
)
def test_nobody_has_to_stay_calm_where_nobody_is_upset(reply: str, calm: Answer, counted: Answer) -> None:
    felt_at = occasions.felt([Said(0, "ai", reply)])
    asked = found(brings_it_back=calm, takes_the_heat=NOT)
    assert [each.answer for each in occasions.settled(asked, {1, 3, 5}, (), felt_at)][1] is counted


@pytest.mark.parametrize(
    ("reply", "counted"),
    [("Sure, oat flat white, coming right up.", NONE), ("Some time next week, maybe.", NOT)],
)
def test_a_request_granted_at_once_needs_no_date(reply: str, counted: Answer) -> None:
    done_at = occasions.done_at_once([Said(1, "trainee", "Make it again."), Said(2, "ai", reply)])
    asked = found(says_what_they_want=SHOWN, says_by_when=NOT)
    assert [each.answer for each in occasions.settled(asked, {1, 3}, done_at)] == [SHOWN, counted]
    assert [each.answer for each in occasions.settled(found(says_by_when=NOT), {1, 3}, done_at)] == [NOT]


@example([UNSURE, NOT, SHOWN, SHOWN, SHOWN], {1, 3})
@given(st.lists(st.sampled_from(list(Answer)), min_size=5, max_size=5), st.sets(st.sampled_from([1, 3, 5]), min_size=1))
def test_one_more_behaviour_shown_never_lowers_the_rating(given_answers: list[Answer], spoke_at: set[int]) -> None:
    keys = ("says_no_plainly", "repeats_it_calmly", "gives_one_reason", "follows_up", "acknowledges_them")

    def rating(some: list[Answer]) -> int:
        settled = occasions.settled(found(**dict(zip(keys, some, strict=True))), spoke_at)
        return rate((each.behaviour.kind, each.answer) for each in settled) or 0

    for at in range(len(keys)):
        assert rating([*given_answers[:at], SHOWN, *given_answers[at + 1 :]]) >= rating(given_answers)


def test_good_intentions_do_not_count_beside_who_does_what() -> None:
    wish = BehaviourFinding(Behaviour("only-good-intentions", "", "avoid"), SHOWN, Quote(3, "we'll manage together"))
    before, later = (
        BehaviourFinding(Behaviour("says-who-does-what", "", "do"), SHOWN, Quote(at, "you call them")) for at in (1, 3)
    )
    assert [each.answer for each in occasions.settled([later, wish], {1, 3})] == [SHOWN, NONE]
    assert [each.answer for each in occasions.settled([before, wish], {1, 3})] == [SHOWN, SHOWN]
    assert [each.answer for each in occasions.settled([wish], {1, 3})] == [SHOWN]


def test_a_label_is_not_held_against_somebody_as_an_insult_as_well() -> None:
    words = Quote(3, "You're just unreliable.")
    label = BehaviourFinding(Behaviour("labels-the-person", "", "avoid"), SHOWN, words)
    insult, later = (
        BehaviourFinding(Behaviour("insults-or-mocks", "", "avoid"), SHOWN, Quote(at, "Oh, bravo.")) for at in (3, 5)
    )
    assert [each.answer for each in occasions.settled([label, insult], {1, 3})] == [SHOWN, NONE]
    assert [each.answer for each in occasions.settled([label, later], {1, 3, 5})] == [SHOWN, SHOWN]
    assert [each.answer for each in occasions.settled([insult], {1, 3})] == [SHOWN]
