"""The log, a line an event. Its tracebacks show no values: among them are the callers' keys."""

from __future__ import annotations

import sys
from contextlib import suppress

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback


class _Printer(structlog.PrintLogger):
    """Prints, where that is possible: a disk that is full of logs must not refuse the callers."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = error = err = critical = fatal = failure = msg


structlog.configure(
    logger_factory=lambda *_: _Printer(),
    processors=[
        # All but the last, which renders.
        *structlog.get_config()["processors"][:-1],
        ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=plain_traceback),
    ],
)

log = structlog.get_logger()
