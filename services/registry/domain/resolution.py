"""How a method finds its factor: by rule, never by guess.

    method → rule of the accounting year → factor set → first place that has a factor

The nearest place is the emitter itself: an active custom factor of it, where the rule admits one.
No rule: not applicable. No factor: missing. Two: a conflict. A custom factor for some of the days
only: the period must be split. Never "the newest".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from services.kernel import trust
from services.kernel.period import Period
from services.registry.domain.custom_factor import CustomFactor
from services.registry.domain.factor import Factor, FactorRole, Region, RegionLevel, Rule

ANY_SUBJECT = "*"
_NATION = "CN"
_WORLD = "GLOBAL"

Kind = TypeVar("Kind", Factor, CustomFactor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What factor is wanted."""

    method: str
    accounting_year: int
    role: FactorRole
    subject: str
    region_code: str
    factor_set: str = ""
    """Id of the set to be chosen among those that the rules allow; "" where they allow one."""
    enterprise: str = ""
    """Id of the enterprise whose custom factors may be taken; "" for none's."""
    period: Period | None = None
    """The days of the activity; not None where `enterprise` is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The factor that was found, and why."""

    factor: Factor | CustomFactor
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
    """What the answer to some queries can depend on."""

    rules: Mapping[tuple[str, FactorRole, str], Sequence[Rule]]
    """By method, role and subject; of every accounting year, since those that there are rules for
    are named where the one asked for is not among them."""
    factors: Mapping[tuple[str, FactorRole, str], Sequence[Factor]]
    """By set, role and subject."""
    grids: Mapping[str, Region]
    """By province."""
    custom_factors: Mapping[tuple[str, FactorRole, str], Sequence[CustomFactor]]
    """Active ones alone, by enterprise, role and subject."""


def resolve(query: Query, library: Library) -> Resolved | Unresolved:
    """Return the factor that `query` leads to, or why there is none."""
    related = [
        rule
        for subject in dict.fromkeys((query.subject, ANY_SUBJECT))
        for rule in library.rules.get((query.method, query.role, subject), ())
    ]
    rules = _chosen(query, query.accounting_year, related)
    if not rules:
        years = sorted({rule.accounting_year for rule in related})
        applicable = tuple(str(year) for year in years if _chosen(query, year, related))
        return Unresolved(reason="FACTOR_NOT_APPLICABLE", candidates=applicable)
    if len(rules) > 1:
        sets = tuple(sorted(f"factorSets/{rule.factor_set}" for rule in rules))
        return Unresolved(reason="FACTOR_CONFLICT", candidates=sets)
    return _by_place(query, rules[0], library)


def places(provinces: Iterable[str], grids: Mapping[str, Region]) -> set[str]:
    """Return the codes of every place whose published factors can hold in one of `provinces`."""
    published = set(RegionLevel) - {RegionLevel.ENTERPRISE}
    return {_place(province, level, grids) for province in provinces for level in published}


def _chosen(query: Query, year: int, related: Sequence[Rule]) -> Sequence[Rule]:
    """Return those rules of a year that go before its others and lead to the set wanted."""
    rules = [rule for rule in related if rule.accounting_year == year]
    # A rule for the very thing goes before one for every thing.
    exact = [rule for rule in rules if rule.subject == query.subject] or rules
    return [rule for rule in exact if query.factor_set in {"", rule.factor_set}]


def _by_place(query: Query, rule: Rule, library: Library) -> Resolved | Unresolved:
    for level in rule.region_levels:
        found = (
            _of_enterprise(query, library)
            if level is RegionLevel.ENTERPRISE
            else _published(query, rule, level, library)
        )
        if isinstance(found, Unresolved):
            return found
        if found is not None:
            return Resolved(factor=found, rule=rule, region_level=level)
    return Unresolved(reason="FACTOR_MISSING", candidates=(f"factorSets/{rule.factor_set}",))


def _published(
    query: Query, rule: Rule, level: RegionLevel, library: Library
) -> Factor | Unresolved | None:
    place = _place(query.region_code, level, library.grids)
    candidates = library.factors.get((rule.factor_set, query.role, query.subject), ())
    return _only([factor for factor in candidates if factor.region_code == place])


def _of_enterprise(query: Query, library: Library) -> CustomFactor | Unresolved | None:
    """Return the custom factor that covers all days; None where none has a day of them."""
    period = query.period
    if not query.enterprise or period is None:
        return None
    own = library.custom_factors.get((query.enterprise, query.role, query.subject), ())
    touching = [factor for factor in own if factor.period.overlaps(period)]
    days = {day for each in touching for day in (each.period.start, each.period.end)}
    if inside := sorted(day for day in days if period.start < day < period.end):
        return Unresolved(reason="FACTOR_PERIOD_SPLIT", candidates=tuple(map(str, inside)))
    return _only(touching)


def _only(found: Sequence[Kind]) -> Kind | Unresolved | None:
    """Return the one that was found, None for none; several are a conflict."""
    if len(found) > 1:
        names = tuple(sorted(factor.name for factor in found))
        return Unresolved(reason="FACTOR_CONFLICT", candidates=names)
    return found[0] if found else None


def _place(province: str, level: RegionLevel, grids: Mapping[str, Region]) -> str:
    match level:
        case RegionLevel.PROVINCE:
            return province
        case RegionLevel.GRID_REGION:
            return grids[province].grid_region_code if province in grids else ""
        case RegionLevel.NATION:
            # What is published for the nation leaves out places that no region lists.
            return _NATION if province in grids else ""
        case RegionLevel.GLOBAL:
            return _WORLD
        case RegionLevel.ENTERPRISE:
            raise AssertionError("an enterprise is no place of published factors")
