"""What trading learns from its siblings: enterprises and units of the registry, inventories."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from services.kernel.errors import FieldInvalid, Words
from services.kernel.names import (
    ENTERPRISE,
    HOME_METHOD,
    INVENTORY,
    VERIFICATION,
    ZONE,
    inventory_id,
    of_inventory,
)
from services.kernel.quantity import Quantity
from services.runtime import auth, neighbour, wire
from services.runtime.auth import Role, Tenant
from services.trading.domain.obligation import GUIDES, TOTAL, Inventory, Verified
from services.trading.domain.production import emissions_t
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    accounting_service_pb2_grpc,
    inventory_pb2,
    verification_pb2,
    verification_service_pb2,
    verification_service_pb2_grpc,
)
from zonecarbon.registry.v1 import facility_pb2, registry_service_pb2, registry_service_pb2_grpc

_PAGE_SIZE = 1000
_CONCLUSION: Final = "VERIFICATION_CONCLUSION_"
_FOLLOWED: Final = frozenset({HOME_METHOD, *GUIDES.values()})


class Registry:
    """The registry, asked in the caller's name: what it shows is what the caller may see."""

    def __init__(self, stub: registry_service_pb2_grpc.RegistryServiceStub) -> None:
        self._stub = stub

    def see_enterprise(self, enterprise: str) -> None:
        """Return if there is such an enterprise and the caller may see it; else the refusal."""
        name = ENTERPRISE.format(enterprise=enterprise)
        request = registry_service_pb2.GetEnterpriseRequest(name=name)
        neighbour.ask("registry", self._stub.GetEnterprise, request)

    def see_facility(self, facility: str) -> None:
        """Return if there is such a facility and the caller may see it; else the refusal."""
        request = registry_service_pb2.GetFacilityRequest(name=facility)
        neighbour.ask("registry", self._stub.GetFacility, request)

    def rated_power(self, facility: str) -> Quantity:
        """Return the rated power of a generating unit.

        Raises:
            FieldInvalid: the facility is something else; at `facility`.
        """
        request = registry_service_pb2.GetFacilityRequest(name=facility)
        found = neighbour.ask("registry", self._stub.GetFacility, request)
        if found.kind != facility_pb2.FACILITY_KIND_GENERATING_UNIT:
            raise FieldInvalid(
                field="facility",
                given=facility,
                allowed=Words(
                    en="a facility of the kind GENERATING_UNIT; this one is registered as "
                    + facility_pb2.FacilityKind.Name(found.kind),
                    zh="类型为发电机组（GENERATING_UNIT）的设施，请核对登记的设施类型",
                ),
            )
        return wire.to_quantity(found.rated_power)

    def tenant(self, zone: str = "") -> Tenant:
        """Return the enterprises whose accounts the caller may see, or those of a zone among them.

        Raises:
            NameInvalid: `zone` is no zone's name.
            Relayed: there is no such zone that the caller may see.
        """
        if zone:
            ZONE.parse(zone, "zone")
            request = registry_service_pb2.GetZoneRequest(name=zone)
            neighbour.ask("registry", self._stub.GetZone, request)
            return Tenant(frozenset(self._enterprises(zone)))
        at_hand = _tenant_at_hand()
        return Tenant(frozenset(self._enterprises())) if at_hand is None else at_hand

    async def tenant_awaited(self) -> Tenant:
        """Return the enterprises whose accounts the caller may see, to who waits in its loop."""
        at_hand = _tenant_at_hand()
        return await asyncio.to_thread(self.tenant) if at_hand is None else at_hand

    def _enterprises(self, zone: str = "") -> Iterator[str]:
        request = registry_service_pb2.ListEnterprisesRequest(zone=zone, page_size=_PAGE_SIZE)
        while True:
            page = neighbour.ask("registry", self._stub.ListEnterprises, request)
            for each in page.enterprises:
                yield ENTERPRISE.parse(each.name)["enterprise"]
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


def _tenant_at_hand() -> Tenant | None:
    """Return what of the caller itself tells which enterprises it may see; None for a desk."""
    caller = auth.caller()
    match caller.role:
        case Role.ADMINISTRATOR | Role.SERVICE:
            return auth.EVERYONE
        case Role.ENTERPRISE | Role.VERIFIER:
            return Tenant(caller.enterprises)
        case Role.DESK:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """An inventory or a verification of an enterprise's year got a version."""

    enterprise: str
    accounting_year: int
    of: str
    """The method of the inventory, or the id of the verification."""
    is_verification: bool
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What accounting changed after a revision."""

    found: tuple[Changed, ...]
    up_to: int
    """The revision up to which that is all."""
    more: bool
    """There may be more after it."""


class Accounting:
    """Accounting, followed with the service's own key."""

    def __init__(
        self,
        stub: accounting_service_pb2_grpc.AccountingServiceStub,
        verifications: verification_service_pb2_grpc.VerificationServiceStub,
        key: str,
    ) -> None:
        self._stub = stub
        self._verifications = verifications
        self._key = key

    def changes(self, after: int) -> Changes:
        """Return which inventories and verifications changed after a revision of accounting."""
        request = accounting_service_pb2.ListChangesRequest(
            after_revision=after, page_size=_PAGE_SIZE
        )
        found = neighbour.ask("accounting", self._stub.ListChanges, request, key=self._key)
        more = len(found.changes) >= _PAGE_SIZE
        return Changes(
            found=tuple(
                changed
                for each in found.changes
                if (changed := _changed(each.name, each.resource_version)) is not None
            ),
            # No revision is cut, so a full page reaches to its last change; another one to the
            # newest revision, whether or not that one changed anything.
            up_to=found.changes[-1].revision if more else found.revision,
            more=more,
        )

    def inventory(self, changed: Changed) -> Inventory:
        """Return an inventory in the version that a change made."""
        name = INVENTORY.format(
            enterprise=changed.enterprise,
            inventory=inventory_id(changed.accounting_year, changed.of),
        )
        request = accounting_service_pb2.GetEnterpriseInventoryRequest(
            name=name, resource_version=changed.version
        )
        found = neighbour.ask(
            "accounting", self._stub.GetEnterpriseInventory, request, key=self._key
        )
        reported = found.reported.total_t.value if found.HasField("reported") else ""
        return Inventory(
            enterprise=changed.enterprise,
            accounting_year=changed.accounting_year,
            method_id=changed.of,
            version=found.resource_version,
            complete=found.state == inventory_pb2.INVENTORY_STATE_COMPLETE,
            findings=tuple(Words(en=each.text, zh=each.text_zh) for each in found.findings),
            direct_co2_g=found.direct_co2_g,
            direct_co2e_g=found.direct_co2e_g,
            reported_t=Decimal(reported) if reported else None,
            status=wire.to_status(found.status, "status"),
        )

    def verified(self, changed: Changed, method_id: str) -> Verified:
        """Return what a version of a verification says of the inventory by a method."""
        name = VERIFICATION.format(
            enterprise=changed.enterprise,
            year=f"{changed.accounting_year:04d}",
            verification=changed.of,
        )
        request = verification_service_pb2.GetVerificationRequest(
            name=name, resource_version=changed.version
        )
        found = neighbour.ask(
            "accounting", self._verifications.GetVerification, request, key=self._key
        )
        inventory = INVENTORY.format(
            enterprise=changed.enterprise,
            inventory=inventory_id(changed.accounting_year, method_id),
        )
        of = [each for each in found.figures if each.inventory == inventory]
        total = next((each for each in of if each.figure == TOTAL), None)
        conclusion = verification_pb2.VerificationConclusion.Name(found.statement.conclusion)
        return Verified(
            enterprise=changed.enterprise,
            accounting_year=changed.accounting_year,
            verification=changed.of,
            version=found.resource_version,
            inventory_version=sum(
                each.inventory_version for each in found.inventories if each.name == inventory
            ),
            conclusion=conclusion.removeprefix(_CONCLUSION),
            corrected=any(wire.to_quantity(each.difference).value for each in of),
            verified_t=None
            if total is None
            else emissions_t(wire.to_quantity(total.verified), "verified"),
        )


def _changed(name: str, version: int) -> Changed | None:
    """Return what changed; None for what no obligation follows.

    Obligations rest on the inventories of the guides and their verifications, and until there are
    any on the home method's.
    """
    if VERIFICATION.matches(name):
        ids = VERIFICATION.parse(name)
        return Changed(
            enterprise=ids["enterprise"],
            accounting_year=int(ids["year"]),
            of=ids["verification"],
            is_verification=True,
            version=version,
        )
    if not INVENTORY.matches(name):
        return None
    ids = INVENTORY.parse(name)
    year, method_id = of_inventory(ids["inventory"])
    if method_id not in _FOLLOWED:
        return None
    return Changed(
        enterprise=ids["enterprise"],
        accounting_year=year,
        of=method_id,
        is_verification=False,
        version=version,
    )
