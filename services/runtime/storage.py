"""What keeps a database from answering, told as an expected failure.

The drivers say it each in its own way: SQLite by a result code, PostgreSQL by an SQLSTATE, and a
connection that is lost by no code at all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa

from services.kernel.errors import Busy, DomainError, StorageProblem, StorageUnavailable
from services.runtime.log import log

Heard = Callable[[StorageProblem], None]
"""Is told of each failure of a database."""

# Of the low byte of a result code; the rest of it says more of the same.
_SQLITE: Mapping[int, StorageProblem] = {
    sqlite3.SQLITE_FULL: StorageProblem.FULL,
    sqlite3.SQLITE_READONLY: StorageProblem.READ_ONLY,
    sqlite3.SQLITE_PERM: StorageProblem.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: StorageProblem.GONE,
    sqlite3.SQLITE_IOERR: StorageProblem.DAMAGED,
    sqlite3.SQLITE_CORRUPT: StorageProblem.DAMAGED,
    sqlite3.SQLITE_NOTADB: StorageProblem.DAMAGED,
}
# Where the whole code says something else than its low byte.
_SQLITE_WHOLE: Mapping[int, StorageProblem] = {
    # SQLite maps its index of the log into memory, and cannot make it longer on a full disk.
    sqlite3.SQLITE_IOERR_SHMSIZE: StorageProblem.FULL,
}
_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}

_READ_ONLY_TRANSACTION = "25006"
_POSTGRESQL: Mapping[str, StorageProblem] = {
    "53100": StorageProblem.FULL,
    _READ_ONLY_TRANSACTION: StorageProblem.READ_ONLY,
    "3D000": StorageProblem.GONE,  # no such database
    "53300": StorageProblem.GONE,  # too many connections
    "57P01": StorageProblem.GONE,  # stopped by an administrator
    "57P02": StorageProblem.GONE,  # another process of it crashed
    "57P03": StorageProblem.GONE,  # it starts or stops
    "57P04": StorageProblem.GONE,  # the database was dropped
    "58030": StorageProblem.DAMAGED,  # input or output failed
    "58P01": StorageProblem.DAMAGED,  # a file of it is missing
    "XX001": StorageProblem.DAMAGED,
    "XX002": StorageProblem.DAMAGED,
}
# Classes of codes: connections that break, and logins that are refused.
_POSTGRESQL_AWAY = ("08", "28")
_POSTGRESQL_BUSY = "55P03"


@contextmanager
def told(service: str, heard: Heard, *, reads: bool = False) -> Iterator[None]:
    """Turn what a driver raises inside into the failure that stands for it.

    A transaction that `reads` only is itself refused its writes, which is no matter of storage.

    Raises:
        StorageUnavailable: the database of `service` is full, read-only, gone or damaged.
        Busy: others hold what is needed for longer than anybody should wait.
    """
    try:
        yield
    except (sa.exc.SQLAlchemyError, sqlite3.Error, psycopg.Error) as error:
        failure = _failure(error, service, reads=reads)
        if failure is None:
            raise
        if isinstance(failure, StorageUnavailable):
            heard(failure.problem)
            # The caller is told what it means, the operator also what the driver said.
            log.error(
                "storage failed",
                service=service,
                problem=failure.problem.name,
                text=str(getattr(error, "orig", error)).strip(),
            )
        raise failure from error


def unheard(problem: StorageProblem) -> None:
    """Tell nobody: for those who see the failure themselves."""


def _failure(error: Exception, service: str, *, reads: bool) -> DomainError | None:
    """Return the expected failure behind `error`; None where it is a defect."""
    if isinstance(error, sa.exc.TimeoutError):
        return Busy()  # All connections are in use.
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0)
        if code & 0xFF in _SQLITE_BUSY:
            return Busy()
        problem = _SQLITE_WHOLE.get(code) or _SQLITE.get(code & 0xFF)
    elif isinstance(cause, psycopg.Error):
        if cause.sqlstate == _POSTGRESQL_BUSY:
            return Busy()
        if reads and cause.sqlstate == _READ_ONLY_TRANSACTION:
            return None
        problem = _of_postgresql(cause)
    else:
        return None
    return problem and StorageUnavailable(service=service, problem=problem)


def _of_postgresql(error: psycopg.Error) -> StorageProblem | None:
    if error.sqlstate is None:
        # The server said nothing: it does not listen, or the connection broke.
        return StorageProblem.GONE if isinstance(error, psycopg.OperationalError) else None
    if error.sqlstate.startswith(_POSTGRESQL_AWAY):
        return StorageProblem.GONE
    return _POSTGRESQL.get(error.sqlstate)
