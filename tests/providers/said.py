"""Helpers: one request by each client, and the pieces that test streams are made of."""

from contextlib import aclosing

from coach.providers.ports import (
    AudioDelta,
    ReplyRequest,
    TextDelta,
    Usage,
)
from tests.fakes.models import chunk
from tests.fakes.models_answers import tone
from tests.fixtures import speech

OPENING = ReplyRequest(instructions="You are Sam.", session_id="s1")
SPOKEN = speech.mp3("thanks")
PCM = tone(200)
HELLO = chunk({"content": "Hello."})
STOP = chunk({}, "stop")
TOLD = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}


async def no_waiting(seconds: float) -> None:
    pass


async def said(model) -> tuple[str, bytes, list[Usage]]:
    text, pcm, usage = "", b"", []
    async with aclosing(model.reply(OPENING)) as pieces:
        async for piece in pieces:
            match piece:
                case TextDelta():
                    text += piece.text
                case AudioDelta():
                    pcm += piece.pcm
                case Usage():
                    usage.append(piece)
    return text, pcm, usage


async def gathered(model, into: list) -> None:
    async for piece in model.reply(OPENING):
        into.append(piece)


def heard(recognizer) -> str:
    return recognizer.transcribe(SPOKEN, language="en").text


def refusing(status: str, body: str, *headers: str) -> list[str]:
    return ["\r\n".join([f"HTTP/1.1 {status}", *headers, "", body])]
