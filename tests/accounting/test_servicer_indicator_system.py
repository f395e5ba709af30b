"""Indicator systems over the wire: those of this release, and a desk's own by four eyes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.accounting.requests import amount
from tests.accounting.world import World
from tests.builders import fresh, source, zone
from tests.fixtures.house import Running
from tests.refusals import refused
from zonecarbon.accounting.v1 import indicator_system_pb2 as pb
from zonecarbon.accounting.v1 import indicator_system_service_pb2 as service_pb
from zonecarbon.client import Client
from zonecarbon.type.v1 import source_pb2


@pytest.fixture(scope="module")
def running(shared_house: Running) -> Running:
    """Services without factors: no formula here takes any."""
    return shared_house


def indicator(**fields: Any) -> pb.Indicator:
    """Reused water, at least a half."""
    values: dict[str, Any] = {
        "indicator_id": "reuse",
        "display_name": "reuse of water",
        "display_name_zh": "水重复利用率",
        "group_id": "water",
        "part": pb.INDICATOR_PART_MANDATORY,
        "unit_code": "%",
        "direction": pb.INDICATOR_DIRECTION_HIGHER,
        "formula": "reused_water / (fresh_water + reused_water)",
        "cases": [
            pb.IndicatorCase(
                case_id="all",
                comparison=pb.INDICATOR_COMPARISON_AT_LEAST,
                limit=amount("50 %"),
                source=source(),
            )
        ],
        "source": source(title="decision of the desk", status=source_pb2.SOURCE_STATUS_SECONDARY),
    }
    return pb.Indicator(**values | fields)


def system(*indicators: pb.Indicator, **fields: Any) -> pb.IndicatorSystem:
    values: dict[str, Any] = {
        "title": "water of our zone",
        "title_zh": "本园区用水指标",
        "scoring": pb.INDICATOR_SCORING_VERDICTS,
        "groups": [pb.IndicatorGroup(group_id="water")],
        "indicators": indicators or [indicator()],
    }
    return pb.IndicatorSystem(**values | fields)


def proposal(world: World, **fields: Any) -> service_pb.CreateIndicatorSystemRequest:
    values: dict[str, Any] = {
        "parent": world.zone,
        "indicator_system_id": fresh("water"),
        "version": 1,
        "indicator_system": system(),
    }
    return service_pb.CreateIndicatorSystemRequest(**values | fields)


def proposed(world: World, **fields: Any) -> pb.IndicatorSystem:
    return world.desk.indicator_systems.CreateIndicatorSystem(proposal(world, **fields))


def published(world: World, found: pb.IndicatorSystem) -> pb.IndicatorSystem:
    """Published by a second principal of the desk."""
    return second(world).indicator_systems.PublishIndicatorSystem(
        service_pb.PublishIndicatorSystemRequest(name=found.name, etag=found.etag)
    )


def second(world: World) -> Client:
    return world.running.principal("DESK", world.zone)


def test_the_systems_of_this_release_are_listed_with_their_status(world: World) -> None:
    answer = world.desk.indicator_systems.ListIndicatorSystems(
        service_pb.ListIndicatorSystemsRequest()
    )

    listed = {each.name: each for each in answer.indicator_systems}
    assert "indicatorSystems/park910/versions/1" in listed
    hj274 = listed["indicatorSystems/hj274/versions/1"]
    assert hj274.status == source_pb2.SOURCE_STATUS_UNVERIFIED
    assert hj274.state == pb.INDICATOR_SYSTEM_STATE_PUBLISHED
    assert len(hj274.indicators) == 32


def test_a_published_document_is_read_by_its_version(world: World) -> None:
    name = "indicatorSystems/park910/versions/1"
    found = world.desk.indicator_systems.GetIndicatorSystem(
        service_pb.GetIndicatorSystemRequest(name=name)
    )

    assert found.name == name
    core = found.indicators[0]
    assert core.formula == "emissions_co2 / energy_equal_value"
    assert [each.case_id for each in core.cases] == [
        "below-200000-tce",
        "from-200000-tce",
        "from-1000000-tce",
    ]
    later = service_pb.GetIndicatorSystemRequest(name="indicatorSystems/park910/versions/2")
    assert refused(world.desk.indicator_systems.GetIndicatorSystem, later).reason == "NOT_FOUND"


def test_a_desk_s_own_system_is_published_by_another_principal(world: World) -> None:
    found = proposed(world)
    request = service_pb.PublishIndicatorSystemRequest(name=found.name, etag=found.etag)

    assert found.state == pb.INDICATOR_SYSTEM_STATE_PROPOSED
    own = refused(world.desk.indicator_systems.PublishIndicatorSystem, request)
    assert own.reason == "FOUR_EYES"
    now = published(world, found)
    assert now.state == pb.INDICATOR_SYSTEM_STATE_PUBLISHED
    assert now.decider != now.proposer
    assert now.etag != found.etag


def test_a_decision_is_taken_on_what_was_read_and_once(world: World) -> None:
    found = proposed(world)
    other = second(world)
    request = service_pb.PublishIndicatorSystemRequest(name=found.name, etag=found.etag)

    first = other.indicator_systems.PublishIndicatorSystem(request)

    assert other.indicator_systems.PublishIndicatorSystem(request) == first
    stale = service_pb.RetireIndicatorSystemRequest(name=found.name, etag=found.etag, reason="old")
    assert refused(other.indicator_systems.RetireIndicatorSystem, stale).reason == "ETAG_MISMATCH"
    retire = service_pb.RetireIndicatorSystemRequest(
        name=found.name, etag=first.etag, reason="replaced"
    )
    retired = other.indicator_systems.RetireIndicatorSystem(retire)
    assert retired.state == pb.INDICATOR_SYSTEM_STATE_RETIRED
    assert retired.reason == "replaced"
    again = service_pb.PublishIndicatorSystemRequest(name=found.name, etag=retired.etag)
    assert refused(other.indicator_systems.PublishIndicatorSystem, again).reason == "STATE_WRONG"


def test_a_refused_proposal_keeps_its_reason(world: World) -> None:
    found = proposed(world)

    answer = second(world).indicator_systems.RejectIndicatorSystem(
        service_pb.RejectIndicatorSystemRequest(
            name=found.name, etag=found.etag, reason="the limit is too low"
        )
    )

    assert answer.state == pb.INDICATOR_SYSTEM_STATE_REJECTED
    assert answer.reason == "the limit is too low"


def test_a_proposal_repeated_is_the_same_and_with_other_content_it_is_refused(
    world: World,
) -> None:
    request = proposal(world)
    first = world.desk.indicator_systems.CreateIndicatorSystem(request)

    assert world.desk.indicator_systems.CreateIndicatorSystem(request) == first
    request.indicator_system.title = "another"
    again = refused(world.desk.indicator_systems.CreateIndicatorSystem, request)
    assert again.reason == "ALREADY_EXISTS"


def test_versions_have_no_gaps(world: World) -> None:
    found = proposed(world)
    id_ = found.name.split("/")[3]

    skipped = proposal(world, indicator_system_id=id_, version=3)
    answer = refused(world.desk.indicator_systems.CreateIndicatorSystem, skipped)
    assert (answer.reason, answer.metadata["field"]) == ("FIELD_INVALID", "version")
    next_one = proposed(world, indicator_system_id=id_, version=2)
    assert next_one.name.endswith(f"/{id_}/versions/2")


def test_the_id_of_a_published_document_is_taken(world: World) -> None:
    request = proposal(world, indicator_system_id="park910")

    answer = refused(world.desk.indicator_systems.CreateIndicatorSystem, request)

    assert answer.metadata["field"] == "indicator_system_id"


@pytest.mark.parametrize(
    ("wrong", "reason", "field"),
    [
        ({"formula": "reused_water +"}, "FIELD_INVALID", "indicators[0].formula"),
        ({"formula": "reused_water"}, "UNIT_DIMENSION", "indicators[0].formula"),
        ({"formula": "water"}, "FIELD_INVALID", "indicators[0].formula"),
        ({"unit_code": "percent"}, "UNIT_UNKNOWN", "indicators[0].unit_code"),
        ({"group_id": "land"}, "FIELD_INVALID", "indicators[0].group_id"),
        ({"cases": []}, "FIELD_REQUIRED", "indicators[0].cases"),
        (
            {"formula": "emissions_co2 / energy_equal_value", "unit_code": "tCO2/tce"},
            "UNIT_DIMENSION",
            "indicators[0].cases[0].limit.unit_code",
        ),
    ],
    ids=lambda each: str(each)[:40],
)
def test_what_does_not_hold_together_is_refused_at_its_field(
    world: World, wrong: dict[str, Any], reason: str, field: str
) -> None:
    request = proposal(world, indicator_system=system(indicator(**wrong)))

    answer = refused(world.desk.indicator_systems.CreateIndicatorSystem, request)

    assert (answer.reason, answer.metadata["field"]) == (reason, f"indicator_system.{field}")


def test_an_indicator_that_stands_there_twice_is_refused(world: World) -> None:
    request = proposal(world, indicator_system=system(indicator(), indicator()))

    answer = refused(world.desk.indicator_systems.CreateIndicatorSystem, request)

    assert answer.reason == "DUPLICATE_ROW"
    assert answer.metadata["field"] == "indicator_system.indicators[1]"


def test_another_desk_s_system_is_not_there(world: World) -> None:
    found = proposed(world)
    stranger = world.running.principal(
        "DESK", world.running.administrator.registry.CreateZone(zone()).name
    )

    asked = service_pb.GetIndicatorSystemRequest(name=found.name)
    assert refused(stranger.indicator_systems.GetIndicatorSystem, asked).reason == "NOT_FOUND"
    owner = world.running.principal("ENTERPRISE", world.enterprise())
    assert refused(owner.indicator_systems.GetIndicatorSystem, asked).reason == "PERMISSION_DENIED"
    listing = service_pb.ListIndicatorSystemsRequest(parent=world.zone)
    assert refused(stranger.indicator_systems.ListIndicatorSystems, listing).reason == "NOT_FOUND"
    listed = world.desk.indicator_systems.ListIndicatorSystems(listing)
    assert found.name in [each.name for each in listed.indicator_systems]
