"""Divides what the trainee said into pieces, and has each read within its turn."""

from collections.abc import Iterator, Mapping, Sequence

from coach.providers.ports import SentenceEmbeddings, TurnPieces
from evaluations.local import cues, detectors, segments
from evaluations.local.examples import Line, Vector
from evaluations.local.showing import SpokenPiece
from evaluations.transcript import prompt_injection, word_matching
from evaluations.transcript.conversation import Conversation, Said


def own_turns(conversation: Conversation) -> dict[int, TurnPieces]:
    """The trainee's turns in their pieces, each with the line that it answers, by sequence."""
    found: dict[int, TurnPieces] = {}
    answered = ""
    for turn in conversation.turns:
        line = turn.text or ""
        if turn.speaker == "ai":
            answered = line or answered
        elif spans := segments.spans(line, conversation.language):
            own = [span for span in spans if prompt_injection.LEFT_OUT not in line[slice(*span)]]
            found[turn.sequence] = TurnPieces(line, answered, tuple(own))
    return found


def read(turns: Sequence[TurnPieces], embeddings: SentenceEmbeddings) -> list[list[Vector]]:
    """The vectors of their pieces, as the detectors were fitted on. Raises ProviderError."""
    return embeddings.embed_pieces_blocking(turns, layers=detectors.layers())


def alone(line: str) -> TurnPieces:
    """A line that is not part of a conversation, as one piece."""
    return TurnPieces(line, "", ((0, len(line)),))


def texts(turn: TurnPieces) -> list[str]:
    return [turn.text[slice(*span)] for span in turn.pieces]


def said(
    conversation: Conversation, vectors: Mapping[str, Vector], embeddings: SentenceEmbeddings
) -> Iterator[SpokenPiece]:
    """The pieces of the trainee's turns. `vectors`: of texts by themselves, as far as they are needed."""
    own = own_turns(conversation)
    vectors_of = dict(zip(own, read(list(own.values()), embeddings), strict=True))
    # Orders to the judge are left out: the line after one is still the first.
    first = next((each.sequence for each in conversation.turns if _is_own_words(each)), None)
    for turn in conversation.turns:
        if turn.sequence not in own:
            continue
        for text, vector in zip(texts(own[turn.sequence]), vectors_of[turn.sequence], strict=True):
            yield SpokenPiece(
                turn.sequence,
                line_of(text, vectors, conversation),
                own[turn.sequence].text,
                vector,
                turn.sequence == first,
                turn.misheard(text),
            )


def _is_own_words(turn: Said) -> bool:
    return turn.speaker == "trainee" and bool(word_matching.tokens(turn.text or ""))


def line_of(text: str, vectors: Mapping[str, Vector], conversation: Conversation) -> Line:
    found = cues.of(text, language=conversation.language, counterpart=conversation.counterpart)
    return Line(text, vectors.get(text, ()), found)
