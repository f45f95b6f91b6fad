"""Turns a cloud model's answer into findings, or into the reason why it cannot be used. Pure.

Clear values are accepted in any form (`not_shown`, a sequence as text); missing or unclear ones are refused with a
reason that is fed back. A `shown` becomes `unsure` if its quote is not in the turn it names, is from a sentence that
addresses the judge, or was mostly doubtful to the recogniser.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluations.findings import better_line
from evaluations.findings.ratings import Answer, rate
from evaluations.findings.results import BehaviourFinding, Criterion, Findings, NextStep, Quote, Score
from evaluations.transcript import prompt_injection, word_matching
from evaluations.transcript.conversation import Behaviour, Conversation, RatedSkill
from practice.catalog.rubric import RATINGS

QUOTES_MAX = 3
TEXT_MAX = 4_000
"""Maximum characters of one text written by the model; the rest is cut."""

_ANSWERS = {
    re.sub(r"[\W_]", "", word).casefold(): answer
    for answer, words in {
        Answer.SHOWN: ("shown", "yes", "true"),
        Answer.NOT_SHOWN: ("notShown", "no", "false"),
        Answer.NOT_APPLICABLE: ("notApplicable", "n/a", "none"),
        Answer.UNSURE: ("unsure", "unclear", "unknown"),
    }.items()
    for word in words
}
_TURN = re.compile(r"(?:turn|line|第)?\s*[\[(#]?(\d{1,6})(?:\.0)?[\])]?(?:轮|句)?", re.IGNORECASE)


@dataclass(frozen=True)
class Refusal:
    """`reason` is fed back to the model and shown to people: it never repeats what the model wrote."""

    reason: str


@dataclass(frozen=True)
class Reading:
    """One reading of a conversation by a model. `said` is each behaviour's answer before its quote was checked."""

    findings: Findings
    said: Mapping[tuple[str, str], Answer]


def read(answer: Mapping[str, Any], conversation: Conversation) -> Reading | Refusal:
    """Check an `evaluation_result`. Except for scores and summary everything is optional and checked part by part."""
    return _Answer(conversation).read(answer)


class _Answer:
    """Checks one answer."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._faults: list[str] = []
        self._said: dict[tuple[str, str], Answer] = {}
        self._dropped = 0
        # A service that only knows ratings answers as if no skill had behaviours.
        self._ratings_only = False

    def read(self, answer: Mapping[str, Any]) -> Reading | Refusal:
        given = self._by_skill(answer.get("scores"))
        self._ratings_only = bool(given) and all(
            "behaviours" not in item and "rating" in item for item in given.values()
        )
        summary = _text(answer.get("summary"))
        if not summary:
            self._faults.append("summary is missing or empty")
        scores = tuple(self._score(skill, given[skill.id]) for skill in self._conversation.skills if skill.id in given)
        if self._faults:
            return Refusal("; ".join(self._faults))
        findings = Findings(
            scores=scores,
            summary=summary,
            strengths=_text(answer.get("strengths")),
            gaps=_text(answer.get("gaps")),
            criteria=() if self._conversation.has_role_brief else self._criteria(answer.get("criteria")),
            dropped_quotes=self._dropped,
        )
        return Reading(findings, self._said)

    def _by_skill(self, given: Any) -> dict[str, Mapping[str, Any]]:
        if not isinstance(given, Sequence) or isinstance(given, str):
            self._faults.append("scores is missing or not a list")
            return {}
        known = {skill.id: skill.name for skill in self._conversation.skills}
        found: dict[str, Mapping[str, Any]] = {}
        unknown, repeated = 0, set()
        for item in given:
            skill_id = item.get("skillId") if isinstance(item, Mapping) else None
            if not isinstance(skill_id, str) or skill_id not in known:
                unknown += 1
            elif skill_id in found:
                repeated.add(skill_id)
            else:
                found[skill_id] = item
        if unknown:
            self._faults.append(f"{unknown} of the scores name no skill of this scenario")
        self._faults += [f"skill {each} ({known[each]}) is scored more than once" for each in sorted(repeated)]
        self._faults += [
            f"skill {skill_id} ({name}) is not scored" for skill_id, name in known.items() if skill_id not in found
        ]
        return found

    def _score(self, skill: RatedSkill, item: Mapping[str, Any]) -> Score:
        note = _text(item.get("note"))
        if not note:
            self._faults.append(f"the note of skill {skill.id} ({skill.name}) is empty")
        if not skill.behaviours or self._ratings_only:
            return self._rated_by_rubric(skill, item, note)
        found = self._behaviours(skill, item.get("behaviours"))
        rating = rate((each.behaviour.kind, each.answer) for each in found)
        return Score(skill, rating, note, behaviours=found, next_step=self._next_step(skill, item.get("next")))

    def _rated_by_rubric(self, skill: RatedSkill, item: Mapping[str, Any], note: str) -> Score:
        rating = _whole(item.get("rating"))
        if rating is None or rating not in RATINGS:
            self._faults.append(f"the rating of skill {skill.id} ({skill.name}) is not a whole number from 1 to 5")
            rating = RATINGS.start
        evidence = self._evidence(item.get("evidence"))
        return Score(skill, rating, note, self._try_instead(item.get("tryInstead")), evidence)

    def _behaviours(self, skill: RatedSkill, given: Any) -> tuple[BehaviourFinding, ...]:
        items = [item for item in _list(given) if isinstance(item, Mapping)]
        known = {behaviour.key: behaviour for behaviour in skill.behaviours}
        elsewhere = {each.key for other in self._conversation.skills for each in other.behaviours}
        by_key: dict[str, Mapping[str, Any]] = {}
        unknown = 0
        for item in items:
            key = _key(item)
            if not isinstance(key, str) or key not in known:
                unknown += key not in elsewhere
            elif key in by_key and _answer(by_key[key].get("answer")) != _answer(item.get("answer")):
                self._faults.append(f"behaviour {key} of skill {skill.id} has two different answers")
            else:
                by_key.setdefault(key, item)
        if unknown:
            self._faults.append(f"{unknown} of the behaviours are none of skill {skill.id} ({skill.name})")
        found = []
        for key, behaviour in known.items():
            answer = _answer(by_key[key].get("answer")) if key in by_key else None
            if answer is None:
                what = "has no known answer" if key in by_key else "is not answered"
                self._faults.append(f"behaviour {key} of skill {skill.id} ({skill.name}) {what}")
                continue
            found.append(self._checked(skill, behaviour, answer, by_key[key]))
        return tuple(found)

    def _checked(
        self, skill: RatedSkill, behaviour: Behaviour, answer: Answer, item: Mapping[str, Any]
    ) -> BehaviourFinding:
        self._said[skill.id, behaviour.key] = answer
        if answer is not Answer.SHOWN:
            return BehaviourFinding(behaviour, answer)
        quote = self._in_named_turn(item)
        if quote is None:
            self._dropped += 1
            return BehaviourFinding(behaviour, Answer.UNSURE)
        if self._is_doubtful(quote):
            return BehaviourFinding(behaviour, Answer.UNSURE)
        return BehaviourFinding(behaviour, answer, quote)

    def _in_named_turn(self, item: Mapping[str, Any]) -> Quote | None:
        """The quote, verbatim from the turn it names; if none is named, from the only turn that contains it."""
        wanted, named = item.get("quote"), _whole(item.get("sequence"))
        if not isinstance(wanted, str):
            return None
        lines = self._conversation.trainee_lines
        among = [sequence for sequence in lines if sequence == named] if named is not None else list(lines)
        located = [
            Quote(sequence, found) for sequence in among if (found := word_matching.find(wanted, lines[sequence]))
        ]
        if len(located) != 1 or prompt_injection.is_quoted_from(located[0].text, lines[located[0].sequence]):
            return None
        return located[0]

    def _is_doubtful(self, quote: Quote) -> bool:
        return any(turn.is_doubtful(quote.text) for turn in self._conversation.turns if turn.sequence == quote.sequence)

    def _next_step(self, skill: RatedSkill, given: Any) -> NextStep | None:
        """A better line for one behaviour; none if it repeats what was said or invents facts."""
        if not isinstance(given, Mapping) or _key(given) not in {each.key for each in skill.behaviours}:
            return None
        line, why, sequence = _text(given.get("line")), _text(given.get("why")), _whole(given.get("sequence"))
        lines = self._conversation.trainee_lines
        own = Quote(sequence, lines[sequence]) if sequence is not None and sequence in lines else None
        if not line or not why or self._was_said(line) or not better_line.keeps_facts(line, self._conversation):
            return None
        return NextStep(str(_key(given)), own, why, line, is_example=False)

    def _evidence(self, given: Any) -> tuple[Quote, ...]:
        """The quotes that the trainee really said, with the turn that contains them."""
        kept: dict[tuple[int, str], Quote] = {}
        items = [given] if given and (isinstance(given, str) or not isinstance(given, Sequence)) else _list(given)
        for item in items:
            quote = self._located(item) if isinstance(item, Mapping) else None
            if quote is None or self._is_doubtful(quote):
                self._dropped += 1
            else:
                kept.setdefault((quote.sequence, quote.text), quote)
        return tuple(kept.values())[:QUOTES_MAX]

    def _located(self, item: Mapping[str, Any]) -> Quote | None:
        wanted, named = item.get("quote"), _whole(item.get("sequence"))
        if not isinstance(wanted, str):
            return None
        lines = self._conversation.trainee_lines
        # Try the turn the model named first; a quote with the wrong number was still said.
        for sequence in sorted(lines, key=lambda sequence: (sequence != named, sequence)):
            found = word_matching.find(wanted, lines[sequence])
            if found and not prompt_injection.is_quoted_from(found, lines[sequence]):
                return Quote(sequence, found)
        return None

    def _try_instead(self, given: Any) -> str:
        """A better line; empty if it only repeats what was said."""
        line = _text(given)
        return line if word_matching.tokens(line) and not self._was_said(line) else ""

    def _was_said(self, line: str) -> bool:
        return any(word_matching.find(line, spoken) for spoken in self._conversation.trainee_lines.values())

    def _criteria(self, given: Any) -> tuple[Criterion, ...]:
        """Results for the end criteria that the answer refers to by number (from 1), in the scenario's order."""
        endings = self._conversation.end_criteria
        sequences = {turn.sequence for turn in self._conversation.turns}
        found: dict[int, Criterion] = {}
        for item in _list(given):
            number = _whole(item.get("criterionId")) if isinstance(item, Mapping) else None
            if number is None or not 1 <= number <= len(endings) or number in found:
                continue
            met, sequence = item.get("met"), _whole(item.get("sequence"))
            if isinstance(met, bool):
                at = sequence if met and sequence in sequences else None
                found[number] = Criterion(endings[number - 1], met, at)
        return tuple(found[number] for number in sorted(found))


def _key(item: Mapping[str, Any]) -> Any:
    return item.get("behaviourId", item.get("key"))


def _list(given: Any) -> Sequence[Any]:
    return given if isinstance(given, Sequence) and not isinstance(given, str) else []


def _answer(given: Any) -> Answer | None:
    return _ANSWERS.get(re.sub(r"[\W_]", "", given).casefold()) if isinstance(given, str) else None


def _whole(given: Any) -> int | None:
    """A whole number, also as text or as a float without a fraction."""
    if isinstance(given, str) and (found := _TURN.fullmatch(given.strip())):
        return int(found.group(1))
    if isinstance(given, float) and given.is_integer():
        return int(given)
    return given if type(given) is int else None


def _text(given: Any) -> str:
    text = word_matching.clean(given) if isinstance(given, str) else ""
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 1].rstrip() + "…"
