"""What others follow: factors, rules and regions, custom factors, enterprises."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from services.kernel import names
from tests import builders
from tests.fixtures.registry import RunningRegistry
from tests.refusals import refused
from zonecarbon.registry.v1 import custom_factor_service_pb2, enterprise_pb2, factor_pb2
from zonecarbon.registry.v1 import factor_service_pb2 as factor_pb
from zonecarbon.registry.v1 import registry_service_pb2 as pb


def newest(registry: RunningRegistry) -> int:
    """The registry's revision as of now."""
    return changes(registry, 0).revision


def changes(registry: RunningRegistry, after: int, **fields: Any) -> pb.ListChangesResponse:
    """What changed after a revision, and the newest."""
    request = pb.ListChangesRequest(after_revision=after, **fields)
    return registry.administrator.registry.ListChanges(request)


def told(registry: RunningRegistry, after: int) -> list[tuple[str, int]]:
    """The names of what changed after a revision, with their versions."""
    return [(each.name, each.resource_version) for each in changes(registry, after).changes]


def load(registry: RunningRegistry, **rows: Any) -> int:
    """Import; return the revision."""
    request = factor_pb.ImportFactorsRequest(**rows)
    return registry.administrator.factors.ImportFactors(request).revision


def test_an_import_tells_each_factor_rule_and_region_that_it_changed(
    registry: RunningRegistry,
) -> None:
    parent, method = f"factorSets/{builders.fresh('set')}", builders.fresh("method")
    factors = [builders.factor(f"{parent}/factors/{each}") for each in ("f", "g")]
    rules = [
        builders.rule(method, parent),
        builders.rule(method, parent, subject="*", role=factor_pb2.FACTOR_ROLE_GRID_FOSSIL),
    ]
    regions = [builders.region("CN-QH", builders.fresh("grid"))]
    before = newest(registry)
    first = load(registry, factors=factors, rules=rules, regions=regions)

    factors[1].quantity.value.value = "0.6"
    rules[0].source.note = "read again"
    second = load(registry, factors=factors, rules=rules, regions=regions)
    load(registry, factors=factors, rules=rules, regions=regions)

    listed = changes(registry, before)
    (region,) = (each for each in listed.changes if each.name == "regions/CN-QH")
    plain, any_ = (
        f"applicabilityRules/{method}:2023:{each}"
        for each in (
            f"GRID_AVERAGE:{parent.removeprefix('factorSets/')}:electricity",
            f"GRID_FOSSIL:{parent.removeprefix('factorSets/')}:*",
        )
    )
    assert [
        (each.revision, each.order_index, each.name, each.resource_version)
        for each in listed.changes
    ] == [
        (first, 0, factors[0].name, 1),
        (first, 1, factors[1].name, 1),
        (first, 2, plain, 1),
        (first, 3, any_, 1),
        (first, 4, "regions/CN-QH", region.resource_version),
        (second, 0, factors[1].name, 2),
        (second, 1, plain, 2),
    ]
    assert listed.revision == second
    assert listed.changes[0].commit_time.seconds > 0


def test_the_name_of_a_rule_tells_all_that_it_is_for(registry: RunningRegistry) -> None:
    method, before = builders.fresh("method"), newest(registry)
    only = [factor_pb2.REGION_LEVEL_ENTERPRISE]
    rule = builders.rule(method, "factorSets/custom", subject="a:b, c", region_levels=only)
    load(registry, rules=[rule])

    ((name, _),) = told(registry, before)
    assert names.APPLICABILITY_RULE.parse(name) == {
        "method": method,
        "year": "2023",
        "role": "GRID_AVERAGE",
        "factor_set": "custom",
        "subject": "a:b, c",
    }


def test_each_version_of_an_enterprise_and_of_its_own_factors_is_told(
    registry: RunningRegistry,
) -> None:
    before = newest(registry)
    works = registry.enterprise()
    proposed = registry.administrator.custom_factors.CreateCustomFactor(
        builders.custom_factor(works)
    )
    registry.principal("ENTERPRISE", works).custom_factors.ApproveCustomFactor(
        custom_factor_service_pb2.ApproveCustomFactorRequest(name=proposed.name, etag=proposed.etag)
    )
    registry.administrator.registry.UpdateEnterprise(
        pb.UpdateEnterpriseRequest(
            enterprise=enterprise_pb2.Enterprise(name=works, region_code="CN-ZJ"),
            update_mask=FieldMask(paths=["region_code"]),
        )
    )

    assert told(registry, before) == [
        (works, 1),
        (proposed.name, 1),
        (proposed.name, 2),
        (works, 2),
    ]


def test_what_nobody_follows_moves_the_revision_alone(registry: RunningRegistry) -> None:
    before = newest(registry)
    registry.zone()

    listed = changes(registry, before)
    assert list(listed.changes) == []
    assert listed.revision > before


def test_a_follower_gets_whole_revisions_of_at_least_a_page(registry: RunningRegistry) -> None:
    parent, before = f"factorSets/{builders.fresh('set')}", newest(registry)
    factors = [builders.factor(f"{parent}/factors/f{number}") for number in range(3)]
    first = load(registry, factors=factors)
    second = load(registry, factors=[builders.factor(f"{parent}/factors/f3")])

    listed = changes(registry, before, page_size=2)
    assert [each.revision for each in listed.changes] == [first] * 3
    assert listed.revision == second
    rest = changes(registry, listed.changes[-1].revision, page_size=2)
    assert [each.revision for each in rest.changes] == [second]


@pytest.mark.parametrize("field", ["after_revision", "page_size"])
def test_a_question_out_of_bounds_is_refused(registry: RunningRegistry, field: str) -> None:
    request = pb.ListChangesRequest(**{field: -1})
    found = refused(registry.administrator.registry.ListChanges, request)

    assert (found.reason, found.fields) == ("FIELD_INVALID", [field])


@pytest.mark.parametrize(("role", "scope"), [("DESK", "zones/z"), ("ENTERPRISE", "enterprises/e")])
def test_one_of_our_services_follows_and_nobody_who_reports(
    registry: RunningRegistry, role: str, scope: str
) -> None:
    reporter = registry.principal(role, scope).registry

    assert refused(reporter.ListChanges, pb.ListChangesRequest()).reason == "PERMISSION_DENIED"
    assert registry.principal("SERVICE").registry.ListChanges(pb.ListChangesRequest()).revision
