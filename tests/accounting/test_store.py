"""The tables of accounting, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.accounting import store
from services.accounting.domain import written
from services.accounting.domain.activity import CurveMonth, EmissionSource, Kind, Record
from services.accounting.domain.booking import Booking
from services.accounting.domain.curve.block import Block
from services.accounting.domain.curve.curve import Curve, Scale, Step
from services.accounting.domain.curve.register import Register, Replacement
from services.accounting.domain.form.report_file import Format, ReportFile
from services.accounting.domain.inventory import FindingKind, Inventory
from services.accounting.domain.knowledge.base_year import BaseYear, Event, Policy
from services.accounting.domain.knowledge.rebooking import Rebooking
from services.accounting.domain.knowledge.verification import Conclusion
from services.accounting.domain.line import Grain, Line
from services.accounting.domain.method import Basis
from services.accounting.domain.period import AccountingPeriod, State
from services.accounting.domain.quality.evidence import Document, Filing
from services.accounting.domain.quality.plan import Determination, Entry, Plan
from services.accounting.domain.report import Accepted, Books
from services.accounting.domain.role import Role
from services.accounting.domain.row import Row
from services.accounting.store.inventories import Key
from services.accounting.store.records import Place
from services.accounting.store.verifications import Key as VerificationKey
from services.admin import HOUSE
from services.kernel.encoding import Encoding
from services.kernel.period import Period
from services.runtime import revision, tables
from services.runtime.backup import check
from services.runtime.database import Database
from services.runtime.revision import Revision
from tests.accounting import builders
from tests.accounting.evaluating import CATALOGUE, EVALUATION, PROPOSAL, STATISTIC, ZONE
from tests.accounting.ledgers import MONTHS, YEAR, Ledger, ledger, row, year_of
from tests.accounting.library import Own
from tests.accounting.verified import (
    CURRENT,
    FINDING,
    OBSERVATION,
    SETTLED,
    figure,
    statement,
    verification,
)

INTAKE = row()
JANUARY, MARCH = (
    Grain(source_id=INTAKE.source_id, month=builders.period(MONTHS[at])) for at in (0, 2)
)
REPORTER = "principals/p"
STEEL, POWER = "3120", "4411"


@contextmanager
def writing(database: Database) -> Iterator[tuple[sa.Connection, Revision]]:
    with database.write() as connection:
        yield connection, revision.take(connection)


def accepted(each: Row) -> Accepted:
    """Return a row as one that becomes a record."""
    assert each.source is not None
    assert each.period is not None
    assert each.quantity is not None
    return Accepted(row=each, source=each.source, period=each.period, quantity=each.quantity)


def report(database: Database, *rows: Row, enterprise: str = "mill") -> list[str]:
    """Store the records of rows, and return their names."""
    with writing(database) as (connection, taken):
        return store.records.add(
            connection, enterprise, [accepted(each) for each in rows], REPORTER, taken
        )


def keep(database: Database, books: Ledger) -> None:
    """Store all that a ledger holds, as one report."""
    with writing(database) as (connection, taken):
        whose = books.reporter.enterprise.enterprise_id
        each = [kept.accepted for kept in books.records.values()]
        store.records.add(connection, whose, each, REPORTER, taken)
        store.lines.add(connection, [*books.lines.values()], taken)
        store.inventories.add(connection, [*books.inventories.values()], taken)


def restate(database: Database, books: Ledger) -> None:
    """Store another version of each line of a ledger, and the decision that led to it."""
    whose = books.reporter.enterprise.enterprise_id
    decided = AccountingPeriod(enterprise=whose, accounting_year=YEAR).decided(
        decider=REPORTER, reason="restated"
    )
    with writing(database) as (connection, taken):
        store.rebookings.add(connection, [doubled(books.current(), taken.number)], taken)
        store.periods.add(connection, decided, taken)


def doubled(lines: Sequence[Line], revision_: int) -> Rebooking:
    """Return the next version of lines that share a binding, by which twice as much is emitted."""
    (binding,) = {line.binding for line in lines}
    twice = [line.booked + line.booked for line in lines]
    return Rebooking(
        enterprise=lines[0].enterprise,
        binding=binding,
        registry_revision=2,
        lines=[line.line_id for line in lines],
        versions=[line.version + 1 for line in lines],
        booking=Booking(
            co2_g=[each.co2_g for each in twice],
            other_mg={},
            co2e_g={name: [each.under(name) for each in twice] for name in binding.gwp_sets},
        ),
        revision=revision_,
    )


PLAN = Plan(
    enterprise="mill",
    entries=(
        Entry(
            source_id="intake",
            determination=Determination.METERED,
            meter="enterprises/mill/meters/main",
            facility="",
            frequency="every 15 minutes",
            uncertainty_percent=Decimal("0.50"),
            responsible="能源办",
            note="",
        ),
        Entry(
            source_id="boiler-1",
            determination=Determination.STOCK_TAKING,
            meter="",
            facility="enterprises/mill/facilities/boilers",
            frequency="monthly",
            uncertainty_percent=None,
            responsible="stores",
            note="weighed on arrival",
        ),
    ),
    note="first plan",
)


BASE_YEAR = BaseYear(
    enterprise="mill",
    method_id="ghgp",
    policy=Policy(
        accounting_year=2023,
        basis=Basis.MARKET,
        gwp_set="gwp100-ar6",
        threshold=builders.quantity("5.00 %"),
    ),
    inventory_version=2,
    total_g=-(2**40),
    event=Event.SET,
    below_threshold=False,
    reason="the first year with meters",
    decider=REPORTER,
    version=1,
)


def filing(taken: Revision, version: int = 1, when: str = "2024-01") -> Filing:
    return Filing(
        enterprise="mill",
        month=builders.period(when),
        item_id="laboratory-report",
        document=Document(title="化验报告", number="7", sha256="0" * 64, size=2**40, note="n"),
        version=version,
        author=REPORTER,
        revision=taken.number,
        create_time=taken.commit_time,
    )


def report_file(taken: Revision, **fields: Any) -> ReportFile:
    values: dict[str, Any] = {
        "enterprise": "mill",
        "file_name": "一月.csv",
        "format": Format.CSV,
        "encoding": Encoding.GB18030,
        "sha256": "a" * 64,
        "size": 4,
        "sheet": "",
        "template_version": 1,
        "row_count": 3,
        "row_numbers": (3, 5),
        "reporter": REPORTER,
        "request_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "revision": taken.number,
        "create_time": taken.commit_time,
    }
    return ReportFile(**values | fields)


CURVE = Curve(
    name="enterprises/mill/curves/main",
    source=EmissionSource(
        source_id="main",
        kind=Kind.ELECTRICITY_PURCHASED,
        subject="electricity",
        counterparty="enterprises/mill/counterparties/grid",
    ),
    meter="",
    facility="",
    evidence="",
    scale=Scale(unit="kWh", decimal_count=2, step=Step.HOUR),
)
CURVE_MONTH = CurveMonth(
    curve=CURVE.name,
    whole_days=1,
    measured_count=24,
    estimated_count=0,
    missing_count=0,
    assumption_count=0,
)
REPLACEMENT = Replacement(
    day=date(2023, 1, 1),
    point=0,
    closing_count=0,
    opening_count=0,
    register=Register(digit_count=5, multiplier=1, largest_interval_count=1),
    meter="",
    evidence="",
)
BLOCK = Block(
    curves=(CURVE.name,),
    first=date(2023, 1, 1),
    scale=CURVE.scale,
    counts=np.arange(24, dtype="<i4").reshape(1, 1, 24),
    marks=None,
)


def books_of(
    database: Database, *rows: Row, enterprise: str = "mill", whole_years: tuple[int, ...] = ()
) -> Books:
    with database.read() as connection:
        return store.books.of(connection, enterprise, rows, whole_years)


def read(database: Database, name: str) -> Record:
    with database.read() as connection:
        found = store.records.find(connection, "mill", store.records.id_of(name))
    assert found is not None
    return found


def test_the_migrations_make_the_tables_that_the_code_describes(database: Database) -> None:
    declared = sa.MetaData()
    for table in (*store.metadata.tables.values(), *tables.metadata.tables.values()):
        table.to_metadata(declared)

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, declared) == []


def test_an_evaluation_is_read_back_to_the_last_digit(database: Database) -> None:
    with writing(database) as (connection, taken):
        kept = store.evaluations.add(connection, EVALUATION, taken)

    with database.read() as connection:
        assert store.evaluations.find(connection, ZONE, "first", CATALOGUE) == kept
        assert store.evaluations.find(connection, ZONE, "second", CATALOGUE) is None


@pytest.mark.parametrize("statement", ["UPDATE {} SET revision = 0", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_forget(database: Database, statement: str) -> None:
    books = ledger("mill", "1713", INTAKE)
    keep(database, books)
    restate(database, books)
    with writing(database) as (connection, taken):
        store.plans.add(connection, PLAN, None, REPORTER, taken)
        store.evidence.add(connection, filing(taken))
        store.verifications.add(connection, verification(), taken)
        store.base_years.add(connection, BASE_YEAR, taken)
        store.report_files.add(connection, report_file(taken), b"rows")
        curve = store.curves.add(connection, CURVE, taken)
        store.curve_days.add(connection, BLOCK, [(0, 0)], {curve.name: curve}, taken)
        store.curve_months.add(connection, "mill", {"r1-0": CURVE_MONTH}, taken.number)
        store.corrections.add(connection, "mill", {"r2-0": "r1-0"}, taken.number)
        store.curves.add_replacement(connection, curve, REPLACEMENT, REPORTER, taken)
        store.statistics.add(connection, [STATISTIC], taken)
        store.indicator_systems.add(connection, PROPOSAL, taken)
        store.evaluations.add(connection, EVALUATION, taken)

    def is_refused(table: sa.Table) -> bool:
        with database.read() as connection:
            count = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        assert count, f"{table} has something to forget"
        with pytest.raises(sa.exc.DBAPIError, match="insert-only"), database.write() as connection:
            connection.exec_driver_sql(statement.format(table.name))
        return True

    kept = {store.rollups.months, store.rollups.placements}
    assert all(is_refused(table) for table in set(store.metadata.tables.values()) - kept)


def test_a_line_that_other_factors_changed_is_read_in_the_version_they_made(
    database: Database,
) -> None:
    books = ledger("mill", "1713", INTAKE, row(when=MONTHS[1]))
    keep(database, books)
    restate(database, books)
    (first, second) = books.current()

    with database.read() as connection:
        now = store.lines.current(connection, ["mill"], YEAR, "gbt32150")
        then = store.lines.current(connection, ["mill"], YEAR, "gbt32150", 1)
        alone = store.lines.find(connection, "mill", first.line_id)
        before = store.lines.find(connection, "mill", first.line_id, 1)
        subtotals = store.lines.subtotals(connection, ["mill"], YEAR, "gbt32150")

    assert [(line.version, line.revision) for line in now] == [(2, 2), (2, 2)]
    assert [line.booked for line in now] == [
        first.booked + first.booked,
        second.booked + second.booked,
    ]
    assert [replace(line, revision=1) for line in then] == [
        replace(line, revision=1) for line in (first, second)
    ]
    assert (alone, before) == (now[0], then[0])
    (of_mill,) = subtotals.values()
    assert of_mill.versions == [2, 2]
    ratios = zip(*of_mill.activities, strict=True)
    assert list(ratios) == [line.activity.as_integer_ratio() for line in now]


def test_a_line_that_is_reported_again_leaves_what_other_factors_made_behind(
    database: Database,
) -> None:
    books = ledger("mill", "1713", INTAKE)
    keep(database, books)
    restate(database, books)
    (line,) = books.current()
    third = replace(line, version=3, revision=3)
    with writing(database) as (connection, taken):
        store.lines.add(connection, [third], taken)

    def at(as_of: int | None) -> int:
        with database.read() as connection:
            (found,) = store.lines.current(connection, ["mill"], YEAR, "gbt32150", as_of)
        return found.version

    assert [at(1), at(2), at(3), at(None)] == [1, 2, 3, 3]


def test_what_was_known_before_the_first_revision_is_nothing(database: Database) -> None:
    keep(database, ledger("mill", "1713", INTAKE))
    key = Key(enterprise="mill", accounting_year=YEAR, method_id="gbt32150")

    with database.read() as connection:
        assert store.lines.current(connection, ["mill"], YEAR, as_of=0) == []
        found = store.inventories.find(connection, key, builders.methods(), as_of=0)
    assert found is None


def test_a_record_comes_back_as_it_was_written(database: Database) -> None:
    evidence = "结算单 2024-01"
    (name,) = report(database, row(what="+1.50e2 10^4 kWh", evidence=evidence))

    found = read(database, name)

    assert (found.name, found.quantity.text, found.quantity.unit) == (name, "+1.50e2", "10^4 kWh")
    assert (found.evidence, found.reporter, found.revision) == (evidence, REPORTER, 1)
    assert (found.certificate, found.corrects) == ("", "")
    assert found.source == INTAKE.source
    with database.read() as connection:
        foreign = store.records.find(connection, "other", store.records.id_of(name))
    assert foreign is None


def test_what_a_record_says_of_steam_and_of_claims_comes_back(database: Database) -> None:
    rows = [
        row(Kind.HEAT_PURCHASED, "10 t", steam="0.5 MPa 400 °C"),
        row(Kind.GREEN_POWER_CLAIMED, "5 MWh", subject="green-certificate", certificate="GEC-7"),
        row(Kind.OTHER_INDIRECT, "9 t", subject="waste", value_chain_category=5),
    ]

    steam, claim, waste = (read(database, name) for name in report(database, *rows))

    assert steam.source.steam == "0.5 MPa 400 °C"
    assert claim.certificate == "GEC-7"
    assert waste.source.value_chain_category == 5
    assert [each.source for each in (steam, claim, waste)] == [each.source for each in rows]


def test_the_books_hold_what_counts_and_who_replaced_what(database: Database) -> None:
    first, second = report(
        database,
        row(what="1 MWh", when="2024-01-01 2024-01-11"),
        row(what="2 MWh", when="2024-01-11 2024-01-21", facility="enterprises/mill/facilities/a"),
    )
    days = "2024-01-01 2024-01-05"
    (third,) = report(database, row(what="3 MWh", when=days, corrects=first))

    books = books_of(database, row(corrects=first), row(corrects=second), INTAKE)

    assert books.sources == {INTAKE.source_id: INTAKE.source}
    assert {each.name: str(each.quantity) for each in books.current[JANUARY]} == {
        second: "2 MWh",
        third: "3 MWh",
    }
    assert {each.facility for each in books.current[JANUARY]} == {
        "",
        "enterprises/mill/facilities/a",
    }
    assert {name: each.corrected_by for name, each in books.stored.items()} == {
        first: third,
        second: "",
    }
    assert {each.grain for each in books.stored.values()} == {JANUARY}


def test_a_record_that_does_not_exist_is_not_in_the_books(database: Database) -> None:
    missing = "enterprises/mill/activityRecords/r9-0"

    assert books_of(database, row(corrects=missing), row(corrects="nonsense")).stored == {}


def test_the_books_of_another_enterprise_are_its_own(database: Database) -> None:
    report(database, INTAKE, enterprise="other")

    books = books_of(database, row(corrects="enterprises/mill/activityRecords/r1-0"))

    assert (books.sources, dict(books.current), books.stored) == ({}, {}, {})


def test_records_of_other_months_and_sources_stay_out_of_a_report(database: Database) -> None:
    report(database, *(row(when=month) for month in MONTHS[:3]), row(source_id="second-meter"))

    books = books_of(database, INTAKE, row(when=MONTHS[2]))

    assert set(books.current) == {JANUARY, MARCH}


def test_a_year_that_is_asked_for_whole_is_there_whole(database: Database) -> None:
    coal = row(Kind.FUEL_COMBUSTION, "1 t", MONTHS[6], "anthracite")
    (first, *_) = report(database, *(row(when=month) for month in MONTHS[:3]), coal)
    report(database, row(when="2023-12"), row(what="7 MWh", corrects=first))

    books = books_of(database, INTAKE, whole_years=(2024,))

    by_grain = {grain: [str(each.quantity) for each in of] for grain, of in books.current.items()}
    assert coal.grain is not None
    assert by_grain == {
        JANUARY: ["7 MWh"],
        replace(JANUARY, month=builders.period(MONTHS[1])): ["100 MWh"],
        MARCH: ["100 MWh"],
        coal.grain: ["1 t"],
    }
    assert books.sources == {INTAKE.source_id: INTAKE.source, coal.source_id: coal.source}


def test_the_fuels_of_a_month_are_there_whatever_source_burnt_them(database: Database) -> None:
    kind, coal = Kind.FUEL_COMBUSTION, "anthracite"
    names = report(
        database,
        row(kind, "1 t", MONTHS[0], coal, source_id="a"),
        row(Kind.FEEDSTOCK_USED, "2 t", MONTHS[0], coal, source_id="b"),
        row(kind, "3 t", MONTHS[1], coal, source_id="a"),
        row(kind, "4 t", MONTHS[0], "coke", source_id="c"),
        row(Kind.MATERIAL_CONSUMED, "5 t", MONTHS[0], coal, source_id="d"),
    )

    books = books_of(database, row(kind, "9 t", MONTHS[0], coal, source_id="e"))

    ((key, entries),) = books.fuels.items()
    assert key == (coal, builders.period(MONTHS[0]))
    assert {each.name for each in entries} == set(names[:2])


def test_a_certificate_is_known_to_be_claimed_and_a_foreign_claimant_is_not_told(
    database: Database,
) -> None:
    def claim(certificate: str, **fields: str) -> Row:
        kind = Kind.GREEN_POWER_CLAIMED
        return row(kind, "5 MWh", subject="green-certificate", certificate=certificate, **fields)

    (own,) = report(database, claim("GEC-1"))
    report(database, claim("GEC-2"), enterprise="other")

    wanted = [claim("GEC-1"), claim("GEC-2"), claim("GEC-3"), INTAKE]

    assert books_of(database, *wanted).certificates == {"GEC-1": own, "GEC-2": ""}
    report(database, claim("GEC-4", corrects=own))
    assert books_of(database, *wanted).certificates == {"GEC-2": ""}


def test_a_record_is_replaced_once_the_database_keeps_watch(database: Database) -> None:
    (first,) = report(database, INTAKE)
    report(database, row(corrects=first))

    with pytest.raises((sa.exc.IntegrityError, psycopg.errors.UniqueViolation)):
        report(database, row(corrects=first))


def test_a_month_that_nothing_guards_any_more_is_told(postgresql_url: str) -> None:
    with closing(Database(postgresql_url, "accounting")) as database:
        database.migrate(store.MIGRATIONS)
        report(database, INTAKE)
        month = "activity_records_2024_01"
        with database.engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {month} DISABLE TRIGGER USER")

        with database.read() as connection:
            found = check.findings(connection, HOUSE["accounting"])

    assert [each.where for each in found] == [month]


def test_what_counted_at_a_revision_can_still_be_read(database: Database) -> None:
    (first,) = report(database, row(what="1 MWh"))
    (second,) = report(database, row(what="2 MWh", corrects=first))

    with database.read() as connection:
        then, now = (store.records.current(connection, "mill", 2024, at) for at in (1, 2))
        other_year = store.records.current(connection, "mill", 2023, 2)

    assert [each.name for each in then] == [first]
    assert [(each.name, each.corrects) for each in now] == [(second, first)]
    assert other_year == []


def test_records_are_paged_in_the_order_of_storing(database: Database) -> None:
    names = [
        *report(database, row(when=MONTHS[1]), row(when=MONTHS[0])),
        *report(database, row(when=MONTHS[2])),
    ]

    with database.read() as connection:
        beginning = Place(revision=0, order_index=0)
        first = store.records.page(connection, "mill", after=beginning, size=2)
        rest = store.records.page(connection, "mill", after=first[-1][0], size=2)
        count = store.records.count(connection)

    assert [record.name for _, record in (*first, *rest)] == names
    assert count == 3


def test_the_lines_of_every_method_come_back_whole(database: Database) -> None:
    books = ledger(
        "mill",
        STEEL,
        row(Kind.FUEL_COMBUSTION, "1.50 t", "2024-01-01 2024-01-02", "anthracite"),
        row(Kind.FUEL_COMBUSTION, "1e3 kg", "2024-01-02 2024-01-03", "anthracite"),
        row(Kind.PRODUCT_OUTPUT, "7 t", subject="aluminium"),
        INTAKE,
    )
    keep(database, books)

    with database.read() as connection:
        found = store.lines.current(connection, ["mill", "other"], 2024)
        others = store.lines.current(connection, ["other"], 2024)
        by_method = {
            method_id: store.lines.current(connection, ["mill"], 2024, method_id)
            for method_id in ("gbt32150", "ghgp", "ets-steel", "park910")
        }

    assert {line.line_id: line for line in found} == books.lines
    assert others == []
    assert by_method == {method_id: books.current(method_id) for method_id in by_method}
    assert {gas for line in found for gas, _ in line.booked.other_mg} == {
        "CH4",
        "N2O",
        "CF4",
        "C2F6",
    }


def test_a_line_of_some_days_comes_back_with_its_days_and_exact_parts(database: Database) -> None:
    # A third of a month's coal falls into each ten days: no decimal says it.
    measured = [
        Own(
            role=Role.NET_CALORIFIC_VALUE,
            subject="anthracite",
            text=f"2{number} GJ(NCV)/t",
            period=builders.period(days),
        )
        for number, days in enumerate(("2024-04-01 2024-04-11", "2024-04-11 2024-05-01"))
    ]
    burnt = row(Kind.FUEL_COMBUSTION, "1 t", "2024-04", "anthracite")
    books = ledger("mill", "1713", burnt, by=["ghgp"], own=measured)
    keep(database, books)

    with database.read() as connection:
        found = store.lines.current(connection, ["mill"], 2024)

    assert found == books.current("ghgp")
    assert [line.days for line in found] == [(measured[0].period,), (measured[1].period,)]
    assert [line.activity for line in found] == [Fraction(1, 3), Fraction(2, 3)]
    assert [each.value for line in found for each in line.activities] == [
        Fraction(1, 3),
        Fraction(2, 3),
    ]


def test_a_line_is_read_in_its_newest_version_and_an_emptied_one_only_on_demand(
    database: Database,
) -> None:
    books = ledger("mill", "1713", INTAKE)
    keep(database, books)
    (first,) = books.current()
    emptied = replace(first, version=2, revision=2, record_count=0)

    with writing(database) as (connection, taken):
        store.lines.add(connection, [emptied], taken)

    with database.read() as connection:
        assert store.lines.find(connection, "mill", first.line_id) == emptied
        assert store.lines.find(connection, "mill", "no-such-line") is None
        assert store.lines.current(connection, ["mill"], 2024, "gbt32150") == []
        assert store.lines.every(connection, ["mill"], 2024, "gbt32150") == [emptied]


def test_a_binding_is_stored_once_however_many_lines_have_it(database: Database) -> None:
    keep(database, ledger("mill", "1713", *year_of(Kind.ELECTRICITY_PURCHASED, "1 MWh")))

    with database.read() as connection:
        digests = connection.execute(sa.select(store.bindings.bindings.c.binding)).scalars().all()
        found = store.bindings.get(connection, digests)
        lines = store.lines.current(connection, ["mill"], 2024)

    # One of the home method, two of the protocol, one of the park's.
    assert len(digests) == 4
    assert set(found.values()) == {line.binding for line in lines}
    with writing(database) as (connection, taken):
        assert store.bindings.keep(connection, found.values(), taken) == {
            binding: digest for digest, binding in found.items()
        }


def test_the_ends_of_an_interval_come_back_and_change_no_factor_without_them() -> None:
    plain = ledger("mill", "1713", INTAKE).current()[0].binding.factors[0]
    bounded = replace(plain, lower=Decimal("0.50"), upper=Decimal("0.70"))

    kept, with_ends = written.binding.from_factor(plain), written.binding.from_factor(bounded)

    assert with_ends == {**kept, "lower": "0.50", "upper": "0.70"}
    assert written.binding.to_factor(kept) == plain
    assert written.binding.to_factor(with_ends) == bounded


def test_an_inventory_comes_back_in_each_of_its_versions(database: Database) -> None:
    books = ledger("mill", "1713", *year_of(Kind.ELECTRICITY_PURCHASED, "1 MWh")[:3])
    first = books.inventory()
    books.report(row(when=MONTHS[3]))
    second = books.inventory()

    for inventory in (first, second):
        with writing(database) as (connection, taken):
            store.inventories.add(connection, [inventory], taken)

    def find(version: int) -> Inventory | None:
        key = Key(enterprise="mill", accounting_year=2024, method_id="gbt32150")
        with database.read() as connection:
            found = store.inventories.find(connection, key, builders.methods(), version)
            return found[0] if found else None

    assert [find(version) for version in (1, 2, 0, 3)] == [first, second, second, None]
    with database.read() as connection:
        home = builders.method()
        assert store.inventories.current(connection, ["mill"], 2024, home) == {"mill": second}
        assert store.inventories.current(connection, ["other"], 2024, home) == {}
        assert store.inventories.of_year(connection, "mill", 2024, builders.methods()) == {
            "gbt32150": second
        }


def test_what_an_inventory_says_of_gaps_balances_and_reported_figures_comes_back(
    database: Database,
) -> None:
    furnace = "enterprises/mill/facilities/furnace"
    books = ledger(
        "mill",
        STEEL,
        row(Kind.FUEL_COMBUSTION, "1000 t", subject="anthracite"),
        row(Kind.PROCESS_OUTPUT, "10 t", subject="crude-steel", facility=furnace),
        row(subject="electricity-fossil"),
        row(Kind.GREEN_POWER_CLAIMED, "5 MWh", subject="green-certificate"),
    )
    keep(database, books)

    with database.read() as connection:
        found = store.inventories.of_year(connection, "mill", 2024, builders.methods())

    assert found == {each.method.method_id: each for each in books.inventories.values()}
    steel, protocol = found["ets-steel"], found["ghgp"]
    assert steel.reported is not None
    assert {each.facility for each in steel.reported.rows} == {"", furnace}
    assert FindingKind.BALANCE_NEGATIVE in {each.kind for each in steel.findings}
    assert {gap.reason for gap in protocol.gaps} == {"FACTOR_MISSING"}
    assert "claims_beyond_consumption" in {each.item_id for each in protocol.items}


def test_the_methods_that_have_begun_are_known_by_year(database: Database) -> None:
    keep(database, ledger("mill", "1713", INTAKE, row(when="2023-12")))
    keep(database, ledger("plant", POWER, row(Kind.FUEL_COMBUSTION, "1 t", subject="anthracite")))

    with database.read() as connection:
        mill, plant, none = (
            store.inventories.begun(connection, whose) for whose in ("mill", "plant", "none")
        )

    everywhere = frozenset({"gbt32150", "ghgp", "park910"})
    assert mill == {2023: everywhere, 2024: everywhere}
    assert plant == {2024: everywhere | {"ets-power"}}
    assert none == {}


def test_a_plan_comes_back_in_each_of_its_versions(database: Database) -> None:
    with writing(database) as (connection, taken):
        first = store.plans.add(connection, PLAN, None, REPORTER, taken)
    with writing(database) as (connection, taken):
        shorter = replace(PLAN, entries=PLAN.entries[:1])
        second = store.plans.add(connection, shorter, first, REPORTER, taken)

    with database.read() as connection:
        found = [store.plans.find(connection, "mill", version) for version in (1, 2, 0, 3)]
        other = store.plans.find(connection, "other")

    assert found == [first, second, second, None]
    assert other is None
    assert (first.plan, first.etag, second.etag) == (PLAN, '"1"', '"2"')
    assert str(first.plan.entries[0].uncertainty_percent) == "0.50"


def test_evidence_comes_back_by_month_with_all_that_was_filed_before(database: Database) -> None:
    for version in (1, 2):
        with writing(database) as (connection, taken):
            store.evidence.add(connection, filing(taken, version))
    with writing(database) as (connection, taken):
        february = filing(taken, when="2024-02")
        store.evidence.add(connection, february)

    january = builders.period("2024-01")
    with database.read() as connection:
        found = store.evidence.of(connection, "mill", january)
        both = store.evidence.of(connection, "mill", Period.year(2024))
        newest = [
            store.evidence.newest_version(connection, whose, january, item_id)
            for whose, item_id in (
                ("mill", "laboratory-report"),
                ("mill", "allocation-data"),
                ("other", "laboratory-report"),
            )
        ]
        foreign = store.evidence.of(connection, "other", january)

    assert [each.version for each in found] == [1, 2]
    assert found[0].document.size == 2**40
    assert both == [*found, february]
    assert (newest, foreign) == ([2, 0, 0], [])


def test_a_verification_comes_back_in_each_of_its_versions(database: Database) -> None:
    versions = [verification()]
    versions.append(versions[-1].with_finding(FINDING).with_finding(OBSERVATION))
    versions.append(versions[-1].with_resolution("nc-1", SETTLED))
    total = figure("64.510001 tCO2")
    versions.append(versions[-1].with_figures([total, replace(total, figure="totals.none.co2_g")]))
    versions.append(
        versions[-1].concluded(statement(Conclusion.CONFORMING_WITH_CORRECTIONS), CURRENT)
    )
    versions = [replace(each, version=index) for index, each in enumerate(versions, start=1)]
    stored = []
    for each in versions:
        with writing(database) as (connection, taken):
            stored.append(store.verifications.add(connection, each, taken))

    key = VerificationKey(enterprise="mill", accounting_year=2023, verification_id="first")
    with database.read() as connection:
        by_version = [
            store.verifications.find(connection, key, version=number) for number in (1, 2, 3, 4, 5)
        ]
        by_revision = [
            store.verifications.find(connection, key, as_of=each.revision) for each in stored
        ]
        current = store.verifications.find(connection, key)
        before = store.verifications.find(connection, key, as_of=0)
        listed = store.verifications.page(connection, "mill", 2023, after="", size=9)
        none = [
            store.verifications.page(connection, "mill", 2023, after="first", size=9),
            store.verifications.page(connection, "mill", 2024, after="", size=9),
            store.verifications.page(connection, "other", 2023, after="", size=9),
        ]

    assert by_version == by_revision == stored
    assert (current, before, listed, none) == (stored[-1], None, [stored[-1]], [[], [], []])
    assert [each.verified.text for each in stored[-1].figures] == ["64.510001", "64.510001"]


def test_a_base_year_comes_back_as_it_was_stated(database: Database) -> None:
    with writing(database) as (connection, taken):
        first = store.base_years.add(connection, BASE_YEAR, taken)
    with writing(database) as (connection, taken):
        adopted = replace(
            BASE_YEAR, version=2, total_g=7, event=Event.RESTATED, below_threshold=True
        )
        second = store.base_years.add(connection, adopted, taken)

    with database.read() as connection:
        found = [
            store.base_years.find(connection, "mill", "ghgp", version=number)
            for number in (1, 2, 0, 3)
        ]
        then = store.base_years.find(connection, "mill", "ghgp", as_of=first.revision)
        foreign = store.base_years.find(connection, "other", "ghgp")

    assert found == [first, second, second, None]
    assert (then, foreign) == (first, None)
    assert first.policy.threshold.text == "5.00"


def test_who_had_a_hand_in_a_year_is_known(database: Database) -> None:
    report(database, INTAKE)
    year = AccountingPeriod(enterprise="mill", accounting_year=2023)
    with writing(database) as (connection, taken):
        for who, state, why in (
            ("enterprise", State.SUBMITTED, ""),
            ("verifier", State.VERIFIED, ""),
            ("locker", State.LOCKED, ""),
            ("restater", State.LOCKED, "the ministry published others"),
        ):
            year = year.decided(decider=who, reason=why, state=state)
            store.periods.add(connection, year, taken)

    with database.read() as connection:
        deciders = {
            who
            for who in ("enterprise", "verifier", "locker", "restater", "nobody")
            if store.periods.is_decider(connection, "mill", who)
        }
        reporters = [
            store.records.is_reporter(connection, enterprise, who)
            for enterprise, who in (("mill", REPORTER), ("mill", "nobody"), ("other", REPORTER))
        ]

    assert deciders == {"enterprise", "restater"}
    assert reporters == [True, False, False]


def test_a_report_file_comes_back_as_it_was_put_in_with_its_bytes(database: Database) -> None:
    with writing(database) as (connection, taken):
        first = report_file(taken)
        store.report_files.add(connection, first, b"\x00\xff rows")
    with writing(database) as (connection, taken):
        second = report_file(taken, encoding=None, format=Format.XLSX, sha256="b" * 64)
        store.report_files.add(connection, second, b"")

    with database.read() as connection:
        found = store.report_files.find(connection, "mill", first.file_id)
        of_digest = store.report_files.of_digest(connection, "mill", "b" * 64)
        foreign = store.report_files.of_digest(connection, "other", "b" * 64)
        page = store.report_files.page(connection, "mill", after=first.revision, size=9)
        content = store.report_files.content(connection, first)

    assert (found, of_digest, foreign, page) == (first, second, None, [second])
    assert content == b"\x00\xff rows"


def test_the_database_keeps_the_bytes_of_a_report_file_once_for_an_enterprise(
    database: Database,
) -> None:
    with writing(database) as (connection, taken):
        store.report_files.add(connection, report_file(taken), b"rows")
        store.report_files.add(connection, report_file(taken, enterprise="other"), b"rows")

    with pytest.raises(sa.exc.IntegrityError), writing(database) as (connection, taken):
        store.report_files.add(connection, report_file(taken), b"rows")


def test_a_record_is_told_with_the_row_of_the_file_it_came_from(database: Database) -> None:
    books = ledger("mill", "1713", INTAKE)
    keep(database, books)
    with database.read() as connection:
        records = store.records.current(connection, "mill", YEAR, revision.newest(connection))
        bare = store.report_files.with_rows(connection, "mill", records)
    numbers = tuple(range(11, 11 + len(records)))
    with writing(database) as (connection, taken):
        of_records = replace(taken, number=records[0].revision)
        file = report_file(of_records, row_numbers=numbers)
        store.report_files.add(connection, file, b"rows")

    with database.read() as connection:
        told = store.report_files.with_rows(connection, "mill", records)
        none = store.report_files.with_rows(connection, "mill", [])

    assert bare == records
    assert none == []
    assert [each.file_row and each.file_row.row_number for each in told] == list(numbers)
    assert str(told[0].file_row) == f"{file.name} (一月.csv), row 11"
