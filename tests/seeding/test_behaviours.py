"""A skill's behaviours are validated with clear errors, stored, exported, and shown without their example lines."""

import json

import pytest

from practice.models import PracticeSession, Scenario, Skill
from practice.seed_data.seed_format import skill_record
from tests.seeding.records import behaviour, behaviours, scenario, skill


def test_behaviours_are_kept_and_a_second_run_changes_nothing(seed):
    seed([skill(behaviours=behaviours())])

    assert Skill.objects.get().behaviours == behaviours()
    assert seed([skill(behaviours=behaviours())]).lines[0] == "unchanged skill listening"
    assert skill_record(Skill.objects.get())["behaviours"] == behaviours()


def test_an_edited_example_is_an_update(seed):
    seed([skill(behaviours=behaviours())])

    run = seed([skill(behaviours=behaviours(notShown=[]))])

    assert run.lines[0] == "updated   skill listening: behaviours"
    assert Skill.objects.get().behaviours[0]["notShown"] == []


def test_a_file_without_behaviours_leaves_them_unchanged(seed):
    seed([skill(behaviours=behaviours())])

    assert seed([skill()]).lines[0] == "unchanged skill listening"
    assert seed([skill(behaviours=[])]).lines[0] == "updated   skill listening: behaviours"
    assert Skill.objects.get().behaviours == []


def test_every_fault_is_reported_with_its_path(seed):
    run = seed(
        [
            skill(
                "a",
                behaviours=[
                    behaviour("ok", text=" "),
                    behaviour("not a key", kind="maybe"),
                    behaviour("empty", shown=[]),
                    behaviour("blank", notShown=["fine", " "]),
                    behaviour("typo", shwon=["x"]),
                    {"key": "bare"},
                ],
            ),
            skill("b", behaviours="none"),
        ]
    )
    assert not run.ok
    assert run.problems == [
        "skills.json, record 1 (a), behaviours[1].text: must not be empty",
        "skills.json, record 1 (a), behaviours[2].key: may hold letters, digits and single hyphens, "
        "such as names-the-event",
        "skills.json, record 1 (a), behaviours[2].kind: must be one of: 'do', 'avoid'",
        "skills.json, record 1 (a), behaviours[3].shown: must not be empty",
        "skills.json, record 1 (a), behaviours[4].notShown[2]: must not be empty",
        "skills.json, record 1 (a), behaviours[5].shwon: is not a known field (did you mean shown?)",
        "skills.json, record 1 (a), behaviours[6].text: is required",
        "skills.json, record 1 (a), behaviours[6].kind: is required",
        "skills.json, record 1 (a), behaviours[6].shown: is required",
        "skills.json, record 2 (b), behaviours: must be a list",
    ]
    assert not Skill.objects.exists()


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        (behaviours()[:3], [": must have 4 to 8 entries, or none; it has 3"]),
        ([behaviour(f"k{n}") for n in range(9)], [": must have 4 to 8 entries, or none; it has 9"]),
        (
            [behaviour(f"k{n}", kind="avoid") for n in range(4)],
            [': must have at least one behaviour of kind "do"'],
        ),
        (
            [behaviour("a"), behaviour("A", text="Other"), behaviour("c", text="does A"), behaviour("d")],
            ["[2].key: is the same as that of behaviour 1", "[3].text: is the same as that of behaviour 1"],
        ),
        (
            [behaviour(shown=["One.", "one."], notShown=["ONE."]), *behaviours()[1:]],
            ["[1].shown[2]: is the same line as shown[1]", "[1].notShown[1]: is the same line as shown[1]"],
        ),
    ],
)
def test_behaviours_of_a_skill_are_checked_together(seed, given, problems):
    run = seed([skill(behaviours=given)])

    assert run.problems == [f"skills.json, record 1 (listening), behaviours{problem}" for problem in problems]


def test_trainees_see_the_behaviours_but_not_their_example_lines(seed, client):
    seed([skill(behaviours=behaviours())], [scenario()])
    stored = Scenario.objects.get()

    told = client.get(f"/api/scenarios/{stored.pk}").json()
    page = client.get(f"/scenarios/{stored.pk}/").content.decode()

    (summary,) = told["skillSummaries"]
    assert summary["behaviours"] == [{name: one[name] for name in ("key", "text", "kind")} for one in behaviours()]
    for one in behaviours():
        assert one["text"] in page
        for line in [*one["shown"], *one["notShown"]]:
            assert line not in page
            assert line not in json.dumps(told)


def test_a_session_keeps_the_behaviours_it_began_with(seed, client):
    seed([skill(behaviours=behaviours())], [scenario()])
    from coach import clock

    started = client.post(
        "/api/sessions",
        {"scenarioId": Scenario.objects.get().pk, "clientSessionStartedAt": clock.now().isoformat()},
        content_type="application/json",
    )
    assert started.status_code == 201, started.content
    seed([skill(behaviours=[])])

    session = PracticeSession.objects.get()
    assert session.behaviours == {Skill.objects.get().pk: behaviours()}
    seen = client.get(f"/api/sessions/{session.pk}?historyStepCount=1").json()
    assert [one["key"] for one in seen["scenario"]["skillSummaries"][0]["behaviours"]] == [
        "names-it",
        "asks",
        "waits",
        "blames",
    ]
    assert "On Monday" not in json.dumps(seen)
