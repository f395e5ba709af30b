"""How emissions are measured in a figure: CO2 alone, or CO2 equivalent under a GWP set."""

from __future__ import annotations

from dataclasses import dataclass

from services.accounting.domain.emission import Booked
from services.accounting.domain.explanation.tree import GRAMS, GRAMS_CO2E
from services.accounting.domain.method import Method

_CO2 = "co2_g"
_CO2E = "co2e_g"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """The last part of a figure's name: `co2_g`, `co2e_g`, or `co2e_g.gwp100-ar6`."""

    text: str
    gwp_set: str
    """Empty for CO2 alone."""

    @property
    def unit(self) -> str:
        """Of the figure."""
        return GRAMS_CO2E if self.gwp_set else GRAMS

    def grams(self, booked: Booked) -> int:
        """Return what is booked, by this measure."""
        return booked.under(self.gwp_set) if self.gwp_set else booked.co2_g


def measures(method: Method) -> tuple[Measure, ...]:
    """Return the measures of a method: CO2, its own set without its name, and the others."""
    return (
        Measure(text=_CO2, gwp_set=""),
        Measure(text=_CO2E, gwp_set=method.gwp_set),
        *(Measure(text=f"{_CO2E}.{each}", gwp_set=each) for each in method.gwp_sets[1:]),
    )


def measure_of(figure: str, method: Method) -> Measure:
    """Return the measure that the name of a known figure ends with."""
    found = [each for each in measures(method) if figure.endswith(each.text)]
    return max(found, key=lambda each: len(each.text))
