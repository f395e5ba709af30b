"""`zonecarbon admin`: backups of the services' databases, and whether these are well.

It works on the databases that the settings name, beside services that run. It ends with 0 where all
is well, 1 where a database or a request is not, 2 where the bytes of an archive are not.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import sqlalchemy as sa
import typer
from rich.console import Console

from services import RELEASE
from services.accounting import store as accounting_store
from services.kernel.errors import DomainError, Language, Words
from services.kernel.period import SHANGHAI
from services.registry import store as registry_store
from services.runtime import config, tables
from services.runtime.backup import archive, check, removal, retention, saving
from services.runtime.backup.archive import ArchiveWrong, Finding, Manifest
from services.runtime.backup.contents import Contents
from services.runtime.database import Database
from services.trading import store as trading_store
from services.trading.domain.ledger.chain import Head

HOUSE: Final[Mapping[str, Contents]] = {
    name: Contents(service=name, metadata=store.metadata, migrations=store.MIGRATIONS)
    for name, store in (
        ("registry", registry_store),
        ("accounting", accounting_store),
        ("trading", trading_store),
    )
}
"""What each service holds, those that are followed before those that follow."""
NOT_WELL: Final = 1
BYTES_DIFFER: Final = 2

app = typer.Typer(
    no_args_is_help=True,
    help="Backups of the services' databases, on the machine that has the services installed.",
    pretty_exceptions_enable=False,
)

_Folder = Annotated[Path, typer.Argument(help="an existing folder", exists=True, file_okay=False)]
_Services = Annotated[
    list[str] | None, typer.Option("--service", help="one of the services; all if left out")
]


@app.command()
def backup(folder: _Folder, *, service: _Services = None) -> None:
    """Write one archive a service to FOLDER, as the databases are now; services may go on."""
    # Who follows is copied before whom it follows: so no copy has followed another beyond its end.
    for contents in reversed(_chosen(service)):
        with _told(), _existing(contents) as database:
            now = datetime.now(UTC)
            path = folder / f"{contents.service}-{now:%Y%m%dT%H%M%SZ}.zip"
            said = saving.save(database, contents, path, release=RELEASE, now=now)
            _say(_of_archive(path, said))


@app.command()
def restore(
    archives: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)],
) -> None:
    """Make the databases of ARCHIVES again, each in an empty place that the settings name."""
    with _told():
        manifests = _whole(archives)
        _fit_together(manifests)
        for path, said in manifests.items():
            with _database(HOUSE[said.service]) as database:
                saving.restore(database, HOUSE[said.service], path)
            _say(
                _in(
                    f"{said.service}: restored up to revision {said.revision}, and well",
                    f"{said.service}：已恢复至修订号 {said.revision}，检查无误",
                )
            )


@app.command()
def verify(
    archives: Annotated[list[Path] | None, typer.Argument(exists=True, dir_okay=False)] = None,
    *,
    heads: Annotated[
        Path | None,
        typer.Option(help="ends of the ledger's chains, as exported before", exists=True),
    ] = None,
) -> None:
    """Hold ARCHIVES against their manifests; or the databases against what they must be.

    Of the ledger every chain is walked and every balance computed anew. With heads that were
    exported before, a chain whose end was cut off, or that was written anew, is found too.
    """
    with _told():
        if archives:
            for path, said in _whole(archives).items():
                _say(_of_archive(path, said))
            return
        _verify_databases(heads)


@app.command("export-heads")
def export_heads(
    file: Annotated[Path, typer.Argument(help="a new file; keep it away from the databases")],
) -> None:
    """Write the ends of the ledger's chains to FILE, for a later `verify --heads`."""
    with _told(), _existing(HOUSE["trading"]) as database, database.read() as connection:
        ends = {
            book: trading_store.ledger.chains.head(connection, book)
            for book in trading_store.ledger.chains.books(connection)
        }
        rows = [f"{book},{end.number},{end.hash.hex()}\n" for book, end in ends.items()]
        with file.open("x", encoding="utf-8") as to:
            to.writelines(rows)
    _say(_in(f"{file}: {len(rows)} chains", f"{file}：{len(rows)} 条链"))


@app.command("archive")
def archive_(
    folder: _Folder,
    *,
    before: Annotated[int, typer.Option(help="the first year that is not in the archive")],
    delete: Annotated[bool, typer.Option("--delete", help="delete it once it is verified")] = False,
) -> None:
    """Write what was reported for years BEFORE a year to FOLDER, and verify it."""
    kept = retention.retention()
    newest = kept.newest_before(datetime.now(SHANGHAI).year)
    if before > newest:
        raise typer.BadParameter(
            _in(
                f"{kept.source} keeps what was reported for {kept.retention_year_count} years; "
                f"{newest} is the newest that is allowed",
                f"{kept.source} 要求数据至少保存 {kept.retention_year_count} 年；最大可填 {newest}",
            ),
            param_hint="--before",
        )
    contents = HOUSE["accounting"]
    with _told(), _existing(contents) as database:
        now = datetime.now(UTC)
        path = folder / f"{contents.service}-before-{before}-{now:%Y%m%dT%H%M%SZ}.zip"
        said = saving.save(database, contents, path, release=RELEASE, now=now, before_year=before)
        _whole([path])
        _say(_of_archive(path, said))
        raw = {each.name for each in contents.tables if tables.RAW_BY in each.info}
        if not any(part.row_count for part in said.parts if part.table in raw):
            _say(_in(f"nothing was reported before {before}", f"{before} 年以前没有填报数据"))
        elif delete:
            count = removal.remove(database, contents, said)
            _say(_in(f"{count} rows were deleted", f"已删除 {count} 行"))
        else:
            _say(_in("nothing was deleted; --delete does", "未删除任何数据；如需删除请加 --delete"))


def _chosen(names: Sequence[str] | None) -> list[Contents]:
    for name in names or ():
        if name not in HOUSE:
            raise typer.BadParameter(
                f"{name} is none of {', '.join(HOUSE)}", param_hint="--service"
            )
    return [contents for name, contents in HOUSE.items() if not names or name in names]


def _verify_databases(exported: Path | None) -> None:
    found: list[Finding] = []
    heads = _heads(exported)
    revisions, cursors = {}, {}
    for name, contents in HOUSE.items():
        with _existing(contents) as database, database.read() as connection:
            of_one = check.findings(connection, contents)
            if name == "accounting" and not of_one:
                of_one += _of_months(connection)
            if name == "trading" and not check.shape(connection, contents):
                of_one += _of_ledger(connection, heads)
            if not of_one:
                state = check.standing(connection)
                revisions[name], cursors[name] = state.revision, state.cursors
                _say(
                    _in(
                        f"{name}: well, at revision {state.revision}",
                        f"{name}：检查无误，修订号 {state.revision}",
                    )
                )
            found += [Finding(where=f"{name} {each.where}", text=each.text) for each in of_one]
    found += check.of_followers(revisions, cursors)
    if found:
        raise saving.Unfit(*found)


def _heads(exported: Path | None) -> dict[str, Head]:
    """Return the heads in a file as `export-heads` writes it.

    Raises:
        saving.Unfit: a line is none.
    """
    found: dict[str, Head] = {}
    lines = [] if exported is None else exported.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        try:
            book, at, digits = line.split(",")
            found[book] = Head(number=int(at), hash=bytes.fromhex(digits))
        except ValueError:
            text = Words(
                en="it is no line of a file that export-heads wrote; name that file",
                zh="该行不是 export-heads 导出的内容；请指定其导出的文件",
            )
            raise saving.Unfit(Finding(where=f"{exported}:{number}", text=text)) from None
    return found


def _of_ledger(connection: sa.Connection, heads: Mapping[str, Head]) -> Iterator[Finding]:
    """Yield what of the ledger does not agree."""
    chains = trading_store.ledger.chains
    for book in sorted({*chains.books(connection), *heads}):
        _, wrong = chains.verify(connection, book, heads.get(book))
        for each in wrong:
            where = f"{each.name} ({each.number})" if each.number else each.name
            yield Finding(where=where, text=each.text)


def _of_months(connection: sa.Connection) -> Iterator[Finding]:
    """Yield the months that are kept beside the lines and are not what these add up to."""
    for checked in accounting_store.rollup_check.every(connection):
        if found := list(checked.differences()):
            first = found[0]
            where = f"{first.item_id} {first.measure}"
            yield Finding(
                where=f"months {checked.name}",
                text=Words(
                    en=f"{len(found)} figures are not what the lines add up to; the first, "
                    f"{where} of month {first.month}, is kept as {first.kept} and adds up to "
                    f"{first.recomputed}. Restore the newest backup that is well",
                    zh=f"{len(found)} 个数值与明细行之和不符；首个为 {first.month} 月 {where}："
                    f"保存值 {first.kept}，重新加总 {first.recomputed}。请恢复最近的完好备份",
                ),
            )


def _whole(paths: Sequence[Path]) -> dict[Path, Manifest]:
    """Return the manifests of archives, each of which is whole."""
    if findings := [
        Finding(where=f"{path.name}: {each.where}", text=each.text)
        for path in paths
        for each in archive.findings(path)
    ]:
        raise ArchiveWrong(*findings)
    return {path: archive.manifest(path) for path in paths}


def _fit_together(manifests: Mapping[Path, Manifest]) -> None:
    """Refuse archives that do not make one house: before the first of them is restored."""
    of: dict[str, Manifest] = {}
    for path, said in manifests.items():
        if said.service not in HOUSE or said.service in of:
            text = Words(
                en=f"it is of {said.service}; give one archive at the most of each of "
                f"{', '.join(HOUSE)}",
                zh=f"该归档属于 {said.service}；{'、'.join(HOUSE)} 每项最多指定一个归档",
            )
            raise saving.Unfit(Finding(where=path.name, text=text))
        of[said.service] = said
    apart = check.of_followers(
        {name: each.revision for name, each in of.items()},
        {name: each.cursors for name, each in of.items()},
    )
    if findings := list(apart):
        raise saving.Unfit(*findings)


@contextmanager
def _database(contents: Contents) -> Iterator[Database]:
    with closing(Database.of(config.load(), contents.service)) as database:
        yield database


@contextmanager
def _existing(contents: Contents) -> Iterator[Database]:
    """Give the database of a service; to look at one that is not there must not make it.

    Raises:
        saving.Unfit: there is no such file.
    """
    file = Database.file(config.load(), contents.service)
    if file is not None and not file.exists():
        raise saving.Unfit(check.of_absent(contents, str(file)))
    with _database(contents) as database:
        yield database


@contextmanager
def _told() -> Iterator[None]:
    """End with what is wrong, in words and by the exit code."""
    try:
        yield
    except ArchiveWrong as wrong:
        _complain(wrong.findings)
        raise typer.Exit(BYTES_DIFFER) from None
    except saving.Unfit as unfit:
        _complain(unfit.findings)
        raise typer.Exit(NOT_WELL) from None
    except saving.NotEmpty as there:
        _errors.print(there.text.said(_language()), soft_wrap=True)
        raise typer.Exit(NOT_WELL) from None
    except DomainError as failed:
        _errors.print(failed.text(_language()), soft_wrap=True)
        raise typer.Exit(NOT_WELL) from None
    except OSError as failed:
        _errors.print(f"{failed.filename or ''}: {failed.strerror}", soft_wrap=True)
        raise typer.Exit(NOT_WELL) from None


def _of_archive(path: Path, said: Manifest) -> str:
    count = sum(part.row_count for part in said.parts)
    seal = archive.seal(path)
    return _in(
        f"{path}: {said.service} up to revision {said.revision}, {count} rows, seal {seal}",
        f"{path}：{said.service}，截至修订号 {said.revision}，共 {count} 行，校验值 {seal}",
    )


_console: Final = Console(highlight=False, markup=False)
_errors: Final = Console(stderr=True, highlight=False, markup=False)


def _complain(findings: Iterable[Finding]) -> None:
    for each in findings:
        _errors.print(f"{each.where}: {each.text.said(_language())}", soft_wrap=True)


def _say(text: str) -> None:
    _console.print(text, soft_wrap=True)


def _in(en: str, zh: str) -> str:
    return zh if _language() == "zh" else en


def _language() -> Language:
    return "zh" if os.environ.get("ZONECARBON_CLI_LANG") == "zh" else "en"
