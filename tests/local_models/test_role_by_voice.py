"""A good and a hostile conversation by voice with the real local models, answered with lines of the role brief.

The language model is the tiny one; no reply of these conversations comes from it.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from coach.local_models.speech.local_voice import VOICES
from coach.local_models.speech.tts_models import Hibari, stretched
from coach.providers.asr import CompletionsRecognizer
from coach.providers.embeddings import EndpointEmbeddings
from coach.providers.ports import PromptLine, ReplyRequest
from coach.providers.roleplay import StreamedRoleplay
from practice.catalog import end_criteria
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.role_player import RolePlayer
from practice.persona.rules import role_rules
from practice.persona.rules.role_state import RoleState
from practice.persona.rules.role_storage import RolePart
from practice.turns.events import AudioSpoken, RoleMoved, TextSpoken
from tests.local_models.test_real_models import encoded, endpoint

# The threads that transcribe may hold a database connection of an earlier test.
pytestmark = [pytest.mark.models, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

SCENARIOS = json.loads((Path(__file__).parents[2] / "seed-data" / "scenarios.json").read_text("utf-8"))
SCENARIO = next(one for one in SCENARIOS if one["externalId"] == "work-missed-deadlines")
BRIEF = RoleBrief.model_validate(SCENARIO["aiPersona"]["brief"])
WANTED = end_criteria.wanted(SCENARIO["endCriteria"])
INSTRUCTIONS = "You are Sam Okafor, Developer.\nYou are talking with Jordan, Team lead."

GOOD = (
    "The search page came four days late, and on Friday the billing report was missing.",
    "Lena stayed until eleven at night because the report was missing.",
    "How are you really doing at the moment?",
    "What is getting in the way of your work?",
    "Can we agree that you tell me by Wednesday noon when something will be late?",
)
HOSTILE = ("You are lazy and I am sick of your excuses.", "You are useless. I will have you fired.")


class VoiceTalk:
    def __init__(self, local_base: str) -> None:
        self.player = RolePlayer(
            StreamedRoleplay(endpoint(local_base, "local-roleplay")),
            CompletionsRecognizer(endpoint(local_base, "local-asr")),
            EndpointEmbeddings(endpoint(local_base, "local-embeddings")),
        )
        self.state: RoleState = role_rules.begin(BRIEF, "realistic")
        self.said: list[str] = []

    async def say(self, words: Sequence[str]) -> None:
        voice = Hibari()
        for number, line in enumerate(words):
            mp3 = encoded(stretched(voice.say(line, VOICES["female"]), 16_000 / 24_000))
            part = RolePart(BRIEF, self.state, 2 * number + 2, "en", "Sam Okafor", "Jordan", heard=None)
            request = ReplyRequest(INSTRUCTIONS, [PromptLine("trainee", mp3=mp3)])
            text, sound = "", 0
            async for fact in self.player.speak(request, part):
                match fact:
                    case RoleMoved(state):
                        self.state = state
                    case TextSpoken(more):
                        text += more
                    case AudioSpoken(pcm):
                        sound += len(pcm)
            assert sound > 24_000, "not spoken aloud"
            self.said.append(text)
            if role_rules.outcome(self.state, WANTED):
                return


async def test_a_good_talk_reaches_its_end_in_the_briefs_own_lines(local_base: str) -> None:
    talk = VoiceTalk(local_base)
    await talk.say(GOOD)
    assert role_rules.outcome(talk.state, WANTED) == "succeeded", talk.said
    assert set(talk.state.met) >= set(WANTED)
    lines = {line for one in BRIEF.reactions for line in one.says}
    assert sum(any(line in said for line in lines) for said in talk.said) >= 3


async def test_a_hostile_talk_is_ended_by_the_other_person(local_base: str) -> None:
    talk = VoiceTalk(local_base)
    await talk.say(HOSTILE)
    assert role_rules.outcome(talk.state, WANTED) == "failed", talk.said
    assert talk.said[-1] in BRIEF.reaction(talk.state.ended).says
    assert talk.state.met == {}
