# ruff: noqa: F401, F811 (`web` and `recorded` are fixtures)
"""A turn whose check failed, came too late or never came is judged with the next one, or before the feedback."""

from functools import partial
from typing import Any

import pytest

from coach.providers.tools import CompletionsToolCaller
from coach.telemetry import names
from coach.threads import in_thread
from evaluations.evaluate import evaluate
from evaluations.models import CriterionResult, Evaluation
from practice.turns import goal_check, goal_check_at_end
from tests.audio import sounds
from tests.evaluations.cast import evaluator
from tests.persona.played_with_a_key import CHECK, LATE, RUDE, WHY, begun, checked, exchanged, said, started, state, web
from tests.practice.running_web import RunningWeb, endpoint, running

MP3 = sounds.mp3(1.5)


@pytest.mark.postgres
async def test_a_late_check_is_not_overwritten_by_a_later_one(web: RunningWeb) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        web.fake.answer(CHECK, hold="first", arguments=_judged("late-work"))
        assert (await talker.type(1, LATE))["receipt"]["status"] == "accepted"
        await talker.reply(2)
        await web.asked(1, CHECK)
        web.fake.answer(CHECK, arguments=_judged("behind-it"))
        assert (await talker.type(3, WHY))["receipt"]["status"] == "accepted"
        await talker.reply(4)
        await web.asked(2, CHECK)
        await checked(session_id, sequence=4)
        assert (await state(session_id, 4)).met == {}, "not earned, as far as is known"
        web.fake.release("first")
        assert (await talker.hear("termination"))["termination"]["reason"] == "objective_met"
    assert (await state(session_id, 2)).met == {1: 1}
    assert (await state(session_id, 4)).met == {1: 1, 2: 3}


def _judged(*reactions: str) -> dict[str, Any]:
    return {"status": "continue", "reason": None, "reactions": list(reactions)}


@pytest.mark.postgres
async def test_a_turn_whose_check_failed_is_judged_with_the_next(web: RunningWeb) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        web.fake.answer(CHECK, fault="503", times=2)
        await exchanged(talker, 1, LATE)
        assert (await state(session_id, 2)).met == {}
        await said(web, talker, 3, WHY, reactions_1=["late-work"])
        assert (await state(session_id, 2)).met == {1: 1}
        assert (await state(session_id, 4)).met == {1: 1}
        await said(web, talker, 5, RUDE)
    asked = [request["body"] for request in web.fake.requests(CHECK)[-2:]]
    fields = [[*body["tools"][0]["function"]["parameters"]["properties"]] for body in asked]
    assert fields == [["status", "reason", "reactions_1", "reactions"], ["status", "reason", "reactions"]]
    assert "in line 1 (`reactions_1`) or in their last turn (`reactions`)" in asked[0]["messages"][-1]["content"]


async def test_what_a_failed_check_missed_ends_the_session_with_the_next(web: RunningWeb) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        web.fake.answer(CHECK, fault="503", times=2)
        await exchanged(talker, 1, LATE)
        await said(web, talker, 3, WHY, "behind-it", reactions_1=["late-work"])
        assert (await talker.hear("termination"))["termination"]["reason"] == "objective_met"
    assert (await state(session_id, 4)).met == {1: 1, 2: 3}


async def test_a_turn_that_an_answer_leaves_out_is_asked_about_again(web: RunningWeb) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        web.fake.answer(CHECK, fault="503", times=2)
        await exchanged(talker, 1, LATE)
        await said(web, talker, 3, WHY)
        await said(web, talker, 5, WHY, reactions_1=["late-work"])
        assert (await state(session_id, 6)).met == {1: 1}


async def test_a_turn_written_down_after_its_check_is_judged_with_the_next(
    web: RunningWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(goal_check, "TRANSCRIPTION_SECONDS", 0.2)
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        turn_id = (await talker.say(1, MP3))["receipt"]["turnId"]
        await talker.reply(2)
        await checked(session_id, sequence=2)
        web.fake.answer("asr", text=LATE)
        await web.transcribe(turn_id)
        await said(web, talker, 3, WHY, reactions_1=["late-work"])
        assert (await state(session_id, 4)).met == {1: 1}
    first = web.fake.requests(CHECK)[0]["body"]
    assert "reactions" not in first["tools"][0]["function"]["parameters"]["properties"], "there were no words to judge"


async def test_without_embeddings_a_turn_is_recognised_with_the_next(
    transactional_db: None, redis_server: Any, fake: Any, clock: Any, calls: list[Any]
) -> None:
    async with running(fake, clock, checks_local=True) as web:
        session_id = await started(web)
        async with web.socket(session_id) as talker:
            await begun(web, talker)
            web.fake.answer("embeddings", fault="503")
            await exchanged(talker, 1, LATE)
            assert (await state(session_id, 2)).met == {}
            await exchanged(talker, 3, "Bananas grow in warm countries.")
            assert (await state(session_id, 4)).met == {1: 1}


@pytest.mark.postgres
async def test_what_a_reply_cut_off_before_a_word_would_have_answered_counts_with_the_next_reply(
    web: RunningWeb,
) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        await said(web, talker, 1, LATE, "late-work")
        assert (await state(session_id, 2)).met == {1: 1}
        await talker.send("interrupt", sequence=2, playedMs=0)
        assert (await talker.hear("turn_updated"))["turn"]["transcript"] == ""
        assert (await state(session_id, 2)).met == {}
        await said(web, talker, 3, "And there is more.")
        assert (await state(session_id, 2)).met == {}
        assert (await state(session_id, 4)).met == {1: 3}


@pytest.mark.postgres
async def test_what_no_check_has_judged_is_judged_before_the_feedback(web: RunningWeb) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        web.fake.answer(CHECK, fault="503", times=2)
        await exchanged(talker, 1, LATE)
        web.fake.answer(CHECK, hold="the verdict", arguments=_judged("behind-it"))
        assert (await talker.type(3, WHY))["receipt"]["status"] == "accepted"
        await talker.reply(4)
        await web.asked(3, CHECK)
        await talker.send("stop", reason="manual")
        await talker.hear("termination")
    web.fake.answer(CHECK, arguments=_judged("behind-it") | {"reactions_1": ["late-work"]})
    session = await web.session(session_id)
    evaluation_id = await in_thread(lambda: Evaluation.objects.get(session=session).pk)
    caller = CompletionsToolCaller(endpoint(web.fake), names.OBJECTIVE)
    await in_thread(
        evaluate, evaluation_id, evaluator(web.fake.base_url), clock=web.clock.now,
        before=partial(goal_check_at_end.judge, caller=caller),
    )  # fmt: skip
    criteria = await in_thread(lambda: list(CriterionResult.objects.values_list("met", "sequence")))
    assert criteria == [(True, 1), (True, 3), (False, None)]
    assert (await web.session(session_id)).objective_status == "succeeded"
    web.fake.release("the verdict")
    await web.asked(4, CHECK, having="endedAt")


async def test_a_talk_that_was_judged_is_not_judged_again_before_the_feedback(web: RunningWeb) -> None:
    session_id = await started(web)
    async with web.socket(session_id) as talker:
        await begun(web, talker)
        await said(web, talker, 1, LATE, "late-work")
        await talker.send("stop", reason="manual")
        await talker.hear("termination")
    asked = len(web.fake.requests(CHECK))
    caller = CompletionsToolCaller(endpoint(web.fake), names.OBJECTIVE)
    await in_thread(goal_check_at_end.judge, await web.session(session_id), caller)
    assert len(web.fake.requests(CHECK)) == asked


async def test_a_talk_that_rules_played_is_not_judged_anew_with_a_key(
    transactional_db: None, redis_server: Any, fake: Any, clock: Any, calls: list[Any]
) -> None:
    async with running(fake, clock, by_brief=True) as web:
        session_id = await started(web)
        async with web.socket(session_id) as talker:
            await begun(web, talker)
            assert (await talker.type(1, LATE))["receipt"]["status"] == "accepted"
            await talker.reply(2)
            await talker.send("stop", reason="manual")
            await talker.hear("termination")
        before = await state(session_id, 2)
        caller = CompletionsToolCaller(endpoint(fake), names.OBJECTIVE)
        await in_thread(goal_check_at_end.judge, await web.session(session_id), caller)
        assert await state(session_id, 2) == before
        assert fake.requests(CHECK) == []
