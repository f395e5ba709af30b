"""What a formula can name: the catalogue of inputs, each with its unit and whose figure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from services.kernel import units
from services.kernel.errors import FieldInvalid, Words
from services.kernel.unit_table import Vector


class Origin(StrEnum):
    """Where an input comes from."""

    STATISTIC = "STATISTIC"
    """Reported as a fact of an enterprise or of the zone."""
    INVENTORY = "INVENTORY"
    """Computed: the zone's inventory by the method of the system."""


class Holder(StrEnum):
    """Whose fact a statistic is."""

    MEMBER = "MEMBER"
    """Of an enterprise or of the zone as a whole; a zone has what its members add up to."""
    ZONE = "ZONE"
    """Of the zone alone: members do not add up to it."""


class YearBy(StrEnum):
    """How the figures of months make that of a year."""

    SUM = "SUM"
    """What flows: water, waste, energy."""
    LAST = "LAST"
    """What stands: land, staff; December's is the year's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Something that a formula can name."""

    input_id: str
    name: Words
    unit: str
    """The unit it is shown in; it is reported in any of the same dimension."""
    origin: Origin
    holder: Holder
    year_by: YearBy
    by_subject: bool
    """Whether it is reported of each of several things, as output is of each product."""
    by_price: bool
    """Whether it is money that compares only at the prices of one year."""
    price_index: str
    """The input whose figures chain its prices from year to year; empty: none does."""
    note: Words

    @property
    def vector(self) -> Vector:
        """What it measures."""
        return units.unit(self.unit).vector


@dataclass(frozen=True)
class Catalogue:
    """Every input there is."""

    inputs: Mapping[str, Input]

    @cached_property
    def in_formulas(self) -> Mapping[str, Vector]:
        """What each input that a formula may name measures."""
        return {id_: each.vector for id_, each in self.inputs.items() if not each.by_subject}

    def statistic(self, input_id: str, field: str = "input_id") -> Input:
        """Return an input that is reported.

        Raises:
            FieldInvalid: there is none of that id, or it is computed and never reported.
        """
        found = self.inputs.get(input_id)
        if found is None or found.origin is not Origin.STATISTIC:
            known = (each for each in self.inputs.values() if each.origin is Origin.STATISTIC)
            allowed = ", ".join(each.input_id for each in known)
            raise FieldInvalid(field=field, given=input_id, allowed=allowed)
        return found
