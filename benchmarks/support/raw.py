"""What a database takes of the same points without a service: rows with a key, and blocks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_STEP_US = 15 * 60 * 1_000_000


def copied_rows(counts: NDArray[np.int32]) -> bytes:
    """Return points as rows of COPY: meter, time, value; (meter, day, point)."""
    meters, days, points = counts.shape
    row = np.dtype(
        [
            ("fields", ">i2"),
            ("meter_size", ">i4"),
            ("meter", ">i4"),
            ("time_size", ">i4"),
            ("time", ">i8"),
            ("value_size", ">i4"),
            ("value", ">i4"),
        ]
    )
    rows = np.empty(counts.size, row)
    rows["fields"], rows["meter_size"], rows["time_size"], rows["value_size"] = 3, 4, 8, 4
    rows["meter"] = np.repeat(np.arange(meters), days * points)
    rows["time"] = np.tile(np.arange(days * points, dtype=np.int64) * _STEP_US, meters)
    rows["value"] = counts.reshape(-1)
    return _HEADER + rows.tobytes() + _TRAILER


def copied_blocks(counts: NDArray[np.int32]) -> bytes:
    """Return the same as blocks of COPY: meter, day, points."""
    meters, days, points = counts.shape
    row = np.dtype(
        [
            ("fields", ">i2"),
            ("meter_size", ">i4"),
            ("meter", ">i4"),
            ("day_size", ">i4"),
            ("day", ">i4"),
            ("points_size", ">i4"),
            ("points", "<i4", (points,)),
        ]
    )
    rows = np.empty(meters * days, row)
    rows["fields"], rows["meter_size"], rows["day_size"] = 3, 4, 4
    rows["points_size"] = 4 * points
    rows["meter"] = np.repeat(np.arange(meters), days)
    rows["day"] = np.tile(np.arange(days), meters)
    rows["points"] = counts.reshape(-1, points)
    return _HEADER + rows.tobytes() + _TRAILER


@dataclass(slots=True, kw_only=True)
class Copied:
    """Tables beside accounting's on the same server, durable as they are."""

    connection: psycopg.Connection[Any]

    def rows(self, written: bytes) -> None:
        """Store rows with their key, from nothing, in one transaction."""
        self._stored(
            "raw_rows", "meter int, time timestamptz, value int, PRIMARY KEY (meter, time)", written
        )

    def blocks(self, written: bytes) -> None:
        """Store blocks with their key, likewise."""
        self._stored(
            "raw_blocks", "meter int, day date, points bytea, PRIMARY KEY (meter, day)", written
        )

    def _stored(self, table: str, columns: str, written: bytes) -> None:
        with self.connection.transaction(), self.connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
            cursor.execute(f"CREATE TABLE {table} ({columns})")
        copy = f"COPY {table} FROM STDIN (FORMAT BINARY)"
        with (
            self.connection.transaction(),
            self.connection.cursor() as cursor,
            cursor.copy(copy.encode()) as stream,
        ):
            stream.write(written)


def inserted_rows(folder: Path, counts: NDArray[np.int32]) -> None:
    """Store the points as rows with their key in a new SQLite file, in one transaction."""
    file = folder / "raw.db"
    file.unlink(missing_ok=True)
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(
            "CREATE TABLE rows (meter INT, time INT, value INT, PRIMARY KEY (meter, time))"
        )
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO rows VALUES (?, ?, ?)", _rows(counts))
        connection.execute("COMMIT")
    finally:
        connection.close()


def _rows(counts: NDArray[np.int32]) -> Iterator[tuple[int, int, int]]:
    for meter, points in enumerate(counts.reshape(len(counts), -1).tolist()):
        for index, value in enumerate(points):
            yield meter, index, value
