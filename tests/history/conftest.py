from tests.telemetry.recording import recorded

__all__ = ["recorded"]
