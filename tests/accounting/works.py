"""Enterprises of a test that report a bit of everything, in services that tests share."""

from __future__ import annotations

from typing import Any

from tests import builders
from tests.accounting import requests
from tests.accounting.requests import amount, fuel, period, record
from tests.accounting.world import World
from zonecarbon.accounting.v1 import activity_pb2
from zonecarbon.registry.v1 import (
    custom_factor_pb2,
    custom_factor_service_pb2,
    factor_pb2,
)

Record = activity_pb2.ActivityRecord

STEEL = "3120"


def deed(parent: str, kind: str, subject: str, what: str, when: str, **fields: Any) -> Record:
    """Something that was done with a subject, by a source of its own."""
    values: dict[str, Any] = {
        "source_id": f"{kind.lower().replace('_', '-')[:16]}-{subject}"[:40].rstrip("-"),
        "kind": activity_pb2.ActivityKind.Value(f"ACTIVITY_KIND_{kind}"),
        "subject": subject,
    }
    return fuel(parent, what, when, **values | fields)


def claim(parent: str, what: str, certificate: str, when: str, **fields: Any) -> Record:
    """Green power that is claimed by a certificate."""
    values = {"certificate": certificate, "evidence": f"certificate {certificate}"}
    return deed(parent, "GREEN_POWER_CLAIMED", "green-certificate", what, when, **values | fields)


def steel_year(parent: str, furnace: str, other: str) -> list[Record]:
    """What a steel works did in 2024, a month or two of each thing; `other` is its customer."""

    def did(kind: str, subject: str, what: str, when: str = "2024-01", **fields: Any) -> Record:
        return deed(parent, kind, subject, what, when, **fields)

    sold = {"counterparty": other}
    return [
        did("FUEL_COMBUSTION", "bituminous-coal", "1234.567 t"),
        did("FUEL_COMBUSTION", "bituminous-coal", "1000.0 t", "2024-02"),
        did("FUEL_COMBUSTION", "natural-gas", "12.34 10^4 Nm3"),
        did("FEEDSTOCK_USED", "coke", "321 t"),
        did("FUEL_SOLD", "coke-oven-gas", "5.5 10^4 Nm3"),
        did("BIOMASS_COMBUSTION", "wood", "33 t"),
        did("MATERIAL_CONSUMED", "limestone", "250 t"),
        did("MATERIAL_CONSUMED", "electrode", "7.5 t"),
        did("PRODUCT_OUTPUT", "crude-steel", "9000 t"),
        did("PROCESS_INPUT", "coke", "300 t", facility=furnace),
        did("PROCESS_OUTPUT", "pig-iron", "800 t", facility=furnace),
        did("GAS_RELEASED", "sf6", "0.0025 tSF6"),
        record(parent, "1000 MWh", "2024-01"),
        record(parent, "900 MWh", "2024-02"),
        record(
            parent,
            "80 MWh",
            "2024-01",
            source_id="roof",
            subject="electricity-non-fossil",
            evidence="direct line contract 3",
        ),
        did("ELECTRICITY_EXPORTED", "electricity-fossil", "50 MWh", source_id="out", **sold),
        did("HEAT_PURCHASED", "", "500 GJ", source_id="heat-in", **sold),
        did("HEAT_EXPORTED", "", "120 GJ", source_id="heat-out", **sold),
        claim(parent, "700 MWh", f"{parent}-1", "2024-01"),
        claim(parent, "1500 MWh", f"{parent}-2", "2024-02"),
    ]


def steel(world: World, **fields: Any) -> str:
    """A steel works that reported 2024; beyond what it bought it claims 300 MWh."""
    name = world.enterprise(**{"industry_code": STEEL} | fields)
    furnace = world.desk.registry.CreateFacility(builders.facility(name)).name
    world.report(name, *steel_year(name, furnace, f"{name}/counterparties/{requests.GRID}"))
    return name


def approved(
    world: World, parent: str, role: str, subject: str, **fields: Any
) -> custom_factor_pb2.CustomFactor:
    """Propose a custom factor as the desk, and approve it as the administrator."""
    values: dict[str, Any] = {
        "role": factor_pb2.FactorRole.Value(f"FACTOR_ROLE_{role}"),
        "subject": subject,
        "origin": custom_factor_pb2.CUSTOM_FACTOR_ORIGIN_MEASURED,
        "evidence": "report LAB-7",
    }
    values |= {"quantity": amount(fields.pop("quantity")), "period": period(fields.pop("period"))}
    proposed = world.desk.custom_factors.CreateCustomFactor(
        builders.custom_factor(parent, **values | fields)
    )
    return world.running.administrator.custom_factors.ApproveCustomFactor(
        custom_factor_service_pb2.ApproveCustomFactorRequest(name=proposed.name, etag=proposed.etag)
    )
