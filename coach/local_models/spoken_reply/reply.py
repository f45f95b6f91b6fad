"""Produces one spoken reply.

Recordings are transcribed, the script is written, the model continues it, and each clause is spoken as soon as it is
complete.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from coach.local_models.api.chat_requests import ChatMessage, Heard, Request
from coach.local_models.language import Language
from coach.local_models.language_model.llm import Engine, EngineError, PromptTooLong, Script, TokenCount
from coach.local_models.speech.asr_models import HeardSpeech
from coach.local_models.speech.local_voice import PersonaVoice, voice_for
from coach.local_models.speech.tts_models import without_lead
from coach.local_models.spoken_reply.script import DialogueLine, first_line, names, write
from coach.local_models.spoken_reply.utterance import Clauses, Utterance

REPLY_TOKENS = 90
UNCERTAIN_WORDS = 2
UNCERTAIN_HAN = 3
TRIES = 3  # a small model sometimes says nothing at all

log = logging.getLogger(__name__)

Hear = Callable[[bytes, Language], Awaitable[HeardSpeech]]
Say = Callable[[str, Language, PersonaVoice], Awaitable[bytes]]


@dataclass(frozen=True)
class ReplyText:
    text: str


@dataclass(frozen=True)
class ReplySound:
    """PCM s16le, mono, 24 kHz, whole samples."""

    pcm: bytes


Fact = ReplyText | ReplySound


@dataclass(frozen=True)
class Part:
    """Everything the model needs to play its part."""

    instructions: str
    lines: Sequence[DialogueLine]
    language: Language
    voice: str = ""

    def script(self) -> Script:
        return write(self.instructions, self.lines, self.language)

    def scripts(self) -> list[Script]:
        """What can be prefilled before anybody speaks.

        That is the opening, if it is still to come, and the beginning of the trainee's next turn.
        """
        if written := self.written:
            return [self.after(written)]
        turn = write(self.instructions, self.lines, self.language, until="trainee")
        first = self.script()
        return [first, turn] if first.slot == "opening" else [turn]

    @property
    def written(self) -> str:
        """The first line, if it is still to come and the scenario gives it word for word; else empty."""
        return "" if self.lines else first_line(self.instructions, self.language)

    def after(self, said: str) -> Script:
        """The script after the reply `said`, up to where the trainee begins."""
        return write(self.instructions, [*self.lines, DialogueLine("ai", said)], self.language, until="trainee")

    def shortened(self) -> "Part | None":
        """A copy without the older half of the lines; None if nothing can be left out."""
        if len(self.lines) < 2:
            return None
        return Part(self.instructions, self.lines[len(self.lines) // 2 :], self.language, self.voice)

    @property
    def persona_voice(self) -> PersonaVoice:
        return voice_for(self.voice, names(self.instructions, self.language)[0], self.instructions)


async def understood(request: Request, hear: Hear) -> Part:
    """The request with every recording transcribed. Raises UnreadableAudio."""
    instructions = "\n".join(line.text for line in request.lines if line.role == "system")
    said = [line for line in request.lines if line.role != "system"]
    spoken = [await _spoken(line, request.language, hear) for line in said]
    return Part(instructions, spoken, request.language, request.voice)


async def _spoken(line: ChatMessage, language: Language, hear: Hear) -> DialogueLine:
    if line.role == "assistant":
        return DialogueLine("ai", line.text)
    recordings = [piece for piece in line.pieces if isinstance(piece, Heard)]
    if not recordings:
        first, *rest = [piece for piece in line.pieces if isinstance(piece, str)] or [""]
        return DialogueLine("trainee", first, note="\n".join(rest))
    heard = [(await hear(piece.recording, language)).text for piece in recordings]
    return DialogueLine("trainee", " ".join(filter(None, heard)), note=line.text)


async def partial_turn(request: Request, hear: Hear) -> Script | None:
    """The script up to what the trainee, who is still speaking, has certainly said; None if that is nothing.

    Raises UnreadableAudio.
    """
    *before, last = request.lines
    part = await understood(replace(request, lines=tuple(before)), hear)
    recordings = [piece for piece in last.pieces if isinstance(piece, Heard)]
    words = await hear(recordings[-1].recording, request.language)
    if words.text and not words.open:
        # Perhaps that was all: then nothing is left to read when the reply is requested.
        return replace(part, lines=[*part.lines, DialogueLine("trainee", words.text)]).script()
    if certain := _certain(words.text, request.language):
        script = write(part.instructions, part.lines, part.language, until="trainee")
        return replace(script, text=f"{script.text} {certain}")
    return None


def _certain(text: str, language: Language) -> str:
    """The text without its end, which may change when more is heard."""
    kept = text[:-UNCERTAIN_HAN] if language == "zh" else " ".join(text.split()[:-UNCERTAIN_WORDS])
    return kept.rstrip(" ,.;:!?，。；：！？、")


async def prefill_next_turn(part: Part, said: str, engine: Engine) -> None:
    """Let the model read its own reply, up to where the trainee begins, so that the next turn has less to read."""
    await engine.warm(part.after(said), TokenCount())


async def recite(request: Request, say: Say) -> AsyncIterator[Fact]:
    """Speak the line that the request gives word for word, clause by clause, without using the model."""
    instructions = "\n".join(line.text for line in request.lines if line.role == "system")
    voice = Part(instructions, [], request.language, request.voice).persona_voice
    yield ReplyText(request.say)
    begun = False
    for clause in _clauses(request.say):
        if pcm := await say(clause, request.language, voice):
            yield ReplySound(pcm if begun else without_lead(pcm))
            begun = True


async def speak(part: Part, engine: Engine, say: Say, tally: TokenCount) -> AsyncIterator[Fact]:
    """Stream the reply: text as it is generated, sound clause by clause, in order. Closing it stops the model.

    Raises EngineError, also if the model says nothing.
    """
    queue: asyncio.Queue[Fact | Literal["end"] | BaseException] = asyncio.Queue()
    pieces: asyncio.Queue[str | None] = asyncio.Queue()

    def text(delta: str) -> None:
        queue.put_nowait(ReplyText(delta))

    async def generate() -> None:
        if written := part.written:
            _recite(written, text, pieces.put_nowait)
        else:
            await _generate(part, engine, tally, text, pieces.put_nowait)
        pieces.put_nowait(None)

    async def voice() -> None:
        begun = False
        while (piece := await pieces.get()) is not None:
            if pcm := await say(piece, part.language, part.persona_voice):
                queue.put_nowait(ReplySound(pcm if begun else without_lead(pcm)))
                begun = True
        queue.put_nowait("end")

    def ended(task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (fault := task.exception()):
            queue.put_nowait(fault)

    tasks = [asyncio.create_task(work()) for work in (generate, voice)]
    for task in tasks:
        task.add_done_callback(ended)
    try:
        while (fact := await queue.get()) != "end":
            if isinstance(fact, BaseException):
                raise fact
            yield fact
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _recite(line: str, text: Callable[[str], None], piece: Callable[[str], None]) -> None:
    text(line)
    for clause in _clauses(line):
        piece(clause)


def _clauses(line: str) -> list[str]:
    clauses = Clauses()
    return [*clauses.feed(line), *filter(None, [clauses.rest()])]


async def _generate(
    part: Part, engine: Engine, tally: TokenCount, text: Callable[[str], None], piece: Callable[[str], None]
) -> None:
    for _ in range(TRIES):
        utterance = Utterance()
        try:
            async with contextlib.aclosing(
                engine.speak(part.script(), max_tokens=REPLY_TOKENS, tally=tally)  # type: ignore[type-var]
            ) as stream:
                async for raw in stream:
                    said = utterance.feed(raw)
                    if said.delta:
                        text(said.delta)
                    for ready in said.pieces:
                        piece(ready)
                    if utterance.done:
                        break
        except PromptTooLong:
            shorter = part.shortened()
            if shorter is None:
                raise
            log.info("the conversation is longer than the model can read: its older half is left out")
            part = shorter
            continue
        for ready in utterance.finish().pieces:
            piece(ready)
        if utterance.text:
            return
    raise EngineError("the language model had nothing to say")
