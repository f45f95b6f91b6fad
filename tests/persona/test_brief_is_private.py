"""Trainees never see the role brief, and a session keeps the brief that it began with."""

import json
from typing import Any

from coach.threads import in_thread
from practice.models import PracticeSession, Scenario
from tests import cast
from tests.practice.running_web import RunningWeb

SECRET = "zanzibar"


def marked(value: Any) -> Any:
    """The brief with a secret word added to each of its texts."""
    if isinstance(value, dict):
        return {key: inner if key == "ends" else marked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [marked(inner) for inner in value]
    return f"{value} {SECRET}" if isinstance(value, str) else value


async def test_nothing_that_a_trainee_can_open_shows_the_role_brief(web: RunningWeb) -> None:
    scenario = await in_thread(
        cast.scenario_with_brief,
        ai_persona_brief=marked(cast.role_brief()),
        ai_persona_voice=f"voice {SECRET}",
    )
    session_id = await web.started(scenario)
    async with web.socket(session_id) as talker:
        told = [json.dumps(await talker.next())]
        assert '"type": "session"' in told[0]
        await talker.reply(0)
        told += [json.dumps(message) for message in talker.heard]
    pages = [
        "/api/scenarios",
        f"/api/scenarios/{scenario.pk}",
        "/api/openapi.json",
        "/api/docs",
        "/api/sessions?historyStepCount=1",
        f"/api/sessions/{session_id}?historyStepCount=1",
        "/",
        f"/?search={scenario.title[:20]}",
        f"/scenarios/{scenario.pk}/",
        f"/sessions/{session_id}/",
        "/history/",
    ]
    for page in pages:
        answer = await web.http.get(page)
        assert answer.status_code == 200, page
        told.append(answer.content.decode())
    stopped = await web.post(f"/api/sessions/{session_id}/manual-stop", {"reason": "manual"})
    told.append(stopped.content.decode())
    for page in (f"/history/{session_id}/", f"/history/{session_id}/session.json", f"/sessions/{session_id}/"):
        answer = await web.http.get(page, follow=True)
        told.append(answer.content.decode())
    for text in told:
        assert SECRET not in text
    for name in ("holdsOn", "roleBrief", "role_brief", "roleState", "role_state", "otherwise", "toAny", "knows"):
        assert name not in "".join(told[1:4])


async def test_a_session_keeps_the_role_brief_that_it_began_with(web: RunningWeb) -> None:
    scenario = await in_thread(cast.scenario_with_brief)
    session_id = await web.started(scenario)
    await in_thread(Scenario.objects.filter(pk=scenario.pk).update, ai_persona_brief=None)
    session = await in_thread(PracticeSession.objects.get, pk=session_id)
    assert session.role_brief == cast.role_brief()
