"""Many obligated enterprises, with allocations, obligations and books of several vintages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from services.kernel.quantity import Quantity
from services.kernel.trust import Status
from services.runtime import auth, revision
from services.runtime.database import Database
from services.trading import files, store
from services.trading.domain.account import Account
from services.trading.domain.allocation import allocate
from services.trading.domain.comparison import Comparison, changed_rules, compared
from services.trading.domain.ledger.chart import InstrumentKind, Kind
from services.trading.domain.ledger.instrument import Instrument
from services.trading.domain.ledger.transfer import Phase, Wanted
from services.trading.domain.market import Sector
from services.trading.domain.obligation import Inventory, estimate
from services.trading.domain.position import Position
from services.trading.domain.production import Production
from services.trading.domain.rulebook import Rulebook
from services.trading.store.ledger.group import Group
from services.trading.store.ledger.posting import post
from services.trading.store.positions import Rules
from services.trading.wire.position import from_positions
from zonecarbon.trading.v1 import position_pb2

VINTAGES: Final = 6
RULEBOOK: Final = "power-2024"
DAY: Final = date(2025, 12, 1)
_YEAR: Final = 2024
_TOGETHER: Final = 600


def fill(database: Database, count: int) -> list[Account]:
    """Store so many enterprises; return their accounts."""
    database.migrate(store.MIGRATIONS)
    accounts = [
        Account(
            account=f"e-{number:05d}",
            enterprise=f"e-{number:05d}",
            sector=Sector.POWER,
            first_compliance_year=_YEAR,
        )
        for number in range(count)
    ]
    rulebook = files.shelf().version(RULEBOOK)
    with database.write() as connection:
        taken = revision.take(connection)
        for vintage in range(_YEAR - VINTAGES + 1, _YEAR + 1):
            store.ledger.instruments.add(connection, _instrument(vintage), taken)
        for each in accounts:
            store.accounts.add(connection, each, taken)
            store.obligations.add(connection, estimate(each, _inventory(each)), None, taken)
        allocated = [(allocate(each, rulebook, [_unit(each)]), None) for each in accounts]
        store.allocations.add_all(connection, allocated, taken)
    wanted = [
        _issued(each, vintage)
        for each in accounts
        for vintage in range(_YEAR - VINTAGES + 1, _YEAR + 1)
    ]
    for begin in range(0, len(wanted), _TOGETHER):
        group = Group(wanted=wanted[begin : begin + _TOGETHER], principal="principals/bench")
        post(database, [group])
    return accounts


def positions(
    database: Database, accounts: Sequence[Account], rules: Rules
) -> list[position_pb2.Position]:
    """Return the messages of the positions of all accounts, as the service makes them."""
    with database.read() as connection:
        facts = store.positions.facts(connection, accounts, _YEAR, rules, on=DAY)
        newest = revision.newest(connection)
    found = [Position(facts=each, valuation_date=DAY, price=None) for each in facts]
    return from_positions(found, newest, "en")


def explain(database: Database, old: Rulebook, new: Rulebook) -> list[Comparison]:
    """Return what a newer version makes of every account, with the rules that changed."""
    found: list[Comparison] = []
    with database.read() as connection:
        after = ""
        while page := store.allocations.made_with(
            connection, RULEBOOK, auth.EVERYONE, after=after, size=1000
        ):
            found += [compared(account, old, new, stored.value) for account, stored in page]
            after = page[-1][0].account
    assert changed_rules(old, new)
    return found


def _instrument(vintage: int) -> Instrument:
    return Instrument(
        instrument=f"cea-{vintage}",
        kind=InstrumentKind.ALLOWANCE,
        vintage_year=vintage,
        project="",
    )


def _unit(account: Account) -> Production:
    return Production(
        facility=f"enterprises/{account.enterprise}/facilities/unit-1",
        unit_class="I",
        electricity=Quantity.parse("100000", "MWh"),
        heat=Quantity.parse("50000", "GJ"),
        load_factor_ratio=Decimal("0.60"),
        verified=Quantity.parse("90000", "tCO2"),
        evidence="year report",
    )


def _inventory(account: Account) -> Inventory:
    return Inventory(
        enterprise=account.enterprise,
        accounting_year=_YEAR,
        version=1,
        complete=True,
        findings=(),
        direct_co2_g=90_000_000_000,
        status=Status.OFFICIAL,
    )


def _issued(account: Account, vintage: int) -> Wanted:
    return Wanted(
        book=account.account,
        transfer=f"a-{vintage}",
        phase=Phase.POSTED,
        kind=Kind.ALLOCATION,
        instrument=f"cea-{vintage}",
        unit_count=10_000,
        trade_date=date(2025, 8, 20),
        settlement_date=date(2025, 8, 20),
        evidence="registry notice",
    )
