"""What is wrong with a database: its pages, its tables and guards, its order of knowledge."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.kernel.errors import Words
from services.runtime import outbox, partitions, revision
from services.runtime.backup import rows
from services.runtime.backup.archive import Finding
from services.runtime.backup.contents import VERSIONS, Contents
from services.runtime.database import Database

_SQLITE_GUARDS = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
# A trigger that was switched off guards nothing.
_POSTGRESQL_GUARDS = sa.text(
    "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
    "WHERE relnamespace = current_schema()::regnamespace "
    "AND NOT tgisinternal AND tgenabled IN ('O', 'A')"
)
_SQLITE_VERBS = ("UPDATE", "DELETE")


def shape(connection: sa.Connection, contents: Contents) -> list[Finding]:
    """Return where the tables are not those that this release has."""
    found = contents.version(connection)
    if found != contents.versions[-1]:
        return [_of_version(found, contents)]
    return list(_of_tables(connection, contents))


def findings(connection: sa.Connection, contents: Contents) -> list[Finding]:
    """Return what is wrong with the database behind `connection`: nothing where it is well."""
    return shape(connection, contents) or [
        *_of_pages(connection),
        *_of_guards(connection, contents),
        *_of_rows(connection, contents),
        *_of_revisions(connection),
        *_of_knowledge(connection, contents),
    ]


def of_absent(contents: Contents, where: str) -> Finding:
    """Return that there are no tables of a service at all."""
    return Finding(
        where=where,
        text=Words(
            en=f"there are no tables of {contents.service}; see that the settings point at them",
            zh=f"没有 {contents.service} 的数据表；请检查设置是否指向正确的数据库",
        ),
    )


def of_followers(
    revisions: Mapping[str, int], cursors: Mapping[str, Mapping[str, int]]
) -> Iterator[Finding]:
    """Yield where a service has followed another beyond what that one knows.

    `revisions` are the newest of each service, `cursors` how far each has followed others.
    """
    for service, followed in cursors.items():
        for other, number in followed.items():
            newest = revisions.get(other, number)
            if number > newest:
                yield Finding(
                    where=service,
                    text=Words(
                        en=f"it has followed {other} up to revision {number}, but {other} ends at "
                        f"{newest}: what comes next would be missed. Take a newer copy of {other}, "
                        f"or an older one of {service}",
                        zh=f"已跟随 {other} 至修订号 {number}，而 {other} 止于 {newest}，"
                        f"后续变更会被遗漏。请改用较新的 {other} 备份，或较旧的 {service} 备份",
                    ),
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a service knows, and how far it has followed others."""

    revision: int
    cursors: Mapping[str, int]


def standing(connection: sa.Connection) -> Standing:
    """Return how far the service of this database is."""
    c = outbox.cursors.c
    followed = connection.execute(sa.select(c.service, c.revision))
    return Standing(
        revision=revision.newest(connection),
        cursors={row.service: row.revision for row in followed},
    )


def _of_version(found: str, contents: Contents) -> Finding:
    newest = contents.versions[-1]
    if not found:
        return of_absent(contents, VERSIONS)
    if found in contents.versions:
        text = Words(
            en=f"the tables are of version {found} and this release has {newest}; start the "
            "service once, which migrates them",
            zh=f"数据表版本为 {found}，本版本为 {newest}；请先启动一次服务以完成迁移",
        )
    else:
        text = Words(
            en=f"the tables are of version {found}, which this release does not know: it ends at "
            f"{newest}. Use the release that wrote them",
            zh=f"数据表版本 {found} 高于本版本所知的 {newest}；请使用写入该数据的版本",
        )
    return Finding(where=VERSIONS, text=text)


def _of_tables(connection: sa.Connection, contents: Contents) -> Iterator[Finding]:
    declared = sa.MetaData()
    for table in contents.tables:
        table.to_metadata(declared)
    months = partitions.by_name(connection)
    options = {
        "compare_type": True,
        "include_name": lambda name, kind, _: kind != "table" or name not in months,
    }
    context = MigrationContext.configure(connection, opts=options)
    for difference in compare_metadata(context, declared):
        yield Finding(
            where=contents.service,
            text=Words(
                en=f"the tables are not those of this release: {difference!r}. Undo what was "
                "changed by hand",
                zh=f"数据表结构与本版本不符：{difference!r}。请撤销手工修改",
            ),
        )


def _of_pages(connection: sa.Connection) -> Iterator[Finding]:
    """Let SQLite look at its own pages; PostgreSQL does so as it reads the rows."""
    if connection.dialect.name != "sqlite":
        return
    for (told,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if told != "ok":
            yield Finding(where="integrity_check", text=_damaged(told))
    for table, *_ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Finding(where=str(table), text=_damaged("a row refers to one that is not there"))


def _damaged(told: str) -> Words:
    return Words(
        en=f"it is damaged: {told}. Restore the newest backup into an empty place",
        zh=f"数据已损坏：{told}。请将最近的备份恢复到空数据库",
    )


def _of_guards(connection: sa.Connection, contents: Contents) -> Iterator[Finding]:
    """Hold the guards of insert-only tables against those that the migrations make."""
    if connection.dialect.name == "sqlite":
        there = set(connection.scalars(_SQLITE_GUARDS))
        suffixes = [f"_no_{verb}" for verb in _SQLITE_VERBS]
    else:
        there = set(connection.scalars(_POSTGRESQL_GUARDS))
        suffixes = ["_no_change"]
    guarded = _guarded(contents)
    months = [name for name, of in partitions.by_name(connection).items() if of in guarded]
    for table in [*guarded, *sorted(months)]:
        if not {f"{table}{suffix}" for suffix in suffixes} <= there:
            yield Finding(
                where=table,
                text=Words(
                    en="nothing keeps its rows from being changed or deleted any more; compare "
                    "them with a backup, then put its triggers back",
                    zh="防止修改和删除的触发器已失效；请与备份核对数据，然后恢复触发器",
                ),
            )


def _guarded(contents: Contents) -> list[str]:
    """Return the tables that are insert-only: those that a fresh database guards."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Database(f"sqlite:///{Path(folder) / 'fresh.db'}", contents.service)) as fresh,
    ):
        fresh.migrate(contents.migrations)
        with fresh.read() as connection:
            guards = list(connection.scalars(_SQLITE_GUARDS))
    suffix = f"_no_{_SQLITE_VERBS[0]}"
    return sorted(name.removesuffix(suffix) for name in guards if name.endswith(suffix))


def _of_rows(connection: sa.Connection, contents: Contents) -> Iterator[Finding]:
    """Read every row: a value that cannot be read is found now, and not when it is needed."""
    for table in contents.tables:
        try:
            _exhaust(rows.read(connection, table))
        except (ValueError, TypeError, OverflowError) as error:
            yield Finding(where=table.name, text=_damaged(str(error)))


def _exhaust(each: Iterable[object]) -> None:
    for _ in each:
        pass


def _of_revisions(connection: sa.Connection) -> Iterator[Finding]:
    c = revision.revisions.c
    newest = revision.newest(connection)
    count, first, last = connection.execute(
        sa.select(sa.func.count(), sa.func.min(c.revision), sa.func.max(c.revision))
    ).one()
    if (count, first or 1, last or 0) != (newest, 1, newest):
        text = Words(
            en=f"{count} revisions lead from {first} to {last}, and the head says {newest}: some "
            "are missing. Restore the newest backup that is whole",
            zh=f"共有 {count} 个修订（{first} 至 {last}），而最新修订号为 {newest}，存在缺失。"
            "请恢复最近的完整备份",
        )
        yield Finding(where=revision.revisions.name, text=text)
    earlier = sa.func.lag(c.commit_time).over(order_by=c.revision)
    steps = sa.select(c.revision, (c.commit_time < earlier).label("back")).subquery()
    for number in connection.scalars(sa.select(steps.c.revision).where(steps.c.back)):
        text = Words(
            en=f"revision {number} is dated before the one that it follows: what was known when "
            "cannot be told. Restore the newest backup that is whole",
            zh=f"修订 {number} 的时间早于其前一修订，无法确定当时所知内容。请恢复最近的完整备份",
        )
        yield Finding(where=revision.revisions.name, text=text)


def _of_knowledge(connection: sa.Connection, contents: Contents) -> Iterator[Finding]:
    """Find rows of a revision that nobody took."""
    newest = revision.newest(connection)
    for table in contents.metadata.sorted_tables:
        if "revision" not in table.c:
            continue
        last = connection.scalar(sa.select(sa.func.max(table.c.revision)))
        if last is not None and last > newest:
            text = Words(
                en=f"it has rows of revision {last}, and the newest is {newest}. Restore the "
                "newest backup that is whole",
                zh=f"存在修订号为 {last} 的数据，而最新修订号为 {newest}。请恢复最近的完整备份",
            )
            yield Finding(where=table.name, text=text)
