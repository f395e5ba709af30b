"""The shipped factor library, answering by the registry's own rules and without a server."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from services.accounting.domain.binding import BoundFactor, Found, Query, Unresolved
from services.accounting.domain.role import Role
from services.registry.domain import resolution
from services.registry.domain.factor import Factor, FactorRole, Rule
from services.registry.domain.resolution import Library
from services.registry.wire import factor as wire
from tests.accounting.world import DATA
from zonecarbon.cli import library


@cache
def shelf() -> Library:
    """Return the library as a registry has it that was loaded with the shipped files."""
    loads = library.requests(DATA)
    rules: defaultdict[tuple[str, FactorRole, str], list[Rule]] = defaultdict(list)
    factors: defaultdict[tuple[str, FactorRole, str], list[Factor]] = defaultdict(list)
    for rule in (wire.to_rule(each) for load in loads for each in load.rules):
        rules[rule.method, rule.role, rule.subject].append(rule)
    for factor in (wire.to_factor(each) for load in loads for each in load.factors):
        factors[factor.factor_set, factor.role, factor.subject].append(factor)
    regions = (wire.to_region(each) for load in loads for each in load.regions)
    return Library(
        rules=rules,
        factors=factors,
        grids={each.region_code: each for each in regions},
        custom_factors={},
    )


def found(queries: Iterable[Query]) -> Found:
    """Return what the library answers to each query of accounting."""
    return {query: _answer(query) for query in queries}


def _answer(query: Query) -> BoundFactor | Unresolved:
    asked = resolution.Query(
        method=query.method_id,
        accounting_year=query.accounting_year,
        role=FactorRole(query.role.value),
        subject=query.subject,
        region_code=query.region_code,
        factor_set=query.factor_set,
    )
    answer = resolution.resolve(asked, shelf())
    if isinstance(answer, resolution.Unresolved):
        return Unresolved(reason=answer.reason, candidates=answer.candidates)
    factor = answer.factor
    assert isinstance(factor, Factor), "no enterprise was named, so none is its own"
    return BoundFactor(
        role=Role(factor.role.value),
        subject=factor.subject,
        quantity=factor.quantity,
        status=answer.status,
        name=factor.name,
        version=1,
        region_level=answer.region_level.value,
        region_code=factor.region_code,
        source=factor.source,
        rule_source=answer.rule.source,
        lower=factor.lower,
        upper=factor.upper,
    )
