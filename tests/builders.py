"""The smallest valid message of each noun; keywords replace its fields.

Ids and credit codes that are not given are fresh, so that tests can share a service.
"""

from __future__ import annotations

import itertools
from typing import Any

from google.type import date_pb2, decimal_pb2
from stdnum.cn import uscc

from zonecarbon.registry.v1 import (
    counterparty_pb2,
    custom_factor_pb2,
    custom_factor_service_pb2,
    enterprise_pb2,
    facility_pb2,
    factor_pb2,
    factor_service_pb2,
    meter_pb2,
    principal_pb2,
    principal_service_pb2,
    registry_service_pb2,
    zone_pb2,
)
from zonecarbon.trading.v1 import account_pb2
from zonecarbon.type.v1 import label_pb2, period_pb2, quantity_pb2, source_pb2

REQUEST_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"

Fields = dict[str, Any]

_NUMBERS = itertools.count(1)


def fresh(kind: str) -> str:
    """An id that no other test has: "zone-17"."""
    return f"{kind}-{next(_NUMBERS)}"


def credit_code() -> str:
    """A valid unified social credit code that no other test has."""
    body = f"91320509{next(_NUMBERS):09d}"
    return body + str(uscc.calc_check_digit(body))


def day(text: str) -> date_pb2.Date:
    """The day written as 2024-01-31."""
    year, month, number = map(int, text.split("-"))
    return date_pb2.Date(year=year, month=month, day=number)


def quantity(value: str, unit_code: str) -> quantity_pb2.Quantity:
    """A quantity as written."""
    return quantity_pb2.Quantity(value=decimal_pb2.Decimal(value=value), unit_code=unit_code)


def period(start: str, end: str) -> period_pb2.Period:
    """The days from `start` up to, not including, `end`."""
    return period_pb2.Period(start_date=day(start), end_date=day(end))


def source(**fields: Any) -> source_pb2.Source:
    """An official source."""
    values: Fields = {"title": "notice", "status": source_pb2.SOURCE_STATUS_OFFICIAL}
    return source_pb2.Source(**values | fields)


def zone(zone_id: str = "", **fields: Any) -> registry_service_pb2.CreateZoneRequest:
    """A synthetic zone in Jiangsu."""
    values: Fields = {
        "display_name": "Test zone",
        "region_code": "CN-JS",
        "label": label_pb2.DATA_LABEL_SYNTHETIC,
    }
    return registry_service_pb2.CreateZoneRequest(
        zone_id=zone_id or fresh("zone"), zone=zone_pb2.Zone(**values | fields)
    )


def membership(
    zone: str, join: str = "2020-01-01", leave: str = ""
) -> enterprise_pb2.ZoneMembership:
    """A membership of the zone with this name."""
    return enterprise_pb2.ZoneMembership(
        zone=zone,
        join_date=day(join),
        leave_date=day(leave) if leave else None,
        role=enterprise_pb2.MEMBER_ROLE_ENTERPRISE,
    )


def enterprise(
    enterprise_id: str = "", *, zone: str = "", **fields: Any
) -> registry_service_pb2.CreateEnterpriseRequest:
    """A steel works, a member of `zone` where that is given."""
    values: Fields = {
        "display_name": "Steel works",
        "credit_code": credit_code(),
        "industry_code": "3120",
        "region_code": "CN-JS",
        "label": label_pb2.DATA_LABEL_SYNTHETIC,
        "memberships": [membership(zone)] if zone else [],
    }
    return registry_service_pb2.CreateEnterpriseRequest(
        enterprise_id=enterprise_id or fresh("works"),
        enterprise=enterprise_pb2.Enterprise(**values | fields),
    )


def facility(
    parent: str, facility_id: str = "", **fields: Any
) -> registry_service_pb2.CreateFacilityRequest:
    """A site."""
    values: Fields = {"display_name": "Site", "kind": facility_pb2.FACILITY_KIND_SITE}
    return registry_service_pb2.CreateFacilityRequest(
        parent=parent,
        facility_id=facility_id or fresh("site"),
        facility=facility_pb2.Facility(**values | fields),
    )


def meter(
    parent: str, facility: str, meter_id: str = "", **fields: Any
) -> registry_service_pb2.CreateMeterRequest:
    """A meter of electricity at the facility with this name."""
    values: Fields = {
        "display_name": "Main meter",
        "facility": facility,
        "unit_code": "kWh",
        "decimals_count": 2,
    }
    return registry_service_pb2.CreateMeterRequest(
        parent=parent,
        meter_id=meter_id or fresh("meter"),
        meter=meter_pb2.Meter(**values | fields),
    )


def counterparty(
    parent: str, counterparty_id: str = "", **fields: Any
) -> registry_service_pb2.CreateCounterpartyRequest:
    """The public grid, which has no code."""
    return registry_service_pb2.CreateCounterpartyRequest(
        parent=parent,
        counterparty_id=counterparty_id or fresh("party"),
        counterparty=counterparty_pb2.Counterparty(**{"display_name": "Grid"} | fields),
    )


def principal(
    principal_id: str = "", **fields: Any
) -> principal_service_pb2.CreatePrincipalRequest:
    """A desk of one zone."""
    values: Fields = {
        "display_name": "Desk",
        "role": principal_pb2.ROLE_DESK,
        "scopes": ["zones/z"],
    }
    return principal_service_pb2.CreatePrincipalRequest(
        principal_id=principal_id or fresh("desk"),
        principal=principal_pb2.Principal(**values | fields),
    )


def factor(
    name: str, value: str = "0.5", unit_code: str = "tCO2/MWh", **fields: Any
) -> factor_pb2.Factor:
    """An average grid factor of the nation."""
    values: Fields = {
        "name": name,
        "role": factor_pb2.FACTOR_ROLE_GRID_AVERAGE,
        "subject": "electricity",
        "quantity": quantity(value, unit_code),
        "region_code": "CN",
        "source": source(),
    }
    return factor_pb2.Factor(**values | fields)


def rule(method_id: str, factor_set: str, **fields: Any) -> factor_pb2.ApplicabilityRule:
    """The rule that `method_id` takes the nation's grid factor of 2023 from a set."""
    values: Fields = {
        "method_id": method_id,
        "accounting_year": 2023,
        "role": factor_pb2.FACTOR_ROLE_GRID_AVERAGE,
        "subject": "electricity",
        "factor_set": factor_set,
        "region_levels": [factor_pb2.REGION_LEVEL_NATION],
        "source": source(),
    }
    return factor_pb2.ApplicabilityRule(**values | fields)


def region(region_code: str, grid_region_code: str, **fields: Any) -> factor_pb2.Region:
    """A province and its regional grid."""
    values: Fields = {"source": source()}
    return factor_pb2.Region(
        region_code=region_code, grid_region_code=grid_region_code, **values | fields
    )


def custom_factor(
    parent: str, custom_factor_id: str = "", **fields: Any
) -> custom_factor_service_pb2.CreateCustomFactorRequest:
    """The factor of the electricity of 2023 that the supplier of `parent` states."""
    values: Fields = {
        "role": factor_pb2.FACTOR_ROLE_GRID_AVERAGE,
        "subject": "electricity",
        "quantity": quantity("0.4", "tCO2/MWh"),
        "period": period("2023-01-01", "2024-01-01"),
        "origin": custom_factor_pb2.CUSTOM_FACTOR_ORIGIN_SUPPLIER,
        "evidence": "letter 7 of the supplier",
    }
    return custom_factor_service_pb2.CreateCustomFactorRequest(
        parent=parent,
        custom_factor_id=custom_factor_id or fresh("own"),
        custom_factor=custom_factor_pb2.CustomFactor(**values | fields),
    )


def query(method_id: str = "gbt32150", **fields: Any) -> factor_service_pb2.FactorQuery:
    """The question for the grid factor of Jiangsu in 2023."""
    values: Fields = {
        "accounting_year": 2023,
        "role": factor_pb2.FACTOR_ROLE_GRID_AVERAGE,
        "subject": "electricity",
        "region_code": "CN-JS",
    }
    return factor_service_pb2.FactorQuery(method_id=method_id, **values | fields)


def holding(**fields: Any) -> account_pb2.Holding:
    """A statement of bought allowances of 2023."""
    values: Fields = {
        "vintage_year": 2023,
        "origin": account_pb2.HoldingOrigin.values()[1],
        "allowance_count": 1,
        "statement_date": day("2024-01-01"),
        "evidence": "registry statement",
    }
    return account_pb2.Holding(**values | fields)
