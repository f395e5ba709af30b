"""Reservations end at their time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from services.kernel.errors import TransferSettled
from services.runtime.database import Database
from services.trading import store
from services.trading.domain.desk.actor import OURSELVES
from services.trading.domain.ledger.transfer import Transfer
from services.trading.store.ledger.group import Group

_AT_ONCE: Final = 1000


class TimeOuts:
    """Releases what was reserved until a time that has come."""

    def __init__(self, database: Database, post: Callable[[Group], list[Transfer]]) -> None:
        self._database = database
        self._post = post

    def time_out(self) -> None:
        """Time out every pending transfer that is due."""
        with self._database.read() as connection:
            due = store.ledger.transfers.timed_out(connection, datetime.now(UTC), _AT_ONCE)
        for each in due:
            # It may have been settled meanwhile; then there is nothing left to release.
            with suppress(TransferSettled):
                self._post(Group(wanted=[each], principal=OURSELVES))
