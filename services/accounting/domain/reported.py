"""Reported figures: what a guide rounds in stages. A type of its own, never mixed with the books.

The books are exact and rounded once; a guide prints each quantity, factor and emission with so many
decimals and goes on with what it printed. Both are right, each for its purpose, and the difference
is a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from services.accounting.domain import formula as formulas
from services.accounting.domain.activity import EmissionSource
from services.accounting.domain.binding import Binding, BoundFactor, formula_of
from services.accounting.domain.emission import Booked
from services.accounting.domain.formula import Chain, Constant, Known, Slot
from services.accounting.domain.line import Line
from services.accounting.domain.method import Method, Reporting, Stage
from services.accounting.domain.role import Role
from services.kernel import units
from services.kernel.errors import UnitDimension
from services.kernel.mass import G_PER_T, Gas, Rounding, round_fraction
from services.kernel.quantity import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRow:
    """One line of the guide's table: a source's year, as far as one set of factors holds."""

    item_id: str
    facility: str
    subject: str
    sign: int
    activity: Quantity
    """Rounded as the guide prints it."""
    factors: tuple[BoundFactor, ...]
    """Each rounded as the guide prints it."""
    emissions: Quantity
    """tCO2e under the guide's own GWP set, rounded as the guide prints it; not negative."""
    in_total: bool
    """Whether it is in the enterprise's total; the boundary of a process is told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The guide's figures of a year."""

    rows: tuple[ReportedRow, ...]
    total: Decimal
    """Tonnes, rounded as the guide prints the enterprise's total."""
    booked_g: int
    """What the books say of the same, grams of CO2 equivalent."""

    @property
    def difference_g(self) -> int:
        """Reported minus booked, grams: what rounding in stages makes."""
        return int(Fraction(self.total) * G_PER_T) - self.booked_g


def of(lines: Sequence[Line], booked: Booked, method: Method) -> Reported | None:
    """Return the reported figures of a year; None where the guide prints no stages.

    Activity is summed over the year for each facility, subject and set of factors, rounded, and
    multiplied with the rounded factors; the products are rounded, and so is their sum.
    """
    reporting = method.reporting
    if reporting is None:
        return None
    rows = tuple(_row(part, method, reporting) for part in _parts(lines, method))
    exact = sum((row.sign * row.emissions.fraction for row in rows if row.in_total), Fraction(0))
    return Reported(
        rows=rows,
        total=round_fraction(exact, reporting.total_decimals, reporting.rounding),
        booked_g=booked.under(method.gwp_set),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Lines of a year that share everything but their month."""

    source: EmissionSource
    facility: str
    binding: Binding
    unit: str
    activity: Fraction


def _parts(lines: Sequence[Line], method: Method) -> Iterator[_Part]:
    found: dict[tuple[str, str, Binding], _Part] = {}
    for line in lines:
        item = method.items[line.binding.item_id]
        if not (method.counts(item.category, method.basis) or item.by_facility):
            continue
        key = (line.facility, line.source.subject, line.binding)
        before = found.get(key)
        found[key] = _Part(
            source=line.source,
            facility=line.facility,
            binding=line.binding,
            unit=line.activity_unit,
            activity=line.activity + (before.activity if before else 0),
        )
    yield from found.values()


def _row(part: _Part, method: Method, reporting: Reporting) -> ReportedRow:
    item = method.items[part.binding.item_id]
    activity = rounded(part.activity, part.unit, reporting.activity, reporting.rounding)
    factors = tuple(_as_printed(factor, reporting) for factor in part.binding.factors)
    tonnes = _co2e_t(replace(part.binding, factors=factors), part.source, activity, method)
    return ReportedRow(
        item_id=item.item_id,
        facility=part.facility,
        subject=part.source.subject,
        sign=item.sign,
        activity=activity,
        factors=factors,
        emissions=Quantity(
            value=round_fraction(tonnes, reporting.emissions_decimals, reporting.rounding),
            unit="tCO2e",
        ),
        in_total=method.counts(item.category, method.basis),
    )


def _as_printed(factor: BoundFactor, reporting: Reporting) -> BoundFactor:
    quantity = rounded(
        factor.quantity.fraction,
        factor.quantity.unit,
        reporting.factors.get(factor.role, ()),
        reporting.rounding,
        written=factor.quantity,
    )
    return replace(factor, quantity=quantity)


def _co2e_t(
    printed: Binding, source: EmissionSource, activity: Quantity, method: Method
) -> Fraction:
    """Return the tonnes of CO2 equivalent of a row before they are rounded.

    Where the guide prints an intermediate product, carbon per mass from heat per mass and carbon
    per heat, that one is rounded too and the chain goes on with it.
    """
    formula = formula_of(method, printed, method.term_of(source, printed.item_id))
    assert method.reporting is not None, "asked only where the guide prints stages"
    tonnes = Fraction(0)
    for chain in formula.taken(printed.subject, printed.known.figures.keys()):
        whole = method.reporting.whole_factors.get(printed.item_id, ())
        taken, known = _with_product(chain, printed.known, method.reporting)
        taken = _as_one_factor(taken, known, whole, method.reporting.rounding)
        steps = formulas.evaluate(taken, activity.fraction, activity.unit, known, formula.clause)
        tonnes += steps[-1].value * _weight(chain.gas, printed, method)
    return tonnes


def rounded(
    value: Fraction,
    unit: str,
    stages: Sequence[Stage],
    rounding: Rounding,
    *,
    written: Quantity | None = None,
) -> Quantity:
    """Return a figure in the unit and with the decimals of the stage of its dimension.

    As it is where no stage speaks of its dimension.
    """
    vector = units.unit(unit).vector
    for stage in stages:
        if units.unit(stage.unit).vector == vector:
            exact = value * units.conversion(unit, stage.unit)
            return Quantity(value=round_fraction(exact, stage.decimals, rounding), unit=stage.unit)
    return written or Quantity(value=round_fraction(value, _EXACT, rounding), unit=unit)


_EXACT: Final = 12
"""Decimals of a figure that no stage speaks of: far finer than any meter."""


def _with_product(chain: Chain, known: Known, reporting: Reporting) -> tuple[Chain, Known]:
    """Return the chain with heat value and carbon per heat as the one product that is printed."""
    pair = [
        token
        for token in chain.tokens
        if isinstance(token, Slot) and token.role in _FACTORS_OF_PRODUCT
    ]
    if len(pair) != len(_FACTORS_OF_PRODUCT):
        return chain, known
    first, second = (known.figures[slot.of(known.subject)] for slot in pair)
    for stage in reporting.products:
        try:
            one = units.coefficient(first.unit, second.unit, to=stage.unit)
        except UnitDimension:
            continue
        exact = first.fraction * second.fraction * one
        product = Quantity(
            value=round_fraction(exact, stage.decimals, reporting.rounding), unit=stage.unit
        )
        slot = Slot(role=Role.CARBON_CONTENT, subject=known.subject)
        tokens = (slot, *(token for token in chain.tokens if token not in pair))
        figures = {**known.figures, slot: product}
        return replace(chain, tokens=tokens), replace(known, figures=figures)
    return chain, known


def _as_one_factor(
    chain: Chain, known: Known, stages: Sequence[Stage], rounding: Rounding
) -> Chain:
    """Return the chain with its factors as the one that the guide prints; as it is without such."""
    for stage in stages:
        above, _, below = stage.unit.partition("/")
        if above == f"t{chain.gas}":
            one = formulas.evaluate(chain, Fraction(1), below, known, None)[-1].value
            factor = round_fraction(one, stage.decimals, rounding)
            token = Constant(text=f"{factor} {stage.unit}", value=Fraction(factor), unit=stage.unit)
            return replace(chain, tokens=(token,))
    return chain


_FACTORS_OF_PRODUCT: Final = (Role.NET_CALORIFIC_VALUE, Role.CARBON_CONTENT_PER_HEAT)


def _weight(gas: Gas, binding: Binding, method: Method) -> Fraction:
    if gas in {Gas.CO2, Gas.CO2E}:
        return Fraction(1)
    return next(
        each.factor.quantity.fraction
        for each in binding.potentials
        if each.gas is gas and each.gwp_set == method.gwp_set
    )
