"""The voice on a scenario's form: the configured model's voices, with a sample to listen to."""

from typing import Any

from asgiref.sync import async_to_sync
from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from coach.audio.encode import Mp3Writer
from coach.providers import build
from coach.providers.ports import AudioDelta, ProviderError, ReplyRequest
from practice import voices
from practice.lifecycle import Language

LINES = {
    Language.ENGLISH: "Good that you came. So, what did you want to talk about?",
    Language.CHINESE: "你来了就好。说吧，想跟我谈什么？",
}
SAY_ONLY = {
    Language.ENGLISH: "You are a voice sample. Say exactly this and nothing else: “{line}”",
    Language.CHINESE: "你在试音。只说这一句，别的都不要说：“{line}”",
}


class VoiceWidget(forms.Widget):
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
        }
        return mark_safe(render_to_string("admin/desk/voice.html", context))  # noqa: S308 - our own template


def sample(request: HttpRequest) -> HttpResponse:
    """An MP3 of one sentence in the requested voice, or the reason why there is none (422, 503)."""
    name = request.POST.get("voice", "")
    language = Language.CHINESE if request.POST.get("language") == Language.CHINESE else Language.ENGLISH
    if name not in {voice.name for voice in voices.offered()}:
        return JsonResponse({"detail": _("The model that is set up has no such voice.")}, status=422)
    line = LINES[language]
    asked = ReplyRequest(instructions=SAY_ONLY[language].format(line=line), say=line, voice=name)
    try:
        return HttpResponse(
            async_to_sync(_spoken)(asked), content_type="audio/mpeg", headers={"Cache-Control": "no-store"}
        )
    except ProviderError:
        return JsonResponse({"detail": _("The model did not answer. Try again in a moment.")}, status=503)


async def _spoken(asked: ReplyRequest) -> bytes:
    encoder = Mp3Writer()
    async for piece in build.roleplay().reply(asked):
        if isinstance(piece, AudioDelta):
            encoder.write(piece.pcm)
    return encoder.finish()
