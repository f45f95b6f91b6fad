from tests.telemetry.recording import recorded  # noqa: F401
