"""The HTTP server: an ASGI application on a thread of its own, in the life of the house."""

from __future__ import annotations

import math
import socket
import threading
import time
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.005


class HttpServer:
    """An application that answers over HTTP/1.1."""

    def __init__(self, app: ASGIApp, listen: str, close: Callable[[], None]) -> None:
        self._close = close
        self._socket = _bound(listen)
        self.address = f"{listen.rpartition(':')[0]}:{self._socket.getsockname()[1]}"
        self._config = uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
        )
        self._server = uvicorn.Server(self._config)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="console", daemon=True
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self._server.started:
            assert self._thread.is_alive(), "it ended with the exception that the log shows"
            assert time.monotonic() < deadline, "it begins at once"
            time.sleep(_POLL_SECONDS)

    @property
    def serving(self) -> bool:
        """Tell whether it takes requests."""
        return self._server.started and not self._server.should_exit and self._thread.is_alive()

    def stop(self, grace_seconds: float | None = None) -> None:
        """Take no more requests, let those under way end within the grace, and close."""
        self._config.timeout_graceful_shutdown = math.ceil(grace_seconds or 0)
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
        self._close()


def _bound(listen: str) -> socket.socket:
    """Return a socket at the address."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, because asyncio sends small answers at once only where it is.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, int(port)))
    return bound
