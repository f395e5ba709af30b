"""The checks that a transaction must pass: which, in which order, with which words, is data.

Here is one small function a check, by its number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from services.trading.domain.desk.checks import (
    accounts,
    authority,
    compliance,
    counterparties,
    exchange,
)
from services.trading.domain.desk.checks.case import Case, Wrong

Function: TypeAlias = Callable[[Case], Wrong | None]

FUNCTIONS: Final[Mapping[int, Function]] = {
    1001: accounts.account_open,
    1002: accounts.instrument_known,
    1003: accounts.instrument_fits,
    1004: accounts.quantity_positive,
    1005: accounts.available,
    1006: accounts.id_new,
    1007: accounts.target_open,
    1008: accounts.not_ahead,
    1009: accounts.not_blocked,
    1101: authority.within_limit,
    1102: authority.checker_is_another,
    1103: authority.not_expired,
    1104: authority.valid_for_days,
    1201: exchange.trading_day,
    1202: exchange.trading_hours,
    1203: exchange.price_limits,
    1204: exchange.tick,
    1205: exchange.order_size,
    1206: exchange.quantity_step,
    1207: exchange.close_known,
    1208: exchange.charge_given,
    1209: exchange.notice_given,
    1210: exchange.not_bought_today,
    1211: exchange.rules_known,
    1212: exchange.vintage_traded,
    1301: counterparties.named,
    1302: counterparties.trusted,
    1303: counterparties.cooled_off,
    1304: counterparties.not_recorded,
    1401: compliance.vintage_usable,
    1402: compliance.offset_eligible,
    1403: compliance.offset_obligation_known,
    1404: compliance.offset_within_limit,
}
"""By number; the table `rulebooks/checks.csv` says what each demands and where that stands."""
