"""The web runtime: what a web process runs besides requests: replies, the one-second sweep, listening to others."""

import asyncio
import os
import re
import socket
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import channel_layers
from django.db import DatabaseError
from redis.asyncio import Redis

from coach import clock, redis_links
from coach.config import config
from coach.ids import new_id
from coach.providers import build, model_health
from coach.providers.ports import EndOfTurnModel, RoleplayModel, SentenceEmbeddings, SpeechRecognizer, ToolCaller
from coach.telemetry import metrics, names
from coach.threads import in_thread, in_thread_now, in_timely_thread
from practice import notifications
from practice.limits import presence, sweep
from practice.notification_sender import NotificationSender
from practice.notifications import Changed, Message, ReplyDue, ReplyFollowed, ReplyStopped, TurnTaken
from practice.persona.brief.role_brief import RoleBrief
from practice.persona.role_player import RolePlayer
from practice.turns import replies
from practice.turns.goal_check import GoalChecks
from practice.turns.prefill import Find, Prefill, PrefillWhileSpeaking
from practice.turns.relay import Relay
from practice.turns.runner import ReplyRunner

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 1.0
SOONEST_SWEEP_SECONDS = 0.05
EAR_RETRY_SECONDS = 1.0
EAR_JOIN_SECONDS = 5.0
# After so long without a message we join the group again: a dead connection shows, and a group forgets us after a day.
EAR_QUIET_SECONDS = 15.0
EAR_MEMBER_SECONDS = 3_600.0
CANCEL_SECONDS = 2.0

Wake = Callable[[TurnTaken | None], None]  # called with what is new, if that is known


class WebRuntime:
    """Started in the server's event loop; the methods of `LocalProcess` may be called from any thread."""

    def __init__(
        self,
        *,
        roleplay: RoleplayModel,
        checker: ToolCaller,
        redis: Redis,
        roleplay_local: bool = False,
        checks_local: bool = False,
        recognizer: SpeechRecognizer | None = None,
        embeddings: SentenceEmbeddings | None = None,
        own_words: Callable[[], bool] | None = None,
        embeddings_ready: Callable[[], bool] | None = None,
        models_ready: Callable[[], bool] | None = None,
        end_of_turn: EndOfTurnModel | None = None,
    ) -> None:
        """With a recognizer and embeddings, `RolePlayer` plays personas that have a role brief.

        `own_words`: as for `RolePlayer`; `embeddings_ready`: as for its `prepare_when`; `models_ready`: whether the
        models on this machine are loaded (may block), None if a reply does not wait for them.
        """
        host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:24]
        self.id = f"{host}-{os.getpid()}-{new_id()[:8]}"
        self._redis = redis
        self.end_of_turn = end_of_turn
        self._relay = Relay(redis)
        player = RolePlayer(roleplay, recognizer, embeddings, own_words) if recognizer and embeddings else None
        self.role_player = player
        self._embeddings_ready = embeddings_ready
        self.checks = GoalChecks(checker, local=checks_local, by_state=player is not None, embeddings=embeddings)
        self.runner = ReplyRunner(
            self.id, roleplay, self._relay, self.checks, player, ask=self._ask, models_ready=models_ready
        )
        self._reads_ahead = roleplay if roleplay_local else None
        self._ahead = Prefill(roleplay)
        self._watchers: dict[str, dict[Wake, int]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._passing_on = NotificationSender(self.id)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._draining = False
        self._alone = False
        # By socket, the session of closed sockets that could not be recorded yet.
        self._closed_unnoted: dict[str, str] = {}

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        await in_thread(presence.process_started, self.id, now=clock.now())
        notifications.set_local_process(self)
        self._tasks = [
            asyncio.create_task(self._sweep(), name="sweep"),
            asyncio.create_task(self._renew(), name="renew-leases"),
            asyncio.create_task(self._listen(), name="ear"),
        ]
        if self.role_player and self._embeddings_ready:
            ahead = self.role_player.prepare_when(self._embeddings_ready)
            self._tasks.append(asyncio.create_task(ahead, name="prepare-roles"))
        metrics.watch(names.SOCKETS_OPEN, lambda: float(sum(len(wakes) for wakes in self._watchers.values())))

    async def drain(self) -> None:
        """Leave unfinished replies to other processes and remove all traces of this one."""
        self._draining = True
        self._ahead.stop()
        await self.runner.hand_over()
        await self.checks.close()
        notifications.set_local_process(None)
        await _cancelled([*self._tasks, *self._passing_on.under_way()])
        await in_thread(presence.process_gone, self.id)
        await self._redis.aclose()

    async def socket_closed(self, socket_id: str, session_id: str) -> None:
        """Record a closed socket, later if the database is away.

        Until then the session would not lose its last socket.
        """
        try:
            await in_thread_now(presence.closed, socket_id, session_id)
        except DatabaseError as error:
            log.warning("closed socket not noted yet", sessionId=session_id, error=type(error).__name__)
            self._closed_unnoted[socket_id] = session_id

    def watch(self, session_id: str, wake: Wake, number: int) -> None:
        """Call `wake` whenever something in the session may be new; `number`: the last known event number."""
        self._watchers.setdefault(session_id, {})[wake] = number

    def unwatch(self, session_id: str, wake: Wake) -> None:
        wakes = self._watchers.get(session_id, {})
        wakes.pop(wake, None)
        if not wakes:
            self._watchers.pop(session_id, None)

    def read_ahead(self, find: Find) -> None:
        """Let a local model read what it will need; may be called from any thread."""
        if self._reads_ahead:
            self._in_loop(self._ahead.begin, find)

    def prepare_role(self, brief: RoleBrief | None, language: str) -> None:
        """Like `RolePlayer.prepare`, from any thread; does nothing where the model plays personas by itself."""
        if player := self.role_player:
            self._in_loop(lambda prepared: player.prepare(prepared, language), brief)

    def overhear(self, session_id: str, sequence: int) -> PrefillWhileSpeaking | None:
        """Prefill for a turn that is beginning; None if the model does not prefill."""
        return PrefillWhileSpeaking(self._reads_ahead, session_id, sequence) if self._reads_ahead else None

    def begin_reply(self, turn_id: str) -> None:
        self._in_loop(self.runner.begin, turn_id)

    def tell(self, message: Message, here: TurnTaken | None = None) -> None:
        self._in_loop(self._act, here or message)
        self._in_loop(self._send, message)

    def _in_loop(self, work: Callable[[Any], None], argument: Any) -> None:
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work, argument)

    def _act(self, message: Message | TurnTaken) -> None:
        match message:
            case Changed(session_id) | TurnTaken(session_id):
                self.checks.hear(session_id)
                for wake in list(self._watchers.get(session_id, {})):
                    wake(message if isinstance(message, TurnTaken) else None)
            case ReplyDue(turn_id):
                self.runner.begin(turn_id)
            case ReplyStopped(turn_id):
                self.runner.stop(turn_id)
            case ReplyFollowed(turn_id):
                self.runner.relay(turn_id)

    def _ask(self, turn_id: str) -> None:
        """Ask the process that says this AI turn to relay it to us."""
        self._send(ReplyFollowed(turn_id))

    def _send(self, message: Message) -> None:
        # A process that started since the last sweep catches up by itself, as after any lost message.
        if not self._alone:
            self._passing_on.put(message)

    async def _listen(self) -> None:
        """Listen to the other processes; start again whenever the channel layer was away."""
        away = False
        while not self._draining:
            # Our own layer and a plain channel: shared ones keep locks that a cancelled receiver leaves behind.
            layer = channel_layers.make_backend(DEFAULT_CHANNEL_LAYER)
            try:
                while not self._draining:
                    async with asyncio.timeout(EAR_JOIN_SECONDS):
                        await layer.group_add(notifications.GROUP, f"{notifications.GROUP}.{self.id}")
                    if away:
                        log.info("channel layer back")
                    away = False
                    await self._hear_others(layer, f"{notifications.GROUP}.{self.id}")
            except Exception as error:
                if not away:
                    log.warning("channel layer away", error=type(error).__name__)
                away = True
                await asyncio.sleep(EAR_RETRY_SECONDS)
            finally:
                await layer.flush()

    async def _hear_others(self, layer: Any, channel: str) -> None:
        """Receive until it has been quiet for a while, or it is time to join again."""
        loop = asyncio.get_running_loop()
        until = loop.time() + EAR_MEMBER_SECONDS
        while loop.time() < until:
            try:
                async with asyncio.timeout(EAR_QUIET_SECONDS):
                    wire = await layer.receive(channel)
            except TimeoutError:
                return
            if wire.get("origin") != self.id:
                for message in notifications.parse(wire):
                    self._act(message)

    async def _sweep(self) -> None:
        while not self._draining:
            pause = SWEEP_SECONDS
            try:
                deadline = await self.sweep_once()
                if deadline:
                    # Enforce a limit when it is reached, not up to a second later.
                    pause = min(pause, max(SOONEST_SWEEP_SECONDS, (deadline - clock.now()).total_seconds()))
            except DatabaseError as error:
                log.warning("sweep not possible now", error=type(error).__name__)
            except Exception:
                log.exception("sweep broke off")
            await asyncio.sleep(pause)

    async def sweep_once(self) -> datetime | None:
        """Sweep once; returns when the next session reaches a limit."""
        found = await in_timely_thread(sweep.web, self.id, list(self._watchers))
        self._alone = found.alone
        unnoted, self._closed_unnoted = self._closed_unnoted, {}
        for socket_id, session_id in unnoted.items():
            await self.socket_closed(socket_id, session_id)
        for turn_id in found.replies:
            self.runner.begin(turn_id)
        for turn_id in found.checks:
            self.checks.begin(turn_id)
        for session_id, wakes in list(self._watchers.items()):
            number = found.numbers.get(session_id)
            for wake, known in list(wakes.items()):
                if number != known:
                    wake(None)
        return found.next_deadline

    async def _renew(self) -> None:
        while not self._draining:
            await asyncio.sleep(replies.RENEW_SECONDS)
            try:
                await self.runner.renew()
            except Exception as error:
                log.warning("leases not renewed", error=type(error).__name__)


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        _, left = await asyncio.wait(tasks, timeout=CANCEL_SECONDS)
        if left:
            log.warning("tasks left behind", tasks=[task.get_name() for task in left])


def running() -> WebRuntime | None:
    """This process's runtime; None in a worker or command, before the start and after the drain."""
    found = notifications.local_process()
    return found if isinstance(found, WebRuntime) else None


async def start() -> None:
    """Start this process's runtime; called once by the server, before the first request."""
    await WebRuntime(
        roleplay=build.roleplay(),
        checker=build.objective_check(),
        roleplay_local=config.roleplay.local,
        checks_local=config.objective_check.local,
        recognizer=build.recognizer() if config.roleplay.local else None,
        embeddings=build.embeddings() if config.roleplay.local or config.objective_check.local else None,
        own_words=model_health.more_than_packaged,
        embeddings_ready=lambda: model_health.report({names.EMBEDDINGS: config.embeddings}).ok,
        models_ready=(lambda: model_health.loading() is None) if config.roleplay.local else None,
        end_of_turn=build.end_of_turn(),
        redis=redis_links.connect(config.redis_url),
    ).start()


async def drain() -> None:
    if runtime := running():
        await runtime.drain()
