"""Structured logs: one JSON object a line in ``var/log/<service>.jsonl``, readable ones on a terminal.

Event names are static, in the past tense and prefixed by their room (``ingest.seed_rejected``);
fields are identifiers, numbers and codes, never the text of an article. What libraries log through
the standard library comes out in the same stream and shape, as ``library.logged``.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

import orjson
import structlog

Log = structlog.typing.FilteringBoundLogger
ID = re.compile("[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}")
"""A UUID or a sha256."""

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class Sink:
    """Writes each event to the service's file and to a stream: JSON, or coloured on a terminal."""

    def __init__(self, file: Path | None, stream: TextIO | None) -> None:
        self._file: int | None = None
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        self._stream = stream
        self._console = structlog.dev.ConsoleRenderer() if stream and stream.isatty() else None

    def write(self, **event: object) -> None:
        """Write one event everywhere; a full disk or a closed pipe never stops the service."""
        line = orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS) + b"\n"
        try:
            if self._file is not None:
                os.write(self._file, line)
            if self._stream:
                shown = f"{self._console(None, '', for_people(event))}\n" if self._console else line.decode()
                self._stream.write(shown)
                self._stream.flush()
        except (OSError, ValueError):  # ValueError is what a stream that was closed in this process raises
            return

    debug = info = warning = error = critical = exception = write


def for_people(event: Mapping[str, object]) -> dict[str, object]:
    """An event as a terminal shows it: the clock, ids by their beginning, lists of them by their length.

    The whole of it stands in the file, and `newsfeed logs` shows that.
    """
    left_out = {"service", "pid", "timestamp"}
    shown = {name: _short(value) for name, value in event.items() if name not in left_out and value != []}
    return {"timestamp": str(event.get("timestamp", ""))[11:19], **shown}


def _short(value: object) -> object:
    if isinstance(value, list) and all(isinstance(one, str) and ID.fullmatch(one) for one in value):
        return _short(value[0]) if len(value) == 1 else f"{len(value)} of them"
    if isinstance(value, str) and ID.fullmatch(value):
        return f"{value[:8]}…"
    return value


class LibraryHandler(logging.Handler):
    """Turns a standard library record into an event of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log ``library.logged`` at the level of the record."""
        fields: dict[str, object] = {"library": record.name, "message": record.getMessage()}
        if record.exc_info and record.exc_info[1]:
            fields["error"] = repr(record.exc_info[1])
        structlog.get_logger().log(max(record.levelno, 10), "library.logged", **fields)


class FastStreamLogger:
    """What FastStream calls to log; its routine chatter (debug and info) counts as debug."""

    def log(
        self,
        level: int,
        msg: object,
        /,
        *,
        exc_info: object = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        """Log ``faststream.logged`` with FastStream's own context as fields."""
        fields = dict(extra or {})
        if exc_info:
            fields["error"] = repr(exc_info)
        level = logging.DEBUG if level <= logging.INFO else level
        structlog.get_logger().log(level, "faststream.logged", message=str(msg).strip(), **fields)


def configure(
    service: str, *, level: str = "info", file: Path | None = None, stream: TextIO | None = None
) -> None:
    """Set logging up for this process; ``stream`` defaults to standard output."""
    sink = Sink(file, stream or sys.stdout)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
            structlog.processors.ExceptionRenderer(),
            lambda _logger, _name, event: ((), {"service": service, "pid": os.getpid(), **event}),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *_: sink,
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [LibraryHandler()]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def get_logger() -> Log:
    """The logger of this process, as :func:`configure` set it up."""
    log: Log = structlog.get_logger()
    return log
