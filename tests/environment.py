"""The environment of a run: a VAR_DIR of its own, and nothing from a developer's `.env`.

A plugin that pyproject.toml names, since pytest-django reads the settings before any conftest is imported.
"""

import gc
import os
import tempfile

os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="coach-tests-"))
# Things made once and copied by every process of the run, or of several runs, such as a database with its tables.
os.environ.setdefault("TEST_SHARED_DIR", tempfile.mkdtemp(prefix="coach-tests-shared-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coach.settings")

# A developer's own `.env` must not reach the tests: an empty value counts as not set.
for name in ("DASHSCOPE_API_KEY", "CHATAI_API_KEY", "OBJECTIVE_CHECK_API_KEY", "LEAN_APP_ID", "LEAN_APP_KEY"):
    os.environ.setdefault(name, "")
for name in ("LEAN_MASTER_KEY", "LEAN_SERVER_URL", "AUDIO_STORE", "LOCAL_LLM", "TRAINEE_AUTH", "OIDC_ISSUER"):
    os.environ.setdefault(name, "")

# Half of the time that imports take goes into looking for garbage among them; see pytest_collection_finish.
gc.disable()
