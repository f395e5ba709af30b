from __future__ import annotations

from collections.abc import Iterator

import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from buf.validate import validate_pb2
from services.kernel.errors import AtField, FieldInvalid, FieldRequired
from services.runtime import contract
from tests import builders
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    evidence_pb2,
    quality_service_pb2,
    report_file_service_pb2,
)
from zonecarbon.registry.v1 import factor_service_pb2, principal_pb2, registry_service_pb2
from zonecarbon.trading.v1 import trading_service_pb2

SERVICES = (
    accounting_service_pb2,
    quality_service_pb2,
    report_file_service_pb2,
    factor_service_pb2,
    registry_service_pb2,
    trading_service_pb2,
)


def only(request: Message) -> AtField:
    """The one error of a request."""
    (error,) = contract.violations(request)
    assert isinstance(error, AtField)
    return error


def test_a_whole_request_breaks_nothing() -> None:
    assert contract.violations(builders.zone()) == []


# One row a kind of rule: a request that breaks it, where, and what is told.
BROKEN = [
    pytest.param(
        "required",
        registry_service_pb2.CreateZoneRequest(zone_id="z"),
        FieldRequired(field="zone"),
        "zone 为空。该字段为必填项，请填写后重新提交。",
        id="required",
    ),
    pytest.param(
        "string.min_len",
        builders.zone(display_name=""),
        FieldRequired(field="zone.display_name"),
        "zone.display_name 为空。该字段为必填项，请填写后重新提交。",
        id="min_len",
    ),
    pytest.param(
        "string.max_len",
        builders.zone(display_name="x" * 201),
        "at most 200 characters",
        "最多 200 个字符",
        id="max_len",
    ),
    pytest.param(
        "string.pattern",
        builders.zone(region_code="Jiangsu"),
        "a province as CN- and two capital letters, for example CN-JS (ISO 3166-2:CN)",
        "以 CN- 加两个大写字母表示的省级行政区，例如 CN-JS（ISO 3166-2:CN）",
        id="pattern",
    ),
    pytest.param(
        "string.pattern",
        builders.enterprise(industry_code="power"),
        "four digits, the class of GB/T 4754-2017, for example 4412",
        "四位数字，即 GB/T 4754-2017 小类代码，例如 4412",
        id="pattern of an industry code",
    ),
    pytest.param(
        "string.pattern",
        builders.zone(region_code=""),
        FieldRequired(field="zone.region_code"),
        "zone.region_code 为空。该字段为必填项，请填写后重新提交。",
        id="pattern, empty",
    ),
    pytest.param(
        "string.pattern",
        evidence_pb2.EvidenceDocument(title="report", sha256="SHA", document_size=1),
        "the SHA-256 as 64 digits 0 to 9 and a to f, for example "
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "以 64 位小写十六进制数字表示的 SHA-256，例如 "
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        id="pattern of a digest",
    ),
    pytest.param(
        "int64.gt",
        evidence_pb2.EvidenceDocument(title="report", sha256="0" * 64),
        "more than 0",
        "大于 0",
        id="int64.gt",
    ),
    pytest.param(
        "string.uuid",
        trading_service_pb2.RecordHoldingsRequest(
            parent="accounts/a", request_id="once", holdings=[builders.holding()]
        ),
        "a UUID, for example 0f8fad5b-d9cb-469f-a165-70867728950e",
        "一个 UUID，例如 0f8fad5b-d9cb-469f-a165-70867728950e",
        id="uuid",
    ),
    pytest.param(
        "string.uuid",
        trading_service_pb2.RecordHoldingsRequest(
            parent="accounts/a", holdings=[builders.holding()]
        ),
        FieldRequired(field="request_id"),
        "request_id 为空。该字段为必填项，请填写后重新提交。",
        id="uuid, empty",
    ),
    pytest.param(
        "int32.gte",
        registry_service_pb2.ListZonesRequest(page_size=-1),
        "0 or more",
        "不小于 0",
        id="int32.gte",
    ),
    pytest.param(
        "int64.gte",
        registry_service_pb2.GetEnterpriseRequest(name="enterprises/e", resource_version=-1),
        "0 or more",
        "不小于 0",
        id="int64.gte",
    ),
    pytest.param(
        "int32.lte",
        factor_service_pb2.ResolveFactorsRequest(queries=[builders.query(accounting_year=1989)]),
        "1990 to 2100",
        "1990 至 2100",
        id="int32.lte",
    ),
    pytest.param(
        "int64.lte",
        trading_service_pb2.RecordHoldingsRequest(
            parent="accounts/a",
            request_id=builders.REQUEST_ID,
            holdings=[builders.holding(allowance_count=10**18)],
        ),
        "0 to 1000000000000",
        "0 至 1000000000000",
        id="int64.lte",
    ),
    pytest.param(
        "bytes.max_len",
        report_file_service_pb2.UploadReportFileRequest(chunk=bytes(1_048_577)),
        "at most 1048576 bytes",
        "最多 1048576 字节",
        id="bytes.max_len",
    ),
    pytest.param(
        "bytes.min_len",
        report_file_service_pb2.UploadReportFileRequest(chunk=b""),
        FieldRequired(field="chunk"),
        "chunk 为空。该字段为必填项，请填写后重新提交。",
        id="bytes.min_len",
    ),
    pytest.param(
        "repeated.max_items",
        factor_service_pb2.ResolveFactorsRequest(queries=[builders.query()] * 1001),
        "at most 1000 items",
        "最多 1000 项",
        id="max_items",
    ),
    pytest.param(
        "repeated.min_items",
        factor_service_pb2.ResolveFactorsRequest(),
        FieldRequired(field="queries"),
        "queries 为空。该字段为必填项，请填写后重新提交。",
        id="min_items",
    ),
    pytest.param(
        "repeated.unique",
        principal_pb2.Principal(
            display_name="p", role=principal_pb2.ROLE_DESK, scopes=["zones/z", "zones/z"]
        ),
        "each item once",
        "各项互不相同",
        id="unique",
    ),
    pytest.param(
        "enum.defined_only",
        builders.zone(label=99),
        "DATA_LABEL_REPORTED, DATA_LABEL_REPLAYED, DATA_LABEL_SYNTHETIC",
        "DATA_LABEL_REPORTED, DATA_LABEL_REPLAYED, DATA_LABEL_SYNTHETIC",
        id="defined_only",
    ),
    pytest.param(
        "enum.not_in",
        builders.zone(label=0),
        "DATA_LABEL_REPORTED, DATA_LABEL_REPLAYED, DATA_LABEL_SYNTHETIC",
        "DATA_LABEL_REPORTED, DATA_LABEL_REPLAYED, DATA_LABEL_SYNTHETIC",
        id="not_in",
    ),
]


@pytest.mark.parametrize(("_rule", "request_", "en", "zh"), BROKEN)
def test_a_broken_rule_is_told_in_both_languages(
    _rule: str, request_: Message, en: str | FieldRequired, zh: str
) -> None:
    error = only(request_)

    if isinstance(en, FieldRequired):
        assert error == en
        assert error.text("zh") == zh
    else:
        assert isinstance(error, FieldInvalid)
        assert f"Allowed: {en}." in error.text("en")
        assert f"允许的取值：{zh}。" in error.text("zh")


def rules(message: Descriptor) -> Iterator[str]:
    """The kinds of rule that the fields of a message have."""
    for field in message.fields:
        options = field.GetOptions()
        if options.HasExtension(validate_pb2.field):
            for kind, value in options.Extensions[validate_pb2.field].ListFields():
                if kind.message_type is None:
                    yield kind.name
                else:
                    yield from (f"{kind.name}.{rule.name}" for rule, _ in value.ListFields())
    for nested in message.nested_types:
        yield from rules(nested)


def test_every_kind_of_rule_in_the_contract_has_its_sentence() -> None:
    # The last two say only where the contract does not look.
    told = {str(row.values[0]) for row in BROKEN} | {"ignore", "repeated.items"}

    assert {rule for message in messages() for rule in rules(message)} <= told


def messages() -> Iterator[Descriptor]:
    """The messages of the contract, but for those nested in others."""
    seen = {module.DESCRIPTOR for module in SERVICES}
    for file in list(seen):
        seen |= {each for each in file.dependencies if each.package.startswith("zonecarbon.")}
    for file in seen:
        yield from file.message_types_by_name.values()


def with_pattern() -> Iterator[tuple[Descriptor, str]]:
    """The fields whose text must match a pattern."""
    for message in messages():
        for field in message.fields:
            if field.GetOptions().Extensions[validate_pb2.field].string.HasField("pattern"):
                yield message, field.name


def test_a_pattern_is_told_in_words_with_an_example() -> None:
    fields = list(with_pattern())

    assert fields
    for message, field in fields:
        wrong = message_factory.GetMessageClass(message)(**{field: "\x1f"})
        (error,) = (
            each for each in contract.violations(wrong) if each.metadata()["field"] == field
        )
        assert "for example" in error.text("en"), field
        assert "例如" in error.text("zh"), field
        assert "^" not in error.text("en") + error.text("zh"), field


def test_a_path_leads_through_lists_to_the_field() -> None:
    queries = [builders.query(), builders.query(subject="")]
    request = factor_service_pb2.ResolveFactorsRequest(queries=queries)

    assert only(request).field == "queries[1].subject"


def test_a_path_leads_through_nested_messages() -> None:
    factor = builders.factor("factorSets/s/factors/f", unit_code="x" * 41)
    request = factor_service_pb2.ImportFactorsRequest(factors=[factor])

    assert only(request).field == "factors[0].quantity.unit_code"


def test_every_broken_rule_of_a_request_is_told() -> None:
    request = builders.zone(display_name="", region_code="x", label=0)

    paths = [error.metadata()["field"] for error in contract.violations(request)]
    assert sorted(paths) == ["zone.display_name", "zone.label", "zone.region_code"]


def test_a_value_that_is_far_too_long_is_shown_cut() -> None:
    text = only(builders.zone(display_name="x" * 100_000)).text("en")

    assert "(100000 characters)" in text
    assert len(text) < 250


def test_too_many_items_are_counted_not_shown() -> None:
    queries = [builders.query()] * 1001

    error = only(factor_service_pb2.ResolveFactorsRequest(queries=queries))
    assert error.metadata()["given"] == "1001"


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (builders.zone(display_name="a\0b"), "zone.display_name"),
        (builders.principal(scopes=["zones/z", "\0"]), "principal.scopes[1]"),
        (
            factor_service_pb2.ImportFactorsRequest(
                factors=[
                    builders.factor("factorSets/s/factors/a"),
                    builders.factor("factorSets/s/factors/b", source=builders.source(note="\0")),
                ]
            ),
            "factors[1].source.note",
        ),
    ],
)
def test_a_text_with_a_zero_in_it_is_refused_where_it_stands(request_: Message, field: str) -> None:
    error = only(request_)

    assert error.field == field
    assert "U+0000" in error.text("zh")
    assert "\0" not in error.text("en")
