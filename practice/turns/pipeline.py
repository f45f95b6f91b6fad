"""One reply, from the request to a model to the facts that everything listens to. Knows no database and no socket."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

from coach.audio import encode
from coach.providers.ports import (
    AudioDelta,
    ContentRefused,
    ProviderError,
    ProviderRejected,
    ReplyPiece,
    ReplyRequest,
    RoleplayModel,
    TextDelta,
    Usage,
)
from practice.turns.events import AudioSpoken, Fact, ReplyFailed, ReplyFinished, ReplyStarted, TextSpoken

MAX_CHARACTERS = 4_000
MAX_PCM_BYTES = 120 * encode.PCM_RATE * encode.SAMPLE_BYTES


async def speak(model: RoleplayModel, request: ReplyRequest, *, refusal_notice: str = "") -> AsyncGenerator[Fact, None]:
    """Facts as they happen; the last one is ReplyFinished or ReplyFailed. Cancelling closes the connection upstream.

    If the service refuses the content, the `refusal_notice`, if any, is said instead and the conversation goes on. A
    model that does not stop is cut off after two minutes of sound or 4,000 characters; that counts as finished.
    """
    yield ReplyStarted()
    characters = pcm_bytes = 0
    usage = Usage()
    # Every real model streams with an async generator; the port only asks for what callers use.
    pieces = cast("AsyncGenerator[ReplyPiece, None]", model.reply(request))
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                match piece:
                    case TextDelta(text) if text:
                        characters += len(text)
                        yield TextSpoken(text)
                    case AudioDelta(pcm) if pcm:
                        pcm_bytes += len(pcm)
                        yield AudioSpoken(pcm)
                    case Usage():
                        usage = piece
                if characters > MAX_CHARACTERS or pcm_bytes > MAX_PCM_BYTES:
                    break
    except ContentRefused as error:
        if not refusal_notice:
            yield ReplyFailed(error)
            return
        if not (characters or pcm_bytes):
            yield TextSpoken(refusal_notice)
        yield ReplyFinished(usage, refused=True)
        return
    except ProviderError as error:
        yield ReplyFailed(error)
        return
    if characters or pcm_bytes:
        yield ReplyFinished(usage)
    else:
        yield ReplyFailed(ProviderRejected("the model answered without a word"))
