"""Says the replies of one web process, each in its own task, so that "stop" is noticed while the AI talks."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import structlog

from coach import clock
from coach.providers.ports import ProviderError, ProviderUnavailable, RoleplayModel
from coach.telemetry import metrics, names, spans
from coach.threads import in_thread, in_timely_thread
from practice import session_end
from practice.lifecycle import Language
from practice.persona.model.role_instructions import with_role
from practice.persona.role_player import RolePlayer
from practice.turns import goal_check, kept_reply, model_restart, pipeline, replies, roleplay_prompt
from practice.turns.events import (
    LAST,
    Fact,
    ReplyFailed,
    ReplyInterrupted,
    RoleMoved,
)
from practice.turns.feed import Feed
from practice.turns.relay import Relay
from practice.turns.spoken_reply import SpokenReply

log = structlog.get_logger(__name__)

HAND_OVER_SECONDS = 3.0
# A socket that took longer to read the session than the whole reply lasted can still play it.
SAID_SECONDS = 5.0


class _Reply:
    """One reply that this process is saying."""

    def __init__(self, turn_id: str) -> None:
        self.turn_id = turn_id
        self.feed = Feed()
        self.stopping = asyncio.Event()
        self.handing_over = False
        self.claimed = False
        self.followed_elsewhere = False
        self.task: asyncio.Task[None] | None = None


class ReplyRunner:
    """Claims turns by lease and speaks them. Call all methods from the process's event loop."""

    def __init__(
        self,
        holder: str,
        roleplay: RoleplayModel,
        relay: Relay,
        checks: "goal_check.GoalChecks",
        role_player: RolePlayer | None = None,
        *,
        ask: Callable[[str], None],
        models_ready: Callable[[], bool] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`role_player` speaks for personas with a role brief; without it the model plays them alone.

        `ask` makes the process that says a turn relay it, if that is another process. `models_ready`: as for
        `model_restart.through`.
        """
        self._holder = holder
        self._ask = ask
        self._sleep = sleep
        self._roleplay = roleplay
        self._role_player = role_player
        self._models_ready = models_ready
        self._relay = relay
        self._checks = checks
        self._replies: dict[str, _Reply] = {}
        self._said: dict[str, _Reply] = {}
        self._closed = False

    def begin(self, turn_id: str) -> None:
        """Say this turn unless this process is already doing so; the claim decides whether it is ours."""
        if turn_id in self._replies or self._closed:
            return
        reply = self._replies[turn_id] = _Reply(turn_id)
        reply.task = asyncio.create_task(self._run(reply), name=f"reply-{turn_id}")

    def stop(self, turn_id: str) -> None:
        """Stop saying it; the database knows why."""
        if reply := self._replies.get(turn_id):
            reply.stopping.set()

    def _here(self, turn_id: str) -> _Reply | None:
        """The reply, if this process is saying it or has just said it."""
        return self._replies.get(turn_id) or self._said.get(turn_id)

    def relay(self, turn_id: str) -> None:
        """A socket in another process listens: relay this turn from its first fact, if it is said here."""
        reply = self._here(turn_id)
        if reply and not reply.followed_elsewhere:
            reply.followed_elsewhere = True
            if reply.claimed:
                self._relay.begin_copy(turn_id, reply.feed)

    async def stopped(self, turn_id: str) -> None:
        """Wait until this process has finished with this turn."""
        if (reply := self._replies.get(turn_id)) and reply.task:
            await asyncio.wait([reply.task])

    async def follow(self, turn_id: str) -> AsyncGenerator[Fact, None]:
        """The facts of a reply from the first one, whichever process says it."""
        while True:
            if reply := self._here(turn_id):
                facts = reply.feed.follow()
            else:
                facts = self._relay.follow(turn_id, ask=self._ask, until=self._here)
            async with aclosing(facts):
                async for fact in facts:
                    yield fact
                    if isinstance(fact, LAST):
                        return

    async def renew(self) -> None:
        """Renew our leases; stop replies that are no longer ours or no longer wanted."""
        claimed = {turn_id: reply for turn_id, reply in self._replies.items() if reply.claimed}
        if not self._replies:
            return
        ours = await in_timely_thread(replies.renew, list(self._replies), holder=self._holder)
        # One that was claimed meanwhile may be ours although the database did not know it yet.
        for turn_id, reply in claimed.items():
            if turn_id not in ours:
                reply.stopping.set()

    async def hand_over(self) -> None:
        """Stop everything and leave unfinished replies to other processes."""
        self._closed = True
        under_way = list(self._replies.values())
        for reply in under_way:
            reply.handing_over = True
            reply.stopping.set()
        tasks = [reply.task for reply in under_way if reply.task]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=HAND_OVER_SECONDS)
            for reply_task in late:
                # Its lease will expire and another process takes it over.
                log.warning("reply not handed over in time", task=reply_task.get_name())
                reply_task.cancel()
        await self._relay.close()

    async def _run(self, reply: _Reply) -> None:
        try:
            await self._say(reply)
        except Exception:
            log.exception("reply broke off", turnId=reply.turn_id)
            await self._put_off(reply.turn_id)
        finally:
            reply.feed.close()
            self._replies.pop(reply.turn_id, None)
            if reply.feed.is_whole:
                self._said[reply.turn_id] = reply
                asyncio.get_running_loop().call_later(SAID_SECONDS, self._said.pop, reply.turn_id, None)

    async def _put_off(self, turn_id: str) -> None:
        try:
            await in_thread(replies.put_off, turn_id, holder=self._holder, now=clock.now())
            await in_thread(session_end.end_unanswered, now=clock.now())
        except Exception as error:  # any kind: the lease will expire; then the sweep puts the turn off or gives it up
            log.warning("reply not put off", turnId=turn_id, error=type(error).__name__)

    async def _say(self, reply: _Reply) -> None:
        claim = await in_thread(replies.claim, reply.turn_id, holder=self._holder, now=clock.now())
        if claim is None:
            return
        reply.claimed = True
        if reply.followed_elsewhere:
            self._relay.begin_copy(reply.turn_id, reply.feed)
        with spans.span(
            names.TURN_REPLY, session_id=claim.session_id, turn_id=claim.turn_id, parent=claim.traceparent
        ) as span:
            spoken = await self._speak(reply, claim)
            if reply.handing_over and isinstance(spoken.end, ReplyInterrupted):
                await in_thread(replies.release, claim.turn_id, holder=self._holder)
                return
            _measure(span, claim, spoken)
            stored = await kept_reply.keep(claim, spoken, holder=self._holder, sleep=self._sleep)
            reply.feed.put(spoken.end)
        if stored and claim.sequence > 0:
            self._checks.begin(claim.turn_id)

    async def _speak(self, reply: _Reply, claim: replies.ReplyClaim) -> SpokenReply:
        """Have the model say it until it is done, fails or is stopped."""
        spoken = SpokenReply()
        speaking = asyncio.create_task(self._collect(reply, claim, spoken))
        await _done_or_stopped(speaking, reply.stopping)
        try:
            if not speaking.cancelled():
                speaking.result()
        except ProviderError as error:
            spoken.end = ReplyFailed(error)
        except Exception as error:  # our fault: what was said is kept, and the session ends with a reason
            log.exception("a model client broke", turnId=claim.turn_id)
            spoken.end = ReplyFailed(ProviderUnavailable(type(error).__name__))
        return spoken

    async def _collect(self, reply: _Reply, claim: replies.ReplyClaim, spoken: SpokenReply) -> None:
        """Pass the facts on to listeners as they come. The last one waits until the reply is stored."""
        facts = model_restart.through(lambda: self._facts(claim), self._models_ready, session_id=claim.session_id)
        async with aclosing(facts):
            async for fact in facts:
                spoken.add(fact, now=clock.now())
                if isinstance(fact, LAST):
                    return
                if not isinstance(fact, RoleMoved):
                    reply.feed.put(fact)

    def _facts(self, claim: replies.ReplyClaim) -> AsyncGenerator[Fact, None]:
        if self._role_player and claim.role and claim.sequence > 0:
            return self._role_player.speak(claim.request, claim.role)
        request = claim.request
        if claim.role and self._role_player:
            self._role_player.prepare(claim.role.brief, claim.role.language)
        elif claim.role:
            request = with_role(request, claim.role)
        # For the opening there is no trainee turn that could be put differently.
        notice = roleplay_prompt.REFUSAL_NOTICES[Language(claim.language)] if claim.sequence > 0 else ""
        return pipeline.speak(self._roleplay, request, refusal_notice=notice)


async def _done_or_stopped(speaking: "asyncio.Task[None]", stop: asyncio.Event) -> None:
    """Wait until the task is done; cancel it if it is to stop before."""
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({speaking, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not speaking.done():
            speaking.cancel()
    # Use `wait` rather than `await`: its cancellation must not look like a cancellation of this task.
    await asyncio.wait({speaking})


def _measure(span: spans.OpenSpan, claim: replies.ReplyClaim, spoken: SpokenReply) -> None:
    if spoken.first_audio_at:
        latency_ms = (spoken.first_audio_at - claim.owed_at).total_seconds() * 1000
        metrics.measure(names.FIRST_AUDIO_LATENCY, latency_ms)
        span.set(names.FIRST_AUDIO_MS, round(latency_ms))
    span.set(names.INTERRUPTED, isinstance(spoken.end, ReplyInterrupted))
    if isinstance(spoken.end, ReplyFailed):
        span.fail(type(spoken.end.error).__name__)
