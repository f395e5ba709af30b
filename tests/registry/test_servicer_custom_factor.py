"""Custom factors on a real server: proposed, decided on by another principal, kept for ever."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
import pytest

from services.runtime import outbox
from services.runtime.database import Database
from tests import builders
from tests.fixtures.registry import RunningRegistry
from tests.refusals import Refused, refused
from zonecarbon import client
from zonecarbon.registry.v1 import custom_factor_pb2, factor_pb2, principal_service_pb2
from zonecarbon.registry.v1 import custom_factor_service_pb2 as pb

PROPOSED, ACTIVE, REJECTED, RETIRED = (
    custom_factor_pb2.CUSTOM_FACTOR_STATE_PROPOSED,
    custom_factor_pb2.CUSTOM_FACTOR_STATE_ACTIVE,
    custom_factor_pb2.CUSTOM_FACTOR_STATE_REJECTED,
    custom_factor_pb2.CUSTOM_FACTOR_STATE_RETIRED,
)
AIR_DRIED = {
    "role": factor_pb2.FACTOR_ROLE_CARBON_CONTENT,
    "subject": "bituminous-coal",
    "quantity": builders.quantity("0.600", "tC/t"),
    "origin": custom_factor_pb2.CUSTOM_FACTOR_ORIGIN_MEASURED,
    "evidence": "report LAB-2024-017",
    "basis": custom_factor_pb2.SAMPLE_BASIS_AIR_DRIED,
    "moisture_as_received": builders.quantity("10.0", "%"),
    "moisture_air_dried": builders.quantity("4", "%"),
}

Factor = custom_factor_pb2.CustomFactor
Stub = Any
Call = Callable[[Any], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """An enterprise in a zone: its laboratory with two keys, and the zone's desk."""

    registry: RunningRegistry
    name: str
    zone: str
    lab: Stub
    lab_again: Stub
    desk: Stub

    def propose(self, **fields: Any) -> Factor:
        """Propose a factor by the laboratory's first key."""
        proposed: Factor = self.lab.CreateCustomFactor(builders.custom_factor(self.name, **fields))
        return proposed

    def approved(self, **fields: Any) -> Factor:
        """Propose a factor and have the desk approve it."""
        active: Factor = self.desk.ApproveCustomFactor(approval(self.propose(**fields)))
        return active

    def get(self, name: str, version: int = 0) -> Factor:
        """Read a version, the current one for 0."""
        request = pb.GetCustomFactorRequest(name=name, resource_version=version)
        found: Factor = self.lab.GetCustomFactor(request)
        return found


@pytest.fixture
def works(registry: RunningRegistry) -> Works:
    zone = registry.zone()
    name = registry.enterprise(zone)
    first, second = registry.keys("ENTERPRISE", [name], "first", "second")
    return Works(
        registry=registry,
        name=name,
        zone=zone,
        lab=registry.client(first).custom_factors,
        lab_again=registry.client(second).custom_factors,
        desk=registry.principal("DESK", zone).custom_factors,
    )


def approval(of: Factor) -> pb.ApproveCustomFactorRequest:
    return pb.ApproveCustomFactorRequest(name=of.name, etag=of.etag)


def rejection(of: Factor, reason: str = "no signature") -> pb.RejectCustomFactorRequest:
    return pb.RejectCustomFactorRequest(name=of.name, etag=of.etag, reason=reason)


def retirement(of: Factor, reason: str = "meter broken") -> pb.RetireCustomFactorRequest:
    return pb.RetireCustomFactorRequest(name=of.name, etag=of.etag, reason=reason)


def test_a_proposal_is_kept_as_written_and_found_again(works: Works) -> None:
    request = builders.custom_factor(works.name, "coal-2023", **AIR_DRIED)
    proposed = works.lab.CreateCustomFactor(request)

    assert proposed.name == f"{works.name}/customFactors/coal-2023"
    for field in ("role", "subject", "quantity", "period", "origin", "evidence", "basis"):
        assert getattr(proposed, field) == getattr(request.custom_factor, field), field
    assert proposed.moisture_as_received == request.custom_factor.moisture_as_received
    assert proposed.moisture_air_dried == request.custom_factor.moisture_air_dried
    assert proposed.applied_quantity == builders.quantity("0.5625", "tC/t")
    assert not proposed.HasField("lower_value")
    assert not proposed.HasField("upper_value")
    assert (proposed.state, proposed.resource_version) == (PROPOSED, 1)
    assert (proposed.decider, proposed.reason) == ("", "")
    assert works.get(proposed.name) == proposed
    assert works.desk.GetCustomFactor(pb.GetCustomFactorRequest(name=proposed.name)) == proposed


def test_a_range_is_kept_as_written_in_every_version(works: Works) -> None:
    range_ = {"lower_value": {"value": "0.580"}, "upper_value": {"value": "6.3e-1"}}
    proposed = works.propose(**AIR_DRIED, **range_)
    active = works.desk.ApproveCustomFactor(approval(proposed))

    for found in (proposed, active, works.get(proposed.name), works.get(proposed.name, 1)):
        assert (found.lower_value.value, found.upper_value.value) == ("0.580", "6.3e-1")


def test_the_proposer_is_who_calls_whatever_the_request_says(works: Works) -> None:
    proposed = works.propose(proposer="principals/somebody-else", state=ACTIVE, decider="x")

    me = works.registry.administrator.custom_factors.CreateCustomFactor(
        builders.custom_factor(works.name)
    )
    assert (me.proposer, proposed.state) == ("principals/first-administrator", PROPOSED)
    assert proposed.proposer not in {me.proposer, "principals/somebody-else"}


def test_proposing_again_returns_the_factor_as_it_stands(works: Works) -> None:
    request = builders.custom_factor(works.name)
    proposed = works.lab.CreateCustomFactor(request)
    assert works.lab.CreateCustomFactor(request) == proposed

    active = works.desk.ApproveCustomFactor(approval(proposed))
    assert works.lab.CreateCustomFactor(request) == active


def test_a_taken_id_with_other_content_is_refused(works: Works) -> None:
    request = builders.custom_factor(works.name)
    works.lab.CreateCustomFactor(request)

    name = {"name": f"{works.name}/customFactors/{request.custom_factor_id}"}
    range_ = {"lower_value": {"value": "0.3"}, "upper_value": {"value": "0.5"}}
    for fields in ({"quantity": builders.quantity("0.41", "tCO2/MWh")}, range_):
        other = builders.custom_factor(works.name, request.custom_factor_id, **fields)
        told = refused(works.lab.CreateCustomFactor, other)
        assert (told.reason, told.metadata) == ("ALREADY_EXISTS", name)


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"role": 0}, "FIELD_INVALID", "role"),
        ({"role": 99}, "FIELD_INVALID", "role"),
        ({"subject": ""}, "FIELD_REQUIRED", "subject"),
        ({"quantity": None}, "FIELD_REQUIRED", "quantity"),
        ({"quantity": builders.quantity("0.5", "MWh")}, "UNIT_DIMENSION", "quantity.unit_code"),
        ({"quantity": builders.quantity("0.5", "ton")}, "UNIT_AMBIGUOUS", "quantity.unit_code"),
        ({"quantity": builders.quantity("5", "tCO2/MWh")}, "FACTOR_IMPLAUSIBLE", "quantity.value"),
        ({"period": None}, "FIELD_REQUIRED", "period"),
        ({"period": builders.period("2024-01-01", "2024-01-01")}, "PERIOD_INVALID", "period"),
        ({"origin": 0}, "FIELD_INVALID", "origin"),
        ({"evidence": ""}, "FIELD_REQUIRED", "evidence"),
        ({"basis": 9}, "FIELD_INVALID", "basis"),
        ({"basis": custom_factor_pb2.SAMPLE_BASIS_DRY}, "FIELD_INVALID", "basis"),
        (AIR_DRIED | {"basis": 0}, "FIELD_REQUIRED", "basis"),
        (AIR_DRIED | {"moisture_air_dried": None}, "FIELD_REQUIRED", "moisture_air_dried"),
        (
            AIR_DRIED | {"moisture_air_dried": builders.quantity("4 %", "%")},
            "QUANTITY_INVALID",
            "moisture_air_dried.value",
        ),
        ({"lower_value": {"value": "0.3"}}, "FIELD_REQUIRED", "upper_value"),
        ({"upper_value": {"value": "0.5"}}, "FIELD_REQUIRED", "lower_value"),
        ({"upper_value": {"value": "±10 %"}}, "QUANTITY_INVALID", "upper_value.value"),
        (
            {"lower_value": {"value": "0.5"}, "upper_value": {"value": "0.3"}},
            "FIELD_INVALID",
            "lower_value",
        ),
    ],
)
def test_a_proposal_that_breaks_the_contract_is_refused_by_field(
    works: Works, fields: dict[str, Any], reason: str, field: str
) -> None:
    told = refused(works.lab.CreateCustomFactor, builders.custom_factor(works.name, **fields))

    assert (told.code, told.reason) == ("INVALID_ARGUMENT", reason)
    assert told.fields == [f"custom_factor.{field}"]


def test_an_id_or_a_name_of_another_form_is_refused(works: Works) -> None:
    told = refused(works.lab.CreateCustomFactor, builders.custom_factor(works.name, "Coal 1"))
    assert (told.reason, told.fields) == ("NAME_INVALID", ["custom_factor_id"])
    told = refused(works.lab.CreateCustomFactor, builders.custom_factor("zones/z"))
    assert (told.reason, told.fields) == ("NAME_INVALID", ["parent"])
    told = refused(works.lab.GetCustomFactor, pb.GetCustomFactorRequest(name=works.name))
    assert (told.reason, told.fields) == ("NAME_INVALID", ["name"])


def test_another_principal_makes_it_active_and_is_named(works: Works) -> None:
    proposed = works.propose()
    active = works.desk.ApproveCustomFactor(approval(proposed))

    assert (active.state, active.resource_version) == (ACTIVE, 2)
    assert active.proposer == proposed.proposer
    assert active.decider not in {"", active.proposer}
    assert active.etag != proposed.etag
    assert active.revision > proposed.revision
    assert works.get(active.name) == active


def decided_by(stub: Stub, state: int, of: Factor) -> tuple[Call, Any]:
    """The call that brings `of` into `state`, and its request."""
    ways: dict[int, tuple[Call, Any]] = {
        ACTIVE: (stub.ApproveCustomFactor, approval(of)),
        REJECTED: (stub.RejectCustomFactor, rejection(of)),
        RETIRED: (stub.RetireCustomFactor, retirement(of)),
    }
    return ways[state]


@pytest.mark.parametrize("state", [ACTIVE, REJECTED, RETIRED])
def test_the_proposer_decides_on_nothing_also_with_a_second_key(works: Works, state: int) -> None:
    factor = works.approved() if state == RETIRED else works.propose()

    for key in (works.lab, works.lab_again):
        told = refused(*decided_by(key, state, factor))
        assert (told.code, told.reason) == ("PERMISSION_DENIED", "FOUR_EYES")
        assert told.metadata == {"name": factor.name, "proposer": factor.proposer}
    assert works.get(factor.name) == factor
    call, request = decided_by(works.desk, state, factor)
    call(request)
    assert works.get(factor.name).state == state


def test_a_key_made_after_the_proposal_is_the_proposers_as_well(works: Works) -> None:
    proposed = works.propose()
    key = works.registry.administrator.principals.CreateKey(
        principal_service_pb2.CreateKeyRequest(parent=proposed.proposer, key_id="third")
    )

    stub = works.registry.client(key.secret).custom_factors
    assert refused(stub.ApproveCustomFactor, approval(proposed)).reason == "FOUR_EYES"


def test_an_administrator_who_proposes_needs_another_one_too(works: Works) -> None:
    root = works.registry.administrator.custom_factors
    proposed = root.CreateCustomFactor(builders.custom_factor(works.name))

    assert refused(root.ApproveCustomFactor, approval(proposed)).reason == "FOUR_EYES"
    assert works.lab.ApproveCustomFactor(approval(proposed)).state == ACTIVE


def test_nobody_decides_on_a_version_he_did_not_read(works: Works) -> None:
    proposed = works.propose()
    other = works.registry.principal("DESK", works.zone).custom_factors
    active = works.desk.ApproveCustomFactor(approval(proposed))

    for state in (ACTIVE, REJECTED, RETIRED):
        told = refused(*decided_by(other, state, proposed))
        assert (told.code, told.reason) == ("ABORTED", "ETAG_MISMATCH")
        assert told.metadata == {"name": proposed.name}
    told = refused(
        works.desk.ApproveCustomFactor, pb.ApproveCustomFactorRequest(name=proposed.name)
    )
    assert (told.reason, told.fields) == ("FIELD_REQUIRED", ["etag"])
    assert works.get(proposed.name) == active


def test_a_decision_that_is_sent_again_answers_as_it_did(works: Works) -> None:
    proposed = works.propose()
    active = works.desk.ApproveCustomFactor(approval(proposed))
    assert works.desk.ApproveCustomFactor(approval(proposed)) == active

    retired = works.desk.RetireCustomFactor(retirement(active))
    assert works.desk.RetireCustomFactor(retirement(active)) == retired
    other = retirement(active, "another reason")
    assert refused(works.desk.RetireCustomFactor, other).reason == "ETAG_MISMATCH"


def test_what_is_decided_is_not_decided_otherwise(works: Works) -> None:
    rejected = works.desk.RejectCustomFactor(rejection(works.propose()))
    retired = works.desk.RetireCustomFactor(retirement(works.approved()))

    assert (rejected.reason, retired.reason) == ("no signature", "meter broken")
    wrong = [
        (ACTIVE, rejected, "REJECTED", "PROPOSED"),
        (RETIRED, rejected, "REJECTED", "ACTIVE"),
        (ACTIVE, retired, "RETIRED", "PROPOSED"),
        (RETIRED, works.propose(), "PROPOSED", "ACTIVE"),
    ]
    for state, factor, stands, allowed in wrong:
        told = refused(*decided_by(works.desk, state, factor))
        assert (told.code, told.reason) == ("FAILED_PRECONDITION", "STATE_WRONG")
        assert told.metadata == {"name": factor.name, "state": stands, "allowed": allowed}


def test_a_rejection_and_a_retirement_say_why(works: Works) -> None:
    for state, factor in ((REJECTED, works.propose()), (RETIRED, works.approved())):
        call, request = decided_by(works.desk, state, factor)
        for blank in ("", " "):
            request.reason = blank
            told = refused(call, request)
            assert (told.reason, told.fields) == ("FIELD_REQUIRED", ["reason"])


def test_every_version_stays_to_be_read(works: Works) -> None:
    proposed = works.propose(**AIR_DRIED)
    active = works.desk.ApproveCustomFactor(approval(proposed))
    retired = works.desk.RetireCustomFactor(retirement(active))

    for number, version in enumerate((proposed, active, retired), start=1):
        assert works.get(proposed.name, number) == version
    assert works.get(proposed.name) == retired
    request = pb.GetCustomFactorRequest(name=proposed.name, resource_version=4)
    assert refused(works.lab.GetCustomFactor, request).reason == "NOT_FOUND"


def test_a_second_active_one_for_a_day_is_refused_and_both_are_named(works: Works) -> None:
    year = works.approved()
    day = works.propose(period=builders.period("2023-12-31", "2024-02-01"))

    told = refused(works.desk.ApproveCustomFactor, approval(day))
    assert (told.code, told.reason) == ("FAILED_PRECONDITION", "FACTOR_CONFLICT")
    assert (told.fields, told.metadata["candidates"]) == (["name"], f"{year.name}, {day.name}")
    assert "retired" in told.message
    assert works.get(day.name) == day
    works.desk.RetireCustomFactor(retirement(year))
    assert works.desk.ApproveCustomFactor(approval(day)).state == ACTIVE


def test_days_that_touch_and_other_things_are_no_conflict(works: Works) -> None:
    works.approved()
    other = works.registry.enterprise(works.zone)

    assert works.approved(period=builders.period("2024-01-01", "2025-01-01")).state == ACTIVE
    assert works.approved(subject="steam").state == ACTIVE
    assert works.approved(role=factor_pb2.FACTOR_ROLE_GRID_RESIDUAL).state == ACTIVE
    assert works.registry.approved(other).state == ACTIVE


def test_of_two_approvals_at_once_for_one_day_one_wins(works: Works) -> None:
    proposals = [works.propose() for _ in range(4)]

    def outcome(proposed: Factor) -> str:
        try:
            works.desk.ApproveCustomFactor(approval(proposed))
        except grpc.RpcError as error:
            return client.reason(error)
        return "active"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(outcome, proposals))
    assert outcomes == ["FACTOR_CONFLICT"] * 3 + ["active"]


def test_who_follows_the_registry_learns_of_each_version(works: Works) -> None:
    proposed = works.propose()
    works.desk.ApproveCustomFactor(approval(proposed))

    database = Database.of(works.registry.settings, "registry")
    with database.read() as connection:
        told = outbox.after(connection, proposed.revision - 1, 2)
    database.close()
    assert [(each.name, each.resource_version) for each in told] == [
        (proposed.name, 1),
        (proposed.name, 2),
    ]


def all_calls(stub: Stub, name: str) -> list[tuple[Call, Any]]:
    """Every call about the custom factor `name`."""
    factor = Factor(name=name, etag='"1"')
    parent, _, id_ = name.partition("/customFactors/")
    return [
        (stub.CreateCustomFactor, builders.custom_factor(parent, id_)),
        (stub.GetCustomFactor, pb.GetCustomFactorRequest(name=name)),
        (stub.GetCustomFactor, pb.GetCustomFactorRequest(name=name, resource_version=1)),
        (stub.ListCustomFactors, pb.ListCustomFactorsRequest(parent=parent)),
        *(decided_by(stub, state, factor) for state in (ACTIVE, REJECTED, RETIRED)),
    ]


@pytest.mark.parametrize("role", ["ENTERPRISE", "DESK", "VERIFIER"])
def test_a_foreign_factor_looks_like_a_missing_one(works: Works, role: str) -> None:
    foreign = works.registry.enterprise(works.registry.zone())
    own = works.registry.approved(foreign, custom_factor_id="own").name
    scope = works.zone if role == "DESK" else works.name
    stub = works.registry.principal(role, scope).custom_factors
    missing = own.replace("works-", "wirks-")

    def answers(name: str) -> list[Refused]:
        return [refused(call, request) for call, request in all_calls(stub, name)]

    for told, nobodys in zip(answers(own), answers(missing), strict=True):
        assert told.reason in {"NOT_FOUND", "PERMISSION_DENIED"}
        same = told.status.SerializeToString().replace(b"works-", b"wirks-")
        assert same == nobodys.status.SerializeToString()


@pytest.mark.parametrize("role", ["SERVICE", "VERIFIER"])
def test_a_service_and_a_verifier_read_and_decide_on_nothing(works: Works, role: str) -> None:
    proposed = works.propose()
    scopes = [works.name] if role == "VERIFIER" else []
    reader = works.registry.principal(role, *scopes).custom_factors

    request = pb.ListCustomFactorsRequest(parent=works.name)
    assert list(reader.ListCustomFactors(request).custom_factors) == [proposed]
    for call, asked in all_calls(reader, proposed.name):
        if not isinstance(asked, pb.GetCustomFactorRequest | pb.ListCustomFactorsRequest):
            assert refused(call, asked).reason == "PERMISSION_DENIED"


def test_a_list_shows_each_factor_once_in_its_current_version(works: Works) -> None:
    first, second = works.propose(custom_factor_id="b"), works.propose(custom_factor_id="a")
    active = works.desk.ApproveCustomFactor(approval(first))

    request = pb.ListCustomFactorsRequest(parent=works.name)
    assert list(works.desk.ListCustomFactors(request).custom_factors) == [second, active]
