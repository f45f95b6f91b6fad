"""Other trainees' records change nothing that a trainee sees: no count, no trend, no suggestion.

Every page and API answer is the same before and after somebody else practised the same scenarios, more and later.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coach import clock, identity
from history import export, goals, progress, spoken_words
from history.models import Archive, Goal
from history.practise_next import practise_next
from practice import audio_links
from practice.lifecycle import Difficulty, SessionStatus
from practice.models import PracticeSession, Scenario, Turn
from practice.models import Skill as PractisedSkill
from tests import cast
from tests.history.cast import past_session, said
from tests.history.test_attempts import scored
from tests.practice.test_delivery import measured
from tests.signin.accounts import account
from tests.signin.test_matrix import BY_RULE, OWN, RECORD, SHARED, address, answer_of

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NOW = datetime(2026, 1, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def scenarios(db: None) -> list[Scenario]:
    skill = cast.skill("Clarity")
    categories = ["Work", "Work", "Family"]
    return [cast.scenario(title=f"Talk {n}", skills=[skill], category=each) for n, each in enumerate(categories)]


def practise(user: User, scenarios: list[Scenario], *, days_ago: int, rating: int, words: str, pace: int) -> list[str]:
    """Create seven sessions with turns, delivery and feedback; the last is a redo of the first."""
    made: list[PracticeSession] = []
    for number in range(7):
        at = NOW - timedelta(days=days_ago - number)
        hard = Difficulty.TOUGH if number % 2 else Difficulty.REALISTIC
        scenario = scenarios[0] if number == 6 else scenarios[number % len(scenarios)]
        session = past_session(scenario, at=at, user=identity.of_account(user.pk), difficulty=hard)
        said(session, "Hello.", words, "I see.", "Then let us begin.")
        heard = measured("word " * pace, (500, 9_500))
        spoken = {"started_at": at + timedelta(seconds=2), "ended_at": at + timedelta(seconds=12)}
        Turn.objects.filter(session=session, sequence=1).update(delivery=heard, **spoken)
        scored(session, rating=rating, names="shown" if rating > 2 else "notShown")
        session.evaluation.scores.update(skill_id=PractisedSkill.objects.get().pk)
        made.append(session)
    PracticeSession.objects.filter(pk=made[6].pk).update(continues_from=made[0], continues_at=1)
    goals.choose(identity.of_account(user.pk), per_week=rating, wish=words, now=NOW)
    spoken_words.catch_up()
    return [session.pk for session in made]


def bare(page: tuple[int, str]) -> tuple[int, str]:
    """The answer without what differs every time."""
    return page[0], re.sub(r"expires=\d+(&amp;|&)signature=[\w-]+", "", page[1])


def test_other_trainees_practice_changes_nothing_on_ones_pages(
    login: Callable[[User], Client], scenarios: list[Scenario]
) -> None:
    bob, alice = account("bob"), account("alice")
    mine = practise(bob, scenarios, days_ago=16, rating=2, words="The report was late again.", pace=20)
    client = login(bob)
    turn = Turn.objects.get(session=mine[6], sequence=1).pk
    given = {"session_id": mine[6], "turn_id": turn, "archive_id": "none", "scenario_id": scenarios[0].pk}
    given["skill_id"] = scenarios[0].skills.get().pk
    names = [name for name in BY_RULE[RECORD] + BY_RULE[OWN] + BY_RULE[SHARED] if name != "practice:portrait"]
    paths = {address(name, given) for name in names}
    paths |= {f"/history/?{query}" for query in ("said=late", "said=secret", "difficulty=tough", "outcome=stopped")}
    paths |= {f"/history/?{query}" for query in ("category=Work", "search=talk", "sort=startedAtAsc", "page=2")}
    # Few sessions among many, so that each scenario's own index range is read.
    paths |= {"/api/sessions?historyStepCount=1&category=Work&pageSize=1"}

    def seen() -> dict[str, tuple[int, str]]:
        return {path: bare(answer_of(client.get(path))) for path in sorted(paths)}

    # The first look counts as a visit.
    seen()
    before = seen()
    assert sum(status == 200 for status, _ in before.values()) > len(paths) / 2
    assert "report" in before["/history/?said=late"][1]
    theirs = practise(alice, scenarios, days_ago=15, rating=5, words="A secret, and late.", pace=60)
    after = seen()
    assert {path: page for path, page in after.items() if page != before[path]} == {}
    for status, page in after.values():
        assert "secret, and" not in page
        assert not any(pk in page for pk in theirs), status


def test_a_trainees_actions_change_nothing_of_others(
    login: Callable[[User], Client], scenarios: list[Scenario]
) -> None:
    bob, alice = account("bob"), account("alice")
    mine = practise(bob, scenarios, days_ago=16, rating=2, words="Bob's words.", pace=20)
    theirs = practise(alice, scenarios, days_ago=15, rating=5, words="Alice's words.", pace=20)
    export.request(identity.of_account(alice.pk), now=NOW)
    client = login(bob)
    # Nor by naming her records in a request about his own.
    hers = Turn.objects.get(session=theirs[0], sequence=1)
    for path in (f"turns/{hers.pk}/line/", f"turns/{hers.pk}/transcribe/", f"turns/{hers.pk}/audio/"):
        for kind in ("sessions", "history"):
            for method in ("GET", "POST", "PUT"):
                assert client.generic(method, f"/{kind}/{mine[0]}/{path}").status_code in (404, 405)
    # Her link is signed for her, so it is refused before any lookup.
    link = client.get(audio_links.Links(identity.of_account(alice.pk), now=NOW).to(hers.pk))
    assert (link.status_code, link.json()["code"]) == (403, "link_invalid")
    wish = {"clientSessionStartedAt": NOW.isoformat(), "scenarioId": scenarios[0].pk}
    for of in ({"continuesFrom": theirs[0]}, {"continuesFrom": theirs[0], "continuesAt": 1}):
        answer = client.post("/api/sessions", wish | of, content_type="application/json")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "continuesFrom")
    client.post(f"/history/{mine[1]}/erase/")
    client.post("/progress/goal/", {"per_week": "3", "wish": "Mine."})
    client.post("/history/erase/")
    assert set(PracticeSession.objects.values_list("pk", flat=True)) == set(theirs)
    assert [goal.user_id for goal in Goal.objects.all()] == [identity.of_account(alice.pk)]
    assert Archive.objects.get().user_id == identity.of_account(alice.pk)
    assert PracticeSession.objects.filter(status=SessionStatus.ENDED, evaluation__status="completed").count() == 7


def test_older_records_of_another_trainee_do_not_show_up(
    login: Callable[[User], Client], scenarios: list[Scenario]
) -> None:
    """Her rows are first in every table, so a query without an owner would find hers."""
    bob, alice = account("bob"), account("alice")
    me, she = identity.of_account(bob.pk), identity.of_account(alice.pk)
    practise(alice, scenarios[::-1], days_ago=15, rating=5, words="Hers alone.", pace=20)
    begun = NOW - timedelta(days=2)
    pause = {"sequence": 0, "pausedAt": begun.isoformat(), "resumedAt": (begun + timedelta(minutes=4)).isoformat()}
    practise(bob, scenarios, days_ago=16, rating=2, words="Bob's words.", pace=20)
    minutes = progress.practised(me).minutes
    PracticeSession.objects.filter(user_id=she).update(coaching_pauses=[pause])
    assert progress.practised(me).minutes == minutes > 0
    suggested = practise_next(me, progress.by_skill(me), language="en")
    assert suggested is not None
    assert [scenario.title for scenario in suggested.scenarios] == ["Talk 1", "Talk 2"], "the least practised by Bob"
    client = login(bob)
    client.post("/progress/goal/", {"drop": "yes"})
    assert goals.portable(me) is None
    assert [goal.user_id for goal in Goal.objects.all()] == [she]
    assert "Hers alone" not in client.get("/progress/").content.decode()
