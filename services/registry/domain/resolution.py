"""How a method finds its factor: by rule, never by guess.

    method → rule of the accounting year → factor set → first place that has a factor

No rule: not applicable. No factor: missing. Two: a conflict. Never "the newest".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.kernel import trust
from services.registry.domain.factor import Factor, FactorRole, Region, RegionLevel, Rule

ANY_SUBJECT = "*"
_NATION = "CN"
_WORLD = "GLOBAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What factor is wanted."""

    method: str
    accounting_year: int
    role: FactorRole
    subject: str
    region_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The factor that was found, and why."""

    factor: Factor
    rule: Rule
    region_level: RegionLevel

    @property
    def status(self) -> trust.Status:
        """The lowest status of factor and rule."""
        return trust.lowest(self.factor.source.status, self.rule.source.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """Why there is no factor: a reason of the contract, and what it speaks of."""

    reason: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What the answer to some queries can depend on: rules, factors by set, regional grids."""

    rules: Sequence[Rule]
    factors: Mapping[tuple[str, FactorRole, str], Sequence[Factor]]
    """By set, role and subject."""
    grids: Mapping[str, Region]
    """By province."""


def resolve(query: Query, library: Library) -> Resolved | Unresolved:
    """Return the factor that `query` leads to, or why there is none."""
    of_method = [
        rule
        for rule in library.rules
        if (rule.method, rule.role) == (query.method, query.role)
        and rule.subject in {query.subject, ANY_SUBJECT}
    ]
    of_year = [rule for rule in of_method if rule.accounting_year == query.accounting_year]
    if not of_year:
        years = sorted({rule.accounting_year for rule in of_method})
        return Unresolved(
            reason="FACTOR_NOT_APPLICABLE", candidates=tuple(str(year) for year in years)
        )
    # A rule for the very thing goes before one for every thing.
    exact = [rule for rule in of_year if rule.subject == query.subject] or of_year
    if len(exact) > 1:
        sets = tuple(f"factorSets/{rule.factor_set}" for rule in exact)
        return Unresolved(reason="FACTOR_CONFLICT", candidates=sets)
    return _by_place(query, exact[0], library)


def places(provinces: Iterable[str], grids: Mapping[str, Region]) -> set[str]:
    """Return the codes of every place whose factors can hold in one of `provinces`."""
    return {_place(province, level, grids) for province in provinces for level in RegionLevel}


def _by_place(query: Query, rule: Rule, library: Library) -> Resolved | Unresolved:
    candidates = library.factors.get((rule.factor_set, query.role, query.subject), ())
    for level in rule.region_levels:
        place = _place(query.region_code, level, library.grids)
        found = [factor for factor in candidates if factor.region_code == place]
        if len(found) > 1:
            return Unresolved(
                reason="FACTOR_CONFLICT", candidates=tuple(factor.name for factor in found)
            )
        if found:
            return Resolved(factor=found[0], rule=rule, region_level=level)
    return Unresolved(reason="FACTOR_MISSING", candidates=(f"factorSets/{rule.factor_set}",))


def _place(province: str, level: RegionLevel, grids: Mapping[str, Region]) -> str:
    match level:
        case RegionLevel.PROVINCE:
            return province
        case RegionLevel.GRID_REGION:
            return grids[province].grid_region_code if province in grids else ""
        case RegionLevel.NATION:
            return _NATION
        case RegionLevel.GLOBAL:
            return _WORLD
        case RegionLevel.ENTERPRISE:
            return ""
