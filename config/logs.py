"""Logs: one JSON line per event, from every library, on standard error or in a file that stays within bounds."""

import json
import logging
import sys
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import structlog

from config.log_file import BoundedFile, LogFile
from config.redaction import without_secrets

QUIET = ("kombu", "amqp", "urllib3", "matplotlib", "fontTools", "numba", "celery.worker.strategy", "celery.app.trace")
"""Loggers that tell more than anybody reads, or what our own lines tell already."""


@dataclass(frozen=True, slots=True)
class LogOptions:
    """How a process logs."""

    level: str = "INFO"
    file: LogFile | None = None
    """None: standard error."""
    secrets: Collection[str] = ()
    """What no line may tell, whoever wrote it; what looks like a secret is hidden anyway."""


class _Handler(logging.StreamHandler[Any]):
    """Writes lines; of one that cannot be made it says so, where the library would show all of it as it is."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the library's
        """Say that a line is missing."""
        error = sys.exception()
        told = {
            "event": "log_line_unreadable",
            "level": "error",
            "logger": record.name,
            "place": f"{record.filename}:{record.lineno}",
            "error": type(error).__name__,
        }
        try:
            self.stream.write(f"{json.dumps(told)}\n")
            self.flush()
        except (OSError, ValueError):
            # The file, or standard error, is gone: there is nobody to tell.
            pass


def configure_logs(options: LogOptions) -> None:
    """Send the events of structlog and of the standard library's loggers through one renderer."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.processors.UnicodeDecoder(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = _Handler(sys.stderr if options.file is None else BoundedFile(options.file))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                without_secrets(options.secrets),
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(options.level)
    # billiard's logger has a handler of its own.
    pool = logging.getLogger("multiprocessing")
    pool.handlers.clear()
    pool.propagate = True
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)
