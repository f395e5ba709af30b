"""A database into an archive, and an archive into an empty database.

A backup is read in one snapshot, so services go on writing meanwhile. A restore is one transaction:
tables of the archive's own version are made, filled and migrated, and what came about is checked
before it is committed.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from services.kernel.errors import Words
from services.runtime import migration
from services.runtime.backup import archive, check, rows
from services.runtime.backup.archive import ArchiveWrong, Finding, Manifest, Part
from services.runtime.backup.contents import Contents
from services.runtime.database import Database


class NotEmpty(Exception):
    """There are tables already where an archive was to be restored."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.text = Words(
            en=f"there is a database of {service} already; nothing was changed. Let "
            "ZONECARBON_DATA_FOLDER or ZONECARBON_DATABASE_URL name an empty place",
            zh=f"{service} 的数据库已存在，未作任何更改。"
            "请将 ZONECARBON_DATA_FOLDER 或 ZONECARBON_DATABASE_URL 指向空的位置",
        )


class Unfit(Exception):
    """A database that cannot be backed up as it is, or that would not be well when restored."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(f"{each.where}: {each.text.en}" for each in findings))
        self.findings = findings


def save(  # noqa: PLR0913 (what an archive says of itself)
    database: Database,
    contents: Contents,
    path: Path,
    *,
    release: str,
    now: datetime,
    before_year: int | None = None,
) -> Manifest:
    """Write the database as it is now to the new archive `path`; return its manifest.

    With `before_year`, only raw rows of earlier years, and what they refer to.

    Raises:
        Unfit: its tables are not those of this release.
        FileExistsError: `path` is there already.
        OSError: the archive cannot be written; there is none then.
    """
    with database.read() as connection:
        if wrong := check.shape(connection, contents):
            raise Unfit(*wrong)
        with archive.writing(path) as to:
            for table, condition in contents.rows(before_year):
                found = rows.read(connection, table, condition)
                to.add(table.name, rows.kinds(table), found)
            now_at = check.standing(connection)
            said = Manifest(
                service=contents.service,
                release=release,
                alembic_version=contents.version(connection),
                revision=now_at.revision,
                cursors=dict(now_at.cursors),
                create_time=now.isoformat(timespec="seconds"),
                before_year=before_year,
                parts=to.parts,
            )
            to.close(said)
    return said


def restore(database: Database, contents: Contents, path: Path) -> Manifest:
    """Make the database of the archive `path` again in `database`, which is empty.

    Raises:
        ArchiveWrong: it is not whole, or no backup of this service that the release can read.
        NotEmpty: there are tables already.
        Unfit: what came about is not well; the database is as empty as before.
    """
    if wrong := archive.findings(path):
        raise ArchiveWrong(*wrong)
    said = archive.manifest(path)
    _suits(said, contents)
    with database.migrating() as connection:
        if sa.inspect(connection).get_table_names():
            raise NotEmpty(contents.service)
        migration.upgrade(connection, contents.migrations, said.alembic_version)
        for part in said.parts:
            _fill(connection, part, path)
        migration.upgrade(connection, contents.migrations)
        if findings := check.findings(connection, contents):
            raise Unfit(*findings)
    return said


def _suits(said: Manifest, contents: Contents) -> None:
    if said.before_year is not None:
        text = Words(
            en=f"it holds raw rows before {said.before_year} alone, not a database; take a backup",
            zh=f"该归档仅含 {said.before_year} 年以前的原始数据，不是完整备份；请改用备份文件",
        )
    elif said.alembic_version not in contents.versions:
        text = Words(
            en=f"it is of version {said.alembic_version} and this release ends at "
            f"{contents.versions[-1]}; restore it with release {said.release} or a later one",
            zh=f"归档版本为 {said.alembic_version}，本版本止于 {contents.versions[-1]}；"
            f"请使用 {said.release} 或更高版本恢复",
        )
    else:
        return
    raise ArchiveWrong(Finding(where=archive.MANIFEST, text=text))


def _fill(connection: sa.Connection, part: Part, path: Path) -> None:
    """Put the rows of a part into its table, in place of what migrations put there."""
    table = sa.table(part.table)
    if _count(connection, table):
        connection.execute(sa.delete(table))
    rows.write(connection, part.table, part.columns, archive.rows(path, part))
    if (count := _count(connection, table)) != part.row_count:
        text = Words(
            en=f"{count} of {part.row_count} rows came into the table; report this as a defect",
            zh=f"{part.row_count} 行中仅写入 {count} 行；请作为缺陷报告",
        )
        raise Unfit(Finding(where=part.table, text=text))


def _count(connection: sa.Connection, table: sa.TableClause) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
