"""Chromium's options and the screens that it emulates."""

import os
import shutil

from playwright.sync_api import expect

from tests.fixtures.speech import MICROPHONE_WAV

# How long a page may take to reach the expected state on a busy machine.
WITHIN_MS = 30_000
expect.set_options(timeout=WITHIN_MS)
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
# NO_QUESTIONS: a microphone that beeps and needs no permission. SOUND: it hears recorded speech instead.
NO_QUESTIONS = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
SOUND = [*NO_QUESTIONS, f"--use-file-for-fake-audio-capture={MICROPHONE_WAV}"]
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# A room opened by its address plays at once; `Room.hold_sound_back` imitates browsers that wait for a click.
QUIET += ["--autoplay-policy=no-user-gesture-required"]
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
