"""A computation: the emissions of activities, of which nothing is stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from services.accounting.domain import formula as formulas
from services.accounting.domain.activity import Kind
from services.accounting.domain.binding import (
    Binding,
    BoundFactor,
    Found,
    Given,
    Lacking,
    Need,
    activity_unit,
    bind,
    check_share,
    misfit,
)
from services.accounting.domain.emission import Emission, of_quantity
from services.accounting.domain.formula import Step
from services.accounting.domain.method import Item, Method
from services.accounting.domain.refusal import (
    ranked,
    uncounted,
    unproven,
    wrong_category,
    wrong_fuel,
    wrong_steam,
    wrong_subject,
)
from services.accounting.domain.role import MANNERS, Role
from services.kernel import units
from services.kernel.errors import (
    AtField,
    BalanceNegative,
    CertificateRetired,
    DomainError,
    FactorNotApplicable,
    FieldInvalid,
    FieldRequired,
    FuelCountedTwice,
    GwpSetMismatch,
    QuantityInvalid,
    Words,
    within,
)
from services.kernel.mass import G_PER_T
from services.kernel.quantity import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """An activity as far as it could be read; what could not be is None and stands in `errors`."""

    path: str
    """Where it stands in the request: "activities[2]"."""
    kind: Kind | None
    subject: str
    quantity: Quantity | None
    given: tuple[Given, ...]
    """Factors that the caller brings."""
    errors: tuple[AtField, ...]
    evidence: str = ""
    certificate: str = ""
    value_chain_category: int = 0
    steam: BoundFactor | None = None
    """The enthalpy of steam that is given by mass, from the tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """By which method, for which year and place, under which potentials."""

    method: Method
    accounting_year: int
    region_code: str
    gwp_set: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the factors of an activity depend on, in one item of the method."""

    activity: Activity
    need: Need


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """The emissions of an activity in an item of the method, and what led to them."""

    path: str
    """Of the activity."""
    item: Item
    need: Need
    binding: Binding
    emission: Emission

    @property
    def sign(self) -> int:
        """1 where it adds to the total, -1 where it is deducted."""
        return self.item.sign


def chosen_gwp_set(method: Method, given: str) -> str:
    """Return the set asked for, the method's own where none is named.

    Raises:
        FieldInvalid: the method is not shown under it.
    """
    if given and given not in method.gwp_sets:
        raise FieldInvalid(field="gwp_set", given=given, allowed=", ".join(method.gwp_sets))
    return given or method.gwp_set


def needs(activities: Sequence[Activity], question: Question) -> tuple[Wanted, ...]:
    """Return what the factors of each activity depend on, by each item it stands in.

    Raises:
        DomainError: the first, by precedence, of what is wrong with the activities in themselves.
    """
    errors = [
        error.within(f"{activity.path}.")
        for activity in activities
        for error in (*activity.errors, *_wrong(activity, question))
    ]
    _refuse([*errors, *_twice(activities)])
    return tuple(
        Wanted(activity=activity, need=need)
        for activity in activities
        for need in _needs(activity, question)
    )


def answer(wanted: Sequence[Wanted], found: Found) -> tuple[Computed, ...]:
    """Return the emissions of each activity, with the factors that were `found`.

    Raises:
        DomainError: the first, by precedence: a factor is not there, a unit does not fit, or a
            material balance comes out negative.
    """
    bound = [bind(each.need, found, year_field="accounting_year") for each in wanted]
    _refuse(
        error if isinstance(error, FactorNotApplicable) else error.within(f"{each.activity.path}.")
        for each, binding in zip(wanted, bound, strict=True)
        if isinstance(binding, Lacking)
        for error in binding.errors
    )
    bindings = [each for each in bound if isinstance(each, Binding)]
    _refuse(
        error.within(f"{each.activity.path}.")
        for each, binding in zip(wanted, bindings, strict=True)
        for error in _more_than_all(each.need, binding)
    )
    _refuse(
        error.within(f"{each.activity.path}.")
        for each, binding in zip(wanted, bindings, strict=True)
        for error in misfit(_quantity(each.activity), _unit(each.need, binding))
    )
    computed = tuple(
        _computed(each, binding) for each, binding in zip(wanted, bindings, strict=True)
    )
    _refuse(_negative(computed))
    return computed


def _refuse(errors: Iterable[DomainError]) -> None:
    for error in ranked(errors):
        raise error


def _wrong(activity: Activity, question: Question) -> Iterator[AtField]:
    if activity.quantity is not None:
        try:
            activity.quantity.non_negative("quantity.value")
        except QuantityInvalid as error:
            yield error
    kind = activity.kind
    if kind is None:
        return
    yield from wrong_subject(kind, activity.subject)
    if question.method.biomass:
        yield from wrong_fuel(kind, activity.subject, question.method.biomass)
    yield from wrong_category(kind, activity.value_chain_category)
    yield from wrong_steam(kind, activity.steam.data_period if activity.steam else "")
    yield from unproven(kind, activity.subject, activity.evidence, activity.certificate)
    terms = question.method.terms_of(kind, activity.subject or kind.carrier)
    subject = activity.subject or kind.carrier
    if not terms and subject:
        yield uncounted(kind, subject, [question.method])
    roles = {
        slot.role
        for term in terms
        for formula in term.formulas
        for slot in (*formula.needs, *formula.slots())
    }
    yield from _check_given(activity, sorted(roles), question)


def _check_given(
    activity: Activity, roles: Sequence[Role], question: Question
) -> Iterator[AtField]:
    """Yield what is wrong with factors that the caller brings."""
    for index, factor in enumerate(activity.given):
        before = {(each.role, each.subject) for each in activity.given[:index]}
        if factor.role not in roles and roles:
            listed = ", ".join(roles)
            yield FieldInvalid(field=f"{factor.path}.role", given=factor.role, allowed=listed)
        elif (factor.role, factor.subject) in before:
            allowed = Words(en="each role once", zh="每种因子只能给出一次")
            yield FieldInvalid(field=f"{factor.path}.role", given=factor.role, allowed=allowed)
        if factor.role is Role.CO2E_FACTOR and not factor.gwp_set:
            yield FieldRequired(field=f"{factor.path}.gwp_set")
        if factor.gwp_set and factor.gwp_set != question.gwp_set:
            yield GwpSetMismatch(
                field=f"{factor.path}.gwp_set", given=factor.gwp_set, wanted=question.gwp_set
            )
        try:
            with within(f"{factor.path}.quantity."):
                factor.quantity.non_negative()
                _check_fits(factor)
        except AtField as error:
            yield error


def _check_fits(factor: Given) -> None:
    """Raise UnitDimension where the unit is none of the role, FieldInvalid for a share above 1."""
    manner = MANNERS[factor.role]
    vector = units.unit(factor.quantity.unit).vector
    if manner.units and vector not in {units.unit(code).vector for code in manner.units}:
        units.conversion(factor.quantity.unit, manner.units[0])
    if not check_share(factor.role, factor.quantity):
        allowed = Words(en="at most 100 %", zh="不超过 100 %")
        raise FieldInvalid(field="value", given=str(factor.quantity), allowed=allowed)


def _twice(activities: Sequence[Activity]) -> Iterator[AtField]:
    """Yield where two activities are one: a certificate, or a fuel by two paths."""
    certificates: set[str] = set()
    fuels: dict[str, Activity] = {}
    for each in activities:
        if each.certificate and each.certificate in certificates:
            yield CertificateRetired(field=f"{each.path}.certificate", given=each.certificate)
        certificates.add(each.certificate)
        if each.kind is None or not each.kind.is_fuel or each.quantity is None:
            continue
        first = fuels.setdefault(each.subject, each)
        given, other = each.quantity.unit, _quantity(first).unit
        if units.unit(given).vector != units.unit(other).vector:
            yield FuelCountedTwice(
                field=f"{each.path}.quantity.unit_code", given=given, other=first.path
            )


def _needs(activity: Activity, question: Question) -> Iterator[Need]:
    kind = activity.kind
    assert kind is not None, "what could not be read is refused"
    subject = activity.subject or kind.carrier
    for term in question.method.terms_of(kind, subject):
        yield Need(
            method=question.method,
            term=term,
            subject=subject,
            unit=_quantity(activity).unit,
            accounting_year=question.accounting_year,
            region_code=question.region_code,
            gwp_sets=(question.gwp_set,),
            given=activity.given,
            steam=activity.steam,
        )


def _quantity(activity: Activity) -> Quantity:
    assert activity.quantity is not None, "what could not be read is refused"
    return activity.quantity


def _unit(need: Need, binding: Binding) -> str:
    return activity_unit(need.term.formula(binding.formula_id), binding)


def _more_than_all(need: Need, binding: Binding) -> Iterator[AtField]:
    """Yield an error where the parts of a whole that are given exceed it."""
    formula, known = need.term.formula(binding.formula_id), binding.known
    for chain in formula.taken(need.subject, known.figures.keys()):
        for words in formulas.below_nothing(chain, known):
            allowed = Words(en=f"{words.en} of 0 or more", zh=f"{words.zh} 不小于 0")
            given = ", ".join(f"{each.role.lower()} {each.quantity}" for each in binding.factors)
            yield FieldInvalid(field="given_factors", given=given, allowed=allowed)


def _computed(wanted: Wanted, binding: Binding) -> Computed:
    need, quantity = wanted.need, _quantity(wanted.activity)
    formula, unit = need.term.formula(binding.formula_id), _unit(need, binding)
    with within(f"{wanted.activity.path}."):
        emission = of_quantity(formula, quantity, binding, need.method.rounding)
    if quantity.unit != unit:
        path = units.explain(quantity.unit, unit).steps[-1]
        first = Step(
            formula=Words(en=path, zh=path), value=quantity.to(unit), unit=unit, clause=None
        )
        emission = replace(
            emission,
            gases=tuple(
                replace(gas, chains=tuple((first, *steps) for steps in gas.chains))
                for gas in emission.gases
            ),
        )
    return Computed(
        path=wanted.activity.path,
        item=need.term.item,
        need=need,
        binding=binding,
        emission=emission,
    )


def _negative(computed: Sequence[Computed]) -> Iterator[AtField]:
    """Yield an error where a material balance of which both sides are given comes out negative."""
    sums: defaultdict[str, int] = defaultdict(int)
    signs: defaultdict[str, set[int]] = defaultdict(set)
    for each in computed:
        if each.item.balance:
            sums[each.item.balance] += each.sign * each.emission.booked.co2_g
            signs[each.item.balance].add(each.sign)
    for name, grams in sums.items():
        if grams < 0 and len(signs[name]) > 1:
            tonnes = units.written(Fraction(grams, G_PER_T))
            yield BalanceNegative(field="activities", item=name, given=f"{tonnes} tCO2")


def by_item(computed: Iterable[Computed]) -> Mapping[str, list[Computed]]:
    """Return what was computed, by item."""
    found: defaultdict[str, list[Computed]] = defaultdict(list)
    for each in computed:
        found[each.item.item_id].append(each)
    return found
