"""How well each line that the persona could say answers a turn. Pure."""

from collections.abc import Sequence

from practice.persona.recognition.common_recognition import is_question
from practice.persona.recognition.judged_sentence import RoleContext
from practice.persona.recognition.taken_up import presupposes
from practice.persona.sentences.answer_kinds import could_answer
from practice.persona.sentences.likeness import Likenesses

ANSWERS = 0.5
"""A line fits so much better if it has what a question asks for: a time, a number, a name."""
PRESUPPOSES, RATHER_LIKE = 2.0, 0.12
"""What it counts for that a line takes up words of another line that calls for its reaction, which it is more like by
more than the second."""


def fits(talk: RoleContext, said: Sequence[str], alike: Likenesses) -> dict[str, float]:
    """How well each of these lines answers what was said, of questions the last: "Eight months" a "How old is she?"."""
    asked = next((one for one in reversed(said) if is_question(one, talk.language)), "")

    def answers(line: str) -> float:
        return ANSWERS if asked and could_answer(line, asked, talk.language) else 0.0

    of_reactions = {
        line: _goes_with(talk, said, line, tuple(one.heard), alike)
        for one in talk.brief.reactions
        for lines in (one.says, one.otherwise)
        if len(lines) > 1
        for line in lines
    }
    of_facts = dict.fromkeys((line for fact in talk.told for line in fact.says), 0.0)
    return {line: fit + answers(line) for line, fit in {**of_facts, **of_reactions}.items()}


def _goes_with(talk: RoleContext, said: Sequence[str], line: str, heard: tuple[str, ...], alike: Likenesses) -> float:
    """How like what was said a line is; less if it rather answers another line that calls for its reaction.

    "Nodding off at work?" answers "I nearly fell asleep at the wheel", not "I get up at five", which is near to it too.
    """
    likeness = max(alike.of(one, [line])[0] for one in said)
    if not presupposes(line, heard, " ".join(said), talk.language):
        return likeness
    return likeness - PRESUPPOSES * max(0.0, alike.nearest(line, heard) - likeness - RATHER_LIKE)
