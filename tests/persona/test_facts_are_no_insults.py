"""With shipped briefs and the real encoder, calmly told facts cost no trust, however close their topic to an insult."""

import json

import pytest

from coach.config import ROOT
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.recognition.turn_recognition import understand
from tests.history.local_reading import encoder

pytestmark = [pytest.mark.models, pytest.mark.timeout(300)]

SCENARIOS = {
    each["externalId"]: each for each in json.loads((ROOT / "seed-data" / "scenarios.json").read_text("utf-8"))
}


async def cost(scenario: str, line: str) -> int:
    """How much trust the line costs."""
    brief = RoleBrief.model_validate(SCENARIOS[scenario]["aiPersona"]["brief"])
    found = await understand(brief, line, encoder())
    return -sum(min(0, brief.reaction(one.key).trust) for one in found.reactions)


@pytest.mark.parametrize(
    "line",
    [
        "on tuesday finn pushed a boy called emil against the lockers and took his phone, two teachers saw it",
        "Last week he locked a smaller boy into the changing room, and the caretaker had to let him out.",
    ],
)
async def test_facts_about_a_child_are_not_an_insult(line: str) -> None:
    assert await cost("school-defensive-parent", line) == 0


async def test_an_insult_in_a_long_sentence_still_costs_trust() -> None:
    line = "I have listened to you for an hour now, and I tell you, your son is a bully and you are a useless father."
    assert await cost("school-defensive-parent", line) == 2
