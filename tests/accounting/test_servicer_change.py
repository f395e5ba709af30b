"""What others follow, over the wire, on SQLite and on PostgreSQL."""

from __future__ import annotations

from tests.accounting.requests import record
from tests.accounting.world import World
from tests.refusals import refused
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb


def ids(year: str) -> list[str]:
    """The inventories of a textile mill: one by each method that covers it."""
    return [year, f"{year}-ghgp", f"{year}-park910"]


def test_each_inventory_that_changed_is_listed_with_its_version(world: World, mill: str) -> None:
    service = world.running.principal("SERVICE")
    before = service.accounting.ListChanges(pb.ListChangesRequest(page_size=1000)).revision
    first = world.report(mill, record(mill, when="2023-12"), record(mill, when="2024-01")).revision
    second = world.report(mill, record(mill, when="2024-02")).revision

    answer = service.accounting.ListChanges(pb.ListChangesRequest(after_revision=before))

    assert [
        (each.revision, each.order_index, each.name, each.resource_version)
        for each in answer.changes
    ] == [
        *(
            (first, index, f"{mill}/inventories/{id_}", 1)
            for index, id_ in enumerate([*ids("2023"), *ids("2024")])
        ),
        *((second, index, f"{mill}/inventories/{id_}", 2) for index, id_ in enumerate(ids("2024"))),
    ]
    assert answer.revision == second
    assert answer.changes[0].commit_time.seconds > 0


def test_a_revision_is_never_cut(world: World, mill: str) -> None:
    service = world.running.principal("SERVICE")
    before = service.accounting.ListChanges(pb.ListChangesRequest(page_size=1000)).revision
    world.report(mill, record(mill, when="2023-12"), record(mill, when="2024-01"))

    answer = service.accounting.ListChanges(
        pb.ListChangesRequest(after_revision=before, page_size=1)
    )

    assert len(answer.changes) == 6


def test_a_desk_follows_nothing(world: World) -> None:
    refusal = refused(world.desk.accounting.ListChanges, pb.ListChangesRequest())

    assert refusal.reason == "PERMISSION_DENIED"
