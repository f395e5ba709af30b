"""Comprehensive energy of a zone as a figure of a formula: from the ledger, by what is declared.

Electricity by equal value makes `energy_equal_value`, by equivalent value
`energy_equivalent_value`; where there is none, the figure is the same on both. What was declared on
one base makes no figure on the other.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from services.accounting.domain.comprehensive_energy import Balance
from services.accounting.domain.indicator.emissions import lacking
from services.accounting.domain.indicator.expression import Ask
from services.accounting.domain.indicator.figure import Figure, Share
from services.accounting.domain.indicator.input import Input
from services.accounting.domain.metering.coal_equivalent import TCE, Base
from services.accounting.domain.zone import ZoneInventory
from services.kernel import units
from services.kernel.names import ZONE

BASES: Final = {
    "energy_equal_value": Base.EQUAL_VALUE,
    "energy_equivalent_value": Base.EQUIVALENT,
}
"""The base of each input that is comprehensive energy."""


def is_on_base(balance: Balance, input_id: str) -> bool:
    """Tell whether a balance makes an input: its electricity, if any, is on the input's base."""
    return balance.electricity_base in {None, BASES.get(input_id)} and input_id in BASES


def figure(ask: Ask, year: int, kind: Input, inventory: ZoneInventory, balance: Balance) -> Figure:
    """Return the comprehensive energy of a zone, tce, exact; each line of the balance a share."""
    one = units.conversion(TCE, kind.unit)
    needs = lacking(kind, year, inventory)
    if any(each.inventory is None for each in inventory.members):
        return Figure(ask=ask, year=year, unit=kind.unit, amount=None, needs=needs)
    zone = ZONE.format(zone=inventory.zone)
    shares = tuple(
        Share(
            name=f"{inventory.name}#{line.part.lower()}-{line.subject}",
            version=0,
            owner=zone,
            amount=line.part.sign * line.tce * one,
        )
        for line in balance.lines
    )
    return Figure(
        ask=ask,
        year=year,
        unit=kind.unit,
        amount=sum((share.amount for share in shares), Fraction(0)),
        shares=shares,
        needs=needs,
    )
