#!/usr/bin/env bash
# Every check a change has to pass, in two lanes. Tests of real processes and browsers mostly wait for real leases,
# deadlines and talk: they come one phase after the other and have the processor first. What only computes takes what they
# leave (nice 19). All of them run; at the end come the twenty slowest steps of tests, the checks that failed, a second try
# alone for the few tests that did, and a line that sums up pytest's. CHECKS_IN_TURN=1: one lane after the other, where a failure may be due to the other lane.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# Needs what scripts/test sets up (environment, browser, PostgreSQL).
[ -n "${COACH_CHECKS_READY:-}" ] || exec scripts/test

# Database, keys and caches are only for this run, and a developer's own settings do not affect it.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/coach-checks-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
export TEST_SHARED_DIR=$scratch/shared PIP_DISABLE_PIP_VERSION_CHECK=1
mkdir "$TEST_SHARED_DIR"
closing=$scratch/closing slowest=$scratch/slowest failed=$scratch/failed
touch "$closing" "$slowest" "$failed"

check() { # name, command...
    local name=$1 started=$SECONDS
    shift
    printf '\n── %s\n' "$name"
    if "$@"; then
        printf '   %s: passed (%d s)\n' "$name" $((SECONDS - started))
    else
        printf '   %s: FAILED (%d s)\n' "$name" $((SECONDS - started))
        echo "$name" >>"$failed"
    fi
}

tests() { # a name for its VAR_DIR, pytest arguments; no test at all counts as passed
    local output status name=$1
    shift
    output=$(mktemp "$scratch/pytest-XXXXXX")
    FAILING_TESTS=$scratch/failing-$name VAR_DIR=$scratch/$name python -m pytest -q --durations=20 "$@" 2>&1 | tee "$output"
    status=$?
    grep -E '^[0-9.]+s (call|setup|teardown) ' "$output" >>"$slowest"
    grep -E '[0-9]+ (passed|failed|error|skipped|deselected|xfailed)|no tests ran' "$output" | tail -n 1 >>"$closing"
    [ "$status" -eq 5 ] || [ "$status" -eq 0 ]
}

marked() { # mark: the files with tests of this phase, so that no phase collects all the others (see tests/conftest.py)
    grep -rlE --include='test_*.py' "\bmark\.$1\b" tests
}

browser_unit_tests() {
    compgen -G 'tests/js/*.test.*js' >/dev/null || { echo "no browser unit tests yet"; return 0; }
    node --test tests/js/
}

on_postgresql() {
    DATABASE_URL=$TEST_POSTGRES_URL tests pg -n 2 --dist loadgroup -m "postgres and not browser and not models" $(marked postgres)
}

django() { # command...
    VAR_DIR=$scratch/django python manage.py "$@"
}

# Few and long tests: by the number of tests, as xdist would order them, these begin when the other workers are done.
first="tests/scripts/test_up.py tests/practice/test_database_restart.py tests/storage/test_two_machines.py tests/storage/test_restore_drill.py"

computing() {
    check "no secrets" python scripts/ci/secret_scan.py
    check "lint" ruff check .
    check "format" ruff format --check .
    check "imports run one way" lint-imports
    check "known vulnerabilities" python scripts/ci/known_vulnerabilities.py requirements/base.txt
    check "types" mypy
    check "Django's own checks" django check --fail-level WARNING
    check "migrations match the models" django makemigrations --check --dry-run
    check "browser unit tests" browser_unit_tests
    # Each worker takes over half of what the other has left.
    check "tests" tests sqlite -n 2 --dist worksteal -m "not browser and not processes and not models" tests
}

waiting() {
    check "processes" tests processes -n 3 --dist loadfile --no-loadscope-reorder -m "processes and not browser and not models" $first $(marked processes)
    # Two runs, because each process keeps one browser and its event loop as long as it lives. Talk takes its time: three rooms.
    check "browser: the room" tests room -n 3 -m browser tests/browser
    check "browser: the pages" tests pages -n 2 -m browser --ignore=tests/browser $(marked browser)
    # Beside each other: on PostgreSQL one of the two workers waits for the leases of killed processes most of the time. The
    # models would be too slow for those who wait for them if they only had what others leave.
    check "local models" tests models -m "models and not browser" $(marked models) >"$scratch/models-output" 2>&1 &
    local models=$!
    check "tests on PostgreSQL" on_postgresql
    wait $models
    cat "$scratch/models-output"
}

spent() {
    times >"$scratch/times"
    printf '   processor time of this lane, own and system: %s\n' "$(tail -n 1 "$scratch/times")"
}

if [ -n "${CHECKS_IN_TURN:-}" ]; then
    computing
    waiting
else
    (
        renice -n 19 -p "$BASHPID" >/dev/null
        computing
        spent
    ) >"$scratch/computing" 2>&1 &
    lane=$!
    waiting
    spent
    wait $lane
    cat "$scratch/computing"
fi

printf '\n── the slowest of all tests\n'
LC_ALL=C sort -rn "$slowest" | head -n 20
echo
sed 's/^/FAILED: /' "$failed"
if [ -s "$failed" ] && python scripts/ci/second_try.py "$scratch" "$failed"; then
    : >"$failed"
    # The line that sums up counts each test once: as passed.
    sed -i -E 's/\b([0-9]+) (failed|errors?)\b/\1 passed/g' "$closing"
fi
python scripts/ci/closing_line.py "$closing" "$SECONDS"
[ ! -s "$failed" ]
