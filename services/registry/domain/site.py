"""What stands on an enterprise's ground: facilities and meters, and whom it trades energy with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from services.kernel import units
from services.kernel.errors import FieldRequired, within
from services.kernel.quantity import Quantity

_POWER = "MW"


class FacilityKind(StrEnum):
    """What a facility is."""

    SITE = "SITE"
    EQUIPMENT = "EQUIPMENT"
    GENERATING_UNIT = "GENERATING_UNIT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """A place or machine that burns, buys or makes energy."""

    enterprise: str
    facility: str
    display_name: str
    kind: FacilityKind
    rated_power: Quantity | None = None
    """Of a generating unit, as on its nameplate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A meter whose readings are reported."""

    enterprise: str
    meter: str
    display_name: str
    facility: str
    unit: str
    decimals_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterparty:
    """Whom an enterprise buys energy from or sells energy to."""

    enterprise: str
    counterparty: str
    display_name: str
    credit_code: str
    """Empty for one outside every zone."""


def checked_facility(facility: Facility) -> Facility:
    """Return `facility` if its rated power is there where it must be, and is a power.

    Raises:
        FieldRequired: a generating unit has no rated power.
        UnitDimension: the rated power is not a power.
        QuantityInvalid: it is not greater than 0.
    """
    if facility.rated_power is not None:
        with within("facility.rated_power."):
            units.conversion(facility.rated_power.unit, _POWER)
            facility.rated_power.positive()
    elif facility.kind is FacilityKind.GENERATING_UNIT:
        raise FieldRequired(field="facility.rated_power")
    return facility


def checked_meter(meter: Meter) -> Meter:
    """Return `meter` with its unit as the list writes it.

    Raises:
        UnitUnknown, UnitAmbiguous: its unit is not one of the list.
    """
    with within("meter."):
        return replace(meter, unit=units.unit(meter.unit).code)
