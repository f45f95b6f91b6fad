"""A printed session shows people, time, feedback and transcript on two sheets at most."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from evaluations.models import BehaviourResult, SkillScore
from practice.lifecycle import AsrStatus, ReplyStatus, Speaker
from practice.models import PracticeSession, Scenario, Turn
from tests.pages import past
from tests.pages.looks import visit

pytestmark = pytest.mark.browser

NOT_HERE = ("WebSocket", "AudioContext was not allowed to start")
SENTENCE = {
    "en": "We had agreed on Friday, and on Friday nobody had a report, so Lena stayed until eleven to close it. ",
    "zh": "我们说好星期五交报表，可是到了星期五谁也没有报表，结果小林在办公室加班到晚上十一点，才把这个月的账结完。",
}
BEHAVIOUR = {
    "en": "Asks for one concrete change, with a day or a trigger, and waits for the answer",
    "zh": "请对方答应一件具体的事，说定哪一天，或者遇到什么情况，然后等对方回答",
}
LEFT_OUT = {"en": "Not every line is printed", "zh": "没有打印全部内容"}


def lengthen(session: PracticeSession) -> None:
    """Make it a quarter of an hour long, with four skills of eight behaviours each, in its own language."""
    sentence, behaviour = SENTENCE[session.language], BEHAVIOUR[session.language]
    for sequence in range(6, 60):
        own = bool(sequence % 2)
        begun = session.sorted_at + timedelta(seconds=15 * sequence)
        Turn.objects.create(
            session=session,
            sequence=sequence,
            transcript=sentence * 2,
            speaker=Speaker.TRAINEE if own else Speaker.AI,
            asr_status=AsrStatus.COMPLETED if own else None,
            reply_status=None if own else ReplyStatus.COMPLETE,
            created_at=begun,
            started_at=begun,
            ended_at=begun + timedelta(seconds=14),
        )
    evaluation = session.evaluation
    for position, score in enumerate(list(evaluation.scores.all()) * 2):
        if position >= 2:
            score = SkillScore.objects.create(  # noqa: PLW2901
                evaluation=evaluation,
                position=position,
                skill_id=f"more-{position}",
                name="Saying plainly what has to change, and by when",
                rubric=score.rubric,
                rating=3,
                note=sentence,
                without_evidence=False,
            )
        has = score.behaviours.count()
        for place in range(has, 8):
            BehaviourResult.objects.create(
                score=score,
                position=place,
                key=f"more-{place}",
                text=behaviour,
                kind="do",
                answer="shown",
                sequence=7 + 2 * place,
                quote=sentence.strip(),
            )


def sheets(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def translate(session: PracticeSession) -> None:
    """Make it a Chinese session; transcript, quotes and behaviours have the usual length of Chinese text."""
    PracticeSession.objects.filter(pk=session.pk).update(language="zh")
    session.refresh_from_db()
    session.turns.update(transcript=SENTENCE["zh"], doubtful=[])
    found = BehaviourResult.objects.filter(score__evaluation__session=session)
    found.update(text=BEHAVIOUR["zh"])
    found.exclude(quote="").update(quote=SENTENCE["zh"])
    SkillScore.objects.filter(evaluation__session=session).update(note=SENTENCE["zh"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_typical_and_a_long_session_print_on_two_sheets(
    language: str, chromium: Browser, live_server: LiveServer, stocked: dict[str, Scenario]
) -> None:
    session = past.stock(stocked["late"])["read"]
    if language == "zh":
        translate(session)
    seen = {}
    with visit(chromium, expected=NOT_HERE, locale="en-GB" if language == "en" else "zh-CN") as page:
        for length in ("typical", "long"):
            if length == "long":
                lengthen(session)
            for path in (f"/history/{session.pk}/", f"/sessions/{session.pk}/"):
                page.goto(live_server.url + path)
                page.locator(".strip").wait_for()
                page.emulate_media(media="print")
                shown = page.locator("main").inner_text()
                assert ("Jordan with Sam Okafor" if language == "en" else "Jordan与Sam Okafor") in shown
                assert str(session.sorted_at.year) in shown
                expect(page.get_by_role("button").filter(visible=True)).to_have_count(0)
                seen[length, path[:9]] = sheets(page.pdf(format="A4"))
                if length == "long":
                    assert LEFT_OUT[language] in shown
                page.emulate_media(media="screen")
    assert all(1 <= count <= 2 for count in seen.values()), seen
