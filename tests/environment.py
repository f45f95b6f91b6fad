"""Prepares the environment of a test run: its own VAR_DIR, and nothing from a developer's `.env`.

A pytest plugin named in pyproject.toml, because pytest-django reads the settings before any conftest is imported.
"""

import atexit
import gc
import os
import shutil
import tempfile

from tests import end_with_run


def _folder_of_this_run(variable: str, prefix: str) -> None:
    """The run's first process creates and deletes the folder; the others find it in their environment."""
    if variable not in os.environ:
        os.environ[variable] = tempfile.mkdtemp(prefix=prefix)
        atexit.register(shutil.rmtree, os.environ[variable], ignore_errors=True)


end_with_run.begin()
_folder_of_this_run("VAR_DIR", "coach-tests-")
# Made once and copied by every process of the run (or of several runs), for example a migrated database.
_folder_of_this_run("TEST_SHARED_DIR", "coach-tests-shared-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coach.settings")

# A developer's own `.env` must not reach the tests: an empty value counts as not set.
for name in ("DASHSCOPE_API_KEY", "CHATAI_API_KEY", "OBJECTIVE_CHECK_API_KEY", "LEAN_APP_ID", "LEAN_APP_KEY"):
    os.environ.setdefault(name, "")
for name in ("LEAN_MASTER_KEY", "LEAN_SERVER_URL", "AUDIO_STORE", "LOCAL_LLM", "TRAINEE_AUTH", "OIDC_ISSUER"):
    os.environ.setdefault(name, "")

# Half of the import time would be garbage collection; conftest's pytest_collection_finish enables it again.
gc.disable()
