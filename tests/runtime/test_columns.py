from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa

from services.runtime.database import Database
from tests.runtime.words import words


def kept(database: Database, **values: object) -> sa.RowMapping:
    """What is read of a row after `values` were written."""
    with database.write() as connection:
        connection.execute(sa.insert(words).values(revision=1, word="w", **values))
    with database.read() as connection:
        return connection.execute(sa.select(words)).mappings().one()


@pytest.mark.parametrize(
    "written",
    [
        "1.50",
        "0.1",
        "-0.00",
        "0.0000001",
        "12345678901234567890.12345678901234",
        "1E+2",
        "9007199254740993",
    ],
)
def test_a_decimal_keeps_its_digits(database: Database, written: str) -> None:
    row = kept(database, amount=Decimal(written))

    assert str(row["amount"]) == str(Decimal(written))


@pytest.mark.parametrize(
    "written", [0, 8, -(2**53), True, "7", "", [], {}, {"a": [1, 2**63 - 1]}, ["煤", None, 1.5]]
)
def test_parts_stay_what_they_were(database: Database, written: object) -> None:
    row = kept(database, parts=written)

    assert row["parts"] == written
    assert type(row["parts"]) is type(written)


def test_a_number_beyond_64_bits_is_no_part(database: Database) -> None:
    with pytest.raises((sa.exc.StatementError, TypeError), match="64-bit"):
        kept(database, parts=[2**64])


def test_an_empty_cell_stays_empty(database: Database) -> None:
    row = kept(database, amount=None, moment=None)

    assert (row["amount"], row["moment"]) == (None, None)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2024, 2, 29, 15, 59, 59, 999_999, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2100, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
    ],
)
def test_an_instant_keeps_its_microseconds(database: Database, moment: datetime) -> None:
    row = kept(database, moment=moment)

    assert row["moment"] == moment
    assert row["moment"].tzinfo is UTC


def test_an_instant_comes_back_in_utc_wherever_it_was_said(database: Database) -> None:
    shanghai = timezone(timedelta(hours=8))
    row = kept(database, moment=datetime(2024, 1, 1, tzinfo=shanghai))

    assert row["moment"].isoformat() == "2023-12-31T16:00:00+00:00"


def test_instants_compare_in_the_database_as_they_do_outside(database: Database) -> None:
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    kept(database, moment=noon)

    with database.read() as connection:
        earlier = sa.select(words).where(words.c.moment < noon + timedelta(microseconds=1))
        assert connection.execute(earlier).one()
        assert connection.execute(sa.select(words).where(words.c.moment < noon)).all() == []


def test_a_moment_without_a_zone_is_a_defect(database: Database) -> None:
    naive = datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)

    with pytest.raises(sa.exc.StatementError, match="a moment needs a zone"):
        kept(database, moment=naive)
