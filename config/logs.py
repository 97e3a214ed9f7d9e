"""Logs: one JSON line per event, from every library, on standard error or in a file that stays within bounds."""

import logging
import sys
from collections.abc import Collection
from dataclasses import dataclass

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
    handler = logging.StreamHandler(sys.stderr if options.file is None else BoundedFile(options.file))
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
