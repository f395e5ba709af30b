"""What is kept of zones in memory is what the books say, and nobody waits for it twice."""

from __future__ import annotations

from services.accounting import store
from services.accounting.domain.enterprise import WHOLE_YEAR
from services.accounting.servicer.zone_books import ZoneBooks
from services.runtime import revision
from services.runtime.database import Database
from tests.accounting import builders
from tests.accounting.ledgers import YEAR, ledger, row
from tests.accounting.test_store import keep

HOME = builders.method("gbt32150")


def test_what_was_read_once_is_not_read_again(database: Database) -> None:
    keep(database, ledger("mill", "1713", row(what="100 MWh")))
    books, members = ZoneBooks(database), [(builders.enterprise(), WHOLE_YEAR)]

    books.warm([HOME])
    (first,), inventories = books.inhabitants(members, YEAR, HOME)
    (second,), _ = books.inhabitants(members, YEAR, HOME)

    assert first.year is second.year
    assert [each.year_co2e_g for each in first.year.flows] == [inventories["mill"].total.co2_g]


def test_who_has_reported_nothing_has_no_flows(database: Database) -> None:
    members = [(builders.enterprise(), WHOLE_YEAR)]

    (mill,), inventories = ZoneBooks(database).inhabitants(members, YEAR, HOME)

    assert (mill.year.flows, inventories) == ((), {})


def test_a_new_version_is_read_and_the_old_one_is_known_as_of_then(database: Database) -> None:
    books, members = ZoneBooks(database), [(builders.enterprise(), WHOLE_YEAR)]
    reported = ledger("mill", "1713", row(what="100 MWh"))
    keep(database, reported)
    (before,), _ = books.inhabitants(members, YEAR, HOME)
    with database.read() as connection:
        known = store.inventories.newest_versions(connection, ["mill"], YEAR, "gbt32150")
        then = revision.newest(connection)

    reported.report(row(what="40 MWh", corrects=reported.name()))
    with database.write() as connection:
        taken = revision.take(connection)
        store.lines.add(connection, [*reported.lines.values()], taken)
        store.inventories.add(connection, [*reported.inventories.values()], taken)

    (after,), _ = books.inhabitants(members, YEAR, HOME)
    (as_then,), _ = books.inhabitants(members, YEAR, HOME, as_of=then)
    assert known == {"mill": 1}
    assert as_then.year == before.year != after.year
