"""Settings every test shares. Each run writes into a VAR_DIR of its own."""

import os
import tempfile

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="coach-tests-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coach.settings")

# A developer's own `.env` must not reach the tests: an empty value counts as not set.
for name in ("DASHSCOPE_API_KEY", "CHATAI_API_KEY", "OBJECTIVE_CHECK_API_KEY", "LEAN_APP_ID", "LEAN_APP_KEY"):
    os.environ.setdefault(name, "")
for name in ("LEAN_MASTER_KEY", "LEAN_SERVER_URL", "AUDIO_STORE", "LOCAL_LLM", "TRAINEE_AUTH", "OIDC_ISSUER"):
    os.environ.setdefault(name, "")

# A busy machine is no failure: what a property says does not depend on how long an example takes.
settings.register_profile("no-clock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no-clock")


@pytest.fixture(autouse=True)
def _models_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """No local model server runs beside the tests: a start would be refused as long as it loads."""
    monkeypatch.setattr("practice.api.loading", lambda: None)
