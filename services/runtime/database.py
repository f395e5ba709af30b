"""One database a service: a SQLite file, or a schema of PostgreSQL.

`read` sees one snapshot. `write` is one transaction, one RPC. The revision that orders knowledge is
taken inside it, see `revision`. What keeps either from its work is told as in `storage`.
"""

from __future__ import annotations

import select
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from services.runtime import revision, storage
from services.runtime.config import Settings
from services.runtime.turn import Turn

_BUSY_SECONDS = 30
"""How long a writer waits for others before it is told BUSY."""

_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    # What is replaced is deleted: the triggers that keep rows are to hear of it.
    "recursive_triggers = ON",
    # Pages that are written again and again go from the log to the file once for many commits: of
    # 40 MB of log, instead of 4.
    "wal_autocheckpoint = 10000",
)
_SCATTERED = (
    # They are kept, instead of looked for in the log.
    "cache_size = -16000",
    # Of 400 MB of log: who commits then does what `checkpoint` has left.
    "wal_autocheckpoint = 100000",
)


class Database:
    """The engine of one service's database."""

    def __init__(
        self,
        url: str,
        schema: str,
        heard: storage.Heard = storage.unheard,
        *,
        kept: Collection[str] = (),
        scattered: bool = False,
    ) -> None:
        self.schema = schema
        self._heard = heard
        self._turn = Turn(_BUSY_SECONDS)
        self.engine = (
            _sqlite(url, kept, scattered=scattered)
            if url.startswith("sqlite")
            else _postgresql(url, schema)
        )
        self._is_closed = False
        sa.event.listen(self.engine, "checkin", self._came_back)

    @classmethod
    def of(
        cls,
        settings: Settings,
        service: str,
        heard: storage.Heard = storage.unheard,
        *,
        kept: Collection[str] = (),
        scattered: bool = False,
    ) -> Database:
        """Return the database of `service` by the settings; `heard` is told where it fails.

        Rows of the tables `kept` cannot be changed or deleted through it, whatever their triggers
        say. PostgreSQL has privileges for that, which the migrations set; SQLite has none. Where
        what is written is `scattered` all over the file, each connection to SQLite keeps 16 MB of
        its pages in memory, instead of 2, and who has it calls `checkpoint` again and again.
        """
        file = cls.file(settings, service)
        if file is None:
            return cls(settings.database_url.get_secret_value(), service, heard)
        # Reports are nobody's but their owner's; a folder that is there keeps the rights it has.
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(f"sqlite:///{file}", service, heard, kept=kept, scattered=scattered)

    @staticmethod
    def file(settings: Settings, service: str) -> Path | None:
        """Return the file of the database of `service`; None where it is PostgreSQL's."""
        if settings.database_url.get_secret_value():
            return None
        return Path(settings.data_folder) / f"{service}.db"

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection whose every query sees the same state.

        Raises:
            StorageUnavailable, Busy: as in `storage.told`.
        """
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with (
            storage.told(self.schema, self._heard, reads=True),
            self.engine.connect().execution_options(**options) as connection,
        ):
            connection.exec_driver_sql("BEGIN" if self.is_sqlite else "SET TRANSACTION READ ONLY")
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Give a connection that commits at the end, and rolls back on any error.

        Raises:
            StorageUnavailable, Busy: as in `storage.told`. Where the connection broke at the
                commit, only a later look tells whether it came about.
        """
        with self.append() as connection:
            if not self.is_sqlite:
                connection.execute(sa.select(revision.head).with_for_update())
            yield connection

    @contextmanager
    def append(self) -> Iterator[sa.Connection]:
        """Give a connection as `write` does, for rows that no revision orders.

        On SQLite it writes alone. On PostgreSQL others may write meanwhile: what must stay true
        until the commit is to be locked.

        Raises:
            StorageUnavailable, Busy: as `write`.
        """
        with (
            storage.told(self.schema, self._heard),
            self._alone(),
            self.engine.connect() as connection,
            connection.begin(),
        ):
            # The lock at once: what a writer reads stays true until it commits, and SQLite could
            # refuse to raise a reader's lock half-way.
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def statement(self) -> Iterator[Any]:
        """Give the driver's connection: each statement is a transaction by itself.

        Raises:
            StorageUnavailable, Busy: as `write`.
        """
        with (
            storage.told(self.schema, self._heard),
            self._alone(),
            closing(self.engine.raw_connection()) as lent,
        ):
            driver: Any = lent.driver_connection
            if self.is_sqlite:
                # As its connections are opened.
                yield driver
                return
            driver.autocommit = True
            try:
                yield driver
            finally:
                if not driver.closed:
                    driver.autocommit = False

    def checkpoint(self) -> None:
        """Bring what SQLite's log holds into its file, beside whoever writes meanwhile.

        Else who commits does it, once the log is long, and keeps the others waiting.

        Raises:
            StorageUnavailable, Busy: as in `storage.told`.
        """
        with storage.told(self.schema, self._heard), self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def _alone(self) -> AbstractContextManager[object]:
        """Let the threads of this process write to SQLite in the order in which they came.

        SQLite itself only lets them try again and again, and one may never be the lucky one.
        """
        return self._turn if self.is_sqlite else nullcontext()

    def migrate(self, scripts: Path) -> None:
        """Bring the tables to the newest version of the migrations in the folder `scripts`.

        Each file there begins with its version, "0001_", and versions follow one another.
        """
        with storage.told(self.schema, self._heard):
            if self._version() == _newest(scripts):
                return
        # Most starts find nothing to migrate and need not wait for its machinery.
        from services.runtime import migration  # noqa: PLC0415

        with self.migrating() as connection:
            migration.upgrade(connection, scripts)

    @contextmanager
    def migrating(self) -> Iterator[sa.Connection]:
        """Give a connection that may change tables: one at a time, and whole or not at all.

        Raises:
            StorageUnavailable, Busy: as in `storage.told`.
        """
        with storage.told(self.schema, self._heard), self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                # Another may well take longer than a request would wait.
                connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(0)")
                connection.execute(sa.schema.CreateSchema(self.schema, if_not_exists=True))
            yield connection
            connection.commit()

    def close(self) -> None:
        """Close every connection; one that is in use, as soon as it comes back."""
        self._is_closed = True
        self.engine.dispose()

    def _came_back(
        self,
        _connection: sa.engine.interfaces.DBAPIConnection | None,
        record: sa.pool.ConnectionPoolEntry,
    ) -> None:
        # Its pool is gone: nobody else would close it.
        if self._is_closed:
            record.invalidate()

    def _version(self) -> str:
        """Return the version of the tables; "" where there are none yet."""
        schema = None if self.is_sqlite else self.schema
        with self.engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version", schema=schema):
                return ""
            return str(connection.scalar(sa.text("SELECT version_num FROM alembic_version")))

    @property
    def is_sqlite(self) -> bool:
        """Tell whether it is a file."""
        return self.engine.dialect.name == "sqlite"


def _newest(scripts: Path) -> str:
    return max(file.stem.partition("_")[0] for file in (scripts / "versions").glob("*_*.py"))


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _value(text: Any) -> object:
    if isinstance(text, int | float):
        # SQLite gives a bare number as one, which SQLAlchemy takes as such where this is said.
        raise TypeError(text)
    return orjson.loads(text)


def _keeping(tables: frozenset[str]) -> Callable[..., int]:
    """Return what SQLite asks, as it prepares a statement, whether it may do what it would do."""
    changes = (sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE)

    def may(action: int, table: str | None, *_: str | None) -> int:
        return sqlite3.SQLITE_DENY if action in changes and table in tables else sqlite3.SQLITE_OK

    return may


def _postgresql(url: str, schema: str) -> sa.Engine:
    engine = sa.create_engine(
        url,
        connect_args={"options": f"-csearch_path={schema} -clock_timeout={_BUSY_SECONDS}s"},
        pool_size=20,
        pool_use_lifo=True,
        json_serializer=_json,
        json_deserializer=_value,
    )

    @sa.event.listens_for(engine, "checkout")
    def _see_that_it_stands(
        connection: sa.engine.interfaces.DBAPIConnection, _record: object, _proxy: object
    ) -> None:
        # A server says nothing to who asked nothing but that it goes. To ask it each time, as the
        # pool would, takes as long as a post: three messages and their answers.
        if connection.closed or _has_news(connection.fileno()):
            raise sa.exc.InvalidatePoolError

    return engine


def _has_news(file: int) -> bool:
    """Tell whether something can be read, if only the end."""
    watch = select.poll()
    watch.register(file, select.POLLIN)
    return bool(watch.poll(0))


def _sqlite(url: str, kept: Collection[str], *, scattered: bool) -> sa.Engine:
    engine = sa.create_engine(
        url,
        connect_args={"timeout": _BUSY_SECONDS},
        # Who writes gets the connection it wrote with: what another one wrote empties the cache.
        pool_use_lifo=True,
        json_serializer=_json,
        json_deserializer=_value,
    )

    @sa.event.listens_for(engine, "connect")
    def _open(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
        # The driver would begin transactions by itself, and only before writes.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (*_PRAGMAS, *(_SCATTERED if scattered else ())):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        if kept:
            connection.set_authorizer(_keeping(frozenset(kept)))

    return engine
