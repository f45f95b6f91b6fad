"""Chromium and the screens it stands for."""

import os
import shutil

from tests.fixtures.speech import MICROPHONE_WAV

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
SOUND = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    f"--use-file-for-fake-audio-capture={MICROPHONE_WAV}",
]
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
