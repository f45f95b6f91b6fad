"""How plainly a piece of speech shows a behaviour: log-odds, their bounds, and what rules it out. Pure."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from evaluations.findings.results import Quote
from evaluations.local import (
    detectors,
    required_words,
    sentence_forms,
    speech_acts,
    summing_up,
    telling_words,
)
from evaluations.local.examples import Examples, Line, Vector, Weights
from evaluations.local.off_topic import is_off_topic
from evaluations.transcript import sentences
from evaluations.transcript.conversation import DOUBTFUL_MOST, Behaviour

WEIGHTS: Mapping[str, Weights] = {
    "en": Weights(base=-3.27, near=-4.82, close=14.03, margin=4.38, beyond=7.47, cues=0.395),
    "zh": Weights(base=-3.69, near=2.87, close=13.25, margin=1.25, beyond=5.74, cues=0.554),
}
SURE, SURE_TO_AVOID = 0.0, 2.0
"""Minimum log-odds for example lines to show a behaviour; behaviours to avoid are claimed only if plain."""
DETECTED, DETECTED_TO_AVOID = 0.2, 3.25
"""The same for detectors. A slip is held against nobody on a detector's word alone unless it is very sure."""
SLIPPED = 1.5
"""How much lower the bound of a slip is in a talk with another, plain one: slips seldom come alone."""
PLAINER = ((5, 0.8), (3, 0.3))
"""From so many slips on, so much more: in such a talk, what is barely praised is wrong more often than right."""
TELLING = 2.0
"""What telling words add to the log-odds of a thing to do."""
TELLING_TO_AVOID, DECISIVE_TO_AVOID = 1.25, 3.75
"""What they add to those of a thing to avoid, and what decisive words or a plain insult or threat add.

Beside telling words the detector has to lean that way, beside decisive ones it may not be sure of the contrary: words
alone mean something else in one of five sentences by other writers.
"""
MISHEARD = 4.0
"""What a piece loses in log-odds if the recogniser was unsure of all of it; in proportion if of a part."""


LATER = frozenset({"brings-it-back", "repeats-it-calmly", "sums-up", "agrees-to-look-again"})
"""Keys of shipped behaviours that nobody shows in their first turn: there is nothing to come back to yet."""


@dataclass(frozen=True)
class SpokenPiece:
    """A trainee's sentence, two in a row, or part of a long one.

    `turn` is the whole turn, `in_turn` the piece's vector as the turn encoder reads it; `misheard` the share of its
    characters that the recogniser was unsure of; `most_like` its similarity to the example lines of all behaviours
    without a detector; `helps` the log-odds of the thing to do that it shows most plainly.
    """

    sequence: int
    line: Line
    turn: str
    in_turn: Vector = ()
    is_first: bool = False
    """Whether it is of the trainee's first turn."""
    misheard: float = 0.0
    most_like: float = 0.0
    helps: float = -math.inf

    @property
    def sentences(self) -> list[str]:
        """The whole sentences that it is, or is a part of."""
        return [one for one in sentences.of(self.turn) if one in self.line.text or self.line.text in one]


@dataclass(frozen=True)
class Showing:
    """`examples`: by skill and key, for behaviours without a detector.

    `blamed`: words that show, or nearly show, a behaviour to avoid; they are never praised.
    """

    language: str
    examples: Mapping[tuple[str, str], Examples]
    blamed: Sequence[Quote] = ()

    def odds(self, skill_id: str, behaviour: Behaviour, piece: SpokenPiece) -> float:
        """Log-odds that the piece shows the behaviour; -inf if it cannot."""
        if not self._may_show(behaviour, piece):
            return -math.inf
        if detector := detectors.of(behaviour):
            odds, told = detector.odds(piece.in_turn), self._telling(behaviour, piece.line.text)
            # “Don't rush, we can just sit here a bit” leaves room more plainly than it asks for calm.
            if not behaviour.is_wanted and not told and piece.helps > odds:
                return -math.inf
            odds += told
        else:
            weights = WEIGHTS.get(self.language, WEIGHTS["en"])
            odds = weights.odds(self.examples[skill_id, behaviour.key].fit(piece.line, piece.most_like))
        return odds - MISHEARD * piece.misheard

    def _may_show(self, behaviour: Behaviour, piece: SpokenPiece) -> bool:
        text = piece.line.text
        if piece.misheard > DOUBTFUL_MOST:
            return False
        if not sentence_forms.may_show(behaviour.key, text, " ".join(piece.sentences), self.language):
            return False
        if not required_words.may_show(behaviour.key, text, self.language) or is_off_topic(behaviour.key, text):
            return False
        if behaviour.key in LATER and piece.is_first:
            return False
        if behaviour.is_wanted:
            harsh = speech_acts.is_harsh(text, piece.turn, self.language) or (
                behaviour.key in speech_acts.CARING and speech_acts.is_attack(piece.turn, self.language)
            )
            return not harsh and not any(_overlap(each, piece) for each in self.blamed)
        return speech_acts.may_show(behaviour, text, piece.turn, self.language)

    def _telling(self, behaviour: Behaviour, text: str) -> float:
        """What the words add to a detector's log-odds."""
        key = behaviour.key
        if behaviour.is_wanted:
            is_told = (
                (key in summing_up.GATHERED and summing_up.sums_up(text, self.language))
                or (key in sentence_forms.YES and required_words.asks_for_a_yes(text))
                or telling_words.are_in(key, text, self.language)
            )
            return TELLING if is_told else 0.0
        if speech_acts.shows(key, text, self.language) or telling_words.are_decisive(key, text, self.language):
            return DECISIVE_TO_AVOID
        return TELLING_TO_AVOID if telling_words.are_in(key, text, self.language) else 0.0


def bound(behaviour: Behaviour) -> float:
    """The log-odds from which a behaviour is shown."""
    if detectors.of(behaviour) and behaviour.is_wanted:
        return DETECTED
    if detectors.of(behaviour):
        return DETECTED_TO_AVOID
    return SURE if behaviour.is_wanted else SURE_TO_AVOID


def bound_after(slips: Collection[str], behaviour: Behaviour) -> float:
    """The bound of a behaviour to avoid in a talk that plainly shows those of the keys `slips`."""
    is_lowered = detectors.of(behaviour) is not None and any(key != behaviour.key for key in slips)
    return bound(behaviour) - (SLIPPED if is_lowered else 0.0)


def plainer(slips: int) -> float:
    """What is added to the bound of a thing to do in a talk with so many different things to avoid."""
    return next((more for least, more in PLAINER if slips >= least), 0.0)


def _overlap(quote: Quote, piece: SpokenPiece) -> bool:
    return quote.sequence == piece.sequence and (quote.text in piece.line.text or piece.line.text in quote.text)
