#!/usr/bin/env bash
# Every check a change has to pass: those that only read the code run in parallel, then the tests. All of them run; at
# the end come the twenty slowest steps of tests, the checks that failed, and a line that sums up pytest's.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# Needs what scripts/test sets up (environment, browser, PostgreSQL).
[ -n "${COACH_CHECKS_READY:-}" ] || exec scripts/test

# Database, keys and caches are only for this run, and a developer's own settings do not affect it.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/coach-checks-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
export VAR_DIR=$scratch/var TEST_SHARED_DIR=$scratch/shared PIP_DISABLE_PIP_VERSION_CHECK=1
mkdir "$TEST_SHARED_DIR"
closing=$scratch/closing slowest=$scratch/slowest
failed=()

check() { # name, command...
    local name=$1 started=$SECONDS
    shift
    printf '\n── %s\n' "$name"
    if "$@"; then
        printf '   %s: passed (%d s)\n' "$name" $((SECONDS - started))
    else
        printf '   %s: FAILED (%d s)\n' "$name" $((SECONDS - started))
        failed+=("$name")
    fi
}

beside=()
begin() { # name, command...: runs a check in the background; gather prints its output
    (
        failed=()
        check "$@"
        exit ${#failed[@]}
    ) >"$scratch/beside-${#beside[@]}" 2>&1 &
    beside+=("$!:$1")
}

gather() {
    local each
    for each in "${!beside[@]}"; do
        wait "${beside[each]%%:*}" || failed+=("${beside[each]#*:}")
        cat "$scratch/beside-$each"
    done
    beside=()
}

tests() { # pytest arguments; no test at all counts as passed
    local output status
    output=$(mktemp "$scratch/pytest-XXXXXX")
    python -m pytest -q --durations=20 "$@" 2>&1 | tee "$output"
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

# Few and long tests: by the number of tests, as xdist would order them, these begin when the other workers are done.
first="tests/scripts/test_up.py tests/practice/test_database_restart.py tests/storage/test_two_machines.py tests/storage/test_restore_drill.py"

with_processes() {
    VAR_DIR=$scratch/var-processes tests -n 3 --dist loadfile --no-loadscope-reorder -m "processes and not browser and not models" $first $(marked processes)
}

on_postgresql() {
    DATABASE_URL=$TEST_POSTGRES_URL VAR_DIR=$scratch/var-pg tests -n 2 --dist loadgroup -m "postgres and not browser and not models" $(marked postgres)
}

begin "types" mypy
begin "known vulnerabilities" python scripts/ci/known_vulnerabilities.py requirements/base.txt
check "no secrets" python scripts/ci/secret_scan.py
check "lint" ruff check .
check "format" ruff format --check .
check "imports run one way" lint-imports
check "Django's own checks" python manage.py check --fail-level WARNING
check "migrations match the models" python manage.py makemigrations --check --dry-run
check "browser unit tests" browser_unit_tests
gather
# Each worker takes over half of what the other has left.
check "tests" tests -n 2 --dist worksteal -m "not browser and not processes and not models" tests
# In parallel: on PostgreSQL one of the two workers mostly waits for leases of killed processes.
begin "local models" tests -m "models and not browser" $(marked models)
check "tests on PostgreSQL" on_postgresql
gather
# Alone: their leases and deadlines are real, and a busy machine makes them late.
check "processes" with_processes
# Two runs, because each process keeps one browser and its event loop as long as it lives. Rooms mostly wait, so three run at once.
check "browser: the room" tests -n 3 -m browser tests/browser
check "browser: the pages" tests -n 2 -m browser --ignore=tests/browser $(marked browser)

printf '\n── the slowest of all tests\n'
LC_ALL=C sort -rn "$slowest" | head -n 20
echo
for name in ${failed[@]+"${failed[@]}"}; do
    echo "FAILED: $name"
done
python scripts/ci/closing_line.py "$closing"
[ ${#failed[@]} -eq 0 ]
