"""The power fails, again and again, at any moment: nothing that was acknowledged is lost. R5.

A file system between SQLite and the disk keeps what was written since the last sync in memory. At a
cut, of each file some of that reaches the disk, in any order and torn, and the rest is gone.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw

from services.runtime.database import Database
from services.trading import store
from services.trading.domain.ledger import posting
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.store.ledger import sqlite
from services.trading.store.ledger.group import Needs
from services.trading.store.ledger.saving import Saved
from tests.trading.ledger import world

POWER_CUTS = 1_000

NOW = datetime(2025, 11, 1, tzinfo=UTC)
SECTOR = 512
COMMITS = 12
CUTS_A_RUN = 25


@dataclass(slots=True)
class Disk:
    """What is safe of each file, and what was written since, in its order."""

    safe: dict[str, bytearray] = field(default_factory=dict)
    loose: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)

    def image(self, chance: random.Random) -> dict[str, bytes]:
        """Return what a cut now leaves: of the loose sectors any, in any order."""
        found = {}
        for name, safe in self.safe.items():
            content = bytearray(safe)
            sectors = [
                (offset + begin, data[begin : begin + SECTOR])
                for offset, data in self.loose.get(name, [])
                for begin in range(0, len(data), SECTOR)
            ]
            chance.shuffle(sectors)
            for offset, data in sectors[: chance.randint(0, len(sectors))]:
                _put(content, offset, data)
            found[name] = bytes(content)
        return found


def _put(content: bytearray, offset: int, data: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


class LooseFile(apsw.VFSFile):
    """A file whose writes are noted until they are synced."""

    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        self._name = Path(name.filename() if isinstance(name, apsw.URIFilename) else name).name
        super().__init__("", name, flags)
        disk.safe.setdefault(self._name, bytearray())

    def xWrite(self, data: bytes, offset: int) -> None:
        """Note what is written."""
        super().xWrite(data, offset)
        self._disk.loose.setdefault(self._name, []).append((offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:
        """Cut the file, which a cut of the power does not undo."""
        super().xTruncate(newsize)
        del self._disk.safe[self._name][newsize:]
        self._disk.loose.pop(self._name, None)

    def xSync(self, flags: int) -> None:
        """Bring what was noted to the disk."""
        super().xSync(flags)
        for offset, data in self._disk.loose.pop(self._name, []):
            _put(self._disk.safe[self._name], offset, data)


class LooseDisk(apsw.VFS):
    """The file system, by a name of its own."""

    def __init__(self, disk: Disk, name: str) -> None:
        self._disk = disk
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> LooseFile:
        """Open a file."""
        return LooseFile(self._disk, name, flags)


class Driver:
    """A connection of apsw that answers as one of sqlite3 does, as far as posting asks."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def execute(self, query: str, values: Any = ()) -> apsw.Cursor:
        """Run one statement."""
        return self._connection.execute(query, values)

    def executemany(self, query: str, rows: Any) -> None:
        """Run one statement for each row."""
        self._connection.executemany(query, rows)


def template(folder: Path) -> Path:
    """Return a database with a book, as the migrations make it, whole on the disk."""
    path = folder / "ledger.db"
    with closing(Database(f"sqlite:///{path}", "trading")) as database:
        database.migrate(store.MIGRATIONS)
        world.fill(database, "chp")
    with closing(apsw.Connection(str(path))) as connection:
        connection.pragma("wal_checkpoint(TRUNCATE)")
    for other in ("ledger.db-wal", "ledger.db-shm"):
        (folder / other).unlink(missing_ok=True)
    return path


def post(driver: Driver, number: int) -> None:
    """Post one transfer and commit it, as the ledger does on SQLite."""
    wanted = world.wanted(f"t-{number}", "ALLOCATION 1 cea-2024")
    driver.execute("BEGIN IMMEDIATE")
    loaded = sqlite.load(driver, Needs.of([world.group(wanted)]))  # type: ignore[arg-type]
    assert loaded.books.instruments["cea-2024"] is InstrumentKind.ALLOWANCE
    fresh = posting.post(loaded.books, [wanted], principal="principals/desk", link="", now=NOW)
    sqlite.save(driver, Saved(transfers=fresh))  # type: ignore[arg-type]
    driver.execute("COMMIT")


def images(
    fresh: bytes, folder: Path, synchronous: str, chance: random.Random
) -> Iterator[tuple[int, dict[str, bytes]]]:
    """Yield what cuts leave while transfers are posted, and how many were acknowledged by then."""
    path = folder / "ledger.db"
    path.write_bytes(fresh)
    disk = Disk()
    disk.safe[path.name] = bytearray(path.read_bytes())
    name = f"loose-{folder.name}"
    vfs = LooseDisk(disk, name)
    connection = apsw.Connection(str(path), vfs=name)
    with closing(connection):
        # The index of the log is memory that a cut takes with it: without it SQLite reads the log.
        connection.pragma("locking_mode", "EXCLUSIVE")
        connection.pragma("journal_mode", "WAL")
        connection.pragma("synchronous", synchronous)
        driver = Driver(connection)
        for number in range(COMMITS):
            yield number, disk.image(chance)
            post(driver, number)
            yield number + 1, disk.image(chance)
            if number % 5 == 4:
                connection.pragma("wal_checkpoint(PASSIVE)")
                yield number + 1, disk.image(chance)
    vfs.unregister()


def survivors(folder: Path, image: dict[str, bytes]) -> list[str]:
    """Start the ledger on what a cut left; return the ids of its transfers, once it is well."""
    folder.mkdir(exist_ok=True)
    for each in folder.iterdir():
        each.unlink()
    for name, content in image.items():
        (folder / name).write_bytes(content)
    with closing(Database(f"sqlite:///{folder / 'ledger.db'}", "trading")) as database:
        with database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        assert world.findings(database) == []
        return world.transfer_ids(database)


def lost(folder: Path, synchronous: str, count: int) -> int:
    """Return how many acknowledged transfers are gone after `count` cuts; what is left is whole."""
    chance = random.Random(5)  # noqa: S311 (what reaches the disk)
    fresh = template(folder).read_bytes()
    seen = missing = 0
    for run in range(count):
        place = folder / f"{synchronous}-{run}"
        place.mkdir()
        for acknowledged, image in images(fresh, place, synchronous, chance):
            found = survivors(folder / "after", image)
            assert found == [f"t-{number}" for number in range(len(found))], "no prefix"
            missing += max(acknowledged - len(found), 0)
            seen += 1
            if seen == count:
                return missing
    return missing


def test_no_acknowledged_transfer_is_lost_when_the_power_fails(tmp_path: Path) -> None:
    assert lost(tmp_path, "FULL", POWER_CUTS) == 0


def test_a_setting_that_syncs_later_would_lose_some(tmp_path: Path) -> None:
    """The planted fault: `synchronous = NORMAL`, which syncs the log at a checkpoint alone."""
    assert lost(tmp_path, "NORMAL", CUTS_A_RUN) > 0


def test_the_shipped_setting_is_the_one_that_was_cut(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 't.db'}", "trading")) as database:
        for _ in range(2):
            with database.append() as connection:
                for pragma, value in (("synchronous", 2), ("journal_mode", "wal")):
                    found = connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
                    assert found == value
