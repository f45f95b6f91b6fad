"""A way to fail is called what is known of it: it happened, it did not, or nobody can tell."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from evaluations.findings import pitfalls
from evaluations.models import CriterionResult
from practice.models import PracticeSession
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.rules.role_state import RoleState
from tests.evaluations.cast import queued, run
from tests.evaluations.talks import answer
from tests.evaluations.test_goal_reached import ROLE_BRIEF, played
from tests.fakes.models import Fake

LEAVES = "It fails if Mrs Adeyemi hangs up."
PROMISE = "It fails if you promise what nobody can do."
INSULT = "It fails if you insult or mock her."
NO_WORDS_NEEDED: dict[str, Any] = {"key": "leaves", "when": "hurt", "says": ["Goodbye."], "ends": "failed"}
PROMISED: dict[str, Any] = {"key": "promised", "when": "promised", "heard": ["My word."], "says": ["Good."]}


def known(texts: list[str], ended: str, *, can_promise: bool = True, insulting: bool = False) -> list[bool | None]:
    ends = [NO_WORDS_NEEDED, *([PROMISED | {"ends": "failed"}] if can_promise else [])]
    brief = RoleBrief.model_validate(ROLE_BRIEF | {"reactions": [*ROLE_BRIEF["reactions"][:3], *ends]})
    state = RoleState(trust=-3, ended=ended)
    return list(pitfalls.happened(brief, state, ["She is heard.", *texts], insulting=insulting).values())


@pytest.mark.parametrize(
    ("texts", "ended", "happened"),
    [
        ([LEAVES, PROMISE], "leaves", [True, False]),
        ([PROMISE, LEAVES], "leaves", [False, True]),
        ([LEAVES, PROMISE], "promised", [False, True]),
        ([LEAVES, PROMISE], "", [False, False]),
        ([PROMISE], "leaves", [True]),
        ([PROMISE, INSULT], "leaves", [None, None]),
        (["失败：妈妈哭着离开厨房。", "失败：你答应周末加班。"], "leaves", [True, False]),
    ],
)
def test_the_reaction_that_ended_the_talk_says_which_way_it_failed(
    texts: list[str], ended: str, happened: list[bool | None]
) -> None:
    assert known(texts, ended) == happened


def test_a_promise_that_would_not_have_ended_the_talk_cannot_be_ruled_out() -> None:
    assert known([LEAVES, PROMISE], "leaves", can_promise=False) == [True, None]


def test_an_insult_is_a_way_to_fail_that_words_alone_prove() -> None:
    assert known([PROMISE, INSULT], "leaves", insulting=True) == [False, True]


def test_of_every_shipped_scenario_it_is_known_who_broke_off_when_trust_is_used_up() -> None:
    unknown = []
    for scenario in json.loads((Path(__file__).parents[2] / "seed-data" / "scenarios.json").read_text()):
        brief = RoleBrief.model_validate(scenario["aiPersona"]["brief"])
        ended = next(one.key for one in brief.reactions if one.ends and one.by_trust)
        found = pitfalls.happened(brief, RoleState(-3, ended=ended), scenario["endCriteria"], insulting=False)
        unknown += [] if True in found.values() else [scenario["externalId"]]
    assert unknown == ["love-breaking-up"]  # its two ways to fail are the trainee's own


@pytest.mark.django_db
def test_the_page_says_what_is_known_and_quotes_the_line_that_led_to_it(client: Client, judge: Fake) -> None:
    judge.answer("evaluation_result", arguments=answer(), times=None)
    session = played({}, ended="leaves", happened={"leaves": [3]})
    evaluation = run(queued(session), judge.base_url)

    page = client.get(f"/sessions/{session.pk}/evaluation/").content.decode()
    assert "This happened" in page
    assert "I need to know two days before a date is in danger." in page[page.index("This happened") :]

    CriterionResult.objects.filter(evaluation=evaluation).update(met=False, sequence=None)
    PracticeSession.objects.filter(pk=session.pk).update(role_brief=None)
    page = client.get(f"/sessions/{session.pk}/evaluation/").content.decode()
    assert ("This happened" in page, "Can&#x27;t tell" in page or "Can't tell" in page) == (False, True)
