"""What the desk enters of a year: generating units, and lines and processes of industry."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from services.kernel import units
from services.kernel.errors import FieldInvalid, Words, within
from services.kernel.quantity import Quantity
from services.trading.domain.correction import Cooling

CO2: Final = "tCO2"
CO2E: Final = "tCO2e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """What is known of the year that a pre-allocation is made from."""

    verified: Quantity | None = None
    """Verified emissions; None where the plan takes output, or nobody said."""
    electricity: Quantity | None = None
    heat: Quantity | None = None
    load_factor_ratio: Decimal | None = None
    heat_ratio: Decimal | None = None


NOTHING_KNOWN: Final = Previous()


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """What a generating unit produced in a compliance year."""

    facility: str
    """The resource name of the unit."""
    unit_class: str
    merged_classes: tuple[str, ...] = ()
    """The classes of units that report together with it."""
    electricity: Quantity
    heat: Quantity
    load_factor_ratio: Decimal
    cogeneration: bool = False
    cooling: Cooling | None = None
    heat_ratio: Decimal | None = None
    verified: Quantity | None = None
    """Verified emissions; None until they are."""
    special_case: bool = False
    """Its allocation equals its verified emissions, where the plan says so."""
    previous: Previous = NOTHING_KNOWN
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What an enterprise, line or process of industry emitted and produced in a compliance year."""

    facility: str
    """The resource name; that of the enterprise where the plan counts it as a whole."""
    verified: Quantity | None
    """E, verified; None until it is."""
    intensity_emissions: Quantity | None
    """What the intensity counts; None: the same as E."""
    product: Quantity | None
    """What the intensity is per; None where the plan takes no intensity."""
    special_case: bool = False
    previous: Previous = NOTHING_KNOWN
    evidence: str


def emissions_t(quantity: Quantity, field: str) -> Fraction:
    """Return emissions in tonnes of CO2 or of CO2 equivalent, exactly: the market counts both.

    Raises:
        QuantityInvalid: less than nothing; at `field`.
        FieldInvalid: it is neither; at `field`.
    """
    with within(f"{field}."):
        quantity.non_negative()
    for unit in (CO2, CO2E):
        if quantity.unit in units.fitting(unit):
            return quantity.to(unit)
    raise FieldInvalid(
        field=field,
        given=str(quantity),
        allowed=Words(en="a mass of CO2 or of CO2 equivalent", zh="二氧化碳或二氧化碳当量的质量"),
    )
