"""Books that were kept before are brought along with what they hold."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime

import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain import rollup
from services.accounting.domain.activity import Kind
from services.accounting.domain.enterprise import WHOLE_YEAR
from services.runtime import migration, partitions, revision
from services.runtime.database import Database
from tests.accounting.ledgers import YEAR, ledger, row
from tests.accounting.test_store import REPORTER, restate


def test_books_without_months_get_those_that_their_lines_add_up_to(database_url: str) -> None:
    steel = ledger(
        "mill",
        "3120",
        row(what="100 MWh"),
        row(Kind.FUEL_COMBUSTION, "10 t", "2024-02", "bituminous-coal"),
    )
    database = Database(database_url, "accounting")
    with database.migrating() as connection:
        migration.upgrade(connection, store.MIGRATIONS, "0005")
    with database.write() as connection:
        taken = revision.take(connection)
        lines = [*steel.lines.values()]
        store.sources.keep(connection, "mill", [each.source for each in lines], taken)
        store.lines.add(connection, lines, taken)
    restate(database, ledger("mill", "1713", row(what="100 MWh")))

    database.migrate(store.MIGRATIONS)

    with database.write() as connection:
        kept = store.rollups.of_owner(connection, "enterprises/mill")
        waiting = store.rollups.unplaced(connection)
        store.rollups.place(
            connection, {("mill", YEAR): {"zones/south": WHOLE_YEAR}}, revision.take(connection)
        )
        of_zone = store.rollups.of_owner(connection, "zones/south")
        current = {
            method_id: store.lines.current(connection, ["mill"], YEAR, method_id)
            for _, method_id in steel.inventories
        }
    database.close()
    assert kept == {
        f"{YEAR}" if method_id == "gbt32150" else f"{YEAR}-{method_id}": rollup.of_lines(of_method)
        for method_id, of_method in current.items()
    }
    assert current["gbt32150"][0].version == 2
    assert waiting == [("mill", YEAR)]
    assert of_zone == kept


def test_records_and_days_that_were_kept_whole_are_kept_by_the_month_and_say_the_same(
    database_url: str,
) -> None:
    with closing(Database(database_url, "accounting")) as database:
        with database.migrating() as connection:
            migration.upgrade(connection, store.MIGRATIONS, "0008")
            _report(connection)

        database.migrate(store.MIGRATIONS)

        with database.read() as connection:
            months = partitions.by_name(connection)
            of_2024 = store.records.current(connection, "mill", 2024, as_of=2)
            then = store.records.current(connection, "mill", 2024, as_of=1)
            days = sa.select(sa.func.count()).select_from(store.curve_days.curve_days)
            day_count = connection.execute(days).scalar_one()
    assert [str(each.quantity) for each in then] == ["1 MWh", "2 MWh"]
    assert [str(each.quantity) for each in of_2024] == ["3 MWh", "2 MWh"]
    assert day_count == 2
    if database.engine.dialect.name == "postgresql":
        assert months == {
            "activity_records_2024_01": "activity_records",
            "activity_records_2024_02": "activity_records",
            "curve_days_2024_01": "curve_days",
            "curve_days_2024_03": "curve_days",
        }


def _report(connection: sa.Connection) -> None:
    """Store two records, a correction of the first, and two days, as 0008 has their tables."""
    stored = {"enterprise": "mill", "create_time": datetime(2024, 4, 1, tzinfo=UTC), "revision": 1}
    source = {"source_id": "intake", "kind": "ELECTRICITY_PURCHASED", "subject": "electricity"}
    source |= {"counterparty": "", "steam": ""}
    connection.execute(
        sa.insert(store.sources.sources).values(value_chain_category=0, **source, **stored)
    )
    record = {"source_id": "intake", "unit_code": "MWh", "order_index": 0, "reporter": REPORTER}
    record |= {"facility": "", "meter": "", "evidence": ""}
    january = {"start_date": date(2024, 1, 1), "end_date": date(2024, 2, 1)}
    february = {"start_date": date(2024, 2, 1), "end_date": date(2024, 3, 1)}
    for fields in (
        {"record": "r1-0", "value": "1", **january},
        {"record": "r1-1", "value": "2", **february},
        {"record": "r2-0", "value": "3", **january, "corrects": "r1-0", "revision": 2},
    ):
        connection.execute(sa.insert(store.records.records).values({**record, **stored, **fields}))
    for day in (date(2024, 1, 31), date(2024, 3, 1)):
        connection.execute(
            sa.insert(store.curve_days.curve_days).values(
                curve_revision=1,
                revision=1,
                total_count=0,
                day_date=day,
                points=bytes(96 * 4),
                digest=b"",
                estimated_count=0,
                missing_count=0,
                assumption_count=0,
            )
        )
