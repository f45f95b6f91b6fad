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
# A room opened by its address plays at once; `Room.hold_sound_back` stands for browsers that wait for a click.
QUIET += ["--autoplay-policy=no-user-gesture-required"]
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
