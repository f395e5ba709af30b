from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import protovalidate
import pytest
from google.protobuf import json_format
from google.protobuf.message import Message

from samples import zone
from zonecarbon.accounting.v1 import accounting_service_pb2 as accounting
from zonecarbon.registry.v1 import custom_factor_service_pb2 as custom_factors
from zonecarbon.registry.v1 import registry_service_pb2 as registry
from zonecarbon.trading.v1 import ledger_service_pb2 as ledger
from zonecarbon.trading.v1 import trading_service_pb2 as trading

REQUESTS: dict[str, type[Message]] = {
    "zones": registry.CreateZoneRequest,
    "enterprises": registry.CreateEnterpriseRequest,
    "facilities": registry.CreateFacilityRequest,
    "meters": registry.CreateMeterRequest,
    "counterparties": registry.CreateCounterpartyRequest,
    "custom_factors": custom_factors.CreateCustomFactorRequest,
    "reports": accounting.ReportActivityRequest,
    "late_reports": accounting.ReportActivityRequest,
    "accounts": trading.CreateAccountRequest,
    "holdings": trading.RecordHoldingsRequest,
    "instruments": ledger.CreateInstrumentRequest,
    "transfers": ledger.PostTransfersRequest,
    "allocations": trading.AllocateAllowancesRequest,
}


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    return zone.load()


def messages(content: dict[str, Any], section: str) -> Iterator[Message]:
    for item in content[section]:
        body = item["request"] if section.endswith("reports") else item
        yield json_format.ParseDict(body, REQUESTS[section]())


def test_every_section_is_known(content: dict[str, Any]) -> None:
    assert content.keys() - {"about"} == REQUESTS.keys()


@pytest.mark.parametrize("section", REQUESTS)
def test_every_message_keeps_the_rules_of_the_contract(
    content: dict[str, Any], section: str
) -> None:
    for message in messages(content, section):
        protovalidate.validate(message)
        if isinstance(message, accounting.ReportActivityRequest):
            for record in message.records:
                protovalidate.validate(record)


def test_every_facility_meter_and_counterparty_named_was_created(content: dict[str, Any]) -> None:
    created = {
        f"{item['parent']}/{section}/{item[singular]}"
        for section, singular in (
            ("facilities", "facility_id"),
            ("meters", "meter_id"),
            ("counterparties", "counterparty_id"),
        )
        for item in content[section]
    }
    named = {
        record[field]
        for section in ("reports", "late_reports")
        for report in content[section]
        for record in report["request"]["records"]
        for field in ("facility", "meter", "counterparty")
        if field in record
    }

    assert named <= created


def test_request_ids_are_never_used_twice(content: dict[str, Any]) -> None:
    ids = [
        (item["request"] if section.endswith("reports") else item)["request_id"]
        for section in ("reports", "late_reports", "holdings", "transfers", "allocations")
        for item in content[section]
    ]

    assert len(ids) == len(set(ids))
