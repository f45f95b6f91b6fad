"""Logging as JSON lines on stderr, for our code and for Django, Celery, Daphne and Twisted.

    log = structlog.get_logger(__name__)
    log.info("the session ended", sessionId=session.pk, reason="idle")

Fields must be named in `coach.telemetry.names`; any other is dropped, and its name shown under `dropped`.
"""

import logging
import logging.config
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from coach.telemetry import names, redact
from coach.telemetry.spans import trace_ids

# Chatty at their usual level, and they log signed URLs.
QUIET = (
    *("amqp", "asyncio", "auditlog", "botocore", "channels_redis", "daphne", "httpcore", "httpx", "kombu", "libav"),
    *("markdown_it", "opentelemetry", "s3transfer", "twisted", "urllib3", "websockets"),
)


def config(level: str = "INFO") -> dict[str, Any]:
    """The value of Django's LOGGING."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _told_by_others(),
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_leaving()],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            **{name: {"level": "WARNING"} for name in QUIET},
            # Django's own handlers would print plain text besides ours.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "celery": {"handlers": [], "level": level, "propagate": True},
            # These log a line per received and finished job, for every sweep.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
        },
    }


def start(secrets: Iterable[str] = ()) -> None:
    """Make structlog write through the handlers of `config`, with these values hidden.

    Call before the first log line.
    """
    redact.hide(secrets)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_told_by_us(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _told_by_us() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
    ]


def _told_by_others() -> list[Processor]:
    return [*_told_by_us(), _add_exception_of_record]


def _leaving() -> list[Processor]:
    return [_without_words_of_exceptions, _only_what_may_leave, structlog.processors.JSONRenderer(ensure_ascii=False)]


def _add_trace(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    trace_id, span_id = trace_ids()
    if trace_id:
        event.setdefault(names.TRACE_ID, trace_id)
        event.setdefault(names.SPAN_ID, span_id)
    return event


def _add_exception_of_record(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    record = event.get("_record")
    if isinstance(record, logging.LogRecord) and record.exc_info:
        event["exc_info"] = record.exc_info
        # Otherwise the formatter would append the traceback, which may quote anything.
        record.exc_info, record.exc_text = None, None
    return event


def _without_words_of_exceptions(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    raised = given[1] if isinstance(given, tuple) and len(given) == 3 else given
    if isinstance(raised, BaseException):
        event.update(redact.error(raised))
    event.pop("stack_info", None)
    return event


def _only_what_may_leave(logger: WrappedLogger, method: str, event: EventDict) -> MutableMapping[str, Any]:
    return redact.log_fields(event)
