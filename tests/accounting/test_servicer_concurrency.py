"""Many reporters at once: nothing is lost, nothing doubled, and who is refused may come again."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import grpc
from google.rpc import code_pb2

from tests.accounting import works
from tests.accounting.requests import record, report
from tests.accounting.world import World
from tests.refusals import Refused
from zonecarbon import client
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb

MONTHS = [f"2023-{month:02d}" for month in range(1, 5)]
MWH_G = 645_100
PATIENCE = 20
"""How often a reporter comes again before it gives up."""


def sent(world: World, request: pb.ReportActivityRequest) -> pb.ReportActivityResponse:
    """Report, and again under the same id as long as the service says that it is busy."""
    for _ in range(PATIENCE):
        try:
            return world.desk.accounting.ReportActivity(request)
        except grpc.RpcError as failed:
            if not is_busy(failed):
                raise
    raise AssertionError("busy for ever")


def is_busy(failed: grpc.RpcError) -> bool:
    """Tell whether a call failed only because others were first."""
    status = client.status(failed)
    return status is not None and (status.code, client.reason(status)) == (
        code_pb2.UNAVAILABLE,
        "BUSY",
    )


def at_once(
    world: World, requests: Sequence[pb.ReportActivityRequest]
) -> list[pb.ReportActivityResponse]:
    """Send all requests at the same time."""
    with ThreadPoolExecutor(max_workers=len(requests)) as pool:
        return list(pool.map(lambda each: sent(world, each), requests))


def test_reports_of_several_enterprises_at_once_are_all_kept_and_kept_once(world: World) -> None:
    names = [world.enterprise() for _ in range(4)]
    requests = [report(name, record(name, "1 MWh", month)) for month in MONTHS for name in names]

    answers = at_once(world, requests)

    assert [each.accepted_count for each in answers] == [1] * len(requests)
    assert len({each.revision for each in answers}) == len(requests)
    for name in names:
        inventory = world.inventory(name)
        assert inventory.total_co2_g == len(MONTHS) * MWH_G
        assert inventory.resource_version == len(MONTHS)


def test_a_request_sent_several_times_at_once_has_its_effect_once(world: World, mill: str) -> None:
    request = report(mill, record(mill, "1 MWh", "2023-05"))

    answers = at_once(world, [request] * 6)

    assert len({each.SerializeToString(deterministic=True) for each in answers}) == 1
    listing = pb.ListActivityRecordsRequest(parent=mill)
    assert len(world.desk.accounting.ListActivityRecords(listing).activity_records) == 1
    assert world.inventory(mill).resource_version == 1


def test_one_certificate_claimed_by_many_at_once_is_claimed_once(world: World) -> None:
    names = [world.enterprise() for _ in range(4)]
    requests = [
        report(name, works.claim(name, "1 MWh", f"shared-{names[0]}", "2023-01")) for name in names
    ]

    answers = at_once(world, requests)

    assert sum(each.accepted_count for each in answers) == 1
    reasons = {
        Refused(status=row.error).reason
        for each in answers
        for row in each.results
        if row.HasField("error")
    }
    assert reasons == {"CERTIFICATE_RETIRED"}
