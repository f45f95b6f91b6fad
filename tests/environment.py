"""The environment of a run: a VAR_DIR of its own, and nothing from a developer's `.env`.

A plugin that pyproject.toml names, since pytest-django reads the settings before any conftest is imported.
"""

import atexit
import gc
import os
import shutil
import tempfile

from tests import end_with_run


def _folder_of_this_run(variable: str, prefix: str) -> None:
    """The first process of a run makes it and deletes it; the others find it in their environment."""
    if variable not in os.environ:
        os.environ[variable] = tempfile.mkdtemp(prefix=prefix)
        atexit.register(shutil.rmtree, os.environ[variable], ignore_errors=True)


end_with_run.begin()
_folder_of_this_run("VAR_DIR", "coach-tests-")
# Things made once and copied by every process of the run, or of several runs, such as a database with its tables.
_folder_of_this_run("TEST_SHARED_DIR", "coach-tests-shared-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coach.settings")

# A developer's own `.env` must not reach the tests: an empty value counts as not set.
for name in ("DASHSCOPE_API_KEY", "CHATAI_API_KEY", "OBJECTIVE_CHECK_API_KEY", "LEAN_APP_ID", "LEAN_APP_KEY"):
    os.environ.setdefault(name, "")
for name in ("LEAN_MASTER_KEY", "LEAN_SERVER_URL", "AUDIO_STORE", "LOCAL_LLM", "TRAINEE_AUTH", "OIDC_ISSUER"):
    os.environ.setdefault(name, "")

# Half of the time that imports take goes into looking for garbage among them; see pytest_collection_finish.
gc.disable()
