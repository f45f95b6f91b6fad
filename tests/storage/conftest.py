from tests.storage.fixtures import audio_folder, session  # noqa: F401
