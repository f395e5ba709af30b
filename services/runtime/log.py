"""The log, a line an event. Its tracebacks show no values: among them are the callers' keys."""

from __future__ import annotations

import sys

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback

structlog.configure(
    processors=[
        # All but the last, which renders.
        *structlog.get_config()["processors"][:-1],
        ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=plain_traceback),
    ]
)

log = structlog.get_logger()
