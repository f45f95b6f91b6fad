"""The gate's second try: few tests that failed beside everything else run once more, alone."""

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SecondTry = Callable[..., bool]


@pytest.fixture
def second_try(tmp_path: Path) -> SecondTry:
    """Takes the failing tests of each lane and the failed checks; files named `steady` pass the second time."""
    runner = tmp_path / "runner.py"
    runner.write_text("import sys\nsys.exit(any('steady' not in each for each in sys.argv[3:]))\n")
    steady_after_all = runpy.run_path(str(ROOT / "scripts" / "ci" / "second_try.py"))["steady_after_all"]

    def tried(failing: dict[str, list[str]], checks: list[str]) -> bool:
        for lane, tests in failing.items():
            (tmp_path / f"failing-{lane}").write_text("".join(f"{each}\n" for each in tests))
        return bool(steady_after_all(tmp_path, checks, (str(runner),)))

    return tried


def test_a_test_that_passes_alone_is_named_and_lets_the_run_pass(
    second_try: SecondTry, capfd: pytest.CaptureFixture[str]
) -> None:
    failing = {
        "room": ["tests/steady_a.py::a[x]@one", "tests/steady_a.py::a[x]@one"],
        "pages": ["tests/steady_b.py::b"],
    }
    assert second_try(failing, ["browser: the room", "browser: the pages"])
    said = capfd.readouterr().out.splitlines()
    assert [line.split(" failed")[0] for line in said] == [
        "UNSTEADY: tests/steady_b.py::b",
        "UNSTEADY: tests/steady_a.py::a[x]",
    ]


@pytest.mark.parametrize(
    ("failing", "checks"),
    [
        pytest.param({"room": ["tests/a.py::broken"]}, ["browser: the room"], id="it fails again"),
        pytest.param({"room": ["steady::a", "broken::b"]}, ["browser: the room"], id="one of two fails again"),
        pytest.param({"room": [f"steady::a{n}" for n in range(4)]}, ["browser: the room"], id="more than three failed"),
        pytest.param({"room": ["steady::a"]}, ["types", "browser: the room"], id="another check failed"),
        pytest.param({"processes": ["steady::a"], "pg": ["steady::a"]}, ["processes", "pg"], id="on both databases"),
        pytest.param({}, ["tests"], id="pytest itself failed"),
    ],
)
def test_every_other_failure_stays_one(second_try: SecondTry, failing: dict[str, list[str]], checks: list[str]) -> None:
    assert not second_try(failing, checks)
