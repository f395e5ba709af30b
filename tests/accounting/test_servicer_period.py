"""An accounting year over the wire: handed in, verified, locked, reopened, pinned, restated."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest

from tests.accounting.moments import now, revise
from tests.accounting.requests import record, report, year_of
from tests.accounting.world import World
from tests.refusals import refused
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    inventory_pb2,
    period_pb2,
    period_service_pb2,
)
from zonecarbon.client import Client

FULL = inventory_pb2.INVENTORY_VIEW_FULL
REASON = "the meter was read wrongly"


def period(client: Client, name: str) -> period_pb2.AccountingPeriod:
    """The accounting year 2023 of an enterprise."""
    request = period_service_pb2.GetPeriodRequest(name=f"{name}/periods/2023")
    return client.periods.GetPeriod(request)


def state(client: Client, name: str) -> str:
    found = period_pb2.PeriodState.Name(period(client, name).state)
    return found.removeprefix("PERIOD_STATE_")


def move(client: Client, name: str, verb: str, **fields: Any) -> period_pb2.AccountingPeriod:
    """Submit, lock or reopen the year 2023."""
    request = getattr(period_service_pb2, f"{verb}PeriodRequest")
    if verb == "Reopen":
        fields = {"reason": REASON} | fields
    call = getattr(client.periods, f"{verb}Period")
    moved: period_pb2.AccountingPeriod = call(request(name=f"{name}/periods/2023", **fields))
    return moved


def pin(
    client: Client, name: str, mode: str = "PINNED", **fields: Any
) -> period_pb2.AccountingPeriod:
    """Pin the factors of the year 2023, or release them."""
    return client.periods.PinFactors(pinning(name, mode, **fields))


def pinning(name: str, mode: str = "PINNED", **fields: Any) -> period_service_pb2.PinFactorsRequest:
    values: dict[str, Any] = {
        "name": f"{name}/periods/2023",
        "factor_mode": period_pb2.FactorMode.Value(f"FACTOR_MODE_{mode}"),
        "reason": "the report was signed with these",
    }
    return period_service_pb2.PinFactorsRequest(**values | fields)


def restatement(name: str, **fields: Any) -> period_service_pb2.RestatePeriodRequest:
    values: dict[str, Any] = {
        "name": f"{name}/periods/2023",
        "reason": "the ministry published other factors",
        "request_id": str(uuid.uuid4()),
    }
    return period_service_pb2.RestatePeriodRequest(**values | fields)


def test_a_year_is_open_until_somebody_decides(world: World, mill: str) -> None:
    world.report(mill, record(mill))

    found = period(world.desk, mill)

    assert state(world.desk, mill) == "OPEN"
    assert (found.resource_version, found.decider, found.reason) == (0, "", "")
    assert not found.HasField("create_time")
    assert found.factor_mode == period_pb2.FACTOR_MODE_LATEST


@pytest.mark.parametrize("verbs", [("Submit",), ("Submit", "Lock")], ids=["handed in", "locked"])
def test_a_closed_year_takes_no_report_and_says_the_way_out(
    world: World, mill: str, verbs: tuple[str, ...]
) -> None:
    world.report(mill, *year_of(mill)[:11])
    for verb in verbs:
        move(world.desk, mill, verb)

    answer = world.desk.accounting.ReportActivity(
        report(mill, record(mill, when="2023-12"), record(mill, when="2024-01"))
    )

    assert (answer.accepted_count, answer.refused_count) == (1, 1)
    assert f"{mill}/periods/2023" in answer.results[0].error.message
    assert "reopen" in answer.results[0].error.message
    move(world.desk, mill, "Reopen")
    world.report(mill, record(mill, when="2023-12"))
    assert world.inventory(mill).resource_version == 2


def test_the_way_of_a_year_is_kept_with_who_and_why(world: World, mill: str) -> None:
    world.report(mill, record(mill))

    submitted = move(world.desk, mill, "Submit")
    locked = move(world.desk, mill, "Lock", etag=submitted.etag)
    reopened = move(world.desk, mill, "Reopen", etag=locked.etag)

    versions = [each.resource_version for each in (submitted, locked, reopened)]
    assert versions == [1, 2, 3]
    assert reopened.reason == REASON
    assert reopened.decider.startswith("principals/")
    assert move(world.desk, mill, "Reopen") == reopened
    assert period(world.desk, mill) == reopened


@pytest.mark.parametrize(
    ("before", "verb"), [((), "Lock"), ((), "Reopen"), (("Submit", "Lock"), "Submit")]
)
def test_a_step_that_is_not_next_is_refused(
    world: World, mill: str, before: tuple[str, ...], verb: str
) -> None:
    world.report(mill, record(mill))
    for each in before:
        move(world.desk, mill, each)
    request = getattr(period_service_pb2, f"{verb}PeriodRequest")(name=f"{mill}/periods/2023")
    if verb == "Reopen":
        request.reason = REASON

    refusal = refused(getattr(world.desk.periods, f"{verb}Period"), request)

    assert refusal.reason == "STATE_WRONG"
    assert refusal.metadata["state"] == ("LOCKED" if before else "OPEN")


def test_a_decision_on_what_has_changed_since_is_refused(world: World, mill: str) -> None:
    world.report(mill, record(mill))
    etag = move(world.desk, mill, "Submit").etag
    move(world.desk, mill, "Reopen")
    move(world.desk, mill, "Submit")
    request = period_service_pb2.LockPeriodRequest(name=f"{mill}/periods/2023", etag=etag)

    assert refused(world.desk.periods.LockPeriod, request).reason == "ETAG_MISMATCH"


def test_a_year_without_a_report_cannot_be_handed_in(world: World, mill: str) -> None:
    request = period_service_pb2.SubmitPeriodRequest(name=f"{mill}/periods/2023")

    assert refused(world.desk.periods.SubmitPeriod, request).reason == "NOT_FOUND"


def test_an_enterprise_hands_in_and_only_the_desk_reopens(world: World, mill: str) -> None:
    world.report(mill, record(mill))
    own = world.running.principal("ENTERPRISE", mill)
    foreign = world.running.principal("ENTERPRISE", world.enterprise())

    move(own, mill, "Submit")

    request = period_service_pb2.ReopenPeriodRequest(name=f"{mill}/periods/2023", reason=REASON)
    assert refused(own.periods.ReopenPeriod, request).reason == "PERMISSION_DENIED"
    asked = period_service_pb2.GetPeriodRequest(name=f"{mill}/periods/2023")
    assert refused(foreign.periods.GetPeriod, asked).reason == "NOT_FOUND"
    assert state(own, mill) == "SUBMITTED"


def test_a_closed_year_stands_while_factors_move_and_says_so(world: World, mill: str) -> None:
    world.report(mill, record(mill), record(mill, when="2024-01"))
    open_year, before = world.inventory(mill, "2024"), world.inventory(mill, view=FULL)
    move(world.desk, mill, "Submit")
    binding = before.lines[0].binding
    old = binding.factors[0].quantity.value.value

    with revise(world, binding, "0.9999"):
        assert world.inventory(mill, view=FULL) == before
        (superseded,) = [
            each
            for each in period(world.desk, mill).superseded_factors
            if each.factor == binding.factors[0].factor
        ]
        assert superseded.quantity.value.value == old
        assert superseded.newer_quantity.value.value == "0.9999"
        assert superseded.newer_factor_version > superseded.factor_version
        assert world.inventory(mill, "2024").revision >= open_year.revision
        # Reopened, it follows the library again, at once.
        move(world.desk, mill, "Reopen")
        assert world.inventory(mill).total_co2_g == 99_990_000
        assert not period(world.desk, mill).superseded_factors
    assert world.inventory(mill).total_co2_g == before.total_co2_g


def test_a_locked_year_changes_by_an_explicit_restatement_alone(world: World, mill: str) -> None:
    world.report(mill, record(mill))
    before, moment = world.inventory(mill, view=FULL), now()
    move(world.desk, mill, "Submit")
    move(world.desk, mill, "Lock")

    with revise(world, before.lines[0].binding, "0.9999"):
        tried = world.desk.periods.RestatePeriod(restatement(mill, validate_only=True))
        assert world.inventory(mill, view=FULL) == before
        wanted = restatement(mill)
        answer = world.desk.periods.RestatePeriod(wanted)

        assert [each.figures for each in tried.reports] == [each.figures for each in answer.reports]
        assert tried.revision == 0
        assert world.desk.periods.RestatePeriod(wanted) == answer
        after = world.inventory(mill)
        assert (after.revision, after.total_co2_g) == (answer.revision, 99_990_000)
        assert state(world.desk, mill) == "LOCKED"
        assert world.inventory(mill, view=FULL, as_of_time=moment) == before
        compared = world.desk.accounting.CompareInventory(
            accounting_service_pb2.CompareInventoryRequest(
                name=f"{mill}/inventories/2023", from_time=moment
            )
        )
        assert [each.reason for each in compared.decisions] == [wanted.reason]
        nothing_left = world.desk.periods.RestatePeriod(restatement(mill))
        assert not nothing_left.reports
    # Closed as it is, it does not follow the library back either.
    assert world.inventory(mill).total_co2_g == 99_990_000


def test_a_pinned_year_keeps_the_older_factor_and_discloses_the_newer(
    world: World, mill: str
) -> None:
    """BEH-19: the newest is taken by itself; pinned, the older is kept and the newer disclosed."""
    world.report(mill, record(mill))
    before = world.inventory(mill, view=FULL)
    binding = before.lines[0].binding
    pinned = pin(world.desk, mill)

    with revise(world, binding, "0.9999"):
        world.report(mill, record(mill, when="2023-02"))
        assert world.inventory(mill).total_co2_g == 2 * before.total_co2_g
        found = period(world.desk, mill)
        assert found.factor_mode == period_pb2.FACTOR_MODE_PINNED
        assert found.pinned_registry_revision == pinned.pinned_registry_revision > 0
        newer = {each.newer_quantity.value.value for each in found.superseded_factors}
        assert "0.9999" in newer
        pin(world.desk, mill, "LATEST")
        assert world.inventory(mill).total_co2_g == 2 * 99_990_000
        # And back, by number.
        pin(world.desk, mill, registry_revision=pinned.pinned_registry_revision)
        assert world.inventory(mill).total_co2_g == 2 * before.total_co2_g
        pin(world.desk, mill, "LATEST")


@pytest.mark.parametrize(
    ("mode", "given", "allowed"), [("PINNED", 10**9, "1 to"), ("LATEST", 5, "0 where")]
)
def test_a_revision_that_means_nothing_is_refused(
    world: World, mill: str, mode: str, given: int, allowed: str
) -> None:
    world.report(mill, record(mill))

    refusal = refused(world.desk.periods.PinFactors, pinning(mill, mode, registry_revision=given))

    assert (refusal.reason, refusal.fields) == ("FIELD_INVALID", ["registry_revision"])
    assert allowed in refusal.metadata["allowed"]


def test_a_stored_result_stays_and_a_recalculation_makes_a_version(world: World, mill: str) -> None:
    """BEH-20: a factor that is updated leaves the stored result reproducible."""
    world.report(mill, record(mill))
    before = world.inventory(mill, view=FULL)
    old = Decimal(before.lines[0].binding.factors[0].quantity.value.value)

    with revise(world, before.lines[0].binding, str(old / 2)):
        after = world.inventory(mill)
        first = world.inventory(mill, view=FULL, resource_version=before.resource_version)

        assert first == before
        assert after.resource_version == before.resource_version + 1
        assert 2 * after.total_co2_g == before.total_co2_g
