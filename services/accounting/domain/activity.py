"""Activity: what was done with an energy carrier, as an enterprise reports it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.kernel.period import Period
from services.kernel.quantity import Quantity

ELECTRICITY = "electricity"
HEAT = "heat"


class Kind(StrEnum):
    """What was done; the contract says it in words."""

    FUEL_COMBUSTION = "FUEL_COMBUSTION"
    ELECTRICITY_PURCHASED = "ELECTRICITY_PURCHASED"
    ELECTRICITY_EXPORTED = "ELECTRICITY_EXPORTED"
    HEAT_PURCHASED = "HEAT_PURCHASED"
    HEAT_EXPORTED = "HEAT_EXPORTED"

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
        """What is bought or sold: "electricity" or "heat"; empty for a combustion."""
        match self:
            case Kind.FUEL_COMBUSTION:
                return ""
            case Kind.ELECTRICITY_PURCHASED | Kind.ELECTRICITY_EXPORTED:
                return ELECTRICITY
            case Kind.HEAT_PURCHASED | Kind.HEAT_EXPORTED:
                return HEAT


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class EmissionSource:
    """A boiler, a meter point, a contract: what keeps one kind of one subject with one partner."""

    source_id: str
    kind: Kind
    subject: str
    """The fuel, "electricity" or "heat"."""
    counterparty: str = ""
    """The name of whom it is bought from or sold to; empty for a combustion."""


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
    corrects: str
    """The name of the record that this one replaces, or empty."""
    reporter: str
    revision: int
    create_time: datetime

    @property
    def month(self) -> Period:
        """The month it belongs to."""
        return self.period.one_month()
