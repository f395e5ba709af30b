"""Instructions are executed, or end, at their time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from services.kernel.errors import InstructionExpired
from services.runtime import auth, outbox, revision
from services.runtime.database import Database
from services.runtime.revision import Revision
from services.trading import store
from services.trading.domain.desk import instruction as desk
from services.trading.domain.desk.actor import SERVICE
from services.trading.domain.desk.instruction import Instruction, State
from services.trading.domain.desk.rules import DeskRules

_AT_ONCE: Final = 1000


class DeskClock:
    """Executes approved instructions whose time has come, and ends those whose time is over.

    Each in a transaction of its own: what it read before it reads again there, so an instruction
    that somebody decided on meanwhile is left alone.
    """

    def __init__(self, database: Database, rules: DeskRules) -> None:
        self._database = database
        self._rules = rules

    def tick(self) -> None:
        """Handle every instruction that is due now."""
        now = datetime.now(UTC)
        with self._database.read() as connection:
            over = store.desk.instructions.ending(connection, now, _AT_ONCE)
            due = store.desk.instructions.due(connection, now, _AT_ONCE)
        for each in over:
            self._decide(each, self._expire)
        for each in due:
            # Its time may be over by now; then it ends at the next tick.
            with suppress(InstructionExpired):
                self._decide(each, self._execute)

    def _decide(
        self,
        found: Instruction,
        decide: Callable[[sa.Connection, Instruction, Revision], Instruction],
    ) -> None:
        with self._database.write() as connection:
            key = (found.account, found.instruction)
            current = store.desk.instructions.get(connection, auth.EVERYONE, found.name, key)
            if current.etag != found.etag:
                return
            taken = revision.take(connection)
            after = decide(connection, current, taken)
            outbox.publish(connection, taken, [(after.name, after.last.number)])

    def _expire(
        self, connection: sa.Connection, current: Instruction, taken: Revision
    ) -> Instruction:
        step = desk.followed(current, State.EXPIRED, SERVICE, taken.commit_time)
        return store.desk.instructions.add(connection, current, step, taken)

    def _execute(
        self, connection: sa.Connection, current: Instruction, taken: Revision
    ) -> Instruction:
        return store.desk.execution.execute_due(connection, self._rules, current, SERVICE, taken)
