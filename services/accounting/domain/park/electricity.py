"""Electricity of a park by kind: the direct share in both readings, and what matching would take.

Source: 发改环资〔2025〕910号, annex 4, 二（二）3①. What is sent out is kept by kind and never
netted against what is taken in: each kind has a factor of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from services.accounting.domain.indicator.requirement import Requirement, Verdict
from services.accounting.domain.park.rule import MWH, PERCENT
from services.kernel import units
from services.kernel.errors import Words, within
from services.kernel.quantity import Quantity


class Flow(StrEnum):
    """Where electricity comes from or goes to."""

    INTAKE_DIRECT_NON_FOSSIL = "INTAKE_DIRECT_NON_FOSSIL"
    INTAKE_MATCHED = "INTAKE_MATCHED"
    """By green certificates or green-power trade."""
    INTAKE_OTHER = "INTAKE_OTHER"
    ON_SITE_NON_FOSSIL = "ON_SITE_NON_FOSSIL"
    """Generated in the park without fuel and used in it."""
    ON_SITE_FOSSIL = "ON_SITE_FOSSIL"
    """Generated in the park from fuel and used in it."""
    EXPORT_DIRECT_NON_FOSSIL = "EXPORT_DIRECT_NON_FOSSIL"
    EXPORT_MATCHED = "EXPORT_MATCHED"
    EXPORT_OTHER = "EXPORT_OTHER"


_INTAKE = (Flow.INTAKE_DIRECT_NON_FOSSIL, Flow.INTAKE_MATCHED, Flow.INTAKE_OTHER)
_ON_SITE = (Flow.ON_SITE_NON_FOSSIL, Flow.ON_SITE_FOSSIL)
_EXPORT = (Flow.EXPORT_DIRECT_NON_FOSSIL, Flow.EXPORT_MATCHED, Flow.EXPORT_OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Electricity:
    """The flows of a year, in MWh, exactly."""

    flows: tuple[tuple[Flow, Fraction], ...]

    def mwh(self, *kinds: Flow) -> Fraction:
        """Return the sum of some kinds."""
        return sum((amount for kind, amount in self.flows if kind in kinds), Fraction(0))

    @property
    def intake_mwh(self) -> Fraction:
        """All that is taken in; nothing sent out is deducted."""
        return self.mwh(*_INTAKE)

    @property
    def on_site_mwh(self) -> Fraction:
        """All that is generated in the park and used in it."""
        return self.mwh(*_ON_SITE)

    @property
    def exported_mwh(self) -> Fraction:
        """All that is sent out."""
        return self.mwh(*_EXPORT)

    @property
    def without_fuel_mwh(self) -> Fraction:
        """What is taken in, or generated without fuel: what counts as energy beside the fuels."""
        return self.intake_mwh + self.mwh(Flow.ON_SITE_NON_FOSSIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The direct share by one reading of the text."""

    reading_id: str
    reading: Words
    direct_mwh: Fraction
    whole_mwh: Fraction
    percent: Fraction | None
    """None where there is nothing to be a share of."""
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """What it would take to reach a limit by matching electricity alone."""

    needed_mwh: Fraction
    available_mwh: Fraction
    share_needed_percent: Fraction | None
    """Of all that is taken in, direct or matched; above 100 where matching alone is not enough."""

    @property
    def sufficient(self) -> bool:
        """Tell whether there is enough to be matched."""
        return self.needed_mwh <= self.available_mwh


def read(flows: Sequence[tuple[Flow, Quantity]]) -> Electricity:
    """Return the flows in MWh.

    Raises:
        QuantityInvalid: an amount is negative.
        UnitDimension: a unit is none of energy.
    """
    amounts = []
    for index, (kind, quantity) in enumerate(flows):
        with within(f"electricity_flows[{index}].quantity."):
            units.conversion(quantity.unit, MWH)
            amounts.append((kind, quantity.non_negative().to(MWH)))
    return Electricity(flows=tuple(amounts))


def shares(electricity: Electricity, requirement: Requirement) -> tuple[Share, Share]:
    """Return the direct share by both readings, %; the annex does not say of what it is one.

    of intake        direct ÷ all taken in
    of consumption   (direct + on site without fuel) ÷ (all taken in + all on site)
    """
    direct = electricity.mwh(Flow.INTAKE_DIRECT_NON_FOSSIL)
    return (
        _share(
            "of-intake",
            Words(en="of the electricity taken in", zh="占受入电量"),
            (direct, electricity.intake_mwh),
            requirement,
        ),
        _share(
            "of-consumption",
            Words(en="of the electricity consumed, own included", zh="占用电量（含自发自用）"),
            (
                direct + electricity.mwh(Flow.ON_SITE_NON_FOSSIL),
                electricity.intake_mwh + electricity.on_site_mwh,
            ),
            requirement,
        ),
    )


def matching(
    electricity: Electricity, *, reduction_tco2: Fraction, factor_tco2_per_mwh: Fraction
) -> Matching:
    """Return how much more intake must be matched for a reduction, all else unchanged.

        needed = reduction ÷ factor

    A matched megawatt-hour emits 0 in place of the factor, and its energy stays what it was.

    >>> power = Electricity(flows=((Flow.INTAKE_OTHER, Fraction(1000)),))
    >>> found = matching(
    ...     power, reduction_tco2=Fraction("772.5"), factor_tco2_per_mwh=Fraction("0.8325")
    ... )
    >>> round(float(found.share_needed_percent), 4), found.sufficient
    (92.7928, True)
    """
    needed = reduction_tco2 / factor_tco2_per_mwh
    intake = electricity.intake_mwh
    other = electricity.mwh(Flow.INTAKE_OTHER)
    return Matching(
        needed_mwh=needed,
        available_mwh=other,
        share_needed_percent=100 * (intake - other + needed) / intake if intake else None,
    )


def _share(
    reading_id: str, reading: Words, parts: tuple[Fraction, Fraction], requirement: Requirement
) -> Share:
    direct, whole = parts
    assert requirement.limit.unit == PERCENT, "shares are compared in per cent"
    percent = 100 * direct / whole if whole else None
    return Share(
        reading_id=reading_id,
        reading=reading,
        direct_mwh=direct,
        whole_mwh=whole,
        percent=percent,
        verdict=Verdict.UNDEFINED if percent is None else requirement.verdict(percent),
    )
