"""Trading and the registry as real servers, beside an accounting that reports what a test says."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

import grpc
import pytest
from google.protobuf import any_pb2, field_mask_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2

from services.runtime.metrics import Metrics
from tests.trading import requests
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    inventory_pb2,
    verification_pb2,
    verification_service_pb2,
)
from zonecarbon.client import Addresses, Client, status
from zonecarbon.registry.v1 import (
    enterprise_pb2,
    facility_pb2,
    principal_pb2,
    principal_service_pb2,
    registry_service_pb2,
    zone_pb2,
)
from zonecarbon.trading.v1 import desk_service_pb2, trading_service_pb2
from zonecarbon.type.v1 import change_pb2, label_pb2, source_pb2

ROOT = "zc-root-of-the-tests"
LOOPBACK = "127.0.0.1:0"
PATIENCE_S = 30.0

Request = TypeVar("Request", bound=Message)
CREDIT_CODES = {
    "chp": "91110000600037341L",
    "steel": "91320500MA1MA0K41R",
    "other": "91310000132221312X",
}


class ScriptedAccounting:
    """An accounting whose inventories are what `report` was told, version after version."""

    def __init__(self) -> None:
        self.versions: dict[str, list[inventory_pb2.EnterpriseInventory]] = {}
        self.verifications: dict[str, list[verification_pb2.Verification]] = {}
        self.changes: list[change_pb2.Change] = []
        self.asked: list[tuple[str, int]] = []
        self.idle_revision_count = 0
        self.interrupt: Callable[[], None] | None = None
        """What is to happen, once, while the next inventory is being fetched."""

    def report(  # noqa: PLR0913 (what an inventory says)
        self,
        direct_co2_g: int,
        *,
        enterprise: str = "chp",
        year: int = 2024,
        missing: str = "",
        method: str = "",
        reported_t: str = "",
    ) -> int:
        """Make a version of an inventory, of the home method or a guide; return the revision."""
        name = f"enterprises/{enterprise}/inventories/{year}" + (f"-{method}" if method else "")
        known = self.versions.setdefault(name, [])
        inventory = inventory_pb2.EnterpriseInventory(
            name=name,
            accounting_year=year,
            state=inventory_pb2.INVENTORY_STATE_INCOMPLETE
            if missing
            else inventory_pb2.INVENTORY_STATE_COMPLETE,
            direct_co2_g=direct_co2_g,
            status=source_pb2.SOURCE_STATUS_OFFICIAL,
            resource_version=len(known) + 1,
        )
        if missing:
            inventory.findings.add(text=missing, text_zh=f"缺少 {missing}")
        if reported_t:
            inventory.reported.total_t.value = reported_t
        known.append(inventory)
        return self._change(name, inventory.resource_version)

    def verify(  # noqa: PLR0913 (what a verification says)
        self,
        id_: str = "v-1",
        *,
        enterprise: str = "chp",
        year: int = 2024,
        method: str = "ets-power",
        conclusion: str = "CONFORMING",
        figures: dict[str, tuple[str, str]] | None = None,
    ) -> int:
        """Conclude on the newest inventory; figures are as reported and as verified, tonnes."""
        inventory = f"enterprises/{enterprise}/inventories/{year}-{method}"
        name = f"enterprises/{enterprise}/periods/{year}/verifications/{id_}"
        known = self.verifications.setdefault(name, [])
        verification = verification_pb2.Verification(name=name, resource_version=len(known) + 1)
        verification.statement.conclusion = verification_pb2.VerificationConclusion.Value(
            f"VERIFICATION_CONCLUSION_{conclusion}"
        )
        verification.inventories.add(
            name=inventory, inventory_version=len(self.versions.get(inventory, ()))
        )
        for figure, (reported, verified) in (figures or {}).items():
            said = verification.figures.add(inventory=inventory, figure=figure)
            difference = Decimal(verified) - Decimal(reported)
            for quantity, value in (
                (said.reported, reported),
                (said.verified, verified),
                (said.difference, str(difference)),
            ):
                quantity.value.value, quantity.unit_code = value, "tCO2e"
        known.append(verification)
        return self._change(name, verification.resource_version)

    def _change(self, name: str, version: int) -> int:
        self.changes.append(
            change_pb2.Change(revision=self.revision + 1, name=name, resource_version=version)
        )
        return self.revision

    @property
    def revision(self) -> int:
        """The newest revision; idle ones change nothing that is listed."""
        return len(self.changes) + self.idle_revision_count

    def handlers(self) -> tuple[grpc.GenericRpcHandler, ...]:
        """What a server needs to answer in its name."""
        return (
            _handlers(
                "AccountingService",
                {
                    "ListChanges": (self.list_changes, accounting_service_pb2.ListChangesRequest),
                    "GetEnterpriseInventory": (
                        self.get_inventory,
                        accounting_service_pb2.GetEnterpriseInventoryRequest,
                    ),
                },
            ),
            _handlers(
                "VerificationService",
                {
                    "GetVerification": (
                        self.get_verification,
                        verification_service_pb2.GetVerificationRequest,
                    )
                },
            ),
        )

    def get_verification(
        self,
        request: verification_service_pb2.GetVerificationRequest,
        context: grpc.ServicerContext,
    ) -> verification_pb2.Verification:
        """Return the version asked for."""
        return self.verifications[request.name][request.resource_version - 1]

    def list_changes(
        self, request: accounting_service_pb2.ListChangesRequest, context: grpc.ServicerContext
    ) -> accounting_service_pb2.ListChangesResponse:
        """List them as the contract says."""
        after = [each for each in self.changes if each.revision > request.after_revision]
        return accounting_service_pb2.ListChangesResponse(
            changes=after[: request.page_size], revision=self.revision
        )

    def get_inventory(
        self,
        request: accounting_service_pb2.GetEnterpriseInventoryRequest,
        context: grpc.ServicerContext,
    ) -> inventory_pb2.EnterpriseInventory:
        """Return the version asked for."""
        if (happening := self.interrupt) is not None:
            self.interrupt = None
            happening()
        self.asked.append((request.name, request.resource_version))
        return self.versions[request.name][request.resource_version - 1]


def _handlers(
    service: str, answered: dict[str, tuple[Callable[..., Message], type[Message]]]
) -> grpc.GenericRpcHandler:
    return grpc.method_handlers_generic_handler(
        f"zonecarbon.accounting.v1.{service}",
        {
            name: grpc.unary_unary_rpc_method_handler(
                answer,
                request_deserializer=request.FromString,
                response_serializer=lambda message: message.SerializeToString(),
            )
            for name, (answer, request) in answered.items()
        },
    )


@dataclass(slots=True, kw_only=True)
class Stand:
    """The servers of a test, and clients of them."""

    accounting: ScriptedAccounting
    addresses: Addresses
    metrics: Metrics
    _clients: dict[tuple[str, str], Client] = field(default_factory=dict)
    _second: Client | None = None
    """Another administrator than the first."""

    def client(self, key: str, language: str = "en") -> Client:
        """Return a client in the name of `key`."""
        if (key, language) not in self._clients:
            self._clients[key, language] = Client.connect(
                self.addresses, key=key, language=language
            )
        return self._clients[key, language]

    def principal(self, role: str, *scopes: str, language: str = "en", person: str = "") -> Client:
        """Return a client of a new principal, which belongs to `person` where that is said."""
        administrator, id_ = self.client(ROOT), f"p-{uuid.uuid4().hex[:12]}"
        administrator.principals.CreatePrincipal(
            principal_service_pb2.CreatePrincipalRequest(
                principal_id=id_,
                principal=principal_pb2.Principal(
                    display_name=id_,
                    role=principal_pb2.Role.Value(f"ROLE_{role}"),
                    scopes=scopes,
                    person=person,
                ),
            )
        )
        key = administrator.principals.CreateKey(
            principal_service_pb2.CreateKeyRequest(parent=f"principals/{id_}", key_id="only")
        )
        return self.client(key.secret, language)

    def mandate(self, client: Client, largest_count: int = 10**15) -> str:
        """Let two administrators allow who calls by `client` to post alone; return its name."""
        holder = client.principals.GetCaller(principal_service_pb2.GetCallerRequest()).name
        for kind in ("ALLOWANCE", "OFFSET", "CASH"):
            self.limit("POST", holder, kind, largest_count)
        return holder

    def limits(self, largest_count: int = 10**15) -> None:
        """Let two administrators allow desks and administrators to submit and to approve."""
        for act in ("MAKE", "APPROVE"):
            for role in ("DESK", "ADMINISTRATOR"):
                for kind in ("ALLOWANCE", "OFFSET", "CASH"):
                    self.limit(act, role, kind, largest_count)

    def limit(self, act: str, whose: str, kind: str, largest_count: int) -> str:
        """Let one administrator propose a limit and another approve it; return its name."""
        if self._second is None:
            self._second = self.principal("ADMINISTRATOR")
        proposed = self.client(ROOT).desk.CreateLimit(
            requests.limit(act, whose, kind, largest_count)
        )
        self._second.desk.ApproveLimit(
            desk_service_pb2.ApproveLimitRequest(name=proposed.name, etag=proposed.etag)
        )
        return proposed.name

    def move(self, enterprise: str, zone: str) -> None:
        """Say that an enterprise is a member of another zone, and ever was."""
        registry = self.client(ROOT).registry
        changed = registry.GetEnterprise(
            registry_service_pb2.GetEnterpriseRequest(name=f"enterprises/{enterprise}")
        )
        changed.memberships[0].zone = f"zones/{zone}"
        registry.UpdateEnterprise(
            registry_service_pb2.UpdateEnterpriseRequest(
                enterprise=changed, update_mask=field_mask_pb2.FieldMask(paths=["memberships"])
            )
        )

    def wait(self) -> trading_service_pb2.FollowState:
        """Return once trading has followed accounting to its newest revision."""
        administrator, deadline = self.client(ROOT), time.monotonic() + PATIENCE_S
        request = trading_service_pb2.GetFollowStateRequest()
        while True:
            state = administrator.trading.GetFollowState(request)
            if state.accounting_revision == self.accounting.revision:
                return state
            assert time.monotonic() < deadline, "trading does not follow"
            time.sleep(0.01)

    def close(self) -> None:
        """Close the clients."""
        for each in self._clients.values():
            each.close()


def refusal(method: Callable[[Request], Message], request: Request) -> tuple[str, str]:
    """The reason for which a call is refused, and the first field or the name that it is about."""
    info = error_details_pb2.ErrorInfo()
    assert _refused(method, request)[0].Unpack(info)
    return info.reason, info.metadata.get("field", info.metadata.get("name", ""))


def fields(method: Callable[[Request], Message], request: Request) -> dict[str, str]:
    """The fields at which a call is refused, in their order, and the reason at each."""
    wrong = error_details_pb2.BadRequest()
    assert _refused(method, request)[-1].Unpack(wrong)
    return {each.field: each.reason for each in wrong.field_violations}


def _refused(method: Callable[[Request], Message], request: Request) -> Sequence[any_pb2.Any]:
    """The details of the status that refuses a call."""
    with pytest.raises(grpc.RpcError) as caught:
        method(request)
    found = status(caught.value)
    assert found is not None
    return found.details


def furnish(administrator: Client) -> None:
    """Register two zones, three enterprises, and the units of the power plant."""
    registry = administrator.registry
    for zone in ("home", "elsewhere"):
        registry.CreateZone(
            registry_service_pb2.CreateZoneRequest(
                zone_id=zone,
                zone=zone_pb2.Zone(
                    display_name=zone, region_code="CN-JS", label=label_pb2.DATA_LABEL_SYNTHETIC
                ),
            )
        )
    for enterprise, code in CREDIT_CODES.items():
        zone = "elsewhere" if enterprise == "other" else "home"
        membership = enterprise_pb2.ZoneMembership(zone=f"zones/{zone}")
        membership.join_date.year, membership.join_date.month, membership.join_date.day = 2020, 1, 1
        registry.CreateEnterprise(
            registry_service_pb2.CreateEnterpriseRequest(
                enterprise_id=enterprise,
                enterprise=enterprise_pb2.Enterprise(
                    display_name=enterprise,
                    credit_code=code,
                    industry_code="4412",
                    region_code="CN-JS",
                    label=label_pb2.DATA_LABEL_SYNTHETIC,
                    memberships=[membership],
                ),
            )
        )
    for facility, rated_mw in {"unit-1": "135", "unit-2": "600", "boiler": ""}.items():
        registry.CreateFacility(_facility(facility, rated_mw))


def _facility(id_: str, rated_mw: str) -> registry_service_pb2.CreateFacilityRequest:
    request = registry_service_pb2.CreateFacilityRequest(
        parent="enterprises/chp",
        facility_id=id_,
        facility=facility_pb2.Facility(
            display_name=id_,
            kind=facility_pb2.FACILITY_KIND_GENERATING_UNIT
            if rated_mw
            else facility_pb2.FACILITY_KIND_EQUIPMENT,
        ),
    )
    if rated_mw:
        request.facility.rated_power.value.value = rated_mw
        request.facility.rated_power.unit_code = "MW"
    return request
