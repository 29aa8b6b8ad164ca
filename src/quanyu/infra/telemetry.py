"""Logs as key-value lines with a dotted event name, and the process's counters."""

import logging
import sys
from contextlib import suppress
from typing import Any

import structlog


class _StandardError:
    """Standard error as it is at that moment. A line that cannot be written is lost and stops nobody's work.

    A terminal may be closed and a disk full while callbacks and events still have to be answered for.
    """

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def configure_logging(*, level: str = "INFO", json: bool = False) -> None:
    """Send every log line, ours and the libraries', to standard error in one form."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    stream: Any = _StandardError()
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=stream, format="%(name)s %(levelname)s %(message)s")


def get_logger(name: str) -> Any:
    """Return a logger whose lines carry ``component=name``."""
    return structlog.get_logger(component=name)
