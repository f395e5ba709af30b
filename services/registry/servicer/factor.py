"""FactorService: the factor library."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

import grpc

from services.kernel import names
from services.kernel.batch import check_each_once
from services.kernel.errors import NotFound, within
from services.registry import store
from services.registry.domain import factor as domain
from services.registry.domain.basis import check_bases
from services.registry.domain.factor import CUSTOM_SET, Factor, Region, Rule
from services.registry.domain.resolution import resolve
from services.registry.wire import factor as wire
from services.runtime import auth, outbox, paging, revision
from services.runtime.database import Database
from zonecarbon.registry.v1 import factor_pb2, factor_service_pb2, factor_service_pb2_grpc

Message = TypeVar("Message")
Value = TypeVar("Value")


class Factors(factor_service_pb2_grpc.FactorServiceServicer):
    def __init__(self, database: Database) -> None:
        self._database = database

    def ImportFactors(
        self, request: factor_service_pb2.ImportFactorsRequest, context: grpc.ServicerContext
    ) -> factor_service_pb2.ImportFactorsResponse:
        facts: list[Factor | Rule | Region] = [
            *_each("factors", request.factors, lambda row: domain.checked(wire.to_factor(row))),
            *_each("rules", request.rules, lambda row: domain.checked_rule(wire.to_rule(row))),
            *_each("regions", request.regions, wire.to_region),
        ]
        check_bases(_factors(facts))
        with self._database.write() as connection:
            known = store.factors.sets(connection).keys()
            _check_sets(_rules(facts), known | {each.factor_set for each in _factors(facts)})
            differing = store.factors.differing(connection, facts)
            if differing:
                taken = revision.take(connection)
                store.factors.save(connection, differing, taken)
                outbox.publish(connection, taken, [(each.name, each.version) for each in differing])
            created = sum(each.version == 1 for each in differing)
            return factor_service_pb2.ImportFactorsResponse(
                created_count=created,
                changed_count=len(differing) - created,
                unchanged_count=len(facts) - len(differing),
                revision=revision.newest(connection),
            )

    def ListFactorSets(
        self, request: factor_service_pb2.ListFactorSetsRequest, context: grpc.ServicerContext
    ) -> factor_service_pb2.ListFactorSetsResponse:
        with self._database.read() as connection:
            found = store.factors.sets(connection)
        return factor_service_pb2.ListFactorSetsResponse(
            factor_sets=[wire.from_set(name, *counted) for name, counted in found.items()]
        )

    def GetFactor(
        self, request: factor_service_pb2.GetFactorRequest, context: grpc.ServicerContext
    ) -> factor_pb2.Factor:
        ids = names.FACTOR.parse(request.name)
        with self._database.read() as connection:
            found = store.factors.find(
                connection, ids["factor_set"], ids["factor"], request.resource_version
            )
        if found is None:
            raise NotFound(name=request.name)
        return wire.from_version(found)

    def ListFactors(
        self, request: factor_service_pb2.ListFactorsRequest, context: grpc.ServicerContext
    ) -> factor_service_pb2.ListFactorsResponse:
        factor_set = names.FACTOR_SET.parse(request.parent, "parent")["factor_set"]
        after, size = paging.start(request, request.parent), paging.size(request)
        with self._database.read() as connection:
            if factor_set not in store.factors.sets(connection):
                raise NotFound(name=request.parent)
            found = store.factors.page(connection, factor_set, after=after, size=size + 1)
        return factor_service_pb2.ListFactorsResponse(
            factors=[wire.from_version(each) for each in found[:size]],
            next_page_token=paging.next_token(
                [each.factor.factor for each in found], size, request.parent
            ),
        )

    def ResolveFactors(
        self, request: factor_service_pb2.ResolveFactorsRequest, context: grpc.ServicerContext
    ) -> factor_service_pb2.ResolveFactorsResponse:
        queries = _read("queries", request.queries, wire.to_query)
        with self._database.read() as connection:
            as_of = revision.known(connection, request.as_of_revision)
            newest = revision.newest(connection)
            library, versions = store.factors.library(connection, queries, auth.caller(), as_of)
        return factor_service_pb2.ResolveFactorsResponse(
            resolutions=wire.from_resolutions(
                [resolve(query, library) for query in queries], versions
            ),
            revision=newest if as_of is None else as_of,
        )


def _each(field: str, messages: Iterable[Message], read: Callable[[Message], Value]) -> list[Value]:
    """Return the values of all `messages`, each once."""
    values = _read(field, messages, read)
    check_each_once(field, map(_identity, values))
    return values


def _read(field: str, messages: Iterable[Message], read: Callable[[Message], Value]) -> list[Value]:
    values: list[Value] = []
    for index, message in enumerate(messages):
        with within(f"{field}[{index}]."):
            values.append(read(message))
    return values


def _identity(value: object) -> Hashable:
    match value:
        case Factor():
            return value.name
        case Rule():
            return (
                value.method,
                value.accounting_year,
                value.role,
                value.subject,
                value.factor_set,
            )
        case Region():
            return value.region_code
        case _:
            raise AssertionError(value)


def _factors(facts: Iterable[Factor | Rule | Region]) -> list[Factor]:
    return [fact for fact in facts if isinstance(fact, Factor)]


def _rules(facts: Iterable[Factor | Rule | Region]) -> list[Rule]:
    return [fact for fact in facts if isinstance(fact, Rule)]


def _check_sets(rules: Iterable[Rule], known: set[str]) -> None:
    for rule in rules:
        if rule.factor_set not in known | {CUSTOM_SET}:
            raise NotFound(name=names.FACTOR_SET.format(factor_set=rule.factor_set))
