"""Activity: what was done, as an enterprise reports it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from services.kernel.period import Period
from services.kernel.quantity import Quantity

ELECTRICITY: Final = "electricity"
HEAT: Final = "heat"

ORIGINS: Final = {
    ELECTRICITY: (ELECTRICITY, "electricity-non-fossil", "electricity-fossil"),
    HEAT: (HEAT, "heat-non-fossil"),
}
"""What passes under a carrier: of the grid or unknown; non-fossil by a direct line or own plant;
fossil of an own plant. An unknown origin is never taken for non-fossil."""

INSTRUMENTS: Final = ("green-power-trade", "green-certificate")
"""What a claim of green power can rest on, in the order in which they are matched."""


class Kind(StrEnum):
    """What was done; the contract says it in words."""

    FUEL_COMBUSTION = "FUEL_COMBUSTION"
    ELECTRICITY_PURCHASED = "ELECTRICITY_PURCHASED"
    ELECTRICITY_EXPORTED = "ELECTRICITY_EXPORTED"
    HEAT_PURCHASED = "HEAT_PURCHASED"
    HEAT_EXPORTED = "HEAT_EXPORTED"
    BIOMASS_COMBUSTION = "BIOMASS_COMBUSTION"
    FEEDSTOCK_USED = "FEEDSTOCK_USED"
    FUEL_SOLD = "FUEL_SOLD"
    MATERIAL_CONSUMED = "MATERIAL_CONSUMED"
    PRODUCT_OUTPUT = "PRODUCT_OUTPUT"
    GAS_RELEASED = "GAS_RELEASED"
    WASTEWATER_TREATED = "WASTEWATER_TREATED"
    TRANSFORMATION_INPUT = "TRANSFORMATION_INPUT"
    TRANSFORMATION_OUTPUT = "TRANSFORMATION_OUTPUT"
    GREEN_POWER_CLAIMED = "GREEN_POWER_CLAIMED"
    PROCESS_INPUT = "PROCESS_INPUT"
    PROCESS_OUTPUT = "PROCESS_OUTPUT"
    OTHER_INDIRECT = "OTHER_INDIRECT"

    @property
    def is_purchase(self) -> bool:
        """Whether energy was bought from somebody."""
        return self in {Kind.ELECTRICITY_PURCHASED, Kind.HEAT_PURCHASED}

    @property
    def is_sale(self) -> bool:
        """Whether energy was sold to somebody."""
        return self in {Kind.ELECTRICITY_EXPORTED, Kind.HEAT_EXPORTED}

    @property
    def carrier(self) -> str:
        """What is bought or sold: "electricity" or "heat"; empty for all else."""
        match self:
            case Kind.ELECTRICITY_PURCHASED | Kind.ELECTRICITY_EXPORTED:
                return ELECTRICITY
            case Kind.HEAT_PURCHASED | Kind.HEAT_EXPORTED:
                return HEAT
            case _:
                return ""

    @property
    def is_daily(self) -> bool:
        """Whether a day without a report is a gap: so for what flows all year round."""
        return self not in {
            Kind.GAS_RELEASED,
            Kind.GREEN_POWER_CLAIMED,
            Kind.OTHER_INDIRECT,
        }

    @property
    def is_fuel(self) -> bool:
        """Whether a fuel or its like is reported: by mass, volume or heat, but one of them."""
        return self in {
            Kind.FUEL_COMBUSTION,
            Kind.BIOMASS_COMBUSTION,
            Kind.FEEDSTOCK_USED,
            Kind.FUEL_SOLD,
        }


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class EmissionSource:
    """A boiler, a meter point, a contract: what keeps one kind of one subject with one partner."""

    source_id: str
    kind: Kind
    subject: str
    """The fuel, the material, "electricity" or "heat" with their origin."""
    counterparty: str = ""
    """The name of whom it is bought from or sold to; empty where nobody is."""
    steam: str = ""
    """The state of steam that is reported by mass, "0.5 MPa 400 °C"; empty for all else."""
    value_chain_category: int = 0
    """1 to 15 for what happens elsewhere, as the reporter stands to it; 0 for all else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """The row of a file that a record was reported by."""

    report_file: str
    """The name of the file."""
    file_name: str
    """What the reporter calls it."""
    sheet: str
    """Empty for text."""
    row_number: int
    """As spreadsheets count, from 1."""
    sha256: str
    """Of the file's bytes, 64 hexadecimal digits."""

    def __str__(self) -> str:
        file = f"{self.report_file} ({self.file_name})"
        return ", ".join(filter(None, (file, self.sheet, f"row {self.row_number}")))


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveMonth:
    """What a record adds up that is the month of a curve: its days as they were then."""

    curve: str
    """The name of the curve."""
    whole_days: int
    """The days without a missing point, a bit each: the lowest is the first of the month."""
    measured_count: int
    """How many points were measured."""
    estimated_count: int
    missing_count: int
    """Of the days that were sent."""
    assumption_count: int
    """How many intervals rest on an assumption about the register."""

    def dates(self, period: Period) -> Iterator[date]:
        """Yield the days of a period inside the month that are whole."""
        for index in range(period.days):
            day = period.start + timedelta(days=index)
            if self.whole_days >> day.day - 1 & 1:
                yield day


def reported_day_count(period: Period, curve_month: CurveMonth | None) -> int:
    """Return how many days of a record are reported: of a curve those that are whole, else all."""
    if curve_month is None:
        return period.days
    days = (1 << period.days) - 1 << period.start.day - 1
    return (curve_month.whole_days & days).bit_count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One reported fact. Never changed: a correction is a new one that names it in `corrects`."""

    name: str
    source: EmissionSource
    quantity: Quantity
    period: Period
    """Inside one calendar month."""
    facility: str
    meter: str
    evidence: str
    certificate: str
    """The number of a green-power certificate or trade that is claimed, or empty."""
    corrects: str
    """The name of the record that this one replaces, or empty."""
    reporter: str
    revision: int
    create_time: datetime
    file_row: FileRow | None = None
    """Told only where it is shown or handed over; None where it was reported otherwise."""
    curve_month: CurveMonth | None = None
    """Set where it is the month of a curve."""

    @property
    def month(self) -> Period:
        """The month it belongs to."""
        return self.period.one_month()
