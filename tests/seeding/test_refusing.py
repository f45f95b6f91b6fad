"""A file with any fault changes nothing, and every fault is reported with file, record and field."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from practice.models import Scenario, Skill
from practice.seed_data.seeding import SHIPPED_SCENARIOS, SHIPPED_SKILLS
from tests import stack
from tests.seeding.records import scenario, skill

ROOT = Path(__file__).resolve().parents[2]


def without(record, *fields):
    return {name: value for name, value in record.items() if name not in fields}


def refused(run):
    assert not run.ok
    assert run.error.splitlines()[-1].startswith("Nothing was written: ")
    assert "Seed complete" not in run.out
    assert not Skill.objects.exists()
    assert not Scenario.objects.exists()
    return run.problems


def test_every_problem_of_both_files_is_listed_at_once(seed):
    problems = refused(
        seed(
            [skill("a", name=""), without(skill("b"), "rubric"), skill("c")],
            [
                scenario("x", skills=["c", "nowhere"], idleLimitSeconds=0, durationLimitSeconds=901),
                scenario("y", title="t" * 121, language="fr", skills=["c"]),
                scenario("z", endCriteria=[], objective=" ", skills=["c"]),
            ],
        )
    )
    assert problems == [
        "skills.json, record 1 (a), name: must not be empty",
        "skills.json, record 2 (b), rubric: is required",
        "scenarios.json, record 1 (x), idleLimitSeconds: must be at least 1",
        "scenarios.json, record 1 (x), durationLimitSeconds: must be at most 900",
        "scenarios.json, record 2 (y), title: must be at most 120 characters",
        "scenarios.json, record 2 (y), language: must be one of: 'en', 'zh'",
        'scenarios.json, record 1 (x), skills[2]: there is no skill "nowhere"',
        "scenarios.json, record 3 (z), objective: is needed because the status is published. "
        "Say what the trainee is trying to achieve.",
        "scenarios.json, record 3 (z), endCriteria: is needed because the status is published. "
        "Add at least one sentence that says when the conversation is over.",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: a list of records is expected, [] for none"),
        (b"[{]", "is not JSON, at line 1, column 3 (Expecting property name enclosed in double quotes)"),
        (b'{"skills": []}', "must be a list of records, not an object"),
        (b"null", "must be a list of records, not null"),
        (b'["\xff"]', "is not UTF-8 (byte 3): save it as UTF-8"),
        ('[{"name": "Zuhören"}]'.encode("latin-1"), "is not UTF-8 (byte 15): save it as UTF-8"),
        ("[]".encode("utf-16"), "is not UTF-8 (byte 1): save it as UTF-8"),
        (b"[NaN]", "is not JSON: NaN is not a JSON value"),
        (b"[" * 100_000, "is not a list of records: it is nested too deeply"),
        (b"[" + b"9" * 5000 + b"]", "is not JSON that can be read: it holds a number with too many digits"),
        (b"[" + b" " * 5 * 1024 * 1024 + b"]", "is larger than 5 MiB: split it"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else value[:30],
)
def test_a_file_that_is_not_a_list_of_records_is_refused(seed, content, message):
    problems = refused(seed(content, [scenario(status="draft")]))
    assert problems == [f"skills.json: {message}"], "no skill is called missing that the file may hold"


def test_a_missing_file_is_refused(seed):
    assert refused(seed(seed.folder / "nowhere.json")) == ["nowhere.json: cannot be read: No such file or directory"]
    assert refused(seed(seed.folder)) == [f"{seed.folder}: cannot be read: Is a directory"]


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        (None, "record 1: must be an object, not null"),
        ("text", "record 1: must be an object, not text"),
        (scenario(title=5), "record 1 (late-again), title: must be text"),
        (
            scenario(title="\ud800"),
            "record 1 (late-again), title: contains half of a surrogate pair, which is not text",
        ),
        (scenario(title="a\x00b"), "record 1 (late-again), title: contains a NUL character"),
        (scenario(title="two\nlines"), "record 1 (late-again), title: must be a single line"),
        (scenario(externalId=""), "record 1, externalId: must not be empty"),
        (scenario(externalId=7), "record 1, externalId: must be text"),
        (without(scenario(), "externalId"), "record 1, externalId: is required"),
        (without(scenario(), "category"), "record 1 (late-again), category: is required"),
        (scenario(idleLimitSeconds=True), "record 1 (late-again), idleLimitSeconds: must be a whole number"),
        (scenario(idleLimitSeconds="30"), "record 1 (late-again), idleLimitSeconds: must be a whole number"),
        (scenario(idleLimitSeconds=12.5), "record 1 (late-again), idleLimitSeconds: must be a whole number"),
        (scenario(idleLimitSeconds=10**30), "record 1 (late-again), idleLimitSeconds: must be at most 900"),
        (scenario(status="live"), "record 1 (late-again), status: must be one of: 'draft', 'published'"),
        (scenario(endCriteria="Sam leaves."), "record 1 (late-again), endCriteria: must be a list"),
        (scenario(endCriteria=["Yes.", ""]), "record 1 (late-again), endCriteria[2]: must not be empty"),
        (scenario(endCriteria=["Yes."] * 51), "record 1 (late-again), endCriteria: must have at most 50 entries"),
        (scenario(skills="listening"), "record 1 (late-again), skills: must be a list"),
        (
            scenario(skills=["listening", "listening"]),
            'record 1 (late-again), skills: names "listening" twice',
        ),
        (
            scenario(skills=["listenin"]),
            'record 1 (late-again), skills[1]: there is no skill "listenin" (did you mean listening?)',
        ),
        (scenario(aiPersona="Sam"), "record 1 (late-again), aiPersona: must be an object"),
        (
            scenario(aiPersona={"name": "Sam", "role": "", "background": "", "age": 3}),
            "record 1 (late-again), aiPersona.age: is not a known field",
        ),
        (
            scenario(aiPersona={"name": "Sam"}),
            "record 1 (late-again), aiPersona.background: is needed because the status is published. "
            "Say who the other person is, what they want and what reaches them.",
        ),
        (
            scenario(idleLimitSecond=3),
            "record 1 (late-again), idleLimitSecond: is not a known field (did you mean idleLimitSeconds?)",
        ),
        (scenario(description="x" * 10_001), "record 1 (late-again), description: must be at most 10000 characters"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_scenario_with_a_fault_is_refused_by_field(seed, record, problem):
    assert refused(seed([skill()], json.dumps([record]).encode())) == [f"scenarios.json, {problem}"]


def test_a_field_given_twice_is_refused(seed):
    text = json.dumps([skill()]).replace('"category"', '"name": "B", "category"')

    assert refused(seed(text.encode())) == ["skills.json, record 1 (listening), name: is given twice"]


def test_a_key_used_twice_is_refused(seed):
    assert refused(seed([skill(), skill("b"), skill(name="Other")])) == [
        "skills.json, record 3 (listening), externalId: is already used by record 1"
    ]


def test_a_name_used_twice_is_refused(seed):
    assert refused(seed([skill("a", name="Same"), skill("b", name="Same")])) == [
        "skills.json, record 2 (b), name: is the same as that of record 1 (a)"
    ]


def test_a_title_that_the_catalog_already_has_is_refused(seed):
    seed([skill()], [scenario("old", title="Taken")])

    run = seed(None, [scenario("new", title="Taken")])

    assert run.problems == [
        "scenarios.json, record 1 (new), title: is the same as that of old, which is in the catalogue"
    ]
    assert Scenario.objects.count() == 1


def test_a_valid_file_is_not_written_beside_an_invalid_one(seed):
    seed([skill()], [scenario()])

    run = seed([skill(name="Renamed"), skill("new")], [scenario(title="")])

    assert not run.ok
    assert Skill.objects.get().name == "The art of listening"


def test_an_update_that_makes_a_published_scenario_incomplete_is_refused(seed):
    seed([skill()], [scenario()])

    run = seed(None, [without(scenario(objective=""), "status")])

    assert run.problems[0].startswith("scenarios.json, record 1 (late-again), objective: is needed")
    assert Scenario.objects.get().objective == "Agree on one change."


def test_a_run_without_files_is_refused(seed):
    assert seed().error == "Give --skills FILE, --scenarios FILE or both."


class TestTheScript:
    def run(self, tmp_path, *arguments):
        return subprocess.run(
            [sys.executable, ROOT / "scripts" / "seed_scenarios.py", *map(str, arguments)],
            env=os.environ | {"VAR_DIR": str(tmp_path / "var"), "DATABASE_URL": ""},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    def test_says_what_to_do_before_the_database_is_there(self, tmp_path):
        run = self.run(tmp_path, "--skills", SHIPPED_SKILLS)

        assert run.returncode == 1
        assert "Run manage.py migrate first." in run.stderr
        assert "Traceback" not in run.stderr

    def test_exits_with_0_when_all_is_written_and_1_when_anything_is_wrong(self, tmp_path):
        (tmp_path / "var").mkdir()
        shutil.copy(stack.migrated(), tmp_path / "var")
        bad = tmp_path / "bad.json"
        bad.write_text('[{"externalId": "a"}]')

        good = self.run(tmp_path, "--skills", SHIPPED_SKILLS, "--scenarios", SHIPPED_SCENARIOS)
        wrong = self.run(tmp_path, "--skills", bad)

        assert (good.returncode, good.stdout.splitlines()[-1]) == (0, "Seed complete: 20 skills, 27 scenarios")
        assert (wrong.returncode, wrong.stdout) == (1, "")
        assert f"{bad}, record 1 (a), name: is required" in wrong.stderr
