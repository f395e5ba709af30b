"""Factor binding: which factors an activity is multiplied with, and where they come from.

The method's formulas name the roles; the registry finds a factor for each, or says why there is
none. A factor that the caller brings goes before the registry's.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Final

from services.accounting.domain import formula as formulas
from services.accounting.domain.formula import Formula, Known, Slot
from services.accounting.domain.method import Method, Term
from services.accounting.domain.role import MANNERS, MEASURABLE, Role
from services.kernel import trust, units
from services.kernel.errors import (
    AtField,
    FactorConflict,
    FactorMissing,
    FactorNotApplicable,
    FactorPeriodSplit,
    UnitDimension,
    within,
)
from services.kernel.mass import Gas
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from services.kernel.source import Source


class Origin(StrEnum):
    """Where a factor of a binding comes from: shown, since a default is not a measurement."""

    PUBLISHED = "PUBLISHED"
    """A default that a document prints."""
    CUSTOM = "CUSTOM"
    """The emitter's own, approved by four eyes: measured, or stated by its supplier."""
    GIVEN = "GIVEN"
    """Brought by the caller, of whom nothing is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundFactor:
    """A factor as it was found, or as the caller brought it."""

    role: Role
    subject: str
    """Whose figure: the activity's own subject, or the one the formula names."""
    quantity: Quantity
    status: trust.Status
    """The lowest of factor and rule; unverified for one that the caller brought."""
    origin: Origin = Origin.PUBLISHED
    name: str = ""
    """The resource name; empty where the caller brought it."""
    version: int = 0
    region_level: str = ""
    """How wide the place is that matched: a value of the contract's RegionLevel."""
    region_code: str = ""
    data_period: str = ""
    """The years the figure describes; empty where the source does not say."""
    source: Source | None = None
    rule_source: Source | None = None
    """Why it applies."""
    lower: Decimal | None = None
    """The lower end of its published 95 % interval, in its unit; None where the source has none."""
    upper: Decimal | None = None
    """The upper end, likewise."""

    @property
    def slot(self) -> Slot:
        """Its place in the formula."""
        return Slot(role=self.role, subject=self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Potential:
    """A global warming potential: of a gas, under a set."""

    gwp_set: str
    gas: Gas
    factor: BoundFactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The formula and the factors of one activity. Two equal ones are the same."""

    method_id: str
    item_id: str
    formula_id: str
    subject: str
    """Of the activity."""
    accounting_year: int
    gwp_sets: tuple[str, ...]
    """The sets under which its CO2 equivalent is booked; the first is the method's own."""
    factors: tuple[BoundFactor, ...]
    """In the order of the formula."""
    potentials: tuple[Potential, ...] = ()
    """Of every gas but CO2, under every set."""

    @property
    def status(self) -> trust.Status:
        """The lowest status among the factors and the rules that led to them."""
        potentials = (each.factor.status for each in self.potentials)
        each = [*(factor.status for factor in self.factors), *potentials]
        return trust.lowest(*each) if each else trust.Status.OFFICIAL

    @property
    def known(self) -> Known:
        """The figures that the formula is computed with."""
        figures = {factor.slot: factor.quantity for factor in self.factors}
        return Known(subject=self.subject, figures=figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What factor is wanted from the registry."""

    method_id: str
    accounting_year: int
    role: Role
    subject: str
    region_code: str
    factor_set: str = ""
    """The set chosen, where the rules allow several."""
    enterprise: str = ""
    """Whose custom factors may be taken; empty for none's."""
    period: Period | None = None
    """The days that a custom factor must cover."""
    as_of_revision: int = 0
    """The revision of the library that is asked; 0: the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """Why the registry found none: a reason of the contract, and what it speaks of."""

    reason: str
    candidates: tuple[str, ...]

    @property
    def is_split(self) -> bool:
        """Whether a custom factor covers only some of the days."""
        return self.reason == FactorPeriodSplit.reason


Found = Mapping[Query, BoundFactor | Unresolved]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A factor that the caller brings."""

    path: str
    """Where it stands in the activity: "given_factors[0]"."""
    role: Role
    subject: str
    """Whose figure; empty: the activity's own subject."""
    quantity: Quantity
    gwp_set: str = ""
    """The set a CO2e factor was made under."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """What the factors of an activity depend on.

    What follows from it is kept: the rows of a report share their needs by month and subject.
    """

    method: Method
    term: Term
    subject: str
    unit: str
    """The unit in which the activity is reported."""
    accounting_year: int
    region_code: str
    gwp_sets: tuple[str, ...]
    enterprise: str = ""
    """Whose custom factors may be taken; empty for a computation that stores nothing."""
    month: Period | None = None
    """The month of the activity, for which custom factors are asked first."""
    period: Period | None = None
    """Its days, for which they are asked where one begins or ends inside the month."""
    given: tuple[Given, ...] = ()
    steam: BoundFactor | None = None
    """The enthalpy of reported steam, from the tables."""
    kept: tuple[BoundFactor, ...] = ()
    """Factors that were found before and are not asked for again."""
    as_of_revision: int = 0
    """The revision of the library that the year follows; 0: the newest."""

    @cached_property
    def brought(self) -> dict[Slot, BoundFactor]:
        """What needs no asking: the caller's factors, the enthalpy of steam."""
        slots = {
            slot.of(self.subject)
            for each in self.term.formulas
            for slot in (*each.needs, *each.slots())
        }
        found = {
            slot: BoundFactor(
                role=each.role,
                subject=slot.subject,
                quantity=each.quantity,
                status=trust.Status.UNVERIFIED,
                origin=Origin.GIVEN,
            )
            for each in self.given
            for slot in slots
            if slot.role is each.role and each.subject in {"", slot.subject}
        }
        found |= {each.slot: each for each in self.kept}
        if self.steam is not None:
            found[Slot(role=Role.STEAM_ENTHALPY, subject=self.subject)] = self.steam
        return found

    @cached_property
    def formulas(self) -> tuple[Formula, ...]:
        """The formulas that the year and the unit allow, in their order."""
        return tuple(each for each in self.term.formulas if self._allows(each))

    @cached_property
    def asked(self) -> Mapping[Slot, Query]:
        """What to ask the registry for each place of a formula that nothing is brought for."""
        slots = {
            slot.of(self.subject) for each in self.formulas for slot in (*each.needs, *each.slots())
        } - self.brought.keys()
        askable = sorted(slot for slot in slots if slot.role is not Role.STEAM_ENTHALPY)
        return {slot: self.query(slot) for slot in askable}

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        """What to ask the registry first: every factor that a formula could take."""
        return (*self.asked.values(), *self._potentials())

    def queries_of_days(self, found: Found) -> tuple[Query, ...]:
        """Return what to ask again for the very days, a custom factor covering only some."""
        return tuple(
            replace(query, period=part)
            for query in self.queries
            if _is_split(found[query])
            for part in self.parts(found)
            if part != query.period
        )

    def parts(self, found: Found) -> tuple[Period, ...]:
        """Return the period whole; cut where its factors change, if the method divides by days."""
        if self.period is None:
            return ()
        if not self.method.splits_periods:
            return (self.period,)
        days = {
            date.fromisoformat(day)
            for query in self.queries
            if isinstance(answer := found[query], Unresolved) and answer.is_split
            for day in answer.candidates
        }
        start, end = self.period.start, self.period.end
        cuts = [start, *sorted(day for day in days if start < day < end), end]
        return tuple(Period(start=a, end=b) for a, b in itertools.pairwise(cuts))

    def on(self, period: Period) -> Need:
        """Return the need for a part of its days."""
        return self if period == self.period else replace(self, period=period)

    def query(self, slot: Slot) -> Query:
        """Return what to ask for `slot`, of the month where a custom factor may be taken."""
        measurable = bool(self.enterprise) and slot.role in MEASURABLE
        return Query(
            method_id=self.method.method_id,
            accounting_year=self.accounting_year,
            role=slot.role,
            subject=slot.subject or self.subject,
            region_code=self.region_code,
            enterprise=self.enterprise if measurable else "",
            period=self.month if measurable else None,
            as_of_revision=self.as_of_revision,
        )

    def potential(self, gwp_set: str, gas: Gas, formula: Formula) -> Query:
        """Return what to ask for the global warming potential of `gas` under a set."""
        return Query(
            method_id=self.method.method_id,
            accounting_year=self.accounting_year,
            role=Role.GWP100,
            subject=formula.gwp_subjects[gas],
            region_code=self.region_code,
            factor_set=gwp_set,
            as_of_revision=self.as_of_revision,
        )

    def _potentials(self) -> Iterator[Query]:
        for each in self.formulas:
            for gas in _weighted(each):
                for gwp_set in self.gwp_sets:
                    yield self.potential(gwp_set, gas, each)

    def _allows(self, formula: Formula) -> bool:
        fits = not formula.unit or (
            units.unit(formula.unit).vector == units.unit(self.unit).vector if self.unit else False
        )
        return fits and formula.first_year <= self.accounting_year <= formula.last_year


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """Why an activity has no binding: the factors that were not found."""

    errors: tuple[AtField, ...]


def bind(need: Need, found: Found, *, year_field: str) -> Binding | Lacking:
    """Return the formula and the factors of `need`, whose queries are answered in `found`.

    The first formula is taken whose needs are the emitter's own figures. `year_field` is the field
    that says the accounting year, for the errors.
    """
    answers = {slot: _answer(need, query, found) for slot, query in need.asked.items()}
    published = {slot: each for slot, each in answers.items() if isinstance(each, BoundFactor)}
    known = need.brought | published
    if unclear := _unclear(need, answers, year_field=year_field):
        return Lacking(errors=unclear)
    formula = _chosen(need, known)
    if formula is None:
        return Lacking(errors=(_missing(need, Slot(role=Role.CO2_FACTOR, subject=need.subject)),))
    chains = formula.taken(need.subject, known)
    wanted = dict.fromkeys(
        slot.of(need.subject)
        for chain in chains
        for slot in chain.slots()
        if not slot.optional or slot.of(need.subject) in known
    )
    potentials, weightless = _potentials(need, formula, {chain.gas for chain in chains}, found)
    errors = (
        *(
            _why(need, slot, answers.get(slot), year_field=year_field)
            for slot in wanted
            if slot not in known
        ),
        *weightless,
    )
    if errors:
        return Lacking(errors=errors)
    return Binding(
        method_id=need.method.method_id,
        item_id=need.term.item.item_id,
        formula_id=formula.formula_id,
        subject=need.subject,
        accounting_year=need.accounting_year,
        gwp_sets=need.gwp_sets,
        factors=tuple(known[slot] for slot in wanted),
        potentials=tuple(potentials),
    )


def formula_of(method: Method, binding: Binding, term: Term) -> Formula:
    """Return the formula that `binding` is of."""
    assert method.method_id == binding.method_id, "a binding is explained by its own method"
    return term.formula(binding.formula_id)


def activity_unit(formula: Formula, binding: Binding) -> str:
    """Return the unit in which the activity of `binding` is added up."""
    known = binding.known
    first = formula.taken(binding.subject, known.figures.keys())[0]
    return formulas.activity_unit(first, known)


def misfit(quantity: Quantity, unit: str) -> Iterator[AtField]:
    """Yield an error where the unit of `quantity` is not one that converts to `unit`."""
    try:
        with within("quantity."):
            units.conversion(quantity.unit, unit)
    except UnitDimension as error:
        yield error


def _weighted(formula: Formula) -> list[Gas]:
    """Return the gases of a formula whose mass is weighted by a potential."""
    gases = dict.fromkeys(chain.gas for chain in formula.chains)
    return [gas for gas in gases if gas not in {Gas.CO2, Gas.CO2E}]


def _answer(need: Need, query: Query, found: Found) -> BoundFactor | Unresolved:
    answer = found[query]
    if _is_split(answer) and need.period is not None:
        return found.get(replace(query, period=need.period), answer)
    return answer


def _is_split(answer: BoundFactor | Unresolved) -> bool:
    return isinstance(answer, Unresolved) and answer.is_split


def _unclear(
    need: Need, answers: Mapping[Slot, BoundFactor | Unresolved], *, year_field: str
) -> tuple[AtField, ...]:
    """Return an error for each own figure that cannot be told: it must not be passed over."""
    own = {
        slot.of(need.subject)
        for each in need.formulas
        for slot in (*each.needs, *(slot for slot in each.slots() if slot.optional))
    }
    return tuple(
        _why(need, slot, answer, year_field=year_field)
        for slot in sorted(own & answers.keys())
        if isinstance(answer := answers[slot], Unresolved)
        and answer.reason in {FactorConflict.reason, FactorPeriodSplit.reason}
    )


def _chosen(need: Need, known: Mapping[Slot, BoundFactor]) -> Formula | None:
    own = {slot for slot, each in known.items() if each.origin is not Origin.PUBLISHED}
    steam = Slot(role=Role.STEAM_ENTHALPY, subject=need.subject)
    own |= {steam} & known.keys()
    return next(
        (
            each
            for each in need.formulas
            if all(slot.of(need.subject) in own for slot in each.needs)
        ),
        None,
    )


def _potentials(
    need: Need, formula: Formula, gases: Iterable[Gas], found: Found
) -> tuple[list[Potential], list[AtField]]:
    """Return the potentials of `gases` under every set, and what is wrong with the others."""
    potentials: list[Potential] = []
    errors: list[AtField] = []
    for gas in _weighted(formula):
        if gas not in set(gases):
            continue
        for gwp_set in need.gwp_sets:
            answer = found[need.potential(gwp_set, gas, formula)]
            if isinstance(answer, BoundFactor):
                potentials.append(Potential(gwp_set=gwp_set, gas=gas, factor=answer))
            else:
                errors.append(
                    FactorMissing(
                        field="subject",
                        wanted=f"the global warming potential of {gas} in {gwp_set}",
                        year=need.accounting_year,
                    )
                )
    return potentials, errors


def _why(need: Need, slot: Slot, answer: object, *, year_field: str) -> AtField:
    wanted = wanted_of(slot)
    match answer:
        case Unresolved(reason="FACTOR_NOT_APPLICABLE", candidates=years):
            return FactorNotApplicable(
                field=year_field,
                factor=f"{wanted} ({need.method.method_id})",
                year=need.accounting_year,
                applicable=tuple(int(year) for year in years if year.isdigit()),
            )
        case Unresolved(reason="FACTOR_CONFLICT", candidates=candidates):
            return FactorConflict(field="subject", wanted=wanted, candidates=candidates)
        case Unresolved(reason="FACTOR_PERIOD_SPLIT", candidates=days):
            return FactorPeriodSplit(field="period", wanted=wanted, days=days)
        case _:
            return _missing(need, slot)


def _missing(need: Need, slot: Slot) -> FactorMissing:
    return FactorMissing(field="subject", wanted=wanted_of(slot), year=need.accounting_year)


def wanted_of(slot: Slot) -> str:
    """Return how a factor that is wanted is called in an error."""
    return f"{slot.role.lower()} of {slot.subject}"


_WHOLE_PERCENT: Final = 100


def check_share(role: Role, quantity: Quantity) -> bool:
    """Tell whether a figure of `role` lies where it can: a share is at most the whole."""
    return not MANNERS[role].is_share or quantity.to("%") <= _WHOLE_PERCENT
