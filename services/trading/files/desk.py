"""The desk's tables of this release → values of the domain: checks, the exchange's rules, days.

As with rulebooks, what is wrong in a file of ours is a defect and stops the start.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from services.kernel.errors import Words
from services.kernel.mass import Rounding
from services.kernel.source import Source
from services.kernel.trust import Status
from services.trading.domain.desk.check import Check, Checks
from services.trading.domain.desk.checks import FUNCTIONS
from services.trading.domain.desk.exchange import ExchangeRules, Mode, ModeRules
from services.trading.domain.desk.rules import DeskRules
from services.trading.domain.desk.trading_day import TradingDays
from services.trading.domain.rule import Rule
from services.trading.files.rulebooks import FOLDER, market, read, rule, source


def desk(folder: Path = FOLDER) -> DeskRules:
    """Return what the desk's tables say."""
    table = read(folder / "desk.toml")
    return DeskRules(
        checks=_checks(folder),
        exchange=_exchange(folder),
        days=_days(folder),
        market=market(folder),
        cooling_off_days=table["cooling_off"]["trading_days"],
        instruction_days=table["instruction"]["longest_days"],
        mandate=timedelta(days=table["mandate"]["longest_days"]),
    )


def _checks(folder: Path) -> Checks:
    checks = {int(row["number"]): _check(row) for row in _rows(folder / "checks.csv")}
    kinds = {
        row["transaction_kind"]: tuple(int(number) for number in row["checks"].split())
        for row in _rows(folder / "check_kinds.csv")
    }
    assert checks.keys() == FUNCTIONS.keys(), "each check has one function"
    asked = {number for numbers in kinds.values() for number in numbers}
    assert asked == checks.keys(), "each check is asked for, and each that is asked for is there"
    return Checks(checks=checks, kinds=kinds)


def _check(row: Mapping[str, str]) -> Check:
    return Check(
        number=int(row["number"]),
        name=row["name"],
        demand=Words(en=row["demand_en"], zh=row["demand_zh"]),
        fault=Words(en=row["fault_en"], zh=row["fault_zh"]),
        rule=Rule(
            source=Source(
                title=row["source"], status=Status(row["status"]), confidence=row["confidence"]
            )
        ),
    )


def _exchange(folder: Path) -> tuple[ExchangeRules, ...]:
    table = read(folder / "exchange.toml")
    sources = {each["id"]: source(each) for each in table["sources"]}
    return tuple(_rules(each, sources) for each in table["rules"])


def _rules(table: Mapping[str, Any], sources: Mapping[str, Source]) -> ExchangeRules:
    return ExchangeRules(
        since=table["since"],
        tick_cny=Decimal(table["tick_cny"]),
        tick_decimals=table["tick_decimals"],
        step_t=table["step_t"],
        rounding=Rounding(table["rounding"]),
        modes={Mode(each["mode"]): _mode(each, sources) for each in table["modes"]},
        common=rule(table, sources),
    )


def _mode(table: Mapping[str, Any], sources: Mapping[str, Source]) -> ModeRules:
    ratio = table.get("limit_ratio")
    return ModeRules(
        below_t=table.get("below_t"),
        from_t=table.get("from_t"),
        limit_ratio=None if ratio is None else Fraction(ratio),
        hours=tuple((_time(start), _time(end)) for start, end in table["hours"]),
        rule=rule(table, sources),
    )


def _days(folder: Path) -> TradingDays:
    closed = frozenset(date.fromisoformat(row["day"]) for row in _rows(folder / "closed_days.csv"))
    return TradingDays(closed=closed, years=frozenset(day.year for day in closed))


def _rows(path: Path) -> Iterator[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _time(text: str) -> time:
    return time.fromisoformat(text)
