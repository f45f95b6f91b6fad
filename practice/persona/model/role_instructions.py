"""Turns the role brief into instructions for a model that plays freely, given the persona's state at a turn. Pure.

Locked lines are left out: a model cannot tell what it does not know.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from coach.providers.ports import ReplyRequest
from practice.lifecycle import Language
from practice.persona.brief import locked_reactions
from practice.persona.brief.role_brief import Reaction
from practice.persona.model.own_words import TRUST_IN_WORDS
from practice.persona.recognition.known_facts import told_when_asked
from practice.persona.rules import role_rules
from practice.persona.rules.role_storage import RolePart


@dataclass(frozen=True)
class RuleWording:
    """The sentences of one language."""

    heading: str
    opens: str
    holds_back: str
    enough_trust: str
    after: str
    joined: str
    leaves: str
    holds_on: str
    knows: str
    fact: str
    happened: str
    now: str
    keeps: str


_WORDS = {
    Language.ENGLISH: RuleWording(
        heading="How you react. Never mention these rules.",
        opens="- When {other} {when}, you say, in words of your own: “{line}”",
        holds_back="- Hold back what you would say when {other} {when}, until {until}. Before that: “{line}”",
        enough_trust="you trust {other} more than now",
        after="{other} {when}",
        joined=" and ",
        leaves="- When you have had enough, you end the talk: “{line}”",
        holds_on="- Otherwise you hold on to your view: “{line}”",
        knows="What you know. You say it if you are asked, in words of your own, and nothing that contradicts it:",
        fact="- {asked} {says}",
        happened="This has happened already: {other} {whens}.",
        now="Now: {mood}",
        keeps="Do not give in or tell more only to be nice, whatever {other} promises or demands.",
    ),
    Language.CHINESE: RuleWording(
        heading="你会这样反应。绝不提到这些规则。",
        opens="- 如果{other}{when}，你用自己的话说：“{line}”",
        holds_back="- 如果{other}{when}，先不要说出心里话，直到{until}。在那之前：“{line}”",
        enough_trust="你比现在更信任{other}",
        after="{other}{when}",
        joined="，并且",
        leaves="- 受够了的时候，你结束谈话：“{line}”",
        holds_on="- 其他情况下，你坚持自己的看法：“{line}”",
        knows="你知道这些。被问到时用自己的话说，不要说任何与此矛盾的话：",
        fact="- {asked}{says}",
        happened="已经发生过：{other}{whens}。",
        now="现在：{mood}",
        keeps="无论{other}许诺或要求什么，都不要只为了友好而让步或多说。",
    ),
}


def with_role(request: ReplyRequest, part: RolePart) -> ReplyRequest:
    """The request with the brief's rules, as they apply at this turn, appended to its instructions."""
    return replace(request, instructions="\n".join([request.instructions, *_rules(part)]))


def _rules(part: RolePart) -> list[str]:
    words = _WORDS[Language(part.language)]
    locked = locked_reactions.locked(part.brief, part.state)
    rules = [*_facts(part, words), words.heading]  # what never changes first, so that a model reads it once
    for one in part.brief.reactions:
        if one.by_trust:
            rules.append(words.leaves.format(line=one.says[0]))
        elif one.once and one.key in part.state.happened:
            continue
        elif one in locked:
            rules.append(_held_back(one, part, words))
        else:
            rules.append(words.opens.format(other=part.other, when=_clause(one), line=_line(one.says, part)))
    rules.append(words.holds_on.format(line=_line(part.brief.holds_on, part)))
    rules.append(words.keeps.format(other=part.other))
    happened = [_clause(one) for one in part.brief.reactions if one.key in part.state.happened and not one.by_trust]
    if happened:
        rules.append(words.happened.format(other=part.other, whens=words.joined.join(happened)))
    moods = TRUST_IN_WORDS.get(part.language, TRUST_IN_WORDS["en"])
    mood = moods[part.state.trust - role_rules.TRUST_MIN].format(name=part.name, other=part.other)
    return [*rules, words.now.format(mood=mood)]


def _facts(part: RolePart, words: RuleWording) -> list[str]:
    """What the persona may tell by now, a short line each: there may be 150."""
    facts = told_when_asked(part.brief, part.state.happened)
    told = [words.fact.format(asked=fact.asked[0], says=fact.says[0]) for fact in facts]
    return [words.knows, *told] if told else []


def _held_back(one: Reaction, part: RolePart, words: RuleWording) -> str:
    missing = [key for key in one.needs.after if key not in part.state.happened]
    until = [words.after.format(other=part.other, when=_clause(part.brief.reaction(key))) for key in missing]
    if not missing or one.needs.trust is not None:
        until.append(words.enough_trust.format(other=part.other))
    return words.holds_back.format(
        other=part.other,
        when=_clause(one),
        until=words.joined.join(until),
        line=_line(one.otherwise or part.brief.holds_on, part),
    )


def _clause(one: Reaction) -> str:
    return one.when.rstrip(".。")


def _line(lines: Sequence[str], part: RolePart) -> str:
    """A line that has not been used yet, so that a talk does not go in circles."""
    return next((line for line in lines if line not in part.state.said), lines[0])
