"""A good, a bland and a hostile conversation through the real local path: role brief, evaluation, page.

The feedback has to be what the speaker of these lines would agree with.
"""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from evaluations.findings.ratings import Answer
from evaluations.models import BehaviourResult, Evaluation
from practice.catalog.behaviours import BehaviourKind
from practice.models import PracticeSession, Turn
from practice.persona.brief.role_brief import RoleBrief
from tests.history import local_reading as local

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

BLAND = ("Hello. How are you?", "I see. That's interesting.", "Right. Well, thank you for talking to me.")
BLAND_ZH = ("妈，今天吃得挺好的。", "嗯，是啊。", "好，那早点睡。")
CREDIT = ("You avoided this", "你避免了这一点")
TALKS = {
    "work-missed-deadlines": (
        "Ah, there you are. So?",
        (
            "Sam, on Tuesday the billing report was not there. Lena sat here until eleven and wrote it by hand.",
            "I should have come to you three weeks ago, I'm sorry I didn't. How are you really at the moment?",
            "What gets in the way of the work?",
            "So you do two jobs at once. I'll find somebody else for the support phone by Friday.",
            "From Monday on you write to me the moment a date is in danger, and I move things. Is that a yes?",
            "Then we have it: you tell me early, I find someone for the phone, we look at it again on the thirtieth.",
        ),
        BLAND,
        (
            "You're always late. You're just unreliable, everybody says so.",
            "I don't care about your reasons. You never think about anybody else.",
            "You're lazy. Do better or you're out.",
        ),
    ),
    "customer-boiler-third-time": (
        "Finally. I've been in your queue for twenty-five minutes.",
        (
            "Mrs Adeyemi, my name is Pat. Your boiler was repaired on the fourth and on the eleventh, and this morning "
            "nobody came.",
            "You sit in a cold flat with a baby. That was our mistake, and I'm sorry.",
            "What do you need most tonight?",
            "I can have two electric heaters with you within the hour, or the technician between six and eight. Which "
            "would you rather have first?",
            "So: the heaters come by five, and I ring you at eight to hear whether you're warm. Is that all right?",
        ),
        BLAND,
        (
            "Please calm down, there's no need to shout at me.",
            "We're short of staff today, there's nothing I can do about it.",
            "You're hysterical. Other people have real problems.",
        ),
    ),
    "zh-family-grandma-sweets": (
        "这牛奶还热着呢，你也喝一口。",
        (
            "妈，您每天五点就起来给我们做三顿饭，我心里一直记着。",
            "昨天我推开门，看见小满抱着手机，嘴里含着糖。体检查出来他有两颗蛀牙，我很担心。",
            "平时我也没跟您说清楚，是我不对。您一个人带他，什么时候最难？",
            "您是怕他哭坏了，又腾不出手，对吗？",
            "糖我们一个星期吃一次，星期天吃，您看行吗？",
            "手机一天二十分钟，闹钟响了就关。他要是再哭，您就给我打电话。下个月一号我们再聊一次，好吗？",
        ),
        BLAND_ZH,
        (
            "您这个人太固执了，从来不听我的。",
            "就这么办，不用讨论，您照做就行。",
            "带不好就回老家去。",
        ),
    ),
}  # fmt: skip

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.models, pytest.mark.timeout(300)]


async def read(external_id: str, which: int) -> tuple[PracticeSession, str]:
    """Play and evaluate a conversation; returns the session and its feedback page as plain text."""
    from coach.threads import in_thread

    opening, *talks = TALKS[external_id]
    scenario = await in_thread(local.shipped, external_id)
    brief = RoleBrief.model_validate(scenario.ai_persona_brief)
    told, states = await local.played(brief, str(opening), talks[which], scenario.language)

    def page() -> tuple[PracticeSession, str]:
        session = local.held(scenario, NOW, *told)
        local.keep_states(session, brief, states)
        session.refresh_from_db()
        local.evaluated(session)
        client = Client(headers={"accept-language": scenario.language})
        local.skip_own_view(client, session)
        return session, words(client.get(f"/sessions/{session.pk}/evaluation/").content.decode())

    return await in_thread(page)


def words(page: str) -> str:
    plain = re.sub(r"<(script|style|svg|head)\b.*?</\1>", "", page, flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"[ \t]+", " ", re.sub(r"<[^>]+>", "\n", plain))).strip()


def ratings(session: PracticeSession) -> list[int]:
    scores = Evaluation.objects.get(session=session).scores.all()
    return [score.rating or 0 for score in scores]


def answers(session: PracticeSession, kind: BehaviourKind) -> list[str]:
    found = BehaviourResult.objects.filter(score__evaluation__session=session, kind=kind, answer=Answer.SHOWN)
    return list(found.values_list("key", flat=True))


@pytest.mark.parametrize("external_id", TALKS)
async def test_good_bland_and_hostile_conversations_get_fitting_feedback(external_id: str) -> None:
    from coach.threads import in_thread

    read_all = [await read(external_id, which) for which in range(3)]
    for name, (_, page) in zip(("good", "bland", "hostile"), read_all, strict=True):
        print(f"\n===== {external_id}: {name}\n{page}")
    (_, good_page), (_, bland_page), (_, hostile_page) = read_all
    assert not any(credit in page for page in (bland_page, hostile_page) for credit in CREDIT)
    assert any(credit in good_page for credit in CREDIT)
    good, bland, hostile = (session for session, _ in read_all)
    means = [sum(await in_thread(ratings, session)) for session in (good, bland, hostile)]
    assert means[0] > means[1] >= means[2]
    assert await in_thread(answers, good, BehaviourKind.AVOID) == []
    assert await in_thread(answers, bland, BehaviourKind.AVOID) == []
    assert ("对吗" in good_page) == ("checks-it" in await in_thread(answers, good, BehaviourKind.DO))
    assert max(await in_thread(ratings, hostile)) <= 2
    assert await in_thread(answers, hostile, BehaviourKind.AVOID)
    statuses = [(await in_thread(PracticeSession.objects.get, pk=one.pk)).objective_status for one in (good, hostile)]
    assert statuses[0] == "succeeded"
    assert statuses[1] != "succeeded"
    said_in = {turn.sequence: turn.transcript for turn in await in_thread(list, Turn.objects.filter(session=good))}
    quotes = await in_thread(
        list,
        BehaviourResult.objects.filter(score__evaluation__session=good)
        .exclude(quote="")
        .values_list("sequence", "quote"),
    )
    assert quotes
    assert all(quote in said_in[sequence] for sequence, quote in quotes)
