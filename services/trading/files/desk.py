"""The desk's tables of this release → values of the domain: checks, the exchange's rules, days.

As with rulebooks, what is wrong in a file of ours is a defect and stops the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from services.kernel.errors import Words
from services.kernel.source import Source
from services.kernel.trust import Status
from services.trading.domain.desk.check import Check, Checks
from services.trading.domain.desk.checks import FUNCTIONS
from services.trading.domain.desk.rules import DeskRules
from services.trading.domain.rule import Rule
from services.trading.domain.rulebook import Shelf
from services.trading.files.compliance import compliance
from services.trading.files.exchange import exchange, trading_days
from services.trading.files.rulebooks import market, shelf
from services.trading.files.rules import FOLDER, read, rows


def desk(folder: Path = FOLDER, rulebooks: Shelf | None = None) -> DeskRules:
    """Return what the desk's tables say, beside some rulebooks; None: those of this release."""
    table = read(folder / "desk.toml")
    return DeskRules(
        checks=_checks(folder),
        exchange=exchange(folder),
        days=trading_days(folder),
        market=market(folder),
        shelf=shelf() if rulebooks is None else rulebooks,
        compliance=compliance(folder),
        cooling_off_days=table["cooling_off"]["trading_days"],
        instruction_days=table["instruction"]["longest_days"],
        mandate=timedelta(days=table["mandate"]["longest_days"]),
    )


def _checks(folder: Path) -> Checks:
    checks = {int(row["number"]): _check(row) for row in rows(folder / "checks.csv")}
    kinds = {
        row["transaction_kind"]: tuple(int(number) for number in row["checks"].split())
        for row in rows(folder / "check_kinds.csv")
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
