"""Enterprises that buy from the grid."""

from __future__ import annotations

from collections.abc import Iterable

from google.type import date_pb2
from stdnum.cn import uscc

from zonecarbon.client import Client
from zonecarbon.registry.v1 import counterparty_pb2, enterprise_pb2, registry_service_pb2
from zonecarbon.type.v1 import label_pb2

GRID = "grid"


def create(client: Client, number: int, *, zones: Iterable[str], region_code: str = "CN-JS") -> str:
    """Create a textile mill, and the grid as its counterparty; return its name."""
    name = f"enterprises/bench-{number}"
    client.registry.CreateEnterprise(
        registry_service_pb2.CreateEnterpriseRequest(
            enterprise_id=f"bench-{number}",
            enterprise=enterprise_pb2.Enterprise(
                display_name=f"Benchmark {number}",
                credit_code=_credit_code(number),
                industry_code="1713",
                region_code=region_code,
                label=label_pb2.DATA_LABEL_SYNTHETIC,
                memberships=[
                    enterprise_pb2.ZoneMembership(
                        zone=zone, join_date=date_pb2.Date(year=2020, month=1, day=1)
                    )
                    for zone in zones
                ],
            ),
        )
    )
    client.registry.CreateCounterparty(
        registry_service_pb2.CreateCounterpartyRequest(
            parent=name,
            counterparty_id=GRID,
            counterparty=counterparty_pb2.Counterparty(display_name=GRID),
        )
    )
    return name


def _credit_code(number: int) -> str:
    body = f"91320000{number + 900_000_000:09d}"
    return body + uscc.calc_check_digit(body)
