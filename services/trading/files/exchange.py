"""The exchange's tables of this release → its rules of trading, and the days on which it trades."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from services.kernel.errors import Words
from services.kernel.mass import Rounding
from services.trading.domain.exchange import ExchangeRules, Mode, ModeRules
from services.trading.domain.trading_day import Closing, TradingDays
from services.trading.files.rules import (
    FOLDER,
    Sources,
    Table,
    read,
    row_source,
    rows,
    rule,
    source,
)


def exchange(folder: Path = FOLDER) -> tuple[ExchangeRules, ...]:
    """Return the rules of trading, version by version."""
    table = read(folder / "exchange.toml")
    sources = {each["id"]: source(each) for each in table["sources"]}
    return tuple(_rules(each, sources) for each in table["rules"])


def _rules(table: Table, sources: Sources) -> ExchangeRules:
    return ExchangeRules(
        since=table["since"],
        tick_cny=Decimal(table["tick_cny"]),
        tick_decimals=table["tick_decimals"],
        step_t=table["step_t"],
        rounding=Rounding(table["rounding"]),
        modes={Mode(each["mode"]): _mode(each, sources) for each in table["modes"]},
        common=rule(table, sources),
    )


def _mode(table: Table, sources: Sources) -> ModeRules:
    ratio = table.get("limit_ratio")
    return ModeRules(
        below_t=table.get("below_t"),
        from_t=table.get("from_t"),
        limit_ratio=None if ratio is None else Fraction(ratio),
        hours=tuple((_time(start), _time(end)) for start, end in table["hours"]),
        rule=rule(table, sources),
    )


def trading_days(folder: Path = FOLDER) -> TradingDays:
    """Return the days on which the exchange trades, as far as they are known."""
    closings = [
        Closing(
            day=date.fromisoformat(row["date"]),
            text=Words(en=row["text_en"], zh=row["text_zh"]),
            source=row_source(row),
        )
        for row in rows(folder / "closings.csv")
    ]
    return TradingDays(
        first_day=read(folder / "market.toml")["trading"]["first_day"],
        years=frozenset(each.day.year for each in closings),
        closings={each.day: each for each in closings},
    )


def _time(text: str) -> time:
    return time.fromisoformat(text)
