# ruff: noqa: F401, F811 (`web` and `recorded` are fixtures)
"""With a key a model plays the brief freely: each request carries rules and state, and rules update the state."""

from typing import Any

import pytest

from coach.providers.ports import ReplyRequest
from coach.telemetry import names
from coach.threads import in_thread
from practice.lifecycle import Language
from practice.models import PracticeSession
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.model.role_instructions import with_role
from practice.persona.rules import role_rules
from practice.persona.rules.role_state import RoleState
from practice.persona.rules.role_storage import RolePart
from tests import cast
from tests.persona.played_with_a_key import CHECK, LATE, LOCKED, RUDE, WHY, begun, exchanged, said, started, state, web
from tests.practice.running_web import RunningWeb, running
from tests.telemetry.recording import recorded


def instructions(web: RunningWeb) -> str:
    return str(web.fake.requests("roleplay")[-1]["body"]["messages"][0]["content"])


async def test_rules_and_state_reach_the_model_without_locked_lines(web: RunningWeb) -> None:
    async with web.socket(await started(web)) as talker:
        await begun(web, talker)
        opening = instructions(web)
        assert "When Sam hears plainly which work came late, you say" in opening
        assert "Hold back what you would say when Sam is asked openly what is behind it, until you trust Sam" in opening
        assert "It was just a busy month." in opening
        assert "“No. I am done here.”" in opening
        assert "Everybody is late here." in opening
        assert "waits to see what Sam wants" in opening
        assert LOCKED not in opening
        for hidden in (cast.OBJECTIVE, *cast.BRIEF_CRITERIA, "Ask what is in the way, then wait."):
            assert hidden not in opening


async def test_reactions_named_by_the_text_model_unlock_others_from_the_next_turn_on(web: RunningWeb) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        await said(web, talker, 1, LATE, "late-work")
        assert (await state(session_id, 2)).trust == 1
        assert (await state(session_id, 2)).met == {1: 1}
        assert LOCKED not in instructions(web)  # the reaction just answered was triggered before it was unlocked
        await said(web, talker, 3, WHY)
        assert LOCKED in instructions(web)
        assert "begins to listen" in instructions(web)
        assert "This has happened already: Sam hears plainly which work came late." in instructions(web)
    (first, _) = web.fake.requests(CHECK)
    schema = first["body"]["tools"][0]["function"]["parameters"]
    assert schema["properties"]["reactions"]["items"]["enum"] == ["late-work", "behind-it", "insult"]
    assert "reactions" in schema["required"]
    assert "- insult: is insulted" in first["body"]["messages"][-1]["content"]


async def test_a_locked_reaction_stays_locked_whatever_the_text_model_says(web: RunningWeb) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        await said(web, talker, 1, WHY, "behind-it", "unknown", "leaves")
        found = await state(session_id, 2)
    assert (found.met, found.trust, found.ended) == ({}, 0, "")


async def test_what_was_asked_for_too_early_does_not_count_when_something_else_is_said(web: RunningWeb) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        await said(web, talker, 1, WHY, "behind-it")
        await said(web, talker, 3, LATE, "late-work")
        await said(web, talker, 5, LATE, "late-work")
        assert (await web.session(session_id)).status == "active"
        await said(web, talker, 7, WHY, "behind-it")
        assert (await talker.hear("termination"))["termination"]["reason"] == "objective_met"
    assert (await state(session_id, 6)).met == {1: 3}
    assert (await state(session_id, 6)).refused == ("behind-it",)
    assert (await state(session_id, 8)).met == {1: 3, 2: 7}


async def test_meeting_all_criteria_ends_the_session_as_reached(web: RunningWeb) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        await said(web, talker, 1, LATE, "late-work")
        await said(web, talker, 3, WHY, "behind-it")
        assert (await talker.hear("termination"))["termination"]["reason"] == "objective_met"
    assert (await state(session_id, 4)).met == {1: 1, 2: 3}


async def test_the_persona_leaves_when_trust_is_gone(web: RunningWeb) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        await said(web, talker, 1, RUDE, "insult")
        await said(web, talker, 3, RUDE, "insult")
        assert (await talker.hear("termination"))["termination"]["reason"] == "objective_failed"
    session = await in_thread(PracticeSession.objects.get, pk=session_id)
    assert session.objective_reason == "Alex ended the conversation."


@pytest.mark.parametrize(
    "arguments",
    [
        {"status": "continue", "reason": None},
        {"status": "continue", "reason": None, "reactions": None},
        {"status": "continue", "reason": None, "reactions": "late-work, or so"},
        {"status": "continue", "reason": None, "reactions": [None, 5, {"key": "late-work"}]},
    ],
)
async def test_an_answer_without_reactions_changes_no_state(web: RunningWeb, arguments: dict[str, Any]) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        web.fake.answer(CHECK, arguments=arguments)
        await said(web, talker, 1, LATE, "insult")  # otherwise its answer would come second
        found = await state(session_id, 2)
    assert (found.trust, found.happened) == (0, {})


@pytest.mark.parametrize(
    ("status", "reactions"),
    [
        ("continue", ["no-such-key", "late-work", "late-work"]),
        ("continue", "late-work"),
        ("continue", '["late-work"]'),
        ("continue", "`late-work`"),
        ("continue", {"late-work": True, "insult": False}),
        ("Continue.", ["Late-Work"]),
        (None, ["late-work"]),
        ("going on", ["late-work"]),
    ],
)
async def test_oddly_written_reactions_are_read(web: RunningWeb, status: str | None, reactions: Any) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        await said(web, talker, 1, LATE, status=status, reactions=reactions)
        found = await state(session_id, 2)
    assert (found.trust, list(found.happened)) == (1, ["late-work"])


ODD_ANSWERS: list[dict[str, Any]] = [
    {"no_tool": True, "content": "I think that it goes on."},
    {"no_tool": True, "content": ""},
    {"tool_name": "another_tool", "arguments": {"status": "succeeded", "reason": "Done."}},
    {"arguments_text": '{"status": "succeeded", "reason": "Do', "finish_reason": "length"},
    {"arguments_text": '{"status": "failed"} {"status": "succeeded"}'},
    {"arguments_text": "null"},
    {"arguments_text": "[]"},
    {"arguments": {"status": ["succeeded"], "reason": {"why": "x"}, "reactions": []}},
    {"refusal": "I cannot help with that."},
]


async def test_unusable_answers_end_nothing_and_change_no_state(web: RunningWeb) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        for number, odd in enumerate(ODD_ANSWERS):
            web.fake.answer(CHECK, times=None, **odd)
            await exchanged(talker, 2 * number + 1, LATE)
            web.fake.reset()
        found = await state(session_id, 2 * len(ODD_ANSWERS))
        await said(web, talker, 2 * len(ODD_ANSWERS) + 1, LATE, "late-work")
        after = await state(session_id, 2 * len(ODD_ANSWERS) + 2)
    assert (found.trust, found.happened, found.met) == (0, {}, {})
    assert list(after.happened) == ["late-work"], "and the next good answer counts"


async def test_a_success_verdict_of_the_text_model_marks_all_criteria_as_met(web: RunningWeb) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        await said(web, talker, 1, LATE, status="succeeded", reason="You said it plainly.")
        assert (await talker.hear("termination"))["termination"]["reason"] == "objective_met"
    assert set((await state(session_id, 2)).met) == {1, 2}


async def test_locked_facts_told_by_a_model_are_counted(web: RunningWeb, recorded: Any) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        web.fake.answer("roleplay", text="Well, I have been taking the support calls for months.")
        await said(web, talker, 1, WHY, "behind-it")
    assert recorded.counted(names.PERSONA_UNEARNED) == 1


async def test_a_refused_turn_changes_no_state(web: RunningWeb) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        web.fake.answer("roleplay", fault="refused")
        await said(web, talker, 1, RUDE, "insult")
    assert (await state(session_id, 2)).trust == 0


def part(language: Language, **state: Any) -> RolePart:
    brief = RoleBrief.model_validate(cast.role_brief())
    return RolePart(
        brief,
        role_rules.begin(brief, "realistic") if not state else RoleState(**state),
        2,
        language,
        "Alex",
        "Sam",
        None,
    )


def test_the_rules_are_in_the_language_of_the_session() -> None:
    told = with_role(ReplyRequest("你是Alex。"), part(Language.CHINESE)).instructions
    assert told.startswith("你是Alex。\n")
    assert "绝不提到这些规则" in told
    assert "Never mention" not in told


def test_a_reaction_that_happens_once_is_not_offered_again() -> None:
    brief = cast.role_brief()
    brief["reactions"][0]["once"] = True
    again = RolePart(
        RoleBrief.model_validate(brief),
        RoleState(trust=1, happened={"late-work": (1,)}),
        4,
        Language.ENGLISH,
        "Alex",
        "Sam",
        None,
    )
    told = with_role(ReplyRequest(""), again).instructions
    assert "When Sam hears plainly" not in told
    assert LOCKED in told


async def test_with_only_a_small_text_model_the_state_follows_recognition(
    transactional_db: None, redis_server: Any, fake: Any, clock: Any, calls: list[Any]
) -> None:
    async with running(fake, clock, checks_local=True) as web:
        session_id = await started(web)
        async with web.socket(session_id) as talker:
            await begun(web, talker)
            await said(web, talker, 1, LATE)
            assert (await state(session_id, 2)).met == {1: 1}
            await said(web, talker, 3, WHY)
            assert LOCKED in instructions(web)
            assert (await talker.hear("termination"))["termination"]["reason"] == "objective_met"
        assert web.fake.requests(CHECK) == []
