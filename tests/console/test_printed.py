from __future__ import annotations

import math

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor
from hypothesis import given, settings
from hypothesis import strategies as st

from services.console.printed import printed
from tests.console.doors import routes
from tests.console.messages import messages
from zonecarbon.accounting.v1 import data_quality_pb2, inventory_pb2
from zonecarbon.registry.v1 import unit_pb2

KINDS = {route.method.output_type.full_name: route.method.output_type for route in routes().all}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@given(data=st.data())
@settings(max_examples=8)
def test_an_answer_says_what_json_format_says(kind: Descriptor, data: st.DataObject) -> None:
    message = data.draw(messages(kind))

    assert printed(message) == json_format.MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )


def test_fields_stand_in_the_order_of_the_contract() -> None:
    unit = unit_pb2.Unit(display_name_zh="吨", unit_code="t")

    assert list(printed(unit)) == list(unit_pb2.Unit.DESCRIPTOR.fields_by_name)


def test_what_may_be_unset_is_absent_and_what_is_empty_is_there() -> None:
    inventory = printed(inventory_pb2.EnterpriseInventory())

    assert (inventory["name"], inventory["direct_co2_g"], inventory["lines"]) == ("", "0", [])
    assert "create_time" not in inventory


@pytest.mark.parametrize(
    ("value", "text"), [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")]
)
def test_what_is_no_number_of_json_is_its_name(value: float, text: str) -> None:
    assert (
        printed(data_quality_pb2.SourceCompleteness(completeness_ratio=value))["completeness_ratio"]
        == text
    )
