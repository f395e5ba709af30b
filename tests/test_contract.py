"""The contract's form: what `buf lint` cannot say, read from the descriptors of every proto."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from google.api import annotations_pb2
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field

from services.kernel import errors
from tools import protos
from tools.comments import File, messages, things

SERVED = ("zonecarbon.registry.", "zonecarbon.accounting.", "zonecarbon.trading.")

NUMBERS = {Field.TYPE_INT32, Field.TYPE_INT64, Field.TYPE_DOUBLE, Field.TYPE_FLOAT}
REFUSED = {
    Field.TYPE_UINT32: "unsigned",
    Field.TYPE_UINT64: "unsigned",
    Field.TYPE_FIXED32: "unsigned",
    Field.TYPE_FIXED64: "unsigned",
    Field.TYPE_SINT32: "not one of the four kinds of number",
    Field.TYPE_SINT64: "not one of the four kinds of number",
    Field.TYPE_SFIXED32: "not one of the four kinds of number",
    Field.TYPE_SFIXED64: "not one of the four kinds of number",
}
UNIT = r"(mg|g|kg|t|kwh|mwh|gj|mw|fen|cny|day|hour|second|ms)"
PURE = r"(count|size|year|ratio|number|index|revision|version)"
NAMED = re.compile(rf"(^|_)({UNIT}(_per_{UNIT})?|{PURE})$")

# The annotation's stub leaves the extended message open; it extends MethodOptions.
HTTP: Any = annotations_pb2.http


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> list[File]:
    """Our own files, with their comments."""
    path = tmp_path_factory.mktemp("contract") / "image.binpb"
    protos.image(path)
    files = descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes()).file
    return [file for file in files if file.package.startswith("zonecarbon.")]


def fields(file: File) -> Iterator[tuple[str, Field]]:
    for full, _, message in messages(file, (), file.package):
        yield from ((f"{full}.{field.name}", field) for field in message.field)


def test_everything_has_a_comment(contract: list[File]) -> None:
    seen = [thing for file in contract for thing in things(file)]

    assert {thing.kind for thing in seen} >= {"service", "method", "message", "field", "value"}
    assert [f"{thing.kind} {thing.name}" for thing in seen if not thing.comment] == []


CITED = {
    "accounting.v1.Verification": "国令第775号, article 13",
    "accounting.v1.BaseYear": "GHG Protocol Corporate Standard, revised edition, chapter 5",
    "trading.v1.Account": "生态环境部令第19号, articles 8 and 11",
    "trading.v1.Allocation": "国环规气候〔2024〕1号, annex 3",
    "trading.v1.UnitProduction.unit_class": "国环规气候〔2024〕1号, annex 1, table 1",
    "trading.v1.UnitProduction.load_factor_ratio": "国环规气候〔2024〕1号, annex 3, table 1",
    "trading.v1.UnitAllocation.power_benchmark_t_per_mwh": "国环规气候〔2024〕1号, annex 2",
    "trading.v1.UnitAllocation.heat_benchmark_t_per_gj": "the same tables",
    "trading.v1.UnitAllocation.peak_factor_ratio": "国环规气候〔2024〕1号, annex 3, table 1",
    "trading.v1.UnitAllocation.power_allowance_count": "annex 2, table 2-1, note 2",
    "trading.v1.UnitAllocation.heat_allowance_count": "the same note",
    "trading.v1.Obligation": "国环规气候〔2024〕1号, section 六",
    "trading.v1.Position.held_count": "国环规气候〔2024〕1号, sections 六 and 七",
    "trading.v1.Position.surrender_date": "环办气候函〔2025〕140号, section 三（十二）",
    "trading.v1.Rulebook.benchmarks": "国环规气候〔2024〕1号, annex 2",
    "trading.v1.Rulebook.peak_factor": "国环规气候〔2024〕1号, annex 3, table 1",
    "trading.v1.Rulebook.rounding": "annex 2, table 2-1, note 2",
    "trading.v1.Rulebook.surrender_date": "国环规气候〔2024〕1号, section 六",
    "registry.v1.Enterprise.credit_code": "GB 32100-2015",
    "registry.v1.Enterprise.industry_code": "GB/T 4754-2017",
    "registry.v1.Facility.rated_power": "国环规气候〔2024〕1号, annex 1, table 1",
}


@pytest.mark.parametrize(("name", "clause"), CITED.items(), ids=CITED)
def test_what_a_document_prescribes_names_the_document_and_its_clause(
    contract: list[File], name: str, clause: str
) -> None:
    (comment,) = (
        thing.comment
        for file in contract
        for thing in things(file)
        if thing.name == f"zonecarbon.{name}"
    )
    assert clause in " ".join(comment.split())


def test_every_number_names_its_unit(contract: list[File]) -> None:
    nameless = [
        name
        for file in contract
        for name, field in fields(file)
        if field.type in NUMBERS and not NAMED.search(field.name)
    ]
    assert nameless == []


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("direct_co2_g", True),
        ("intensity_g_per_kwh", True),
        ("revision", True),
        ("completeness_ratio", True),
        ("weight", False),
        ("sum_g_total", False),
        ("string", False),
    ],
)
def test_what_it_is_to_name_a_unit(name: str, *, named: bool) -> None:
    assert bool(NAMED.search(name)) is named


def test_no_number_is_of_another_kind(contract: list[File]) -> None:
    others = {
        name: REFUSED[field.type]
        for file in contract
        for name, field in fields(file)
        if field.type in REFUSED
    }
    assert others == {}


def test_every_method_has_a_way_over_http(
    contract: list[File],
) -> None:
    closed = [
        f"{file.package}.{service.name}.{method.name}"
        for file in contract
        if file.package.startswith(SERVED)
        for service in file.service
        for method in service.method
        if not method.options.Extensions[HTTP].WhichOneof("pattern")
    ]
    assert closed == []


def test_no_two_methods_share_a_way_over_http(
    contract: list[File],
) -> None:
    ways: dict[tuple[str, str], list[str]] = {}
    for file in contract:
        for service in file.service:
            for method in service.method:
                rule = method.options.Extensions[HTTP]
                verb = rule.WhichOneof("pattern")
                if verb is not None:
                    path = re.sub(r"\{\w+(=[^}]*)?\}", r"{\1}", str(getattr(rule, verb)))
                    ways.setdefault((verb, path), []).append(f"{service.name}.{method.name}")
    assert {way: by for way, by in ways.items() if len(by) > 1} == {}


def reasons(contract: list[File]) -> dict[str, str]:
    """The reasons of the contract and their comments."""
    return {
        reason: thing.comment
        for file in contract
        for thing in things(file)
        if thing.kind == "value" and (reason := thing.name.partition(".ERROR_REASON_")[2])
        if reason != "UNSPECIFIED"
    }


def given(family: type[errors.DomainError]) -> set[type[errors.DomainError]]:
    """The kernel's errors below a family that give a reason."""
    below = set().union(*(given(error) | {error} for error in family.__subclasses__()))
    return {
        it for it in below if "reason" in vars(it) and it.__module__.startswith("services.kernel.")
    }


def test_every_reason_of_the_contract_is_the_reason_of_one_error(contract: list[File]) -> None:
    promised = reasons(contract)

    assert sorted(error.reason for error in given(errors.DomainError)) == sorted(promised)


def test_every_reason_tells_its_status_and_shows_an_example(contract: list[File]) -> None:
    codes = {error.reason: error.code for error in given(errors.DomainError)}
    for reason, comment in reasons(contract).items():
        assert comment.startswith(f"{codes[reason]}. "), reason
        assert f'Example: {{"reason": "{reason}"' in comment, reason
