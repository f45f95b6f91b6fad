"""What a turn calls for beside what was recognised first: what it needs, and help offered with a proposal. Pure."""

from collections.abc import Iterator, Sequence

from practice.persona.brief.role_brief import Reaction, RoleBrief
from practice.persona.recognition.judged_sentence import RoleContext, SentenceEvidence, SentencePart
from practice.persona.recognition.nearest_reaction import CLAUSE_LIKENESS_LEAST
from practice.persona.recognition.understood import Recognised
from practice.persona.sentences.proposals import is_agreement

EARLIER_LEAST = 0.46
"""Minimum likeness to a reaction that must come before one that was recognised: both in a turn make it likely."""
OPPOSED = 0.15
"""What costs a little trust is not meant if something that moves the talk on is nearer by this much."""
OUTWEIGHED, OUTWEIGHED_BELOW = 0.3, 0.56
"""What gains trust is not meant, below this likeness, beside something nearer by so much."""
OFFERED_LEAST = 0.48
"""Minimum likeness of a clause to something that gains trust, beside a proposal that is recognised."""


def called_beside(
    talk: RoleContext, pieces: Sequence[SentencePart], shown: Sequence[SentenceEvidence]
) -> list[SentenceEvidence]:
    """More evidence, from pieces that were not near enough by themselves.

    "It's over, I thought about it for months" says first what the second half depends on. "I'll take the calls off
    you, and you tell me on Wednesdays" is an agreement, and an offer besides.
    """
    called = [one.reaction for one in shown if one.reaction is not None and not one.weak]
    found = {one.key for one in called}
    recognised = [talk.brief.reaction(key) for key in found]
    near = [talk.brief.reaction(one.key) for one in called if one.likeness >= CLAUSE_LIKENESS_LEAST]
    wanted = {
        **dict.fromkeys(_missing(talk, near, found), EARLIER_LEAST),
        **dict.fromkeys(_offered(talk, recognised, found), OFFERED_LEAST),
    }
    return [
        SentenceEvidence(Recognised(piece.nearest, piece.strength))
        for piece in pieces
        if not piece.question and piece.nearest in wanted and piece.strength >= wanted[piece.nearest]
    ]


def _missing(talk: RoleContext, recognised: Sequence[Reaction], found: set[str]) -> Iterator[str]:
    """What must come first and has not happened; nothing that costs or ends."""
    for one in recognised:
        for key in one.needs.after:
            before = talk.brief.reaction(key)
            if key not in {*talk.happened, *found} and before.trust >= 0 and before.ends is None:
                yield key


def _offered(talk: RoleContext, recognised: Sequence[Reaction], found: set[str]) -> Iterator[str]:
    """What gains trust, depends on something that has happened and meets nothing, beside an agreement."""
    if not any(one.meets and is_agreement(one.heard, talk.language) for one in recognised):
        return
    for one in talk.brief.reactions:
        happened = one.needs.after and all(key in talk.happened for key in one.needs.after)
        if happened and one.trust > 0 and not one.meets and one.key not in {*talk.happened, *found}:
            yield one.key


def meant_together(brief: RoleBrief, found: Sequence[Recognised]) -> tuple[Recognised, ...]:
    """Without reactions that something else in the same turn contradicts or outweighs.

    "It wasn't really work. There was something, but I could have come" is no excuse.
    """
    reactions = [(one, brief.reaction(one.key)) for one in found]
    needed = {key for _, reaction in reactions for key in reaction.needs.after}
    prepares = {key for one in brief.reactions for key in one.needs.after}
    moving = [
        (one, reaction)
        for one, reaction in reactions
        if reaction.trust or reaction.meets or reaction.needs.after or one.key in prepares
    ]
    welcome = max((one.likeness for one, reaction in moving if reaction.trust >= 0), default=0.0)
    nearest = max((one.likeness for one, _ in moving), default=0.0)
    return tuple(
        one
        for one, reaction in reactions
        if not (reaction.trust == -1 and welcome >= one.likeness + OPPOSED)
        and not (
            reaction.trust > 0
            and not reaction.meets
            and one.key not in needed
            and one.likeness < OUTWEIGHED_BELOW
            and nearest >= one.likeness + OUTWEIGHED
        )
    )
