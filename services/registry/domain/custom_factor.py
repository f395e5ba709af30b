"""Factors of one enterprise: proposed by one principal, decided on by another.

    PROPOSED → ACTIVE → RETIRED
             → REJECTED

What was proposed never changes; a decision makes a new version.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from services.kernel import names, units
from services.kernel.errors import (
    FactorConflict,
    FieldInvalid,
    FieldRequired,
    FourEyes,
    StateWrong,
    Words,
    within,
)
from services.kernel.period import Period
from services.kernel.quantity import MOST_DIGITS, Quantity
from services.kernel.source import Source
from services.kernel.trust import Status
from services.registry.domain.factor import FactorRole, check_enclosed, check_plausible


class State(StrEnum):
    """Where a custom factor stands."""

    PROPOSED = "PROPOSED"
    ACTIVE = "ACTIVE"
    REJECTED = "REJECTED"
    RETIRED = "RETIRED"


class Origin(StrEnum):
    """Where the figure comes from."""

    MEASURED = "MEASURED"
    SUPPLIER = "SUPPLIER"
    REGISTER = "REGISTER"


class Basis(StrEnum):
    """The state of the sample that a figure refers to."""

    AS_RECEIVED = "AS_RECEIVED"
    AIR_DRIED = "AIR_DRIED"
    DRY = "DRY"


_BEFORE: Final = {
    State.ACTIVE: State.PROPOSED,
    State.REJECTED: State.PROPOSED,
    State.RETIRED: State.ACTIVE,
}
"""The state that each decision starts from."""

_OF_SAMPLE: Final = {
    FactorRole.CARBON_CONTENT: "tC/t",
    FactorRole.NET_CALORIFIC_VALUE: "GJ(NCV)/t",
    FactorRole.VOLATILE_SHARE: "%",
    FactorRole.SULPHUR_SHARE: "%",
    FactorRole.ASH_SHARE: "%",
}
"""The roles that depend on how wet the sample was, where they are in a unit of this dimension."""

_MOISTURES: Final = {
    None: (),
    Basis.AS_RECEIVED: (),
    Basis.AIR_DRIED: ("moisture_as_received", "moisture_air_dried"),
    Basis.DRY: ("moisture_as_received",),
}
"""The moistures that lead from each basis to the sample as received."""

_WHOLE: Final = 100
_APPLIED: Final = Context(prec=MOST_DIGITS, rounding=ROUND_HALF_EVEN)

_CONFIDENCE: Final = {
    Origin.MEASURED: "measured for the enterprise; approved by a second principal",
    Origin.SUPPLIER: "stated by the supplier; approved by a second principal",
    Origin.REGISTER: "read from a register; approved by a second principal",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomFactor:
    """A factor of one enterprise for some days, as it was proposed."""

    enterprise: str
    custom_factor: str
    role: FactorRole
    subject: str
    quantity: Quantity
    period: Period
    origin: Origin
    evidence: str
    basis: Basis | None = None
    """None where the figure is no property of a sample."""
    moisture_as_received: Quantity | None = None
    moisture_air_dried: Quantity | None = None
    lower: Quantity | None = None
    """Lower bound of the 95 % range, in the unit of the figure; None where it is not known."""
    upper: Quantity | None = None

    @property
    def name(self) -> str:
        """The resource name."""
        return names.CUSTOM_FACTOR.format(
            enterprise=self.enterprise, custom_factor=self.custom_factor
        )

    @property
    def thing(self) -> str:
        """What it is a factor of, in words."""
        return f"{self.role.lower()} of {self.subject}"

    @property
    def applied(self) -> Quantity:
        """The figure that methods take: as received, in the unit it was measured in.

        Exact where it is a finite decimal of at most 34 digits, else rounded half to even to 34
        significant digits. A figure that was not converted keeps its digits as written.
        """
        return self._applied(self.quantity)

    @property
    def applied_lower(self) -> Quantity | None:
        """The lower bound, converted as the figure; None where it is not known."""
        return None if self.lower is None else self._applied(self.lower)

    @property
    def applied_upper(self) -> Quantity | None:
        """The upper bound, converted as the figure; None where it is not known."""
        return None if self.upper is None else self._applied(self.upper)

    def _applied(self, measured: Quantity) -> Quantity:
        if not _MOISTURES[self.basis]:
            return measured
        exact = as_received(
            measured.fraction,
            moisture_as_received=_percent(self.moisture_as_received),
            moisture_of_sample=_percent(self.moisture_air_dried),
        )
        value = _APPLIED.divide(Decimal(exact.numerator), Decimal(exact.denominator))
        return Quantity(value=value, unit=measured.unit, written=f"{value:f}")

    @property
    def source(self) -> Source:
        """Where the figure comes from, as of any factor; secondary, since no official text says it.

        The note tells how it was converted.
        """
        return Source(
            title=self.evidence,
            status=Status.SECONDARY,
            confidence=_CONFIDENCE[self.origin],
            note=self._conversion(),
        )

    def _conversion(self) -> str:
        if not _MOISTURES[self.basis]:
            return ""
        moistures = f"{self.moisture_as_received} as received"
        if self.moisture_air_dried is not None:
            moistures += f", {self.moisture_air_dried} air dried"
        return (
            f"{self.quantity} {str(self.basis).lower().replace('_', ' ')}, "
            f"converted to as received; moisture {moistures}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a custom factor stands, and who brought it there."""

    state: State
    proposer: str
    """The resource name of a principal."""
    decider: str = ""
    """The resource name of the principal that decided last; empty while proposed."""
    reason: str = ""
    """Why it was rejected or retired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A custom factor in one of its versions, and when that became known."""

    factor: CustomFactor
    standing: Standing
    version: int
    create_time: datetime
    revision: int

    @property
    def etag(self) -> str:
        """Changes with every version."""
        return _etag(self.version)

    def was_decided(self, etag: str, state: State, *, decider: str, reason: str) -> bool:
        """Tell whether it is what this very decision, on the version with `etag`, led to."""
        standing = Standing(
            state=state, proposer=self.standing.proposer, decider=decider, reason=reason
        )
        return etag == _etag(self.version - 1) and standing == self.standing


def as_received(
    value: Fraction, *, moisture_as_received: Fraction, moisture_of_sample: Fraction
) -> Fraction:
    """Return a share or a content per mass of the material as received, exactly.

    The conversion between the bases of an analysis (基的换算): what is not water stays the same.

        C_ar = C_ad × (100 − M_ar) / (100 − M_ad)        air dried
        C_ar = C_d × (100 − M_ar) / 100                  dry: the sample has no moisture

    Moistures are in %, from 0 to under 100.

    >>> as_received(
    ...     Fraction("0.6"), moisture_as_received=Fraction(10), moisture_of_sample=Fraction(4)
    ... )
    Fraction(9, 16)
    """
    return value * (_WHOLE - moisture_as_received) / (_WHOLE - moisture_of_sample)


def checked(factor: CustomFactor) -> CustomFactor:
    """Return `factor` if it can be proposed; errors are at fields below `custom_factor`.

    The figure must be plausible for its role as measured and as received. A figure that depends on
    how wet the sample was says its basis, and has the moistures that convert it, no others. A net
    calorific value is taken as received only: it also loses the heat that evaporates the water,
    which moistures alone do not tell. Its range is known with both bounds, or not at all.

    Raises:
        UnitDimension: a unit does not fit the role, or a moisture is no share.
        QuantityInvalid: the figure is negative, or it or a bound cannot be written as received.
        FactorImplausible: it lies outside the band of its role.
        FieldRequired: evidence, basis, a moisture or the other bound is missing.
        FieldInvalid: a basis or a moisture stands where none belongs, a moisture is not from 0 to
            under 100 %, or the bounds do not enclose the figure.
    """
    with within("custom_factor."):
        if not factor.evidence.strip():
            raise FieldRequired(field="evidence")
        check_plausible(factor.role, factor.quantity)
        _check_basis(factor)
        _check_moistures(factor)
        with within("quantity."):
            applied = factor.applied
        check_plausible(factor.role, applied)
        _check_bounds(factor)
    return factor


def decided(before: Version, state: State, *, decider: str, reason: str = "") -> Standing:
    """Return where the factor stands after `decider` brought it into `state`.

    Raises:
        FieldRequired: `reason` is given, but blank.
        StateWrong: it is not in the state that the decision starts from.
        FourEyes: `decider` proposed it.
    """
    if reason and not reason.strip():
        raise FieldRequired(field="reason")
    standing = before.standing
    if standing.state is not _BEFORE[state]:
        raise StateWrong(
            name=before.factor.name, state=standing.state.value, allowed=_BEFORE[state].value
        )
    if decider == standing.proposer:
        raise FourEyes(name=before.factor.name, proposer=standing.proposer)
    return Standing(state=state, proposer=standing.proposer, decider=decider, reason=reason)


def check_days(factor: CustomFactor, active: Iterable[CustomFactor]) -> None:
    """Check that no day of `factor` has another active one of the same role and subject.

    Raises:
        FactorConflict: one or more of `active`, all of that enterprise, role and subject, do.
    """
    others = tuple(each.name for each in active if each.period.overlaps(factor.period))
    if others:
        raise FactorConflict(
            field="name",
            wanted=f"{factor.thing} on a day of {factor.period}",
            candidates=(*others, factor.name),
            way_out=Words(
                en="Have the active one retired, or another one proposed for the days it leaves.",
                zh="请先停用已生效的因子，或针对其未覆盖的日期另行提出因子。",
            ),
        )


def _etag(version: int) -> str:
    return f'"{version}"'


def _percent(moisture: Quantity | None) -> Fraction:
    return Fraction(0) if moisture is None else moisture.to("%")


def _check_basis(factor: CustomFactor) -> None:
    unit = _OF_SAMPLE.get(factor.role)
    of_sample = unit and units.unit(factor.quantity.unit).vector == units.unit(unit).vector
    if not of_sample and factor.basis is not None:
        raise FieldInvalid(
            field="basis",
            given=factor.basis.value,
            allowed=Words(
                en=f"nothing: {factor.role} in {factor.quantity.unit} is no property of a sample",
                zh=f"不填：单位为 {factor.quantity.unit} 的 {factor.role} 不是样品的性质",
            ),
        )
    if of_sample and factor.basis is None:
        raise FieldRequired(field="basis")
    if factor.role is FactorRole.NET_CALORIFIC_VALUE and _MOISTURES[factor.basis]:
        raise FieldInvalid(
            field="basis",
            given=str(factor.basis),
            allowed=Words(
                en=f"{Basis.AS_RECEIVED}; a net calorific value also loses the heat that "
                "evaporates the water: take the one as received from the laboratory's report",
                zh=f"{Basis.AS_RECEIVED}；低位发热量还须扣除水分蒸发的热量，仅凭水分不能换算，"
                "请采用检测报告中的收到基低位发热量",
            ),
        )


def _check_bounds(factor: CustomFactor) -> None:
    if factor.lower is None and factor.upper is None:
        return
    if factor.lower is None or factor.upper is None:
        raise FieldRequired(field="lower_value" if factor.lower is None else "upper_value")
    check_enclosed(factor.quantity.value, factor.lower.value, factor.upper.value)
    with within("lower_value."):
        _ = factor.applied_lower
    with within("upper_value."):
        _ = factor.applied_upper


def _check_moistures(factor: CustomFactor) -> None:
    for field, moisture in (
        ("moisture_as_received", factor.moisture_as_received),
        ("moisture_air_dried", factor.moisture_air_dried),
    ):
        if moisture is None:
            if field in _MOISTURES[factor.basis]:
                raise FieldRequired(field=field)
            continue
        if field not in _MOISTURES[factor.basis]:
            basis = factor.basis or "none"
            raise FieldInvalid(
                field=field,
                given=str(moisture),
                allowed=Words(
                    en=f"nothing where the basis is {basis}: the figure would not be converted",
                    zh=f"基准为 {basis} 时不填，因为不进行换算",
                ),
            )
        with within(f"{field}."):
            if not 0 <= moisture.to("%") < _WHOLE:
                allowed = Words(en="from 0 % to under 100 %", zh="0 % 至 100 %（不含 100 %）")
                raise FieldInvalid(field="value", given=str(moisture), allowed=allowed)
