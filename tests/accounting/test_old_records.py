"""What was reported for years gone by, in an archive of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.accounting import store
from services.admin import HOUSE
from services.runtime.backup import archive, check, removal, saving
from services.runtime.backup.archive import ArchiveWrong, Manifest
from services.runtime.backup.saving import Unfit
from services.runtime.database import Database
from tests.accounting.ledgers import YEAR, ledger, row
from tests.accounting.test_store import keep, report

CONTENTS = HOUSE["accounting"]


@pytest.fixture
def books(database: Database) -> Database:
    """Accounting that holds a record of January and one of February."""
    keep(database, ledger("mill", "1713", row(what="100 MWh"), row(what="7 MWh", when="2024-02")))
    return database


def _archived(database: Database, path: Path, before: int) -> Manifest:
    return saving.save(
        database,
        CONTENTS,
        path,
        release="1",
        now=datetime(2040, 1, 1, tzinfo=UTC),
        before_year=before,
    )


def _counts(said: Manifest) -> dict[str, int]:
    return {part.table: part.row_count for part in said.parts}


def test_the_archive_holds_the_records_of_earlier_years_and_what_they_refer_to(
    books: Database, tmp_path: Path
) -> None:
    path = tmp_path / "old.zip"
    said = _archived(books, path, YEAR + 1)

    assert archive.findings(path) == []
    assert _counts(said) == {
        "sources": 1,
        "activity_records": 2,
        "curves": 0,
        "curve_days": 0,
        "meter_replacements": 0,
    }
    assert said.before_year == YEAR + 1
    of = {part.table: part for part in said.parts}
    values = list(of["activity_records"].columns).index("value")
    held = sorted(str(each[values]) for each in archive.rows(path, of["activity_records"]))
    assert held == ["100", "7"]


def test_what_was_reported_for_later_years_stays_out_of_it(books: Database, tmp_path: Path) -> None:
    said = _archived(books, tmp_path / "old.zip", YEAR)

    assert _counts(said)["activity_records"] == 0


def test_the_database_keeps_all_that_was_archived(books: Database, tmp_path: Path) -> None:
    _archived(books, tmp_path / "old.zip", YEAR + 1)

    with books.read() as connection:
        assert store.records.count(connection) == 2


def test_it_is_no_backup_and_says_so(books: Database, tmp_path: Path) -> None:
    _archived(books, tmp_path / "old.zip", YEAR + 1)

    with pytest.raises(ArchiveWrong, match=f"raw rows before {YEAR + 1} alone"):
        saving.restore(books, CONTENTS, tmp_path / "old.zip")


def test_what_was_archived_may_go_and_nothing_else_does(books: Database, tmp_path: Path) -> None:
    report(books, row(what="3 MWh", when=f"{YEAR + 1}-01"))
    said = _archived(books, tmp_path / "old.zip", YEAR + 1)

    assert removal.remove(books, CONTENTS, said) == 2

    with books.read() as connection:
        (left,) = store.records.current(connection, "mill", YEAR + 1, as_of=9)
        assert store.records.count(connection) == 1
        assert str(left.quantity) == "3 MWh"
        assert store.lines.current(connection, ["mill"], YEAR)
        assert check.findings(connection, CONTENTS) == []
    # The guards are back, and a late record finds its place again.
    with pytest.raises(sa.exc.DBAPIError, match="insert-only"), books.write() as connection:
        connection.exec_driver_sql("DELETE FROM activity_records")
    report(books, row(what="1 MWh"))


def test_where_others_came_meanwhile_nothing_is_deleted(books: Database, tmp_path: Path) -> None:
    said = _archived(books, tmp_path / "old.zip", YEAR + 1)
    report(books, row(what="3 MWh", when=f"{YEAR}-03"))

    with pytest.raises(Unfit, match="3 rows of those years are there and 2 are in the archive"):
        removal.remove(books, CONTENTS, said)

    with books.read() as connection:
        assert store.records.count(connection) == 3
        assert check.findings(connection, CONTENTS) == []
