"""What an archive holds may go from the database, once the retention is over and it is verified.

It is all of one transaction: either every row that the archive holds is gone, or none is.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from services.kernel.errors import Words
from services.runtime import partitions, tables
from services.runtime.backup.archive import Finding, Manifest
from services.runtime.backup.contents import Contents
from services.runtime.backup.saving import Unfit
from services.runtime.database import Database


def remove(database: Database, contents: Contents, said: Manifest) -> int:
    """Delete the raw rows of the archive that says `said`; return how many they were.

    Raises:
        Unfit: the database holds other rows of those years than the archive; none is deleted.
    """
    assert said.before_year is not None, "it is an archive of old rows, no backup"
    archived = {part.table: part.row_count for part in said.parts}
    first = date(said.before_year, 1, 1)
    count = 0
    with database.write() as connection:
        for table in reversed(contents.tables):
            if tables.RAW_BY in table.info:
                removed = _remove(connection, table, first)
                if removed != archived[table.name]:
                    raise Unfit(_came_meanwhile(table.name, removed, archived[table.name]))
                count += removed
    return count


def _remove(connection: sa.Connection, table: sa.Table, first: date) -> int:
    """Delete the rows of days before `first`; return how many they were."""
    day = table.c[table.info[tables.RAW_BY]]
    old = sa.select(sa.func.count()).select_from(table).where(day < first)
    count = connection.execute(old).scalar_one()
    if partitions.column_of(connection, table.name) is not None:
        partitions.drop(connection, table.name, before=first)
    elif count:
        with tables.unguarded(connection, table.name):
            connection.execute(sa.delete(table).where(day < first))
    return count


def _came_meanwhile(table: str, found: int, archived: int) -> Finding:
    return Finding(
        where=table,
        text=Words(
            en=f"{found} rows of those years are there and {archived} are in the archive: others "
            "came meanwhile, and nothing was deleted. Archive again",
            zh=f"这些年份现有 {found} 行，归档中为 {archived} 行：期间有新数据写入，"
            "未删除任何数据。请重新归档",
        ),
    )
