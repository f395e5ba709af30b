"""Factor binding: which factors an activity is multiplied with, and where they come from.

The method names the roles; the registry finds a factor for each, or says why there is none. A
factor that the caller brings goes before the registry's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.accounting.domain.activity import Kind
from services.accounting.domain.method import Method, Role, Term
from services.kernel import trust, units
from services.kernel.errors import (
    AtField,
    FactorConflict,
    FactorMissing,
    FactorNotApplicable,
    FieldInvalid,
    UnitDimension,
    Words,
    within,
)
from services.kernel.quantity import Quantity
from services.kernel.source import Source

MEASURED: Final = (Role.NET_CALORIFIC_VALUE, Role.CARBON_CONTENT_PER_HEAT)
"""What a measured carbon content per mass or volume of fuel stands for: C = NCV × CC."""

_FITTING: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.NET_CALORIFIC_VALUE: ("GJ(NCV)/t", "GJ(NCV)/10^4 Nm3", "GJ(NCV)/10^4 Sm3"),
    Role.CARBON_CONTENT_PER_HEAT: ("tC/TJ(NCV)",),
    Role.CARBON_CONTENT: ("tC/t", "tC/10^4 Nm3", "tC/10^4 Sm3"),
    Role.OXIDATION_RATE: ("%",),
    Role.GRID_AVERAGE: ("tCO2/MWh",),
    Role.HEAT_DEFAULT: ("tCO2/GJ",),
}
"""One unit of each dimension that a factor of the role may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundFactor:
    """A factor as it was found, or as the caller brought it."""

    role: Role
    quantity: Quantity
    status: trust.Status
    """The lowest of factor and rule; unverified for one that the caller brought."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The factors of one activity, in the order of the formula. Two equal ones are the same."""

    method_id: str
    gwp_set: str
    accounting_year: int
    factors: tuple[BoundFactor, ...]

    @property
    def status(self) -> trust.Status:
        """The lowest status among the factors and the rules that led to them."""
        return trust.lowest(*(factor.status for factor in self.factors))

    @property
    def activity_unit(self) -> str:
        """The unit of activity that the first factor is per: t for GJ(NCV)/t."""
        return self.factors[0].quantity.unit.partition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What factor is wanted from the registry."""

    method_id: str
    accounting_year: int
    role: Role
    subject: str
    region_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """Why the registry found none: a reason of the contract, and what it speaks of."""

    reason: str
    candidates: tuple[str, ...]


Found = Mapping[Query, BoundFactor | Unresolved]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A factor that the caller brings."""

    path: str
    """Where it stands in the activity: "given_factors[0]"."""
    role: Role
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What the factors of an activity depend on."""

    method: Method
    kind: Kind
    subject: str
    accounting_year: int
    region_code: str
    given: tuple[Given, ...] = ()

    @property
    def term(self) -> Term:
        """The term of the method that takes the activity."""
        return self.method.terms[self.kind]

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles of the formula, in its order."""
        if Role.CARBON_CONTENT not in {given.role for given in self.given}:
            return self.term.roles
        others = (role for role in self.term.roles if role not in MEASURED)
        return (Role.CARBON_CONTENT, *others)

    def query(self, role: Role) -> Query:
        """Return what to ask the registry for `role`."""
        return Query(
            method_id=self.method.method_id,
            accounting_year=self.accounting_year,
            role=role,
            subject=self.subject,
            region_code=self.region_code,
        )

    def queries(self) -> tuple[Query, ...]:
        """Return what to ask the registry: a query for each role that is not given."""
        brought = {given.role for given in self.given}
        return tuple(self.query(role) for role in self.roles if role not in brought)


def bind(need: Need, found: Found) -> Binding:
    """Return the factors of `need`; all its queries are answered in `found`, none unresolved."""
    brought = {given.role: _as_brought(given) for given in need.given}
    factors = []
    for role in need.roles:
        factor = brought.get(role) or found[need.query(role)]
        assert isinstance(factor, BoundFactor), "unresolved factors are refused before"
        factors.append(factor)
    return Binding(
        method_id=need.method.method_id,
        gwp_set=need.method.gwp_set,
        accounting_year=need.accounting_year,
        factors=tuple(factors),
    )


def unresolved(need: Need, found: Found, *, year_field: str) -> Iterator[AtField]:
    """Yield an error for each factor of `need` that the registry could not find.

    `year_field` is the field that says the accounting year.
    """
    for query in need.queries():
        match found[query]:
            case Unresolved(reason="FACTOR_NOT_APPLICABLE", candidates=years):
                yield FactorNotApplicable(
                    field=year_field,
                    factor=f"{_wanted(query)} ({query.method_id})",
                    year=query.accounting_year,
                    applicable=tuple(int(year) for year in years),
                )
            case Unresolved(reason="FACTOR_CONFLICT", candidates=candidates):
                yield FactorConflict(field="subject", wanted=_wanted(query), candidates=candidates)
            case Unresolved():
                yield FactorMissing(
                    field="subject", wanted=_wanted(query), year=query.accounting_year
                )


def misfit(quantity: Quantity, binding: Binding) -> Iterator[AtField]:
    """Yield an error where the unit of `quantity` is not one that the first factor is per."""
    try:
        with within("quantity."):
            units.conversion(quantity.unit, binding.activity_unit)
    except UnitDimension as error:
        yield error


def check_given(term: Term, given: Sequence[Given]) -> Iterator[AtField]:
    """Yield what is wrong with factors that a caller brings for an activity of `term`."""
    for index, factor in enumerate(given):
        before = {earlier.role for earlier in given[:index]}
        if factor.role not in _allowed(term, {other.role for other in given} - {factor.role}):
            yield FieldInvalid(
                field=f"{factor.path}.role", given=factor.role, allowed=_formula_takes(term)
            )
        elif factor.role in before:
            yield FieldInvalid(
                field=f"{factor.path}.role",
                given=factor.role,
                allowed=Words(en="each role once", zh="每种因子只能给出一次"),
            )
        try:
            with within(f"{factor.path}.quantity."):
                factor.quantity.non_negative()
                _check_fits(factor)
        except AtField as error:
            yield error


def _allowed(term: Term, others: Collection[Role]) -> set[Role]:
    """Return the roles that may be given beside `others`: never NCV or CC beside what they make."""
    roles = set(term.roles)
    if set(MEASURED) <= roles:
        roles |= set() if set(MEASURED) & set(others) else {Role.CARBON_CONTENT}
        roles -= set(MEASURED) if Role.CARBON_CONTENT in others else set()
    return roles


def _formula_takes(term: Term) -> Words:
    roles = ", ".join(term.roles)
    if not set(MEASURED) <= set(term.roles):
        return Words(en=roles, zh=roles)
    return Words(
        en=f"{roles}; or CARBON_CONTENT in the place of {MEASURED[0]} and {MEASURED[1]}",
        zh=f"{roles}；或以 CARBON_CONTENT 代替 {MEASURED[0]} 和 {MEASURED[1]}",
    )


def _check_fits(factor: Given) -> None:
    """Raise UnitDimension where the unit is none of the role, FieldInvalid for a rate above 1."""
    first, *others = _FITTING[factor.role]
    vector = units.unit(factor.quantity.unit).vector
    if vector not in {units.unit(code).vector for code in others}:
        units.conversion(factor.quantity.unit, first)
    if factor.role is Role.OXIDATION_RATE and factor.quantity.to("%") > _WHOLE_PERCENT:
        allowed = Words(en="at most 100 %", zh="不超过 100 %")
        raise FieldInvalid(field="value", given=str(factor.quantity), allowed=allowed)


_WHOLE_PERCENT: Final = 100


def _as_brought(given: Given) -> BoundFactor:
    return BoundFactor(role=given.role, quantity=given.quantity, status=trust.Status.UNVERIFIED)


def _wanted(query: Query) -> str:
    return f"{query.role.lower()} of {query.subject}"
