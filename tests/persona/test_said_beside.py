"""What a turn calls for beside what was recognised first, decided from likenesses alone."""

from collections.abc import Collection, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.persona.brief.role_brief import RoleBrief
from practice.persona.recognition.judged_sentence import RoleContext, SentenceEvidence, SentencePart
from practice.persona.recognition.nearest_reaction import CLAUSE_LIKENESS_LEAST
from practice.persona.recognition.said_beside import EARLIER_LEAST, OFFERED_LEAST, called_beside, meant_together
from practice.persona.recognition.understood import Recognised

BRIEF = RoleBrief.model_validate(
    {
        "manner": "Short.",
        "holdsOn": ["Well."],
        "reactions": [
            {"key": "over", "when": "x", "heard": ["It is over."], "says": ["What?"], "trust": 1},
            {"key": "angry", "when": "x", "heard": ["You are lazy."], "says": ["Ouch."], "trust": -1},
            {"key": "gives-in", "when": "x", "heard": ["Then stay."], "says": ["Good."], "ends": "failed"},
            {
                "key": "why",
                "when": "x",
                "heard": ["I thought about it for months."],
                "says": ["Months?"],
                "needs": {"after": ["over", "angry", "gives-in"]},
            },
            {
                "key": "deal",
                "when": "x",
                "heard": ["Shall we say Wednesday?", "Let's meet every Wednesday."],
                "says": ["Deal."],
                "meets": [1],
            },
            {
                "key": "help",
                "when": "x",
                "heard": ["I'll take the calls."],
                "says": ["Thanks."],
                "needs": {"after": ["over"]},
                "trust": 1,
            },
        ],
    }
)


def talk(happened: Collection[str] = ()) -> RoleContext:
    return RoleContext(
        brief=BRIEF,
        lines={one.key: one.heard for one in BRIEF.reactions},
        language="en",
        happened=happened,
        stated=(),
        asked=(),
        harmless=(),
        told=(),
    )


def piece(key: str, likeness: float, *, question: bool = False) -> SentencePart:
    return SentencePart(
        text="x",
        whole=False,
        least=CLAUSE_LIKENESS_LEAST,
        question=question,
        only_asked=False,
        act="statement",
        likeness={"why": 0.0, key: likeness},
        clauses=(),
        fact=None,
        aside=("", 0.0),
        asides=(),
        calm=False,
        meant=None,
        hurtful=0.0,
    )


def recognised(key: str, likeness: float = 0.9, *, weak: bool = False) -> SentenceEvidence:
    return SentenceEvidence(Recognised(key, likeness), weak=weak)


def beside(
    pieces: Sequence[SentencePart], shown: Sequence[SentenceEvidence], happened: Collection[str] = ()
) -> list[str]:
    return [one.reaction.key for one in called_beside(talk(happened), pieces, shown) if one.reaction]


def test_what_a_reaction_depends_on_is_heard_more_easily_beside_it() -> None:
    assert beside([piece("over", EARLIER_LEAST)], [recognised("why")]) == ["over"]
    assert beside([piece("over", EARLIER_LEAST - 0.01)], [recognised("why")]) == []


@pytest.mark.parametrize("key", ["angry", "gives-in"])
def test_what_costs_trust_or_ends_the_talk_is_never_heard_more_easily(key: str) -> None:
    assert beside([piece(key, 0.99)], [recognised("why")]) == []


def test_only_a_reaction_that_is_clearly_near_makes_the_earlier_one_likely() -> None:
    assert beside([piece("over", 0.5)], [recognised("why", CLAUSE_LIKENESS_LEAST - 0.01)]) == []
    assert beside([piece("over", 0.5)], [recognised("why", weak=True)]) == []


def test_what_has_happened_or_was_recognised_is_not_called_for_again() -> None:
    assert beside([piece("over", 0.5)], [recognised("why")], happened=["over"]) == []
    assert beside([piece("over", 0.5)], [recognised("why"), recognised("over")]) == []


def test_a_question_offers_and_tells_nothing_beside() -> None:
    assert beside([piece("over", 0.9, question=True)], [recognised("why")]) == []
    assert beside([piece("help", 0.9, question=True)], [recognised("deal")], happened=["over"]) == []


def test_help_is_heard_beside_an_agreement_once_it_is_unlocked() -> None:
    shown = [recognised("deal")]
    assert beside([piece("help", OFFERED_LEAST)], shown, happened=["over"]) == ["help"]
    assert beside([piece("help", OFFERED_LEAST - 0.01)], shown, happened=["over"]) == []
    assert beside([piece("help", 0.9)], shown) == []
    assert beside([piece("help", 0.9)], [recognised("over")], happened=["over"]) == []


def heard_together(*found: tuple[str, float]) -> list[str]:
    return [one.key for one in meant_together(BRIEF, [Recognised(*each) for each in found])]


def test_a_reproach_is_not_meant_beside_something_nearer_that_gains_trust() -> None:
    assert heard_together(("over", 0.9), ("angry", 0.7)) == ["over"]
    assert heard_together(("over", 0.8), ("angry", 0.7)) == ["over", "angry"]
    assert heard_together(("angry", 0.7)) == ["angry"]


def test_a_weak_gain_is_not_meant_beside_something_much_nearer() -> None:
    assert heard_together(("over", 0.9), ("help", 0.5)) == ["over"]
    assert heard_together(("over", 0.9), ("help", 0.7)) == ["over", "help"]
    assert heard_together(("why", 0.9), ("over", 0.5)) == ["why", "over"], "the first needs the second"


@given(
    pieces=st.lists(
        st.builds(
            piece, st.sampled_from([one.key for one in BRIEF.reactions]), st.floats(0, 1), question=st.booleans()
        ),
        max_size=4,
    ),
    shown=st.lists(
        st.builds(
            recognised, st.sampled_from([one.key for one in BRIEF.reactions]), st.floats(0, 1), weak=st.booleans()
        ),
        max_size=3,
    ),
    happened=st.sets(st.sampled_from([one.key for one in BRIEF.reactions])),
)
def test_nothing_is_called_for_that_costs_ends_has_happened_or_is_unlike_every_piece(
    pieces: list[SentencePart], shown: list[SentenceEvidence], happened: set[str]
) -> None:
    for key in beside(pieces, shown, happened):
        one = BRIEF.reaction(key)
        assert one.trust >= 0
        assert one.ends is None
        assert key not in happened
        assert any(each.nearest == key and each.strength >= EARLIER_LEAST for each in pieces)
