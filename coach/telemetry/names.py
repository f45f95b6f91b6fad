"""Names of all spans, attributes, metrics and log fields. None of them ever carries spoken words, audio or a secret."""

from dataclasses import dataclass
from typing import Literal

# Spans: one conversation from the click to the score.
SESSION_START = "session.start"
SESSION_END = "session.end"
TURN_ACCEPT = "turn.accept"
TURN_REPLY = "turn.reply"
MODEL_REPLY = "model.reply"
MODEL_TRANSCRIBE = "model.transcribe"
MODEL_TOOL_CALL = "model.tool_call"
MODEL_EMBED = "model.embed"
TRANSCRIPTION = "transcription.job"
OBJECTIVE_CHECK = "objective.check"
EVALUATION = "evaluation.job"
EVALUATION_STORE = "evaluation.store"
EVALUATION_REQUEUE = "evaluation.requeue"
AUDIO_STORE = "audio.store"
STORAGE_WRITE = "storage.write"
STORAGE_READ = "storage.read"
STORAGE_DELETE = "storage.delete"
MIRROR_DELIVER = "mirror.deliver"
MIRROR_REQUEST = "mirror.request"
CHANNEL_SEND = "channel.send"
HISTORY_LIST = "history.list"
HISTORY_DETAIL = "history.detail"
PRACTICE_AGAIN = "history.practice_again"
ERASURE_REQUEST = "erasure.request"
ERASURE = "erasure.job"
EXPORT = "export.job"

# Attributes of spans and metrics, and fields of log lines.
SESSION_ID = "sessionId"
TURN_ID = "turnId"
SEQUENCE = "sequence"
SCENARIO_ID = "scenarioId"
EVALUATION_ID = "evaluationId"
LATENCY_MS = "latencyMs"
FIRST_AUDIO_MS = "firstAudioMs"
STATUS = "status"
REASON = "reason"
CODE = "code"
ERROR = "error"
ENDPOINT = "endpoint"
MODEL = "model"
LOCAL = "local"
ATTEMPT = "attempt"
ATTEMPTS = "attempts"
RETRIES = "retries"
STATUS_CODE = "statusCode"
VARIABLE = "variable"
FORM = "form"
LANGUAGE = "language"
INPUT_TOKENS = "inputTokens"
OUTPUT_TOKENS = "outputTokens"
DIRECTION = "direction"
SECONDS = "seconds"
SIZE = "size"
COUNT = "count"
KIND = "kind"
STORE = "store"
SAVED = "saved"
PAGE = "page"
PAGE_SIZE = "pageSize"
SORT = "sort"
FILTERS = "filters"
STEPS = "steps"
WITHIN_TARGET = "withinTarget"
INTERRUPTED = "interrupted"
TRACE_ID = "traceId"
SPAN_ID = "spanId"
TASK = "task"
METHOD = "method"
ROUTE = "route"
PROCESS = "process"
WHERE = "where"
HOST = "host"
SESSIONS = "sessions"
VOICE = "voice"
TASKS = "tasks"
REACTION = "reaction"
FAULT = "fault"
ERASED = "erased"
JOB = "job"
WAITING = "waiting"

# Values of `status`.
OK = "ok"
FAILED = "error"
CANCELLED = "cancelled"

# Values of `endpoint`: the roles a model can have.
ROLEPLAY = "roleplay"
ASR = "asr"
EVALUATOR = "evaluator"
OBJECTIVE = "objective_check"
EMBEDDINGS = "embeddings"

# Metrics.
SESSIONS_STARTED = "coach.sessions.started"
SESSIONS_ENDED = "coach.sessions.ended"
SESSIONS_ACTIVE = "coach.sessions.active"
SESSIONS_PENDING = "coach.sessions.pending"
SESSIONS_LIMIT = "coach.sessions.limit"
SESSIONS_REJECTED = "coach.sessions.rejected"
TERMINATION_LATENCY = "coach.termination.latency"
TURNS_ACCEPTED = "coach.turns.accepted"
TURNS_REFUSED = "coach.turns.refused"
FIRST_AUDIO_LATENCY = "coach.reply.first_audio"
REPLY_DURATION = "coach.reply.duration"
INTERRUPT_LATENCY = "coach.reply.interrupt_latency"
ASR_LATENCY = "coach.asr.latency"
OBJECTIVE_CHECKS = "coach.objective.checks"
PERSONA_ANSWERS = "coach.persona.answers"
PERSONA_REFUSED = "coach.persona.refused"
PERSONA_UNEARNED = "coach.persona.unearned"
EVALUATION_READY = "coach.evaluation.ready"
EVALUATION_ATTEMPTS = "coach.evaluation.attempts"
EVALUATIONS_FINISHED = "coach.evaluation.finished"
QUOTES_KEPT = "coach.evaluation.quotes.kept"
QUOTES_DROPPED = "coach.evaluation.quotes.dropped"
MODEL_TOKENS = "coach.model.tokens"
MODEL_LATENCY = "coach.model.latency"
PROVIDER_ERRORS = "coach.provider.errors"
PROVIDER_RETRIES = "coach.provider.retries"
AUDIO_UNSETTLED = "coach.audio.unsettled"
MIRROR_BACKLOG = "coach.mirror.backlog"
MIRROR_FAILING = "coach.mirror.failing"
MIRROR_AGE = "coach.mirror.age"
MIRROR_DELIVERED = "coach.mirror.delivered"
HISTORY_STEPS = "coach.history.navigation_steps"
HISTORY_LATENCY = "coach.history.latency"
ERASURES_OPEN = "coach.erasures.open"
SOCKETS_OPEN = "coach.sockets.open"
SOCKETS_CLOSED = "coach.sockets.closed"


@dataclass(frozen=True)
class Metric:
    """`gauge` values are observed when exported; `buckets` are upper bounds in `unit`."""

    kind: Literal["counter", "histogram", "gauge"]
    unit: str
    description: str
    buckets: tuple[float, ...] | None = None


_MILLISECONDS = (50, 100, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 30_000, 60_000)
_SECONDS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)

METRICS = {
    SESSIONS_STARTED: Metric("counter", "{session}", "Sessions that became active (below the line of SC-001)"),
    SESSIONS_ENDED: Metric(
        "counter",
        "{session}",
        "Sessions ended, by `reason` and whether transcript and audio are `saved` (above the line of SC-001)",
    ),
    SESSIONS_ACTIVE: Metric("gauge", "{session}", "Sessions active now"),
    SESSIONS_PENDING: Metric("gauge", "{session}", "Sessions waiting for a place"),
    SESSIONS_LIMIT: Metric("gauge", "{session}", "Sessions that may be active at once"),
    SESSIONS_REJECTED: Metric("counter", "{session}", "Starts turned away: no place, or a process was late"),
    TERMINATION_LATENCY: Metric(
        "histogram", "ms", "SC-002: from limit or decision until stored and pushed", _MILLISECONDS
    ),
    TURNS_ACCEPTED: Metric("counter", "{turn}", "Trainee turns accepted, by `kind` (audio, text)"),
    TURNS_REFUSED: Metric("counter", "{turn}", "Trainee turns refused, by `code`"),
    FIRST_AUDIO_LATENCY: Metric("histogram", "ms", "From an accepted turn to its first audio sent", _MILLISECONDS),
    REPLY_DURATION: Metric("histogram", "ms", "From an accepted turn to its answer stored", _MILLISECONDS),
    INTERRUPT_LATENCY: Metric("histogram", "ms", "From an interruption to generation stopped", _MILLISECONDS),
    ASR_LATENCY: Metric("histogram", "ms", "From an accepted turn to its transcript, by `status`", _MILLISECONDS),
    OBJECTIVE_CHECKS: Metric("counter", "{check}", "Objective checks by `status` (answer, malformed, error)"),
    PERSONA_ANSWERS: Metric(
        "counter", "{reply}", "Replies by a role brief, by `kind` (says, otherwise, holdsOn, knows, common, model)"
    ),
    PERSONA_REFUSED: Metric("counter", "{reply}", "A model's replies not let through, by `fault`"),
    PERSONA_UNEARNED: Metric("counter", "{line}", "What a model told with a key although it was still locked"),
    EVALUATION_READY: Metric("histogram", "s", "SC-003: from the session's end to its evaluation", _SECONDS),
    EVALUATION_ATTEMPTS: Metric("counter", "{attempt}", "Tries to evaluate, by `status` of the answer"),
    EVALUATIONS_FINISHED: Metric("counter", "{evaluation}", "Evaluations done, by `status`"),
    QUOTES_KEPT: Metric("counter", "{quote}", "Quotes found in the transcript"),
    QUOTES_DROPPED: Metric("counter", "{quote}", "Quotes that nobody said"),
    MODEL_TOKENS: Metric("counter", "{token}", "Tokens spent, by `endpoint`, `model` and `direction`"),
    MODEL_LATENCY: Metric("histogram", "ms", "One request to a model, by `endpoint` and `status`", _MILLISECONDS),
    PROVIDER_ERRORS: Metric("counter", "{error}", "Requests to models that failed, by `endpoint` and `kind`"),
    PROVIDER_RETRIES: Metric("counter", "{retry}", "Requests to models sent again, by `endpoint` and `kind`"),
    AUDIO_UNSETTLED: Metric("gauge", "{recording}", "Recordings accepted and not yet in their store"),
    MIRROR_BACKLOG: Metric("gauge", "{record}", "Records not yet mirrored"),
    MIRROR_FAILING: Metric("gauge", "{record}", "Records that LeanCloud has refused at least once"),
    MIRROR_AGE: Metric("gauge", "s", "Age of the oldest record not yet mirrored"),
    MIRROR_DELIVERED: Metric("counter", "{record}", "Records mirrored, by `status`"),
    HISTORY_STEPS: Metric("histogram", "{step}", "SC-004: steps to a session in the history", (1, 2, 3, 4, 5, 8, 13)),
    HISTORY_LATENCY: Metric("histogram", "ms", "Time to answer a history request, by `route`", _MILLISECONDS),
    ERASURES_OPEN: Metric("gauge", "{erasure}", "Erasures with a remote part outstanding"),
    SOCKETS_OPEN: Metric("gauge", "{socket}", "Sockets open in this process"),
    SOCKETS_CLOSED: Metric("counter", "{socket}", "Sockets closed by the server, by `code`"),
}
