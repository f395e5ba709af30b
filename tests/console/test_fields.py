from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given, settings
from hypothesis import strategies as st

from services.console.fields import MOST_ERRORS, Broken, Reader, of
from services.console.text import parsed
from tests.console.doors import routes
from tests.console.messages import messages, objects
from zonecarbon.accounting.v1 import accounting_service_pb2, data_quality_pb2
from zonecarbon.registry.v1 import registry_service_pb2, unit_pb2


def bodies() -> Iterator[Descriptor]:
    """What a body is, of every way; of one without a body the whole request, which its query is."""
    for route in routes().all:
        whole = route.method.input_type
        part = whole.fields_by_name.get(route.body)
        yield of(part) if part is not None else whole


KINDS = {kind.full_name: kind for kind in bodies()}


def read(text: str | bytes, kind: Descriptor) -> Message:
    reader = Reader()
    found = reader.message(parsed(text.encode() if isinstance(text, str) else text), kind, "")
    reader.done()
    return json_format.ParseDict(found, GetMessageClass(kind)())


def wrong(value: Any, kind: Any) -> list[tuple[str, str]]:
    """The reason and the path of everything that is wrong."""
    with pytest.raises(Broken) as caught:
        read(json.dumps(value), kind)
    return [(each.reason, each.field) for each in caught.value.wrong]


def told(text: str, kind: Any) -> str:
    with pytest.raises(Broken) as caught:
        read(text, kind)
    (only,) = caught.value.wrong
    return str(only)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@given(data=st.data())
@settings(max_examples=12)
def test_the_json_of_any_message_is_read_as_that_message(
    kind: Descriptor, data: st.DataObject
) -> None:
    message = data.draw(messages(kind))
    contracts = data.draw(st.booleans())

    text = json_format.MessageToJson(message, preserving_proto_field_name=contracts)

    assert read(text, kind) == message


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@given(data=st.data())
@settings(max_examples=8)
def test_an_unknown_field_is_refused_with_its_path_wherever_it_stands(
    kind: Descriptor, data: st.DataObject
) -> None:
    message = data.draw(messages(kind))
    value = json_format.MessageToDict(message, preserving_proto_field_name=True)
    spoiled, path = data.draw(st.sampled_from(list(objects(value, kind))))
    spoiled["colour"] = data.draw(st.sampled_from([None, "red", 3, {}, []]))

    where = f"{path}.colour" if path else "colour"

    assert wrong(value, kind) == [("FIELD_UNKNOWN", where)]


REPORT = accounting_service_pb2.ReportActivityRequest.DESCRIPTOR
CONVERT = unit_pb2.ConvertQuantityRequest.DESCRIPTOR
EXPORT = accounting_service_pb2.ExportBundleRequest.DESCRIPTOR
COMPARE = accounting_service_pb2.CompareInventoryRequest.DESCRIPTOR
UPDATE = registry_service_pb2.UpdateEnterpriseRequest.DESCRIPTOR


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        ('{"unit_code": 3}', CONVERT, 'unit_code is "3". Allowed: text in quotes.'),
        ('{"unit_code": null}', CONVERT, "leave the field out"),
        ('{"quantity": "5 t"}', CONVERT, 'an object, as in {"value": …}, or with unit_code.'),
        ('{"quantity": {"value": "5"}}', CONVERT, 'an object, as in {"value": …}.'),
        (
            '{"quantity": {"value": {"value": 12.50}}}',
            CONVERT,
            'quantity.value.value is "12.50". Allowed: text in quotes.',
        ),
        ('{"records": {}}', REPORT, 'records is "{}". Allowed: a list'),
        ('{"records": [3]}', REPORT, 'records[0] is "3". Allowed: an object'),
        ('{"validate_only": "true"}', REPORT, "Allowed: true or false."),
        ('{"part_size": 2147483648}', EXPORT, "a whole number from -2147483648 to 2147483647"),
        ('{"part_size": 1.5}', EXPORT, "a whole number"),
        ('{"part_size": 1e400}', EXPORT, "a whole number"),
        ('{"part_size": "7"}', EXPORT, "a whole number"),
        ('{"part_size": true}', EXPORT, "a whole number"),
        ('{"begin_index": "9223372036854775808"}', EXPORT, "a whole number"),
        ('{"begin_index": "007"}', EXPORT, "a whole number"),
        ('{"as_of_time": "2024-02-01"}', EXPORT, "a moment with its zone"),
        ('{"as_of_time": 3}', EXPORT, "a moment with its zone"),
        ('{"update_mask": ["display_name"]}', UPDATE, "names of fields"),
        ('{"unit_code": "\\ud800"}', CONVERT, "characters that UTF-8 can hold"),
        ("[]", CONVERT, 'body is "[]". Allowed: an object'),
        ("3", CONVERT, 'body is "3". Allowed: an object'),
    ],
)
def test_a_value_of_another_type_is_refused_with_what_is_allowed(
    text: str, kind: Descriptor, sentence: str
) -> None:
    assert sentence in told(text, kind)


def test_whole_numbers_are_read_exactly_in_every_spelling() -> None:
    beyond = 2**53 + 1
    for spelt in (f"{beyond}", f'"{beyond}"', f"{beyond}.0"):
        read_as = read(f'{{"begin_index": {spelt}}}', EXPORT)
        assert read_as == accounting_service_pb2.ExportBundleRequest(begin_index=beyond)


@pytest.mark.parametrize("spelt", ["1e999", "1e-999", "-1e999", '"1"', "true"])
def test_a_number_that_no_double_can_hold_is_refused(spelt: str) -> None:
    kind = data_quality_pb2.SourceCompleteness.DESCRIPTOR

    assert "a finite number" in told(f'{{"completeness_ratio": {spelt}}}', kind)


def test_a_field_that_stands_twice_is_refused_in_either_spelling() -> None:
    twice = '{"quantity": {"unit_code": "t", "unitCode": "kg"}}'

    assert "quantity.unit_code cannot be read (unitCode): it stands twice" in told(twice, CONVERT)


def test_two_fields_that_exclude_each_other_are_refused() -> None:
    both = {"from_version": 1, "from_time": "2024-02-01T00:00:00Z"}

    assert wrong(both, COMPARE) == [("FIELD_INVALID", "from_time")]


def test_an_enum_is_given_by_name_and_the_names_are_told() -> None:
    kind = accounting_service_pb2.GetEnterpriseInventoryRequest.DESCRIPTOR

    assert "INVENTORY_VIEW_FULL" in told('{"view": "FULL"}', kind)
    assert "INVENTORY_VIEW_FULL" in told('{"view": 2}', kind)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    value = {"records": [{"colour": 1}, 2], "validate_only": 0, "size": 1}

    assert wrong(value, REPORT) == [
        ("FIELD_UNKNOWN", "records[0].colour"),
        ("FIELD_INVALID", "records[1]"),
        ("FIELD_INVALID", "validate_only"),
        ("FIELD_UNKNOWN", "size"),
    ]


def test_of_very_much_that_is_wrong_only_so_much_is_looked_for() -> None:
    assert len(wrong({"records": [0] * 1000}, REPORT)) == MOST_ERRORS


def test_every_special_message_of_a_request_has_words_of_its_own() -> None:
    seen: set[str] = set()

    def look(kind: Descriptor) -> None:
        if kind.full_name not in seen:
            seen.add(kind.full_name)
            for field in kind.fields:
                if field.message_type is not None:
                    look(field.message_type)

    for kind in KINDS.values():
        look(kind)
    special = {name for name in seen if name.startswith("google.protobuf.")}
    assert special <= {"google.protobuf.Timestamp", "google.protobuf.FieldMask"}
