"""The voice on a scenario's form: the configured model's voices, with a sample to listen to."""

from hashlib import sha256
from typing import Any

import structlog
from asgiref.sync import async_to_sync
from django import forms
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from coach.audio.encode import to_mp3
from coach.config import config
from coach.providers import build
from coach.providers.ports import (
    AudioDelta,
    ProviderError,
    ProviderMisconfigured,
    ProviderUnavailable,
    ReplyRequest,
)
from practice.catalog import voices
from practice.lifecycle import Language
from practice.models import Scenario

log = structlog.get_logger(__name__)

LINES = {
    Language.ENGLISH: "Good that you came. So, what did you want to talk about?",
    Language.CHINESE: "你来了就好。说吧，想跟我谈什么？",
}
SAY_ONLY = {
    Language.ENGLISH: "You are a voice sample. Say exactly this and nothing else: “{line}”",
    Language.CHINESE: "你在试音。只说这一句，别的都不要说：“{line}”",
}


SAMPLES = "voice_samples"
"""The cache: a sample is made once for each model, voice and language."""


class VoiceWidget(forms.Widget):
    scenario = ""
    """The saved scenario whose own voice can be heard while none is chosen."""

    class Media:
        js = ("desk/voice.js",)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        names = [voice.name for voice in voices.offered()]
        context = {
            "name": name,
            "chosen": value or "",
            "names": names,
            "foreign": value if value and value not in names else "",
            "sample": reverse("admin:practice_scenario_voice_sample"),
            "scenario": self.scenario,
        }
        return mark_safe(render_to_string("admin/desk/voice.html", context))  # noqa: S308 - our own template


def sample(request: HttpRequest) -> HttpResponse:
    """An MP3 of one sentence in the requested voice, or the reason why there is none (422, 503).

    Without a voice, the one that was chosen for the saved scenario.
    """
    name = request.POST.get("voice", "")
    language = Language.CHINESE if request.POST.get("language") == Language.CHINESE else Language.ENGLISH
    if not name:
        scenario = get_object_or_404(Scenario, pk=request.POST.get("scenario", ""))
        name = voices.voice_of(scenario) or config.roleplay.voice
    elif name not in {voice.name for voice in voices.offered()}:
        return _unheard(_("The configured model has no such voice."), status=422)
    line = LINES[language]
    asked = ReplyRequest(instructions=SAY_ONLY[language].format(line=line), say=line, voice=name)
    kept, key = caches[SAMPLES], _key(name, language)
    mp3 = kept.get(key)
    if mp3 is None:
        try:
            mp3 = async_to_sync(_spoken)(asked)
        except ProviderError as error:
            log.warning("no voice sample", voice=name, error=str(error))
            return _unheard(_why(error), status=503)
        if not mp3:
            return _unheard(_("The model answered without a sound: it may write but not speak."), status=503)
        kept.set(key, mp3)
    return HttpResponse(mp3, content_type="audio/mpeg", headers={"Cache-Control": "no-store"})


def _key(name: str, language: str) -> str:
    told = "|".join((config.roleplay.base_url, config.roleplay.model, name, LINES[Language(language)]))
    return sha256(told.encode()).hexdigest()


def _unheard(detail: str, *, status: int) -> JsonResponse:
    return JsonResponse({"detail": detail}, status=status)


def _why(error: ProviderError) -> str:
    if isinstance(error, ProviderMisconfigured):
        return _("The speech model isn't set up correctly: see %(variable)s.") % {"variable": error.variable}
    if isinstance(error, ProviderUnavailable):
        return _("The speech model isn't answering. Local models take a minute or two to load; then try again.")
    return _("The configured model refused to speak this sample.")


async def _spoken(asked: ReplyRequest) -> bytes:
    pieces = [piece async for piece in build.roleplay().reply(asked)]
    return to_mp3(b"".join(piece.pcm for piece in pieces if isinstance(piece, AudioDelta)))
