"""A role brief is imported completely or refused with every fault named by field."""

import copy
import json

import pytest

from practice.models import Scenario
from practice.seed_data import seed_format
from tests.seeding.records import scenario, skill

BRIEF = {
    "manner": "Jokes first, then explains, then gets short.",
    "trust": 0,
    "reactions": [
        {
            "key": "late-work",
            "when": "hears which work came late",
            "heard": ["The search page was four days late."],
            "says": ["Okay. That one was on me.", "Four days, I know."],
            "hint": "Name one piece of work.",
        },
        {
            "key": "lena",
            "when": "hears what it meant for Lena",
            "heard": ["Lena stayed until eleven."],
            "says": ["Wait. Lena sat here until eleven?"],
            "needs": {"trust": -1, "after": ["late-work"]},
            "trust": 1,
            "meets": [1],
            "once": True,
        },
        {
            "key": "behind-it",
            "when": "is asked openly",
            "heard": ["What is getting in the way?"],
            "says": ["I've been taking the support calls."],
            "otherwise": ["I'm fine."],
            "needs": {"trust": 1},
        },
        {
            "key": "insult",
            "when": "is insulted",
            "heard": ["You are lazy."],
            "says": ["Find someone else."],
            "trust": -2,
        },
        {"key": "leaves", "when": "trust falls to -3", "says": ["I'm done here."], "ends": "failed"},
    ],
    "holdsOn": ["Everyone's late here."],
    "knows": [
        {"asked": ["How long have you worked here?", "Since when are you here?"], "says": ["Three years in March."]},
        {
            "asked": ["How many calls are there?"],
            "says": ["Eight a day.", "About eight."],
            "needs": {"after": ["behind-it"]},
        },
    ],
    "toAnyQuestion": ["Can I get back to you on that?"],
    "toAnyStatement": ["Right.", "Got it."],
}


def persona(brief):
    return {"name": "Sam", "role": "", "background": "You joke.", "voice": "Ethan", "portrait": {"glasses": True}} | (
        {"brief": brief} if brief else {}
    )


def faults(seed, brief, **fields):
    """Import the brief; returns its faults: field inside the brief to message."""
    run = seed([skill()], [scenario(aiPersona=persona(brief), **fields)])
    assert not run.ok
    assert not Scenario.objects.exists()
    place = "scenarios.json, record 1 (late-again), aiPersona.brief."
    assert all(problem.startswith(place) for problem in run.problems), run.problems
    return [tuple(problem.removeprefix(place).split(": ", 1)) for problem in run.problems]


def changed(**at):
    """A copy of BRIEF; `r2={"says": []}` changes reaction 2, None takes a field away."""
    brief = copy.deepcopy(BRIEF)
    for name, values in at.items():
        target = brief["reactions"][int(name[1:]) - 1] if name.startswith("r") and name[1:].isdigit() else brief
        target |= values
        for key in [key for key, value in values.items() if value is None]:
            del target[key]
    return brief


def test_a_brief_is_exported_unchanged_and_a_second_run_changes_nothing(seed):
    wanted = scenario(aiPersona=persona(BRIEF), hardPart="He laughs it off.")
    assert seed([skill()], [wanted]).ok
    row = Scenario.objects.get()
    assert (row.hard_part, row.ai_persona_voice, row.ai_persona_brief) == ("He laughs it off.", "Ethan", BRIEF)
    exported = seed_format.write([seed_format.scenario_record(row)])
    assert json.loads(exported)[0]["aiPersona"] == wanted["aiPersona"]
    again = seed([skill()], json.loads(exported))
    assert "unchanged scenario late-again" in again.lines


def test_a_file_without_a_brief_keeps_the_stored_one_and_null_removes_it(seed):
    assert seed([skill()], [scenario(aiPersona=persona(BRIEF))]).ok
    assert seed([skill()], [scenario(aiPersona={"name": "Samuel"})]).ok
    assert Scenario.objects.get().ai_persona_brief == BRIEF
    assert seed([skill()], [scenario(aiPersona={"brief": None})]).ok
    assert Scenario.objects.get().ai_persona_brief is None


def test_every_fault_of_a_brief_is_named_at_once(seed):
    brief = changed(
        top={"manner": " \u200b\u00a0", "trust": 4, "holdsOn": []},
        r1={"says": [], "heard": ["\u2060"], "mets": [1]},
        r2={"needs": {"after": ["late-work", "nowhere"]}, "meets": [0, 2, 9]},
        r3={"key": "lena", "heard": None, "trust": "1"},
        r4={"heard": ["You are lazy.", "Lena stayed until Eleven."]},
        r5={"ends": "badly"},
    )
    brief["knows"] = [
        {"asked": [], "says": ["Three years."], "trust": 1},
        {"asked": ["How many calls?", "You are lazy."], "says": ["Eight."], "needs": {"after": ["late-work", "never"]}},
        {"asked": ["how many calls?"], "says": ["Nine."]},
    ]
    assert faults(seed, brief) == [
        ("manner", "must not be empty"),
        ("trust", "must be at most 3"),
        ("reactions[1].heard[1]", "must not be empty"),
        ("reactions[1].says", "must not be empty"),
        ("reactions[1].mets", "is not a known field (did you mean meets?)"),
        ("reactions[3].trust", "must be a whole number"),
        ("reactions[5].ends", "must be one of: 'failed'"),
        ("holdsOn", "must not be empty"),
        ("knows[1].asked", "must not be empty"),
        ("knows[1].trust", "is not a known field"),
        ("reactions[3].key", "is already used by reaction 2"),
        (
            "reactions[3].heard",
            "must not be empty: only a reaction with `ends` has none and happens when trust falls to -3",
        ),
        ("reactions[3].needs.trust", "must be left out: without `heard` it happens by itself when trust falls to -3"),
        ("reactions[4].heard[2]", 'is also heard by reaction "lena"'),
        ("reactions[2].needs.after[2]", 'there is no reaction "nowhere"'),
        ("reactions[2].meets[1]", "there is no end criterion 0: they count from 1"),
        (
            "reactions[2].meets[2]",
            "end criterion 2 says how it fails: nothing meets it, a reaction with `ends` does",
        ),
        ("reactions[2].meets[3]", "there is no end criterion 9: there are 2"),
        ("knows[2].needs.after[2]", 'there is no reaction "never"'),
        ("knows[2].asked[2]", 'is also heard by reaction "insult"'),
        ("knows[3].asked[1]", "is also asked of fact 2"),
    ]


@pytest.mark.parametrize(
    ("brief", "expected"),
    [
        (
            changed(r1={"needs": {"after": ["behind-it"]}}, r3={"needs": {"after": ["lena"]}}),
            [
                (
                    "reactions[1].needs.after",
                    'can never be met, it goes in a circle: "late-work" → "behind-it", "behind-it" → "lena", '
                    '"lena" → "late-work"',
                ),
                (
                    "reactions[2].needs.after",
                    'can never be met, it goes in a circle: "lena" → "late-work", "late-work" → "behind-it", '
                    '"behind-it" → "lena"',
                ),
                (
                    "reactions[3].needs.after",
                    'can never be met, it goes in a circle: "behind-it" → "lena", "lena" → "late-work", '
                    '"late-work" → "behind-it"',
                ),
            ],
        ),
        (
            changed(r3={"needs": {"after": ["behind-it"]}}),
            [
                (
                    "reactions[3].needs.after",
                    'can never be met, it goes in a circle: "behind-it" → "behind-it"',
                )
            ],
        ),
        (
            changed(r3={"needs": {"trust": 2}}, r1={"needs": {"after": ["behind-it"]}}, r2={"needs": {}}),
            [
                ("reactions[1].needs.after", 'can never be met: "behind-it" can never happen'),
                ("reactions[3].needs.trust", "can never be met: trust reaches 1 at most by what can happen before"),
            ],
        ),
        (
            changed(r5={"ends": None, "heard": ["Bye."]}),
            [("reactions", 'one of them must end the talk ("ends": "failed"), so that it can be lost')],
        ),
        (
            changed(r4={"trust": -2, "once": True}),
            [
                ("reactions[5]", "can never happen: no reaction lets trust fall to -3"),
                ("reactions", "none of those that end the talk can ever happen"),
            ],
        ),
    ],
    ids=["circle", "itself", "trust", "no end", "no way down"],
)
def test_a_reaction_that_can_never_happen_is_refused(seed, brief, expected):
    assert faults(seed, brief) == expected


def test_a_brief_and_its_criteria_must_fit_even_if_only_one_is_imported(seed):
    assert seed([skill()], [scenario()]).ok
    alone = {"externalId": "late-again", "title": "A talk", "category": "Work"}
    run = seed(None, [alone | {"aiPersona": {"brief": changed(r2={"meets": [3]})}}])
    assert run.problems == [
        "scenarios.json, record 1 (late-again), aiPersona.brief.reactions[2].meets[1]: "
        "there is no end criterion 3: there are 2"
    ]
    assert seed(None, [alone | {"aiPersona": {"brief": BRIEF}}]).ok
    run = seed(None, [alone | {"endCriteria": ["It fails if Sam leaves."]}])
    assert run.problems == [
        "scenarios.json, record 1 (late-again), aiPersona.brief.reactions[2].meets[1]: "
        "end criterion 1 says how it fails: nothing meets it, a reaction with `ends` does"
    ]


@pytest.mark.parametrize("brief", [[], "x", 1, {"reactions": 1}, {"reactions": [1, None, {"needs": [], "meets": {}}]}])
def test_a_brief_in_another_form_is_refused_with_a_reason(seed, brief):
    run = seed([skill()], [scenario(aiPersona={"name": "Sam", "background": "x", "brief": brief})])
    assert not run.ok
    assert all(", aiPersona.brief" in problem for problem in run.problems)


def test_a_portrait_that_no_database_can_keep_is_refused(seed):
    run = seed([skill()], [scenario(aiPersona=persona(None) | {"portrait": {"hair": "\x00"}})])
    assert run.problems == [
        "scenarios.json, record 1 (late-again), aiPersona.portrait: holds something that cannot be stored"
    ]


def test_a_trainee_persona_with_a_brief_is_refused(seed):
    run = seed([skill()], [scenario(traineePersona={"name": "Jo", "background": "x", "brief": BRIEF})])
    assert run.problems == ["scenarios.json, record 1 (late-again), traineePersona.brief: is not a known field"]
