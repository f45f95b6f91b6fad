"""With the real encoder, near misses of every shipped skill do not show its behaviours."""

import json
from dataclasses import replace

import pytest

from coach.config import ROOT
from evaluations.local import evaluator
from evaluations.transcript.conversation import Behaviour, Conversation, RatedSkill, Said
from tests.evaluations.near_misses import NEAR_MISSES
from tests.history.local_reading import NobodyAsked, encoder

pytestmark = [pytest.mark.models, pytest.mark.timeout(300)]

SKILLS = {each["externalId"]: each for each in json.loads((ROOT / "seed-data" / "skills.json").read_text("utf-8"))}
OPENING = {"en": "So, here we are.", "zh": "嗯，你说。"}


def talk(skill: str, line: str, doubtful: tuple[tuple[int, int], ...] = ()) -> Conversation:
    """A conversation with one line of the trainee, evaluated for one shipped skill."""
    language = "zh" if skill.startswith("zh-") else "en"
    behaviours = tuple(
        Behaviour(each["key"], each["text"], each["kind"], tuple(each["shown"]), tuple(each["notShown"]))
        for each in SKILLS[skill]["behaviours"]
    )
    return Conversation(
        language=language,
        title="",
        objective="",
        trainee="",
        trainee_role="",
        counterpart="Sam",
        counterpart_role="",
        end_criteria=(),
        skills=[RatedSkill(skill, SKILLS[skill]["name"], "", behaviours)],
        turns=[Said(0, "ai", OPENING[language]), Said(1, "trainee", line, doubtful)],
    )


def shown(conversation: Conversation) -> set[str]:
    (score,) = evaluator.read(conversation, NobodyAsked(), encoder()).findings.scores
    return {each.behaviour.key for each in score.behaviours if each.quote}


def test_every_shipped_skill_has_near_misses() -> None:
    assert NEAR_MISSES.keys() == SKILLS.keys()


@pytest.mark.parametrize("skill", NEAR_MISSES)
def test_a_near_miss_shows_nothing(skill: str) -> None:
    wrong = {
        line: claimed for line, may in NEAR_MISSES[skill] if (claimed := shown(talk(skill, line)) - {*may.split()})
    }
    assert wrong == {}


def test_doubtful_words_alone_show_nothing() -> None:
    line = "You call the doctor by Friday and I find somebody for the phone."
    assert "says-who-does-what" in shown(talk("next-steps", line))
    assert shown(talk("next-steps", line, doubtful=((0, len(line)),))) == set()


def test_a_threat_is_not_also_an_insult() -> None:
    assert shown(talk("staying-calm", "You will regret this, I'll report you to personnel.")) == {"threatens"}
    assert shown(talk("staying-calm", "You're a liar.")) == {"insults-or-mocks"}


def test_the_line_to_say_instead_is_of_the_scenario() -> None:
    ask = "Will you take it to your boss by the end of next week?"
    hinted = replace(
        talk("clear-request", "Some people here get more for the same work, you know."), example_lines=(ask,)
    )
    (score,) = evaluator.read(hinted, NobodyAsked(), encoder()).findings.scores
    assert score.next_step is not None
    assert (score.next_step.key, score.next_step.line) == ("only-hints", ask)
