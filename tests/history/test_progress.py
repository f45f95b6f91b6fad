"""The progress page: strongest and weakest skills, next scenarios, charts by date, behaviours, weekly goal."""

import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from evaluations.findings.ratings import Answer
from evaluations.models import Evaluation, SkillScore
from evaluations.own_view import disputes
from history import comparable_attempts, erasure, export, progress
from history.models import Archive, Goal
from history.practise_next import practise_next
from practice.models import PracticeSession, Scenario
from tests import cast
from tests.history.cast import past_session
from tests.history.test_attempts import scored

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def scenario() -> Scenario:
    return cast.scenario()


def page(client: Client) -> str:
    return client.get("/progress/").content.decode()


def rated(scenario: Scenario, ratings: list[int], *, skill: str = "skill", name: str = "Feedback") -> None:
    for day, rating in enumerate(ratings):
        session = scored(past_session(scenario, at=NOW + timedelta(days=day)), rating=rating)
        session.evaluation.scores.update(skill_id=skill, name=name)


def test_the_overview_names_the_strongest_and_weakest_skill_and_the_trend(client: Client, scenario: Scenario) -> None:
    rated(scenario, [4, 4, 4, 4, 4, 3, 3, 3, 3, 3], skill="a", name="Clarity")
    rated(scenario, [2, 1, 1], skill="b", name="Listening")
    rated(scenario, [5, 5], skill="c", name="Warmth")
    overview = progress.overview(progress.by_skill("pilot-user"), language="en")
    named = [[one.name for one in some] for some in (overview.strongest, overview.weakest)]
    assert named == [["Clarity"], ["Listening"]], "two ratings are too few"
    told = page(client)
    assert "Down 1.0 on your previous five" in told
    assert "1 skill with fewer than three ratings" in told
    assert '<a href="/progress/c/" lang="en">Warmth</a>' in told, "no chart of two points, but a way to them"
    assert "no trend yet" in told


@pytest.mark.parametrize(
    ("means", "strongest", "weakest"),
    [
        ("442", "AB", "C"),
        ("422", "A", "BC"),
        ("4222", "A", ""),
        ("444", "", ""),
        ("4", "A", ""),
        ("21", "", "B"),
        ("2", "", "A"),
    ],
)
def test_skills_with_the_same_mean_are_named_together_and_more_than_two_not_at_all(
    client: Client, scenario: Scenario, means: str, strongest: str, weakest: str
) -> None:
    for name, mean in zip("ABCD", means, strict=False):
        rated(scenario, [int(mean)] * 3, skill=name, name=name)
    overview = progress.overview(progress.by_skill("pilot-user"), language="en")
    named = [sorted(one.name for one in some) for some in (overview.strongest, overview.weakest)]
    assert named == [list(strongest), list(weakest)]
    told = page(client)
    assert ("Strongest" in told, "Most room to grow" in told) == (bool(strongest), bool(weakest))


def test_skills_are_grouped_by_language_with_the_readers_first(client: Client, scenario: Scenario) -> None:
    rated(scenario, [3, 4, 3, 4], skill="a", name="Clarity")
    rated(cast.scenario(language="zh"), [2, 3, 2], skill="b", name="倾听")
    told = page(client)
    english, chinese = "Skill by skill: English", "Skill by skill: Chinese"
    assert told.index(english) < told.index('lang="en">Clarity</a></h3>') < told.index(chinese)
    assert told.index(chinese) < told.index('lang="zh-Hans">倾听</a></h3>')
    told = client.get("/progress/", headers={"accept-language": "zh"}).content.decode()
    assert told.index("逐项技能：中文") < told.index("倾听</a></h3>") < told.index("逐项技能：英语")


def test_skills_of_a_single_language_have_no_language_heading(client: Client, scenario: Scenario) -> None:
    rated(scenario, [3, 4, 3])
    assert ">Skill by skill</h2>" in page(client)


@pytest.mark.parametrize(
    ("ratings", "words"),
    [
        ([3] * 10, "Level with your previous five"),
        ([1] * 5 + [5] * 5, "Up 4.0 on your previous five"),
        ([3] * 9, "no trend yet"),
    ],
)
def test_a_trend_is_described_in_words(client: Client, scenario: Scenario, ratings: list[int], words: str) -> None:
    rated(scenario, ratings)
    assert words in page(client)


def test_chart_points_are_spaced_by_date_and_link_to_their_sessions(client: Client, scenario: Scenario) -> None:
    sessions = [scored(past_session(scenario, at=NOW + timedelta(days=day)), rating=3) for day in (0, 1, 10)]
    told = page(client)
    assert "/history/" + sessions[0].pk not in told
    drawn = re.search(r'class="progress-dots" d="([^"]+)"', told)
    assert drawn
    alone = client.get("/progress/skill/").content.decode()
    at = [float(x) for x in re.findall(r'class="progress-point" cx="([\d.]+)"', alone)]
    assert [float(x) for x in re.findall(r"M([\d.]+),", drawn[1])] == at
    assert (at[1] - at[0]) / (at[2] - at[0]) == pytest.approx(0.1, abs=0.01)
    chart = alone[alone.index('<svg class="progress-chart') :]
    assert re.findall(r'<a href="/history/(\w+)/" tabindex="-1"', chart) == [one.pk for one in sessions]


def test_a_skill_has_a_page_of_its_own_with_behaviours_and_ratings(client: Client, scenario: Scenario) -> None:
    for day, rating in enumerate((3, 4, 5)):
        scored(past_session(scenario, at=NOW + timedelta(days=day)), rating=rating, names="shown")
    told = page(client)
    assert '<a href="/progress/skill/" lang="en">Feedback</a>' in told
    assert "<table" not in told
    alone = client.get("/progress/skill/").content.decode()
    assert re.findall(r'data-rating="\d">(\d)<', alone) == ["5", "4", "3"]
    assert "shown 3 of 3 times" in alone
    assert '<a href="/progress/" aria-current="true">' in alone
    assert alone.count("aria-current") == 1
    assert alone.count('<svg class="progress-chart') == 1
    assert "With the reviewer" not in alone
    latest = Evaluation.objects.latest("session__sorted_at")
    disputes.raise_dispute(latest, skill_id="skill", key="names", reason="That was a guess.", now=NOW)
    disputes.overrule(latest.disputes.get(), Answer.NOT_SHOWN, "It was.", by="curator", now=NOW)
    assert "answers this would be 1 of 5" in client.get("/progress/skill/").content.decode()
    somebody_elses = scored(past_session(scenario, at=NOW, user="somebody-else"), rating=1)
    somebody_elses.evaluation.scores.update(skill_id="another", name="Listening")
    assert client.get("/progress/another/").status_code == 404


def test_two_scenarios_for_the_weakest_skill_are_offered_least_practised_first(client: Client) -> None:
    skill = cast.skill("Listening")
    often, once, never = (cast.scenario(title=title, skills=[skill]) for title in ("Often", "Once", "Never"))
    foreign = cast.scenario(title="另一个", skills=[skill], language="zh")
    cast.scenario(title="Draft", skills=[skill], status="draft")
    rated(often, [2], skill=skill.pk, name=skill.name)
    assert "Practise this next" in page(client), "also with a single rating"
    rated(often, [2, 2], skill=skill.pk, name=skill.name)
    past_session(once, at=NOW + timedelta(days=9))
    found = practise_next("pilot-user", progress.by_skill("pilot-user"), language="en")
    assert found
    assert found.scenarios == [never, once]
    told = page(client)
    assert "Practise this next" in told
    assert f'href="/scenarios/{never.pk}/"' in told
    assert foreign.pk not in told


def test_the_next_scenarios_are_in_the_page_language_if_a_rated_skill_has_one(client: Client) -> None:
    english, chinese = cast.skill("Listening"), cast.skill("听懂话外之音")
    rated(cast.scenario(title="Often", skills=[english]), [4, 4, 4], skill=english.pk, name=english.name)
    weakest = cast.scenario(title="另一个", skills=[chinese], language="zh")
    rated(weakest, [1, 1, 1], skill=chinese.pk, name=chinese.name)
    told = page(client)
    assert f"This one trains “{english.name}”." in told
    assert f'href="/scenarios/{weakest.pk}/"' not in told
    told = client.get("/progress/", headers={"accept-language": "zh-hans"}).content.decode()
    assert f'href="/scenarios/{weakest.pk}/"' in told


def test_behaviours_are_counted_over_time_where_they_had_an_answer(client: Client, scenario: Scenario) -> None:
    answers: list[dict[str, Any]] = [
        {"names": "shown", "blames": "shown"},
        {"names": "unsure", "blames": "notShown"},
        {"names": "notShown", "blames": "notApplicable"},
    ]
    for day, one in enumerate(answers):
        scored(past_session(scenario, at=NOW + timedelta(days=day)), **one)
    found = {one.key: [time.good for time in one.times] for one in progress.by_behaviour("pilot-user")["skill"]}
    assert found == {"names": [True, False], "blames": [False, True]}
    told = client.get("/progress/skill/").content.decode()
    assert "shown 1 of 2 times" in told
    assert "avoided 1 of 2 times" in told


def test_coaching_pauses_do_not_count_as_practice_time(scenario: Scenario) -> None:
    session = past_session(scenario, at=NOW)
    spent = progress.practised("pilot-user").minutes
    ended_at = PracticeSession.objects.get(pk=session.pk).ended_at
    assert ended_at
    paused, resumed = (ended_at - timedelta(minutes=ago) for ago in (3, 1))
    pauses = [{"sequence": 2, "pausedAt": paused.isoformat(), "resumedAt": resumed.isoformat()}]
    PracticeSession.objects.filter(pk=session.pk).update(coaching_pauses=pauses)
    assert progress.practised("pilot-user").minutes == spent - 2


def test_a_weekly_goal_shows_this_weeks_sessions(
    client: Client, scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coach.clock.now", lambda: datetime(2026, 1, 14, 9, 0, tzinfo=UTC))
    for day in (11, 12, 13):
        past_session(scenario, at=datetime(2026, 1, day, 12, 0, tzinfo=UTC))
    assert "Set a goal" in page(client)
    client.post("/progress/goal/", {"per_week": "3", "wish": "  Say <b>it</b>  early "})
    told = page(client)
    assert "This week: 2 of 3 conversations" in told
    assert "Say &lt;b&gt;it&lt;/b&gt; early" in told
    for odd in ("0", "15", "many", "", "-1", "٣", "9" * 50):
        client.post("/progress/goal/", {"per_week": odd, "wish": "x"})
        assert Goal.objects.get().per_week == 3
    client.post("/progress/goal/", {"per_week": "1", "wish": "x" * 900})
    assert (Goal.objects.get().per_week, len(Goal.objects.get().wish)) == (1, 200)
    client.post("/progress/goal/", {"drop": "1"})
    assert not Goal.objects.exists()
    assert client.get("/progress/goal/").status_code == 405


def test_a_goal_is_exported_and_erased_with_everything(client: Client, scenario: Scenario) -> None:
    client.post("/progress/goal/", {"per_week": "2", "wish": "Be clear"})
    past_session(scenario, at=NOW)
    export.request("pilot-user", now=NOW)
    export.build_due(lambda: NOW)
    packed = zipfile.ZipFile(io.BytesIO(b"".join(client.get(f"/history/takeout/{Archive.objects.get().pk}/"))))
    goal = json.loads(packed.read("goal.json"))
    assert (goal["perWeek"], goal["wish"]) == (2, "Be clear")
    Goal.objects.create(user_id="sam", per_week=1, updated_at=NOW)
    erasure.erase_all(user_id="pilot-user", now=NOW)
    assert [one.user_id for one in Goal.objects.all()] == ["sam"]


def test_the_progress_page_takes_a_constant_number_of_queries(
    client: Client, scenario: Scenario, django_assert_num_queries: Any
) -> None:
    for _ in range(2):
        for day in range(4):
            scored(past_session(scenario, at=NOW + timedelta(days=day)), names="shown", blames="shown")
        with django_assert_num_queries(8):
            client.get("/progress/")


def test_a_scenario_practised_more_than_once_links_to_its_attempts(client: Client, scenario: Scenario) -> None:
    past_session(scenario, at=NOW)
    assert f"/history/attempts/{scenario.pk}/" not in client.get("/progress/").content.decode()
    past_session(scenario, at=NOW + timedelta(days=1))
    past_session(scenario, at=NOW, user="somebody-else")
    silent = scored(past_session(scenario, at=NOW + timedelta(days=2)))
    SkillScore.objects.filter(evaluation__session=silent).delete()
    page = client.get("/progress/").content.decode()
    assert f'/history/attempts/{scenario.pk}/"' in page
    assert "2 attempts" in page, "as many as are compared"
    assert len(comparable_attempts.of_scenario("pilot-user", scenario.pk)) == 2
