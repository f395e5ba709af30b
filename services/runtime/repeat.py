"""Work in the background that is done again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable

from services.kernel.errors import DomainError
from services.runtime.log import log


class Repeated:
    """Calls `work` every `seconds` on a thread of its own until it is stopped.

    A failure is logged and the work is tried again: what it could not do is still to be done.
    """

    def __init__(self, name: str, work: Callable[[], None], seconds: float) -> None:
        self._name = name
        self._work = work
        self._seconds = seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop and wait until the work under way is done."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._work()
            except DomainError as error:
                log.warning("job waits", job=self._name, reason=error.reason, text=str(error))
            except Exception:  # noqa: BLE001 (a job must outlive its own defect)
                log.exception("job failed", job=self._name)
            self._ended.wait(self._seconds)
